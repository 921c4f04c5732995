package backend

// A ragged batch is data: an int32 matrix of BatchWords columns that says which
// rows of the pass belong to which sequence and where each keeps its state. Row
// 0 is the header; row 1+i is the record of sequence i. Words that are not
// named are zero.
const BatchWords = 8

// Words of the header.
const (
	BatchRows  = 0 // live rows: the tokens of all sequences together
	BatchSeqs  = 1 // live sequences
	BatchHeads = 2 // live rows of the head: those whose logits are wanted
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
)

// A Sequence is one record of a batch.
type Sequence struct {
	From, To      int // state slots
	First, Rows   int // rows of the pass
	Slot          int // row of the sampling tables
	Ring, RingLen int // state slots taken in turn, see Advance
}

// EncodeBatch writes the batch of seqs to dst, which holds at least 1+len(seqs)
// rows of BatchWords; heads is the header's BatchHeads.
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
	}
	dst[BatchRows], dst[BatchSeqs], dst[BatchHeads] = int32(rows), int32(len(seqs)), int32(heads)
}

// BatchWord returns the view of one header word of batch: what the row-wise
// operations take as their Live operand.
func BatchWord(batch Tensor, word int) Tensor {
	return batch.RowRange(0, 1).Columns(word, word+1)
}
