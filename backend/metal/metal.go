//go:build cgo && (darwin || metalfake)

package metal

// #include "host.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"falconmamba/backend"
)

func init() { backend.Register("metal", driver{}) }

type driver struct{}

// most is how many devices are listed.
const most = 8

// devices lists what the system has; those that cannot be opened too.
func devices() []C.metal_info {
	list := make([]C.metal_info, most)
	n := int(C.metal_list(&list[0], most))
	return list[:min(n, most)]
}

// Devices lists the GPUs of Apple silicon. A Mac with others has none, and the
// error says why.
func (driver) Devices() ([]backend.Info, error) {
	var infos []backend.Info
	var errs []error
	for i := range devices() {
		info, err := describe(i)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		infos = append(infos, info)
	}
	return infos, errors.Join(errs...)
}

// describe tells what device n is, or why it cannot be used.
func describe(n int) (backend.Info, error) {
	list := devices()
	if n < 0 || n >= len(list) {
		return backend.Info{}, fmt.Errorf("metal: no device %d: %d found", n, len(list))
	}
	info, err := inform(&list[n])
	info.Name = fmt.Sprintf("metal:%d", n)
	return info, err
}

// inform makes an Info, and reports what a device lacks.
func inform(p *C.metal_info) (backend.Info, error) {
	info := backend.Info{
		Device: C.GoString(&p.name[0]), Driver: "Metal", Class: backend.Integrated, Rank: backend.RankNative,
		Unified:   true,
		ChunkRows: 256, HalfRows: 4, InFlight: 2,
		MaxBuffer:   int64(p.max_buffer) &^ (page - 1),
		MemoryTotal: int64(p.working_set),
		MemoryFree:  max(0, int64(p.working_set)-int64(p.in_use)),
	}
	switch {
	case p.apple == 0:
		return info, fmt.Errorf("metal: %s is not a GPU of Apple silicon, the only ones that this driver runs on: "+
			"use the cpu backend", info.Device)
	case p.metal3 == 0:
		return info, fmt.Errorf("metal: this system has no Metal 3: macOS 13 or later is wanted")
	}
	return info, nil
}

// Open opens device n of the list.
func (driver) Open(n int, o backend.Options) (backend.Backend, error) {
	info, err := describe(n)
	if err != nil {
		return nil, err
	}
	var e C.metal_error
	c := C.metal_open(C.int(n), &e)
	if c == nil {
		return nil, failure(&e, info.Device)
	}
	return newDevice(c, info, o)
}

// Handles are the objects of a program that uses Metal itself.
type Handles struct {
	Device unsafe.Pointer // id<MTLDevice>
	Queue  unsafe.Pointer // id<MTLCommandQueue> of Device, or nil for a queue of the backend's own

	// BatchInvariant asks for batch invariance, as backend.Options does of a device that is opened.
	BatchInvariant bool
}

// Attach opens a backend on a device that the program has. Both objects are
// retained until Close and otherwise left as they are. What the backend submits
// is ordered with the program's own command buffers on the queue.
func Attach(h Handles) (backend.Backend, error) {
	if h.Device == nil {
		return nil, errors.New("metal: Attach without a device")
	}
	var e C.metal_error
	c := C.metal_attach(h.Device, h.Queue, &e)
	if c == nil {
		return nil, failure(&e, "Attach")
	}
	var p C.metal_info
	C.metal_query(c, &p)
	info, err := inform(&p)
	if err != nil {
		C.metal_close(c)
		return nil, err
	}
	info.Name = "metal"
	return newDevice(c, info, backend.Options{BatchInvariant: h.BatchInvariant})
}
