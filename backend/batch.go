package backend

import "fmt"

// A ragged batch is data: an int32 matrix of BatchWords columns that says which
// rows of the pass belong to which sequence and where each keeps its state. Row
// 0 is the header; row 1+i is the record of sequence i. Words that are not
// named are zero.
const BatchWords = 8

// Words of the header.
const (
	BatchRows  = 0 // live rows: the tokens of all sequences together
	BatchSeqs  = 1 // live sequences
	BatchHeads = 2 // live rows of the head: those whose logits are wanted; of Sample, sequences that draw
)

// Words of a sequence's record. Conv1D and SelectiveScan read the state from
// slot SeqFrom and leave it in slot SeqTo, which may be the same; a sequence
// without rows leaves both alone. Sequences never share a SeqTo slot, nor is
// one's SeqTo another's SeqFrom.
const (
	SeqFrom    = 0 // state slot that is read
	SeqTo      = 1 // state slot that is written
	SeqFirst   = 2 // its first row
	SeqRows    = 3 // its rows, consecutive
	SeqSlot    = 4 // its row in the tables of Sample and Advance
	SeqRing    = 5 // first of the state slots that Advance takes in turn
	SeqRingLen = 6 // how many they are; 0 leaves SeqFrom and SeqTo as they are
	SeqKeep    = 7 // 1: the state after every row is kept, each in a slot of the ring, see Sequence.Row
)

// A Sequence is one record of a batch.
type Sequence struct {
	From, To      int // state slots
	First, Rows   int // rows of the pass
	Slot          int // row of the sampling tables
	Ring, RingLen int // state slots taken in turn: First and Len of a Ring

	// Keep has every row leave its state in a slot of its own, so that a text can go on
	// behind any of them: the sequence is then what its rows are one after another, each
	// in a pass of its own. See Row.
	Keep bool
}

// Row returns what row i of a sequence that keeps its states is: a sequence of one row. It
// reads what the row before it left, the first row From, and leaves its own state in the
// slot that the ring has i+1 steps after From, the last row in To. Of several rows no two
// leave theirs in one slot, and none in From. A state of 16 bits is rounded after every row.
func (s Sequence) Row(i int) Sequence {
	ring := Ring{First: s.Ring, Len: s.RingLen}
	r := s
	r.First, r.Rows, r.Keep = s.First+i, 1, false
	if i > 0 {
		r.From = ring.Next(s.From, i)
	}
	if i < s.Rows-1 {
		r.To = ring.Next(s.From, i+1)
	}
	return r
}

// A Ring is the state slots that a sequence takes in turn, so that the states of
// its last Len−1 steps stay readable.
type Ring struct{ First, Len int }

// Next returns the slot that is written n steps after slot. From a slot outside
// of the ring, such as the shared one before the first token, the first step
// goes to First. n is at least 1, unless slot is in the ring, and Len as well.
func (r Ring) Next(slot, n int) int {
	if slot < r.First || slot >= r.First+r.Len {
		slot, n = r.First, n-1
	}
	return r.First + (slot-r.First+n)%r.Len
}

// EncodeBatch writes the batch of seqs to dst, which holds at least 1+len(seqs)
// rows of BatchWords; heads is the header's BatchHeads. BatchRows becomes the sum
// of the sequences' rows: they should begin at row 0 and leave no gap, since
// DecodeBatch refuses others.
func EncodeBatch(dst []int32, seqs []Sequence, heads int) {
	clear(dst)
	rows := 0
	for i, s := range seqs {
		rows += s.Rows
		r := dst[(1+i)*BatchWords:][:BatchWords]
		r[SeqFrom], r[SeqTo] = int32(s.From), int32(s.To)
		r[SeqFirst], r[SeqRows] = int32(s.First), int32(s.Rows)
		r[SeqSlot] = int32(s.Slot)
		r[SeqRing], r[SeqRingLen] = int32(s.Ring), int32(s.RingLen)
		if s.Keep {
			r[SeqKeep] = 1
		}
	}
	dst[BatchRows], dst[BatchSeqs], dst[BatchHeads] = int32(rows), int32(len(seqs)), int32(heads)
}

// DecodeSequence returns the sequence of a record, of at least BatchWords words.
func DecodeSequence(record []int32) Sequence {
	return Sequence{
		From: int(record[SeqFrom]), To: int(record[SeqTo]),
		First: int(record[SeqFirst]), Rows: int(record[SeqRows]),
		Slot: int(record[SeqSlot]),
		Ring: int(record[SeqRing]), RingLen: int(record[SeqRingLen]),
		Keep: record[SeqKeep] == 1,
	}
}

