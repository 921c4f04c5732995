// The norms of matvec.glsl's rows, whose squares are taken while they are
// loaded: a row's scale is known when its sums are.
//
// A row's squares are summed by SIZE / ROWS invocations, which are several
// subgroups or a part of one.
#include "rms.glsl"

shared float squares[SUBGROUPS * MOST_ROWS];

float row_squares; // this invocation's share of its row's

uint square_parts() { return max(gl_WorkGroupSize.x / ROWS / lanes, 1); }

void put_squares() {
	uint team = gl_WorkGroupSize.x / ROWS, parts = square_parts();
	for (uint q = 0; q * team < max(lanes, team); q++) {
		uint r = subgroup * lanes / team + q;
		float sum = subgroupAdd(at / team == r ? row_squares : 0.0);
		if (lane == 0 && r < ROWS) squares[r * parts + (parts > 1 ? subgroup % parts : 0)] = sum;
		if (lanes <= team) break;
	}
}

float row_scale(uint r) {
	float sum = 0.0;
	uint parts = square_parts();
	for (uint i = 0; i < parts; i++) sum += squares[r * parts + i];
	return rms_scale(sum, p.cols, p.eps);
}
