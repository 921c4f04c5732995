package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// Word is the bytes of the words that weights are rows of.
const Word = 16

// A Weight is a matrix in parts that one binding reaches.
type Weight struct {
	Desc backend.WeightDesc
	Layout
	Parts []Part
}

// types are the names of kernels for the weight's type.
func (w *Weight) types(activations shaders.Type) shaders.Types {
	t := shaders.Types{Activations: activations}
	switch w.Type {
	case backend.F32:
		t.Weight = shaders.TypeF32
	case backend.F16:
		t.Weight = shaders.TypeF16
	case backend.BF16:
		t.Weight = shaders.TypeBF16
	default:
		if _, packed := formats[w.Type]; packed {
			t.Weight = shaders.TypeBlock
		}
	}
	return t
}

// blocks is what the kernels for block types are chosen by.
func (w *Weight) blocks() shaders.BlocksConstants {
	return shaders.BlocksConstants{Format: formats[w.Type].id}
}

// words is how many words a row has.
func (w *Weight) words() uint32 { return uint32(w.Pitch / Word) }

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
