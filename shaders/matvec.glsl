// The product of a few rows with a weight, source · weightᵀ, for kernels whose
// time is that of reading the weight once.
//
// A workgroup has a range of the output channels. Each of its subgroups takes a
// group of OUTS channels at a time, for a block of ROWS rows. Its lanes go along
// the columns by chunks. A step is AHEAD chunks of each channel to a lane. More
// than ROWS rows are taken block by block; the weight then comes from a cache. A
// row's sums are the same whatever its place in a block and whatever the other
// rows are, and with ALIKE whatever ROWS, AHEAD and TILE are.
//
// Rows come from matvec_tile.glsl, in float32 through shared memory, or with
// INTEGERS from matvec_ready.glsl, as a kernel before has made them ready.
//
// The kernel's main has the loops over groups, blocks and steps. A team, which
// shares the sums of a group, is a subgroup here.
//
// Wants weight.glsl, WEIGHT_BINDING, and of the parameters rows, cols, outs
// (channels) and pitch (words of a channel); with NORM also eps. The workgroup
// has at most SUBGROUPS subgroups. Wants what the file of its rows wants, and
//
//	uint live_rows()  rows whose results may be written

layout(local_size_x = 128, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 1;
layout(constant_id = 2) const uint OUTS = 2;
layout(constant_id = 3) const uint AHEAD = 2;

const uint MOST_ROWS = 8;
const uint MOST_OUTS = 4;
const uint MOST_CHUNKS = 8; // of OUTS · AHEAD: of a step
const uint SUBGROUPS = 16;

#ifndef HISTORY
#define HISTORY 0 // rows of sums before those of the block
#endif

layout(set = 0, binding = WEIGHT_BINDING) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"

uint lane, lanes;         // this invocation in its subgroup
uint subgroup, subgroups; // its subgroup in the workgroup
uint at;                  // this invocation, counted subgroup by subgroup
uint part = 0;            // this subgroup in its team
uint member, members;     // this invocation in its team

void find_place() {
	subgroup = gl_SubgroupID;
	subgroups = gl_NumSubgroups;
	lane = gl_SubgroupInvocationID;
	lanes = gl_WorkGroupSize.x / subgroups; // gl_SubgroupSize may be more than there are
	at = subgroup * lanes + lane;
	member = lane;
	members = lanes;
}

// Mesa's lavapipe takes subgroupBarrier for barrier, so all teams must meet
// equally many.
void team_barrier() { subgroupBarrier(); }

#ifdef INTEGERS
#include "pair.glsl"
#define LOADS pairs // what the text below calls chunks
#else
#define LOADS chunks
#endif

float acc[MOST_OUTS * MOST_ROWS]; // this lane's share of the sums

uint first_group, end_group; // of OUTS channels, the workgroup's
uint first_chunk, end_chunk; // of a channel, the workgroup's
uint step_chunks, steps;     // chunks of a step, and steps
uint alive;                  // live rows
uint blocks;                 // of ROWS rows, those of all workgroups

#ifdef INTEGERS
#include "matvec_ready.glsl"
#else
#include "matvec_tile.glsl"
#endif

void divide_channels() {
	uint groups = (p.outs + OUTS - 1) / OUTS;
	uint each = (groups + gl_NumWorkGroups.x - 1) / gl_NumWorkGroups.x;
	first_group = gl_WorkGroupID.x * each;
	end_group = min(first_group + each, groups);
}

// The first of the channels that this subgroup takes when the workgroup's first
// subgroup takes a group; p.outs where nothing is left for it.
uint channels_from(uint group) { return group + subgroup < end_group ? (group + subgroup) * OUTS : p.outs; }

void divide_columns() {
	uint all = LOADS(p.cols, p.pitch), span = (all + gl_NumWorkGroups.z - 1) / gl_NumWorkGroups.z;
	first_chunk = min(gl_WorkGroupID.z * span, all);
	end_chunk = min(first_chunk + span, all);
	step_chunks = lanes * AHEAD;
	steps = (end_chunk - first_chunk + step_chunks - 1) / step_chunks;
	divide_tile_columns();
}

void divide_rows() {
	alive = live_rows();
	// Where one block has all rows, nothing waits for the count of live rows.
	blocks = 1;
	if (p.rows > ROWS) blocks = (alive + ROWS - 1) / ROWS;
	divide_tile_rows();
}

// Where the sum of the team's channel i and row r of the block is, for
// r ≥ −HISTORY.
#ifdef WHOLE_TEAM
shared float sums[(HISTORY + MOST_ROWS) * WHOLE_TEAM];

uint own = 0; // the first of this subgroup's channels, of its team's

uint sum_at(int r, uint i) { return uint(HISTORY + r) * WHOLE_TEAM + i; }
#else
shared float sums[SUBGROUPS * (HISTORY + MOST_ROWS) * MOST_OUTS];

uint sum_at(int r, uint i) { return (subgroup * (HISTORY + MOST_ROWS) + uint(HISTORY + r)) * MOST_OUTS + i; }
#endif

float sum_of(int r, uint i) { return sums[sum_at(r, i)]; }

void set_sum(int r, uint i, float x) { sums[sum_at(r, i)] = x; }

// Leaves in sums what the lanes have.
void add_up() {
	[[unroll]] for (uint i = 0; i < OUTS; i++) {
		[[unroll]] for (uint r = 0; r < ROWS; r++) {
			float sum = subgroupAdd(acc[i * ROWS + r]);
#ifdef WHOLE_TEAM
			if (lane == 0) sums[sum_at(int(r), own + i)] = sum;
#else
			if (lane == 0) sums[sum_at(int(r), i)] = sum;
#endif
		}
	}
#ifndef WHOLE_TEAM
	team_barrier();
#endif
}
