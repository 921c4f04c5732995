package backendtest

import (
	"context"
	"encoding/binary"
	"errors"
	"math"

	"falconmamba/backend"
)

// A kit is a harness for a law, which writes and reads dense matrices and runs plans as it
// likes. done reports what went wrong.
type kit struct {
	harness
	short bool
}

func newKit(b backend.Backend) *kit { return &kit{newHarness(b, 1, 2), inShort()} }

// done closes everything and returns the first failure.
func (k *kit) done() error { return errors.Join(k.err, k.close()) }

// matrix returns a dense matrix of values, or of zeros.
func (k *kit) matrix(rows, cols int, values ...float32) backend.Tensor {
	t := backend.Matrix(k.alloc(4*int64(rows)*int64(cols), backend.Device), 0, backend.F32, rows, cols)
	if len(values) > 0 {
		k.upload(t, values)
	}
	return t
}

// normal returns normally distributed numbers.
func (k *kit) normal(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(k.rng.NormFloat64())
	}
	return v
}

// filled returns n times v.
func filled(n int, v float32) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// words returns a dense matrix of int32.
func (k *kit) words(cols int, values ...int32) backend.Tensor {
	t := backend.Matrix(k.alloc(4*int64(len(values)), backend.Device), 0, backend.I32, len(values)/cols, cols)
	k.uploadWords(t, values)
	return t
}

// batch returns a batch with room for records sequences.
func (k *kit) batch(records int, seqs ...backend.Sequence) backend.Tensor {
	return k.words(backend.BatchWords, k.encodeBatch(records, seqs)...)
}

// encodeBatch returns the words of a batch. Laws are of sound batches only: a
// backend may check what it is given.
func (k *kit) encodeBatch(records int, seqs []backend.Sequence) []int32 {
	words := make([]int32, (1+records)*backend.BatchWords)
	backend.EncodeBatch(words, seqs, 0)
	if _, _, err := backend.DecodeBatch(words); err != nil {
		k.failf("a law's own batch: %w", err)
	}
	return words
}

func (k *kit) weight(t backend.DType, rows, cols int) backend.Weight {
	values := k.normal(rows * cols)
	for i := range values {
		values[i] /= float32(math.Sqrt(float64(cols)))
	}
	return k.newWeight(backend.WeightDesc{Name: "law", Type: t, Rows: rows, Cols: cols}, encode(t, values))
}

// upload writes a dense matrix.
func (k *kit) upload(t backend.Tensor, values []float32) {
	if k.err == nil {
		k.check(t.Buf.Upload(t.Off, encode(backend.F32, values)))
	}
}

func (k *kit) uploadWords(t backend.Tensor, values []int32) {
	data := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(data[4*i:], uint32(v))
	}
	if k.err == nil {
		k.check(t.Buf.Upload(t.Off, data))
	}
}

// read returns a dense matrix; zeros after a failure.
func (k *kit) read(t backend.Tensor) []float32 {
	data := make([]byte, 4*t.Rows*t.Cols)
	if k.err == nil {
		k.check(t.Buf.Download(t.Off, data))
	}
	return floatsOf(data)
}

func floatsOf(data []byte) []float32 {
	v := make([]float32, len(data)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return v
}

// plan compiles operations, lowered as the backend needs.
func (k *kit) plan(ops ...backend.Op) backend.Plan {
	if k.err != nil {
		return nil
	}
	s := backend.NewScratch(k.b)
	k.own(s)
	lowered, err := backend.Lower(k.b, s, ops)
	if !k.check(err) {
		return nil
	}
	p, err := k.b.Compile("law", lowered)
	if k.check(err) {
		k.own(p)
	}
	return p
}

func (k *kit) submit(p backend.Plan) backend.Ticket {
	if k.err != nil {
		return 0
	}
	t, err := p.Submit()
	k.check(err)
	return t
}

func (k *kit) wait(t backend.Ticket) {
	if k.err == nil {
		k.check(k.b.Wait(context.Background(), t))
	}
}

// run submits a plan of ops once and waits for it.
func (k *kit) run(ops ...backend.Op) { k.wait(k.submit(k.plan(ops...))) }

// equal wants got to be want to the bit.
func (k *kit) equal(what string, got, want []float32) {
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			k.failf("%s: element %d is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

// near wants got to be want within rounding.
func (k *kit) near(what string, got, want []float32, tol Tolerance) {
	if k.err != nil {
		return
	}
	if err := tol.Check(Compare(got, want)); err != nil {
		k.failf("%s: %w", what, err)
	}
}
