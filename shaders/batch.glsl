// The records of a ragged batch, as package backend lays them out. Wants
// BATCH_BINDING, p.batch_off, p.batch_stride and p.batch_records, the records
// that there is room for. BATCH_ACCESS is readonly unless it is set before.

#ifndef BATCH_ACCESS
#define BATCH_ACCESS readonly
#endif

// BATCH_KEEP says whether sequences may keep the state after every row.
#ifndef BATCH_KEEP
#define BATCH_KEEP false
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
const uint SEQ_KEEP = 7;

uint batch_seqs() { return min(p.batch_records, uint(max(batch[p.batch_off + BATCH_SEQS], 0))); }

// The sequences that may draw a token: the first of the batch. p.batch_records is
// not above the tokens that there is room for.
uint batch_draws() { return min(batch_seqs(), uint(max(batch[p.batch_off + BATCH_HEADS], 0))); }

uint batch_word(uint seq, uint word) { return uint(batch[p.batch_off + (1 + seq) * p.batch_stride + word]); }

struct Sequence {
	uint from, to;       // state slots
	uint first, rows;    // rows of the pass
	uint ring, ring_len; // slots for the state after every row; none where that is not kept
};

const uint NO_SLOTS = 0xffffffffu; // the slots of what has no state

// Record seq of a pass of rows rows over slots state slots. A sequence that
// does not lie within them, which a sound batch has not, is one without rows.
Sequence batch_sequence(uint seq, uint rows, uint slots) {
	Sequence s = Sequence(batch_word(seq, SEQ_FROM), batch_word(seq, SEQ_TO),
		batch_word(seq, SEQ_FIRST), batch_word(seq, SEQ_ROWS),
		batch_word(seq, SEQ_RING), batch_word(seq, SEQ_RING_LEN));
	bool keep = BATCH_KEEP && batch_word(seq, SEQ_KEEP) == 1 && slots != NO_SLOTS;
	if (s.from >= slots || s.to >= slots || s.rows > rows || s.first > rows - s.rows) s.rows = 0;
	if (keep && (s.ring_len < s.rows || s.ring_len > slots || s.ring > slots - s.ring_len)) s.rows = 0;
	if (!keep) s.ring_len = 0;
	return s;
}

// The slot i + 1 steps after from in a ring, or from its first on where from lies outside.
uint ring_slot(uint from, uint ring, uint ring_len, uint i) {
	uint at = from - ring < ring_len ? from - ring + i + 1 : i;
	return ring + (at < ring_len ? at : at - ring_len);
}
