package main

// #include "cgo.h"
import "C"

import (
	"context"
	"unsafe"
)

// A canceler ends calls.
type canceler struct {
	ctx     context.Context
	trigger context.CancelFunc
}

//export fm_cancel_new
func fm_cancel_new(out **C.fm_cancel, e *C.fm_error) C.fm_status {
	zero(out)
	return call(e, func() error {
		if out == nil {
			return invalid("cancel is NULL: want where to store it")
		}
		ctx, trigger := context.WithCancel(context.Background())
		return store(unsafe.Pointer(out), kindCancel, &canceler{ctx, trigger})
	})
}

//export fm_cancel_trigger
func fm_cancel_trigger(h *C.fm_cancel) C.fm_status {
	return call(nil, func() error {
		c, err := get[*canceler](kindCancel, uintptr(unsafe.Pointer(h)))
		if err == nil {
			c.trigger()
		}
		return err
	})
}

//export fm_cancel_free
func fm_cancel_free(h *C.fm_cancel) C.fm_status {
	return freed(remove(kindCancel, uintptr(unsafe.Pointer(h)), func(*canceler) error { return nil }))
}

// contextOf returns what the caller's cancel ends; NULL ends nothing.
func contextOf(h *C.fm_cancel) (context.Context, error) {
	if h == nil {
		return context.Background(), nil
	}
	c, err := get[*canceler](kindCancel, uintptr(unsafe.Pointer(h)))
	if err != nil {
		return nil, err
	}
	return c.ctx, nil
}
