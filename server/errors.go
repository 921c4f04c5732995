package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/text/constrain"
)

// An apiError is what a client is told, with the parts that OpenAI's API has; other dialects make of it what theirs
// do: https://platform.openai.com/docs/guides/error-codes/api-errors.
type apiError struct {
	status  int
	message string
	kind    string // type
	param   string // "": null
	code    string // "": null
	retry   int    // seconds after which another try makes sense; 0: none is said
}

func (e *apiError) Error() string { return e.message }

// body returns the error as OpenAI's clients read it.
func (e *apiError) body() any {
	type text = *string
	of := func(s string) text {
		if s == "" {
			return nil
		}
		return &s
	}
	return struct {
		Error any `json:"error"`
	}{struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Param   text   `json:"param"`
		Code    text   `json:"code"`
	}{e.message, e.kind, of(e.param), of(e.code)}}
}

// Types of errors.
const (
	invalidRequest = "invalid_request_error"
	serverError    = "server_error"
	rateLimit      = "rate_limit_error"
)

// invalid is what is wrong with a field.
func invalid(param, code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, kind: invalidRequest, param: param, code: code,
		message: fmt.Sprintf(format, args...)}
}

// unsupported is a field, or a value of one, that the API has and this server has not.
func unsupported(param, format string, args ...any) *apiError {
	return invalid(param, "unsupported_parameter", format, args...)
}

// unavailable is what passes by itself.
func unavailable(format string, args ...any) *apiError {
	return &apiError{status: http.StatusServiceUnavailable, kind: serverError, code: "service_unavailable", retry: 5,
		message: fmt.Sprintf(format, args...)}
}

// tooMany is a request beyond what is worked on at once.
func tooMany(format string, args ...any) *apiError {
	return &apiError{status: http.StatusTooManyRequests, kind: rateLimit, code: "rate_limit_exceeded", retry: 1,
		message: fmt.Sprintf(format, args...)}
}

// Why a request's context ends, but for a client that goes away.
var (
	errDraining = unavailable("the server is shutting down: send the request again, elsewhere or later")
	errTime     = &apiError{status: http.StatusGatewayTimeout, kind: serverError, code: "timeout",
		message: "the answer took longer than this server allows: ask for fewer tokens"}
)

// errGone is a client that is not there any more: nobody can be told.
var errGone = &apiError{status: 499, kind: invalidRequest, code: "client_closed_request",
	message: "the client closed the connection"}

// told is what a client is told of err.
func told(ctx context.Context, err error) *apiError {
	var known *apiError
	if errors.As(err, &known) {
		return known
	}
	if ctx.Err() != nil {
		if errors.As(context.Cause(ctx), &known) {
			return known
		}
		return errGone
	}
	switch {
	case errors.Is(err, falconmamba.ErrQueueFull):
		return tooMany("%v", falconmamba.ErrQueueFull)
	case errors.Is(err, falconmamba.ErrClosed):
		return errDraining
	case errors.Is(err, backend.ErrDeviceLost):
		return unavailable("the device is gone: %v", err)
	case errors.Is(err, backend.ErrOutOfMemory):
		return unavailable("the device has no memory for this now")
	case errors.Is(err, falconmamba.ErrNoEOS):
		return unsupported("", "a form is not supported: the checkpoint has no eos, which texts of a form end with")
	case errors.Is(err, constrain.ErrAmbiguous):
		return invalid("", "invalid_value", "%v", err)
	case errors.Is(err, falconmamba.ErrEmpty):
		return invalid("prompt", "invalid_value", "%v", err)
	}
	return &apiError{status: http.StatusInternalServerError, kind: serverError, code: "internal_error",
		message: "the server failed: " + err.Error()}
}

// failure is an error as the request's dialect has it.
func (c *call) failure(e *apiError) any { return c.dialect.failure(e, c.id) }

// fail writes an error as the answer.
func (c *call) fail(e *apiError) {
	if e.retry > 0 {
		c.w.Header().Set("Retry-After", strconv.Itoa(e.retry))
	}
	reply(c.w, e.status, c.failure(e))
}

// reply writes v as the answer.
func reply(w http.ResponseWriter, status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)+1))
	w.WriteHeader(status)
	_, err = w.Write(append(data, '\n'))
	return err
}
