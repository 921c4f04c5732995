// Weights of gemm_direct.comp that are float16 or bfloat16: a word of a channel is
// eight inputs. A window's words are replaced by the next step's as soon as they
// are multiplied.

layout(set = 0, binding = WEIGHT_BINDING) restrict readonly buffer Weight { uvec4 weight[]; };

uvec4 held[ORDERED_B ? COLS : WINDOWS * COLS * LINES];

void load_codebook() {}

// Eight inputs of src in the order of the weights'.
uvec4 in_order(uvec4 v) { return v; }

// Starts to load window d of a step.
void fetch_window(uint d, uint step) {
	uint w = (step * WINDOWS + d) * SHARE + place.y;
	[[unroll]] for (uint i = 0; i < COLS * LINES; i++) {
		held[d * COLS * LINES + i] = WHOLE || w < p.pitch ? weight[line_at[i] + w] : uvec4(0);
	}
}

uint matrix_at; // the lane's word of its first matrix in the order of the lanes

#if WEIGHT == F16
// Starts to load the lane's word of the at-th matrix along the inputs, of the j-th along the channels.
void fetch_matrix(uint j, uint at) { held[j] = weight[matrix_at + j * TN * p.pitch + at * LANES]; }

uvec4 ordered_word(uint j) { return held[j]; }
#else
void fetch_matrix(uint j, uint at) {}

uvec4 ordered_word(uint j) { return uvec4(0); }
#endif

// Starts to load a step.
void fetch_weights(uint step) {
	if (ORDERED_B) {
		[[unroll]] for (uint j = 0; j < COLS; j++) fetch_matrix(j, step * WINDOWS * LINES);
	} else {
		[[unroll]] for (uint d = 0; d < WINDOWS; d++) fetch_window(d, step);
	}
}

void begin_step(uint next) {}

void end_window(uint d, uint next) {
	if (!ORDERED_B) fetch_window(d, next);
}

void end_step() {}

// The lane's word of its channel i in window d, as float16.
uvec4 weight_word(uint d, uint i) {
	uvec4 v = held[d * COLS * LINES + i];
#if WEIGHT == BF16
	return uvec4(pack4(weight4(v, 0, 0, 0)), pack4(weight4(v, 0, 0, 1)));
#else
	return v;
#endif
}
