// Which sequences a block of rows belongs to. Wants batch.glsl, p.rows, p.slots
// and ROWS, the rows of a block, of which there are at most MOST_ROWS.

struct RowSequence {
	uint first, end; // its rows; none where the row belongs to no sequence
	uint from, to;   // its state slots
};

shared RowSequence row_sequence[MOST_ROWS];

uint sequences;     // of the batch
Sequence sequence0; // of the records, the one of this invocation's place in the subgroup

Sequence record(uint q) { return batch_sequence(min(q, p.batch_records - 1), p.rows, p.slots); }

// Starts to load what find_sequences wants first. No record waits for the
// header, or for another.
void fetch_sequences() {
	sequences = batch_seqs();
	sequence0 = record(gl_SubgroupInvocationID);
}

// Fills in the rows from first on, which one subgroup does; a barrier must
// follow.
void find_sequences(uint first) {
	if (gl_SubgroupID != 0) return;
	uint lanes_ = gl_WorkGroupSize.x / gl_NumSubgroups, none = (1u << ROWS) - 1;
	for (uint q0 = 0; q0 < p.batch_records; q0 += lanes_) {
		uint q = q0 + gl_SubgroupInvocationID, mine = 0;
		Sequence s = sequence0;
		if (q0 > 0) s = record(q);
		[[unroll]] for (uint r = 0; r < ROWS; r++) {
			if (q < sequences && first + r - s.first < s.rows) {
				row_sequence[r] = RowSequence(s.first, s.first + s.rows, s.from, s.to);
				mine |= 1u << r;
			}
		}
		none &= ~subgroupOr(mine);
	}
	for (uint r = gl_SubgroupInvocationID; r < ROWS; r += lanes_) {
		if ((none >> r & 1) != 0) row_sequence[r] = RowSequence(0, 0, 0, 0);
	}
}
