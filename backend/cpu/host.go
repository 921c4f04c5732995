package cpu

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"falconmamba/backend"
)

// A host is what the two drivers share: a queue, memory, and the parts of
// backend.Backend and backend.Importer that follow from them. A driver embeds
// it and adds Info, NewWeight, Supports and Compile.
type host struct {
	name   string // the driver's, which begins every error
	queue  *queue
	memory memory
}

func newHost(name string) *host {
	return &host{name: name, queue: newQueue(), memory: memory{totals: memoryTotals}}
}

// fail makes an error of a call.
func (h *host) fail(call string, err error) error {
	return fmt.Errorf("%s: %s: %w", h.name, call, err)
}

// hostInfo describes the processor to a listing; a driver fills in the rest.
func hostInfo(name string) backend.Info {
	device := processor()
	if device == "" {
		device = runtime.GOARCH
	}
	total, free := memoryTotals()
	largest := total
	if largest == 0 {
		largest = math.MaxInt
	}
	return backend.Info{
		Name:           name,
		Device:         device,
		Class:          backend.Host,
		Rank:           backend.RankHost,
		Unified:        true,
		MaxBuffer:      largest,
		MemoryTotal:    total,
		MemoryFree:     free,
		HalfRows:       4,
		InFlight:       1,
		BatchInvariant: true,
	}
}

// onlyDevice reports a device number other than 0.
func onlyDevice(name string, n int) error {
	if n != 0 {
		return fmt.Errorf("%s: there is no device %d: the processor is device 0", name, n)
	}
	return nil
}

func (h *host) Wait(ctx context.Context, t backend.Ticket) error {
	if h.queue.isClosed() {
		return h.fail("Wait", backend.ErrClosed)
	}
	if err := h.queue.wait(ctx, t); err != nil {
		return h.fail("Wait", err)
	}
	return nil
}

func (h *host) Stats() backend.Stats { return h.memory.stats() }

func (h *host) Close() error {
	h.queue.close()
	return nil
}
