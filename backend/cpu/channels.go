package cpu

import "falconmamba/backend"

// Channels that carry state, Conv1D's and SelectiveScan's, are divided into blocks; a part is a block of a sequence,
// and takes its tokens in order. What a block keeps between tokens is to stay in the first-level cache. With one token
// nothing is kept: then a part is long, for its work is little, and memory is read faster in one piece. channelStep is
// what kernels take at once.
const (
	channelBlock = 64
	longBlock    = 512
	channelStep  = 16
)

// channels is what operations that carry state have in common.
type channels struct {
	batch view[int32]
	rows  int // of the pass
	slots int // of the state, or anySlots
	width int // channels
	keeps bool

	workers int

	// Of this run.
	claims claims
	seqs   []backend.Sequence
	blocks int // of a sequence
	size   int // channels of a block
}

func channelsOf(d *device, batch backend.Tensor, rows, slots, width int, keeps bool) channels {
	n := len(d.pool.workers)
	return channels{batch: ints(batch), rows: rows, slots: slots, width: width, keeps: keeps,
		workers: n, claims: newClaims(n), seqs: make([]backend.Sequence, 0, batch.Rows-1)}
}

// each calls do with the sequence and the channels of a part that w claims; with one row after another, where the
// state after each of them is kept.
func (c *channels) each(w *worker, do func(q backend.Sequence, from, to int)) {
	q, from, to := c.of(c.claims.claim(w))
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

// begin reads the batch. Parts are four to a worker, where that makes them neither so short that handing them out
// counts nor too long.
func (c *channels) begin() (parts int) {
	c.seqs = appendSequences(c.seqs[:0], c.batch, c.rows, c.slots, c.keeps)
	most := longBlock
	for _, s := range c.seqs {
		if s.Rows > 1 {
			most = channelBlock
		}
	}
	share := ceil(c.width*len(c.seqs), 4*c.workers*channelStep) * channelStep
	c.size = min(max(share, channelBlock), most)
	c.blocks = ceil(c.width, c.size)
	parts = c.blocks * len(c.seqs)
	c.claims.begin(parts)
	return parts
}

// of returns the sequence and the channels [from, to) of part i. The same channels of all sequences follow each other:
// they share operands.
func (c *channels) of(i int) (s backend.Sequence, from, to int) {
	from = i / len(c.seqs) * c.size
	return c.seqs[i%len(c.seqs)], from, min(from+c.size, c.width)
}
