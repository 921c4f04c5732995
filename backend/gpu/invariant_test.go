package gpu

import (
	"fmt"
	"testing"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// What the order of a product's sums follows from is the same for any number of rows, on
// whatever device.
func TestInvariantShapes(t *testing.T) {
	for _, lanes := range []int{4, 8, 32, 64} {
		for _, software := range []bool{false, true} {
			d := target()
			d.SubgroupMin, d.SubgroupMax, d.SubgroupSize = lanes, lanes, lanes
			d.Cores, d.Software = 3*lanes, software
			for _, typ := range []backend.DType{backend.F32, backend.BF16, backend.Q4_K} {
				for _, cols := range []int{256, 4096, 8192} {
					for _, outs := range []int{5, 288, 4096, 16384} {
						w := &Weight{Desc: backend.WeightDesc{Type: typ, Rows: outs, Cols: cols},
							Layout: layoutOf(typ, cols)}
						for _, slices := range []int{1, matvecSlices} {
							one := d.shape(1, outs, w, slices)
							for _, rows := range []int{2, 3, 4, 7, 8, 9, 15, 16, 70, 600} {
								s := d.shape(rows, outs, w, slices)
								if s.Size != one.Size || s.Slices != one.Slices {
									t.Fatalf("subgroups of %d, %s [%d %d]: %d invocations and %d slices for %d rows, "+
										"%d and %d for one", lanes, typ, outs, cols, s.Size, s.Slices, rows, one.Size, one.Slices)
								}
							}
						}
					}
				}
			}
		}
	}
}

// What computes in float32 is never left to the kernels of prompts, and the rest is.
func TestInvariantForms(t *testing.T) {
	d := target()
	d.Has = ^shaders.Feature(0)
	d.Weight = func(w backend.Weight) (*Weight, error) {
		return &Weight{Desc: w.Desc(), Layout: layoutOf(backend.F32, 5)}, nil
	}
	const rows = 600
	for _, p := range []backend.Precision{backend.Float, backend.Half} {
		for _, op := range []backend.Op{
			backend.MatMul{Dst: matrix(0, rows, 7), Src: matrix(0, rows, 5), Weight: weight{}, Precision: p},
			backend.Head{Logits: matrix(0, rows, 7), Src: matrix(0, rows, 5), Rows: matrix(0, rows, 1), NormEps: 1e-5,
				Weight: weight{}, Precision: p},
			backend.SelectiveScan{Dst: matrix(0, rows, 5), A: matrix(0, 5, 16)},
			backend.Conv1D{Dst: matrix(0, rows, 5), Weight: matrix(0, 5, 4)},
		} {
			always := d.forms(op).prefill
			d.BatchInvariant = true
			f := d.forms(op)
			d.BatchInvariant = false
			if !always || !f.decode || f.prefill != (p == backend.Half && inProduct(op)) {
				t.Errorf("%s: %+v, and with other kernels for many rows: %v", fmt.Sprint(op.Kind(), " ", p), f, always)
			}
		}
	}
}

// inProduct reports whether an operation has a precision.
func inProduct(op backend.Op) bool {
	return op.Kind() == backend.KindMatMul || op.Kind() == backend.KindHead
}
