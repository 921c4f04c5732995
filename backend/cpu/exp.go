package cpu

import "math"

// Elementary functions in float32. math's work in float64 and cost several
// times as much; a pass of the selective scan takes an exponential per channel,
// state and token.
//
// The polynomials are minimax in relative error, found by Remez exchange on
// slightly wider intervals than they are used on. Errors in units in the last
// place are measured by the tests.

// Adding and subtracting roundInt rounds a float32 below 2²² in magnitude to
// the nearest integer, which is then in the sum's low bits.
const roundInt = 3 << 22

const log2E = 1 / math.Ln2

// ln 2 in two parts, the first short enough that its products with whole
// numbers below 2⁸ are exact (Cody and Waite 1980).
const (
	ln2Hi = 0x1.62e4p-1
	ln2Lo = 0x1.7f7d1cf79abcap-20
)

// exp returns eˣ, within 1 unit in the last place.
func exp(x float32) float32 {
	if !(x > -87 && x < 88) { // the result is subnormal, infinite or NaN
		return float32(math.Exp(float64(x)))
	}
	t := x*log2E + roundInt
	n := t - roundInt
	r := x - n*ln2Hi - n*ln2Lo
	p := float32(0.00138141910482)
	p = p*r + 0.00836891368526
	p = p*r + 0.0416684071803
	p = p*r + 0.166665190058
	p = p*r + 0.499999933381
	p = p*r*r + r
	p++
	return math.Float32frombits(math.Float32bits(p) + math.Float32bits(t)<<23)
}

// The coefficients of 2ᶠ = 1 + f·P(f) for |f| ≤ ½.
const (
	exp2P6 = 0.000154699975483
	exp2P5 = 0.00134103077643
	exp2P4 = 0.00961802999257
	exp2P3 = 0.0555029640164
	exp2P2 = 0.240226510888
	exp2P1 = 0.693147225936
)

// log1p returns log(1+u) for 0 ≤ u ≤ 1, within 2 units in the last place also
// where u is tiny: 2·artanh(u/(2+u)).
func log1p(u float32) float32 {
	s := u / (2 + u)
	z := s * s
	p := float32(0.140122294377)
	p = p*z + 0.139995705352
	p = p*z + 0.200108495298
	p = p*z + 0.333332065664
	s += s
	return s + s*(z*p)
}

// softplus returns log(1+eˣ), within 3 units in the last place.
func softplus(x float32) float32 {
	if x > 0 {
		return x + log1p(exp(-x))
	}
	return log1p(exp(x))
}

// silu returns x·sigmoid(x).
func silu(x float32) float32 { return x / (1 + exp(-x)) }
