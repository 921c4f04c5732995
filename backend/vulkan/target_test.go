//go:build cgo && !darwin

package vulkan

import "testing"

// Pipelines ask for subgroups of 32 where they would get larger ones, and for nothing where the device has one size
// or smaller ones only; of several up to 32 for the least.
func TestAskFor(t *testing.T) {
	for _, c := range []struct{ least, most, want int }{
		{32, 64, 32}, {32, 32, 0}, {64, 64, 0}, {8, 32, 8}, {16, 32, 16}, {4, 16, 0}, {8, 8, 0}, {64, 128, 0}, {16, 128, 32},
	} {
		if got := askFor(c.least, c.most); got != c.want {
			t.Errorf("of %d to %d: %d, want %d", c.least, c.most, got, c.want)
		}
	}
}
