package main

// #include "cgo.h"
import "C"

import (
	"sync"
	"unsafe"
)

// A step is how far something is.
type step struct {
	stage       string
	done, total int64
}

// The newest keeps the last step that was told.
type newest struct {
	ready chan struct{} // of one element: there is a step

	mu   sync.Mutex
	step step
	some bool
}

// teller returns what tells the steps of a stage.
func (n *newest) teller(stage string) func(done, total int64) {
	return func(done, total int64) {
		n.mu.Lock()
		n.step, n.some = step{stage, done, total}, true
		n.mu.Unlock()
		select {
		case n.ready <- struct{}{}:
		default: // it is known
		}
	}
}

// take returns the step that was not taken yet, if there is one.
func (n *newest) take() (step, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	some := n.some
	n.some = false
	return n.step, some
}

// watchTold calls the caller's function on this thread, and returns whether it wants an end.
func watchTold(w *C.fm_watch, s step) bool {
	stage := C.CString(s.stage)
	defer C.free(unsafe.Pointer(stage))
	return C.fm_call_watch(w, stage, C.int64_t(s.done), C.int64_t(s.total)) != 0
}
