package gpu

import "falconmamba/backend"

// Word is the bytes of the words that weights are rows of.
const Word = 16

// A Weight is a matrix in parts that one binding reaches.
type Weight struct {
	Desc backend.WeightDesc
	Layout
	Parts []Part
}

// kernel is the end of the names of kernels for the weight's type, with
// activations in float32 or float16.
func (w *Weight) kernel(activations string) string {
	kind := w.Type.String()
	if _, packed := formats[w.Type]; packed {
		kind = "block"
	}
	return kind + activations
}

// constants adds what the kernels for block types are chosen by.
func (w *Weight) constants(list []Constant) []Constant {
	if f, packed := formats[w.Type]; packed {
		list = append(list[:len(list):len(list)], Constant{formatID, f.id})
	}
	return list
}

// perChunk is the elements that kernels take from a row at a time.
func (w *Weight) perChunk() int {
	if f, packed := formats[w.Type]; packed {
		return f.perWord
	}
	return Word / max(w.Type.Size(), 1)
}

// chunks is how many they take, as in shaders/weight.glsl.
func (w *Weight) chunks() int {
	if f, packed := formats[w.Type]; packed && f.perWord == 32 {
		return over(w.Cols, 64) * 2
	}
	return over(w.Cols, w.perChunk())
}

// A Part has the rows from First on. Memory is the driver's own.
type Part struct {
	Memory any
	At     int64 // of the first row, in bytes
	Size   int64
	First  int
	Rows   int
}
