package quant

// How scales are found. For given codes q the best scale follows by weighted
// least squares; for a given scale the best codes follow by rounding. Both at
// once is a discrete problem, so a few scales around the obvious one are tried,
// the codes of each give its least-squares scale, and the pair with the least
// error is kept.

// trials is how many scales are tried on either side of the one at which the
// largest element takes the last code, and trialStep how far apart, in codes.
const (
	trials    = 4
	trialStep = 0.25
)

// signed returns the scale d for which d·q with q from −n to n−1 comes closest
// to x. It may be negative: the largest magnitude takes the longer side.
func signed(x, w []float32, n int32) float32 {
	var most float32
	for _, v := range x {
		if abs(v) > abs(most) {
			most = v
		}
	}
	inv := reciprocal(most)
	if inv == 0 {
		return 0
	}
	// The error less Σwx², of a scale d: d²·qq − 2d·xq, least at d = xq/qq.
	var best, scale float64
	for k := -trials; k <= trials; k++ {
		s := -(float32(n) + trialStep*float32(k)) * inv
		var xq, qq float32
		for i, v := range x {
			q := float32(nearest(v*s+float32(n), 2*n-1) - n)
			wq := w[i] * q
			xq += wq * v
			qq += wq * q
		}
		if qq <= 0 {
			continue
		}
		if gain := float64(xq) * float64(xq) / float64(qq); gain > best {
			best, scale = gain, float64(xq)/float64(qq)
		}
	}
	return float32(scale)
}

// affine returns scale d and minimum m for which d·q + m with q from 0 to n
// comes closest to x. With below, m is not above 0.
func affine(x, w []float32, n int32, below bool) (d, m float32) {
	lo, hi := extent(x)
	if below && lo > 0 {
		lo = 0
	}
	width := hi - lo
	inv := reciprocal(width)
	if inv == 0 {
		return 0, lo
	}
	var sw, sx float32
	for i, v := range x {
		sw += w[i]
		sx += w[i] * v
	}
	best := float64(-1)
	d, m = width/float32(n), lo
	for k := -trials; k <= trials; k++ {
		s := (float32(n) + trialStep*float32(k)) * inv
		var q1, q2, xq float32
		shift := -lo * s
		for i, v := range x {
			q := float32(nearest(v*s+shift, n))
			wq := w[i] * q
			q1 += wq
			q2 += wq * q
			xq += wq * v
		}
		a, b, gain := solve(float64(sw), float64(q1), float64(q2), float64(sx), float64(xq), below)
		if gain > best {
			best, d, m = gain, float32(a), float32(b)
		}
	}
	return d, m
}

// solve minimises Σw(a·q + b − x)² given the sums of w, wq, wq², wx and wxq,
// with b at most 0 if below; gain is how far the error is under Σwx².
func solve(sw, q1, q2, sx, xq float64, below bool) (a, b, gain float64) {
	if det := sw*q2 - q1*q1; det > 1e-9*sw*q2 {
		a = (sw*xq - q1*sx) / det
		b = (q2*sx - q1*xq) / det
		if a > 0 && !(below && b > 0) {
			return a, b, a*xq + b*sx
		}
	}
	if below && q2 > 0 {
		if a = xq / q2; a > 0 {
			return a, 0, a * xq
		}
	}
	return 0, 0, -1
}
