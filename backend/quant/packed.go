package quant

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/internal/half"
	"falconmamba/internal/parallel"
)

// Packed is numbers of some element type: memory that a caller owns. Data is
// little endian and need not be aligned; Aux is as in [backend.WeightDesc].
type Packed struct {
	Type backend.DType
	Data []byte
	Aux  [][]byte
}

// New returns memory for n elements, a multiple of t.Block(), all zero, with
// the codebook in place.
func New(t backend.DType, n int) Packed {
	p := Packed{Type: t, Data: make([]byte, t.RowBytes(n))}
	if codebook := codebookOf(t); codebook != nil {
		p.Aux = [][]byte{make([]byte, 4*(n/t.Block())), make([]byte, 4*len(codebook))}
		for i, v := range codebook {
			binary.LittleEndian.PutUint32(p.Aux[1][4*i:], math.Float32bits(v))
		}
	}
	return p
}

// Check reports what keeps p from holding n elements.
func (p Packed) Check(n int) error {
	t := p.Type
	if !t.Valid() || t == backend.I32 {
		return fmt.Errorf("%v is no type of weights", t)
	}
	if n < 0 {
		return fmt.Errorf("%d elements", n)
	}
	blocks := (n + t.Block() - 1) / t.Block()
	if len(p.Data)/t.Size() < blocks {
		return fmt.Errorf("%d bytes do not hold %d elements of %v: want %d", len(p.Data), n, t, blocks*t.Size())
	}
	if codebookOf(t) == nil {
		return nil
	}
	if len(p.Aux) != 2 || len(p.Aux[0])/4 < blocks || len(p.Aux[1]) != 4*16 {
		return fmt.Errorf("%d elements of %v want %d scales and 16 values of the codes beside them", n, t, blocks)
	}
	return nil
}

// Range returns elements [first, first+n) of p, in place; both are multiples of
// the block, and p holds them.
func (p Packed) Range(first, n int) Packed {
	block, size := p.Type.Block(), p.Type.Size()
	from, to := first/block, (first+n)/block
	r := Packed{Type: p.Type, Data: p.Data[from*size : to*size]}
	if len(p.Aux) == 2 {
		r.Aux = [][]byte{p.Aux[0][4*from : 4*to], p.Aux[1]}
	}
	return r
}

// Decode sets dst to the elements from number first on. It is exact.
func (p Packed) Decode(dst []float32, first int) error {
	if first < 0 {
		return fmt.Errorf("elements from number %d on", first)
	}
	if err := p.Check(first + len(dst)); err != nil {
		return err
	}
	block, size := p.Type.Block(), p.Type.Size()
	if block == 1 {
		p.plain(dst, p.Data[first*size:])
		return nil
	}
	var whole [maxBlock]float32
	for len(dst) > 0 {
		b, skip := first/block, first%block
		n := len(dst) / block * block
		if skip == 0 && n > 0 {
			p.blocks(dst[:n], b)
		} else {
			p.blocks(whole[:block], b)
			n = copy(dst, whole[skip:block])
		}
		dst, first = dst[n:], first+n
	}
	return nil
}

// maxBlock is the largest block of any type.
const maxBlock = 256

// blocks decodes whole blocks, from number b on.
func (p Packed) blocks(dst []float32, b int) {
	src := p.Data[b*p.Type.Size():]
	if f := formats[p.Type].decode; f != nil {
		f(dst, src)
		return
	}
	decodeCodebook(dst, src, p.Aux[0][4*b:], p.Aux[1])
}

func (p Packed) plain(dst []float32, src []byte) {
	switch p.Type {
	case backend.F16:
		half.FromF16(dst, src)
	case backend.BF16:
		half.FromBF16(dst, src)
	default:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	}
}

// Encodes reports whether numbers can be packed as t: as all types of weights.
func Encodes(t backend.DType) bool { return t.Valid() && t != backend.I32 }

// Encode stores src as the elements from number first on; both first and
// len(src) are multiples of the block. A number that the type cannot hold, or
// that is none, is an error that names it; what has been stored then is
// unspecified.
func (p Packed) Encode(src []float32, first int) error {
	block, size := p.Type.Block(), p.Type.Size()
	switch {
	case !Encodes(p.Type):
		return fmt.Errorf("packing as %v: %w", p.Type, backend.ErrUnsupported)
	case first < 0 || first%block != 0 || len(src)%block != 0:
		return fmt.Errorf("%d elements from number %d on are no whole blocks of %v", len(src), first, p.Type)
	}
	if err := p.Check(first + len(src)); err != nil {
		return err
	}
	dst := p.Data[first/block*size:]
	switch p.Type {
	case backend.F32:
		for i, x := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(x))
		}
		return nil
	case backend.BF16:
		half.ToBF16(dst, src)
		return nil
	case backend.F16:
		for i, x := range src {
			if a := math.Abs(float64(x)); a >= 65520 && !math.IsInf(a, 0) {
				return fmt.Errorf("element %d is %g: f16 ends at 65504", first+i, x)
			}
		}
		half.ToF16(dst, src)
		return nil
	}
	var e encoder
	var codes *ladder
	if formats[p.Type].encode == nil {
		codes = newLadder(p.Aux[1])
	}
	for i := 0; i < len(src); i += block {
		x := src[i : i+block]
		var ok bool
		if codes != nil {
			ok = codes.encode(dst[:size], p.Aux[0][4*((first+i)/block):], x)
		} else {
			ok = e.admit(x) && formats[p.Type].encode(&e, dst[:size], x)
		}
		if !ok {
			return tooLarge(p.Type, x, first+i)
		}
		dst = dst[size:]
	}
	return nil
}

// tooLarge names the element of a block that could not be stored.
func tooLarge(t backend.DType, x []float32, first int) error {
	worst := 0
	for i, v := range x {
		if a := math.Abs(float64(v)); math.IsNaN(a) {
			return fmt.Errorf("element %d is NaN: %v has none", first+i, t)
		} else if a > math.Abs(float64(x[worst])) {
			worst = i
		}
	}
	return fmt.Errorf("element %d is %g: too large for %v", first+worst, x[worst], t)
}

// span is how many elements a worker of Convert takes at a time: a multiple of
// every block.
const span = 1 << 13

// Convert stores the first n elements of src in dst, on all cores. It needs no
// memory for the whole in between. Where both have the same type, data is copied.
func Convert(dst, src Packed, n int) error {
	if err := src.Check(n); err != nil {
		return err
	}
	if err := dst.Check(n); err != nil {
		return err
	}
	if dst.Type == src.Type {
		copy(dst.Data, src.Data[:src.Type.RowBytes(n)])
		for i := range dst.Aux {
			copy(dst.Aux[i], src.Aux[i])
		}
		return nil
	}
	var errs errorOnce
	parallel.Ranges(n, span, func() func(from, to int) {
		x := make([]float32, min(span, n))
		return func(from, to int) {
			if errs.set() {
				return
			}
			x := x[:to-from]
			err := src.Decode(x, from)
			if err == nil {
				err = dst.Encode(x, from)
			}
			errs.put(err)
		}
	})
	return errs.err
}

// errorOnce keeps the first error.
type errorOnce struct {
	mu   sync.Mutex
	err  error
	some atomic.Bool
}

func (e *errorOnce) set() bool { return e.some.Load() }

func (e *errorOnce) put(err error) {
	if err == nil {
		return
	}
	e.mu.Lock()
	if e.err == nil {
		e.err = err
		e.some.Store(true)
	}
	e.mu.Unlock()
}
