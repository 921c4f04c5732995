package backend

import (
	"fmt"
	"slices"

	"falconmamba/internal/half"
	"falconmamba/internal/words"
)

// stateTypes are the types that states may be stored as, the exact one first.
var stateTypes = [...]DType{F32, F16, BF16}

// IsStateType reports whether states may be stored as t.
func IsStateType(t DType) bool { return slices.Contains(stateTypes[:], t) }

// ParseStateType returns the type of states called name.
func ParseStateType(name string) (DType, error) {
	for _, t := range stateTypes {
		if t.String() == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("unknown type of states %q: want f32, f16 or bf16", name)
}

// StateStride returns the elements from one row of cols to the next in states of
// type t: rows of 16-bit states are whole 32-bit words.
func StateStride(t DType, cols int) int {
	if t.Size() == 2 {
		return (cols + 1) &^ 1
	}
	return cols
}

// StateWords returns the view of states as 32-bit words, padding included, for the
// operations that copy words.
func StateWords(t Tensor) Tensor {
	if t.Type.Size() == 2 {
		t.Type, t.Cols, t.Stride = I32, (t.Cols+1)/2, t.Stride/2
	}
	return t
}

// NarrowState stores values as a state of type t in dst, t.Size() bytes each, as the
// operations with states do. It rounds to nearest, ties to even, subnormal numbers
// included. What would become an infinity becomes the largest finite number, with
// its sign: 65504 in float16. A NaN stays one.
func NarrowState(dst []byte, values []float32, t DType) {
	switch t {
	case F16:
		half.ToFiniteF16(dst, values)
	case BF16:
		half.ToFiniteBF16(dst, values)
	default:
		copy(dst, words.Bytes(values))
	}
}

// WidenState sets dst to the elements of a state of type t in src: exactly.
func WidenState(dst []float32, src []byte, t DType) {
	switch t {
	case F16:
		half.FromF16(dst, src)
	case BF16:
		half.FromBF16(dst, src)
	default:
		copy(words.Bytes(dst), src)
	}
}
