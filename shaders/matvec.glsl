// The product of a few rows with a weight, for kernels whose time is that of
// reading the weight once: dst = source · weightᵀ, and what the kernel makes of
// it.
//
// A workgroup has a range of the output channels. Each of its subgroups takes
// OUTS of them at a time, for ROWS rows at once: its lanes go along the columns
// by chunks with 16 bytes of numbers, AHEAD chunks of each channel in flight
// while those before are used. The rows lie in shared memory, as much of them at once as
// TILE vectors hold. More than ROWS rows are taken block by block; the weight
// then comes from a cache. A row's sums are the same whatever its place in a
// block and whatever the other rows are.
//
// With INTEGERS, where activations may be rounded, a run of 16 of them is 16-bit
// integers with a scale of its own; block types with integers for codes are then
// multiplied by integer dot products of bytes, the high ones of the run and the
// low ones apart.
//
// Wants weight.glsl, WEIGHT_BINDING, and of the parameters rows, cols, outs
// (channels) and pitch (words of a channel); with NORM also eps. The workgroup
// has at most SUBGROUPS subgroups, and TILE vectors hold AHEAD chunks a lane of
// ROWS rows. The rest is the kernel's:

// The rows whose results may be written.
uint live_rows();
// Element c < p.cols of row t < p.rows.
float source(uint t, uint c);
// What a source element is multiplied by once its square is taken (NORM).
float norm_weight(uint c);
// Called once, early: starts to load what prepare wants.
void start();
// Called before a barrier for each block of rows, maybe more than once.
void prepare(uint block);
// Called after that barrier: starts to load what finish wants.
void expect(uint m, uint block);
// The sums of OUTS channels from m on are there for this team, which is a
// subgroup, see sum_at. Those at or beyond p.outs are not to be used. A team
// waits for itself by TEAM_BARRIER. Mesa's lavapipe takes subgroupBarrier for
// barrier, so each team must meet as many.
void finish(uint m, uint block);
// Called at the end.
void conclude();

layout(local_size_x = 128, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 1;
layout(constant_id = 2) const uint OUTS = 2;
layout(constant_id = 3) const uint AHEAD = 2;
layout(constant_id = 4) const uint TILE = 512;

const uint MOST_ROWS = 8;
const uint MOST_OUTS = 4;
const uint MOST_WORDS = 8; // of OUTS · AHEAD
const uint SUBGROUPS = 16;
const uint QUADS = CHUNK_SIZE / 4; // vectors of a chunk
#ifdef INTEGERS
const uint SLOTS = CHUNK_SIZE / RUN * 3; // of a chunk in the tile: high bytes, low bytes and scale of its runs
#define TILE_WORD uvec4
#else
const uint SLOTS = QUADS;
#define TILE_WORD vec4
#endif

#ifndef HISTORY
#define HISTORY 0 // rows of sums before those of the block
#endif

layout(set = 0, binding = WEIGHT_BINDING) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"

shared TILE_WORD tile[TILE]; // row by row, of each the first slots of all chunks, then the second
shared float sums[SUBGROUPS * (HISTORY + MOST_ROWS) * MOST_OUTS];
#ifdef NORM
shared float squares[SUBGROUPS * MOST_ROWS];
#endif

uint lanes, lane, sub, subs; // this invocation in its subgroup, and that in the workgroup
uint at;                     // this invocation, counted subgroup by subgroup
uint part = 0;                // this subgroup in its team
uint member, members;         // this invocation in its team
uint alive;                   // rows

#define TEAM_BARRIER subgroupBarrier()

// Where the sum of channel m + i and row r of the block is, for r ≥ −HISTORY.
uint sum_at(int r, uint i) { return (sub * (HISTORY + MOST_ROWS) + uint(HISTORY + r)) * MOST_OUTS + i; }

#ifdef NORM
#include "rms.glsl"

// A row's squares are summed by SIZE / ROWS invocations: those of several
// subgroups, or some of one.
uint square_parts() { return max(gl_WorkGroupSize.x / ROWS / lanes, 1); }

void put_squares(float mine) {
	uint team = gl_WorkGroupSize.x / ROWS, parts = square_parts();
	for (uint q = 0; q * team < max(lanes, team); q++) {
		uint r = sub * lanes / team + q;
		float sum = subgroupAdd(at / team == r ? mine : 0.0);
		if (lane == 0 && r < ROWS) squares[r * parts + (parts > 1 ? sub % parts : 0)] = sum;
		if (lanes <= team) break;
	}
}

float row_scale(uint r) {
	float sum = 0.0;
	uint parts = square_parts();
	for (uint i = 0; i < parts; i++) sum += squares[r * parts + i];
	return rms_scale(sum, p.cols, p.eps);
}
#endif

#ifdef INTEGERS
// Stores the four elements x of a run that its q-th invocation of four has, in
// the run's slots, which are words apart.
void put_rounded(vec4 x, uint slot, uint words, uint q) {
	// As integers, numbers without a sign are in order, and NaN is the largest.
	uvec4 a = floatBitsToUint(x) & 0x7fffffffu;
	uint most = max(max(a.x, a.y), max(a.z, a.w));
	most = max(most, subgroupShuffleXor(most, 1));
	most = max(most, subgroupShuffleXor(most, 2));
	// The high byte is at most 127 when the low one is from −128 to 127.
	float unit = uintBitsToFloat(most) / 32639.0;
	ivec4 n = ivec4(roundEven(x * (unit > 1e-34 ? 1.0 / unit : 0.0)));
	int sum = n.x + n.y + n.z + n.w;
	sum += subgroupShuffleXor(sum, 1);
	sum += subgroupShuffleXor(sum, 2);
	uvec4 low = uvec4(n) & 0xffu, high = uvec4(n + 128 >> 8) & 0xffu;
	tile[slot][q] = high.x | high.y << 8 | high.z << 16 | high.w << 24;
	tile[slot + words][q] = low.x | low.y << 8 | low.z << 16 | low.w << 24;
	if (q < 2) tile[slot + 2 * words][q] = floatBitsToUint(q == 0 ? unit : unit * float(sum));
}
#endif

// One after the other, so that every row is summed alike.
float dot_add(vec4 a, vec4 b, float sum) { return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum)))); }

