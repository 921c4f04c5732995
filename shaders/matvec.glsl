// The product of a few rows with a weight, source · weightᵀ, for kernels whose
// time is that of reading the weight once.
//
// A workgroup has a range of the output channels. Each of its subgroups takes a
// group of OUTS channels at a time, for a block of ROWS rows. Its lanes go along
// the columns by chunks. A step is AHEAD chunks of each channel to a lane, and
// those of the next step are in flight meanwhile. The block's rows lie in a tile
// in shared memory, as many steps of them as TILE vectors hold. More than ROWS
// rows are taken block by block; the weight then comes from a cache. A row's
// sums are the same whatever its place in a block and whatever the other rows
// are, and with ALIKE whatever ROWS, AHEAD and TILE are.
//
// The kernel's main has the loops over groups, blocks and steps. A team, which
// shares the sums of a group, is a subgroup here.
//
// Wants weight.glsl, WEIGHT_BINDING, and of the parameters rows, cols, outs
// (channels) and pitch (words of a channel); with NORM also eps. The workgroup
// has at most SUBGROUPS subgroups, and TILE vectors hold at least one step.
// Wants these functions as well:
//
//	uint live_rows()              rows whose results may be written
//	float source(uint t, uint c)  element c < p.cols of row t < p.rows
//	float norm_weight(uint c)     with NORM: what a column is multiplied by once
//	                              its square is taken

