package cpu

import (
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

func refSample(o backend.Sample) error {
	dst, logits, records, counts := ints(o.Dst), floats(o.Logits), ints(o.Records), ints(o.Counts)
	seqs, err := sequences(o.Batch, anyRows, anySlots)
	if err != nil {
		return err
	}
	var picker sampling.Picker
	for i, s := range seqs {
		if s.Rows == 0 {
			continue
		}
		if err := slotWithin(i, s.Slot, records.rows); err != nil {
			return err
		}
		record := recordOf(records.row(s.Slot))
		var seen []int32
		if !o.Counts.IsZero() {
			seen = counts.row(s.Slot)
		}
		id, _ := picker.Pick(logits.row(i), seen, &record) // 0 where none can be picked
		dst.row(i)[0] = id
	}
	return nil
}

func refAdvance(o backend.Advance) error {
	tokens, batch, records := ints(o.Tokens), ints(o.Batch), ints(o.Records)
	counts, ring, last, out := ints(o.Counts), ints(o.Ring), ints(o.Last), ints(o.Out)
	seqs, err := sequences(o.Batch, anyRows, anySlots)
	if err != nil {
		return err
	}
	for i, s := range seqs {
		if s.Rows == 0 {
			continue
		}
		if err := slotWithin(i, s.Slot, records.rows); err != nil {
			return err
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
	return nil
}

func recordOf(row []int32) (r sampling.Record) {
	for i := range r {
		r[i] = uint32(row[i])
	}
	return r
}

func slotWithin(i, slot, slots int) error {
	if slot < 0 || slot >= slots {
		return fmt.Errorf("sequence %d of the batch has slot %d: there are %d", i, slot, slots)
	}
	return nil
}
