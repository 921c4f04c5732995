// The scale of a root-mean-square norm, from squares taken in units of UNIT:
// so they leave float32's range neither where a row's elements reach 1e26 nor,
// with an epsilon of at least 1e-12, by any that count.

const float RMS_UNIT = 9.313225746154785e-10; // 2^-30

float rms_square(float x) {
	x *= RMS_UNIT;
	return x * x;
}

// The scale for the sum of n elements' squares.
float rms_scale(float squares, uint n, float eps) {
	return RMS_UNIT * inversesqrt(squares / float(n) + eps * RMS_UNIT * RMS_UNIT);
}