layout(local_size_x = 128, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 1;
layout(constant_id = 2) const uint OUTS = 2;
layout(constant_id = 3) const uint AHEAD = 2;
layout(constant_id = 4) const uint TILE = 512;
layout(constant_id = 5) const bool ALIKE = false; // with NORM: a row's sums do not depend on ROWS

const uint MOST_ROWS = 8;
const uint MOST_OUTS = 4;
const uint MOST_CHUNKS = 8; // of OUTS · AHEAD
const uint SUBGROUPS = 16;
const uint QUADS = CHUNK_SIZE / 4; // vectors of a chunk

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

Chunk next[MOST_CHUNKS]; // in flight
Chunk now[MOST_CHUNKS];
float acc[MOST_OUTS * MOST_ROWS]; // this lane's share of the sums
uint tile_steps, tile_chunks;     // that the tile holds of a row
uint steps_left;                  // in the tile

#ifdef INTEGERS
#include "tile_i16.glsl"
#else
#include "tile_f32.glsl"
#endif

#ifdef NORM
#include "matvec_norm.glsl"
#endif

uint first_group, end_group; // of OUTS channels, the workgroup's

void divide_channels() {
	uint groups = (p.outs + OUTS - 1) / OUTS;
	uint each = (groups + gl_NumWorkGroups.x - 1) / gl_NumWorkGroups.x;
	first_group = gl_WorkGroupID.x * each;
	end_group = min(first_group + each, groups);
}

// The first of the channels that this subgroup takes when the workgroup's first
// subgroup takes a group; p.outs where nothing is left for it.
uint channels_from(uint group) { return group + subgroup < end_group ? (group + subgroup) * OUTS : p.outs; }

uint first_chunk, end_chunk; // of a channel, the workgroup's
uint step_chunks, steps;     // chunks of a step, and steps

void divide_columns() {
	uint all = chunks(p.cols, p.pitch), span = (all + gl_NumWorkGroups.z - 1) / gl_NumWorkGroups.z;
	first_chunk = min(gl_WorkGroupID.z * span, all);
	end_chunk = min(first_chunk + span, all);
	step_chunks = lanes * AHEAD;
	steps = (end_chunk - first_chunk + step_chunks - 1) / step_chunks;
	tile_steps = TILE / (ROWS * SLOTS) / step_chunks;
	tile_chunks = tile_steps * step_chunks;
}

uint alive;     // live rows
uint blocks;    // of ROWS rows, those of all workgroups
bool rows_stay; // in the tile, for all groups of channels

void divide_rows() {
	alive = live_rows();
	// Where one block has all rows, nothing waits for the count of live rows.
	blocks = 1;
	if (p.rows > ROWS) blocks = (alive + ROWS - 1) / ROWS;
	rows_stay = blocks <= gl_NumWorkGroups.y && steps <= tile_steps;
}

// Starts to load a step's chunks, the first of which is w, of the channels from
// m on.
void fetch_chunks(uint m, uint w) {
	[[unroll]] for (uint i = 0; i < OUTS; i++) {
		[[unroll]] for (uint u = 0; u < AHEAD; u++) {
			uint wu = w + u * lanes + lane, mi = m + i;
			next[i * AHEAD + u] = no_chunk();
			if (wu < end_chunk && mi < p.outs) next[i * AHEAD + u] = load_chunk(mi, wu);
		}
	}
}

// Takes what was fetched for a step, and starts to load what follows it: the
// next step's chunks, else the first again for the next block, else the first of
// the next channels.
void take_chunks(uint m, uint m_after, uint block, uint step, uint w) {
	[[unroll]] for (uint i = 0; i < OUTS * AHEAD; i++) now[i] = next[i];
	bool more = step + 1 < steps;
	uint m_next = more || block + gl_NumWorkGroups.y < blocks ? m : m_after;
	uint w_next = more ? w + step_chunks : first_chunk;
	fetch_chunks(m_next, w_next);
}

void clear_sums() {
	[[unroll]] for (uint i = 0; i < OUTS * ROWS; i++) acc[i] = 0.0;
#ifdef NORM
	row_squares = 0.0;
#endif
	steps_left = 0;
}

// Fills the tile with the block's columns from chunk w on, which is the first of
// a step. A barrier must follow.
void load_rows(uint block, uint step, uint w) {
	barrier(); // others may still read the tile
	uint team = gl_WorkGroupSize.x / ROWS, r = at / team;
	uint t = block * ROWS + r, quads = min(tile_chunks, end_chunk - w) * QUADS;
	const uint BATCH = 4; // vectors in flight
	uint v0 = at % team;
	do {
		vec4 x[BATCH];
		[[unroll]] for (uint j = 0; j < BATCH; j++) {
			uint v = v0 + j * team, c = column(w, v);
			x[j] = vec4(0.0);
			[[unroll]] for (uint k = 0; k < 4; k++) {
				if (v < quads && t < p.rows && c + k < p.cols) x[j][k] = source(t, c + k);
			}
		}
#ifdef NORM
		vec4 gain[BATCH];
		[[unroll]] for (uint j = 0; j < BATCH; j++) {
			uint v = v0 + j * team, c = column(w, v);
			gain[j] = vec4(0.0);
			[[unroll]] for (uint k = 0; k < 4; k++) {
				if (v < quads && c + k < p.cols) gain[j][k] = norm_weight(c + k);
			}
		}
#endif
		[[unroll]] for (uint j = 0; j < BATCH; j++) {
			uint v = v0 + j * team;
#ifdef NORM
			[[unroll]] for (uint k = 0; k < 4; k++) {
				if (!ALIKE) row_squares += rms_square(x[j][k]);
			}
			x[j] *= gain[j];
#endif
			if (v < quads) put_in_tile(x[j], r, v);
		}
		v0 += BATCH * team;
	} while (v0 < quads);
#ifdef NORM
	if (step + tile_steps >= steps) {
		if (ALIKE) find_squares(block);
		else put_squares();
	}
#endif
}

// Whether the tile lacks a step's rows.
bool tile_used_up() { return steps_left == 0; }

// Counts the steps of a tile that begins. It returns whether other rows or
// columns must be loaded for it than those that lie there.
bool begin_tile(uint group) {
	steps_left = tile_steps;
	return !rows_stay || group == first_group;
}

// Loads rows where the tile lacks a step's.
void refill_tile(uint group, uint block, uint step, uint w) {
	if (tile_used_up()) {
		if (begin_tile(group)) {
			load_rows(block, step, w);
			barrier();
		}
	}
}

// The same for each chunk of a step. Written out for blocks: Mesa's compilers unroll no loop that has one
// inside, as EACH_RUN is, and chunks in an array with an index that is not known lie in memory.
#if WEIGHT == BLOCKS
#define AT_CHUNK(u, F) if (u < AHEAD) F(u)
#define EACH_CHUNK(F) AT_CHUNK(0, F) AT_CHUNK(1, F) AT_CHUNK(2, F) AT_CHUNK(3, F) \
	AT_CHUNK(4, F) AT_CHUNK(5, F) AT_CHUNK(6, F) AT_CHUNK(7, F)
#else
#define EACH_CHUNK(F) [[unroll]] for (uint u = 0; u < AHEAD; u++) F(u)
#endif

// Adds the products of a step, whose first chunk is w.
void multiply(uint w) {
	uint from = (tile_steps - steps_left) * step_chunks + lane; // in the tile
#define MULTIPLY(u) { \
		uint wu = w + u * lanes + lane; \
		if (wu < end_chunk) multiply_chunks(u, wu, from); \
	}
#ifdef INTEGERS
	if (CHUNK_SIZE == RUN) { // no loop inside, and less code
		[[unroll]] for (uint u = 0; u < AHEAD; u++) MULTIPLY(u)
	} else {
		EACH_CHUNK(MULTIPLY)
	}
#else
	EACH_CHUNK(MULTIPLY)
#endif
	steps_left--;
}

shared float sums[SUBGROUPS * (HISTORY + MOST_ROWS) * MOST_OUTS];

// Where the sum of the team's channel i and row r of the block is, for
// r ≥ −HISTORY.
uint sum_at(int r, uint i) { return (subgroup * (HISTORY + MOST_ROWS) + uint(HISTORY + r)) * MOST_OUTS + i; }

float sum_of(int r, uint i) { return sums[sum_at(r, i)]; }

void set_sum(int r, uint i, float x) { sums[sum_at(r, i)] = x; }

// Leaves in sums what the lanes have.
void add_up() {
	[[unroll]] for (uint i = 0; i < OUTS; i++) {
		[[unroll]] for (uint r = 0; r < ROWS; r++) {
			float sum = subgroupAdd(acc[i * ROWS + r]);
			if (lane == 0) sums[sum_at(int(r), i)] = sum;
		}
	}
	team_barrier();
}
