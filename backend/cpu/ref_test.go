package cpu

import (
	"context"
	"encoding/binary"
	"math"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/internal/half"
)

// The reference against numbers that do not come from it: worked out by hand,
// or with Python's math. Everything else is compared with the reference.

// A bench runs single operations.
type bench struct {
	*testing.T
	b backend.Backend
}

func onRef(t *testing.T) bench {
	b, err := refDriver{}.Open(0, backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return bench{t, b}
}

func (b bench) words(t backend.DType, cols int, words []uint32) backend.Tensor {
	buf, err := b.b.Alloc(4*int64(len(words)), backend.Device)
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 4*len(words))
	for i, w := range words {
		binary.LittleEndian.PutUint32(data[4*i:], w)
	}
	if err := buf.Upload(0, data); err != nil {
		b.Fatal(err)
	}
	return backend.Matrix(buf, 0, t, len(words)/cols, cols)
}

func (b bench) floats(cols int, values ...float32) backend.Tensor {
	words := make([]uint32, len(values))
	for i, v := range values {
		words[i] = math.Float32bits(v)
	}
	return b.words(backend.F32, cols, words)
}

func (b bench) ints(cols int, values ...int32) backend.Tensor {
	words := make([]uint32, len(values))
	for i, v := range values {
		words[i] = uint32(v)
	}
	return b.words(backend.I32, cols, words)
}

func (b bench) batch(seqs ...backend.Sequence) backend.Tensor {
	words := make([]int32, (1+len(seqs))*backend.BatchWords)
	backend.EncodeBatch(words, seqs, len(seqs))
	return b.ints(backend.BatchWords, words...)
}

func (b bench) weight(t backend.DType, cols int, values ...float32) backend.Weight {
	data := make([]byte, len(values)*t.Size())
	switch t {
	case backend.F16:
		half.ToF16(data, values)
	case backend.BF16:
		half.ToBF16(data, values)
	default:
		for i, v := range values {
			binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
		}
	}
	w, err := b.b.NewWeight(backend.WeightDesc{Type: t, Rows: len(values) / cols, Cols: cols}, data)
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// run runs op and returns what Wait says of it.
func (b bench) run(op backend.Op) error {
	p, err := b.b.Compile("test", []backend.Op{op})
	if err != nil {
		b.Fatal(err)
	}
	ticket, err := p.Submit()
	if err != nil {
		b.Fatal(err)
	}
	return b.b.Wait(context.Background(), ticket)
}

// gives wants op to succeed and dst to hold want, to the nearest float32.
func (b bench) gives(op backend.Op, dst backend.Tensor, want ...float32) {
	b.Helper()
	if err := b.run(op); err != nil {
		b.Error(err)
	}
	b.holds(op, dst, want...)
}

// holds is gives without another run.
func (b bench) holds(op backend.Op, dst backend.Tensor, want ...float32) {
	b.Helper()
	data := make([]byte, 4*len(want))
	if err := dst.Buf.Download(dst.Off, data); err != nil {
		b.Fatal(err)
	}
	for i, w := range want {
		bits := binary.LittleEndian.Uint32(data[4*i:])
		got := math.Float32frombits(bits)
		if dst.Type == backend.I32 {
			got = float32(int32(bits))
		}
		if got != w && got != math.Nextafter32(w, got) {
			b.Errorf("%s: element %d is %v, want %v", op.Kind(), i, got, w)
		}
	}
}

func TestRefRows(t *testing.T) {
	b := onRef(t)
	table := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, typ := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
		dst := b.floats(3, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		b.gives(backend.Embed{Dst: dst, Table: b.weight(typ, 3, table...), IDs: b.ints(1, 2, -2, 1),
			Last: b.ints(1, 1, 0), Live: b.ints(1, 2)},
			dst, 7, 8, 9, 1, 2, 3, 0, 0, 0)
	}

	src := b.floats(2, 1, 2, 3, 4, 5, 6)
	dst := b.floats(2, 0, 0, 0, 0)
	b.gives(backend.Gather{Dst: dst, Src: src, From: b.ints(1, 2, 0)}, dst, 5, 6, 1, 2)
	dst = b.floats(2, 0, 0, 0, 0)
	b.gives(backend.Gather{Dst: dst, Src: src, From: b.ints(1, 2, 0), To: b.ints(1, 1, 0), Live: b.ints(1, 1)}, dst, 0,
		0, 5, 6)

	// mean(9, 16) + 0.5 = 13; a row of zeros; eps alone.
	dst = b.floats(2, 0, 0, 0, 0)
	b.gives(backend.RMSNorm{Dst: dst, Src: b.floats(2, 3, 4, 0, 0), Eps: 0.5}, dst, 0.8320502943378437,
		1.1094003924504583, 0, 0)
	b.gives(backend.RMSNorm{Dst: dst, Src: b.floats(2, 3, 4, 3e30, 4e30), Weight: b.floats(2, 10, -1), Eps: 0}, dst,
		8.485281374238570, -1.1313708498984760, 8.485281374238570, -1.1313708498984760)

	b.gives(backend.Gate{Dst: dst, Y: b.floats(2, 2, 3, 1, -1), Z: b.floats(2, 1, -2, 0, 100)}, dst,
		1.4621171572600098, -0.7152175321331054, 0, -100)
	b.gives(backend.Add{Dst: dst, A: b.floats(2, 1, 2, 3, 4), B: b.floats(2, 10, 20, 30, 40), Live: b.ints(1, 1)}, dst,
		11, 22, 0, -100)
	b.gives(backend.Copy{Dst: dst, Src: b.floats(2, 5, 6, 7, 8)}, dst, 5, 6, 7, 8)

	nan := float32(math.NaN())
	ids := b.ints(1, 9, 9, 9, 9)
	b.gives(backend.ArgMax{Dst: ids, Src: b.floats(3, 1, 3, 3, nan, -5, nan, -7, -5, -6, 7, 8, 9),
		Live: b.ints(1, 3)}, ids, 1, -1, 1, 9)
}

func TestRefMatMul(t *testing.T) {
	b := onRef(t)
	for _, typ := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
		dst := b.floats(2, 0, 0, 0, 0)
		w := b.weight(typ, 3, 1, 2, 3, -1, 0.5, 0.25)
		src := b.floats(3, 1, 10, 100, 2, 4, 8)
		b.gives(backend.MatMul{Dst: dst, Src: src, Weight: w}, dst, 321, 29, 34, 2)
		b.gives(backend.MatMul{Dst: dst, Src: src, Weight: w, Bias: b.floats(2, 0.5, -30), Precision: backend.Half,
			Live: b.ints(1, 1)}, dst, 321.5, -1, 34, 2)
	}
	// Sums are float64: 1e8 + 1 - 1e8.
	dst := b.floats(1, 0)
	b.gives(backend.MatMul{Dst: dst, Src: b.floats(3, 1e8, 1, -1e8), Weight: b.weight(backend.F32, 3, 1, 1, 1)}, dst, 1)
}

