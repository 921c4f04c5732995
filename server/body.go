package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
)

// object reads the body of the request, within the limits of size and time.
func (c *call) object() (*object, error) {
	data, err := c.body()
	if err != nil {
		return nil, err
	}
	o, bad := parseObject(c.ctx, data)
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
	if how := c.r.Header.Get("Content-Encoding"); how != "" && !strings.EqualFold(how, "identity") {
		return nil, &apiError{status: http.StatusUnsupportedMediaType, kind: invalidRequest,
			code:    "unsupported_media_type",
			message: fmt.Sprintf("a body with the encoding %s: want it as it is", abridged(how))}
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
	data, err := io.ReadAll(http.MaxBytesReader(c.w.ResponseWriter, c.r.Body, s.o.MaxBody))
	if err == nil {
		c.await(0) // lest the client is given up while it is answered
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge(s.o.MaxBody)
	case err != nil && c.ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded):
		return nil, invalid("", "", "the body of the request cannot be read: %.100s", err.Error())
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &apiError{status: http.StatusRequestTimeout, kind: invalidRequest, code: "request_timeout",
			message: fmt.Sprintf("the body did not arrive whole within %v", s.o.BodyTime)}
	}
	return data, err
}

// await gives the client so long to send what it has announced, 0 for ever.
func (c *call) await(most time.Duration) {
	var end time.Time
	if most > 0 {
		end = time.Now().Add(most)
	}
	_ = http.NewResponseController(c.w.ResponseWriter).SetReadDeadline(end) // a test's writer has no deadlines
}

func tooLarge(most int64) *apiError {
	return &apiError{status: http.StatusRequestEntityTooLarge, kind: invalidRequest, code: "request_too_large",
		message: fmt.Sprintf("the request is larger than this server takes, %d bytes", most)}
}
