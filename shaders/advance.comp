#version 460
// variant: advance_i32
// Accepts the token of each sequence that draws, as backend.Advance says;
// one invocation to a sequence.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint tokens_off, tokens_stride;
	uint records_off, records_stride, slots;
	uint counts_off, counts_stride, counts_cols;
	uint ring_off, ring_stride, ring_cols;
	uint last_off, last_stride;
	uint out_off, out_stride, out_cols;
	uint batch_off, batch_stride, batch_records;
} p;

layout(set = 0, binding = 1) readonly buffer Tokens { int tokens[]; };
layout(set = 0, binding = 2) restrict buffer Records { uint records[]; };
layout(set = 0, binding = 3) restrict buffer Counts { int counts[]; };
layout(set = 0, binding = 4) restrict buffer Ring { int ring[]; };
layout(set = 0, binding = 5) restrict writeonly buffer Last { int last[]; };
layout(set = 0, binding = 6) restrict writeonly buffer Out { int out_[]; };
#define BATCH_BINDING 7
#define BATCH_ACCESS restrict
#include "batch.glsl"
#include "record.glsl"

const uint ABSENT = 0xffffffffu;

void count(uint slot, int id, int by) {
	if (uint(id) < p.counts_cols) counts[p.counts_off + slot * p.counts_stride + id] += by;
}

// 1. The token, for the next step and for the host.
void hand_over(uint slot, uint step, int id) {
	last[p.last_off + slot * p.last_stride] = id;
	out_[p.out_off + slot * p.out_stride + step % p.out_cols] = id;
}

// 2. The penalty's window.
void move_window(uint slot, uint record, uint step, int id) {
	uint window = p.ring_off == ABSENT ? 0 : min(records[record + WORD_WINDOW], p.ring_cols);
	if (window > 0) {
		uint at = p.ring_off + slot * p.ring_stride + step % window;
		count(slot, ring[at], -1);
		ring[at] = id;
	}
	count(slot, id, 1);
}

// 4. The states: the next of the ring, for the record that begins at word at.
void move_states(uint at) {
	int len = batch[at + SEQ_RING_LEN], first = batch[at + SEQ_RING], to = batch[at + SEQ_TO];
	if (len > 0) {
		int next = to + 1;
		if (next < first || next - first >= len) next = first;
		batch[at + SEQ_FROM] = to;
		batch[at + SEQ_TO] = next;
	}
}

// 5. The end: whether the token is the sequence's last, or none.
bool ends(uint record, uint steps, int id) {
	uint limit = records[record + WORD_LIMIT];
	bool end = id < 0 || p.counts_off != ABSENT && id >= int(p.counts_cols) || limit != 0 && steps >= limit;
	uint eos = min(records[record + WORD_EOS_COUNT], MAX_EOS);
	for (uint i = 0; i < eos; i++) end = end || records[record + WORD_EOS + i] == uint(id);
	return end;
}

void advance(uint seq, uint slot) {
	int id = tokens[p.tokens_off + seq * p.tokens_stride];
	uint record = p.records_off + slot * p.records_stride;
	uint step = records[record + WORD_STEP];
	hand_over(slot, step, id);
	if (p.counts_off != ABSENT) move_window(slot, record, step, id);
	step++; // 3.
	records[record + WORD_STEP] = step;
	uint at = p.batch_off + (1 + seq) * p.batch_stride;
	move_states(at);
	if (ends(record, step, id)) batch[at + SEQ_ROWS] = 0;
}

void main() {
	uint seqs = batch_draws();
	for (uint q = gl_GlobalInvocationID.x; q < seqs; q += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
		uint slot = batch_word(q, SEQ_SLOT);
		if (int(batch_word(q, SEQ_ROWS)) > 0 && slot < p.slots) advance(q, slot);
	}
}