// Within reports whether s lies in a pass of rows rows and in a pool of slots
// state slots. A kernel takes a sequence that does not for one without rows. One that
// keeps its states wants a ring within the slots, of as many at least as it has rows. Where
// an operation has no state, set From and To to 0, Keep to false and slots to 1.
func (s Sequence) Within(rows, slots int) bool {
	return s.Rows >= 0 && s.First >= 0 && s.First <= rows-s.Rows &&
		s.From >= 0 && s.From < slots && s.To >= 0 && s.To < slots &&
		(!s.Keep || s.Ring >= 0 && s.RingLen >= s.Rows && s.Ring <= slots-s.RingLen)
}

// DecodeBatch returns the sequences of a batch, dense rows of BatchWords, and its
// BatchHeads. The error says in what the batch contradicts itself: counts that it
// has no room for, rows that are not live or belong to two sequences, slots below
// zero, and a state that one sequence writes and another reads or writes. How
// many slots there are it does not know.
func DecodeBatch(words []int32) (seqs []Sequence, heads int, err error) {
	if len(words) < BatchWords || len(words)%BatchWords != 0 {
		return nil, 0, fmt.Errorf("a batch of %d words: want rows of %d", len(words), BatchWords)
	}
	rows, n, heads := int(words[BatchRows]), int(words[BatchSeqs]), int(words[BatchHeads])
	if room := len(words)/BatchWords - 1; n < 0 || n > room {
		return nil, 0, fmt.Errorf("the batch says %d sequences and has records for %d", n, room)
	}
	if rows < 0 || heads < 0 {
		return nil, 0, fmt.Errorf("the batch says %d rows and %d heads", rows, heads)
	}
	for i := range n {
		s := DecodeSequence(words[(1+i)*BatchWords:])
		if err := s.check(rows); err != nil {
			return nil, 0, fmt.Errorf("sequence %d of the batch %w", i, err)
		}
		for j, t := range seqs {
			if s.Rows == 0 || t.Rows == 0 {
				continue
			}
			if s.First < t.First+t.Rows && t.First < s.First+s.Rows {
				return nil, 0, fmt.Errorf("sequences %d and %d of the batch share rows", j, i)
			}
			if s.meets(t) || t.meets(s) {
				return nil, 0, fmt.Errorf("sequences %d and %d of the batch share a state that one of them writes",
					j, i)
			}
		}
		seqs = append(seqs, s)
	}
	return seqs, heads, nil
}

// meets reports whether s writes a state that t reads or writes.
func (s Sequence) meets(t Sequence) bool {
	rings := s.Keep && t.Keep && s.Ring < t.Ring+t.RingLen && t.Ring < s.Ring+s.RingLen
	return rings || s.writes(t.From) || s.writes(t.To)
}

// writes reports whether s writes the state of a slot, or any of a ring that it is in.
func (s Sequence) writes(slot int) bool {
	return slot == s.To || s.Keep && slot >= s.Ring && slot < s.Ring+s.RingLen
}

// check reports what is wrong with a sequence of a pass of rows rows: the rest of
// a sentence about it. States and slots of one without rows do not count.
func (s Sequence) check(rows int) error {
	switch {
	case s.Rows < 0 || s.First < 0 || s.Rows > 0 && s.First > rows-s.Rows:
		return fmt.Errorf("has %d rows from %d on: the pass has %d", s.Rows, s.First, rows)
	case s.Rows > 0 && (s.From < 0 || s.To < 0):
		return fmt.Errorf("goes from state slot %d to %d", s.From, s.To)
	case s.Rows > 0 && s.Slot < 0:
		return fmt.Errorf("has slot %d", s.Slot)
	case s.Rows > 0 && (s.Ring < 0 || s.RingLen < 0):
		return fmt.Errorf("has a ring of %d state slots from %d on", s.RingLen, s.Ring)
	case s.Keep && s.Rows > s.RingLen:
		return fmt.Errorf("keeps the states of %d rows in a ring of %d", s.Rows, s.RingLen)
	case s.Keep && s.Rows > 1 && (s.From == s.To || s.keepsIn(s.To) || s.keepsIn(s.From)):
		return fmt.Errorf("goes from state slot %d to %d and keeps another in one of them", s.From, s.To)
	}
	return nil
}

// keepsIn reports whether the state after a row but the last goes to slot.
func (s Sequence) keepsIn(slot int) bool {
	for i := range s.Rows - 1 {
		if s.Row(i).To == slot {
			return true
		}
	}
	return false
}

// BatchWord returns the view of one header word of batch: what the row-wise
// operations take as their Live operand.
func BatchWord(batch Tensor, word int) Tensor {
	return batch.RowRange(0, 1).Columns(word, word+1)
}