func TestRefConv1D(t *testing.T) {
	b := onRef(t)
	// Two channels of three taps; slot 1 holds the inputs before, oldest first.
	state := b.floats(4, 0, 0, 0, 0, 1, 2, 10, 20)
	op := backend.Conv1D{
		Dst: b.floats(2, 0, 0, 0, 0, 0, 0, -1, -1), Src: b.floats(2, 3, 30, 4, 40, 5, 50, 6, 60),
		Weight: b.floats(3, 100, 10, 1, 0, 0, 1), Bias: b.floats(2, 0.5, 0), State: state,
		Batch: b.batch(backend.Sequence{From: 1, To: 0, First: 0, Rows: 3}),
	}
	b.gives(op, op.Dst, 123.5, 30, 234.5, 40, 345.5, 50, -1, -1)
	b.holds(op, state, 4, 5, 40, 50, 1, 2, 10, 20)
	// One row moves the state by one.
	op.Batch = b.batch(backend.Sequence{From: 1, To: 1, First: 3, Rows: 1})
	op.Act = backend.ReLU
	op.Weight = b.floats(3, 100, 10, 1, 0, 0, -1)
	b.gives(op, op.Dst, 123.5, 30, 234.5, 40, 345.5, 50, 126.5, 0)
	b.holds(op, state, 4, 5, 40, 50, 2, 6, 20, 60)
}

func TestRefSelectiveScan(t *testing.T) {
	b := onRef(t)
	// softplus(dt) is 1 in the first row and 2 in the second; A is -ln 2 and
	// -ln 4, so that the state is halved and quartered, and so on.
	one, two := float32(math.Log(math.E-1)), float32(math.Log(math.E*math.E-1))
	state := b.floats(2, 8, 16, 0, 0)
	op := backend.SelectiveScan{
		Dst: b.floats(1, 0, 0, -1), X: b.floats(1, 3, 5, 7), DT: b.floats(1, one, two, 0),
		A: b.floats(2, -math.Ln2, -2*math.Ln2), B: b.floats(2, 1, 2, 10, 20, 0, 0), C: b.floats(2, 1, 0, 1, 1, 0, 0),
		D: b.floats(1, 100), State: state,
		Batch: b.batch(backend.Sequence{From: 0, To: 1, First: 0, Rows: 2}),
	}
	// Row 0: s = (8/2 + 1·1·3, 16/4 + 1·2·3) = (7, 10); y = 7 + 300.
	// Row 1: s = (7/4 + 2·10·5, 10/16 + 2·20·5) = (101.75, 200.625); y = 302.375 + 500.
	b.gives(op, op.Dst, 307, 802.375, -1)
	b.holds(op, state, 8, 16, 101.75, 200.625)
}

func TestRefSample(t *testing.T) {
	b := onRef(t)
	r, err := sampling.Encode(sampling.Params{RepetitionPenalty: 2}, 0, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	records := make([]int32, 2*sampling.RecordWords)
	for i, w := range r {
		records[sampling.RecordWords+i] = int32(w)
	}
	dst := b.ints(1, -1, -1)
	b.gives(backend.Sample{
		Dst: dst, Logits: b.floats(3, 0, 0, 0, 5, 4, 1), Records: b.ints(sampling.RecordWords, records...),
		Counts: b.ints(3, 0, 0, 0, 1, 0, 0),
		Batch:  b.batch(backend.Sequence{}, backend.Sequence{Rows: 1, Slot: 1}),
	}, dst, -1, 1) // 5 is halved
}
