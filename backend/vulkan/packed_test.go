//go:build cgo && !darwin

package vulkan

import (
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/mamba"
)

// The operations of a prompt's block that leave their rows as float16 to the next one
// give the same bits as each by itself, for several sequences and rows of none.
func TestPromptPacked(t *testing.T) {
	d := openTest(t)
	const rows, hidden, channels, rank, states, taps = 37, 32, 128, 32, 16, 4
	words := make([]int32, 3*backend.BatchWords)
	backend.EncodeBatch(words, []backend.Sequence{{Rows: 19}, {From: 1, To: 1, First: 19, Rows: 11}}, 0)
	batch := matrix(t, d, 3, backend.BatchWords, words)
	inProj, _ := testWeight(t, d, backend.F16, 2*channels, hidden)
	xProj, _ := testWeight(t, d, backend.F16, rank+2*states, channels)
	dtProj, _ := testWeight(t, d, backend.F16, channels, rank)
	outProj, _ := testWeight(t, d, backend.F16, hidden, channels)
	decays := noise(channels*states, 3)
	for i, x := range decays {
		decays[i] = -1.5 - x
	}
	a := matrix(t, d, channels, states, decays)
	row := func(n int, seed uint32) backend.Tensor { return matrix(t, d, 1, n, noise(n, seed)) }
	norm, conv, skip := row(hidden, 1), matrix(t, d, channels, taps, noise(channels*taps, 2)), row(channels, 4)

	// What the operations read of before is one's own in each run.
	block := func() ([]backend.Op, []backend.Tensor) {
		h := matrix(t, d, rows, hidden, noise(rows*hidden, 5))
		x, xz := matrix(t, d, rows, channels, noise(rows*channels, 6)), matrix(t, d, rows, 2*channels,
			noise(rows*2*channels, 7))
		y := matrix(t, d, rows, channels, noise(rows*channels, 8))
		held := matrix(t, d, 2, channels*(taps-1), noise(2*channels*(taps-1), 9))
		state := matrix(t, d, 2, channels*states, noise(2*channels*states, 10))
		return []backend.Op{
			mamba.InProjConv{Dst: x, XZ: xz, Src: h, Norm: norm, NormEps: 1e-5, InProj: inProj, Conv: conv,
				ConvState: held, Batch: batch, Act: backend.SiLU, Precision: backend.Half},
			mamba.SSM{Dst: y, X: x, Z: xz.Columns(channels, 2*channels), XProj: xProj, BCDTNorm: true, NormEps: 1e-6,
				DTProj: dtProj, A: a, D: skip, State: state, Batch: batch, Precision: backend.Half},
			mamba.OutProjAdd{Dst: h, Residual: h, Src: y, OutProj: outProj, Batch: batch, Precision: backend.Half},
		}, []backend.Tensor{x, y, h, state}
	}
	apart, want := block()
	for _, op := range apart {
		submit(t, d, op)
	}
	together, got := block()
	submit(t, d, together...)
	for i := range want {
		if g, w := values(t, got[i]), values(t, want[i]); !slices.Equal(g, w) {
			for at := range w {
				if g[at] != w[at] {
					t.Errorf("tensor %d differs at row %d, column %d: %v, want %v",
						i, at/want[i].Cols, at%want[i].Cols, g[at], w[at])
					break
				}
			}
		}
	}

	if len(d.target.Tiles()) == 0 || d.target.SubgroupMin < 8 {
		return // nothing is handed over
	}
	list, _, err := gpu.Compile(&d.target, together)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if strings.HasPrefix(x.Kernel.Name, "pack_f16") {
			t.Errorf("operation %d packs its rows", x.Op)
		}
	}
}
