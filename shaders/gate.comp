#version 460
// variant: gate_f32
// dst = a · silu(b).

#include "elementwise.glsl"

float gate(float y, float z) { return y * z / (1.0 + exp(-z)); }

void main() {
	uint rows = live_rows();
	for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y) {
		for (uint c = first_column(); c < p.cols; c += column_step()) store(r, c, gate(a_at(r, c), b_at(r, c)));
	}
}
