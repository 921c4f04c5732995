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

shared uint pair_x[LARGEST_WIDTH];
shared uint pair_y[LARGEST_WIDTH];

// Over the workgroup, the greatest key and where it is, the lowest place of
// equals; place 0 where no key is above 0.
uint largest(uint key, uint at, out uint greatest) {
	uint i = gl_LocalInvocationIndex;
	pair_x[i] = key;
	pair_y[i] = key == 0 ? 0 : at;
	barrier();
	for (uint n = gl_WorkGroupSize.x / 2; n > 0; n /= 2) {
		if (i < n) {
			uint k = pair_x[i + n], a = pair_y[i + n];
			if (k > pair_x[i] || k == pair_x[i] && a < pair_y[i]) {
				pair_x[i] = k;
				pair_y[i] = a;
			}
		}
		barrier();
	}
	greatest = pair_x[0];
	uint first = pair_y[0];
	barrier(); // the arrays may be used again
	return first;
}
