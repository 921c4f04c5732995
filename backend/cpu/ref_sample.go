package cpu

import (
	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

func refBias(o backend.Bias) {
	dst, logits, records := floats(o.Dst), floats(o.Logits), ints(o.Records)
	biases, allowed := ints(o.Biases), ints(o.Allowed)
	for i, s := range appendDrawing(nil, ints(o.Batch), o.Dst.Rows) {
		if !draws(s, records.rows) {
			continue
		}
		record := recordOf(records.row(s.Slot))
		var pairs, mask []int32
		if !o.Biases.IsZero() {
			pairs = biases.row(s.Slot)
		}
		if !o.Allowed.IsZero() {
			mask = allowed.row(s.Slot)
		}
		copy(dst.row(i), logits.row(i))
		sampling.Bias(dst.row(i), pairs, mask, &record)
	}
}

func refSample(o backend.Sample) {
	dst, logits, records, counts := ints(o.Dst), floats(o.Logits), ints(o.Records), ints(o.Counts)
	probs := ints(o.Probs)
	var picker sampling.Picker
	for i, s := range appendDrawing(nil, ints(o.Batch), o.Dst.Rows) {
		if !draws(s, records.rows) {
			continue
		}
		record := recordOf(records.row(s.Slot))
		var seen []int32
		if !o.Counts.IsZero() {
			seen = counts.row(s.Slot)
		}
		id, _ := picker.Pick(logits.row(i), seen, &record)
		dst.row(i)[0] = id
		if !o.Probs.IsZero() {
			picker.Filtered(told(probs, s.Slot, &record), id, &record)
		}
	}
}

func refLogProbs(o backend.LogProbs) {
	dst, tokens, logits, records := ints(o.Dst), ints(o.Tokens), floats(o.Logits), ints(o.Records)
	var picker sampling.Picker
	for i, s := range appendDrawing(nil, ints(o.Batch), o.Tokens.Rows) {
		if !draws(s, records.rows) {
			continue
		}
		record := recordOf(records.row(s.Slot))
		picker.LogProbs(told(dst, s.Slot, &record), logits.row(i), tokens.at(i), &record)
	}
}

func refAdvance(o backend.Advance) {
	tokens, batch, records := ints(o.Tokens), ints(o.Batch), ints(o.Records)
	counts, ring, last, out := ints(o.Counts), ints(o.Ring), ints(o.Last), ints(o.Out)
	for i, s := range appendDrawing(nil, ints(o.Batch), o.Tokens.Rows) {
		if !draws(s, records.rows) {
			continue
		}
		token, record := tokens.at(i), recordOf(records.row(s.Slot))

		last.row(s.Slot)[0] = token
		out.row(s.Slot)[record[sampling.WordStep]%uint32(out.cols)] = token

		var seen, window []int32
		if !o.Counts.IsZero() {
			seen = counts.row(s.Slot)
		}
		if !o.Ring.IsZero() {
			window = ring.row(s.Slot)
		}
		stop := sampling.Advance(&record, seen, window, token)
		for w, v := range record {
			records.row(s.Slot)[w] = int32(v)
		}

		row := batch.row(1 + i)
		if s.RingLen > 0 {
			next := backend.Ring{First: s.Ring, Len: s.RingLen}.Next(s.To, 1)
			row[backend.SeqFrom], row[backend.SeqTo] = int32(s.To), int32(next)
		}
		if stop {
			row[backend.SeqRows] = 0
		}
	}
}

// told is where log-probabilities of a slot's next token go.
func told(v view[int32], slot int, r *sampling.Record) []int32 {
	place := int(r[sampling.WordStep] % uint32(v.cols/backend.LogProbWords))
	return v.row(slot)[place*backend.LogProbWords:][:backend.LogProbWords]
}

func recordOf(row []int32) (r sampling.Record) {
	for i := range r {
		r[i] = uint32(row[i])
	}
	return r
}
