package gpu

import (
	"testing"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// matrices is a target with cooperative matrices.
func matrices(shared, cores int, list ...Fragment) *Target {
	d := target()
	d.Has, d.Dots, d.Fragments = ^shaders.Feature(0), true, list
	d.Shared, d.Invocations, d.Cores = shared, 1024, cores
	return d
}

// h200Lanes is how an H200's lanes hold a 16×16×16 fragment.
var h200Lanes = Lanes{4, 4, Held{2, 4, 8, 8, 1, 4, 2}, Held{2, 4, 8, 8, 1, 4, 2}}

// A product is divided so that no part is empty, and there are not too many.
func TestDivide(t *testing.T) {
	for _, cores := range []int{1, 16, 132} {
		for _, want := range []int{cores, 2 * cores} {
			d := matrices(48<<10, cores)
			for groups := 0; groups < 600; groups += 7 {
				for steps := 1; steps < 300; steps++ {
					n := d.divide(groups, 32*steps, 32, want)
					span := over(steps, n)
					if n < 1 || n > maxParts || (n-1)*span >= steps {
						t.Fatalf("%d groups, %d steps: %d parts of %d", groups, steps, n, span)
					}
				}
			}
		}
	}
}

// What is taken at the 7B's widths on a device like an H200, where tiles and
// rules were measured: a change of either shows here.
func TestTileChoice(t *testing.T) {
	d := matrices(48<<10, 132, Fragment{16, 8, 8}, Fragment{16, 16, 16}, Fragment{16, 8, 16})
	d.Lanes = map[Fragment]Lanes{{16, 16, 16}: h200Lanes}
	if list := d.Tiles(); len(list) != len(warpTiles) {
		t.Fatalf("%d tiles fit, want all %d", len(list), len(warpTiles))
	}
	for _, c := range []struct {
		typ                backend.DType
		rows, outs, inputs int
		bm, bn, bk, parts  int
	}{
		{backend.F16, 20, 16384, 4096, 32, 64, 32, 1},
		{backend.F16, 33, 16384, 4096, 64, 128, 64, 2},
		{backend.F16, 64, 16384, 4096, 64, 128, 64, 2},
		{backend.F16, 64, 288, 8192, 32, 64, 32, 16},
		{backend.F16, 64, 8192, 256, 32, 64, 32, 1},
		{backend.F16, 64, 4096, 8192, 64, 128, 64, 8},
		{backend.F16, 128, 16384, 4096, 64, 128, 64, 1},
		{backend.F16, 256, 16384, 4096, 128, 256, 64, 1},
		{backend.F16, 512, 16384, 4096, 128, 256, 64, 1},
		{backend.F16, 512, 288, 8192, 64, 96, 64, 5},
		{backend.F16, 512, 8192, 256, 128, 256, 64, 1},
		{backend.F16, 512, 4096, 8192, 128, 128, 32, 1},
		{backend.F16, 2048, 16384, 4096, 128, 256, 64, 1},
		{backend.F16, 2048, 288, 8192, 64, 96, 64, 1},
		{backend.F16, 2048, 8192, 256, 128, 256, 64, 1},
		{backend.F16, 2048, 4096, 8192, 128, 256, 64, 1},
		{backend.BF16, 512, 288, 8192, 64, 96, 64, 5},
		{backend.BF16, 512, 4096, 8192, 64, 128, 64, 1},
		{backend.BF16, 2048, 288, 8192, 64, 96, 64, 1},
		{backend.Q4_K, 256, 4096, 8192, 128, 256, 64, 4},
		{backend.Q4_K, 512, 16384, 4096, 128, 256, 32, 1},
		{backend.Q4_K, 512, 4096, 8192, 128, 128, 32, 1},
		{backend.Q4_K, 2048, 4096, 8192, 128, 256, 32, 1},
		{backend.Q8_0, 512, 16384, 4096, 128, 256, 64, 1},
		{backend.Q8_0, 512, 288, 8192, 64, 128, 64, 11},
		{backend.Q8_0, 2048, 16384, 4096, 128, 256, 32, 1},
	} {
		w := &Weight{Layout: layoutOf(c.typ, c.inputs),
			Desc: backend.WeightDesc{Type: c.typ, Rows: c.outs, Cols: c.inputs}}
		got, parts := d.tile(d.tilesFor(w, c.rows), c.rows, c.outs, c.inputs)
		if got.Fragment != (Fragment{16, 16, 16}) || got.BM() != c.bm || got.BN() != c.bn || got.BK != c.bk ||
			parts != c.parts {
			t.Errorf("%v, %d rows, %d × %d: %+v in %d parts, want %d × %d, %d inputs, in %d parts",
				c.typ, c.rows, c.outs, c.inputs, got, parts, c.bm, c.bn, c.bk, c.parts)
		}
		_, packed := formats[c.typ]
		if got.Direct && d.orders(got, w, c.rows) != (packed && got.BK == 32) {
			t.Errorf("%v, %d rows, %d × %d: in order %t", c.typ, c.rows, c.outs, c.inputs, d.orders(got, w, c.rows))
		}
	}
}

// Every tile of every device is one that it can run and the kernel divide.
func TestTileLimits(t *testing.T) {
	for _, f := range []Fragment{{16, 16, 16}, {8, 16, 16}, {8, 8, 16}, {16, 8, 8}, {32, 32, 16}, {8, 8, 8},
		{6, 16, 16}, {16, 16, 4}} {
		for _, lanes := range []int{8, 16, 32, 64} {
			for _, shared := range []int{16 << 10, 32 << 10, 64 << 10} {
				for _, software := range []bool{false, true} {
					d := matrices(shared, 16, f)
					d.SubgroupMin, d.SubgroupMax, d.SubgroupSize, d.Software = lanes, lanes, lanes, software
					for _, x := range d.Tiles() {
						n := x.Down * x.Across * lanes
						if n > 256 || x.BM()*x.BK/8%n != 0 || x.BN()*x.BK/8%n != 0 || x.BK%f.K != 0 || f.M%4 != 0 ||
							f.K%8 != 0 ||
							Word*x.shared() > shared || software && x.Rows*x.Cols > 4 {
							t.Errorf("%+v on subgroups of %d with %d bytes shared, software %t",
								x, lanes, shared, software)
						}
					}
				}
			}
		}
	}
	d := matrices(48<<10, 132, Fragment{16, 16, 16})
	if d.Has &^= shaders.CooperativeMatrix; len(d.Tiles()) != 0 {
		t.Error("tiles without cooperative matrices")
	}
}

// A subgroup whose lanes hold each factor twice has no room for 16 sums of 16×16; one of other devices has.
func TestTileRegisters(t *testing.T) {
	row := Held{1, 1, 16, 0, 1, 16, 2}
	for _, c := range []struct {
		held Lanes
		most int
	}{{h200Lanes, 16}, {Lanes{}, 16}, {Lanes{1, 16, row, row}, 8}} {
		d := matrices(48<<10, 132, Fragment{16, 16, 16})
		d.Lanes = map[Fragment]Lanes{{16, 16, 16}: c.held}
		most := 0
		for _, x := range d.Tiles() {
			most = max(most, x.Rows*x.Cols)
		}
		if most != c.most {
			t.Errorf("%+v: tiles of up to %d sums, want %d", c.held, most, c.most)
		}
	}
}

// A Tuning decides where it says something.
func TestTuning(t *testing.T) {
	d := matrices(48<<10, 132, Fragment{16, 16, 16})
	w := WarpTile{Rows: 2, Cols: 4, Down: 4, Across: 2, BK: 32, Buffers: 2, Deep: 1}
	d.Tuning = Tuning{WarpTiles: []WarpTile{w}, Parts: 3, Shape: func(s *Shape) { s.Outs, s.Groups = 1, 7 }}
	if got, parts := d.tile(d.Tiles(), 512, 16384, 4096); got.WarpTile != w || parts != 3 {
		t.Errorf("%+v in %d parts, want %+v in 3", got, parts, w)
	}
	s := d.shape(1, 4096, &Weight{Layout: layoutOf(backend.BF16, 4096)}, 1)
	if s.Outs != 1 || s.Groups != 7 {
		t.Errorf("%+v, want 1 channel at a time and 7 groups", s)
	}
	d.Tuning.WarpTiles = []WarpTile{{Rows: 8, Cols: 8, Down: 4, Across: 4, BK: 32, Buffers: 2, Deep: 1}}
	if len(d.Tiles()) != 0 {
		t.Error("a tile that does not fit is taken")
	}
}

// Weights go straight to matrices only where lanes hold eight elements of each factor, of
// rows and inputs at even distances.
func TestStraight(t *testing.T) {
	half := Held{1, 1, 16, 0, 16, 8, 2}
	far := Lanes{2, 8, half, half}
	near := far
	near.B = Held{1, 2, 16, 0, 1, 8, 2}
	wider := h200Lanes
	wider.A.Step = 4
	for _, c := range []struct {
		name  string
		f     Fragment
		lanes int
		held  Lanes
		want  bool
	}{
		{"pairs of two rows", Fragment{16, 16, 16}, 32, h200Lanes, true},
		{"halves of a row", Fragment{16, 16, 16}, 32, far, true},
		{"an input of each row", Fragment{8, 8, 8}, 8,
			Lanes{8, 1, Held{8, 1, 1, 1, 1, 1, 2}, Held{8, 1, 1, 1, 1, 1, 2}}, true},
		{"not known", Fragment{16, 16, 16}, 32, Lanes{}, false},
		{"fewer columns", Fragment{16, 8, 16}, 32,
			Lanes{4, 4, Held{2, 4, 8, 8, 1, 4, 2}, Held{1, 4, 8, 0, 1, 4, 2}}, false},
		{"whole rows, twice", Fragment{16, 16, 16}, 32,
			Lanes{1, 16, Held{1, 1, 16, 0, 1, 16, 2}, Held{1, 1, 16, 0, 1, 16, 2}}, false},
		{"factors that differ", Fragment{16, 16, 16}, 32, Lanes{2, 8, far.A, near.B}, false},
		{"rows of another distance", Fragment{16, 16, 16}, 32, wider, false},
	} {
		d := matrices(48<<10, 132, c.f)
		d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = c.lanes, c.lanes, c.lanes
		if d.Lanes = map[Fragment]Lanes{c.f: c.held}; c.held == (Lanes{}) {
			d.Lanes = nil
		}
		direct := 0
		for _, x := range d.Tiles() {
			if x.Direct {
				direct++
			}
		}
		if (direct > 0) != c.want {
			t.Errorf("%s: %d tiles of %+v", c.name, direct, c.held)
		}
	}
}
