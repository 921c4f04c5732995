package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"time"
)

// object reads the body of the request, within the limits of size and time.
func (c *call) object() (*object, error) {
	data, err := c.body()
	if err != nil {
		return nil, err
	}
	o, bad := parseObject(data)
	if bad != nil {
		return nil, bad
	}
	return o, nil
}

// body reads the bytes of the request. What requests that arrive together may hold of memory is bounded.
func (c *call) body() ([]byte, error) {
	s := c.s
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err == nil &&
		kind != "application/json" && kind != "text/plain" && kind != "application/x-www-form-urlencoded" {
		return nil, &apiError{status: http.StatusUnsupportedMediaType, kind: invalidRequest,
			code:    "unsupported_media_type",
			message: fmt.Sprintf("a body of the type %s: want application/json", abridged(kind))}
	}
	size := c.r.ContentLength
	if size > s.o.MaxBody {
		return nil, tooLarge(s.o.MaxBody)
	}
	if size < 0 {
		size = s.o.MaxBody // it does not say
	}
	defer s.bodies.Add(-size)
	if s.bodies.Add(size) > s.o.MaxBodies {
		return nil, tooMany("requests of %d bytes are being read already: try again later", s.o.MaxBodies)
	}
	control := http.NewResponseController(c.w.ResponseWriter)
	_ = control.SetReadDeadline(time.Now().Add(s.o.BodyTime)) // a test's writer has no deadlines
	data, err := io.ReadAll(http.MaxBytesReader(c.w.ResponseWriter, c.r.Body, s.o.MaxBody))
	_ = control.SetReadDeadline(time.Time{})
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge(s.o.MaxBody)
	case errors.Is(err, os.ErrDeadlineExceeded) || err != nil && c.ctx.Err() == nil:
		return nil, &apiError{status: http.StatusRequestTimeout, kind: invalidRequest, code: "request_timeout",
			message: fmt.Sprintf("the body did not arrive whole within %v", s.o.BodyTime)}
	}
	return data, err
}

func tooLarge(most int64) *apiError {
	return &apiError{status: http.StatusRequestEntityTooLarge, kind: invalidRequest, code: "request_too_large",
		message: fmt.Sprintf("the request is larger than this server takes, %d bytes", most)}
}
