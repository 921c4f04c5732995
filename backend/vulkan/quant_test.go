//go:build cgo && !darwin

package vulkan

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/checkpoint/tiny"
	"falconmamba/model"
	"falconmamba/shaders"
)

// The trained model in block types, with x_proj in q8_0 and the head in q6_K: they are
// what they stand for, in passes of many rows and of one, within 1e-3·(1+|x|) of
// the reference, and none is widened. Where activations may be rounded, the
// logits stay near. With -short it is q4_K alone, with which all three are.
func TestQuantized(t *testing.T) {
	d := openTest(t)
	types := []backend.DType{backend.Q4_K, backend.Q4_0, backend.NF4}
	if testing.Short() {
		types = types[:1]
	}
	for _, typ := range types {
		exact, most := backend.Float, backend.Int8
		want, _ := quantizedLogits(t, typ,
			falconmamba.Options{Backend: "ref", Load: model.LoadOptions{Precision: &exact}})
		got, notes := quantizedLogits(t, typ,
			falconmamba.Options{Device: d, Load: model.LoadOptions{Precision: &exact}})
		if strings.Contains(notes, "does not keep") {
			t.Errorf("%v: %s", typ, notes)
		}
		for i, w := range want {
			if e := math.Abs(float64(got[i])-float64(w)) / (1 + math.Abs(float64(w))); !(e <= 1e-3) {
				t.Errorf("%v: logit %d is %v, want %v", typ, i, got[i], w)
				break
			}
		}
		rounded, _ := quantizedLogits(t, typ, falconmamba.Options{Device: d, Load: model.LoadOptions{Precision: &most}})
		rms, divergence := distance(rounded, want, len(want)/prompt)
		t.Logf("%v, activations rounded: rms/σ %.2g, mean KL %.2g", typ, rms, divergence)
		if !(rms <= 6e-2 && divergence <= 1e-3) {
			t.Errorf("%v, activations rounded: rms/σ %.2g, mean KL %.2g, want at most 6e-2 and 1e-3",
				typ, rms, divergence)
		}
	}
}

// distance is the root mean square of got − want over want's standard
// deviation, and the mean Kullback-Leibler divergence of rows of vocab logits.
func distance(got, want []float32, vocab int) (rms, divergence float64) {
	var errs, sum, squares float64
	for i, w := range want {
		errs += math.Pow(float64(got[i])-float64(w), 2)
		sum += float64(w)
		squares += float64(w) * float64(w)
	}
	n := float64(len(want))
	rms = math.Sqrt(errs / (squares - sum*sum/n))
	total := func(row []float32) (sum float64) {
		for _, v := range row {
			sum += math.Exp(float64(v))
		}
		return math.Log(sum)
	}
	for at := 0; at < len(want); at += vocab {
		g, w := got[at:at+vocab], want[at:at+vocab]
		zg, zw := total(g), total(w)
		for i := range w {
			lw := float64(w[i]) - zw
			divergence += math.Exp(lw) * (lw - float64(g[i]) + zg)
		}
	}
	return rms, divergence / float64(len(want)/vocab)
}

// prompt is the tokens of quantizedLogits: many, four, and one.
const prompt = 37

// quantizedLogits are those of a prompt in three passes.
func quantizedLogits(t *testing.T, typ backend.DType, o falconmamba.Options) (logits []float32, notes string) {
	t.Helper()
	ctx := context.Background()
	o.Checkpoint.Quant = typ
	m, err := falconmamba.OpenFS(ctx, tiny.FS(), &o)
	m = own(t, m, err)
	s, err := m.NewSession()
	s = own(t, s, err)
	ids := make([]int32, prompt)
	for i := range ids {
		ids[i] = int32((i*i*7 + 11) % m.Config().VocabSize)
	}
	for _, part := range [][]int32{ids[:prompt-5], ids[prompt-5 : prompt-1], ids[prompt-1:]} {
		out, err := s.Forward(ctx, part, falconmamba.ForwardOptions{AllLogits: true})
		if err != nil {
			t.Fatal(err)
		}
		logits = append(logits, slices.Concat(out.Logits...)...)
	}
	return logits, strings.Join(m.Notes(), "\n")
}

// Where activations may be rounded and the device has integer dot products,
// products of few rows are made of integers: near those in float32, and not
// the same.
func TestIntegers(t *testing.T) {
	d := openTest(t)
	if d.target.Has&shaders.DotProduct == 0 {
		t.Skipf("%s has no integer dot products", d.info.Device)
	}
	const outs, cols = 37, 512
	for _, typ := range packed {
		w, _ := testWeight(t, d, typ, outs, cols)
		for _, rows := range []int{1, 5} {
			src, zero := matrix(t, d, rows, cols, noise(rows*cols, 3)), matrix(t, d, rows, outs,
				make([]float32, rows*outs))
			batch := make([]int32, 2*backend.BatchWords)
			backend.EncodeBatch(batch, []backend.Sequence{{Rows: rows}}, 0)
			result := map[backend.Precision][]float32{}
			for _, p := range []backend.Precision{backend.Float, backend.Half, backend.Int8} {
				dst := matrix(t, d, rows, outs, make([]float32, rows*outs))
				c, err := d.Compile("integers",
					[]backend.Op{mamba.OutProjAdd{Dst: dst, Residual: zero, Src: src, OutProj: w,
						Batch: matrix(t, d, 2, backend.BatchWords, batch), Precision: p}})
				c = own(t, c, err)
				kernel := c.(*plan).List[0].Kernel.Name
				if strings.HasSuffix(kernel, "_i16") != (p != backend.Float && d.target.Integers(typ)) {
					t.Errorf("%v in %v runs %s", typ, p, kernel)
				}
				if _, err := c.Submit(); err != nil {
					t.Fatal(err)
				}
				result[p] = values(t, dst)
			}
			if !slices.Equal(result[backend.Half], result[backend.Int8]) {
				t.Errorf("%v: half and int8 differ", typ)
			}
			most := 0.0
			for i, v := range result[backend.Float] {
				most = max(most, math.Abs(float64(result[backend.Half][i])-float64(v))/(1+math.Abs(float64(v))))
			}
			if !d.target.Integers(typ) {
				if most != 0 {
					t.Errorf("%v: off by %g·(1+|x|), want 0", typ, most)
				}
			} else if !(most > 0 && most < 1e-3) { // 15 bits, over 512 products
				t.Errorf("%v of %d rows: off by %g·(1+|x|), want at most 1e-3, and more than 0", typ, rows, most)
			}
		}
	}
}
