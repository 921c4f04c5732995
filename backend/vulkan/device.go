//go:build cgo && !darwin

package vulkan

// #include <stdlib.h>
// #include "vk.h"
import "C"

import (
	"context"
	"fmt"
	"sync"
	"time"
	"unsafe"

	vk "github.com/goki/vulkan"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// A device is one open Vulkan device with one queue.
type device struct {
	info     backend.Info
	physical *C.fm_physical
	unified  bool
	reach    int64 // bytes of a weight that one binding reaches
	target   gpu.Target
	subgroup int // what pipelines ask for; 0 leaves it to the driver

	instance unsafe.Pointer
	handle   unsafe.Pointer // VkPhysicalDevice
	lookup   C.fm_lookup
	c        *C.fm_device
	lock     sync.Locker // of a queue that others use, or nil
	piece    float64     // seconds that a command buffer takes at most as a rule
	slice    float64     // seconds that the queue may be taken for at once; 0: any, see pace
	slower   float64     // times as long as guessed that plans take, see measure; 0: none was measured
	spans    bool        // barriers by what bindings reach, see Handles.Spans

	mu       sync.Mutex // guards all below, and the queue
	probed   bool       // whether target has what probe finds
	lost     error      // sticks
	closed   bool
	stats    backend.Stats
	plans    int // that are open
	blocks   []*block
	timeline uint64
	last     uint64             // ticket of the latest submission
	reached  uint64             // the latest known to be complete
	ahead    []piece            // what pace let into the queue, oldest first
	queue    *[2]unsafe.Pointer // C memory: the command buffers of a submission

	commands uint64 // pool of the staging ring
	ring     [stages]stage
	at       int // the ring's stage in turn
	bulk     [bulks]bulk
	atBulk   int     // of bulk, in turn
	nothing  *buffer // bound for operands that are absent
	scratch  gpu.ScratchPool[*buffer]

	pipelines *gpu.Pipelines[*pipeline]
	layouts   layouts
	cache     cache
}

var _ backend.Backend = (*device)(nil)

// newDevice is a device that was queried, whose memory it frees, before it is
// opened.
func newDevice(info backend.Info, p *C.fm_physical, instance, handle unsafe.Pointer, lookup C.fm_lookup) *device {
	d := &device{
		info: info, physical: p, unified: info.Unified, reach: info.MaxBuffer,
		instance: instance, handle: handle, lookup: lookup,
		piece: gpu.PieceSeconds, layouts: layouts{made: map[[2]int]layout{}},
	}
	d.pipelines = gpu.NewPipelines(d.newPipeline)
	d.target = d.newTarget(p)
	d.info.Float16 = len(d.target.Tiles()) > 0
	d.scratch = gpu.ScratchPool[*buffer]{
		Alloc: func(n int64) (*buffer, error) {
			b, err := d.newBuffer(n, onDevice)
			if err == nil {
				b.count()
			}
			return b, err
		},
		Free: (*buffer).free,
	}
	return d
}

// open opens what was queried.
func open(info backend.Info, p *C.fm_physical, instance, handle unsafe.Pointer,
	lookup C.fm_lookup) (*device, error) {
	d := newDevice(info, p, instance, handle, lookup)
	if err := d.begin(C.fm_open(lookup, d.instance, d.handle, p, &d.c)); err != nil {
		return nil, err
	}
	return d, nil
}

// begin goes on from fm_open or fm_attach, which returned r. Where something is
// missing it frees all that the device holds.
func (d *device) begin(r C.int32_t) error {
	if r == 0 {
		if err := d.start(); err != nil {
			d.Close()
			return err
		}
		return nil
	}
	C.free(unsafe.Pointer(d.physical))
	if missing := C.GoString(C.fm_missing()); missing != "" {
		return fmt.Errorf("vulkan: %s: the driver has no %s", d.info.Device, missing)
	}
	return failure("vkCreateDevice", int32(r), d.info.Device)
}

// start makes what every device needs.
func (d *device) start() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = (*[2]unsafe.Pointer)(C.calloc(2, C.size_t(unsafe.Sizeof(unsafe.Pointer(nil)))))
	var h C.uint64_t
	if r := C.fm_timeline(d.c, &h); r != 0 {
		return d.fail("vkCreateSemaphore", r)
	}
	d.timeline = uint64(h)

	commands := (*[stages]unsafe.Pointer)(C.calloc(stages, C.size_t(unsafe.Sizeof(unsafe.Pointer(nil)))))
	defer C.free(unsafe.Pointer(commands))
	if r := C.fm_commands(d.c, d.physical.family, stages, &h, &commands[0]); r != 0 {
		return d.fail("vkAllocateCommandBuffers", r)
	}
	d.commands = uint64(h)
	for i := range d.ring {
		d.ring[i].command = commands[i]
	}

	var err error
	if d.nothing, err = d.newBuffer(round, onDevice); err != nil {
		return err
	}
	return d.openCache()
}

// Info describes the device, with its memory as it is now.
func (d *device) Info() backend.Info {
	d.mu.Lock()
	defer d.mu.Unlock()
	info := d.info
	if !d.closed {
		info.MemoryTotal, info.MemoryFree = d.heap()
	}
	return info
}

// Stats counts the memory of buffers, weights and private scratch.
func (d *device) Stats() backend.Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stats
}

