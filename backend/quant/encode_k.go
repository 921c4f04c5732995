package quant

// The types of 256 keep the scales of their groups as small integers of one
// scale. Groups are solved on their own; then the shared scale and the codes
// are fitted to the rounded ones.

func encodeQ4_K(e *encoder, dst []byte, x []float32) bool {
	ok := e.pairs(dst, x, 15)
	for g := range 8 {
		code, out := e.code[32*g:32*g+32], dst[16+g/2*32:]
		for i, c := range code {
			if g%2 == 0 {
				out[i] = c
			} else {
				out[i] |= c << 4
			}
		}
	}
	return ok
}

func encodeQ5_K(e *encoder, dst []byte, x []float32) bool {
	ok := e.pairs(dst, x, 31)
	high := dst[16:48]
	clear(high)
	for g := range 8 {
		code, out := e.code[32*g:32*g+32], dst[48+g/2*32:]
		for i, c := range code {
			high[i] |= c >> 4 << g
			if g%2 == 0 {
				out[i] = c & 15
			} else {
				out[i] |= c << 4
			}
		}
	}
	return ok
}

// pairs stores what q4_K and q5_K begin with, the two scales and the 8 packed
// pairs, and sets the codes from 0 to n.
func (e *encoder) pairs(dst []byte, x []float32, n int32) bool {
	var s, m [16]byte
	ok := e.affines(dst, x, s[:8], m[:8], n, 63)
	packPairs((*[12]byte)(dst[4:]), (*[8]byte)(s[:8]), (*[8]byte)(m[:8]))
	return ok
}

// affines fits groups of elements as scale·code − minimum, with scale and minimum as
// whole numbers from 0 to most of two shared ones, which it stores. It sets s and
// m, one of each for a group, and the codes from 0 to n.
func (e *encoder) affines(dst []byte, x []float32, s, m []byte, n, most int32) bool {
	var scale, minimum [16]float32
	var mostScale, mostMinimum float32
	size := len(x) / len(s)
	for g := range s {
		d, m := affine(x[size*g:size*g+size], e.weight[size*g:size*g+size], n, true)
		scale[g], minimum[g] = d, -m
		mostScale, mostMinimum = max(mostScale, d), max(mostMinimum, -m)
	}
	d, dmin := mostScale/float32(most), mostMinimum/float32(most)
	round := func(d, dmin float32) {
		invD, invMin := reciprocal(d), reciprocal(dmin)
		for g := range s {
			s[g] = byte(nearest(clamp(scale[g]*invD), most))
			m[g] = byte(nearest(clamp(minimum[g]*invMin), most))
			e.codes(x, g*size, size, d*float32(s[g]), dmin*float32(m[g]), n)
		}
	}
	round(d, dmin)
	d, dmin = e.refit(x, s, m, d, dmin)
	d, ok1 := putScale(dst, d)
	dmin, ok2 := putScale(dst[2:], dmin)
	round(d, dmin)
	return ok1 && ok2
}

// codes sets the codes of size elements from number at on, for scale·code − minimum.
func (e *encoder) codes(x []float32, at, size int, scale, minimum float32, n int32) {
	inv := reciprocal(scale)
	code := e.code[at : at+size]
	for i, v := range x[at : at+size] {
		code[i] = uint8(nearest(clamp((v+minimum)*inv), n))
	}
}

