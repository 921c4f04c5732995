//go:build metalfake

package fakemetal

// #include <stdlib.h>
// #include <string.h>
// #include "try.h"
import "C"

import (
	"errors"
	"sync"
	"unsafe"
)

// A Trial is one dispatch of a kernel that is not in a pipeline.
type Trial struct {
	Source    string
	Constants string   // lines of "index type value"
	Buffers   [][]byte // read and written; nil sets nothing
	Groups    [3]int   // a grid of them
	Threads   [3]int   // of a group
	Order     Order
	Seed      uint32
}

var trials sync.Mutex

// Run compiles and runs it. The error is the compiler's, or what the kernel did
// wrong.
func (t Trial) Run() error {
	path, err := specialize(t.Source, t.Constants)
	if err != nil {
		return err
	}
	trials.Lock()
	defer trials.Unlock()
	n := max(1, len(t.Buffers))
	data := unsafe.Slice((*unsafe.Pointer)(C.calloc(C.size_t(n), 8)), n)
	defer C.free(unsafe.Pointer(&data[0]))
	sizes := make([]C.ulong, n)
	for i, b := range t.Buffers {
		if b != nil {
			data[i], sizes[i] = C.CBytes(b), C.ulong(len(b))
			defer C.free(data[i])
		}
	}
	var groups, threads [3]C.uint
	for i := range groups {
		groups[i], threads[i] = C.uint(t.Groups[i]), C.uint(t.Threads[i])
	}
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var fault [512]C.char
	failed := C.fm_try(name, &data[0], &sizes[0], C.int(len(t.Buffers)), &groups[0], &threads[0],
		C.uint(t.Order), C.uint(t.Seed), &fault[0], C.ulong(len(fault)))
	for i, b := range t.Buffers {
		copy(b, unsafe.Slice((*byte)(data[i]), len(b)))
	}
	if failed != 0 {
		return errors.New(C.GoString(&fault[0]))
	}
	return nil
}
