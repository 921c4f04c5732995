package cpu

import (
	"testing"

	"falconmamba/backend"
)

// Parts are every channel of every sequence once, in whole steps of the kernels but for the last; those of one token
// are long, and what one worker claims alone follows in memory.
func TestChannelParts(t *testing.T) {
	for _, width := range []int{1, 16, 100, 1536, 8192} {
		for _, seqs := range []int{1, 3, 8} {
			for _, rows := range []int{1, 5} {
				for _, workers := range []int{1, 2, 16} {
					testChannelParts(t, width, seqs, rows, workers)
				}
			}
		}
	}
}

func testChannelParts(t *testing.T, width, seqs, rows, workers int) {
	list := make([]backend.Sequence, seqs)
	for i := range list {
		list[i] = backend.Sequence{From: i, To: i, First: i * rows, Rows: rows, Slot: i}
	}
	words := make([]int32, (1+seqs)*backend.BatchWords)
	backend.EncodeBatch(words, list, seqs)
	c := channels{batch: view[int32]{data: words, rows: 1 + seqs, cols: backend.BatchWords, stride: backend.BatchWords},
		rows: seqs * rows, slots: seqs, width: width, workers: workers, claims: newClaims(workers)}
	parts := c.begin()
	done := make([]int, seqs*width)
	before := -1
	for i := range parts {
		c.each(&worker{}, func(q backend.Sequence, from, to int) {
			for d := from; d < to; d++ {
				done[q.Slot*width+d]++
			}
			if to < width && (to-from)%channelStep != 0 {
				t.Errorf("part %d of %d channels, %d sequences: channels %d to %d, no whole steps", i, width, seqs, from, to)
			}
			if most := max(channelBlock, longBlock*(2-min(rows, 2))); to-from > most {
				t.Errorf("part %d of %d channels of %d tokens: %d at once", i, width, rows, to-from)
			}
			if from < before {
				t.Errorf("part %d of %d channels begins at %d, after %d", i, width, from, before)
			}
			before = from
		})
	}
	for i, n := range done {
		if n != 1 {
			t.Fatalf("%d channels, %d sequences of %d, %d workers: channel %d of sequence %d is in %d parts",
				width, seqs, rows, workers, i%width, i/width, n)
		}
	}
}
