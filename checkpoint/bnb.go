package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"falconmamba/backend"
)

// A bnbWeight is a matrix as bitsandbytes saves it in 4 bits (QuantState.as_dict
// of its functional.py): two codes a byte, the first in the high nibble, over
// the matrix row after row. A value is quant_map[code]·absmax of its block; with
// double quantisation absmax is packed once more, in bytes.
type bnbWeight struct {
	info   TensorInfo // as it is offered
	typ    backend.DType
	block  int
	codes  storedTensor
	absmax storedTensor // float32, or bytes where nested
	book   []byte       // 16 float32
	nested *bnbNested
}

type bnbNested struct {
	absmax storedTensor // float32
	book   []float32    // 256
	block  int
	offset float32
}

// bnbStates are the names under which a weight's description is stored.
var bnbStates = []struct {
	suffix string
	typ    backend.DType
}{
	{".quant_state.bitsandbytes__nf4", backend.NF4},
	{".quant_state.bitsandbytes__fp4", backend.FP4},
}

// bnb returns the matrix spec if it is stored by bitsandbytes, else nil.
func (f *folder) bnb(spec TensorSpec) (*bnbWeight, error) {
	var w *bnbWeight
	for _, s := range bnbStates {
		state, ok := f.stored[spec.Name+s.suffix]
		if !ok {
			continue
		}
		where := f.path(f.shards[state.shard].name)
		if w != nil {
			return nil, fmt.Errorf("%s: tensor %s is described as both nf4 and fp4 of bitsandbytes: want one of them",
				where, spec.Name)
		}
		var err error
		if w, err = f.parseBNB(spec, s.typ, state); err != nil {
			return nil, fmt.Errorf("%s: tensor %s in bitsandbytes' %v: %w", where, spec.Name, s.typ, err)
		}
	}
	return w, nil
}

// maxBNBState bounds the JSON text of a description, in bytes.
const maxBNBState = 1 << 16

