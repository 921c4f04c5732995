package backendtest

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"falconmamba/backend"
)

// A batch is the data of a ragged pass and the bounds that it runs within.
type batch struct {
	name string
	seqs []backend.Sequence
	rows int // upper bound of rows
	more int // records beyond those of seqs

	// What the batch lies about: records behind those of seqs that are outside of
	// the pass, the states or the tables, and a number of sequences.
	lies   []backend.Sequence
	number int32 // what the header says, where it is not 0

	deaf bool // the records ask for the state after every row, but the operation does not look at that
}

// batches are the ragged passes over which stateful and fused operations run.
// State slots never written and rows of no sequence are there in most.
var batches = []batch{
	{name: "one token", rows: 1, seqs: []backend.Sequence{{From: 1, To: 1, Rows: 1}}},
	{name: "two rows", rows: 2, seqs: []backend.Sequence{{From: 0, To: 2, Rows: 2}}},
	{name: "prompt", rows: 7, seqs: []backend.Sequence{{From: 2, To: 2, Rows: 7}}},
	{name: "fork", rows: 7, more: 1, seqs: []backend.Sequence{{From: 2, To: 3, Rows: 5}}},
	{name: "decode", rows: 3, seqs: []backend.Sequence{
		{From: 0, To: 0, First: 0, Rows: 1}, {From: 3, To: 1, First: 1, Rows: 1}, {From: 2, To: 2, First: 2, Rows: 1}}},
	{name: "decode of 11", rows: 12, seqs: decodeSequences(11)},
	{name: "decode of 14", rows: 16, seqs: decodeSequences(14)},
	{name: "ragged", rows: 33, more: 2, seqs: []backend.Sequence{
		{From: 0, To: 1, First: 0, Rows: 3}, {From: 2, To: 2, First: 3, Rows: 0}, {From: 3, To: 4, First: 3, Rows: 1},
		{From: 5, To: 5, First: 4, Rows: 17}, {From: 6, To: 7, First: 21, Rows: 0},
		{From: 0, To: 8, First: 21, Rows: 2}}},
	{name: "out of order", rows: 13, seqs: []backend.Sequence{
		{From: 4, To: 0, First: 6, Rows: 7}, {From: 1, To: 1, First: 2, Rows: 4}, {From: 2, To: 3, First: 0, Rows: 2}}},
	{name: "nothing", rows: 2, more: 2},
	{name: "ended", rows: 2, seqs: []backend.Sequence{{From: 1, To: 2, Rows: 0}, {From: 3, To: 3, Rows: 0}}},
	{name: "prompt and decode", rows: 70, more: 3, seqs: []backend.Sequence{
		{From: 1, To: 1, First: 0, Rows: 61}, {From: 0, To: 0, First: 61, Rows: 1},
		{From: 2, To: 3, First: 62, Rows: 1}, {From: 4, To: 4, First: 63, Rows: 4}}},
	{name: "many", rows: 33, seqs: decodeSequences(33)},
	// Kernels for many rows take them in tiles: of a sequence that begins just
	// before the end of one, and is its own successor, each has a part.
	{name: "prompts", rows: 133, more: 1, seqs: []backend.Sequence{
		{From: 1, To: 1, First: 0, Rows: 95}, {From: 2, To: 2, First: 95, Rows: 35},
		{From: 0, To: 3, First: 130, Rows: 1}}},
	// The state after every row is kept: from beside the ring, from within, and around its end.
	{name: "kept", rows: 12, more: 1, seqs: []backend.Sequence{
		{From: 1, To: 6, First: 0, Rows: 5, Ring: 2, RingLen: 5, Keep: true},
		{From: 8, To: 8, First: 5, Rows: 1}, {From: 0, To: 10, First: 6, Rows: 1, Ring: 10, RingLen: 1, Keep: true},
		{From: 12, To: 16, First: 7, Rows: 3, Ring: 12, RingLen: 3, Keep: true}}},
	{name: "kept around", rows: 9, seqs: []backend.Sequence{
		{From: 5, To: 4, First: 0, Rows: 3, Ring: 2, RingLen: 4, Keep: true},
		{From: 10, To: 9, First: 3, Rows: 5, Ring: 7, RingLen: 6, Keep: true}}},
	{name: "kept behind a prompt", rows: 90, more: 1, seqs: []backend.Sequence{
		{From: 1, To: 1, First: 0, Rows: 61}, {From: 3, To: 6, First: 61, Rows: 17, Ring: 7, RingLen: 17, Keep: true},
		{From: 2, To: 2, First: 78, Rows: 9}}},
	{name: "kept prompt", rows: 131, seqs: []backend.Sequence{
		{From: 0, To: 131, Rows: 130, Ring: 1, RingLen: 130, Keep: true}}},
	{name: "not kept", rows: 9, deaf: true, seqs: []backend.Sequence{
		{From: 5, To: 4, First: 0, Rows: 3, Ring: 0, RingLen: 3},
		{From: 6, To: 6, First: 3, Rows: 5, Ring: 7, RingLen: 1},
		{From: 8, To: 7, First: 8, Rows: 1, Ring: -1, RingLen: 99}}},
	{name: "long prompt", rows: 257, seqs: []backend.Sequence{{From: 1, To: 1, Rows: 257}}},

	// Bad data: there are 5 states here.
	{name: "outside", rows: 9, number: math.MaxInt32,
		seqs: []backend.Sequence{{From: 1, To: 2, First: 0, Rows: 1}, {From: 0, To: 3, First: 1, Rows: 4}},
		lies: []backend.Sequence{
			{From: -1, To: 4, First: 5, Rows: 1}, {From: 5, To: 4, First: 5, Rows: 1},
			{From: 0, To: 5, First: 5, Rows: 1},
			{From: 0, To: -1, First: 5, Rows: 1}, {From: math.MinInt32, To: math.MaxInt32, First: 5, Rows: 1},
			{From: 0, To: 4, First: -1, Rows: 7}, {From: 0, To: 4, First: 8, Rows: 2},
			{From: 0, To: 4, First: 0, Rows: 10},
			{From: 0, To: 4, First: 5, Rows: -1}, {From: 0, To: 4, First: 5, Rows: math.MinInt32},
			{From: 0, To: 4, First: math.MaxInt32, Rows: math.MaxInt32},
			{From: 0, To: 4, First: math.MinInt32, Rows: 1},
			{From: 0, To: 4, First: 5, Rows: 3, Ring: 3, RingLen: 2, Keep: true},
			{From: 0, To: 4, First: 5, Rows: 2, Ring: 4, RingLen: 2, Keep: true},
			{From: 0, To: 4, First: 5, Rows: 2, Ring: -1, RingLen: 3, Keep: true},
			{From: 0, To: 4, First: 5, Rows: 2, Ring: 1, RingLen: math.MaxInt32, Keep: true}}},
	{name: "outside, many rows", rows: 64, number: 99,
		seqs: []backend.Sequence{{From: 1, To: 2, First: 0, Rows: 50}},
		lies: []backend.Sequence{{From: 0, To: 4, First: 50, Rows: 15}, {From: 4, To: 3, First: 50, Rows: 14},
			{From: 0, To: 3, First: -1, Rows: 64}}},
	{name: "fewer than none", rows: 2, more: 1, number: -1},
}

