//go:build cgo && !darwin

package vulkan

import (
	"fmt"

	"falconmamba/backend"
)

// A Region is where a tensor lies, in Vulkan's terms.
type Region struct {
	Buffer uint64 // VkBuffer, of the device that the backend runs on
	Offset int64  // bytes from the buffer's start to the first element
	Size   int64  // bytes to the end of the last, as backend.Tensor.Bytes
}

// Locate says where t lies, for shaders and copies of the program that a backend
// is attached to. The buffer is one for storage and for transfers, of the
// exclusive sharing mode and of the queue family that was attached; it lives
// until it is closed.
//
// The program reads it on the queue that was attached, after a barrier from
// writes of compute shaders and transfers: the backend's own end with none for
// other readers. The backend begins each submission with a barrier that waits
// for compute shaders and transfers submitted before, the program's too, so that
// what it reads in these stages is not overwritten under it, and what it writes
// in these stages is seen. In another stage it needs a barrier of its own after
// it, towards compute shaders.
func Locate(t backend.Tensor) (Region, error) {
	b, ok := t.Buf.(*buffer)
	if !ok {
		return Region{}, fmt.Errorf("vulkan: Locate: the tensor is not in a buffer of this backend (%T)", t.Buf)
	}
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if err := b.check("Locate", t.Off, t.Bytes()); err != nil {
		return Region{}, err
	}
	return Region{Buffer: b.handle, Offset: t.Off, Size: t.Bytes()}, nil
}
