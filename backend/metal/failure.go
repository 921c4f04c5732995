//go:build cgo && (darwin || metalfake)

package metal

// #include "host.h"
import "C"

import (
	"fmt"
	"strings"

	"falconmamba/backend"
)

// commandOutOfMemory is MTLCommandBufferErrorOutOfMemory.
const commandOutOfMemory = 8

// failure is the error for what a call left in e. what says what the call was
// for.
func failure(e *C.metal_error, what ...any) error {
	text := strings.TrimSpace(C.GoString(&e.text[0]))
	if len(what) > 0 {
		text = fmt.Sprint(what...) + ": " + text
	}
	return fmt.Errorf("metal: %s", text)
}

// commandFailure is the error of a command buffer, after which what it should
// have written is anything: the device is lost to its user.
func commandFailure(e *C.metal_error) error {
	if e.code == commandOutOfMemory {
		return fmt.Errorf("%w: %w", failure(e), backend.ErrOutOfMemory)
	}
	return fmt.Errorf("%w: %w", failure(e), backend.ErrDeviceLost)
}

// size is a number of bytes for people.
type size int64

func (n size) String() string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", int64(n))
}
