// The scale of a root-mean-square norm. Squares are taken of elements in units
// of 1 / RMS_UNIT. So they stay in float32's range where a row's elements reach
// 1e26. With an epsilon of at least 1e-12 those that fall below it do not count.

const float RMS_UNIT = 9.313225746154785e-10; // 2^-30

float rms_square(float x) {
	x *= RMS_UNIT;
	return x * x;
}

// The scale for the sum of n elements' squares.
float rms_scale(float squares, uint n, float eps) {
	return RMS_UNIT * inversesqrt(squares / float(n) + eps * RMS_UNIT * RMS_UNIT);
}