void main() {
	sub = gl_SubgroupID;
	subs = gl_NumSubgroups;
	lane = gl_SubgroupInvocationID;
	lanes = gl_WorkGroupSize.x / subs; // gl_SubgroupSize may be more than there are
	at = sub * lanes + lane;
	member = lane;
	members = lanes;
	start();
	load_codebook(p.outs, at);

	// The workgroup's groups of OUTS channels, and its chunks of a channel.
	uint groups = (p.outs + OUTS - 1) / OUTS;
	uint each = (groups + gl_NumWorkGroups.x - 1) / gl_NumWorkGroups.x;
	uint first = gl_WorkGroupID.x * each, last = min(first + each, groups);
	uint all = chunks(p.cols, p.pitch), span = (all + gl_NumWorkGroups.z - 1) / gl_NumWorkGroups.z;
	uint begin = min(gl_WorkGroupID.z * span, all), end = min(begin + span, all);

	uint stride = lanes * AHEAD;
	uint steps = (end - begin + stride - 1) / stride;
	uint held = TILE / (ROWS * SLOTS) / stride; // steps to a tile
	uint words = held * stride;

	// Nothing waits for the count of live rows where one block has them all.
	alive = live_rows();
	uint blocks = 1;
	if (p.rows > ROWS) blocks = (alive + ROWS - 1) / ROWS;
	bool once = blocks <= gl_NumWorkGroups.y && steps <= held;

	Chunk next[MOST_WORDS];
#define FETCH(channel, word) \
	[[unroll]] for (uint i = 0; i < OUTS; i++) { \
		[[unroll]] for (uint u = 0; u < AHEAD; u++) { \
			uint w_ = (word) + u * lanes + lane, m_ = (channel) + i; \
			next[i * AHEAD + u] = no_chunk(); \
			if (w_ < end && m_ < p.outs) next[i * AHEAD + u] = load_chunk(m_, w_); \
		} \
	}
	uint m = first + sub < last ? (first + sub) * OUTS : p.outs;
	FETCH(m, begin)

	for (uint g = first; g < last; g += subs) {
		uint after = g + subs + sub < last ? (g + subs + sub) * OUTS : p.outs;
		for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y) {
			float acc[MOST_OUTS * MOST_ROWS];
			[[unroll]] for (uint i = 0; i < OUTS * ROWS; i++) acc[i] = 0.0;
			float mine = 0.0; // squares
			uint room = 0;    // steps left in the tile
			for (uint s = 0; s < steps; s++) {
				uint w = begin + s * stride;
				if (room == 0) {
					room = held;
					if (!once || g == first) {
						barrier(); // others may still read the tile
						uint team = gl_WorkGroupSize.x / ROWS, r = at / team;
						uint t = block * ROWS + r, quads = min(words, end - w) * QUADS;
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
								[[unroll]] for (uint k = 0; k < 4; k++) mine += rms_square(x[j][k]);
								x[j] *= gain[j];
#endif
#ifdef INTEGERS
								if (v < quads) put_rounded(x[j], (r * SLOTS + v % QUADS / 4 * 3) * words + v / QUADS, words, v % 4);
#else
								if (v < quads) tile[(r * QUADS + v % QUADS) * words + v / QUADS] = x[j];
#endif
							}
							v0 += BATCH * team;
						} while (v0 < quads);
#ifdef NORM
						if (s + held >= steps) put_squares(mine);
#endif
						if (s == 0) prepare(block);
						barrier();
					}
				}
				if (s == 0) expect(m, block);

				Chunk now[MOST_WORDS];
				[[unroll]] for (uint i = 0; i < OUTS * AHEAD; i++) now[i] = next[i];
				bool more = s + 1 < steps;
				uint m_next = more || block + gl_NumWorkGroups.y < blocks ? m : after;
				uint w_next = more ? w + stride : begin;
				FETCH(m_next, w_next)

				uint from = (held - room) * stride + lane; // in the tile
				[[unroll]] for (uint u = 0; u < AHEAD; u++) {
					uint wu = w + u * lanes + lane;
					if (wu < end) {
						Scales scale[MOST_OUTS];
						[[unroll]] for (uint i = 0; i < OUTS; i++) scale[i] = scales_of(now[i * AHEAD + u], wu);
#ifdef INTEGERS
						EACH_RUN {
							uvec4 code[MOST_OUTS];
							float unit[MOST_OUTS], low[MOST_OUTS];
							[[unroll]] for (uint i = 0; i < OUTS; i++) {
								[[unroll]] for (uint q = 0; q < RUN / 4; q++) code[i][q] = codes4(now[i * AHEAD + u], run, q);
								unit[i] = run == 0 ? scale[i].scales.x : scale[i].scales.y;
								low[i] = (run == 0 ? scale[i].mins.x : scale[i].mins.y) + zero_point() * unit[i];
							}
							[[unroll]] for (uint r = 0; r < ROWS; r++) {
								uint slot = (r * SLOTS + run * 3) * words + from + u * lanes;
								uvec4 high = tile[slot], rest = tile[slot + words];
								vec2 of = uintBitsToFloat(tile[slot + 2 * words].xy); // their unit, and their sum
								[[unroll]] for (uint i = 0; i < OUTS; i++) {
									int h = 0, l = 0;
									[[unroll]] for (uint q = 0; q < RUN / 4; q++) {
										h += dotPacked4x8EXT(int(code[i][q]), int(high[q]));
										l += dotPacked4x8EXT(int(code[i][q]), int(rest[q]));
									}
									acc[i * ROWS + r] = fma(unit[i] * float(h * 256 + l), of.x, fma(-low[i], of.y, acc[i * ROWS + r]));
								}
							}
						}
#else
						EACH_RUN [[unroll]] for (uint q = 0; q < RUN / 4; q++) {
							vec4 y[MOST_OUTS];
							[[unroll]] for (uint i = 0; i < OUTS; i++) y[i] = weight4(now[i * AHEAD + u], scale[i], run, q);
							[[unroll]] for (uint r = 0; r < ROWS; r++) {
								vec4 x = tile[(r * QUADS + run * (RUN / 4) + q) * words + from + u * lanes];
								[[unroll]] for (uint i = 0; i < OUTS; i++) acc[i * ROWS + r] = dot_add(y[i], x, acc[i * ROWS + r]);
							}
						}
#endif
					}
				}
				room--;
			}
			[[unroll]] for (uint i = 0; i < OUTS; i++) {
				[[unroll]] for (uint r = 0; r < ROWS; r++) {
					float sum = subgroupAdd(acc[i * ROWS + r]);
					if (lane == 0) sums[sum_at(int(r), i)] = sum;
				}
			}
			subgroupBarrier();
			finish(m, block);
			subgroupBarrier();
		}
		m = after;
	}
	conclude();
}
