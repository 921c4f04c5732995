package cpu

import (
	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A sample is backend.Sample. A part is a sequence.
type sample struct {
	dst     view[int32]
	logits  view[float32]
	records view[int32]
	counts  view[int32]
	probs   view[int32]
	batch   view[int32]

	seqs []backend.Sequence // of this run
}

func newSample(o backend.Sample) *sample {
	return &sample{dst: ints(o.Dst), logits: floats(o.Logits), records: ints(o.Records), counts: ints(o.Counts),
		probs: ints(o.Probs), batch: ints(o.Batch), seqs: make([]backend.Sequence, 0, o.Batch.Rows-1)}
}

func (s *sample) begin() (parts int) {
	s.seqs = appendDrawing(s.seqs[:0], s.batch, s.dst.rows)
	return len(s.seqs)
}

func (s *sample) part(w *worker, i int) {
	q := s.seqs[i]
	if !draws(q, s.records.rows) {
		return
	}
	record := recordOf(s.records.row(q.Slot))
	var seen []int32
	if s.counts.rows > 0 {
		seen = s.counts.row(q.Slot)
	}
	id, _ := w.picker.Pick(s.logits.row(i), seen, &record)
	s.dst.row(i)[0] = id
	if s.probs.rows > 0 {
		w.picker.Filtered(told(s.probs, q.Slot, &record), id, &record)
	}
}

// An advance is backend.Advance: a few words of every sequence, one part.
type advance struct {
	tokens, batch, records  view[int32]
	counts, ring, last, out view[int32]

	seqs   []backend.Sequence // of this run
	record sampling.Record
}

func newAdvance(o backend.Advance) *advance {
	return &advance{tokens: ints(o.Tokens), batch: ints(o.Batch), records: ints(o.Records),
		counts: ints(o.Counts), ring: ints(o.Ring), last: ints(o.Last), out: ints(o.Out),
		seqs: make([]backend.Sequence, 0, o.Batch.Rows-1)}
}

func (a *advance) begin() (parts int) {
	a.seqs = appendDrawing(a.seqs[:0], a.batch, a.tokens.rows)
	return 1
}

func (a *advance) part(*worker, int) {
	for i, q := range a.seqs {
		if draws(q, a.records.rows) {
			a.accept(q, a.batch.row(1+i), a.tokens.at(i))
		}
	}
}

// accept is the steps of backend.Advance for the sequence of a record.
func (a *advance) accept(q backend.Sequence, record []int32, token int32) {
	words := a.records.row(q.Slot)
	a.record = recordOf(words)

	a.last.row(q.Slot)[0] = token
	a.out.row(q.Slot)[a.record[sampling.WordStep]%uint32(a.out.cols)] = token

	var seen, window []int32
	if a.counts.rows > 0 {
		seen = a.counts.row(q.Slot)
	}
	if a.ring.rows > 0 {
		window = a.ring.row(q.Slot)
	}
	stop := sampling.Advance(&a.record, seen, window, token)
	for i, v := range a.record {
		words[i] = int32(v)
	}

	if q.RingLen > 0 {
		next := backend.Ring{First: q.Ring, Len: q.RingLen}.Next(q.To, 1)
		record[backend.SeqFrom], record[backend.SeqTo] = int32(q.To), int32(next)
	}
	if stop {
		record[backend.SeqRows] = 0
	}
}
