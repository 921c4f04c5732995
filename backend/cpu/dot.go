package cpu

// Dot products of plain Go, for one row of activations. A 16-bit weight is widened by
// looking it up: the weights of a model are few of the 65536 values, which stay
// in the first-level cache, and a load is cheaper than moving shifted bits from
// an integer register to a float one.

func dotF32(sums *[dotRows]float32, w []float32, stride int, x []float32) {
	n := len(x)
	w0 := w[0*stride:][:n]
	w1 := w[1*stride:][:n]
	w2 := w[2*stride:][:n]
	w3 := w[3*stride:][:n]
	w4 := w[4*stride:][:n]
	w5 := w[5*stride:][:n]
	var s0, s1, s2, s3, s4, s5 float32
	for i, v := range x {
		s0 += w0[i] * v
		s1 += w1[i] * v
		s2 += w2[i] * v
		s3 += w3[i] * v
		s4 += w4[i] * v
		s5 += w5[i] * v
	}
	sums[0] += s0
	sums[1] += s1
	sums[2] += s2
	sums[3] += s3
	sums[4] += s4
	sums[5] += s5
}

func dotHalf(sums *[dotRows]float32, w []uint16, stride int, x []float32, values *[1 << 16]float32) {
	n := len(x)
	w0 := w[0*stride:][:n]
	w1 := w[1*stride:][:n]
	w2 := w[2*stride:][:n]
	w3 := w[3*stride:][:n]
	w4 := w[4*stride:][:n]
	w5 := w[5*stride:][:n]
	var s0, s1, s2, s3, s4, s5 float32
	for i, v := range x {
		s0 += values[w0[i]] * v
		s1 += values[w1[i]] * v
		s2 += values[w2[i]] * v
		s3 += values[w3[i]] * v
		s4 += values[w4[i]] * v
		s5 += values[w5[i]] * v
	}
	sums[0] += s0
	sums[1] += s1
	sums[2] += s2
	sums[3] += s3
	sums[4] += s4
	sums[5] += s5
}

func dot1F32(w, x []float32) (s float32) {
	w = w[:len(x)]
	for i, v := range x {
		s += w[i] * v
	}
	return s
}

func dot1Half(w []uint16, x []float32, values *[1 << 16]float32) (s float32) {
	w = w[:len(x)]
	for i, v := range x {
		s += values[w[i]] * v
	}
	return s
}

// tileF32 works on three rows of activations and two of the weight at a time.
func tileF32(sums, w []float32, pitch int, x []float32, stride, tokens, n int) {
	t := 0
	for ; t+3 <= tokens; t += 3 {
		x0 := x[(t+0)*stride:][:n]
		x1 := x[(t+1)*stride:][:n]
		x2 := x[(t+2)*stride:][:n]
		out := sums[t*panelRows:][:3*panelRows]
		for r := 0; r < panelRows; r += 2 {
			tile3x2F32(out[r:], w[r*pitch:], pitch, x0, x1, x2)
		}
	}
	for ; t < tokens; t++ {
		for r := 0; r < panelRows; r += dotRows {
			dotF32((*[dotRows]float32)(sums[t*panelRows+r:]), w[r*pitch:], pitch, x[t*stride:][:n])
		}
	}
}

func tileHalf(sums []float32, w []uint16, pitch int, x []float32, stride, tokens, n int, values *[1 << 16]float32) {
	t := 0
	for ; t+3 <= tokens; t += 3 {
		x0 := x[(t+0)*stride:][:n]
		x1 := x[(t+1)*stride:][:n]
		x2 := x[(t+2)*stride:][:n]
		out := sums[t*panelRows:][:3*panelRows]
		for r := 0; r < panelRows; r += 2 {
			tile3x2Half(out[r:], w[r*pitch:], pitch, x0, x1, x2, values)
		}
	}
	for ; t < tokens; t++ {
		for r := 0; r < panelRows; r += dotRows {
			dotHalf((*[dotRows]float32)(sums[t*panelRows+r:]), w[r*pitch:], pitch, x[t*stride:][:n], values)
		}
	}
}

func tile3x2F32(sums, w []float32, pitch int, x0, x1, x2 []float32) {
	n := len(x0)
	x1, x2 = x1[:n], x2[:n]
	w0 := w[:n]
	w1 := w[pitch:][:n]
	var a0, a1, b0, b1, c0, c1 float32
	for i, a := range x0 {
		v0, v1 := w0[i], w1[i]
		a0 += v0 * a
		a1 += v1 * a
		b0 += v0 * x1[i]
		b1 += v1 * x1[i]
		c0 += v0 * x2[i]
		c1 += v1 * x2[i]
	}
	add3x2(sums, a0, a1, b0, b1, c0, c1)
}

func tile3x2Half(sums []float32, w []uint16, pitch int, x0, x1, x2 []float32, values *[1 << 16]float32) {
	n := len(x0)
	x1, x2 = x1[:n], x2[:n]
	w0 := w[:n]
	w1 := w[pitch:][:n]
	var a0, a1, b0, b1, c0, c1 float32
	for i, a := range x0 {
		v0, v1 := values[w0[i]], values[w1[i]]
		a0 += v0 * a
		a1 += v1 * a
		b0 += v0 * x1[i]
		b1 += v1 * x1[i]
		c0 += v0 * x2[i]
		c1 += v1 * x2[i]
	}
	add3x2(sums, a0, a1, b0, b1, c0, c1)
}

func add3x2(sums []float32, a0, a1, b0, b1, c0, c1 float32) {
	sums = sums[:2*panelRows+2]
	sums[0*panelRows] += a0
	sums[0*panelRows+1] += a1
	sums[1*panelRows] += b0
	sums[1*panelRows+1] += b1
	sums[2*panelRows] += c0
	sums[2*panelRows+1] += c1
}

// widenHalf sets dst to the values of codes. Eight at once: the loop's own
// work is as much as an element's.
func widenHalf(dst []float32, codes []uint16, values *[1 << 16]float32) {
	for len(dst) >= 8 && len(codes) >= 8 {
		d, c := (*[8]float32)(dst), (*[8]uint16)(codes)
		d[0] = values[c[0]]
		d[1] = values[c[1]]
		d[2] = values[c[2]]
		d[3] = values[c[3]]
		d[4] = values[c[4]]
		d[5] = values[c[5]]
		d[6] = values[c[6]]
		d[7] = values[c[7]]
		dst, codes = dst[8:], codes[8:]
	}
	codes = codes[:len(dst)]
	for i, c := range codes {
		dst[i] = values[c]
	}
}
