//go:build cgo && (darwin || metalfake)

package metal

// #include "host.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

const (
	// round is what sizes of buffers are multiples of, and where bindings begin:
	// kernels read 16-byte words.
	round = 16
	// page is that of Apple silicon: imported memory begins and ends with one.
	page = 16 << 10
)

// A buffer is memory that host and device share.
type buffer struct {
	d      *device
	handle unsafe.Pointer // id<MTLBuffer>
	size   int64          // as asked for
	room   int64          // as taken
	host   []byte
	used   uint64 // ticket of the last submission that names it
	closed bool

	imported bool
	segments []segment // of imported memory
}

// A segment is a part of imported memory that one MTLBuffer reaches.
type segment struct {
	handle    unsafe.Pointer
	off, size int64
}

var _ backend.Buffer = (*buffer)(nil)

// newBuffer makes a buffer of zeros. The device is locked.
func (d *device) newBuffer(n int64) (*buffer, error) {
	if n < 0 {
		return nil, fmt.Errorf("metal: a buffer of %d bytes", n)
	}
	if n > d.info.MaxBuffer {
		return nil, fmt.Errorf("metal: a buffer of %s: %s takes at most %s: %w",
			size(n), d.info.Device, size(d.info.MaxBuffer), backend.ErrOutOfMemory)
	}
	b := &buffer{d: d, size: n, room: gpu.AlignUp(max(n, 1), round)}
	var e C.metal_error
	var at unsafe.Pointer
	if b.handle = C.metal_buffer(d.c, C.uint64_t(b.room), &at, &e); b.handle == nil {
		return nil, fmt.Errorf("%w: %w", failure(&e, size(n)), backend.ErrOutOfMemory)
	}
	all := unsafe.Slice((*byte)(at), b.room)
	clear(all) // Apple's documentation does not promise it
	b.host = all[:n:n]
	return b, nil
}

// free gives the memory back. The device is locked and has done with it.
func (b *buffer) free() {
	b.closed = true
	if b.handle != nil {
		C.metal_free(b.d.c, b.handle)
	}
	for _, s := range b.segments {
		C.metal_free(b.d.c, s.handle)
	}
	b.handle, b.segments, b.host = nil, nil, nil
}

// Alloc returns a buffer of zeros.
func (d *device) Alloc(n int64, _ backend.Usage) (backend.Buffer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	b, err := d.newBuffer(n)
	if err != nil {
		return nil, err
	}
	d.addLive(b.room)
	return b, nil
}

// Import uses host memory in place. It must begin at a page; what follows it on
// its last page is mapped too, and not touched.
func (d *device) Import(mem []byte) (backend.Buffer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	at := unsafe.Pointer(unsafe.SliceData(mem))
	if len(mem) == 0 || uintptr(at)%page != 0 {
		return nil, fmt.Errorf("metal: Import of %d bytes that do not begin at a page of %d bytes: %w",
			len(mem), page, backend.ErrUnsupported)
	}
	b := &buffer{d: d, size: int64(len(mem)), host: mem, imported: true}
	for _, s := range segments(gpu.AlignUp(b.size, page), d.info.MaxBuffer) {
		var e C.metal_error
		if s.handle = C.metal_import(d.c, unsafe.Add(at, s.off), C.uint64_t(s.size), &e); s.handle == nil {
			b.free()
			return nil, fmt.Errorf("%w: %w", failure(&e, size(s.size)), backend.ErrUnsupported)
		}
		b.segments = append(b.segments, s)
	}
	d.stats.Imported += b.size
	return b, nil
}

// segments divides total bytes into buffers of at most most. Each overlaps the
// next by half, so that what is no longer than that lies in one.
func segments(total, most int64) []segment {
	if total <= most {
		return []segment{{off: 0, size: total}}
	}
	var list []segment
	step := most / 2 / page * page
	for off := int64(0); ; off += step {
		if off+most >= total {
			return append(list, segment{off: off, size: total - off})
		}
		list = append(list, segment{off: off, size: most})
	}
}

func (b *buffer) Size() int64   { return b.size }
func (b *buffer) Bytes() []byte { return b.host }

// move waits until nothing in flight uses the buffer and returns n of its
// bytes. The device is locked.
func (b *buffer) move(call string, off, n int64) ([]byte, error) {
	if err := b.d.usable(); err != nil {
		return nil, err
	}
	if b.closed {
		return nil, fmt.Errorf("metal: %s: buffer: %w", call, backend.ErrClosed)
	}
	if off < 0 || off > b.size || n > b.size-off {
		return nil, fmt.Errorf("metal: %s of %d bytes at %d: the buffer has %d", call, n, off, b.size)
	}
	return b.host[off : off+n], b.d.await(b.used)
}

// Upload copies src into the buffer, after the submissions that use it.
func (b *buffer) Upload(off int64, src []byte) error {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if b.imported {
		return errors.New("metal: Upload: imported memory is only read")
	}
	to, err := b.move("Upload", off, int64(len(src)))
	if err == nil {
		copy(to, src)
	}
	return err
}

// Download copies from the buffer, after the submissions that use it.
func (b *buffer) Download(off int64, dst []byte) error {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	from, err := b.move("Download", off, int64(len(dst)))
	if err == nil {
		copy(dst, from)
	}
	return err
}

// Close frees the buffer once nothing in flight can use it.
func (b *buffer) Close() error {
	d := b.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if b.closed || d.closed {
		return nil
	}
	err := d.drain()
	b.free()
	if b.imported {
		d.stats.Imported -= b.size
	} else {
		d.addLive(-b.room)
	}
	return err
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
	case b.imported:
		return errors.New("is imported memory, where only weights may lie")
	}
	return nil
}
