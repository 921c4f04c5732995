package launch

import (
	"testing"

	"falconmamba/backend"
)

// Whatever the device, what is chosen is within the kernels' limits.
func TestHalfShapeLimits(t *testing.T) {
	taken := map[Fragment]int{}
	for _, f := range []Fragment{{16, 8, 16}, {16, 16, 16}, {8, 16, 16}, {8, 8, 8}, {32, 8, 16}, {16, 32, 16}, {16, 8, 4}} {
		for _, lanes := range []int{8, 16, 32, 64} {
			for _, shared := range []int{16 << 10, 32 << 10, 48 << 10} {
				d := matrices(shared, 4*lanes, f)
				d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = lanes, lanes, lanes
				for _, cols := range []int{1, 67, 768, 8192} {
					for _, outs := range []int{5, 288, 4096, 65024} {
						for _, rows := range []int{1, 2, 3, 8, 12, 16, 17} {
							for _, slices := range []int{1, fewSlices} {
								w := &Weight{Desc: backend.WeightDesc{Type: backend.BF16, Rows: outs, Cols: cols}, Layout: layoutOf(backend.BF16, cols)}
								s, ok := d.halfShape(rows, outs, w, slices)
								if !ok {
									continue
								}
								taken[f]++
								subs := s.Size / lanes
								if rows < halfLeast || rows > s.Rows || s.Rows > halfRows || s.Rows%f.N != 0 || s.Outs%f.M != 0 || s.Chunk%f.K != 0 || f.K%8 != 0 ||
									s.Size > 256 || subs > fewSubgroups || subs%s.Split != 0 || s.Chunks%s.Depth != 0 || s.words()*8*lanes != s.Outs*s.Chunk ||
									s.Groups*subs/s.Split*s.Outs < outs || s.Slices < 1 || s.Slices > slices || s.shared() > shared {
									t.Fatalf("%v on subgroups of %d with %d bytes shared, [%d %d] for %d rows: %+v", f, lanes, shared, outs, cols, rows, s)
								}
							}
						}
					}
				}
			}
		}
	}
	for _, f := range []Fragment{{16, 8, 16}, {16, 16, 16}, {8, 16, 16}, {8, 8, 8}} {
		if taken[f] == 0 {
			t.Errorf("matrices of %v are never used", f)
		}
	}
	for _, f := range []Fragment{{16, 32, 16}, {16, 8, 4}} {
		if taken[f] != 0 {
			t.Errorf("matrices of %v are used", f)
		}
	}
}
