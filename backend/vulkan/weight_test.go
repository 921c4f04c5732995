//go:build cgo && !darwin

package vulkan

import (
	"bytes"
	"testing"
)

// pad must give the same bytes in pieces of any size.
func TestPad(t *testing.T) {
	src := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}
	want := []byte{1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 7, 8, 9, 0, 0}
	for step := 1; step <= len(want); step++ {
		got := bytes.Repeat([]byte{0xee}, len(want))
		for at := 0; at < len(got); at += step {
			pad(got[at:min(at+step, len(got))], int64(at), src, 3, 5)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("in pieces of %d: %v, want %v", step, got, want)
		}
	}
	got := make([]byte, 9)
	pad(got, 0, src, 3, 3)
	if !bytes.Equal(got, src) {
		t.Errorf("dense: %v, want %v", got, src)
	}
}
