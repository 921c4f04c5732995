package gpu

import (
	"fmt"
	"testing"

	"falconmamba/backend"
)

// Whatever the device, what is chosen is within the kernels' limits.
func TestShapeLimits(t *testing.T) {
	for _, lanes := range [][2]int{{4, 4}, {8, 8}, {8, 32}, {16, 16}, {32, 32}, {32, 64}, {64, 64}, {128, 128}} {
		for _, shared := range []int{16 << 10, 32 << 10, 48 << 10, 228 << 10} {
			for _, invocations := range []int{128, 256, 1024} {
				d := target()
				d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = lanes[0], lanes[1], lanes[1]
				d.Shared, d.Invocations, d.Cores = shared, invocations, lanes[0]*3
				name := fmt.Sprintf("subgroups of %v, %d bytes shared, %d invocations", lanes, shared, invocations)
				if d.matvecSize() < lanes[1] {
					if lanes[0]*16 >= lanes[1] {
						t.Errorf("%s: workgroups of %d", name, d.matvecSize())
					}
					continue
				}
				for _, typ := range []backend.DType{backend.F32, backend.BF16} {
					for _, cols := range []int{1, 33, 768, 4096, 8192, 20000} {
						for _, outs := range []int{1, 5, 288, 4096, 16384, 65024} {
							for _, rows := range []int{1, 2, 3, 8, 70} {
								w := &Weight{Desc: backend.WeightDesc{Type: typ, Rows: outs, Cols: cols},
									Layout: layoutOf(typ, cols)}
								for _, slices := range []int{1, matvecSlices} {
									s := d.shape(rows, outs, w, slices)
									quads := Word / typ.Size() / 4
									if s.Size > 256 || s.Size > invocations || s.Size/lanes[0] > matvecSubgroups ||
										s.Size < lanes[1] || s.Size%s.Rows != 0 ||
										s.Rows < 1 || s.Rows > matvecRows || s.Outs < 1 || s.Outs > matvecOuts ||
										s.Ahead < 1 || s.Outs*s.Ahead > 8 ||
										s.Tile/(s.Rows*quads) < lanes[1]*s.Ahead || s.Tile*Word+matvecFixed > shared ||
										s.Groups < 1 || s.Groups > 65535 || s.Slices < 1 || s.Slices > slices {
										t.Fatalf("%s: %s [%d %d] for %d rows: %+v", name, typ, outs, cols, rows, s)
									}
								}
							}
						}
					}
				}
			}
		}
	}
}

// A lane has 128 bytes of one row's weight in flight, and half of that of more rows.
func TestShapeAhead(t *testing.T) {
	d := matrices(48<<10, 132)
	for _, c := range []struct {
		typ        backend.DType
		rows, want int
	}{{backend.NF4, 1, 8}, {backend.NF4, 2, 8}, {backend.BF16, 2, 8}, {backend.BF16, 3, 4}} {
		w := &Weight{Desc: backend.WeightDesc{Type: c.typ, Rows: 16384, Cols: 4096}, Layout: layoutOf(c.typ, 4096)}
		s := d.shape(c.rows, 16384, w, 1)
		if got := s.Outs * s.Ahead; got != c.want {
			t.Errorf("%v, %d rows: %d words in flight, want %d", c.typ, c.rows, got, c.want)
		}
	}
}

// Where a workgroup could have all of a core's shared memory, two of a product of few rows fit in it.
func TestTwoToACore(t *testing.T) {
	for _, c := range []struct{ shared, most int }{
		{16 << 10, 16 << 10}, {32 << 10, 32 << 10}, {48 << 10, 40 << 10}, {64 << 10, 32 << 10}, {228 << 10, 40 << 10},
	} {
		d := matrices(c.shared, 132, Fragment{16, 16, 16})
		d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = 32, 32, 32
		for _, typ := range []backend.DType{backend.BF16, backend.Q8_0, backend.Q4_K} {
			w := &Weight{Desc: backend.WeightDesc{Type: typ, Rows: 16384, Cols: 8192}, Layout: layoutOf(typ, 8192)}
			s := d.shapeOf(8, 16384, w, 1, false)
			if got := s.Tile*Word + matvecFixed; got > c.most || 2*got <= c.most {
				t.Errorf("%d bytes shared, %v: workgroups take %d, want about %d", c.shared, typ, got, c.most)
			}
			if h, ok := d.halfShape(8, 16384, w, 1); ok && h.shared() > d.groupShared() {
				t.Errorf("%d bytes shared, %v on matrix units: workgroups take %d", c.shared, typ, h.shared())
			}
		}
	}
}
