package backendtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

// A fixture is a harness for one case on one backend, with its operands. Every operand is a
// view into a buffer of its own, with canaries around the view and between its
// rows; outputs begin poisoned. Two fixtures of a case are equal to the bit,
// whatever their backends.
type fixture struct {
	harness
	odd     bool // views at odd offsets and with gaps between rows
	regions []*region
	scratch *backend.Scratch
	lacked  backend.DType // of the weight that the failure is about
}

// A region is a buffer, an element of its operand's type to each word.
type region struct {
	name  string
	dtype backend.DType
	view  backend.Tensor // the whole operand
	init  []uint32       // before a run
	marks []mark         // what a run may do to each element
	value []uint32       // for exact marks
}

// A mark says what a word must be after a run.
type mark uint8

const (
	keep  mark = iota // what it was, to the bit
	want              // what the reference makes of it
	exact             // a value that the case knows
	free              // anything
)

const (
	poison = 0x7fc0dead // in outputs: a NaN, and no id
	canary = 0xffc00000 // around views, with the index below: a NaN, and no id
)

// newFixture returns a fixture without operands; its data follow from name.
func newFixture(b backend.Backend, name string, odd bool) *fixture {
	h := fnv.New64a()
	h.Write([]byte(name))
	f := &fixture{harness: newHarness(b, h.Sum64(), 1), odd: odd, scratch: backend.NewScratch(b)}
	f.own(f.scratch)
	return f
}

// tensor returns an operand with the words that fill returns, row by row.
func (f *fixture) tensor(name string, t backend.DType, rows, cols int, fill func(row, col int) uint32) backend.Tensor {
	lead, gap, tail := 64, 0, 64
	if f.odd {
		lead, gap, tail = 1+f.rng.IntN(23), 1+f.rng.IntN(9), 1+f.rng.IntN(23)
	}
	if t.Size() < 4 { // rows are whole words
		lead, gap, tail = lead+lead&1, gap+(cols+gap)&1, tail+tail&1
	}
	stride := cols + gap
	r := &region{name: name, dtype: t, init: make([]uint32, lead+rows*stride+tail)}
	r.marks, r.value = make([]mark, len(r.init)), make([]uint32, len(r.init))
	for i := range r.init {
		if r.init[i] = canary | uint32(i)&0xffff; t.Size() < 4 {
			r.init[i] = canary>>16 | uint32(i)&0x3f
		}
	}
	for row := range rows {
		for col := range cols {
			r.init[lead+row*stride+col] = fill(row, col)
		}
	}
	size := int64(t.Size())
	view := backend.Tensor{Off: size * int64(lead), Type: t, Rows: rows, Cols: cols, Stride: stride}
	if view.Buf = f.alloc(size*int64(len(r.init)), backend.Device); f.err == nil {
		r.view = view
		f.regions = append(f.regions, r)
	}
	return view
}

// floats returns an operand of the numbers that gen returns.
func (f *fixture) floats(name string, rows, cols int, gen func() float64) backend.Tensor {
	return f.tensor(name, backend.F32, rows, cols, func(int, int) uint32 {
		return math.Float32bits(float32(gen()))
	})
}

// normal returns an operand of normally distributed numbers.
func (f *fixture) normal(name string, rows, cols int) backend.Tensor {
	return f.floats(name, rows, cols, f.rng.NormFloat64)
}

// ints returns an operand of values, row by row.
func (f *fixture) ints(name string, cols int, values ...int32) backend.Tensor {
	return f.tensor(name, backend.I32, len(values)/cols, cols, func(row, col int) uint32 {
		return uint32(values[row*cols+col])
	})
}

// output returns a poisoned operand.
func (f *fixture) output(name string, t backend.DType, rows, cols int) backend.Tensor {
	return f.tensor(name, t, rows, cols, func(int, int) uint32 { return poison })
}

// live returns the Live operand for n rows, or an absent one for n < 0.
func (f *fixture) live(n int) backend.Tensor {
	if n < 0 {
		return backend.Tensor{}
	}
	return f.ints("Live", 1, int32(n))
}

// weight returns a matrix of normally distributed numbers of variance 1/cols,
// so that products stay near 1; of block types, of random bits.
func (f *fixture) weight(name string, t backend.DType, rows, cols int) backend.Weight {
	scale := 1 / math.Sqrt(float64(cols))
	if t.Block() > 1 {
		return f.packed(name, f.randomBlocks(t, rows*cols, scale), rows, cols)
	}
	return f.weightOf(name, t, rows, cols, func(int, int) float64 { return f.rng.NormFloat64() * scale })
}

