package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"sync"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/internal/parallel"
)

// A merger is a checkpoint that computes some of its tensors. It can round them to any type at once, so that
// who wants another type than the tensor's does not round twice.
type merger interface {
	// merges reports whether a tensor is computed.
	merges(name string) bool

	// merge stores elements first … first+n−1 of such a tensor in dst, both multiples of the blocks of dst and of
	// the tensor's.
	merge(dst quant.Packed, name string, first, n int) error
}

// mergerOf returns what computes a tensor of ck, or nil.
func mergerOf(ck Checkpoint, name string) merger {
	if m, ok := ck.(merger); ok && m.merges(name) {
		return m
	}
	return nil
}

func (a *adapted) merges(name string) bool {
	c := a.changes[name]
	return c != nil && (c.whole != nil || len(c.terms) > 0)
}

func (a *adapted) Read(name string) (*Tensor, error) {
	if !a.merges(name) {
		return a.untouched(name)
	}
	info, _ := a.Lookup(name)
	dst, err := newPacked(info)
	if err != nil {
		return nil, err
	}
	if err := a.merge(dst.Packed(), name, 0, int(info.Elements())); err != nil {
		dst.Release()
		return nil, err
	}
	return dst, nil
}

// untouched reads a tensor that is as it is stored.
func (a *adapted) untouched(name string) (*Tensor, error) {
	from := name
	if c := a.changes[name]; c != nil {
		from = c.from
	}
	t, err := a.Checkpoint.Read(from)
	if err != nil {
		return nil, err
	}
	t.Name = name
	if !a.mapped {
		t.Mapping = -1
	}
	return t, nil
}

// ReadAt computes only what is asked for, so that a fingerprint is cheap.
func (a *adapted) ReadAt(name string, p []byte, off int64) error {
	info, ok := a.Lookup(name)
	switch {
	case !ok:
		return fmt.Errorf("the checkpoint has no tensor %q", name)
	case !a.merges(name):
		from := name
		if c := a.changes[name]; c != nil {
			from = c.from
		}
		return a.Checkpoint.ReadAt(from, p, off)
	}
	if err := checkRange(info, len(p), off); err != nil {
		return err
	}
	return readBlocks(info, p, off, func(dst quant.Packed, first, n int) error {
		return a.merge(dst, name, first, n)
	})
}

// readBlocks fills p with the bytes of a tensor from off on, by what fill makes of the blocks around them. They are
// whole blocks of any type.
func readBlocks(info TensorInfo, p []byte, off int64,
	fill func(dst quant.Packed, first, n int) error) error {
	const whole = 256
	to := info.Type
	size := to.RowBytes(whole)
	first := off / size * whole
	n := min((off+int64(len(p))+size-1)/size*whole, info.Elements()) - first
	dst := quant.New(to, int(n))
	if err := fill(dst, int(first), int(n)); err != nil {
		return err
	}
	copy(p, dst.Data[off-to.RowBytes(int(first)):])
	return nil
}

// newPacked returns memory for a tensor, with what its type keeps apart.
func newPacked(info TensorInfo) (*Tensor, error) {
	t, err := NewTensor(info)
	if err != nil {
		return nil, err
	}
	if packed := quant.New(info.Type, 0); packed.Aux != nil { // with the codebook
		t.Aux = [][]byte{make([]byte, 4*(int(info.Elements())/info.Type.Block())), packed.Aux[1]}
	}
	return t, nil
}

func (a *adapted) merge(dst quant.Packed, name string, first, n int) error {
	info, _ := a.Lookup(name)
	c := a.changes[name]
	base, release, err := a.base(c, first, n)
	if err != nil {
		return err
	}
	defer release()
	cols := info.Shape[len(info.Shape)-1]
	row := first / cols
	sum := &sum{base: base, first: first, dst: dst, cols: cols, row: row}
	for _, t := range c.terms {
		left, right, err := t.of.Factors(t.Product, row, (first+n-1)/cols+1-row)
		if err != nil {
			return err
		}
		sum.terms = append(sum.terms, factors{t.scale, t.Rank, left, right})
	}
	if err := sum.run(n); err != nil {
		return fmt.Errorf("tensor %s, with its adapters%s: %w", name, c.paths(), err)
	}
	return nil
}

