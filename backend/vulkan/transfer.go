//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"unsafe"

	"falconmamba/backend/gpu"
)

// A stage is one part of the staging ring: memory that the host writes or
// reads, and a command buffer of copies between it and the device. Transfers
// are gathered in the stage that is open and submitted with the next plan, or
// when it is full. What a pass wants is little, and takes the stage's own memory: then many
// submissions go out before the host waits for one.
type stage struct {
	command unsafe.Pointer
	small   *buffer // its own memory, made when first wanted
	large   *bulk   // what it has taken beside, while it is open; nil for none
	buf     *buffer // which of the two is filled now
	used    int64   // bytes of buf
	ticket  uint64  // of its last submission
	open    bool    // its command buffer is being recorded
	moved   []move  // what the open command buffer writes
}

// A bulk is memory for large transfers, which the stages take in turn.
type bulk struct {
	buf    *buffer
	ticket uint64 // of the last submission that used it
}

// A move is a range of a buffer that a recorded transfer writes.
type move struct {
	handle   uint64
	from, to int64
}

const (
	stages    = 16
	smallSize = 128 << 10
	bulks     = 4
	stageSize = 4 << 20 // bytes of a bulk
	// maxMoves bounds the search for moves that overlap.
	maxMoves = 256
)

// staging returns the open stage with at least one free byte, or with n if n is
// less than a stage holds. It waits if the next one is still in flight.
func (d *device) staging(n int64) (*stage, error) {
	n = min(n, stageSize)
	s := &d.ring[d.at]
	if s.open && (len(s.moved) >= maxMoves || s.large != nil && s.used+n > stageSize) {
		if err := d.flush(); err != nil {
			return nil, err
		}
		s = &d.ring[d.at]
	}
	if !s.open {
		if err := d.await(s.ticket); err != nil {
			return nil, err
		}
		if err := d.host(&s.small, smallSize); err != nil {
			return nil, err
		}
		if r := C.fm_begin(d.c, s.command); r != 0 {
			return nil, d.fail("vkBeginCommandBuffer", r, "a transfer")
		}
		s.open, s.buf, s.used, s.moved = true, s.small, 0, s.moved[:0]
	}
	if s.large == nil && s.used+n > smallSize {
		return s, d.enlarge(s)
	}
	return s, nil
}

// enlarge gives an open stage memory for large transfers. It waits if what is next in turn is
// still in flight.
func (d *device) enlarge(s *stage) error {
	l := &d.bulk[d.atBulk]
	if err := d.await(l.ticket); err != nil {
		return err
	}
	if err := d.host(&l.buf, stageSize); err != nil {
		return err
	}
	d.atBulk = (d.atBulk + 1) % bulks
	s.large, s.buf, s.used = l, l.buf, 0
	return nil
}

// host makes a buffer of the host's memory where there is none.
func (d *device) host(b **buffer, size int64) (err error) {
	if *b == nil {
		*b, err = d.newBuffer(size, onHost)
	}
	return err
}

// closeStage ends the open stage's recording and returns its commands, which
// the caller submits with the next ticket; nil if there is nothing.
func (d *device) closeStage() (unsafe.Pointer, error) {
	s := &d.ring[d.at]
	if !s.open {
		return nil, nil
	}
	s.open = false
	if r := C.fm_end(d.c, s.command); r != 0 {
		return nil, d.fail("vkEndCommandBuffer", r, "a transfer")
	}
	s.ticket = d.last + 1
	if s.large != nil {
		s.large.ticket, s.large = s.ticket, nil
	}
	d.at = (d.at + 1) % stages
	return s.command, nil
}

// flush submits the transfers gathered so far.
func (d *device) flush() error {
	if !d.ring[d.at].open {
		return nil
	}
	_, err := d.submit(nil, nil)
	return err
}

// order puts a barrier before a transfer that writes what an earlier one of the
// same command buffer wrote.
func (d *device) order(s *stage, m move) {
	for _, x := range s.moved {
		if x.handle == m.handle && m.from < x.to && x.from < m.to {
			C.fm_order(d.c, s.command)
			s.moved = s.moved[:0]
			break
		}
	}
	s.moved = append(s.moved, m)
}

// upload writes n bytes at off of b, after everything submitted. fill is called
// in order, and writes the bytes from at on of the n to dst.
func (d *device) upload(b *buffer, off, n int64, fill func(dst []byte, at int64)) error {
	if n == 0 {
		return nil
	}
	if b.host != nil && !d.ring[d.at].open {
		if idle, err := d.idle(); err != nil {
			return err
		} else if idle {
			fill(b.host[off:off+n], 0)
			return nil
		}
	}
	for at := int64(0); at < n; {
		s, err := d.staging(n - at)
		if err != nil {
			return err
		}
		k := min(n-at, s.buf.size-s.used)
		fill(s.buf.host[s.used:s.used+k], at)
		d.order(s, move{b.handle, off + at, off + at + k})
		C.fm_copy(d.c, s.command, C.uint64_t(s.buf.handle), C.uint64_t(s.used), C.uint64_t(b.handle),
			C.uint64_t(off+at), C.uint64_t(k))
		s.used = min(gpu.AlignUp(s.used+k, round), s.buf.size)
		at += k
	}
	return nil
}

// zero clears b.
func (d *device) zero(b *buffer) error {
	s, err := d.staging(0)
	if err != nil {
		return err
	}
	n := max(gpu.AlignUp(b.size, round), round)
	d.order(s, move{b.handle, 0, n})
	C.fm_zero(d.c, s.command, C.uint64_t(b.handle), 0, C.uint64_t(n))
	return nil
}

// download reads at off of b, after everything submitted.
func (d *device) download(b *buffer, off int64, dst []byte) error {
	if b.host != nil {
		if err := d.drain(); err != nil {
			return err
		}
		copy(dst, b.host[off:])
		return nil
	}
	for at := int64(0); at < int64(len(dst)); {
		if err := d.flush(); err != nil {
			return err
		}
		s, err := d.staging(stageSize)
		if err != nil {
			return err
		}
		k := min(int64(len(dst))-at, stageSize)
		C.fm_copy(d.c, s.command, C.uint64_t(b.handle), C.uint64_t(off+at), C.uint64_t(s.buf.handle), 0, C.uint64_t(k))
		if err := d.drain(); err != nil {
			return err
		}
		copy(dst[at:at+k], s.buf.host)
		at += k
	}
	return nil
}

// drain submits what was gathered and waits for everything.
func (d *device) drain() error {
	if err := d.flush(); err != nil {
		return err
	}
	return d.await(d.last)
}
