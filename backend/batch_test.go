package backend_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	. "falconmamba/backend"
)

func TestEncodeBatch(t *testing.T) {
	dst := slices.Repeat([]int32{-7}, 4*BatchWords)
	EncodeBatch(dst, []Sequence{
		{From: 3, To: 4, First: 0, Rows: 5, Slot: 2, Ring: 3, RingLen: 4},
		{From: 1, To: 1, First: 5, Rows: 2, Slot: 9, Keep: true},
	}, 6)
	want := []int32{
		7, 2, 6, 0, 0, 0, 0, 0,
		3, 4, 0, 5, 2, 3, 4, 0,
		1, 1, 5, 2, 9, 0, 0, 1,
		0, 0, 0, 0, 0, 0, 0, 0,
	}
	if !slices.Equal(dst, want) {
		t.Errorf("%v, want %v", dst, want)
	}
}

func TestRing(t *testing.T) {
	for _, c := range []struct {
		ring          Ring
		slot, n, want int
	}{
		{Ring{3, 4}, 3, 0, 3}, {Ring{3, 4}, 3, 1, 4}, {Ring{3, 4}, 6, 1, 3}, {Ring{3, 4}, 5, 9, 6},
		{Ring{3, 4}, 0, 1, 3}, {Ring{3, 4}, 0, 2, 4}, {Ring{3, 4}, 0, 5, 3}, // the shared slot
		{Ring{3, 4}, 2, 1, 3}, {Ring{3, 4}, 7, 1, 3}, {Ring{3, 4}, 7, 3, 5},
		{Ring{5, 1}, 5, 7, 5}, {Ring{5, 1}, 0, 1, 5},
	} {
		if got := c.ring.Next(c.slot, c.n); got != c.want {
			t.Errorf("%+v: %d steps after slot %d is %d, want %d", c.ring, c.n, c.slot, got, c.want)
		}
	}
}

// The slots of a sequence that keeps its states are those that its ring has behind From.
func TestSequenceRow(t *testing.T) {
	for _, c := range []struct {
		s    Sequence
		want [][2]int // from, to
	}{
		{Sequence{From: 0, To: 9, Rows: 3, Ring: 4, RingLen: 3}, [][2]int{{0, 4}, {4, 5}, {5, 9}}},
		{Sequence{From: 5, To: 4, Rows: 4, Ring: 4, RingLen: 5}, [][2]int{{5, 6}, {6, 7}, {7, 8}, {8, 4}}},
		{Sequence{From: 8, To: 6, Rows: 3, Ring: 4, RingLen: 5}, [][2]int{{8, 4}, {4, 5}, {5, 6}}},
		{Sequence{From: 3, To: 3, Rows: 1}, [][2]int{{3, 3}}},
	} {
		for i, w := range c.want {
			c.s.First, c.s.Slot = 7, 2
			r := c.s
			r.First, r.Rows, r.From, r.To = 7+i, 1, w[0], w[1]
			if got := c.s.Row(i); got != r {
				t.Errorf("row %d of %+v is %+v, want %+v", i, c.s, got, r)
			}
		}
	}
}

