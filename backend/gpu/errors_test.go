package gpu

import (
	"errors"
	"fmt"
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
