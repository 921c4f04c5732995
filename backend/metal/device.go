//go:build cgo && (darwin || metalfake)

package metal

// #include "host.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/shaders"
)

// A device is one open GPU with one queue.
type device struct {
	info   backend.Info
	c      *C.metal_device
	target gpu.Target

	mu        sync.Mutex // guards all below, and the queue
	lost      error      // sticks
	closed    bool
	stats     backend.Stats
	plans     int           // that are open
	last      uint64        // ticket of the latest submission
	flight    []*submission // not known to be complete, by ticket
	pipelines *gpu.Pipelines[unsafe.Pointer]
	nothing   *buffer // bound for operands that are absent
	scratch   gpu.ScratchPool[memory]
}

var (
	_ backend.Backend  = (*device)(nil)
	_ backend.Importer = (*device)(nil)
	_ backend.Profiler = (*device)(nil)
)

// What every GPU of Apple silicon has (Metal feature set tables, families
// Apple7 and later).
const (
	simd   = 32       // threads of a simdgroup
	shared = 32 << 10 // bytes of threadgroup memory
	// registers is what a thread has, of 32 bits: 256 of 16, by Mesa's compiler for M1 and M2. Metal tells
	// nothing of it.
	registers = 128
	has       = shaders.Subgroup | shaders.SubgroupVote | shaders.SubgroupArithmetic | shaders.SubgroupBallot |
		shaders.SubgroupShuffle | shaders.SubgroupShuffleRelative |
		shaders.Float16 | shaders.MemoryModel | shaders.CooperativeMatrix
	// cores is how many threadgroups are taken to run side by side: two to each
	// of an M1's 8 cores. Metal does not tell how many there are.
	cores = 16
)

// newDevice takes c over.
func newDevice(c *C.metal_device, info backend.Info, o backend.Options) (backend.Backend, error) {
	info.BatchInvariant = o.BatchInvariant
	d := &device{info: info, c: c}
	d.pipelines = gpu.NewPipelines(d.newPipeline)
	d.target = gpu.Target{
		Align: round, MaxBuffer: info.MaxBuffer, Groups: [3]int{65535, 65535, 65535}, Invocations: 1024, Shared: shared,
		Has: has, Cores: cores, SubgroupMin: simd, SubgroupMax: simd, SubgroupSize: simd, Registers: registers,
		MSL: true, Unfused: o.Unfused, BatchInvariant: o.BatchInvariant,
		Fragments: []gpu.Fragment{{M: 8, N: 8, K: 8}}, // simdgroup_matrix
		Own:       d.owns, Weight: d.layout,
	}
	d.scratch = gpu.ScratchPool[memory]{
		Alloc: func(n int64) (memory, error) {
			b, err := d.newBuffer(n)
			if err != nil {
				return memory{}, err
			}
			d.addLive(b.room)
			return memory{b.handle, b}, nil
		},
		Free: d.freeLive,
	}
	var err error
	if d.nothing, err = d.newBuffer(round); err != nil {
		C.metal_close(c)
		return nil, err
	}
	return d, nil
}

// Info describes the device, with its memory as it is now.
func (d *device) Info() backend.Info {
	d.mu.Lock()
	defer d.mu.Unlock()
	info := d.info
	if !d.closed {
		var p C.metal_info
		C.metal_query(d.c, &p)
		info.MemoryTotal = int64(p.working_set)
		info.MemoryFree = max(0, int64(p.working_set)-int64(p.in_use))
	}
	return info
}

// Stats counts the memory of buffers, weights and private scratch.
func (d *device) Stats() backend.Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stats
}

func (d *device) addLive(n int64) {
	d.stats.Live += n
	d.stats.Peak = max(d.stats.Peak, d.stats.Live)
}

// usable reports why nothing more can be done with the device.
func (d *device) usable() error {
	if d.lost != nil {
		return d.lost
	}
	if d.closed {
		return fmt.Errorf("metal: %s: %w", d.info.Device, backend.ErrClosed)
	}
	return nil
}