func (f *folder) parseBNB(spec TensorSpec, typ backend.DType, state storedTensor) (*bnbWeight, error) {
	text, err := f.small(state, maxBNBState)
	if err != nil {
		return nil, err
	}
	var s struct {
		Type         string  `json:"quant_type"`
		Block        int     `json:"blocksize"`
		Shape        []int   `json:"shape"`
		NestedBlock  int     `json:"nested_blocksize"`
		NestedOffset float64 `json:"nested_offset"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("its quant_state: %w", position(text, err))
	}
	n := int(elements(spec.Shape))
	switch {
	case s.Type != typ.String():
		return nil, fmt.Errorf("quant_type is %s: want %v", excerpt([]byte(s.Type)), typ)
	case !slices.Equal(s.Shape, spec.Shape):
		return nil, fmt.Errorf("its shape is %v, %s asks for %v", s.Shape, configFile, spec.Shape)
	case !validBlock(s.Block):
		return nil, fmt.Errorf("blocksize is %d: want a power of two from 16 to 65536", s.Block)
	}
	w := &bnbWeight{typ: typ, block: s.Block}
	w.info = TensorInfo{Name: spec.Name, Type: typ, Shape: spec.Shape, Bytes: int64(n / 2)}
	// Blocks that are no parts of rows do not fit the type: such a matrix is
	// unpacked when it is read.
	if len(spec.Shape) != 2 || spec.Shape[1]%typ.Block() != 0 || s.Block%typ.Block() != 0 {
		w.info.Type, w.info.Bytes = backend.F32, int64(n)*4
	}
	w.codes = f.stored[spec.Name]
	if want := int64(n+1) / 2; w.codes.Size != want {
		return nil, fmt.Errorf("%d bytes of codes: want %d for %v", w.codes.Size, want, spec.Shape)
	}
	blocks := (n + s.Block - 1) / s.Block
	book, err := f.bnbPart(spec.Name+".quant_map", "F32", 16)
	if err != nil {
		return nil, err
	}
	if w.book, err = f.small(book, 64); err != nil {
		return nil, err
	}
	if f.stored[spec.Name+".absmax"].DType != "U8" {
		w.absmax, err = f.bnbPart(spec.Name+".absmax", "F32", blocks)
		return w, err
	}
	if !validBlock(s.NestedBlock) {
		return nil, fmt.Errorf("nested_blocksize is %d: want a power of two from 16 to 65536", s.NestedBlock)
	}
	if w.absmax, err = f.bnbPart(spec.Name+".absmax", "U8", blocks); err != nil {
		return nil, err
	}
	w.nested = &bnbNested{block: s.NestedBlock, offset: float32(s.NestedOffset)}
	groups := (blocks + s.NestedBlock - 1) / s.NestedBlock
	if w.nested.absmax, err = f.bnbPart(spec.Name+".nested_absmax", "F32", groups); err != nil {
		return nil, err
	}
	if book, err = f.bnbPart(spec.Name+".nested_quant_map", "F32", 256); err != nil {
		return nil, err
	}
	values, err := f.small(book, 4*256)
	if err != nil {
		return nil, err
	}
	w.nested.book = make([]float32, 256)
	return w, Widen(w.nested.book, values, backend.F32)
}

func validBlock(n int) bool { return n >= 16 && n <= 1<<16 && n&(n-1) == 0 }

// bnbPart returns a tensor that belongs to a weight, of n elements.
func (f *folder) bnbPart(name, dtype string, n int) (storedTensor, error) {
	t, ok := f.stored[name]
	part := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case !ok:
		return t, fmt.Errorf("its %s is missing", part)
	case t.DType != dtype || elements(t.Shape) != int64(n):
		return t, fmt.Errorf("its %s is %s %v: want %d of %s", part, t.DType, t.Shape, n, dtype)
	}
	return t, nil
}

// small reads a whole tensor of at most most bytes.
func (f *folder) small(t storedTensor, most int64) ([]byte, error) {
	if t.Size > most {
		return nil, fmt.Errorf("%s has %d bytes: at most %d are believed", t.Name, t.Size, most)
	}
	p := make([]byte, t.Size)
	return p, f.shards[t.shard].readAt(p, t.Offset)
}

// readBNB returns the matrix: packed where its blocks suit, else as float32.
func (f *folder) readBNB(w *bnbWeight) (*Tensor, error) {
	codes, err := f.bytes(w.codes)
	if err != nil {
		return nil, err
	}
	if w.info.Type != backend.F32 {
		scales, err := f.bnbScales(w, w.typ.Block())
		if err != nil {
			codes.Release()
			return nil, err
		}
		codes.TensorInfo, codes.Aux = w.info, [][]byte{scales.Data, w.book}
		own := *codes
		codes.release = func() { own.Release(); scales.Release() }
		return codes, nil
	}
	defer codes.Release()
	scales, err := f.bnbScales(w, w.block)
	if err != nil {
		return nil, err
	}
	defer scales.Release()
	out, err := NewTensor(w.info)
	if err != nil {
		return nil, err
	}
	for i := range int(w.info.Elements()) {
		code := codes.Data[i/2] >> 4
		if i%2 == 1 {
			code = codes.Data[i/2] & 15
		}
		v := wordAt(w.book, int(code)) * wordAt(scales.Data, i/w.block)
		binary.LittleEndian.PutUint32(out.Data[4*i:], math.Float32bits(v))
	}
	return out, nil
}

func wordAt(b []byte, i int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
}

// bnbScales returns a float32 for each block of size elements, which divides
// w.block or is it.
func (f *folder) bnbScales(w *bnbWeight, size int) (*Tensor, error) {
	absmax, err := f.bytes(w.absmax)
	if err != nil || w.nested == nil && size == w.block {
		return absmax, err
	}
	defer absmax.Release()
	var nested []byte
	if w.nested != nil {
		t, err := f.bytes(w.nested.absmax)
		if err != nil {
			return nil, err
		}
		defer t.Release()
		nested = t.Data
	}
	n := int(w.info.Elements())
	out := make([]byte, 0, 4*((n+size-1)/size))
	for i := 0; i < n; i += size {
		b := i / w.block
		var v float32
		if w.nested != nil {
			v = float32(w.nested.book[absmax.Data[b]]*wordAt(nested, b/w.nested.block)) + w.nested.offset
		} else {
			v = wordAt(absmax.Data, b)
		}
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return &Tensor{Data: out, Mapping: -1}, nil
}
