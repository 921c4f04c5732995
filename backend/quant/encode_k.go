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
	var scale, low [8]float32 // of a group: elements are scale·code − low
	var mostScale, mostLow float32
	for g := range 8 {
		d, m := affine(x[32*g:32*g+32], e.weight[32*g:32*g+32], n, true)
		scale[g], low[g] = d, -m
		mostScale, mostLow = max(mostScale, d), max(mostLow, -m)
	}
	d, dmin := mostScale/63, mostLow/63
	var s, m [8]byte
	round := func(d, dmin float32) {
		invD, invMin := reciprocal(d), reciprocal(dmin)
		for g := range 8 {
			s[g] = byte(nearest(clamp(scale[g]*invD), 63))
			m[g] = byte(nearest(clamp(low[g]*invMin), 63))
			e.codes(g, x, d*float32(s[g]), dmin*float32(m[g]), n)
		}
	}
	round(d, dmin)
	d, dmin = e.refit(x, &s, &m, d, dmin)
	d, ok1 := putScale(dst, d)
	dmin, ok2 := putScale(dst[2:], dmin)
	round(d, dmin)
	packPairs((*[12]byte)(dst[4:]), &s, &m)
	return ok1 && ok2
}

// codes sets the codes of group g for elements scale·code − low.
func (e *encoder) codes(g int, x []float32, scale, low float32, n int32) {
	inv := reciprocal(scale)
	code := e.code[32*g : 32*g+32]
	for i, v := range x[32*g : 32*g+32] {
		code[i] = uint8(nearest(clamp((v+low)*inv), n))
	}
}

// refit solves for the two shared scales with everything else as it stands:
// x ≈ d·(s·code) − dmin·m, weighted least squares.
func (e *encoder) refit(x []float32, s, m *[8]byte, d, dmin float32) (float32, float32) {
	var aa, ab, bb, xa, xb float64
	for g := range 8 {
		var q1, q2, xq, sw, sx float32
		for i, v := range x[32*g : 32*g+32] {
			w, q := e.weight[32*g+i], float32(e.code[32*g+i])
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
