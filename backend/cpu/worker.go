package cpu

import "falconmamba/backend/sampling"

// A worker is one goroutine of a pool and its scratch, which lives from part to
// part only for its memory.
type worker struct {
	panel  [panelRows * panelCols]float32 // weights of a tile, widened by plain Go
	sums   [mostTile]float32
	floats []float32
	picker sampling.Picker
	_      [64]byte
}

// scratch returns n float32, not cleared.
func (w *worker) scratch(n int) []float32 {
	if cap(w.floats) < n {
		w.floats = make([]float32, n)
	}
	return w.floats[:n]
}