func TestDecodeBatch(t *testing.T) {
	seqs := []Sequence{
		{From: 3, To: 4, First: 2, Rows: 5, Slot: 2, Ring: 3, RingLen: 4},
		{From: 1, To: 2, First: 0, Rows: 2, Slot: 9, Ring: 9, RingLen: 2, Keep: true},
		{From: -1, To: 4, First: 7, Rows: 0, Slot: -1}, // its states do not count
	}
	words := make([]int32, 6*BatchWords)
	EncodeBatch(words, seqs, 6)
	if got, heads, err := DecodeBatch(words); !slices.Equal(got, seqs) || heads != 6 || err != nil {
		t.Errorf("%+v, %d, %v: want %+v", got, heads, err, seqs)
	}
	// A sequence that Advance has ended leaves its rows behind.
	words[BatchWords+SeqRows] = 0
	if _, _, err := DecodeBatch(words); err != nil {
		t.Error(err)
	}

	for _, c := range []struct {
		seqs []Sequence
		at   int // word that is changed to value
		to   int32
		want string
	}{
		{nil, BatchSeqs, -1, "says -1 sequences and has records for 3"},
		{nil, BatchSeqs, 4, "says 4 sequences and has records for 3"},
		{nil, BatchRows, -1, "says -1 rows and 2 heads"},
		{nil, BatchHeads, -5, "says 0 rows and -5 heads"},
		{[]Sequence{{Rows: 2}}, BatchRows, 1, "sequence 0 of the batch has 2 rows from 0 on: the pass has 1"},
		{[]Sequence{{Rows: 2}}, BatchWords + SeqFirst, -1, "2 rows from -1 on"},
		{[]Sequence{{Rows: 2}}, BatchWords + SeqRows, -1, "-1 rows from 0 on"},
		{[]Sequence{{Rows: 2}}, BatchWords + SeqFirst, math.MaxInt32, "from 2147483647 on"},
		{[]Sequence{{Rows: 2}}, BatchWords + SeqFrom, -1, "goes from state slot -1 to 0"},
		{[]Sequence{{Rows: 2}}, BatchWords + SeqTo, -2, "goes from state slot 0 to -2"},
		{[]Sequence{{Rows: 2}}, BatchWords + SeqSlot, -1, "has slot -1"},
		{[]Sequence{{Rows: 2}}, BatchWords + SeqRingLen, -1, "has a ring of -1 state slots from 0 on"},
		{[]Sequence{{Rows: 2}, {From: 1, To: 1, First: 2, Rows: 2}}, 2*BatchWords + SeqFirst, 1,
			"sequences 0 and 1 of the batch share rows"},
		{[]Sequence{{Rows: 2}, {From: 1, To: 1, First: 2, Rows: 2}}, 2*BatchWords + SeqTo, 0,
			"share a state that one of them writes"},
		{[]Sequence{{Rows: 2}, {From: 1, To: 1, First: 2, Rows: 2}}, 2*BatchWords + SeqFrom, 0,
			"share a state that one of them writes"},
		{[]Sequence{{Rows: 2, To: 1, Ring: 2, RingLen: 3, Keep: true}}, BatchWords + SeqRingLen, 1,
			"keeps the states of 2 rows in a ring of 1"},
		{[]Sequence{{Rows: 2, To: 1, Ring: 2, RingLen: 3, Keep: true}}, BatchWords + SeqTo, 2,
			"goes from state slot 0 to 2 and keeps another in one of them"},
		{[]Sequence{{Rows: 2, To: 1, Ring: 2, RingLen: 3, Keep: true}}, BatchWords + SeqFrom, 1,
			"goes from state slot 1 to 1 and keeps another in one of them"},
		{[]Sequence{{Rows: 2, To: 1, Ring: 2, RingLen: 3, Keep: true}, {From: 5, To: 5, First: 2, Rows: 2}},
			2*BatchWords + SeqFrom, 4, "share a state that one of them writes"},
	} {
		words := make([]int32, 4*BatchWords)
		EncodeBatch(words, c.seqs, 2)
		words[c.at] = c.to
		if _, _, err := DecodeBatch(words); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v with word %d as %d: %v, want %q", c.seqs, c.at, c.to, err, c.want)
		}
	}
	for _, n := range []int{0, 7, 12} {
		if _, _, err := DecodeBatch(make([]int32, n)); err == nil {
			t.Errorf("a batch of %d words is one", n)
		}
	}
}

func TestBatchWord(t *testing.T) {
	batch := Matrix(&memory{1 << 10}, 64, I32, 3, BatchWords)
	got := BatchWord(batch, BatchHeads)
	if want := (Tensor{batch.Buf, 64 + 4*BatchHeads, I32, 1, 1, BatchWords}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	c := NewChecker("")
	c.Live(got)
	if c.Err() != nil {
		t.Error(c.Err())
	}
}
