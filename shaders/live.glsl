// The rows that an operation may touch: Live's word where there is one (its
// binding is LIVE_BINDING), else all. Wants p.rows and p.live_off.

const uint ABSENT = 0xffffffffu; // the offset of an operand that is not there

layout(set = 0, binding = LIVE_BINDING) readonly buffer Live { int live[]; };

uint live_rows() {
	if (p.live_off == ABSENT) return p.rows;
	return min(p.rows, uint(max(live[p.live_off], 0)));
}
