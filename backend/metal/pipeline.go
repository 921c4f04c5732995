//go:build cgo && (darwin || metalfake)

package metal

// #include <stdlib.h>
// #include "host.h"
import "C"

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/shaders"
)

// errNoMatrices marks that a kernel on simdgroup_matrix did not become a
// pipeline. Other kernels do the same work.
var errNoMatrices = errors.New("no kernel on simdgroup_matrix")

// functionConstant finds the type and the number of a constant in generated
// source: Metal refuses a value of another type.
var functionConstant = regexp.MustCompile(`constant (uint|int|float|bool) \w+ \[\[function_constant\((\d+)\)\]\]`)

// newPipeline makes the pipeline of a dispatch. Calls may overlap.
func (d *device) newPipeline(x *gpu.Dispatch) (unsafe.Pointer, error) {
	k := x.Kernel
	if !k.Metal {
		return nil, fmt.Errorf("metal: kernel %s has no Metal source: %w", k.Name, backend.ErrUnsupported)
	}
	source, err := k.MSL()
	if err != nil {
		return nil, fmt.Errorf("metal: %w", err)
	}
	types := map[string]byte{}
	for _, m := range functionConstant.FindAllStringSubmatch(source, -1) {
		types[m[2]] = m[1][0]
	}
	// A constant that is the size of an array is a macro in generated source, one
	// that is not a function constant: it is passed as both.
	var macros strings.Builder
	constants := make([]C.metal_constant, len(x.Constants), len(x.Constants)+1)
	for i, c := range x.Constants {
		constants[i] = C.metal_constant{id: C.uint32_t(c.ID), value: C.uint32_t(c.Value),
			_type: C.uint32_t(types[fmt.Sprint(c.ID)])}
		fmt.Fprintf(&macros, "#define SPIRV_CROSS_CONSTANT_ID_%d %du\n", c.ID, c.Value)
	}
	text, name := C.CString(macros.String()+source), C.CString(k.Name)
	defer C.free(unsafe.Pointer(text))
	defer C.free(unsafe.Pointer(name))
	size := x.Workgroup()
	var e C.metal_error
	p := C.metal_pipeline(d.c, text, name, unsafe.SliceData(constants), C.int(len(constants)),
		C.uint32_t(size[0]*size[1]*size[2]), &e)
	if p == nil {
		err := failure(&e, "kernel ", k.Name)
		if k.Needs&shaders.CooperativeMatrix != 0 {
			err = fmt.Errorf("%w: %w", errNoMatrices, err)
		}
		return nil, err
	}
	return p, nil
}
