// exp(x), as exact near 0 as float32 is. A device's exp may err by three units
// in the last place there, always to the same side, and a state that decays
// slowly adds that up over its whole memory: where the memory is longer than 8
// steps, a series is used, which leaves out 6e-9.
float decay(float x) {
	float near = 1.0 + x * (1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0)))));
	return abs(x) < 0.125 ? near : exp(x);
}
