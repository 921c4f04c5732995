// The largest of many numbers, by keys: unsigned integers that order floats,
// given by their bits, as numbers. So no device's treatment of NaN, infinities
// and subnormal numbers matters. The workgroup's size is a power of two, at most
// LARGEST_WIDTH.

#ifndef LARGEST_WIDTH
#define LARGEST_WIDTH 256
#endif

const uint SIGN = 0x80000000u;
const uint INFINITY = 0x7f800000u;

// The keys of what is no number, above every other, and of −Inf, below.
const uint NAN_KEY = 0xffffffffu;
const uint NO_KEY = 0;

bool is_nan(uint bits) { return (bits & ~SIGN) > INFINITY; }

uint ordered(uint bits) { return (bits & SIGN) != 0 ? ~bits : bits | SIGN; }

// Both zeros have one key.
uint number_key(uint bits) {
	if (is_nan(bits)) return NAN_KEY;
	if (bits == (SIGN | INFINITY)) return NO_KEY;
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

// The token whose key is the greatest of all: −1 where one is no number, and
// where none is above −Inf.
int token_of(uint at, uint greatest) { return greatest == NAN_KEY || greatest == NO_KEY ? -1 : int(at); }
