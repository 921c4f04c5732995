#version 450
// The window's pixels: a grid of cells and, in its rectangle, the picture of the
// states.

layout(local_size_x = 16, local_size_y = 16) in;

layout(binding = 0) readonly buffer Grid { uint cells[]; };      // tile | ink << 16 | paper << 20 | hole << 24
layout(binding = 1) readonly buffer Tiles { uint tiles[]; };     // [tile][cell_height][cell_width] coverages of a byte
layout(binding = 2) readonly buffer Picture { uint picture[]; }; // [layers][states][columns]
layout(binding = 3) writeonly buffer Canvas { uint canvas[]; };  // as the swapchain's images

layout(push_constant) uniform Push {
	uint width, height; // of the canvas
	uint cols;          // of the grid
	uint cell_width, cell_height; // pixels
	uint left, top, right, bottom; // of the picture
	uint layers, states, columns;
	uint red, blue; // bits that the channels are shifted by
	uint dark;      // 1, or 0 for the light theme
};

// By theme, in the order of package grid's colours.
const uint palette[] = uint[](
	0xfbfaf7u, 0x22252bu, 0x6a707cu, 0x9a4600u, 0xe8e6dfu, 0x1c62bdu, 0xbd2530u, 0xbdd7f6u, 0xc4c0b6u,
	0x14161cu, 0xe4e2dcu, 0x8a92a2u, 0xffb454u, 0x262a36u, 0x6cb6ffu, 0xf0717au, 0x2d4a70u, 0x3c4354u);

vec3 rgb(uint c) { return vec3(c >> 16 & 255u, c >> 8 & 255u, c & 255u); }

vec3 themed(uint colour) { return rgb(palette[min(colour, 8u) + 9 * dark]); }

// A pixel of the picture may be of several states: their average.
vec3 drawn(uvec2 at) {
	uint rows = layers * states, w = right - left, h = bottom - top;
	uvec2 from = uvec2(at.x * columns / w, at.y * rows / h);
	uvec2 to = max(uvec2((at.x + 1) * columns / w, (at.y + 1) * rows / h), from + 1);
	vec3 sum = vec3(0);
	for (uint y = from.y; y < to.y; y++)
		for (uint x = from.x; x < to.x; x++) sum += rgb(picture[y * columns + x]);
	sum /= float((to.x - from.x) * (to.y - from.y));
	// A gap between layers, where they are high enough.
	bool gap = h / layers >= 16 && at.y * layers / h != (at.y + 3) * layers / h;
	return gap ? themed(0) : sum;
}

vec3 written(uvec2 at, uint cell, bool beyond) {
	uint at_byte = (cell & 0xffffu) * cell_width * cell_height + at.y % cell_height * cell_width + at.x % cell_width;
	float ink = beyond ? 0 : float(tiles[at_byte / 4] >> at_byte % 4 * 8 & 255u) / 255;
	return mix(themed(cell >> 20 & 15u), themed(cell >> 16 & 15u), ink);
}

void main() {
	uvec2 at = gl_GlobalInvocationID.xy;
	if (at.x >= width || at.y >= height) return;
	// The last pixels, which are less than a cell, go on as the cell before them.
	uvec2 place = at / uvec2(cell_width, cell_height), last = uvec2(cols, cells.length() / cols) - 1;
	bool beyond = any(greaterThan(place, last));
	place = min(place, last);
	uint cell = cells[place.y * cols + place.x];
	// Where a panel lies over the picture, its cells are no holes.
	bool hole = (cell >> 24 & 1u) == 1 && at.x >= left && at.x < right && at.y >= top && at.y < bottom;
	uvec3 c = uvec3((hole ? drawn(at - uvec2(left, top)) : written(at, cell, beyond)) + 0.5);
	canvas[at.y * width + at.x] = c.r << red | c.g << 8 | c.b << blue | 0xff000000u;
}