// A submission is a command buffer that was committed.
type submission struct {
	ticket uint64

	mu      sync.Mutex // held by who waits for it
	command unsafe.Pointer
	seconds float64 // on the device
	err     error
}

// finish waits until the submission is complete.
func (s *submission) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.command != nil {
		var e C.metal_error
		var seconds C.double
		if C.metal_wait(s.command, &seconds, &e) != 0 {
			s.err = commandFailure(&e)
		}
		s.seconds = float64(seconds)
		C.metal_release(s.command)
		s.command = nil
	}
	return s.err
}

// done reports whether finish would not wait.
func (s *submission) done() bool {
	if !s.mu.TryLock() {
		return false
	}
	defer s.mu.Unlock()
	return s.command == nil || C.metal_done(s.command) != 0
}

// took returns how long it was on the device, once it was waited for.
func (s *submission) took() (float64, bool) {
	if !s.mu.TryLock() {
		return 0, false
	}
	defer s.mu.Unlock()
	return s.seconds, s.command == nil && s.err == nil
}

// maxFlight is how many submissions may be incomplete: a queue of Metal's
// blocks at 64.
const maxFlight = 32

// submit commits the dispatches of p; the device is locked.
func (d *device) submit(p *plan, from, to int) (*submission, error) {
	if len(d.flight) >= maxFlight {
		if err := d.await(d.flight[0].ticket); err != nil {
			return nil, err
		}
	}
	var e C.metal_error
	command := p.commit(from, to, &e)
	if command == nil {
		return nil, failure(&e, "plan ", fmt.Sprintf("%q", p.Name))
	}
	d.last++
	s := &submission{ticket: d.last, command: command}
	d.flight = append(d.flight, s)
	for _, b := range p.buffers {
		b.used = s.ticket
	}
	return s, nil
}

// upTo returns the submissions in flight up to ticket.
func (d *device) upTo(ticket uint64) []*submission {
	n := 0
	for n < len(d.flight) && d.flight[n].ticket <= ticket {
		n++
	}
	return append([]*submission(nil), d.flight[:n]...)
}

// landed takes note of submissions that were waited for; the device is locked.
func (d *device) landed(list []*submission) error {
	for _, s := range list {
		if err := s.finish(); err != nil && d.lost == nil {
			d.lost = err
		}
		if len(d.flight) > 0 && d.flight[0] == s {
			d.flight = d.flight[1:]
		}
	}
	return d.lost
}

// await blocks until ticket is complete, with the device locked.
func (d *device) await(ticket uint64) error { return d.landed(d.upTo(ticket)) }

// drain waits for everything that was submitted.
func (d *device) drain() error { return d.await(d.last) }

// Wait returns once t and all earlier submissions are complete.
func (d *device) Wait(ctx context.Context, t backend.Ticket) error {
	d.mu.Lock()
	err, last, list := d.usable(), d.last, d.upTo(uint64(t))
	d.mu.Unlock()
	switch {
	case err != nil:
		return err
	case uint64(t) > last:
		return fmt.Errorf("metal: Wait for ticket %d: the latest submission is %d", t, last)
	case len(list) == 0:
		return ctx.Err()
	}
	wait := func() {
		for _, s := range list {
			s.finish()
		}
	}
	if ctx.Done() == nil || list[len(list)-1].done() {
		wait()
	} else {
		complete := make(chan struct{})
		go func() {
			wait()
			close(complete)
		}()
		select {
		case <-complete:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.landed(list)
}

// Close waits for the queue and frees the device.
func (d *device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	err := d.drain()
	d.closed = true
	d.nothing.free()
	for p := range d.pipelines.All() {
		C.metal_release(p)
	}
	err = errors.Join(err, gpu.StillOpen("metal", d.stats.Live, d.plans))
	C.metal_close(d.c)
	return err
}
