#version 460
// variant: add_f32
// dst = a + b.

#include "elementwise.glsl"

void main() {
	uint rows = live_rows();
	for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y) {
		for (uint c = first_column(); c < p.cols; c += column_step()) store(r, c, a_at(r, c) + b_at(r, c));
	}
}
