// The records of a ragged batch, as package backend lays them out. Wants
// BATCH_BINDING, p.batch_off, p.batch_stride and p.batch_records, the records
// that there is room for. BATCH_ACCESS is readonly unless it is set before.

#ifndef BATCH_ACCESS
#define BATCH_ACCESS readonly
#endif

layout(set = 0, binding = BATCH_BINDING) BATCH_ACCESS buffer Batch { int batch[]; };

// Words of the header, and of a record.
const uint BATCH_ROWS = 0;
const uint BATCH_SEQS = 1;
const uint BATCH_HEADS = 2;
const uint SEQ_FROM = 0;
const uint SEQ_TO = 1;
const uint SEQ_FIRST = 2;
const uint SEQ_ROWS = 3;
const uint SEQ_SLOT = 4;
const uint SEQ_RING = 5;
const uint SEQ_RING_LEN = 6;

uint batch_seqs() { return min(p.batch_records, uint(max(batch[p.batch_off + BATCH_SEQS], 0))); }

// The sequences that may draw a token: the first of the batch. p.batch_records is
// not above the tokens that there is room for.
uint batch_draws() { return min(batch_seqs(), uint(max(batch[p.batch_off + BATCH_HEADS], 0))); }

uint batch_word(uint seq, uint word) { return uint(batch[p.batch_off + (1 + seq) * p.batch_stride + word]); }

struct Sequence {
	uint from, to;    // state slots
	uint first, rows; // rows of the pass
};

// Record seq of a pass of rows rows over slots state slots. A sequence that
// does not lie within them, which a sound batch has not, is one without rows.
Sequence batch_sequence(uint seq, uint rows, uint slots) {
	Sequence s = Sequence(batch_word(seq, SEQ_FROM), batch_word(seq, SEQ_TO),
		batch_word(seq, SEQ_FIRST), batch_word(seq, SEQ_ROWS));
	if (s.from >= slots || s.to >= slots || s.rows > rows || s.first > rows - s.rows) s.rows = 0;
	return s;
}
