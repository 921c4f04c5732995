package model

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"falconmamba/backend"
	_ "falconmamba/backend/cpu"
	"falconmamba/backend/sampling"
	"falconmamba/checkpoint"
)

// Of three texts one has a bias, one a mask, and the third neither: tokens follow
// them, and log-probabilities are those of the logits before them.
func TestDrawOfBiasedLogits(t *testing.T) {
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	b, err := backend.Open("cpu", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(context.Background(), b, ck, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const n, rows, top = 3, 6, 4
	c := m.Config()
	vocab := c.VocabSize
	var bufs []backend.Buffer
	table := func(typ backend.DType, rows, cols int, words ...int32) backend.Tensor {
		buf, err := b.Alloc(4*int64(rows*cols), backend.Readback)
		if err != nil {
			t.Fatal(err)
		}
		bufs = append(bufs, buf)
		if err := buf.Upload(0, wordBytes(words)); err != nil {
			t.Fatal(err)
		}
		return backend.Matrix(buf, 0, typ, rows, cols)
	}
	words := func(x backend.Tensor) (w []int32) {
		for data := x.Buf.Bytes(); len(data) > 0; data = data[4:] {
			w = append(w, int32(binary.LittleEndian.Uint32(data)))
		}
		return w
	}

	var seqs []backend.Sequence
	var records []int32
	biases, allowed := make([]int32, n*8), make([]int32, n*sampling.MaskWords(vocab))
	for i := range n {
		seqs = append(seqs, backend.Sequence{To: 1 + i, First: 2 * i, Rows: 2, Slot: i})
		r, err := sampling.Encode(sampling.Params{}, uint32(i), 0, nil)
		if err == nil {
			err = r.AskLogProbs(top)
		}
		switch {
		case err != nil:
		case i == 1:
			err = r.SetBias(biases[8:16], map[int32]float32{7: 1000}, vocab)
		case i == 2:
			mask := allowed[2*sampling.MaskWords(vocab):]
			err = r.SetMask(mask, []int32{9, 40}, vocab)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range r {
			records = append(records, int32(w))
		}
	}
	header := make([]int32, (1+n)*backend.BatchWords)
	backend.EncodeBatch(header, seqs, n)
	o := Operands{
		Batch:   table(backend.I32, 1+n, backend.BatchWords, header...),
		Heads:   table(backend.I32, n, 1, 1, 3, 5),
		IDs:     table(backend.I32, rows, 1, 5, 6, 5, 6, 5, 6),
		Logits:  table(backend.F32, n, vocab),
		Tokens:  table(backend.I32, n, 1),
		Records: table(backend.I32, n, backend.RecordWords, records...),
		Last:    table(backend.I32, n, 1),
		Out:     table(backend.I32, n, 2),
		Biases:  table(backend.I32, n, 8, biases...),
		Allowed: table(backend.I32, n, sampling.MaskWords(vocab), allowed...),
	}
	for range c.NumHiddenLayers {
		o.States = append(o.States, LayerState{
			Conv: table(backend.F32, 1+n, c.IntermediateSize*(c.ConvKernel-1)),
			SSM:  table(backend.F32, 1+n, c.IntermediateSize*c.StateSize),
		})
	}
	block, stream := backend.NewScratch(b), backend.NewScratch(b)
	run := func(head Head) {
		t.Helper()
		plan, err := m.Compile(Shape{Rows: rows, Seqs: n, Heads: n, Head: head}, o, block, stream)
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := plan.Submit()
		if err == nil {
			err = b.Wait(context.Background(), ticket)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.Close(); err != nil {
			t.Error(err)
		}
	}
	run(Logits)
	var logits []float32
	for _, w := range words(o.Logits)[:vocab] {
		logits = append(logits, math.Float32frombits(uint32(w)))
	}
	var picker sampling.Picker
	want, _ := picker.Pick(logits, nil, new(sampling.Record))
	masked := int32(9)
	if logits[40] > logits[9] {
		masked = 40
	}
	run(Sample) // without log-probabilities: the logits are changed in place
	plain := words(o.Tokens)
	o.LogProbs = table(backend.I32, n, backend.LogProbWords)
	if err := o.Records.Buf.Upload(0, wordBytes(records)); err != nil {
		t.Fatal(err)
	}
	run(Sample)
	got := words(o.Tokens)
	if tokens := []int32{want, 7, masked}; !slices.Equal(got, tokens) || !slices.Equal(plain, tokens) {
		t.Errorf("tokens %v, and %v without log-probabilities, want %v", got, plain, tokens)
	}
	for i, id := range got {
		r := sampling.Record(make([]uint32, backend.RecordWords))
		if err := r.AskLogProbs(top); err != nil {
			t.Fatal(err)
		}
		told := make([]int32, backend.LogProbWords)
		picker.LogProbs(told, logits, id, &r)
		if at := words(o.LogProbs)[i*backend.LogProbWords:][:backend.LogProbWords]; !slices.Equal(at, told) {
			t.Errorf("text %d: %v is told, want %v", i, at, told)
		}
	}
	for _, x := range bufs {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(block.Close(), stream.Close(), m.Close(), b.Close()); err != nil {
		t.Error(err)
	}
}

func wordBytes(words []int32) (data []byte) {
	for _, w := range words {
		data = binary.LittleEndian.AppendUint32(data, uint32(w))
	}
	return data
}
