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
	"unsafe"

	_ "falconmamba/backend/all"
)

func main() {} // never called: the library has no program

//export fm_abi_version
func fm_abi_version() C.uint32_t { return C.FM_ABI }

// version is a text that C keeps.
var version = C.CString(versionOf(debug.ReadBuildInfo()))

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

//export fm_version
func fm_version() *C.fm_utf8 { return (*C.fm_utf8)(version) }

// names are texts that C keeps.
var names, unknown = func() (map[C.fm_status]*C.char, *C.char) {
	all := map[C.fm_status]*C.char{}
	for status, name := range statusNames {
		all[status] = C.CString(name)
	}
	return all, C.CString("unknown status")
}()

//export fm_status_name
func fm_status_name(status C.fm_status) *C.fm_utf8 {
	if name, ok := names[status]; ok {
		return (*C.fm_utf8)(name)
	}
	return (*C.fm_utf8)(unknown)
}

//export fm_free
func fm_free(p unsafe.Pointer) { C.free(p) }
