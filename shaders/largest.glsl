// The largest of many numbers, by keys: unsigned integers that order floats,
// given by their bits, as numbers. So no device's treatment of NaN, infinities
// and subnormal numbers matters. The workgroup's size is a power of two, at most
// LARGEST_WIDTH.

#ifndef LARGEST_WIDTH
#define LARGEST_WIDTH 256
#endif

const uint SIGN = 0x80000000u;
const uint INFINITY = 0x7f800000u;

uint ordered(uint bits) { return (bits & SIGN) != 0 ? ~bits : bits | SIGN; }

// The key of a number, above 0; NaN has 0. Both zeros have one key.
uint number_key(uint bits) {
	if ((bits & ~SIGN) > INFINITY) return 0;
	return ordered(bits == SIGN ? 0 : bits);
}

shared uint largest_key[LARGEST_WIDTH];
shared uint largest_at[LARGEST_WIDTH];

// Over the workgroup, where the greatest key is, the lowest place of equals,
// and that key in largest_key[0]; place 0 where no key is above 0.
uint largest(uint key, uint at) {
	uint i = gl_LocalInvocationIndex;
	largest_key[i] = key;
	largest_at[i] = key == 0 ? 0 : at;
	barrier();
	for (uint n = gl_WorkGroupSize.x / 2; n > 0; n /= 2) {
		if (i < n) {
			uint k = largest_key[i + n], a = largest_at[i + n];
			if (k > largest_key[i] || k == largest_key[i] && a < largest_at[i]) {
				largest_key[i] = k;
				largest_at[i] = a;
			}
		}
		barrier();
	}
	uint first = largest_at[0];
	barrier(); // the arrays may be used again
	return first;
}
