package backendtest

import (
	"math"
	"sync"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// samplingTable is the sampler's own table, whose expectations take a while.
var samplingTable = sync.OnceValues(sampling.Cases)

// sampleCases are the sampler's own table, one draw a sequence, and batches.
func sampleCases() (cases []Case) {
	table, err := samplingTable()
	if err != nil {
		return []Case{{Name: "table", Kind: backend.KindSample,
			build: func(f *fixture) backend.Op { f.err = err; return nil }}}
	}
	for i, c := range table {
		cases = append(cases, Case{
			Name: c.Name, Kind: backend.KindSample, odd: i%2 == 1,
			build: func(f *fixture) backend.Op { return buildSample(f, c, false) },
		}, Case{
			Name: c.Name + "/told", Kind: backend.KindSample, odd: i%2 == 0,
			build: func(f *fixture) backend.Op { return buildSample(f, c, true) },
		})
	}
	for _, c := range []struct {
		name        string
		batch       batch
		rows, heads int // of Dst, and BatchHeads
	}{
		{"sequences without rows", batch{more: 2}, 7, 5},
		{"sequences that are only read", batch{more: 2}, 7, 3},
		{"nothing is drawn", batch{}, 5, 0},
		{"fewer draws than none", batch{}, 5, math.MinInt32},
		{"fewer tokens than sequences", batch{more: 1}, 3, 5},
		{"more draws than sequences", batch{more: 2}, 7, math.MaxInt32},
		{"outside", batch{number: math.MaxInt32, lies: []backend.Sequence{{First: 6, Rows: 1, Slot: -1},
			{First: 7, Rows: 1, Slot: 7}, {First: 6, Rows: -1, Slot: 3}, {First: 6, Rows: math.MinInt32, Slot: 4}}},
			9, 9},
	} {
		cases = append(cases, plainAndOdd(Case{
			Name: c.name, Kind: backend.KindSample,
			build: func(f *fixture) backend.Op { return buildSampleRagged(f, c.batch, c.rows, c.heads) },
		})...)
	}
	return cases
}

// toldOf asks for log-probabilities of what the filters leave, by a number from which follows of how many tokens: of
// none, of some, and of more than there may be.
func toldOf(r *sampling.Record, n int) {
	r[sampling.WordFiltered] = uint32(n % (sampling.MaxLogProbs + 2))
	if n%29 == 3 {
		r[sampling.WordFiltered] = math.MaxUint32
	}
}

// tells marks what a draw of slot leaves of log-probabilities, if r asks for them.
func (f *fixture) tells(probs backend.Tensor, slot int, r sampling.Record) {
	if r[sampling.WordFiltered] == 0 {
		return
	}
	at := int(r[sampling.WordStep]%logProbPlaces) * backend.LogProbWords
	f.writes(probs.Columns(at, at+backend.LogProbWords), func(row int) bool { return row == slot })
}

// buildSample gives draw i to sequence i, in slots of descending order, and has log-probabilities told.
func buildSample(f *fixture, c sampling.Case, told bool) backend.Op {
	n := len(c.Want)
	record := func(i int) (sampling.Record, error) {
		r, err := c.Record(i)
		if told {
			toldOf(&r, 7*i+len(c.Name))
		}
		return r, err
	}
	b := batch{rows: n, more: 1}
	records := make([]int32, n*sampling.RecordWords)
	var counts []int32
	for i := range n {
		slot := n - 1 - i
		b.seqs = append(b.seqs, backend.Sequence{First: i, Rows: 1, Slot: slot})
		f.record(records, slot, func() (sampling.Record, error) { return record(i) })
		counts = append(counts, c.Counts...)
	}
	o := backend.Sample{
		Dst: f.output("Dst", backend.I32, n+1, 1),
		Logits: f.tensor("Logits", backend.F32, n+1, len(c.Logits),
			func(_, col int) uint32 { return floatBits(c.Logits[col]) }),
		Records: f.ints("Records", sampling.RecordWords, records...),
		Batch:   f.batch(b, n),
	}
	if c.Counts != nil {
		o.Counts = f.ints("Counts", len(c.Counts), counts...)
	}
	if told {
		o.Probs = f.output("Probs", backend.I32, n, logProbPlaces*backend.LogProbWords)
	}
	for i, id := range c.Want {
		f.expects(o.Dst, i, id)
		if r, err := record(i); told {
			f.check(err)
			f.tells(o.Probs, n-1-i, r)
		}
	}
	return o
}

// record writes a slot's record.
func (f *fixture) record(records []int32, slot int, encode func() (sampling.Record, error)) {
	r, err := encode()
	f.check(err)
	for i, w := range r {
		records[slot*sampling.RecordWords+i] = int32(w)
	}
}

// buildSampleRagged has sequences that ended, slots that nobody uses, and a
// prompt of several rows; Dst has rows rows, and the first heads sequences draw.
func buildSampleRagged(f *fixture, b batch, rows, heads int) backend.Op {
	const slots, vocab = 7, 131
	b.rows, b.seqs = 9, []backend.Sequence{
		{First: 0, Rows: 4, Slot: 5}, {First: 4, Rows: 0, Slot: 1}, {First: 4, Rows: 1, Slot: 0},
		{First: 5, Rows: 0, Slot: 2}, {First: 5, Rows: 1, Slot: 6}}
	records, counts := make([]int32, slots*sampling.RecordWords), make([]int32, slots*vocab)
	record := func(s int) (sampling.Record, error) {
		p := sampling.Params{Temperature: float32(s%3) * 0.7, TopK: 10 * s, TopP: 0.9, RepetitionPenalty: 1.5,
			Seed: uint64(s)}
		r, err := sampling.Encode(p, uint32(s), 0, []int32{11})
		toldOf(&r, 3*s+1)
		return r, err
	}
	for s := range slots {
		f.record(records, s, func() (sampling.Record, error) { return record(s) })
	}
	for i := range counts {
		counts[i] = int32(max(0, f.rng.IntN(6)-3))
	}
	o := backend.Sample{
		Dst:     f.output("Dst", backend.I32, rows, 1),
		Logits:  f.normal("Logits", rows, vocab),
		Records: f.ints("Records", sampling.RecordWords, records...),
		Counts:  f.ints("Counts", vocab, counts...),
		Probs:   f.output("Probs", backend.I32, slots, logProbPlaces*backend.LogProbWords),
		Batch:   f.batch(b, heads),
	}
	f.writes(o.Dst, func(row int) bool { return row < min(len(b.seqs), heads) && b.seqs[row].Rows > 0 })
	for _, s := range b.seqs[:min(len(b.seqs), max(heads, 0), rows)] {
		if s.Rows > 0 {
			r, err := record(s.Slot)
			f.check(err)
			f.tells(o.Probs, s.Slot, r)
		}
	}
	return o
}

// An advance is one sequence of an Advance case: its slot before, the token,
// and what the definition makes of it.
type advance struct {
	seq    backend.Sequence
	token  int32
	params sampling.Params
	step   uint32
	limit  uint32
	eos    []int32
	ring   []int32 // the window's tokens, in the ring's order
	counts map[int]int32

	from, to, rows int32 // afterwards
	ringAfter      []int32
	countsAfter    map[int]int32
}

const advanceVocab, advanceWindow, advanceOut = 13, 4, 5

// advances is worked out by hand.
var advances = []advance{
	{ // a ring of three states: the next after slot 3 is slot 4
		seq:   backend.Sequence{From: 2, To: 3, First: 0, Rows: 1, Ring: 2, RingLen: 3},
		token: 7, step: 4, counts: map[int]int32{7: 2},
		from: 3, to: 4, rows: 1, countsAfter: map[int]int32{7: 3},
	},
	{ // the ring begins anew after its last slot; a prompt's rows stay as they are
		seq:   backend.Sequence{From: 8, To: 9, First: 1, Rows: 3, Ring: 7, RingLen: 3},
		token: 0, step: 7, counts: map[int]int32{},
		from: 9, to: 7, rows: 3, countsAfter: map[int]int32{0: 1},
	},
	{ // no ring of states
		seq:   backend.Sequence{From: 5, To: 6, First: 4, Rows: 1},
		token: 12, step: 1 << 31, counts: map[int]int32{},
		from: 5, to: 6, rows: 1, countsAfter: map[int]int32{12: 1},
	},
	{ // a ring of one
		seq:   backend.Sequence{From: 10, To: 10, First: 5, Rows: 1, Ring: 10, RingLen: 1},
		token: 3, counts: map[int]int32{},
		from: 10, to: 10, rows: 1, countsAfter: map[int]int32{3: 1},
	},
	{ // into the ring from the shared state, which is outside of it
		seq:   backend.Sequence{From: 3, To: 0, First: 4, Rows: 1, Ring: 31, RingLen: 3},
		token: 2, counts: map[int]int32{},
		from: 0, to: 31, rows: 1, countsAfter: map[int]int32{2: 1},
	},
	{ // and from a state behind it
		seq:   backend.Sequence{From: 3, To: 40, First: 4, Rows: 1, Ring: 34, RingLen: 3},
		token: 2, counts: map[int]int32{},
		from: 40, to: 34, rows: 1, countsAfter: map[int]int32{2: 1},
	},
	{ // ended before: nothing happens
		seq:   backend.Sequence{From: 11, To: 12, First: 6, Rows: 0, Ring: 11, RingLen: 2},
		token: 4, step: 3, counts: map[int]int32{4: 1},
		from: 11, to: 12, rows: 0, countsAfter: map[int]int32{4: 1},
	},
	{ // a full window: token 5 leaves at place 6 mod 3
		seq:    backend.Sequence{From: 13, To: 14, First: 6, Rows: 1, Ring: 13, RingLen: 2},
		params: sampling.Params{RepetitionPenalty: 1.2, RepeatLastN: 3},
		token:  9, step: 6, ring: []int32{5, 9, 5}, counts: map[int]int32{5: 2, 9: 1},
		from: 14, to: 13, rows: 1, ringAfter: []int32{9, 9, 5}, countsAfter: map[int]int32{5: 1, 9: 2},
	},
	{ // the window takes in a token that leaves it
		seq:    backend.Sequence{From: 15, To: 16, First: 7, Rows: 1, Ring: 15, RingLen: 2},
		params: sampling.Params{RepetitionPenalty: 1.2, RepeatLastN: 4},
		token:  8, step: 5, ring: []int32{1, 8, 2, 8}, counts: map[int]int32{1: 1, 2: 1, 8: 2},
		from: 16, to: 15, rows: 1, ringAfter: []int32{1, 8, 2, 8}, countsAfter: map[int]int32{1: 1, 2: 1, 8: 2},
	},
	{ // a place of the window that is still empty
		seq:    backend.Sequence{From: 17, To: 18, First: 8, Rows: 1, Ring: 17, RingLen: 2},
		params: sampling.Params{RepetitionPenalty: 1.2, RepeatLastN: 2},
		token:  6, step: 1, ring: []int32{2, -1}, counts: map[int]int32{2: 1},
		from: 18, to: 17, rows: 1, ringAfter: []int32{2, 6}, countsAfter: map[int]int32{2: 1, 6: 1},
	},
	{ // an eos id, the last of several
		seq:   backend.Sequence{From: 20, To: 21, First: 9, Rows: 1, Ring: 20, RingLen: 4},
		token: 11, eos: []int32{2, 10, 11}, counts: map[int]int32{},
		from: 21, to: 22, rows: 0, countsAfter: map[int]int32{11: 1},
	},
	{ // id 0 is no eos where there are none
		seq:   backend.Sequence{From: 24, To: 25, First: 10, Rows: 1},
		token: 0, step: 2, limit: 9, counts: map[int]int32{},
		from: 24, to: 25, rows: 1, countsAfter: map[int]int32{0: 1},
	},
	{ // the limit, reached by this token
		seq:   backend.Sequence{From: 26, To: 27, First: 11, Rows: 1, Ring: 26, RingLen: 2},
		token: 1, step: 8, limit: 9, counts: map[int]int32{},
		from: 27, to: 26, rows: 0, countsAfter: map[int]int32{1: 1},
	},
	{ // one before the limit
		seq:   backend.Sequence{From: 28, To: 29, First: 12, Rows: 1, Ring: 28, RingLen: 2},
		token: 1, step: 7, limit: 9, counts: map[int]int32{},
		from: 29, to: 28, rows: 1, countsAfter: map[int]int32{1: 1},
	},
	{ // no token was drawn: the end, and nothing is counted
		seq:   backend.Sequence{From: 44, To: 45, First: 13, Rows: 1, Ring: 44, RingLen: 2},
		token: sampling.NoToken, step: 3, counts: map[int]int32{0: 1},
		from: 45, to: 44, rows: 0, countsAfter: map[int]int32{0: 1},
	},
	{ // nor in a window, where it takes a place like any other
		seq:    backend.Sequence{From: 46, To: 47, First: 14, Rows: 1, Ring: 46, RingLen: 2},
		params: sampling.Params{RepetitionPenalty: 1.2, RepeatLastN: 3},
		token:  math.MinInt32, step: 4, ring: []int32{2, 5, 2}, counts: map[int]int32{2: 2, 5: 1},
		from: 47, to: 46, rows: 0, ringAfter: []int32{2, math.MinInt32, 2}, countsAfter: map[int]int32{2: 2},
	},
	{ // no column of Counts
		seq:   backend.Sequence{From: 48, To: 49, First: 15, Rows: 1, Ring: 48, RingLen: 2},
		token: advanceVocab, step: 1, counts: map[int]int32{12: 1},
		from: 49, to: 48, rows: 0, countsAfter: map[int]int32{12: 1},
	},
}

func advanceCases() (cases []Case) {
	for _, c := range []struct {
		name          string
		counts, rings bool
	}{{"counts and windows", true, true}, {"no counts", false, false}, {"counts of the whole history", true, false}} {
		cases = append(cases, plainAndOdd(Case{
			Name: c.name, Kind: backend.KindAdvance,
			build: func(f *fixture) backend.Op {
				return buildAdvance(f, batch{more: 2}, len(advances)+3, len(advances), c.counts, c.rings)
			},
		})...)
	}
	for _, c := range []struct {
		name        string
		batch       batch
		rows, heads int // of Tokens, and BatchHeads
	}{
		{"sequences that are only read", batch{more: 2}, len(advances) + 3, 8},
		{"nothing is drawn", batch{more: 1}, 5, 0},
		{"fewer draws than none", batch{more: 1}, 5, -1},
		{"fewer tokens than sequences", batch{}, 8, len(advances)},
		{"outside", batch{number: math.MaxInt32, lies: []backend.Sequence{
			{Rows: 1, Slot: -1, RingLen: 2}, {Rows: 1, Slot: len(advances) + 2, RingLen: 2},
			{Rows: -1, RingLen: 2}}}, len(advances) + 3, math.MaxInt32},
	} {
		cases = append(cases, plainAndOdd(Case{
			Name: c.name, Kind: backend.KindAdvance,
			build: func(f *fixture) backend.Op { return buildAdvance(f, c.batch, c.rows, c.heads, true, true) },
		})...)
	}
	return cases
}

// buildAdvance accepts tokens, of rows rows, for the first heads sequences.
func buildAdvance(f *fixture, b batch, rows, heads int, counted, windows bool) backend.Op {
	n := len(advances)
	slots := n + 2 // no multiple of 5
	b.rows = 40
	tokens := []int32{}
	records := make([]int32, slots*sampling.RecordWords)
	counts, ring := make([]int32, slots*advanceVocab), make([]int32, slots*advanceWindow)
	slot := func(i int) int { return (5*i + 1) % slots }
	for i, a := range advances {
		a.seq.Slot = slot(i)
		b.seqs = append(b.seqs, a.seq)
		tokens = append(tokens, a.token)
		p := a.params
		if !windows {
			p.RepeatLastN = 0
		}
		f.record(records, slot(i), func() (sampling.Record, error) {
			return sampling.Encode(p, a.step, a.limit, a.eos)
		})
		for id, c := range a.counts {
			counts[slot(i)*advanceVocab+id] = c
		}
		copy(ring[slot(i)*advanceWindow:], a.ring)
	}
	words := b.encode(heads)
	o := backend.Advance{
		Tokens:  f.ints("Tokens", 1, append(tokens, 4, 4, 4)[:rows]...),
		Batch:   f.ints("Batch", backend.BatchWords, words...),
		Records: f.ints("Records", sampling.RecordWords, records...),
		Last:    f.output("Last", backend.I32, slots, 1),
		Out:     f.output("Out", backend.I32, slots, advanceOut),
	}
	if counted {
		o.Counts = f.ints("Counts", advanceVocab, counts...)
	}
	if windows {
		o.Ring = f.ints("Ring", advanceWindow, ring...)
	}
	for i, a := range advances[:min(max(heads, 0), rows, n)] {
		if a.seq.Rows == 0 {
			continue
		}
		s := slot(i)
		f.expects(o.Last, s, a.token)
		place := int(a.step % advanceOut)
		f.expects(o.Out.Columns(place, place+1), s, a.token)
		f.expects(o.Records.Columns(sampling.WordStep, sampling.WordStep+1), s, int32(a.step+1))
		f.expects(o.Batch.Columns(backend.SeqFrom, backend.SeqTo+1), 1+i, a.from, a.to)
		if a.token >= advanceVocab && !counted {
			a.rows = int32(a.seq.Rows) // the vocabulary is not known
		}
		f.expects(o.Batch.Columns(backend.SeqRows, backend.SeqRows+1), 1+i, a.rows)
		if windows {
			f.expects(o.Ring, s, a.ringAfter...)
		}
		if counted {
			after := a.countsAfter
			if !windows { // nothing leaves
				after = map[int]int32{}
				for id, c := range a.counts {
					after[id] = c
				}
				after[int(a.token)]++
			}
			for id := range advanceVocab {
				f.expects(o.Counts.Columns(id, id+1), s, after[id])
			}
		}
	}
	return o
}