// fail is failure; a lost device stays lost.
func (d *device) fail(call string, r C.int32_t, what ...any) error {
	err := failure(call, int32(r), what...)
	if vk.Result(r) == vk.ErrorDeviceLost && d.lost == nil {
		d.lost = err
	}
	return err
}

// usable reports why nothing more can be done with the device.
func (d *device) usable() error {
	if d.lost != nil {
		return d.lost
	}
	if d.closed {
		return fmt.Errorf("vulkan: %s: %w", d.info.Device, backend.ErrClosed)
	}
	return nil
}

// submit queues the transfers gathered so far and then pieces, one by one, and
// returns the ticket of all. times has the seconds that each piece may take.
func (d *device) submit(pieces []unsafe.Pointer, times []float64) (uint64, error) {
	transfers, err := d.closeStage()
	if err != nil {
		return 0, err
	}
	n := 0
	if transfers != nil {
		d.queue[0] = transfers
		n = 1
	}
	seconds := 0.0 // of what is sent last: of transfers alone, if there is no piece
	for i := 0; i < len(pieces)-1; i++ {
		d.queue[n] = pieces[i]
		if err := d.send(n+1, times[i], d.slice != 0); err != nil {
			return 0, err
		}
		n = 0
	}
	if len(pieces) > 0 {
		d.queue[n], seconds = pieces[len(pieces)-1], times[len(pieces)-1]
		n++
	}
	if err := d.send(n, seconds, true); err != nil {
		return 0, err
	}
	return d.last, nil
}

// send submits the first n command buffers of queue, which take about that
// number of seconds, with the next ticket or with none.
func (d *device) send(n int, seconds float64, ticket bool) error {
	if err := d.pace(seconds); err != nil {
		return err
	}
	if d.lock != nil {
		d.lock.Lock()
		defer d.lock.Unlock()
	}
	timeline := d.timeline
	if !ticket {
		timeline = 0
	}
	if r := C.fm_submit(d.c, C.uint32_t(n), &d.queue[0], C.uint64_t(timeline), C.uint64_t(d.last+1)); r != 0 {
		return d.fail("vkQueueSubmit", r)
	}
	if ticket {
		d.last++
	}
	return nil
}

// await blocks until ticket is complete, with the device locked.
func (d *device) await(ticket uint64) error {
	if ticket <= d.reached {
		return d.lost
	}
	if r := C.fm_wait(d.c, C.uint64_t(d.timeline), C.uint64_t(ticket), ^C.uint64_t(0)); r != 0 {
		return d.fail("vkWaitSemaphores", r)
	}
	d.reached = max(d.reached, ticket)
	return nil
}

// idle reports whether everything submitted is complete.
func (d *device) idle() (bool, error) {
	if d.reached == d.last {
		return true, d.lost
	}
	var v C.uint64_t
	if r := C.fm_reached(d.c, C.uint64_t(d.timeline), &v); r != 0 {
		return false, d.fail("vkGetSemaphoreCounterValue", r)
	}
	d.reached = max(d.reached, min(uint64(v), d.last))
	return d.reached == d.last, nil
}

// patience is how long one wait in the driver lasts where a context may end.
const patience = 2 * time.Millisecond

// Wait returns once t and all earlier submissions are complete.
func (d *device) Wait(ctx context.Context, t backend.Ticket) error {
	d.mu.Lock()
	err, last, reached := d.usable(), d.last, d.reached
	c, timeline := d.c, d.timeline
	d.mu.Unlock()
	switch {
	case err != nil:
		return err
	case uint64(t) > last:
		return fmt.Errorf("vulkan: Wait for ticket %d: the latest submission is %d", t, last)
	case uint64(t) <= reached:
		return ctx.Err()
	}
	ns := ^C.uint64_t(0)
	if ctx.Done() != nil {
		ns = C.uint64_t(patience)
	}
	for {
		r := C.fm_wait(c, C.uint64_t(timeline), C.uint64_t(t), ns)
		switch vk.Result(r) {
		case vk.Success:
			d.mu.Lock()
			d.reached = max(d.reached, uint64(t))
			d.mu.Unlock()
			return nil
		case vk.Timeout:
			if err := ctx.Err(); err != nil {
				return err
			}
		default:
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.fail("vkWaitSemaphores", r)
		}
	}
}

// Close waits for the queue and frees the device.
func (d *device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	var err error
	if d.timeline != 0 {
		err = d.drain()
	}
	d.closed = true
	d.closeCache()
	for i := range d.ring {
		if b := d.ring[i].small; b != nil {
			b.free()
		}
	}
	for i := range d.bulk {
		if b := d.bulk[i].buf; b != nil {
			b.free()
		}
	}
	if d.nothing != nil {
		d.nothing.free()
	}
	d.freePipelines()
	if d.commands != 0 {
		C.fm_free_commands(d.c, C.uint64_t(d.commands))
	}
	if d.timeline != 0 {
		C.fm_free_timeline(d.c, C.uint64_t(d.timeline))
	}
	if err == nil {
		err = gpu.StillOpen("vulkan", d.stats.Live, d.plans)
	}
	C.free(unsafe.Pointer(d.queue))
	C.fm_close(d.c)
	C.free(unsafe.Pointer(d.physical))
	return err
}