// paths names the files that add to a tensor, for errors.
func (c *change) paths() string {
	var names []string
	for _, t := range c.terms {
		names = append(names, t.of.Path())
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// base returns elements first … first+n−1 of what a change begins with.
func (a *adapted) base(c *change, first, n int) (p quant.Packed, release func(), err error) {
	info, _ := a.Checkpoint.Lookup(c.from)
	release = func() {}
	switch {
	case c.whole != nil:
		t, err := NewTensor(TensorInfo{Name: c.from, Type: backend.F32, Bytes: 4 * int64(n)})
		if err != nil {
			return p, release, err
		}
		x := make([]float32, min(n, mergeSpan))
		p := quant.Packed{Type: backend.F32, Data: t.Data}
		for at := 0; at < n && err == nil; at += len(x) {
			x = x[:min(len(x), n-at)]
			if err = c.wholeOf.ReadWhole(x, c.whole, first+at); err == nil {
				err = p.Encode(x, at)
			}
		}
		if err != nil {
			t.Release()
		}
		return p, t.Release, err
	case int64(n) == info.Elements(), quant.New(info.Type, 0).Aux != nil:
		t, err := a.Checkpoint.Read(c.from)
		if err != nil {
			return p, release, err
		}
		return t.Packed().Range(first, n), t.Release, nil
	}
	p = quant.Packed{Type: info.Type, Data: make([]byte, info.Type.RowBytes(n))}
	return p, release, a.Checkpoint.ReadAt(c.from, p.Data, info.Type.RowBytes(first))
}

// mergeSpan is how many elements a worker takes at a time: a multiple of every block.
const mergeSpan = 1 << 13

// A sum is a matrix, or a part of one, to which products are added.
type sum struct {
	base  quant.Packed // elements from number first on
	dst   quant.Packed
	first int
	cols  int // of the matrix
	row   int // the first that a term has
	terms []factors
}

// factors are the rows of a product from row on: scale·left·right.
type factors struct {
	scale float32
	rank  int
	left  []float32 // [rows, rank]
	right []float32 // [rank, cols]
}

// run computes n elements on all cores.
func (s *sum) run(n int) error {
	var mu sync.Mutex
	var failed error
	parallel.Ranges(n, mergeSpan, func() func(from, to int) {
		x, delta := make([]float32, min(mergeSpan, n)), make([]float32, min(mergeSpan, n))
		return func(from, to int) {
			err := s.span(x[:to-from], delta[:to-from], from)
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if failed == nil {
				failed = err
			}
		}
	})
	return failed
}

// span computes len(x) elements from number from of the part on.
func (s *sum) span(x, delta []float32, from int) error {
	if err := s.base.Decode(x, from); err != nil {
		return err
	}
	clear(delta)
	for at := 0; at < len(x); {
		row, col := (s.first+from+at)/s.cols, (s.first+from+at)%s.cols
		n := min(s.cols-col, len(x)-at)
		for _, t := range s.terms {
			t.add(delta[at:at+n], row-s.row, col, s.cols)
		}
		at += n
	}
	for i, d := range delta {
		if x[i] += d; math.Abs(float64(x[i])) > math.MaxFloat32 {
			return fmt.Errorf("element %d is %g: take a smaller scale", s.first+from+i, x[i])
		}
	}
	return s.dst.Encode(x, from)
}

// add adds to delta what the product has in a row, from a column on. Products are rounded before they are added, on
// every machine: a fingerprint is the same everywhere.
func (t *factors) add(delta []float32, row, col, cols int) {
	left := t.left[row*t.rank : (row+1)*t.rank]
	k := 0
	for ; k+4 <= t.rank; k += 4 {
		c0, c1, c2, c3 := t.scale*left[k], t.scale*left[k+1], t.scale*left[k+2], t.scale*left[k+3]
		r0, r1 := t.right[k*cols+col:][:len(delta)], t.right[(k+1)*cols+col:][:len(delta)]
		r2, r3 := t.right[(k+2)*cols+col:][:len(delta)], t.right[(k+3)*cols+col:][:len(delta)]
		for j := range delta {
			delta[j] = delta[j] + float32(c0*r0[j]) + float32(c1*r1[j]) + float32(c2*r2[j]) + float32(c3*r3[j])
		}
	}
	for ; k < t.rank; k++ {
		c, r := t.scale*left[k], t.right[k*cols+col:][:len(delta)]
		for j := range delta {
			delta[j] += float32(c * r[j])
		}
	}
}

// identities returns what tells the adapters of ck from others, and their scales; nothing where there are none.
func identities(ck Checkpoint) (string, error) {
	switch ck := ck.(type) {
	case *quantized:
		return identities(ck.Checkpoint)
	case *adapted:
		h := sha256.New()
		for _, one := range ck.adapters {
			fmt.Fprintln(h, "adapter", one.scale)
			if err := one.Identify(h); err != nil {
				return "", err
			}
		}
		return hex.EncodeToString(h.Sum(nil)), nil
	}
	return "", nil
}
