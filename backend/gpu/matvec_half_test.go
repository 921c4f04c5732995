package gpu

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// Where lanes have few registers, as those of Intel's GPUs, what a lane of a product holds fits in half of them: weights
// in flight, rows that are loaded for the next step, and sums.
func TestFewRegisters(t *testing.T) {
	for _, c := range []struct {
		Fragment
		lanes, shared int
	}{{Fragment{8, 8, 16}, 8, 64 << 10}, {Fragment{8, 16, 16}, 16, 128 << 10}} {
		d := matrices(c.shared, 132, c.Fragment)
		d.SubgroupMin, d.SubgroupMax, d.SubgroupSize, d.Registers = c.lanes, c.lanes, c.lanes, 128
		tiles := d.Tiles()
		if len(tiles) == 0 {
			t.Errorf("%v: no tile fits", c.Fragment)
		}
		for _, x := range tiles {
			if held := x.registers() * 32 / c.lanes; held > d.Registers/2 {
				t.Errorf("%v: a tile of %+v holds %d registers of a lane", c.Fragment, x, held)
			}
		}
		for _, m := range [][2]int{{16384, 4096}, {288, 8192}, {4096, 8192}, {65024, 4096}} {
			for _, rows := range []int{1, 2, 3, 8, 16} {
				for _, typ := range []backend.DType{backend.BF16, backend.Q8_0, backend.Q4_K, backend.NF4} {
					w := &Weight{Desc: backend.WeightDesc{Type: typ, Rows: m[0], Cols: m[1]}, Layout: layoutOf(typ, m[1])}
					if s, ok := d.halfShape(rows, m[0], w, matvecSlices); ok {
						weights := s.Depth * s.words() * max(4, formats[typ].held)
						loads := 4 * over(s.Rows*s.step(), s.Size)
						if sums := s.Outs * s.Rows / s.lanes; weights+loads+sums > d.Registers/2 {
							t.Errorf("%v, %v [%d %d], %d rows: %d registers of weights, %d of rows, %d of sums: %+v",
								c.Fragment, typ, m[0], m[1], rows, weights, loads, sums, s)
						}
					} else if rows >= halfLeastByte {
						t.Errorf("%v, %v [%d %d], %d rows: not on matrix units", c.Fragment, typ, m[0], m[1], rows)
					}
					if s := d.shape(rows, m[0], w, 1); s.Rows > 2 && s.Outs*s.Ahead > 2 {
						t.Errorf("%v, %v [%d %d], %d rows: %+v", c.Fragment, typ, m[0], m[1], rows, s)
					}
				}
			}
		}
	}
}

