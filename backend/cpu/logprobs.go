package cpu

import (
	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A logProbs is backend.LogProbs. A part is a sequence.
type logProbs struct {
	dst     view[int32]
	tokens  view[int32]
	logits  view[float32]
	records view[int32]
	batch   view[int32]

	seqs []backend.Sequence // of this run
}

func newLogProbs(o backend.LogProbs) *logProbs {
	return &logProbs{dst: ints(o.Dst), tokens: ints(o.Tokens), logits: floats(o.Logits), records: ints(o.Records),
		batch: ints(o.Batch), seqs: make([]backend.Sequence, 0, o.Batch.Rows-1)}
}

func (l *logProbs) begin() (parts int) {
	l.seqs = appendDrawing(l.seqs[:0], l.batch, l.tokens.rows)
	return len(l.seqs)
}

func (l *logProbs) part(w *worker, i int) { l.tell(&w.picker, i) }

// tell leaves the words of sequence i.
func (l *logProbs) tell(p *sampling.Picker, i int) {
	q := l.seqs[i]
	if !draws(q, l.records.rows) {
		return
	}
	record := recordOf(l.records.row(q.Slot))
	p.LogProbs(told(l.dst, q.Slot, &record), l.logits.row(i), l.tokens.at(i), &record)
}
