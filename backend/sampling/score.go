package sampling

import "math"

// A key orders scores as unsigned integers. noKey is that of a token that is
// never picked, below the key of every score, and nanKey that of a broken logit,
// above them.
const noKey, nanKey = 0, 0xffffffff

const (
	signBit     = 0x80000000
	exponent    = 0x7f800000
	mostFinite  = 0x7f7fffff // the largest finite float32
	leastNormal = 0x00800000
)

func keyOf(y float32) uint32 {
	b := math.Float32bits(y)
	if b&exponent-leastNormal >= exponent-leastNormal {
		return oddKey(b)
	}
	return b ^ (uint32(int32(b)>>31) | signBit)
}

// oddKey is keyOf of bits that are no normal number's.
func oddKey(b uint32) uint32 {
	switch {
	case b&^signBit > exponent:
		return nanKey
	case b == signBit|exponent:
		return noKey
	case b == exponent:
		return mostFinite | signBit
	}
	return signBit
}

// lowest returns a number below which there is none whose key is k or more.
func lowest(k uint32) float32 {
	switch {
	case k <= ^uint32(signBit|mostFinite):
		return -math.MaxFloat32
	case k == signBit: // that of subnormal numbers too
		return math.Float32frombits(signBit | leastNormal - 1)
	}
	return scoreOf(k)
}

// scoreOf returns the score whose key is k.
func scoreOf(k uint32) float32 {
	// Without a branch: of which sign a score is, nothing foretells.
	return math.Float32frombits(k ^ (uint32(^int32(k)>>31) | signBit))
}

// penalised returns the score of a logit that occurs count times in the window.
func (r *Record) penalised(s float32, count int32) float32 {
	if count <= 0 {
		return s
	}
	if s < 0 {
		s = float32(s * r.Float(WordPenalty))
	} else {
		s = float32(s * r.Float(WordInvPenalty))
	}
	if finite(s) {
		s = float32(s - r.taken(count))
		s = float32(s - r.Float(WordPresence))
	}
	return s
}

// taken returns what the frequency penalty takes from a logit that occurs count
// times in the window.
func (r *Record) taken(count int32) float32 {
	return float32(r.Float(WordFrequency) * float32(min(count, mostCount)))
}

// mostCount is the most occurrences that are told apart: a float32 holds each
// number up to here.
const mostCount = 1 << 24

func finite(s float32) bool { return math.Float32bits(s)&0x7f800000 != 0x7f800000 }

// Weight returns 2^(31−t), rounded, for t ≥ 0; 0 from t = 32 on. It is exact at
// t = 0, falls monotonically, and is the same on every device:
//
//	x = ⌊t × 2^26⌋; n = x >> 26; f = (x mod 2^26) << 6   // f / 2^32 in [0, 1)
//	h = c6; h = c_k − mulhi(f, h) for k = 5 … 1; h = mulhi(f, h)
//	m = 2^31 − ((h + 1) >> 1)                            // 2^31 × 2^(−f)
//	w = n = 0 ? m : (m + (1 << (n − 1))) >> n
//
// where mulhi is the upper word of a product of two unsigned words. c is the
// minimax polynomial 1 − c1 f + c2 f² − … of 2^(−f) that is exact at both ends,
// in units of 2^-32: its error is below 1.6e-9, with truncation 2.4e-9.
func Weight(t float32) uint32 {
	const (
		c1 = 0xb1721652
		c2 = 0x3d7f5bfb
		c3 = 0x0e34b485
		c4 = 0x0273e538
		c5 = 0x0053a2cf
		c6 = 0x00072c74
	)
	if !(t < 32) {
		return 0
	}
	x := uint32(t * 0x1p26)
	n, f := x>>26, x<<6
	h := mulhi(f, c6)
	h = mulhi(f, c5-h)
	h = mulhi(f, c4-h)
	h = mulhi(f, c3-h)
	h = mulhi(f, c2-h)
	h = mulhi(f, c1-h)
	m := 0x80000000 - (h+1)>>1
	if n == 0 {
		return m
	}
	return (m + 1<<(n-1)) >> n
}

func mulhi(a, b uint32) uint32 { return uint32(uint64(a) * uint64(b) >> 32) }
