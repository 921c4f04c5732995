package disk

import "testing"

func TestFree(t *testing.T) {
	free, ok := Free(t.TempDir())
	if !ok {
		t.Skip("this system does not say")
	}
	if free == 0 || free > 1<<60 {
		t.Errorf("%d bytes are free", free)
	}
	if free, ok := Free("/no/such/folder"); ok {
		t.Errorf("a folder that is not there has %d bytes", free)
	}
}