// refit solves for the two shared scales with everything else as it stands:
// x ≈ d·(s·code) − dmin·m, weighted least squares.
func (e *encoder) refit(x []float32, s, m []byte, d, dmin float32) (float32, float32) {
	var aa, ab, bb, xa, xb float64
	size := len(x) / len(s)
	for g := range s {
		var q1, q2, xq, sw, sx float32
		for i, v := range x[size*g : size*g+size] {
			w, q := e.weight[size*g+i], float32(e.code[size*g+i])
			wq := w * q
			sw += w
			sx += w * v
			q1 += wq
			q2 += wq * q
			xq += wq * v
		}
		fs, fm := float64(s[g]), float64(m[g])
		aa += fs * fs * float64(q2)
		ab += fs * fm * float64(q1)
		bb += fm * fm * float64(sw)
		xa += fs * float64(xq)
		xb += fm * float64(sx)
	}
	if bb == 0 {
		if aa > 0 && xa > 0 {
			d = float32(xa / aa)
		}
		return d, dmin
	}
	if det := aa*bb - ab*ab; det > 1e-9*aa*bb {
		a, b := (bb*xa-ab*xb)/det, (ab*xa-aa*xb)/det
		// Far from where the groups were solved, the fit has nothing to say.
		if near(a, d) && near(b, dmin) {
			return float32(a), float32(b)
		}
	}
	return d, dmin
}

func near(a float64, b float32) bool { return a > 0.8*float64(b) && a < 1.25*float64(b) }

// packPairs is the inverse of pairK.
func packPairs(b *[12]byte, s, m *[8]byte) {
	for g := range 4 {
		b[g] = s[g] | s[g+4]>>4<<6
		b[g+4] = m[g] | m[g+4]>>4<<6
		b[g+8] = s[g+4]&15 | m[g+4]<<4
	}
}

func encodeQ6_K(e *encoder, dst []byte, x []float32) bool {
	var scale [16]float32
	var most float32
	for g := range 16 {
		scale[g] = signed(x[16*g:16*g+16], e.weight[16*g:16*g+16], 32)
		if abs(scale[g]) > abs(most) {
			most = scale[g]
		}
	}
	d, ok := putScale(dst[208:], most/-128)
	inv := reciprocal(d)
	clear(dst[:192])
	for g := range 16 {
		s := nearest(clamp(scale[g]*inv)+128, 255) - 128
		dst[192+g] = byte(s)
		invGroup := reciprocal(d * float32(s))
		h, run, part := g/8, g/2%4, g%2*16
		low, high := dst[64*h+run%2*32+part:], dst[128+32*h+part:]
		for i, v := range x[16*g : 16*g+16] {
			c := byte(nearest(clamp(v*invGroup)+32, 63))
			low[i] |= c & 15 << (run / 2 * 4)
			high[i] |= c >> 4 << (2 * run)
		}
	}
	return ok
}

func encodeQ2_K(e *encoder, dst []byte, x []float32) bool {
	var s, m [16]byte
	ok := e.affines(dst[80:], x, s[:], m[:], 3, 15)
	clear(dst[16:80])
	for g := range 16 {
		dst[g] = s[g] | m[g]<<4
		out, shift := dst[16+g/8*32+g%2*16:], g/2%4*2
		for i, c := range e.code[16*g : 16*g+16] {
			out[i] |= c << shift
		}
	}
	return ok
}

func encodeQ3_K(e *encoder, dst []byte, x []float32) bool {
	var scale [16]float32
	var most float32
	for g := range 16 {
		scale[g] = signed(x[16*g:16*g+16], e.weight[16*g:16*g+16], 4)
		if abs(scale[g]) > abs(most) {
			most = scale[g]
		}
	}
	d, ok := putScale(dst[108:], most/-32)
	inv := reciprocal(d)
	clear(dst[:108])
	for g := range 16 {
		s := nearest(clamp(scale[g]*inv)+32, 63)
		dst[96+g%8] |= byte(s) & 15 << (g / 8 * 4)
		dst[104+g%4] |= byte(s) >> 4 << (g / 4 * 2)
		invGroup := reciprocal(d * float32(s-32))
		low, high := dst[32+g/8*32+g%2*16:], dst[g%2*16:]
		for i, v := range x[16*g : 16*g+16] {
			c := byte(nearest(clamp(v*invGroup)+4, 7))
			low[i] |= c & 3 << (g / 2 % 4 * 2)
			high[i] |= c >> 2 << (g / 2)
		}
	}
	return ok
}
