// log(1 + exp(x)) to within a few units in the last place of exp. GLSL has no
// log1p, and Vulkan's log may err by 2^-21 near 1: of a delta of 1e-3 that
// would be 5e-4.

// log(1 + e) for 0 ≤ e ≤ 1, as 2·atanh(e / (2 + e)): the argument is at most
// 1/3, and what the series leaves out at most 1e-8 of the sum.
float log1p_unit(float e) {
	float s = e / (2.0 + e), q = s * s;
	float sum = 1.0 / 15.0;
	sum = sum * q + 1.0 / 13.0;
	sum = sum * q + 1.0 / 11.0;
	sum = sum * q + 1.0 / 9.0;
	sum = sum * q + 1.0 / 7.0;
	sum = sum * q + 1.0 / 5.0;
	sum = sum * q + 1.0 / 3.0;
	return 2.0 * (s + s * q * sum);
}

float softplus(float x) { return max(x, 0.0) + log1p_unit(exp(-abs(x))); }