// Whatever the device, what is chosen is within the kernels' limits.
func TestHalfShapeLimits(t *testing.T) {
	taken := map[Fragment]int{}
	for _, f := range []Fragment{{16, 8, 16}, {16, 16, 16}, {8, 16, 16}, {8, 8, 8}, {32, 8, 16}, {16, 32, 16},
		{16, 8, 4}} {
		for _, lanes := range []int{8, 16, 32, 64} {
			for _, c := range []struct{ shared, registers int }{{16 << 10, 0}, {32 << 10, 0}, {48 << 10, 0},
				{16 << 10, 128}, {48 << 10, 128}} {
				shared := c.shared
				d := matrices(shared, 4*lanes, f)
				d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = lanes, lanes, lanes
				d.Registers = c.registers
				for _, cols := range []int{1, 67, 768, 8192} {
					for _, outs := range []int{5, 288, 4096, 65024} {
						for _, rows := range []int{1, 2, 3, 8, 12, 16, 17} {
							for i, typ := range []backend.DType{backend.BF16, backend.Q8_0, backend.Q4_K,
								backend.BF16} {
								slices := []int{1, matvecSlices}[i%2]
								w := &Weight{Desc: backend.WeightDesc{Type: typ, Rows: outs, Cols: cols},
									Layout: layoutOf(typ, cols)}
								s, ok := d.halfShape(rows, outs, w, slices)
								if !ok {
									continue
								}
								taken[f]++
								subs := s.Size / lanes
								if rows < halfLeast || rows > s.Rows || s.Rows > halfRows || s.Rows%f.N != 0 ||
									s.Outs%f.M != 0 || s.Chunk%f.K != 0 || f.K%8 != 0 ||
									typ != backend.BF16 && s.Chunk%halfChunk != 0 ||
									s.Size > 256 || subs > matvecSubgroups || subs%s.Split != 0 ||
									s.Chunks%s.Depth != 0 || s.words()*w.perChunk()*lanes != s.Outs*s.Chunk ||
									s.Groups*subs/s.Split*s.Outs < outs || s.Slices < 1 || s.Slices > slices ||
									s.shared() > shared {
									t.Fatalf("%v on subgroups of %d with %d bytes shared, %v [%d %d] for %d rows: %+v",
										f, lanes, shared, typ, outs, cols, rows, s)
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

// Matrix units begin where they read a weight sooner: later with codes of a byte,
// where the device multiplies these as integers.
func TestHalfLeast(t *testing.T) {
	d, without := matrices(48<<10, 4, Fragment{16, 8, 16}), matrices(48<<10, 4, Fragment{16, 8, 16})
	slow := matrices(48<<10, 4, Fragment{16, 8, 16})
	slow.Dots = false
	needs := func(activations shaders.Type) shaders.Feature {
		return shaders.OutProjKernels.Kernel(shaders.Types{Weight: shaders.TypeBlock, Activations: activations}).Needs
	}
	without.Has &^= needs(shaders.TypeI16) &^ needs(shaders.TypeF16)
	for _, c := range []struct {
		d    *Target
		typ  backend.DType
		want int
	}{
		{d, backend.BF16, 3}, {d, backend.F16, 3}, {d, backend.NF4, 3}, {d, backend.Q4_0, 3}, {d, backend.Q4_K, 3},
		{d, backend.Q8_0, 5}, {slow, backend.Q8_0, 3}, {without, backend.Q8_0, 3}, {without, backend.Q4_0, 3},
	} {
		w := &Weight{Desc: backend.WeightDesc{Type: c.typ, Rows: 4096, Cols: 4096}, Layout: layoutOf(c.typ, 4096)}
		got := 1
		for ; got <= halfRows; got++ {
			if _, ok := c.d.halfShape(got, 4096, w, 1); ok {
				break
			}
		}
		if got != c.want {
			t.Errorf("%v: matrix units from %d rows on, want %d", c.typ, got, c.want)
		}
	}
}

// Blocks in flight leave registers to unpack others with.
func TestHalfDepth(t *testing.T) {
	d := matrices(48<<10, 4, Fragment{16, 8, 16})
	for _, c := range []struct {
		typ         backend.DType
		eight, more int // with up to 8 rows, and with more
	}{
		{backend.BF16, 2, 1}, {backend.Q4_0, 4, 2}, {backend.NF4, 4, 2}, {backend.Q8_0, 2, 1}, {backend.Q4_K, 2, 1},
		{backend.Q6_K, 2, 1},
	} {
		w := &Weight{Desc: backend.WeightDesc{Type: c.typ, Rows: 4096, Cols: 4096}, Layout: layoutOf(c.typ, 4096)}
		eight, ok := d.halfShape(8, 4096, w, 1)
		more, ok2 := d.halfShape(16, 4096, w, 1)
		if !ok || !ok2 || eight.Depth != c.eight || more.Depth != c.more {
			t.Errorf("%v: %d and %d weight tiles in flight, want %d and %d", c.typ, eight.Depth, more.Depth, c.eight, c.more)
		}
	}
}

// shaped is a weight of a description of its own.
type shaped struct {
	backend.Weight
	desc backend.WeightDesc
}

func (w shaped) Desc() backend.WeightDesc { return w.desc }

// On matrix units ssm hands its rows over as float16 to out_proj, and that the sums
// of its rows' squares to the next block: where that one reads what was written,
// and in memory that no operation of the two uses otherwise.
func TestHandover(t *testing.T) {
	const rows, hidden, channels, states, rank = 8, 64, 128, 16, 8
	d := matrices(48<<10, 4, Fragment{16, 8, 16})
	d.Groups = [3]int{1000, 1000, 1000}
	d.Weight = func(w backend.Weight) (*Weight, error) {
		l := layoutOf(w.Desc().Type, w.Desc().Cols)
		return &Weight{Desc: w.Desc(), Layout: l,
			Parts: []Part{{Size: l.Pitch * int64(w.Desc().Rows), Rows: w.Desc().Rows}}}, nil
	}
	weight := func(outs, cols int) backend.Weight {
		return shaped{desc: backend.WeightDesc{Name: "w", Type: backend.BF16, Rows: outs, Cols: cols}}
	}
	x, other, h, xz, y := matrix(0, rows, hidden), matrix(0, rows, hidden), matrix(0, rows, channels), matrix(0, rows,
		2*channels), matrix(0, rows, channels)
	batch := backend.Matrix(&memory{size: 1 << 20}, 0, backend.I32, 1+rows, backend.BatchWords)
	inProj := func(src backend.Tensor) backend.Op {
		return mamba.InProjConv{Dst: h, XZ: xz, Src: src, Norm: matrix(0, 1, src.Cols), NormEps: 1e-5,
			InProj: weight(2*channels, src.Cols),
			Conv:   matrix(0, channels, 4), ConvState: matrix(0, rows, 3*channels), Batch: batch, Act: backend.SiLU,
			Precision: backend.Half}
	}
	ssm := mamba.SSM{Dst: y, X: h, Z: xz.Columns(channels, 2*channels), XProj: weight(rank+2*states, channels),
		BCDTNorm: true, NormEps: 1e-6,
		DTProj: weight(channels, rank), DTBias: matrix(0, 1, channels), A: matrix(0, channels, states),
		D:     matrix(0, 1, channels),
		State: matrix(0, rows, channels*states), Batch: batch, Precision: backend.Half}
	outProj := func(src backend.Tensor) backend.Op {
		return mamba.OutProjAdd{Dst: x, Residual: x, Src: src, OutProj: weight(hidden, channels), Batch: batch,
			Precision: backend.Half}
	}
	for _, c := range []struct {
		name            string
		ops             []backend.Op
		packed, squares bool
	}{
		{"two blocks", []backend.Op{inProj(x), ssm, outProj(y), inProj(x)}, true, true},
		{"another source", []backend.Op{inProj(x), ssm, outProj(h), inProj(other)}, false, false},
		{"something between", []backend.Op{ssm, backend.Add{Dst: y, A: y, B: y}, outProj(y),
			backend.Add{Dst: x, A: x, B: x}, inProj(x)}, false, false},
		{"a part of it", []backend.Op{ssm, outProj(y), inProj(x.Columns(0, hidden/2))}, true, false},
	} {
		list, scratch, err := Compile(d, c.ops)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		packed, squares := false, false
		for i, x := range list {
			for j, w := range x.Operands {
				for k, o := range x.Operands {
					if j != k && w.Scratch && o.Scratch && x.Kernel.Bindings[j].Write && w.Tensor.Overlaps(o.Tensor) {
						t.Errorf("%s: %s writes %+v and has %+v", c.name, x.Kernel.Name, w.Tensor, o.Tensor)
					}
				}
			}
			if i+1 == len(list) || x.Op+1 != list[i+1].Op {
				continue
			}
			next := list[i+1]
			for _, o := range next.Operands {
				if !o.Scratch {
					continue
				}
				written := false
				for j, w := range x.Operands {
					written = written || w.Scratch && x.Kernel.Bindings[j].Write && w.Tensor == o.Tensor
					if w.Scratch && w.Tensor != o.Tensor && w.Tensor.Overlaps(o.Tensor) {
						t.Errorf("%s: %s and %s share %+v", c.name, x.Kernel.Name, next.Kernel.Name, o.Tensor)
					}
				}
				if o.Tensor.Off+o.Tensor.Bytes() > scratch {
					t.Errorf("%s: %+v in %d bytes of scratch", c.name, o.Tensor, scratch)
				}
				packed = packed || written && next.Kernel.Source == "out_proj"
				squares = squares || written && next.Kernel.Source == "in_proj_conv"
			}
		}
		if packed != c.packed || squares != c.squares {
			t.Errorf("%s: rows are handed over: %t, squares: %t", c.name, packed, squares)
		}
		for _, x := range list {
			if x.Kernel.Source != "in_proj_conv" {
				continue
			}
			var sums uint32
			for _, p := range x.Kernel.Params {
				if p.Name == "squares" {
					sums = binary.LittleEndian.Uint32(x.Params[p.Offset:])
				}
			}
			squares := slices.IndexFunc(x.Kernel.Bindings, func(b shaders.Binding) bool { return b.Name == "Squares" })
			if got, want := sums > 0, !x.Operands[squares].Tensor.IsZero(); got != want {
				t.Errorf("%s: %d sums of squares, and a tensor of them: %t", c.name, sums, want)
			}
		}
	}

	// What the next operation lacks is said of that one.
	bad := outProj(y).(mamba.OutProjAdd)
	bad.OutProj = nil
	if _, _, err := Compile(d, []backend.Op{ssm, bad}); err == nil || !strings.Contains(err.Error(), "out_proj_add") {
		t.Errorf("out_proj without a weight: %v", err)
	}
	foreign := d.Weight
	d.Weight = func(w backend.Weight) (*Weight, error) {
		if w.Desc().Rows == hidden {
			return nil, errors.New("is another's")
		}
		return foreign(w)
	}
	if _, _, err := Compile(d, []backend.Op{ssm, outProj(y)}); err == nil ||
		!strings.Contains(err.Error(), "out_proj_add") {
		t.Errorf("out_proj with another's weight: %v", err)
	}
}

// With more rows out_proj leaves the rows of the next norm as float16, in groups of the channels that
// it sums squares of, and no kernel of a norm runs between the two.
func TestHandoverOfNormedRows(t *testing.T) {
	const rows, hidden, channels = 16, 64, 128
	d := quads(matrices(48<<10, 132))
	weight := func(outs, cols int) backend.Weight {
		return shaped{desc: backend.WeightDesc{Name: "w", Type: backend.BF16, Rows: outs, Cols: cols}}
	}
	x, h := matrix(0, rows, hidden), matrix(0, rows, channels)
	batch := backend.Matrix(&memory{size: 1 << 20}, 0, backend.I32, 1+rows, backend.BatchWords)
	list, _, err := Compile(d, []backend.Op{
		mamba.OutProjAdd{Dst: x, Residual: x, Src: h, OutProj: weight(hidden, channels), Batch: batch,
			Precision: backend.Half},
		mamba.InProjConv{Dst: h, XZ: matrix(0, rows, 2*channels), Src: x, Norm: matrix(0, 1, hidden), NormEps: 1e-5,
			InProj: weight(2*channels, hidden), Conv: matrix(0, channels, 4), ConvState: matrix(0, rows, 3*channels),
			Batch: batch, Act: backend.SiLU, Precision: backend.Half},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 3 || list[1].Kernel.Source != "out_proj" || list[2].Kernel.Source != "in_proj_conv" {
		t.Fatalf("%d dispatches, want rows that are packed, out_proj and in_proj_conv", len(list))
	}
	out, in := &list[1], &list[2]
	if got, want := in.constant("GROUP"), out.constant("OUTS"); got != want || in.constant("PACKED") != 1 {
		t.Errorf("groups of %d columns, want %d; rows are float16: %d", got, want, in.constant("PACKED"))
	}
	handed := 0
	for i, w := range out.Operands {
		for _, r := range in.Operands {
			if out.Kernel.Bindings[i].Write && w.Scratch && r.Scratch && w.Tensor == r.Tensor {
				handed++
			}
		}
	}
	if handed != 2 {
		t.Errorf("%d tensors are handed over, want squares and rows", handed)
	}
}

// Rows that go straight into matrices lie as the product's lanes read them, by the kernel that makes them: ssm's and up to
// straightRows the convolution's beside their other results, and those behind a norm by a kernel of their own.
func TestStrips(t *testing.T) {
	const hidden, channels, states, rank = 1024, 2048, 16, 64
	d := quads(matrices(48<<10, 132))
	weight := func(outs, cols int) backend.Weight {
		return shaped{desc: backend.WeightDesc{Name: "w", Type: backend.BF16, Rows: outs, Cols: cols}}
	}
	for _, rows := range []int{17, 32, 33, 48, 49, 64} {
		tensor := func(rows, cols int) backend.Tensor {
			return backend.Matrix(&memory{size: 1 << 30}, 0, backend.F32, rows, cols)
		}
		x, h, y := tensor(rows, hidden), tensor(rows, channels), tensor(rows, channels)
		xz := tensor(rows, 2*channels)
		batch := backend.Matrix(&memory{size: 1 << 20}, 0, backend.I32, 1+rows, backend.BatchWords)
		list, scratch, err := Compile(d, []backend.Op{
			mamba.InProjConv{Dst: h, XZ: xz, Src: x, Norm: tensor(1, hidden), NormEps: 1e-5,
				InProj: weight(2*channels, hidden), Conv: tensor(channels, 4), ConvState: tensor(rows, 3*channels),
				Batch: batch, Act: backend.SiLU, Precision: backend.Half},
			mamba.SSM{Dst: y, X: h, Z: xz.Columns(channels, 2*channels), XProj: weight(rank+2*states, channels),
				BCDTNorm: true, NormEps: 1e-6, DTProj: weight(channels, rank), DTBias: tensor(1, channels),
				A: tensor(channels, states), D: tensor(1, channels), State: tensor(rows, channels*states), Batch: batch,
				Precision: backend.Half},
			mamba.OutProjAdd{Dst: x, Residual: x, Src: y, OutProj: weight(hidden, channels), Batch: batch,
				Precision: backend.Half},
		})
		if err != nil {
			t.Fatalf("%d rows: %v", rows, err)
		}
		var sources []string
		for _, x := range list {
			sources = append(sources, x.Kernel.Source)
		}
		want := []string{"pack_f16", "in_proj_conv", "x_proj", "ssm", "out_proj"}
		if rows > straightRows {
			want = slices.Insert(want, 2, "pack_f16")
		}
		if !slices.Equal(sources, want) {
			t.Fatalf("%d rows: kernels of %v, want %v", rows, sources, want)
		}
		binding := func(x *Dispatch, name string) backend.Tensor {
			i := slices.IndexFunc(x.Kernel.Bindings, func(b shaders.Binding) bool { return b.Name == name })
			return x.Operands[i].Tensor
		}
		for _, c := range []struct {
			from, to int
			out      string // the binding that rows are written to
		}{{0, 1, "Dst"}, {len(list) - 4, len(list) - 3, map[bool]string{true: "Dst", false: "Ready"}[rows > straightRows]},
			{len(list) - 2, len(list) - 1, "Packed"}} {
			from, to := &list[c.from], &list[c.to]
			made := binding(from, c.out)
			if made != binding(to, "Packed") || made.Off+made.Bytes() > scratch {
				t.Errorf("%d rows: %s makes %+v ready, %s reads %+v", rows, from.Kernel.Name, made, to.Kernel.Name,
					binding(to, "Packed"))
			}
			if to.constant("STRAIGHT") != 1 || from.constant("STRIP") != to.constant("SETS") {
				t.Errorf("%d rows: %s has strips of %d words for the %d sets of %s", rows, from.Kernel.Name,
					from.constant("STRIP"), to.constant("SETS"), to.Kernel.Name)
			}
			if got := made.Rows; got != int(to.constant("ROWS")) ||
				from.Kernel.Source != "pack_f16" && from.constant("STRIP_ROWS") != to.constant("ROWS") {
				t.Errorf("%d rows: %s makes %d rows ready for the %d of %s", rows, from.Kernel.Name, got,
					to.constant("ROWS"), to.Kernel.Name)
			}
		}
	}
}

// Where matrix units decode, as many rows as they take still decode.
func TestPrefillRows(t *testing.T) {
	d := matrices(48<<10, 4, Fragment{16, 8, 16})
	d.Weight = func(w backend.Weight) (*Weight, error) {
		return &Weight{Desc: w.Desc(), Layout: layoutOf(w.Desc().Type, w.Desc().Cols)}, nil
	}
	of := func(typ backend.DType) backend.Weight {
		return shaped{desc: backend.WeightDesc{Name: "w", Type: typ, Rows: 64, Cols: 256}}
	}
	for _, c := range []struct {
		p       backend.Precision
		weights []backend.Weight
		want    int
	}{
		{backend.Half, []backend.Weight{of(backend.BF16)}, halfRows + 1},
		{backend.Int8, []backend.Weight{of(backend.F16), of(backend.Q4_K)}, halfRows + 1},
		{backend.Half, []backend.Weight{of(backend.BF16), of(backend.F32)}, PrefillRows},
		{backend.Float, []backend.Weight{of(backend.BF16)}, PrefillRows},
	} {
		if n := d.prefillRows(1, c.p, c.weights...); n != c.want {
			t.Errorf("%v of %d weights: prefill from %d rows, want %d", c.p, len(c.weights), n, c.want)
		}
	}
	d.Fragments = nil
	if n := d.prefillRows(1, backend.Half, of(backend.BF16)); n != PrefillRows {
		t.Errorf("without matrices: prefill from %d rows, want %d", n, PrefillRows)
	}
}

// quads is how the lanes of some devices hold matrices of 16×16×16 and 16×8×16: see
// TestLanesOf.
func quads(d *Target) *Target {
	d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = 32, 32, 32
	d.Groups = [3]int{1 << 16, 1 << 16, 1 << 16}
	a := Held{2, 4, 8, 8, 1, 4, 2}
	d.Lanes = map[Fragment]Lanes{
		{16, 16, 16}: {4, 4, a, a},
		{16, 8, 16}:  {4, 4, a, Held{1, 4, 8, 0, 1, 4, 2}},
	}
	d.Fragments = []Fragment{{16, 16, 16}, {16, 8, 16}}
	d.Weight = func(w backend.Weight) (*Weight, error) {
		l := layoutOf(w.Desc().Type, w.Desc().Cols)
		return &Weight{Desc: w.Desc(), Layout: l,
			Parts: []Part{{Size: l.Pitch * int64(w.Desc().Rows), Rows: w.Desc().Rows}}}, nil
	}
	return d
}

// From row to row up to 128 no pass plans more than one with more rows: the weight is
// read as often at most, and by few rows' kernels up to directRows where lanes hold matrices in
// a known way.
func TestRowsOfPasses(t *testing.T) {
	const hidden, channels, vocab = 4096, 8192, 65024
	dense := func(rows, cols int) backend.Tensor {
		return backend.Matrix(&memory{size: 1 << 30}, 0, backend.F32, rows, cols)
	}
	batch := func(rows int) backend.Tensor {
		return backend.Matrix(&memory{size: 1 << 20}, 0, backend.I32, 1+rows, backend.BatchWords)
	}
	for _, typ := range []backend.DType{backend.F16, backend.BF16, backend.Q8_0, backend.Q4_0, backend.Q4_K, backend.Q6_K,
		backend.NF4} {
		d := quads(matrices(48<<10, 132))
		weight := func(outs, cols int) backend.Weight {
			return shaped{desc: backend.WeightDesc{Name: "w", Type: typ, Rows: outs, Cols: cols}}
		}
		for name, op := range map[string]func(rows int) backend.Op{
			"in_proj_conv": func(rows int) backend.Op {
				return mamba.InProjConv{Dst: dense(rows, channels), XZ: dense(rows, 2*channels),
					Src: dense(rows, hidden), Norm: dense(1, hidden), NormEps: 1e-5,
					InProj: weight(2*channels, hidden), Conv: dense(channels, 4),
					ConvState: dense(rows, 3*channels),
					Batch:     batch(rows),
					Act:       backend.SiLU, Precision: backend.Half}
			},
			"out_proj": func(rows int) backend.Op {
				x := dense(rows, hidden)
				return mamba.OutProjAdd{Dst: x, Residual: x, Src: dense(rows, channels),
					OutProj:   weight(hidden, channels),
					Batch:     batch(rows),
					Precision: backend.Half}
			},
			"head": func(rows int) backend.Op {
				return backend.Head{Logits: dense(rows, vocab), Src: dense(rows, hidden),
					Rows: backend.Matrix(&memory{size: 4 * 128}, 0, backend.I32, rows, 1), Norm: dense(1, hidden),
					NormEps: 1e-5, Weight: weight(vocab, hidden),
					Batch:     batch(rows),
					Precision: backend.Half}
			},
		} {
			before := 0
			for rows := 1; rows <= 128; rows++ {
				list, _, err := Compile(d, []backend.Op{op(rows)})
				if err != nil {
					t.Fatalf("%v, %s of %d rows: %v", typ, name, rows, err)
				}
				reads, kernel := 0, ""
				for _, x := range list {
					for _, o := range x.Operands {
						if o.Part == nil {
							continue
						}
						if kernel = x.Kernel.Name; x.Kernel.Source == "gemm_half" {
							reads += over(rows, int(x.constant("BM")))
							continue
						}
						reads += over(rows, int(x.constant("ROWS")))
					}
				}
				if reads < before {
					t.Errorf("%v, %s: %d rows read the weight %d times by %s, fewer rows %d times", typ, name, rows, reads,
						kernel, before)
				}
				before = reads
				least := halfLeast
				most := directRows
				if f, packed := formats[typ]; packed {
					least, most = f.leastStraight(), blocksRows
				} else if name == "out_proj" { // of few channels
					least = directLeast
				}
				direct := strings.HasPrefix(kernel, name+"_direct_")
				if direct != (rows >= least && rows <= most) {
					t.Errorf("%v, %s of %d rows is by %s", typ, name, rows, kernel)
				}
			}
		}
	}
}

// constant is the value of a dispatch's constant.
func (x *Dispatch) constant(name string) uint32 {
	for _, c := range x.Kernel.Constants {
		for _, s := range x.Constants {
			if c.Name == name && int(s.ID) == c.ID {
				return s.Value
			}
		}
	}
	return 0
}
