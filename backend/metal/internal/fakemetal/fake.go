//go:build metalfake

package fakemetal

/*
#cgo CFLAGS: -I${SRCDIR}/include -I${SRCDIR} -I/usr/include/GNUstep
#cgo CFLAGS: -D_NATIVE_OBJC_EXCEPTIONS -DGNUSTEP=1 -D_GNU_SOURCE -fexceptions -Wno-everything
#cgo LDFLAGS: -L/usr/lib/gcc/x86_64-linux-gnu/12 -L/usr/lib/gcc/x86_64-linux-gnu/13 -L/usr/lib/gcc/x86_64-linux-gnu/14
#cgo LDFLAGS: -L/usr/lib/gcc/aarch64-linux-gnu/12 -lgnustep-base -lobjc -ldl -lm
#include <stdlib.h>
#include "fake.h"
*/
import "C"

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"
)

// An Order is the order in which the threads of a group, and the groups of a
// grid, run between two barriers.
type Order uint32

const (
	Forward Order = C.FM_FORWARD
	Reverse Order = C.FM_REVERSE
	Random  Order = C.FM_RANDOM
)

// Orders are all of them.
var Orders = []Order{Forward, Reverse, Random}

func (o Order) String() string { return [...]string{"forward", "reverse", "random"}[o] }

// Settings say how devices behave.
type Settings struct {
	Order Order
	Seed  uint32 // of Random
	// Lazy runs what is committed only when somebody waits for it or asks for its
	// status: a host that reads too early reads what was there before.
	Lazy bool

	Intel       bool   // a Mac without Apple silicon
	OldSystem   bool   // before macOS 13: no Metal 3
	NoResidency bool   // before macOS 15: no residency sets
	Devices     int    // how many there are
	Threads     int    // the most of a threadgroup that a pipeline takes
	MaxBuffer   int64  // bytes of the largest buffer
	Memory      uint64 // the recommended working set

	FailBuffer   int  // the n-th new buffer from now is nil
	FailCommands int  // the n-th command buffer from now is nil
	Broken       bool // every command buffer ends in an error

	Seconds    float64 // that a dispatch takes
	NoMatrices bool    // the compiler knows no simdgroup_matrix
}

// Defaults are an M1's, with less memory.
func Defaults() Settings {
	return Settings{Devices: 1, Threads: 1024, MaxBuffer: 4 << 30, Memory: 8 << 30, Seconds: 1e-6}
}

// Set makes s hold from now on. It is not for use while kernels run.
func Set(s Settings) {
	truth := func(b bool) C.int {
		if b {
			return 1
		}
		return 0
	}
	C.fm_fake = C.fm_settings{
		order: C.uint(s.Order), seed: C.uint(s.Seed), lazy: truth(s.Lazy),
		apple: truth(!s.Intel), metal3: truth(!s.OldSystem), residency: truth(!s.NoResidency),
		devices: C.uint(s.Devices), threads: C.uint(s.Threads), buffer: C.ulong(s.MaxBuffer), memory: C.ulong(s.Memory),
		fail_buffer: C.int(s.FailBuffer), fail_commands: C.int(s.FailCommands), broken: truth(s.Broken),
		seconds: C.double(s.Seconds), no_matrices: truth(s.NoMatrices),
	}
}

// Faults returns what was done wrong since the last call, a line each.
func Faults() []string {
	text := take(C.fm_take_faults())
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// LeftOver lists the objects that live, "2 MTLBuffer, 1 MTLDevice", or nothing.
func LeftOver() string { return take(C.fm_left_over()) }

// Dispatches counts the dispatches that have run, and the barriers between
// them.
func Dispatches() (dispatches, barriers int) { return int(C.fm_dispatches()), int(C.fm_barriers()) }

// Program makes a device and a queue, as a program that uses Metal itself has,
// and what releases them.
func Program() (device, queue unsafe.Pointer, release func()) {
	C.fm_program(&device, &queue)
	return device, queue, func() {
		C.fm_release(queue)
		C.fm_release(device)
	}
}

func take(s *C.char) string {
	defer C.free(unsafe.Pointer(s))
	return C.GoString(s)
}

// fakemetalCheck translates a library's source and compiles it without values
// for its function constants, as newLibraryWithSource does. It returns the
// kernel's name.
//
//export fakemetalCheck
func fakemetalCheck(source *C.char, failed **C.char) *C.char {
	p, err := translate(C.GoString(source))
	if err == nil {
		err = check(p)
	}
	if err != nil {
		*failed = C.CString(err.Error())
		return nil
	}
	return C.CString(p.kernel)
}

// fakemetalSpecialize compiles the kernel with the given constants, lines of
// "index type value", and returns the path of the result.
//
//export fakemetalSpecialize
func fakemetalSpecialize(source, constants *C.char, failed **C.char) *C.char {
	path, err := specialize(C.GoString(source), C.GoString(constants))
	if err != nil {
		*failed = C.CString(err.Error())
		return nil
	}
	return C.CString(path)
}

func specialize(source, constants string) (string, error) {
	p, err := translate(source)
	if err != nil {
		return "", err
	}
	values := map[int]string{}
	types := map[int]string{}
	for _, line := range strings.Split(strings.TrimSpace(constants), "\n") {
		if f := strings.Fields(line); len(f) == 3 {
			id, err := strconv.Atoi(f[0])
			if err != nil {
				return "", err
			}
			types[id], values[id] = f[1], f[2]
		}
	}
	for _, c := range p.constants {
		switch typ, set := types[c.id]; {
		case !set && !c.guarded:
			return "", fmt.Errorf("function constant %s (%d) of %s has no value", c.name, c.id, p.kernel)
		case set && typ != c.typ:
			return "", fmt.Errorf("function constant %s (%d) of %s is a %s and was given a %s", c.name, c.id, p.kernel,
				c.typ, typ)
		}
	}
	return build(p, values)
}
