// The product of a few rows with a weight on cooperative matrices: what
// matvec.glsl makes, with the same functions of the kernel, where activations
// may be rounded to float16. Its time is that of reading the weight once too,
// for up to ROWS rows.
//
// SPLIT subgroups are a team. It makes OUTS channels at a time, and its
// subgroups take turns at their columns, CHUNK elements each. A chunk of the
// weight is loaded by words of 16 bytes along the channels, DEPTH chunks in
// flight, turned into float16 in a corner of shared memory that is the
// subgroup's alone, and multiplied with the rows' columns. These are shared by
// all, a step's at a time, which is CHUNKS chunks to a subgroup. In the end the
// team adds up what its subgroups have.
//
// Wants weight.glsl of a 16-bit type, WEIGHT_BINDING, and of the parameters
// rows, cols, outs (channels) and pitch (words of a channel); with NORM also
// eps. p.rows is at most ROWS; rows and the norm's weight begin at 16-byte
// words. The rest is the kernel's:

// The rows whose results may be written.
uint live_rows();
// Elements c to c + 3 of row t < p.rows, c a multiple of 4 below p.cols.
vec4 source4(uint t, uint c);
// What these are multiplied by once their squares are taken (NORM).
vec4 norm_weight4(uint c);
// As in matvec.glsl, for a team; block is 0.
void start();
void prepare(uint block);
void expect(uint m, uint block);
void finish(uint m, uint block);
void conclude();

