package cpu

import (
	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A bias is backend.Bias. A part is a sequence.
type bias struct {
	dst     view[float32]
	logits  view[float32]
	records view[int32]
	biases  view[int32]
	allowed view[int32]
	batch   view[int32]

	seqs []backend.Sequence // of this run
}

func newBias(o backend.Bias) *bias {
	return &bias{dst: floats(o.Dst), logits: floats(o.Logits), records: ints(o.Records), biases: ints(o.Biases),
		allowed: ints(o.Allowed), batch: ints(o.Batch), seqs: make([]backend.Sequence, 0, o.Batch.Rows-1)}
}

func (b *bias) begin() (parts int) {
	b.seqs = appendDrawing(b.seqs[:0], b.batch, b.dst.rows)
	return len(b.seqs)
}

func (b *bias) part(_ *worker, i int) {
	q := b.seqs[i]
	if !draws(q, b.records.rows) {
		return
	}
	record := recordOf(b.records.row(q.Slot))
	var pairs, mask []int32
	if b.biases.rows > 0 {
		pairs = b.biases.row(q.Slot)
	}
	if b.allowed.rows > 0 {
		mask = b.allowed.row(q.Slot)
	}
	row := b.dst.row(i)
	copy(row, b.logits.row(i))
	sampling.Bias(row, pairs, mask, &record)
}
