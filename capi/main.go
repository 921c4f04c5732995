//go:build cgo

// Capi is the library libfalconmamba, built by `make capi` with -buildmode=c-shared: falconmamba.h over the
// embedding API. The header says what each function does. docs/capi.md is about building and about what Go's
// runtime means to a program around it.
//
// Every function that C calls is a line or two around [call], which turns errors into statuses and stops panics.
// Handles are numbers of a table ([table]), so that a wrong one is found. What C frees is made by [block]. Go never
// holds a caller's own pointers but for the time of a call (cgo.h).
package main

// #include "cgo.h"
import "C"

import (
	"runtime/debug"
	"sync"
	"unsafe"

	_ "falconmamba/backend/all"
)

func main() {} // never called: the library has no program

//export fm_abi_version
func fm_abi_version() C.uint32_t { return C.FM_ABI }

// versionOf returns what a build says of itself.
func versionOf(info *debug.BuildInfo, ok bool) string {
	v := "(devel)"
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			v += " " + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			v += ", changed"
		}
	}
	return v
}

// said has C's memory filled with the version, once: C keeps what it is given.
var said = sync.OnceFunc(func() {
	v := cut(versionOf(debug.ReadBuildInfo()), len(C.fm_version_text)-1)
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&C.fm_version_text)), len(v)), v)
})

//export fm_version
func fm_version() *C.fm_utf8 {
	said()
	return (*C.fm_utf8)(&C.fm_version_text[0])
}

//export fm_free
func fm_free(p unsafe.Pointer) { C.free(p) }