layout(local_size_x = 32, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 8;  // a multiple of TN
layout(constant_id = 2) const uint OUTS = 8;  // a multiple of TM
layout(constant_id = 3) const uint TM = 8;    // the device's matrices: TM×TK · TK×TN
layout(constant_id = 4) const uint TN = 8;
layout(constant_id = 5) const uint TK = 8;
layout(constant_id = 6) const uint SPLIT = 1;
layout(constant_id = 7) const uint CHUNK = 64; // a multiple of TK
layout(constant_id = 8) const uint DEPTH = 2;
layout(constant_id = 9) const uint CHUNKS = 2; // a multiple of DEPTH
layout(constant_id = 10) const uint WORDS = 8; // of a chunk, to a lane: OUTS · CHUNK / 8 / lanes
layout(constant_id = 11) const uint LOADS = 2; // words of a step's rows, to an invocation
layout(constant_id = 12) const uint STAGE = 144; // words of all subgroups' corners
layout(constant_id = 13) const uint SPAN = 144;  // words of both buffers of rows
layout(constant_id = 14) const uint PARTIALS = 64; // all subgroups' sums

const uint MOST_ROWS = 16;
const uint SUBGROUPS = 16;

layout(set = 0, binding = WEIGHT_BINDING) restrict readonly buffer Weight { uvec4 weight[]; };

// Rows of float16 and a word behind each, so that they lie in different banks.
shared uvec4 stage[STAGE];
shared uvec4 span[SPAN];
shared float sums[PARTIALS];
#ifdef NORM
shared float scales[MOST_ROWS];
#endif

const uint CHUNK_WORDS = CHUNK / 8;
const uint CHUNK_PITCH = CHUNK_WORDS + 1;
const uint STEP_WORDS = SPLIT * CHUNKS * CHUNK_WORDS;
const uint STEP_PITCH = STEP_WORDS + 1;

uint lanes, lane, sub, subs; // this invocation in its subgroup, and that in the workgroup
uint at;                     // this invocation, counted subgroup by subgroup
uint part;                   // this subgroup in its team
uint member, members;        // this invocation in its team
uint alive;                  // rows

#define TEAM_BARRIER barrier()

// Where the sum of channel m + i and row r is.
uint sum_at(int r, uint i) { return ((sub - part) * ROWS + uint(r)) * OUTS + i; }

// The rows are normalised before they are rounded.
float row_scale(uint r) { return 1.0; }

#include "half.glsl"

#ifdef NORM
#include "rms.glsl"

#ifndef SQUARES
#define SQUARES 0
float squares(uint t, uint i) { return 0.0; }
#endif

// The scale of each row, one subgroup to a row. Its squares are summed here, if
// SQUARES does not say how many sums of them there are.
void find_scales() {
	const uint AT_ONCE = 8;
	uint parts = SQUARES;
	for (uint r = sub; r < ROWS; r += subs) {
		float sum = 0.0;
		if (parts > 0) {
			for (uint i0 = lane; r < p.rows && i0 < parts; i0 += lanes * AT_ONCE) {
				float x[AT_ONCE];
				[[unroll]] for (uint u = 0; u < AT_ONCE; u++) x[u] = squares(r, min(i0 + u * lanes, parts - 1));
				[[unroll]] for (uint u = 0; u < AT_ONCE; u++) sum += i0 + u * lanes < parts ? x[u] : 0.0;
			}
		} else {
			for (uint c0 = 4 * lane; r < p.rows && c0 < p.cols; c0 += 4 * lanes * AT_ONCE) {
				vec4 x[AT_ONCE];
				[[unroll]] for (uint u = 0; u < AT_ONCE; u++) {
					uint c = c0 + 4 * u * lanes;
					x[u] = c < p.cols ? source4(r, c) : vec4(0.0);
				}
				[[unroll]] for (uint u = 0; u < AT_ONCE; u++) {
					uint c = c0 + 4 * u * lanes;
					[[unroll]] for (uint k = 0; k < 4; k++) {
						if (c + k < p.cols) sum += rms_square(x[u][k]);
					}
				}
			}
		}
		sum = subgroupAdd(sum);
		if (lane == 0) scales[r] = rms_scale(sum, p.cols, p.eps);
	}
}
#endif

uvec4 next[DEPTH * WORDS]; // of the weight
vec4 ahead[LOADS * 2];     // of the rows
#ifdef NORM
vec4 gain[LOADS * 2];
#endif

// fetch starts the loads of the chunk at word w, of the channels from m on, to
// place d.
void fetch(uint d, uint m, uint w, uint end) {
	[[unroll]] for (uint n = 0; n < WORDS; n++) {
		uint e = n * lanes + lane, c = m + e / CHUNK_WORDS, i = w + e % CHUNK_WORDS;
		next[d * WORDS + n] = uvec4(0);
		if (i < end && c < p.outs) next[d * WORDS + n] = weight[c * p.pitch + i];
	}
}

// put stores what fetch loaded to place d as float16 in this subgroup's corner. Weights are small:
// none is cut to the range of float16.
void put(uint d) {
	[[unroll]] for (uint n = 0; n < WORDS; n++) {
		uint e = n * lanes + lane;
#if WEIGHT == F16
		uvec4 h = next[d * WORDS + n];
#else
		vec4 lo = weight4(next[d * WORDS + n], 0, 0, 0), hi = weight4(next[d * WORDS + n], 0, 0, 1);
		uvec4 h = uvec4(packHalf2x16(lo.xy), packHalf2x16(lo.zw), packHalf2x16(hi.xy), packHalf2x16(hi.zw));
#endif
		stage[(sub * OUTS + e / CHUNK_WORDS) * CHUNK_PITCH + e % CHUNK_WORDS] = h;
	}
}

// Rows may be there as float16: a kernel that has them says so.
#ifndef PACKED_ROWS
#define PACKED_ROWS false
uvec4 packed8(uint t, uint c) { return uvec4(0); }
#endif

uvec4 ready[LOADS]; // of such rows

// fetch_rows starts the loads of the rows' columns of the step at word w.
void fetch_rows(uint w, uint end) {
	if (PACKED_ROWS) {
		[[unroll]] for (uint n = 0; n < LOADS; n++) {
			uint e = n * gl_WorkGroupSize.x + at, t = e / STEP_WORDS, i = w + e % STEP_WORDS;
			ready[n] = t < p.rows && i < end ? packed8(t, 8 * i) : uvec4(0);
		}
		return;
	}
	[[unroll]] for (uint n = 0; n < LOADS * 2; n++) {
		uint e = n / 2 * gl_WorkGroupSize.x + at, t = e / STEP_WORDS, i = w + e % STEP_WORDS, c = 8 * i + n % 2 * 4;
		bool some = t < p.rows && i < end && c < p.cols;
		ahead[n] = some ? source4(t, c) : vec4(0.0);
#ifdef NORM
		gain[n] = some ? norm_weight4(c) : vec4(0.0);
#endif
	}
}

// put_rows stores what fetch_rows loaded, as float16.
void put_rows(uint w, uint buffer_) {
	[[unroll]] for (uint n = 0; n < LOADS; n++) {
		uint e = n * gl_WorkGroupSize.x + at, t = e / STEP_WORDS, i = e % STEP_WORDS;
		if (t >= ROWS) continue;
		if (PACKED_ROWS) {
			span[(buffer_ * ROWS + t) * STEP_PITCH + i] = ready[n];
			continue;
		}
		[[unroll]] for (uint h = 0; h < 2; h++) {
			uint c = 8 * (w + i) + 4 * h;
#ifdef NORM
			ahead[2 * n + h] *= gain[2 * n + h] * scales[t];
#endif
			[[unroll]] for (uint k = 1; k < 4; k++) {
				if (c + k >= p.cols) ahead[2 * n + h][k] = 0.0;
			}
		}
		span[(buffer_ * ROWS + t) * STEP_PITCH + i] = uvec4(pack_half4(ahead[2 * n]), pack_half4(ahead[2 * n + 1]));
	}
}

const uint DOWN = OUTS / TM, ACROSS = ROWS / TN; // matrices

coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator> acc[DOWN * ACROSS];

// multiply adds the products of the chunk in the corner with the columns at
// word x of the rows.
void multiply(uint x) {
	[[unroll]] for (uint k = 0; k < CHUNK_WORDS; k += TK / 8) {
		coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> mb[ACROSS];
		[[unroll]] for (uint j = 0; j < ACROSS; j++) {
			coopMatLoad(mb[j], span, x + j * TN * STEP_PITCH + k, STEP_PITCH, gl_CooperativeMatrixLayoutColumnMajor);
		}
		[[unroll]] for (uint i = 0; i < DOWN; i++) {
			coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> ma;
			coopMatLoad(ma, stage, (sub * OUTS + i * TM) * CHUNK_PITCH + k, CHUNK_PITCH, gl_CooperativeMatrixLayoutRowMajor);
			[[unroll]] for (uint j = 0; j < ACROSS; j++) {
				acc[i * ACROSS + j] = coopMatMulAdd(ma, mb[j], acc[i * ACROSS + j]);
			}
		}
	}
}

void main() {
	sub = gl_SubgroupID;
	subs = gl_NumSubgroups;
	lane = gl_SubgroupInvocationID;
	lanes = gl_SubgroupSize;
	at = sub * lanes + lane;
	part = sub % SPLIT;
	member = part * lanes + lane;
	members = SPLIT * lanes;
	alive = live_rows();
	start();

	uint teams = subs / SPLIT;
	uint share = (p.pitch + gl_NumWorkGroups.z - 1) / gl_NumWorkGroups.z;
	uint begin = min(gl_WorkGroupID.z * share, p.pitch), end = min(begin + share, p.pitch);
	uint steps = (end - begin + STEP_WORDS - 1) / STEP_WORDS;
	const uint turn = SPLIT * CHUNK_WORDS; // from one of a subgroup's chunks to the next
	uint mine = begin + part * CHUNK_WORDS;

	bool first = true;
	for (uint m0 = gl_WorkGroupID.x * teams * OUTS; m0 < p.outs; m0 += gl_NumWorkGroups.x * teams * OUTS) {
		uint m = m0 + sub / SPLIT * OUTS;
		[[unroll]] for (uint d = 0; d < DEPTH; d++) fetch(d, m, mine + d * turn, end);
		if (first) {
			prepare(0);
#ifdef NORM
			find_scales();
			barrier();
#endif
		}
		first = false;

		[[unroll]] for (uint i = 0; i < DOWN * ACROSS; i++) {
			acc[i] = coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator>(0.0);
		}
		fetch_rows(begin, end);
		for (uint s = 0; s < steps; s++) {
			uint w = begin + s * STEP_WORDS;
			put_rows(w, s % 2);
			barrier(); // all are done with the other buffer
			fetch_rows(w + STEP_WORDS, end);
			for (uint c = 0; c < CHUNKS; c += DEPTH) {
				[[unroll]] for (uint d = 0; d < DEPTH; d++) {
					put(d);
					fetch(d, m, mine + s * STEP_WORDS + (c + d + DEPTH) * turn, end);
					subgroupBarrier();
					multiply(s % 2 * ROWS * STEP_PITCH + (c + d) * turn + part * CHUNK_WORDS);
					subgroupBarrier();
				}
			}
		}

		expect(m, 0);
		[[unroll]] for (uint i = 0; i < DOWN; i++) {
			[[unroll]] for (uint j = 0; j < ACROSS; j++) {
				coopMatStore(acc[i * ACROSS + j], sums, (sub * ROWS + j * TN) * OUTS + i * TM, OUTS, gl_CooperativeMatrixLayoutColumnMajor);
			}
		}
		barrier();
		if (SPLIT > 1) {
			for (uint e = member; e < OUTS * ROWS; e += members) {
				float sum = 0.0;
				[[unroll]] for (uint i = 0; i < SPLIT; i++) sum += sums[(sub - part + i) * ROWS * OUTS + e];
				sums[(sub - part) * ROWS * OUTS + e] = sum;
			}
			barrier();
		}
		finish(m, 0);
		barrier(); // before sums change
	}
	conclude();
}