// decodeSequences returns n sequences of one row each.
func decodeSequences(n int) []backend.Sequence {
	seqs := make([]backend.Sequence, n)
	for i := range seqs {
		seqs[i] = backend.Sequence{From: 2 * i, To: 2*i + i%2, First: i, Rows: 1}
	}
	return seqs
}

// batchNamed returns the batch called name.
func batchNamed(name string) batch {
	for _, b := range batches {
		if b.name == name {
			return b
		}
	}
	panic("backendtest: no batch " + name)
}

// slots returns how many state slots the batch needs, and one that nobody
// names.
func (b batch) slots() int {
	n := 1
	for _, s := range b.seqs {
		if n = max(n, s.From+2, s.To+2); s.Keep {
			n = max(n, s.Ring+s.RingLen+1)
		}
	}
	return n
}

// keeps reports whether a sequence of several rows keeps the state after each.
func (b batch) keeps() bool {
	return slices.ContainsFunc(b.seqs, func(s backend.Sequence) bool { return s.Keep && s.Rows > 1 })
}

// looks reports whether operations have to look at what sequences keep.
func (b batch) looks() bool {
	return slices.ContainsFunc(slices.Concat(b.seqs, b.lies), func(s backend.Sequence) bool { return s.Keep })
}

// live returns the rows of all sequences together.
func (b batch) live() int {
	n := 0
	for _, s := range b.seqs {
		n += s.Rows
	}
	return n
}

// heads returns the rows of a head: the last of every sequence that has rows,
// and some that are not live.
func (b batch) heads() int {
	n := 1 + b.more
	for _, s := range b.seqs {
		if s.Rows > 0 {
			n++
		}
	}
	return n
}

// written reports whether a state slot is written.
func (b batch) written(slot int) bool {
	for _, s := range b.seqs {
		for i := range s.Rows {
			if s.Keep && s.Row(i).To == slot {
				return true
			}
		}
		if s.Rows > 0 && s.To == slot {
			return true
		}
	}
	return false
}

// encode returns the batch's words; beyond the sequences lie records that would
// do harm if they were obeyed.
func (b batch) encode(heads int) []int32 {
	all := slices.Concat(b.seqs, b.lies)
	words := make([]int32, (1+max(1, len(all)+b.more))*backend.BatchWords)
	backend.EncodeBatch(words, all, heads)
	words[backend.BatchRows] = int32(b.live())
	for i := range all {
		if b.deaf {
			words[(1+i)*backend.BatchWords+backend.SeqKeep] = 1
		}
	}
	if b.number != 0 {
		words[backend.BatchSeqs] = b.number
	}
	for i := 1 + len(all); i < len(words)/backend.BatchWords; i++ {
		r := words[i*backend.BatchWords:][:backend.BatchWords]
		r[backend.SeqTo], r[backend.SeqRows] = int32(b.slots()-1), int32(b.rows)
	}
	return words
}

// batch returns the operand.
func (f *fixture) batch(b batch, heads int) backend.Tensor {
	return f.ints("Batch", backend.BatchWords, b.encode(heads)...)
}

// stateOf returns a pool of states of a type, 0 for float32, for the batch, of width
// numbers each, and declares those that are written.
func (f *fixture) stateOf(name string, typ backend.DType, b batch, width int) backend.Tensor {
	t := f.stateFrom(name, cmp.Or(typ, backend.F32), b.slots(), width, f.rng.NormFloat64)
	f.writes(t, b.written)
	return t
}

// stateFrom returns a pool of states of the numbers that gen returns.
func (f *fixture) stateFrom(name string, typ backend.DType, slots, width int, gen func() float64) backend.Tensor {
	return f.tensor(name, typ, slots, width, func(int, int) uint32 {
		var word [4]byte
		backend.NarrowState(word[:typ.Size()], []float32{float32(gen())}, typ)
		return binary.LittleEndian.Uint32(word[:])
	})
}
