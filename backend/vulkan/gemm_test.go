//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/mamba"
	"falconmamba/internal/half"
)

// tileCandidates are the tiles that are taken, and others to measure beside
// them.
var tileCandidates = append(gpu.WarpTiles(),
	gpu.WarpTile{Rows: 4, Cols: 4, Down: 2, Across: 4, BK: 16, Buffers: 2, Deep: 1},
	gpu.WarpTile{Rows: 4, Cols: 4, Down: 4, Across: 2, BK: 32, Buffers: 1, Deep: 1},
	gpu.WarpTile{Rows: 4, Cols: 4, Down: 4, Across: 2, BK: 16, Buffers: 2, Deep: 1},
	gpu.WarpTile{Rows: 4, Cols: 4, Down: 2, Across: 4, BK: 32, Buffers: 1, Deep: 1},
	gpu.WarpTile{Rows: 4, Cols: 2, Down: 2, Across: 4, BK: 32, Buffers: 2, Deep: 1},
	gpu.WarpTile{Rows: 2, Cols: 4, Down: 4, Across: 2, BK: 32, Buffers: 2, Deep: 1},
	gpu.WarpTile{Rows: 4, Cols: 2, Down: 2, Across: 2, BK: 32, Buffers: 2, Deep: 1},
	gpu.WarpTile{Rows: 2, Cols: 4, Down: 2, Across: 4, BK: 32, Buffers: 1, Deep: 1},
	gpu.WarpTile{Rows: 8, Cols: 2, Down: 1, Across: 8, BK: 32, Buffers: 2, Direct: true, Deep: 1},
	gpu.WarpTile{Rows: 8, Cols: 2, Down: 1, Across: 4, BK: 64, Buffers: 2, Direct: true, Deep: 1},
	gpu.WarpTile{Rows: 4, Cols: 4, Down: 2, Across: 4, BK: 64, Buffers: 2, Direct: true, Deep: 1},
	gpu.WarpTile{Rows: 4, Cols: 2, Down: 1, Across: 8, BK: 64, Buffers: 2, Direct: true, Deep: 1},
	gpu.WarpTile{Rows: 4, Cols: 4, Down: 1, Across: 2, BK: 32, Direct: true, Deep: 4},
)

// take makes w the only tile that is chosen from, for products in that number
// of parts, and returns it, if the device can run it. Few rows are by tiles too: no shape
// of the kernels that decode fits.
func (d *device) take(w gpu.WarpTile, parts int) (gpu.Tile, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.probe(); err != nil {
		return gpu.Tile{}, false
	}
	d.target.Tuning = gpu.Tuning{WarpTiles: []gpu.WarpTile{w}, Parts: parts, Order: d.target.Tuning.Order,
		Half: func(s *gpu.HalfShape) { s.Rows = 1 << 20 }}
	list := d.target.Tiles()
	if len(list) == 0 {
		return gpu.Tile{}, false
	}
	return list[0], true
}

