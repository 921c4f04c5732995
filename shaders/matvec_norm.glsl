// The norms of matvec.glsl's rows, whose squares are taken while they are
// loaded: a row's scale is known when its sums are.
//
// A row's squares are summed by SIZE / ROWS invocations, which are several
// subgroups or a part of one. With ALIKE they are summed in an order that does not
// depend on ROWS, by reading the row once more: PARTS subgroups, or fewer that take
// several parts, have every PARTS-th run of columns.
#include "rms.glsl"

const uint PARTS = 8;

shared float squares[SUBGROUPS * MOST_ROWS];

float row_squares; // this invocation's share of its row's

uint square_parts() { return ALIKE ? PARTS : max(gl_WorkGroupSize.x / ROWS / lanes, 1); }

void find_squares(uint block) {
	for (uint e = subgroup; e < ROWS * PARTS; e += subgroups) {
		uint t = block * ROWS + e / PARTS;
		float sum = 0.0;
		for (uint c = e % PARTS * lanes + lane; t < p.rows && c < p.cols; c += PARTS * lanes) {
			sum += rms_square(source(t, c));
		}
		sum = subgroupAdd(sum);
		if (lane == 0) squares[e] = sum;
	}
}

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
