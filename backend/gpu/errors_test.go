package gpu

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"falconmamba/backend"
)

func TestErrorf(t *testing.T) {
	own := fmt.Errorf("vulkan: vkAllocateMemory: 4 GiB: %w", backend.ErrOutOfMemory)
	for _, c := range []struct {
		err  error
		want string
	}{
		{own, `vulkan: plan "p": vkAllocateMemory: 4 GiB: out of memory`},
		{errors.New("matmul f32 [1 2]: no"), `vulkan: plan "p": matmul f32 [1 2]: no`},
	} {
		got := Errorf("vulkan", "plan %q: %w", "p", c.err)
		if got.Error() != c.want || !errors.Is(got, c.err) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if err := Errorf("vulkan", "plan %q: %w", "p", own); !errors.Is(err, backend.ErrOutOfMemory) {
		t.Errorf("%v is not ErrOutOfMemory", err)
	}
}

func TestStillOpen(t *testing.T) {
	if err := StillOpen("driver", 0, 0); err != nil {
		t.Errorf("nothing is open: %v", err)
	}
	for _, open := range [][2]int{{16, 0}, {0, 2}, {16, 2}} {
		err := StillOpen("driver", int64(open[0]), open[1])
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d bytes", open[0])) ||
			!strings.Contains(err.Error(), fmt.Sprintf("%d plans", open[1])) {
			t.Errorf("%d bytes and %d plans are open: %v", open[0], open[1], err)
		}
	}
}