// weightOf returns a matrix of the numbers that gen returns.
func (f *fixture) weightOf(name string, t backend.DType, rows, cols int,
	gen func(row, col int) float64) backend.Weight {
	values := make([]float32, rows*cols)
	for i := range values {
		values[i] = float32(gen(i/cols, i%cols))
	}
	p := quant.New(t, len(values))
	f.check(p.Encode(values, 0))
	return f.packed(name, p, rows, cols)
}

// packed returns a matrix of what is packed.
func (f *fixture) packed(name string, p quant.Packed, rows, cols int) backend.Weight {
	sound := f.err == nil
	w := f.newWeight(backend.WeightDesc{Name: name, Type: p.Type, Rows: rows, Cols: cols, Aux: p.Aux}, p.Data)
	if sound && f.err != nil {
		f.lacked = p.Type
	}
	return w
}

// encode returns values as a checkpoint stores them.
func encode(t backend.DType, values []float32) []byte {
	data := make([]byte, len(values)*t.Size())
	switch t {
	case backend.F16:
		half.ToF16(data, values)
	case backend.BF16:
		half.ToBF16(data, values)
	default:
		for i, v := range values {
			binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
		}
	}
	return data
}

// region returns the region of a view, and the index of the view's first element.
func (f *fixture) region(t backend.Tensor) (*region, int) {
	for _, r := range f.regions {
		if r.view.Buf == t.Buf {
			return r, r.at(t)
		}
	}
	return nil, 0
}

// at is the index of a view's first element.
func (r *region) at(t backend.Tensor) int { return int(t.Off / int64(r.dtype.Size())) }

// bytes returns elements as the buffer has them.
func (r *region) bytes(elements []uint32) []byte {
	data := wordBytes(elements)
	if r.dtype.Size() == 4 {
		return data
	}
	for i, e := range elements {
		binary.LittleEndian.PutUint16(data[2*i:], uint16(e))
	}
	return data[:2*len(elements)]
}

// elements is the reverse of bytes.
func (r *region) elements(data []byte) []uint32 {
	if r.dtype.Size() == 4 {
		return bytesWords(data)
	}
	elements := make([]uint32, len(data)/2)
	for i := range elements {
		elements[i] = uint32(binary.LittleEndian.Uint16(data[2*i:]))
	}
	return elements
}

// float is the number that an element of a float type is.
func (r *region) float(element uint32) float32 {
	switch r.dtype {
	case backend.F16:
		return half.F16(uint16(element))
	case backend.BF16:
		return half.BF16(uint16(element))
	}
	return math.Float32frombits(element)
}

// mark says what becomes of the rows of a view for which rows is true; nil
// stands for all.
func (f *fixture) mark(m mark, t backend.Tensor, rows func(int) bool) {
	r, at := f.region(t)
	if r == nil {
		return
	}
	for row := range t.Rows {
		if rows != nil && !rows(row) {
			continue
		}
		for col := range t.Cols {
			r.marks[at+row*t.Stride+col] = m
		}
	}
}

// writes declares the rows of an output that the operation writes.
func (f *fixture) writes(t backend.Tensor, rows func(int) bool) { f.mark(want, t, rows) }

// expects declares what the operation writes to row of an output.
func (f *fixture) expects(t backend.Tensor, row int, values ...int32) {
	r, at := f.region(t)
	if r == nil {
		return
	}
	for col, v := range values {
		r.marks[at+row*t.Stride+col], r.value[at+row*t.Stride+col] = exact, uint32(v)
	}
}

// below returns what is true of the first n rows; of all, if n < 0.
func below(n int) func(int) bool {
	return func(row int) bool { return n < 0 || row < n }
}

// run uploads every region, runs ops once, and returns the regions' words.
func (f *fixture) run(ops []backend.Op) ([][]uint32, error) {
	if f.err != nil {
		return nil, f.err
	}
	plan, err := f.b.Compile("case", ops)
	if err != nil {
		return nil, err
	}
	words, err := f.submit(plan)
	return words, errors.Join(err, plan.Close())
}

