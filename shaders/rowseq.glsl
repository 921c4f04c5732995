// Which sequences a block of rows belongs to. Wants batch.glsl, p.rows, p.slots,
// at, this invocation in its workgroup, and ROWS, the rows of a block, of which
// there are at most MOST_ROWS.

struct RowSequence {
	uint first, end; // its rows; none where the row belongs to no sequence
	uint from, to;   // its state slots
};

shared RowSequence row_sequence[MOST_ROWS];
shared uvec2 row_ring[MOST_ROWS]; // with BATCH_KEEP: the slots for its states, and how many; 0 where they are not kept

// Whether the state after row r of the block is kept, as the state after every row of its
// sequence.
bool row_keeps(uint r) { return BATCH_KEEP && row_ring[r].y != 0; }

// The slot that the state after row r of the block goes to, which is row t: the last of its sequence or
// one that is kept.
uint slot_after(RowSequence s, uint r, uint t) {
	if (!BATCH_KEEP || t + 1 == s.end) return s.to;
	return ring_slot(s.from, row_ring[r].x, row_ring[r].y, t - s.first);
}

uint sequences;     // of the batch
Sequence sequence0; // record at

Sequence record(uint q) { return batch_sequence(min(q, p.batch_records - 1), p.rows, p.slots); }

// Starts to load what find_sequences wants first. No record waits for the
// header, or for another.
void fetch_sequences() {
	sequences = batch_seqs();
	sequence0 = record(at);
}

// Fills in the rows from first on. All of the workgroup call it; a barrier must
// follow. There is another one within, and no operation of subgroups: by one that
// told which rows belong to none, a driver had only the first four belong to any
// where a workgroup has one channel.
void find_sequences(uint first) {
	if (at < ROWS) row_sequence[at] = RowSequence(0, 0, 0, 0);
	if (BATCH_KEEP && at < ROWS) row_ring[at] = uvec2(0);
	barrier();
	for (uint q = at; q < sequences; q += gl_WorkGroupSize.x) {
		Sequence s = sequence0;
		if (q > at) s = record(q);
		for (uint t = max(s.first, first); t < min(s.first + s.rows, first + ROWS); t++) {
			row_sequence[t - first] = RowSequence(s.first, s.first + s.rows, s.from, s.to);
			if (BATCH_KEEP) row_ring[t - first] = uvec2(s.ring, s.ring_len);
		}
	}
}
