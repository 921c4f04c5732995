package cpu

import (
	"bytes"
	"errors"
	"fmt"
	"unsafe"

	"falconmamba/backend"
)

// A buffer is a block, or memory of the caller's.
type buffer struct {
	host     *host
	use      backend.Usage
	imported bool
	size     int64
	block    block
	mem      []byte // nil once closed; changes under the queue's lock
	closed   bool   // under the queue's lock
}

func (h *host) Alloc(size int64, use backend.Usage) (backend.Buffer, error) {
	if h.queue.isClosed() {
		return nil, h.fail("Alloc", backend.ErrClosed)
	}
	block, err := h.memory.take(size, "buffer")
	if err != nil {
		return nil, h.fail("Alloc", err)
	}
	return &buffer{host: h, use: use, size: size, block: block, mem: block.data}, nil
}

// Import uses host memory in place. Only weights may lie there.
func (h *host) Import(mem []byte) (backend.Buffer, error) {
	if h.queue.isClosed() {
		return nil, h.fail("Import", backend.ErrClosed)
	}
	if uintptr(unsafe.Pointer(unsafe.SliceData(mem)))%4 != 0 {
		return nil, h.fail("Import", fmt.Errorf("memory that does not begin at a multiple of 4: %w",
			backend.ErrUnsupported))
	}
	h.memory.addImported(int64(len(mem)))
	return &buffer{host: h, imported: true, size: int64(len(mem)), mem: mem}, nil
}

func (b *buffer) Size() int64 { return b.size }

func (b *buffer) Upload(off int64, src []byte) error {
	if err := b.upload(off, src); err != nil {
		return b.host.fail("Upload", err)
	}
	return nil
}

func (b *buffer) upload(off int64, src []byte) error {
	if b.imported {
		return errors.New("an imported buffer is read-only")
	}
	if err := b.inside(off, len(src)); err != nil {
		return err
	}
	ran, err := b.host.queue.now(func() error {
		if b.closed {
			return backend.ErrClosed
		}
		copy(b.mem[off:], src)
		return nil
	})
	if ran || err != nil {
		return err
	}
	src = bytes.Clone(src)
	_, err = b.host.queue.put(func() error { copy(b.mem[off:], src); return nil }, b.open)
	return err
}

func (b *buffer) Download(off int64, dst []byte) error {
	err := b.inside(off, len(dst))
	if err == nil {
		err = b.host.queue.do(func() error {
			if b.mem == nil && b.size > 0 {
				return backend.ErrClosed
			}
			copy(dst, b.mem[off:])
			return nil
		})
	}
	if err != nil {
		return b.host.fail("Download", err)
	}
	return nil
}

// inside wants n bytes at off to lie in the buffer.
func (b *buffer) inside(off int64, n int) error {
	if off < 0 || off > b.size || int64(n) > b.size-off {
		return fmt.Errorf("%d bytes at %d of a buffer of %d", n, off, b.size)
	}
	return nil
}

// part returns n bytes at off.
func (b *buffer) part(off, n int64) ([]byte, error) {
	b.host.queue.mu.Lock()
	defer b.host.queue.mu.Unlock()
	if b.closed {
		return nil, backend.ErrClosed
	}
	if err := b.inside(off, int(n)); err != nil {
		return nil, err
	}
	return b.mem[off:][:n:n], nil
}

// open is a queue's allow: it refuses what would use a closed buffer.
func (b *buffer) open() error {
	if b.closed {
		return backend.ErrClosed
	}
	return nil
}

// Bytes is nil but for Readback, as on a device with memory of its own: what
// leans on more would work here and nowhere else.
func (b *buffer) Bytes() []byte {
	if b.use != backend.Readback {
		return nil
	}
	return b.mem
}

// Close waits for what may still use the memory.
func (b *buffer) Close() error {
	q := b.host.queue
	q.mu.Lock()
	again := b.closed
	b.closed = true
	q.mu.Unlock()
	if again {
		return nil
	}
	q.drain()
	q.mu.Lock()
	b.mem = nil
	q.mu.Unlock()
	if b.imported {
		b.host.memory.addImported(-b.size)
	} else {
		b.host.memory.give(b.block)
	}
	return nil
}