// submit is run with a compiled plan.
func (f *fixture) submit(plan backend.Plan) ([][]uint32, error) {
	for _, r := range f.regions {
		if err := r.view.Buf.Upload(0, r.bytes(r.init)); err != nil {
			return nil, err
		}
	}
	t, err := plan.Submit()
	if err != nil {
		return nil, err
	}
	if err := f.b.Wait(context.Background(), t); err != nil {
		return nil, err
	}
	out := make([][]uint32, len(f.regions))
	for i, r := range f.regions {
		data := make([]byte, r.dtype.Size()*len(r.init))
		if err := r.view.Buf.Download(0, data); err != nil {
			return nil, err
		}
		out[i] = r.elements(data)
	}
	return out, nil
}

// judge compares what a run made of the regions with what the reference made
// of its own.
func (f *fixture) judge(got, ref [][]uint32, tol Tolerance) (Difference, error) {
	var all Difference
	for i, r := range f.regions {
		d, err := r.judge(got[i], ref[i], tol)
		if err != nil {
			return d, fmt.Errorf("%s %w", r.name, err)
		}
		all = all.worse(d)
	}
	return all, nil
}

func (r *region) judge(got, ref []uint32, tol Tolerance) (Difference, error) {
	var g, w []float32
	var at []int // of g in the region
	for i, m := range r.marks {
		switch {
		case m == keep && got[i] != r.init[i]:
			return Difference{}, fmt.Errorf("%s was written: %s, was %s", r.place(i), r.word(got[i]), r.word(r.init[i]))
		case m == exact && got[i] != r.value[i]:
			return Difference{}, fmt.Errorf("%s is %s, want %s", r.place(i), r.word(got[i]), r.word(r.value[i]))
		case m == want && r.dtype == backend.I32 && got[i] != ref[i]:
			return Difference{}, fmt.Errorf("%s is %s, want %s", r.place(i), r.word(got[i]), r.word(ref[i]))
		case m == want && got[i] == poison && ref[i] != poison:
			return Difference{}, fmt.Errorf("%s was not written", r.place(i))
		case m == want && r.dtype != backend.I32:
			g, w, at = append(g, r.float(got[i])), append(w, r.float(ref[i])), append(at, i)
		}
	}
	d := Compare(g, w)
	tol = tol.stored(r.dtype)
	if err := tol.Check(d); err != nil {
		i := at[d.At]
		return d, fmt.Errorf("%s is %s, want %s: %w", r.place(i), r.word(got[i]), r.word(ref[i]), err)
	}
	return d, nil
}

// place names a word of the region for people.
func (r *region) place(i int) string {
	i -= r.at(r.view)
	if i < 0 {
		return fmt.Sprintf("canary %d words before the view", -i)
	}
	row, col := i/r.view.Stride, i%r.view.Stride
	switch {
	case row >= r.view.Rows:
		return fmt.Sprintf("canary %d words after the view", i-(r.view.Rows-1)*r.view.Stride-r.view.Cols+1)
	case col >= r.view.Cols:
		return fmt.Sprintf("canary %d words after row %d", col-r.view.Cols+1, row)
	}
	return fmt.Sprintf("[%d %d]", row, col)
}

func (r *region) word(w uint32) string {
	switch {
	case w == poison:
		return "poison"
	case r.dtype == backend.I32:
		return fmt.Sprint(int32(w))
	}
	return fmt.Sprint(r.float(w))
}

// sameBits reports the first word that must be written and in which two runs
// differ.
func (f *fixture) sameBits(a, b [][]uint32) error {
	for i, r := range f.regions {
		for j, m := range r.marks {
			if m != free && a[i][j] != b[i][j] {
				return fmt.Errorf("%s %s is %s in one run and %s in the next",
					r.name, r.place(j), r.word(a[i][j]), r.word(b[i][j]))
			}
		}
	}
	return nil
}

func floatBits(v float32) uint32 { return math.Float32bits(v) }

func wordBytes(words []uint32) []byte {
	data := make([]byte, 4*len(words))
	for i, w := range words {
		binary.LittleEndian.PutUint32(data[4*i:], w)
	}
	return data
}

func bytesWords(data []byte) []uint32 {
	words := make([]uint32, len(data)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return words
}

// title joins the parts of a case's name.
func title(parts ...any) string {
	var s []string
	for _, p := range parts {
		if text := fmt.Sprint(p); text != "" {
			s = append(s, text)
		}
	}
	return strings.Join(s, "/")
}
