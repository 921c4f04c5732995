//go:build cgo

package main

import "unsafe"

// store gives C a handle of value, at out.
func store(out unsafe.Pointer, k kind, value any) error {
	h, err := handles.add(k, value)
	if err == nil {
		*(*uintptr)(out) = uintptr(h) // a number: to Go a handle is no pointer
	}
	return err
}

// get returns what h stands for.
func get[T any](k kind, h uintptr) (value T, err error) {
	v, err := handles.get(k, handle(h))
	if err != nil {
		return value, err
	}
	return v.(T), nil
}

// remove returns what makes h stand for nothing, and closes what it stood for.
func remove[T any](k kind, h uintptr, closes func(T) error) func() error {
	return func() error {
		if h == 0 {
			return nil
		}
		v, err := handles.remove(k, handle(h))
		if err != nil {
			return err
		}
		return closes(v.(T))
	}
}
