package cpu

import "falconmamba/backend/sampling"

// A worker is one goroutine of a pool and its scratch, which lives from part to
// part only for its memory.
type worker struct {
	number int                            // in the pool
	panel  [panelRows * panelCols]float32 // weights of a tile, widened by plain Go
	sums   [mostTile]float32
	floats []float32
	states []float32 // see narrow
	picker sampling.Picker
	_      [64]byte
}

// narrow returns n float32 for states that are stored as less, the same each time and
// apart from scratch.
func (w *worker) narrow(n int) []float32 {
	if cap(w.states) < n {
		w.states = make([]float32, n)
	}
	return w.states[:n]
}

// scratch returns n float32, not cleared.
func (w *worker) scratch(n int) []float32 {
	if cap(w.floats) < n {
		w.floats = make([]float32, n)
	}
	return w.floats[:n]
}
