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
};

// State values span several powers of two, so brightness follows the logarithm:
// 2^-12 and less is dark, 2^-2 and more is brightest. Positive is warm.
vec3 colour(float v) {
	float t = clamp((log2(max(abs(v), 1e-9)) + 12) / 10, 0, 1);
	vec3 dark = vec3(0.055, 0.065, 0.09);
	vec3 mid = v < 0 ? vec3(0.08, 0.40, 0.75) : vec3(0.78, 0.33, 0.06);
	vec3 high = v < 0 ? vec3(0.75, 0.97, 1.00) : vec3(1.00, 0.95, 0.65);
	return t < 0.6 ? mix(dark, mid, t / 0.6) : mix(mid, high, (t - 0.6) / 0.4);
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
