package cpu

import "falconmamba/backend"

// Channels that carry state, Conv1D's and SelectiveScan's, are divided into blocks
// small enough that what a block keeps between tokens stays in the first-level
// cache; a part is a block of a sequence, and takes its tokens in order.
const channelBlock = 64

// channels is what operations that carry state have in common.
type channels struct {
	batch view[int32]
	rows  int // of the pass
	slots int // of the state, or anySlots
	width int // channels
	keeps bool

	// Of this run.
	seqs   []backend.Sequence
	blocks int // of a sequence
	size   int // channels of a block
}

func channelsOf(batch backend.Tensor, rows, slots, width int, keeps bool) channels {
	return channels{batch: ints(batch), rows: rows, slots: slots, width: width, keeps: keeps,
		seqs: make([]backend.Sequence, 0, batch.Rows-1)}
}

// each calls do with the sequence of part i and its channels; with one row after another, where the
// state after each of them is kept.
func (c *channels) each(i int, do func(q backend.Sequence, from, to int)) {
	q, from, to := c.of(i)
	if !q.Keep {
		if q.Rows > 0 {
			do(q, from, to)
		}
		return
	}
	for t := range q.Rows {
		do(q.Row(t), from, to)
	}
}

// begin reads the batch; cost is the nanoseconds of a channel and token.
func (c *channels) begin(cost float64) (parts int) {
	c.seqs = appendSequences(c.seqs[:0], c.batch, c.rows, c.slots, c.keeps)
	most := 1
	for _, s := range c.seqs {
		most = max(most, s.Rows)
	}
	c.size = min(max(16, grain(c.width, cost*float64(most))), channelBlock)
	c.blocks = ceil(c.width, c.size)
	return c.blocks * len(c.seqs)
}

// of returns the sequence and the channels [from, to) of part i.
func (c *channels) of(i int) (s backend.Sequence, from, to int) {
	from = i % c.blocks * c.size
	return c.seqs[i/c.blocks], from, min(from+c.size, c.width)
}
