// The norms of matvec_half.glsl's rows, whose scales are known before the rows
// are rounded.
#include "rms.glsl"

shared float scales[MOST_ROWS];

#ifndef SCALED_ROWS
#define SCALED_ROWS false
#endif

#ifndef SQUARES
#define SQUARES 0
float squares(uint t, uint i) { return 0.0; }
#endif

const uint AT_ONCE = 8; // loads in flight

// This lane's share of the sums of row r's squares.
float add_squares(uint r, uint count) {
	float sum = 0.0;
	for (uint i0 = lane; r < p.rows && i0 < count; i0 += lanes * AT_ONCE) {
		float x[AT_ONCE];
		[[unroll]] for (uint u = 0; u < AT_ONCE; u++) x[u] = squares(r, min(i0 + u * lanes, count - 1));
		[[unroll]] for (uint u = 0; u < AT_ONCE; u++) sum += i0 + u * lanes < count ? x[u] : 0.0;
	}
	return sum;
}

// This lane's share of the squares of row r.
float square_row(uint r) {
	float sum = 0.0;
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
	return sum;
}

// Finds the scale of each row, one subgroup to a row. A barrier must follow.
void find_scales() {
	uint count = SQUARES;
	for (uint r = subgroup; r < ROWS; r += subgroups) {
		float sum = 0.0;
		if (SCALED_ROWS || count > 0) {
			sum = add_squares(r, count);
		} else {
			sum = square_row(r);
		}
		sum = subgroupAdd(sum);
		if (lane == 0) scales[r] = rms_scale(sum, p.cols, p.eps);
	}
}

// A row's scale is this power of two, times what its sums are multiplied by where its
// numbers were multiplied by the power alone, which rounds none of them.
float power_of_scale(uint r) { return uintBitsToFloat(floatBitsToUint(scales[r]) & 0x7f800000u); }

float row_scale(uint r) {
	return SCALED_ROWS ? uintBitsToFloat(floatBitsToUint(scales[r]) & 0x007fffffu | 0x3f800000u) : 1.0;
}
