//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// A buffer is a VkBuffer in a part of a block.
type buffer struct {
	d      *device
	handle uint64
	block  *block
	off    int64 // in the block
	room   int64 // bytes taken of the block
	size   int64 // as asked for
	host   []byte
	closed bool

	counted  bool      // in Stats
	imported *imported // memory that is not the device's, instead of block
}

var _ backend.Buffer = (*buffer)(nil)

// round is what sizes of VkBuffers are multiples of: kernels read 16-byte
// words, fills write 4.
const round = 16

// newBuffer makes a buffer with unspecified contents. The device is locked.
func (d *device) newBuffer(size int64, p place) (*buffer, error) {
	if size < 0 {
		return nil, fmt.Errorf("vulkan: a buffer of %d bytes", size)
	}
	if size > d.info.MaxBuffer {
		return nil, fmt.Errorf("vulkan: a buffer of %s: %s takes at most %s: %w",
			sizeText(size), d.info.Device, sizeText(d.info.MaxBuffer), backend.ErrOutOfMemory)
	}
	b := &buffer{d: d, size: size}
	var handle, need, align C.uint64_t
	var types C.uint32_t
	if r := C.fm_buffer(d.c, C.uint64_t(max(gpu.AlignUp(size, round), round)), 0, &handle, &need, &align,
		&types); r != 0 {
		return nil, d.fail("vkCreateBuffer", r, sizeText(size))
	}
	var err error
	b.handle, b.room = uint64(handle), int64(need)
	if b.block, b.off, err = d.reserve(p, b.room, int64(align), uint32(types)); err != nil {
		C.fm_free_buffer(d.c, handle)
		return nil, err
	}
	if r := C.fm_bind(d.c, handle, C.uint64_t(b.block.memory), C.uint64_t(b.off)); r != 0 {
		C.fm_free_buffer(d.c, handle)
		d.giveBack(b.block, b.off, b.room)
		return nil, d.fail("vkBindBufferMemory", r, sizeText(size))
	}
	if b.block.host != nil {
		b.host = b.block.host[b.off : b.off+size : b.off+size]
	}
	return b, nil
}

// count adds the buffer to Stats: those of callers, weights and scratch.
func (b *buffer) count() {
	b.counted = true
	b.d.stats.Live += b.room
	b.d.stats.Peak = max(b.d.stats.Peak, b.d.stats.Live)
}

// free gives the memory back. The device is locked and has done with it.
func (b *buffer) free() {
	b.closed = true
	if b.imported != nil {
		b.d.stats.Imported -= b.size
		b.d.freeImported(b)
		return
	}
	C.fm_free_buffer(b.d.c, C.uint64_t(b.handle))
	b.d.giveBack(b.block, b.off, b.room)
	if b.counted {
		b.d.stats.Live -= b.room
	}
}

// Alloc returns a buffer of zeros.
func (d *device) Alloc(size int64, use backend.Usage) (backend.Buffer, error) {
	b, err := d.alloc(size, use)
	if err != nil {
		return nil, err
	}
	if b.host != nil {
		clear(b.block.host[b.off : b.off+b.room]) // nobody else knows this memory: the others need not wait
	}
	return b, nil
}

// alloc is Alloc but for the zeros of what the host sees.
func (d *device) alloc(size int64, use backend.Usage) (*buffer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	p := onDevice
	if use == backend.Readback {
		p = onHost
	}
	b, err := d.newBuffer(size, p)
	if err != nil {
		return nil, err
	}
	if b.host == nil {
		if err := d.zero(b); err != nil {
			b.free()
			return nil, err
		}
	}
	b.count()
	return b, nil
}

// owns reports why the device's kernels cannot use a tensor's buffer.
func (d *device) owns(buf backend.Buffer) error {
	b, ok := buf.(*buffer)
	switch {
	case !ok:
		return fmt.Errorf("is another backend's (%T)", buf)
	case b.d != d:
		return errors.New("is another device's")
	case b.closed:
		return backend.ErrClosed
	}
	return nil
}

func (b *buffer) Size() int64 { return b.size }

func (b *buffer) Bytes() []byte { return b.host }

// check reports whether n bytes at off can be moved.
func (b *buffer) check(call string, off, n int64) error {
	if b.closed {
		return fmt.Errorf("vulkan: %s: buffer: %w", call, backend.ErrClosed)
	}
	if off < 0 || n < 0 || off > b.size || n > b.size-off {
		return fmt.Errorf("vulkan: %s of %d bytes at %d: the buffer has %d", call, n, off, b.size)
	}
	return b.d.usable()
}

// Upload copies src into the buffer, after what was submitted earlier.
func (b *buffer) Upload(off int64, src []byte) error {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if err := b.check("Upload", off, int64(len(src))); err != nil {
		return err
	}
	return b.d.upload(b, off, int64(len(src)), func(dst []byte, at int64) { copy(dst, src[at:]) })
}

// Download copies from the buffer, after what was submitted earlier.
func (b *buffer) Download(off int64, dst []byte) error {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if err := b.check("Download", off, int64(len(dst))); err != nil {
		return err
	}
	return b.d.download(b, off, dst)
}

// Close frees the buffer once nothing in flight can use it.
func (b *buffer) Close() error {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if b.closed || b.d.closed {
		return nil
	}
	err := b.d.drain()
	b.free()
	return err
}
