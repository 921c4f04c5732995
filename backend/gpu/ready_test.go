package gpu

import (
	"fmt"
	"slices"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/mamba"
)

// Rows for products of integers are made ready once, by the kernel that makes them, and by one of their own only
// where there is none, or it makes no whole blocks of columns.
func TestRowsHandedAsIntegers(t *testing.T) {
	d := matrices(48<<10, 132)
	d.Groups = [3]int{65535, 65535, 65535}
	d.Weight = func(w backend.Weight) (*Weight, error) {
		l := layoutOf(w.Desc().Type, w.Desc().Cols)
		return &Weight{Desc: w.Desc(), Layout: l,
			Parts: []Part{{Size: l.Pitch * int64(w.Desc().Rows), Rows: w.Desc().Rows}}}, nil
	}
	for _, typ := range []backend.DType{backend.Q4_0, backend.Q4_K, backend.Q6_K, backend.Q8_0, backend.NF4} {
		for _, lanes := range []int{16, 32, 64} {
			for _, rows := range []int{1, 2, 8} {
				for _, hidden := range []int{4096, 768, 4096 + 32} {
					d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = lanes, lanes, lanes
					if typ == backend.NF4 {
						checkPacks(t, d, typ, rows, 4096, 0)
						continue
					}
					if hidden%typ.Block() != 0 {
						continue
					}
					packs := 1 // before the first in_proj
					if hidden%64 != 0 {
						packs++ // and before the second
					}
					d.Dots = true
					checkPacks(t, d, typ, rows, hidden, packs)
					d.Dots = false // they are float32 then
					checkPacks(t, d, typ, rows, hidden, 0)
				}
			}
		}
	}
}

// checkPacks counts the kernels that make rows ready in a block and the in_proj behind it.
func checkPacks(t *testing.T, d *Target, typ backend.DType, rows, hidden, want int) {
	t.Helper()
	const channels, states, rank = 8192, 16, 256
	weight := func(outs, cols int) backend.Weight {
		return shaped{desc: backend.WeightDesc{Name: "w", Type: typ, Rows: outs, Cols: cols}}
	}
	dense := func(rows, cols int) backend.Tensor {
		return backend.Matrix(&memory{size: 1 << 40}, 0, backend.F32, rows, cols)
	}
	batch := backend.Matrix(&memory{size: 1 << 20}, 0, backend.I32, 1+rows, backend.BatchWords)
	x, h, xz, y := dense(rows, hidden), dense(rows, channels), dense(rows, 2*channels), dense(rows, channels)
	inProj := mamba.InProjConv{Dst: h, XZ: xz, Src: x, Norm: dense(1, hidden), NormEps: 1e-5,
		InProj: weight(2*channels, hidden), Conv: dense(channels, 4), ConvState: dense(rows, 3*channels), Batch: batch,
		Act: backend.SiLU, Precision: backend.Half}
	list, scratch, err := Compile(d, []backend.Op{inProj,
		mamba.SSM{Dst: y, X: h, Z: xz.Columns(channels, 2*channels), XProj: weight(rank+2*states, channels),
			DTProj: weight(channels, rank), DTBias: dense(1, channels), A: dense(channels, states), D: dense(1, channels),
			State: dense(rows, channels*states), Batch: batch, Precision: backend.Half},
		mamba.OutProjAdd{Dst: x, Residual: x, Src: y, OutProj: weight(hidden, channels), Batch: batch,
			Precision: backend.Half},
		inProj})
	name := fmt.Sprintf("%v, %d rows of %d, subgroups of %d", typ, rows, hidden, d.SubgroupSize)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	packs := 0
	for i, k := range list {
		if k.Kernel.Source == "pack_i16" {
			packs++
		}
		for _, o := range k.Operands {
			if o.Scratch && o.Tensor.Off+o.Tensor.Bytes() > scratch {
				t.Errorf("%s: %s has %+v in %d bytes of scratch", name, list[i].Kernel.Name, o.Tensor, scratch)
			}
		}
	}
	if packs != want {
		kernels := make([]string, len(list))
		for i, k := range list {
			kernels[i] = k.Kernel.Name
		}
		t.Errorf("%s: %d kernels make rows ready, want %d: %v", name, packs, want, slices.Compact(kernels))
	}
}

