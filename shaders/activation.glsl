// The activations of backend.Activation, by its numbers. Where act is a
// constant, the others cost nothing.

const uint IDENTITY = 0;
const uint SILU = 1;
const uint GELU = 2;
const uint GELU_TANH = 3;
const uint QUICK_GELU = 4;
const uint RELU = 5;
const uint RELU2 = 6;
const uint RELU6 = 7;
const uint SIGMOID = 8;
const uint TANH = 9;
const uint MISH = 10;

float sigmoid(float x) { return 1.0 / (1.0 + exp(-x)); }

float silu(float x) { return x / (1.0 + exp(-x)); }

// The normal distribution's Φ: erfc by Abramowitz and Stegun, 7.1.26, within
// 1.5e-7.
float normal_cdf(float x) {
	float z = abs(x) * 0.70710678;
	float t = 1.0 / (1.0 + 0.3275911 * z);
	float tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
	tail *= 0.5 * exp(-z * z);
	return x < 0.0 ? tail : 1.0 - tail;
}

// GLSL's own tanh is let lose all digits near 0, and overflow.
float tanh_(float x) {
	float q = x * x;
	if (q < 0.01) return x * (1.0 - q * (1.0 / 3.0 - q * (2.0 / 15.0 - q * (17.0 / 315.0))));
	float e = exp(-2.0 * abs(x));
	return sign(x) * (1.0 - e) / (1.0 + e);
}

// x·tanh(softplus(x)) in powers of exp(x), without cancellation.
float mish(float x) {
	float n = exp(min(x, 20.0));
	float w = n * (n + 2.0);
	return x * (w / (w + 2.0));
}

float activate(uint act, float x) {
	switch (act) {
	case SILU: return silu(x);
	case GELU: return x * normal_cdf(x);
	case GELU_TANH: return x * sigmoid(1.5957691216 * (x + 0.044715 * x * x * x)); // 2·√(2/π)
	case QUICK_GELU: return x * sigmoid(1.702 * x);
	case RELU: return max(x, 0.0);
	case RELU2: return max(x, 0.0) * max(x, 0.0);
	case RELU6: return min(max(x, 0.0), 6.0);
	case SIGMOID: return sigmoid(x);
	case TANH: return tanh_(x);
	case MISH: return mish(x);
	}
	return x;
}
