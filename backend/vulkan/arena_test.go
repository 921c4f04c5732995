package vulkan

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever is taken and given back, ranges are aligned, lie within the arena
// and share nothing, and when all are back the arena is whole again.
func TestArena(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size = 1 << 12
		a := newArena(size)
		var held []extent
		give := func(i int) {
			a.give(held[i].off, held[i].size)
			held = append(held[:i], held[i+1:]...)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if len(held) > 0 && rapid.Bool().Draw(t, "give") {
				give(rapid.IntRange(0, len(held)-1).Draw(t, "which"))
				continue
			}
			n := rapid.Int64Range(1, size).Draw(t, "size")
			align := int64(1) << rapid.IntRange(0, 9).Draw(t, "align")
			off, ok := a.take(n, align)
			if !ok {
				if a.empty() {
					t.Fatalf("an empty arena has no %d bytes", n)
				}
				continue
			}
			if off%align != 0 || off < 0 || off+n > size {
				t.Fatalf("take(%d, %d) = %d", n, align, off)
			}
			for _, h := range held {
				if off < h.off+h.size && h.off < off+n {
					t.Fatalf("%d bytes at %d overlap %d at %d", n, off, h.size, h.off)
				}
			}
			held = append(held, extent{off, n})
		}
		for len(held) > 0 {
			give(0)
		}
		if !a.empty() {
			t.Fatalf("all is given back, but free is %v", a.free)
		}
	})
}
