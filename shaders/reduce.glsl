// The sum over a workgroup, in an order that depends on its size alone. The
// workgroup's size is a power of two, at most 256.

shared float partial[256];

float workgroup_sum(float x) {
	uint i = gl_LocalInvocationIndex;
	partial[i] = x;
	barrier();
	for (uint n = gl_WorkGroupSize.x / 2; n > 0; n /= 2) {
		if (i < n) partial[i] += partial[i + n];
		barrier();
	}
	float sum = partial[0];
	barrier(); // partial may be used again
	return sum;
}
