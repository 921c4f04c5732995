//go:build cgo && (darwin || metalfake)

package metal

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/checkpoint/tiny"
)

// The trained model in block types that kernels read: packed weights are what
// they stand for, in passes of many rows and of one, within 1e-3·(1+|x|) of the
// reference, and none is widened. With q4_K the head is q6_K, and x_proj q8_0:
// with -short it is that alone.
func TestQuantized(t *testing.T) {
	d := openTest(t)
	types := []backend.DType{backend.Q4_K, backend.Q4_0, backend.NF4}
	if testing.Short() {
		types = types[:1]
	}
	for _, typ := range types {
		want, _ := quantizedLogits(t, typ, falconmamba.Options{Backend: "ref"})
		got, notes := quantizedLogits(t, typ, falconmamba.Options{Device: d})
		if strings.Contains(notes, "does not keep") {
			t.Errorf("%v: %s", typ, notes)
		}
		for i, w := range want {
			if e := math.Abs(float64(got[i])-float64(w)) / (1 + math.Abs(float64(w))); !(e <= 1e-3) {
				t.Errorf("%v: logit %d is %v, want %v", typ, i, got[i], w)
				break
			}
		}
	}
}

// quantizedLogits are those of a prompt and of a token behind it.
func quantizedLogits(t *testing.T, typ backend.DType, o falconmamba.Options) (logits []float32, notes string) {
	t.Helper()
	ctx, precision := context.Background(), backend.Float
	o.Checkpoint.Quant, o.Load.Precision = typ, &precision
	m, err := falconmamba.OpenFS(ctx, tiny.FS(), &o)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ids := make([]int32, 37)
	for i := range ids {
		ids[i] = int32((i*i*7 + 11) % m.Config().VocabSize)
	}
	for _, part := range [][]int32{ids[:36], ids[36:]} {
		out, err := s.Forward(ctx, part, falconmamba.ForwardOptions{AllLogits: true})
		if err != nil {
			t.Fatal(err)
		}
		logits = append(logits, slices.Concat(out.Logits...)...)
	}
	return logits, strings.Join(m.Notes(), "\n")
}

// q4_K is used where it lies in a mapping; other block types are copied in
// another order.
func TestPackedInPlace(t *testing.T) {
	d := openTest(t)
	mem := pages(2 * page)
	buf, err := d.Import(mem)
	if err != nil {
		t.Fatal(err)
	}
	defer buf.Close()
	const rows, cols, off = 20, 512, 64
	for typ, inPlace := range map[backend.DType]bool{backend.Q4_K: true, backend.Q8_0: false} {
		p, values := quant.New(typ, rows*cols), make([]float32, rows*cols)
		for i := range values {
			values[i] = float32(i*i%97) - 48
		}
		if err := p.Encode(values, 0); err != nil {
			t.Fatal(err)
		}
		copy(mem[off:], p.Data)
		desc := backend.WeightDesc{Name: "w", Type: typ, Rows: rows, Cols: cols}
		copied, err := d.NewWeight(desc, p.Data)
		if err != nil {
			t.Fatal(err)
		}
		defer copied.Close()
		desc.From, desc.Off = buf, off
		w, err := d.NewWeight(desc, mem[off:][:len(p.Data)])
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if w.InPlace() != inPlace {
			t.Errorf("%v: in place is %t", typ, w.InPlace())
		}
		x, got, want := tensor(t, d, 1, cols, 1), tensor(t, d, 1, rows, 0), tensor(t, d, 1, rows, 0)
		if err := run(t, d, compile(t, d, backend.MatMul{Dst: got, Src: x, Weight: w},
			backend.MatMul{Dst: want, Src: x, Weight: copied})); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(floats(t, got), floats(t, want)) {
			t.Errorf("%v: %v, copied %v", typ, floats(t, got), floats(t, want))
		}
	}
}
