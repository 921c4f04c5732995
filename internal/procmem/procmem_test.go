//go:build linux || windows

package procmem

import "testing"

func TestRead(t *testing.T) {
	before, ok := Read()
	if !ok {
		t.Fatal("the system says nothing")
	}
	const size = 64 << 20
	held := make([]byte, size)
	for i := range held {
		held[i] = 1
	}
	after, _ := Read()
	if grown := after.Private - before.Private; grown < size*9/10 {
		t.Errorf("%d bytes were touched and Private grew by %d", size, grown)
	}
	if after.Peak < after.Resident || held[len(held)-1] != 1 {
		t.Errorf("Peak %d is below Resident %d", after.Peak, after.Resident)
	}
}
