package main

// #include "cgo.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"
	"unsafe"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint/hub"
)

// An invalidError says what of a call's arguments makes no sense.
type invalidError string

func (e invalidError) Error() string { return string(e) }

func invalid(format string, args ...any) error { return invalidError(fmt.Sprintf(format, args...)) }

// An unsupportedError says what there is none of.
type unsupportedError string

func (e unsupportedError) Error() string { return string(e) }

// errBusy is what a call gets on what another thread uses.
var errBusy = fmt.Errorf("%w: it is in use on another thread", falconmamba.ErrBusy)

// A panicError is a panic, which ends here: C has no way to take it.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("a fault of the library, please report it: %v, at %s", e.value, where(e.stack))
}

// where returns the functions of a stack from the one that panicked on, in one line.
func where(stack []byte) string {
	var at []string
	behind := false
	for line := range strings.Lines(string(stack)) {
		if name, _, ok := strings.Cut(line, "("); ok && !strings.HasPrefix(line, "\t") {
			if behind {
				at = append(at, name)
			}
			behind = behind || name == "panic"
		}
	}
	return strings.Join(at, " < ")
}

// call is the frame of every function that C calls: it fills in what f's error is, and lets no panic out.
func call(e *C.fm_error, f func() error) (status C.fm_status) {
	return tell(e, guarded(f))
}

// freed is call for functions that free a handle.
func freed(f func() error) C.fm_status { return call(nil, f) }

// guarded returns f's error, or its panic as one.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return f()
}

// tell fills in what err is.
func tell(e *C.fm_error, err error) C.fm_status {
	status := statusOf(err)
	if e != nil && status < 0 {
		e.status = status
		message := unsafe.Slice((*byte)(unsafe.Pointer(&e.message)), len(e.message))
		n := copy(message[:len(message)-1], cut(oneLine(err.Error()), len(message)-1))
		message[n] = 0
	}
	return status
}

// errNoBackend is in errors of devices that no driver is for.
var errNoBackend = errors.New("no such backend")

// errEnd says that there are no more tokens.
var errEnd = errors.New("the end of the text")

// statusOf returns what C is told of an error.
func statusOf(err error) C.fm_status {
	var bad handleError
	var arg invalidError
	var none unsupportedError
	var panicked *panicError
	switch {
	case err == nil:
		return C.FM_OK
	case err == errEnd:
		return C.FM_END
	case errors.As(err, &panicked):
		return C.FM_INTERNAL
	case errors.As(err, &bad):
		return C.FM_BAD_HANDLE
	case errors.As(err, &arg), errors.Is(err, falconmamba.ErrEmpty), errors.Is(err, falconmamba.ErrNoEOS):
		return C.FM_INVALID
	case errors.Is(err, falconmamba.ErrBusy):
		return C.FM_BUSY
	case errors.Is(err, falconmamba.ErrClosed):
		return C.FM_CLOSED
	case errors.Is(err, context.Canceled):
		return C.FM_CANCELLED
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, hub.ErrNotFound), errors.Is(err, hub.ErrOffline),
		errors.Is(err, errNoBackend):
		return C.FM_NOT_FOUND
	case errors.As(err, &none), errors.Is(err, backend.ErrUnsupported), errors.Is(err, falconmamba.ErrNoTemplate),
		errors.Is(err, falconmamba.ErrNoTokenizer):
		return C.FM_UNSUPPORTED
	case errors.Is(err, falconmamba.ErrQueueFull):
		return C.FM_QUEUE_FULL
	case errors.Is(err, backend.ErrOutOfMemory):
		return C.FM_OUT_OF_MEMORY
	case errors.Is(err, backend.ErrDeviceLost):
		return C.FM_DEVICE_LOST
	}
	return C.FM_FAILED
}

// oneLine returns a message as one line of UTF-8 without a 0.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"),
		func(r rune) bool { return r == '\n' || r == '\r' || r == 0 }), "; ")
}

// cut returns as much of s as fits n bytes in whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const more = "…"
	n -= len(more)
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + more
}
