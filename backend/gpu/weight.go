package gpu

import (
	"fmt"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// Word is the bytes of the words that weights are rows of.
const Word = 16

// A Weight is a matrix in parts that one binding reaches.
type Weight struct {
	Desc backend.WeightDesc
	Layout
	Parts   []Part
	InPlace bool // the parts are of Desc.From's memory
}

// A WeightStore is a device's memory for weights.
type WeightStore interface {
	// Reach is the bytes of a part at most.
	Reach() int64
	// Find returns the memory in which rows, pitch bytes apart, lie from byte at of an
	// imported buffer on, where there, and how many of them one binding reaches. It
	// returns 0 rows where they must be copied: a binding cannot begin there, or
	// the buffer is none that was imported.
	Find(from backend.Buffer, at, pitch int64) (memory any, off int64, rows int)
	// Add returns new memory of that number of bytes, and writes it by fill, which
	// sets dst to the bytes from at on.
	Add(bytes int64, fill func(dst []byte, at int64)) (memory any, err error)
	// Free frees what Add returned.
	Free(memory any)
}

// NewWeight lays a matrix out for kernels: where it is stored, if that suits,
// else in new memory. It is what a driver's NewWeight becomes; whether desc.From
// is its own and holds src is for the driver to check.
func NewWeight(s WeightStore, desc backend.WeightDesc, src []byte) (*Weight, error) {
	layout, err := NewLayout(desc, src)
	if err != nil {
		return nil, err
	}
	w := &Weight{Desc: desc, Layout: layout}
	w.Desc.Aux = nil
	if w.place(s) {
		return w, nil
	}
	most := min(layout.MostRows(s.Reach()), desc.Rows)
	if most == 0 {
		return nil, fmt.Errorf("a row of %d bytes, a binding reaches %d: %w",
			layout.Pitch, s.Reach(), backend.ErrUnsupported)
	}
	for first := 0; first < desc.Rows; first += most {
		n := min(most, desc.Rows-first)
		rows := layout.Rows(desc, src, first, n)
		m, err := s.Add(layout.Size(n), func(dst []byte, at int64) { layout.Fill(dst, at, rows) })
		if err != nil {
			w.Free(s)
			return nil, err
		}
		w.Parts = append(w.Parts, Part{Memory: m, Size: layout.Size(n), First: first, Rows: n})
	}
	return w, nil
}

// place makes parts of the buffer that the matrix is stored in.
func (w *Weight) place(s WeightStore) bool {
	if w.Desc.From == nil || !w.AsStored() {
		return false
	}
	for first := 0; first < w.Desc.Rows; {
		m, at, rows := s.Find(w.Desc.From, w.Desc.Off+int64(first)*w.Pitch, w.Pitch)
		if rows == 0 {
			w.Parts = nil
			return false
		}
		rows = min(rows, w.Desc.Rows-first)
		w.Parts = append(w.Parts, Part{Memory: m, At: at, Size: int64(rows) * w.Pitch, First: first, Rows: rows})
		first += rows
	}
	w.InPlace = true
	return true
}

// Bytes is how many the parts have.
func (w *Weight) Bytes() (n int64) {
	for _, p := range w.Parts {
		n += p.Size
	}
	return n
}

// Free frees the parts, of which there are none afterwards.
func (w *Weight) Free(s WeightStore) {
	for _, p := range w.Parts {
		if !w.InPlace {
			s.Free(p.Memory)
		}
	}
	w.Parts = nil
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