// Every tile, with its inputs in one part and in several, gives what float64
// does: the numbers are float16 to begin with. Weights that go straight to matrices are
// of each type, and some tile of these runs where lanes hold a matrix in a known way.
func TestTiles(t *testing.T) {
	d := openTest(t)
	if len(d.target.Tiles()) == 0 {
		t.Skipf("%s has no cooperative matrices of float16", d.info.Device)
	}
	ran, direct, ordered := map[gpu.Tile]bool{}, false, false
	for _, w := range tileCandidates {
		tl, fits := d.take(w, 0)
		for !fits && w.Rows*w.Cols > 1 { // a device may want fewer fragments of a subgroup
			w.Rows, w.Cols = (w.Rows+1)/2, (w.Cols+1)/2
			tl, fits = d.take(w, 0)
		}
		if !fits {
			t.Logf("%+v: not on %s", w, d.info.Device)
			continue
		}
		if ran[tl] {
			continue
		}
		ran[tl] = true
		if len(ran) == 1 || tl.Direct && !direct { // each shape is another pipeline
			testTile(t, d, tl, backend.F16, 17, 8, 3*tl.BK, 3)
			testTile(t, d, tl, backend.F16, tl.BM(), tl.BN(), tl.BK, 1)
			testTile(t, d, tl, backend.F16, 2*tl.BM(), tl.BN(), 4*tl.BK, 2)
		}
		if tl.Direct && tl.BK%64 == 0 && (!direct || !testing.Short()) { // of 64 inputs, for blocks
			for _, typ := range append([]backend.DType{backend.BF16}, packed...) {
				testTile(t, d, tl, typ, tl.BM()+3, tl.BN()+5, 11*64, 2)
			}
		}
		if tl.Direct && tl.Buffers == 0 {
			d.target.Tuning.Order = true
			for _, typ := range append([]backend.DType{backend.F16, backend.BF16}, packed...) {
				if !ordered || !testing.Short() {
					testTile(t, d, tl, typ, tl.BM()+3, tl.BN()+5, 11*64, 2)
				}
			}
			d.target.Tuning.Order, ordered = false, true
		}
		direct = direct || tl.Direct
		testTile(t, d, tl, backend.F16, tl.BM()+3, tl.BN()+5, 71, 2)
	}
	if len(ran) == 0 {
		t.Errorf("%s has matrices that no tile fits", d.info.Device)
	}
	if !direct {
		t.Logf("%s: no tile has weights straight to matrices, lanes %+v", d.info.Device, d.target.Lanes)
	}
}

// testTile multiplies by a weight of typ, whose columns are inputs in whole blocks.
// Products of whole tiles have all their rows, and no bias.
func testTile(t *testing.T, d *device, tl gpu.Tile, typ backend.DType, rows, outs, inputs, parts int) {
	t.Helper()
	d.take(tl.WarpTile, parts)
	inputs = (inputs + typ.Block() - 1) / typ.Block() * typ.Block()
	weight, wv := testWeight(t, d, typ, outs, inputs)
	for i, w := range wv {
		wv[i] = half.F16(half.F16Bits(w))
	}
	parts = over(over(inputs, tl.BK), over(over(inputs, tl.BK), parts)) // none is empty
	xv, bv, rv := noise(rows*inputs, 6), noise(outs, 7), noise(rows*outs, 8)
	for i, x := range xv {
		xv[i] = half.F16(half.F16Bits(x))
	}
	whole, dead := rows%tl.BM() == 0 && outs%tl.BN() == 0, 2 // rows that are not live
	if whole {
		dead, bv = 0, make([]float32, outs)
	}
	x, bias, residual := matrix(t, d, rows, inputs, xv), matrix(t, d, 1, outs, bv), matrix(t, d, rows, outs, rv)
	words := make([]int32, 2*backend.BatchWords)
	backend.EncodeBatch(words, []backend.Sequence{{Rows: rows - dead}}, 0)
	op := mamba.OutProjAdd{Dst: residual, Residual: residual, Src: x, OutProj: weight, Bias: bias,
		Batch: matrix(t, d, 2, backend.BatchWords, words), Precision: backend.Half}
	if whole {
		op.Bias = backend.Tensor{}
	}
	gemm := only(t, d, "gemm_", []backend.Op{op})
	list := gemm.List
	if d.target.Tuning.Order && len(list) > 0 {
		list = list[1:]
	}
	if len(list) == 0 || list[0].Groups[2] != parts ||
		strings.HasPrefix(list[0].Kernel.Name, "gemm_direct") != tl.Direct {
		t.Errorf("%+v of %d rows: %d dispatches, want the first one of %d parts", tl, rows, len(list), parts)
	}
	gemm.Close()
	submit(t, d, op)
	want := make([]float64, rows*outs)
	for r := range rows {
		for m := range outs {
			i := r*outs + m
			want[i] = float64(rv[i])
			for k := 0; k < inputs && r < rows-dead; k++ {
				want[i] += float64(xv[r*inputs+k]) * float64(wv[m*inputs+k])
			}
			if r < rows-dead {
				want[i] += float64(bv[m])
			}
		}
	}
	near(t, fmt.Sprintf("%+v, %v, of %d rows, %d × %d, %d parts", tl, typ, rows, outs, inputs, parts),
		values(t, residual), want)
}
