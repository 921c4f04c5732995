#version 450
// One layer's SSM state as a band of the picture: a column per channel, or per
// some channels where the layer has more of them than the band has columns, and
// a row per state. It reads the model's own buffer.

layout(local_size_x = 64) in;

layout(binding = 0) readonly buffer States { float states[]; }; // [rows][channels][width]
layout(binding = 1) writeonly buffer Band { uint band[]; };     // [width][columns], as 0xRRGGBB

layout(push_constant) uniform Push {
	uint row;      // where the session is
	uint channels; // D
	uint width;    // N, states per channel
	uint columns;
	uint dark;     // 1, or 0 for the light theme
};

// State values span several powers of two, so the colour follows the logarithm: 2^-12
// and less is the paper, 2^-2 and more stands out most. Positive is warm.
vec3 colour(float v) {
	float t = clamp((log2(max(abs(v), 1e-9)) + 12) / 10, 0, 1);
	bool cold = v < 0;
	vec3 paper, mid, high;
	if (dark == 1) {
		paper = vec3(0.055, 0.065, 0.09);
		mid = cold ? vec3(0.08, 0.40, 0.75) : vec3(0.78, 0.33, 0.06);
		high = cold ? vec3(0.75, 0.97, 1.00) : vec3(1.00, 0.95, 0.65);
	} else {
		paper = vec3(0.96, 0.955, 0.94);
		mid = cold ? vec3(0.42, 0.68, 0.95) : vec3(0.98, 0.68, 0.40);
		high = cold ? vec3(0.02, 0.20, 0.52) : vec3(0.58, 0.15, 0.02);
	}
	return t < 0.6 ? mix(paper, mid, t / 0.6) : mix(mid, high, (t - 0.6) / 0.4);
}

void main() {
	uint i = gl_GlobalInvocationID.x;
	if (i >= width * columns) return;
	uint n = i / columns, x = i % columns;
	uint first = x * channels / columns, end = max((x + 1) * channels / columns, first + 1);
	float strongest = 0;
	for (uint c = first; c < end; c++) {
		float v = states[(row * channels + c) * width + n];
		if (abs(v) > abs(strongest)) strongest = v;
	}
	uvec3 rgb = uvec3(colour(strongest) * 255 + 0.5);
	band[i] = rgb.r << 16 | rgb.g << 8 | rgb.b;
}
