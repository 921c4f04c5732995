//go:build metalfake

package misuse

/*
#cgo CFLAGS: -I${SRCDIR}/../include -I/usr/include/GNUstep
#cgo CFLAGS: -D_NATIVE_OBJC_EXCEPTIONS -DGNUSTEP=1 -D_GNU_SOURCE -fexceptions -Wno-everything
#include "misuse.h"
*/
import "C"

import _ "falconmamba/backend/metal/internal/fakemetal" // whose symbols misuse.m wants

// A Case is one program.
type Case struct {
	Name string
	Want string // part of the fault, empty for none
	n    C.int
}

// Cases returns them all.
func Cases() []Case {
	var list []Case
	for n := range C.misuse_count() {
		list = append(list, Case{C.GoString(C.misuse_name(n)), C.GoString(C.misuse_want(n)), n})
	}
	return list
}

// Run runs the program.
func (c Case) Run() { C.misuse_run(c.n) }
