package main

// #include "cgo.h"
import "C"

import (
	"bytes"
	"context"
	"unsafe"

	"falconmamba"
)

// A snapshot does not change: any number of threads may read it.
type snapshot struct{ n *falconmamba.Snapshot }

//export fm_session_snapshot
func fm_session_snapshot(h *C.fm_session, out **C.fm_snapshot, e *C.fm_error) C.fm_status {
	zero(out)
	return use(h, e, func(s *session) error {
		if out == nil {
			return invalid("snapshot is NULL: want where to store it")
		}
		n, err := s.s.Snapshot(context.Background())
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindSnapshot, &snapshot{n})
	})
}

//export fm_session_restore
func fm_session_restore(h *C.fm_session, from *C.fm_snapshot, e *C.fm_error) C.fm_status {
	return use(h, e, func(s *session) error {
		n, err := get[*snapshot](kindSnapshot, uintptr(unsafe.Pointer(from)))
		if err != nil {
			return err
		}
		return s.s.Restore(context.Background(), n.n)
	})
}

//export fm_snapshot_write
func fm_snapshot_write(h *C.fm_snapshot, out *unsafe.Pointer, size *C.size_t, e *C.fm_error) C.fm_status {
	zero(out)
	zero(size)
	return call(e, func() error {
		if out == nil || size == nil {
			return invalid("data or size is NULL: want where to store them")
		}
		n, err := get[*snapshot](kindSnapshot, uintptr(unsafe.Pointer(h)))
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if _, err := n.n.WriteTo(&b); err != nil {
			return err
		}
		*out, *size = C.CBytes(b.Bytes()), C.size_t(b.Len())
		return nil
	})
}

//export fm_snapshot_read
func fm_snapshot_read(h *C.fm_model, data *C.fm_bytes, size C.size_t, out **C.fm_snapshot, e *C.fm_error) C.fm_status {
	zero(out)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil {
			return invalid("snapshot is NULL: want where to store it")
		}
		if data == nil {
			return invalid("data is NULL")
		}
		n, err := m.ReadSnapshot(bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(data)), size)))
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindSnapshot, &snapshot{n})
	})
}

//export fm_snapshot_tokens
func fm_snapshot_tokens(h *C.fm_snapshot, out **C.int32_t, count *C.size_t, e *C.fm_error) C.fm_status {
	zero(out)
	zero(count)
	return call(e, func() error {
		if out == nil || count == nil {
			return invalid("ids or count is NULL: want where to store them")
		}
		n, err := get[*snapshot](kindSnapshot, uintptr(unsafe.Pointer(h)))
		if err != nil {
			return err
		}
		give(out, count, n.n.Tokens())
		return nil
	})
}

//export fm_snapshot_free
func fm_snapshot_free(h *C.fm_snapshot) C.fm_status {
	return freed(remove(kindSnapshot, uintptr(unsafe.Pointer(h)), func(*snapshot) error { return nil }))
}
