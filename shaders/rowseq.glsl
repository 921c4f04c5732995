// Which sequences a block of rows belongs to. Wants batch.glsl, p.rows, p.slots
// and ROWS, the rows of a block, of which there are at most MOST_ROWS.

struct RowSequence {
	uint first, end; // its rows; none where the row belongs to no sequence
	uint from, to;   // its state slots
};

shared RowSequence row_sequence[MOST_ROWS];

// Fills in the rows from first on; a barrier must follow. at counts the
// workgroup's invocations. No record waits for the header.
void find_sequences(uint first, uint at) {
	if (at >= ROWS) return;
	uint seqs = batch_seqs(), t = first + at;
	RowSequence found = RowSequence(0, 0, 0, 0);
	for (uint q = 0; q < p.batch_records; q++) {
		Sequence s = batch_sequence(q, p.rows, p.slots);
		if (q < seqs && t - s.first < s.rows) found = RowSequence(s.first, s.first + s.rows, s.from, s.to);
	}
	row_sequence[at] = found;
}