// Products of integers have the shapes that were the fastest of 1,400 on a device of 132 cores: four workgroups to a
// core, of more subgroups the more there is to load, or a large one that loads more at once.
func TestIntegerShape(t *testing.T) {
	d := matrices(48<<10, 132)
	for _, c := range []struct {
		typ              backend.DType
		rows, outs, cols int
		want             Shape
	}{
		{backend.Q4_K, 1, 16384, 4096, Shape{Size: 128, Rows: 1, Outs: 2, Ahead: 1, Groups: 512, Slices: 1}},
		{backend.Q8_0, 1, 16384, 4096, Shape{Size: 256, Rows: 1, Outs: 2, Ahead: 1, Groups: 512, Slices: 1}},
		{backend.Q6_K, 1, 4096, 8192, Shape{Size: 512, Rows: 1, Outs: 2, Ahead: 2, Groups: 128, Slices: 1}},
		{backend.Q4_0, 1, 65024, 4096, Shape{Size: 256, Rows: 1, Outs: 2, Ahead: 1, Groups: 508, Slices: 1}},
		{backend.Q8_0, 3, 4096, 8192, Shape{Size: 256, Rows: 4, Outs: 2, Ahead: 1, Groups: 128, Slices: 1}},
	} {
		w := &Weight{Desc: backend.WeightDesc{Type: c.typ, Rows: c.outs, Cols: c.cols}, Layout: layoutOf(c.typ, c.cols)}
		if got := d.integerShape(c.rows, c.outs, w, 1); got != c.want {
			t.Errorf("%v, %d rows of [%d %d]: %+v, want %+v", c.typ, c.rows, c.outs, c.cols, got, c.want)
		}
	}
}

// What is chosen for products of integers is within their kernels' limits on any device.
func TestIntegerShapes(t *testing.T) {
	for _, lanes := range [][2]int{{4, 4}, {8, 8}, {8, 32}, {16, 16}, {32, 32}, {32, 64}, {64, 64}, {128, 128}} {
		for _, invocations := range []int{128, 256, 1024} {
			d := matrices(16<<10, lanes[0]*3)
			d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = lanes[0], lanes[1], lanes[1]
			d.Invocations = invocations
			if d.matvecSize() < lanes[1] {
				continue
			}
			for _, typ := range []backend.DType{backend.Q4_0, backend.Q6_K, backend.Q8_0} {
				for _, cols := range []int{256, 768, 8192} {
					for _, outs := range []int{1, 5, 288, 4096, 16384, 65024} {
						for _, rows := range []int{1, 2, 3, 8, 70} {
							for _, slices := range []int{1, matvecSlices} {
								w := &Weight{Desc: backend.WeightDesc{Type: typ, Rows: outs, Cols: cols},
									Layout: layoutOf(typ, cols)}
								s := d.integerShape(rows, outs, w, slices)
								each := over(over(outs, s.Outs), s.Groups) * s.Outs
								if s.Size > invocations || s.Size/lanes[0] > matvecSubgroups || s.Size < lanes[1] ||
									s.Rows < 1 || s.Rows > matvecRows || s.Outs < 1 || s.Outs > matvecOuts || s.Ahead < 1 ||
									s.Outs*s.Ahead > 8 || s.Groups < 1 || s.Slices < 1 || s.Slices > slices ||
									slices == 1 && each > integerChannels {
									t.Fatalf("subgroups of %v, %d invocations: %v [%d %d] for %d rows: %+v", lanes, invocations, typ,
										outs, cols, rows, s)
								}
							}
						}
					}
				}
			}
		}
	}
}
