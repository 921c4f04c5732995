package cpu

// The kernels in plain Go. A product is summed in order of k within panels of
// panelCols, panels in order: float32 is then enough, since rounding grows with
// the panel's length and with the number of panels, not with their product
// (Higham, Accuracy and Stability, 4.2).

// Shapes of the kernels. Six running sums, what they are multiplied with and
// the products fit the 15 registers that Go's compiler has on x86-64: with a
// seventh or eighth row it keeps sums in memory, and halves the speed.
const (
	dotRows    = 6   // rows of a weight at once, for one row of activations
	panelRows  = 18  // rows of a weight that a tile takes together
	panelCols  = 256 // so that a panel stays in the first-level cache, and blocks are whole
	tileTokens = 96  // rows of activations that a tile takes together
	widenFrom  = 12  // rows of activations for which widening a panel pays
)

var plainGo = kernels{
	name: "go", product: 0.2,
	rows: plainRows,
	tile: plainTile, tileRows: panelRows, tileTokens: tileTokens,
	widen: func(dst []float32, m *matrix, r int) { m.widen(dst, r, 0) },
	scan:  plainScan,
	conv:  plainConv,
	gate:  plainGate,
	norm:  plainNorm,
}

func plainRows(w *worker, y []float32, m *matrix, r int, x []float32) {
	var sums [dotRows]float32
	for i := 0; i < len(y); {
		if m.rows < dotRows {
			y[i] = m.dot1(w, r+i, x)
			i++
			continue
		}
		// The last group begins early rather than being short.
		first := min(r+i, m.rows-dotRows)
		m.dot(w, &sums, first, x)
		for ; i < len(y) && r+i < first+dotRows; i++ {
			y[i] = sums[r+i-first]
		}
	}
}

// plainTile multiplies whole panels: where there are fewer rows, the last stands
// in for the rest.
func plainTile(w *worker, y []float32, m *matrix, r, _ int, x []float32, stride, tokens int) {
	clear(y[:tokens*panelRows])
	for c := 0; c < m.cols; c += panelCols {
		n, x := min(panelCols, m.cols-c), x[c:]
		switch {
		case tokens >= widenFrom || r+panelRows > m.rows || !m.direct():
			for i := range panelRows {
				m.widen(w.panel[i*panelCols:][:n], min(r+i, m.rows-1), c)
			}
			tileF32(y, w.panel[:], panelCols, x, stride, tokens, n)
		case m.values == nil:
			tileF32(y, m.wide[r*m.cols+c:], m.cols, x, stride, tokens, n)
		default:
			tileHalf(y, m.codes[r*m.cols+c:], m.cols, x, stride, tokens, n, m.values)
		}
	}
}

// direct reports whether these kernels multiply with the elements as they are
// stored. Blocks they widen before, panel by panel.
func (m *matrix) direct() bool { return m.typ.Block() == 1 }

// widen writes the elements of row r from column c on to dst.
func (m *matrix) widen(dst []float32, r, c int) {
	at := r*m.cols + c
	switch {
	case !m.direct():
		m.packed.Decode(dst, at) // cannot fail: newWeight has checked type and sizes
	case m.values == nil:
		copy(dst, m.wide[at:])
	default:
		widenHalf(dst, m.codes[at:][:len(dst)], m.values)
	}
}

// dot sets sums to the products of rows r to r+dotRows-1 and x, (cols).
func (m *matrix) dot(w *worker, sums *[dotRows]float32, r int, x []float32) {
	*sums = [dotRows]float32{}
	for c := 0; c < m.cols; c += panelCols {
		at, panel := r*m.cols+c, x[c:min(c+panelCols, m.cols)]
		switch {
		case !m.direct():
			for i := range dotRows {
				m.widen(w.panel[i*panelCols:][:len(panel)], r+i, c)
			}
			dotF32(sums, w.panel[:], panelCols, panel)
		case m.values == nil:
			dotF32(sums, m.wide[at:], m.cols, panel)
		default:
			dotHalf(sums, m.codes[at:], m.cols, panel, m.values)
		}
	}
}

// dot1 returns the product of row r and x.
func (m *matrix) dot1(w *worker, r int, x []float32) (sum float32) {
	for c := 0; c < m.cols; c += panelCols {
		at, panel := r*m.cols+c, x[c:min(c+panelCols, m.cols)]
		switch {
		case !m.direct():
			m.widen(w.panel[:len(panel)], r, c)
			sum += dot1F32(w.panel[:], panel)
		case m.values == nil:
			sum += dot1F32(m.wide[at:], panel)
		default:
			sum += dot1Half(m.codes[at:], panel, m.values)
		}
	}
	return sum
}

func plainGate(out, y, z []float32) {
	y, z = y[:len(out)], z[:len(out)]
	for c := range out {
		out[c] = y[c] * silu(z[c])
	}
}
