package backendtest

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// Batch invariance, see backend.Options.BatchInvariant: the bytes of a row are
// those that it has alone, whatever the pass has room for, how many rows are live,
// where among them the row stands, which slots it has, and where its sequence is
// cut into chunks.

// mostRows is up to how many rows of a pass the suite looks at.
const mostRows = 600

// chosenRows are bounds around those from which some backend goes about an operation
// in another way: blocks of rows, tiles, and how many of either there are.
var chosenRows = []int{1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 33, 64, 65, 96, 97, 130, 257, mostRows}

// fewRows are enough of them where each takes seconds.
var fewRows = []int{1, 2, 5, 16, 66}

func everyRows() (all []int) {
	for n := range mostRows {
		all = append(all, n+1)
	}
	return all
}

// cuts are the chunks that a sequence is read in, and fewCuts some of a shorter one.
var (
	cuts    = [][]int{{70}, {1, 69}, {7, 9, 54}, {16, 17, 37}, {33, 2, 35}, {65, 5}, {69, 1}}
	fewCuts = [][]int{{19}, {2, 17}}
)

// RunInvariance holds a backend that promises batch invariance to it, as Run does too: for
// backends that have it only if they are asked (backend.Options.BatchInvariant). With every
// it takes each number of rows up to 600, which is many minutes.
func RunInvariance[X T[X]](t X, open func() (backend.Backend, error), every bool) {
	b, err := open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	if !b.Info().BatchInvariant {
		t.Fatal(b.Info().Name + " does not promise batch invariance")
	}
	k := newKit(b)
	if every {
		invariance(k, everyRows(), 4)
	} else {
		rowsAlone(k)
	}
	if err := k.done(); err != nil {
		t.Error(err)
	}
}

// rowsAlone is invariance for chosen numbers of rows.
func rowsAlone(k *kit) {
	if k.short {
		invariance(k, fewRows, 2)
		return
	}
	invariance(k, chosenRows, 2)
}

// invariance holds every operation to it, with passes of up to so many rows as
// bounds says, and with so many types of weights. A backend that does not promise it is
// left alone.
func invariance(k *kit, bounds []int, types int) {
	if !k.b.Info().BatchInvariant {
		return
	}
	for i, o := range invariants {
		list := []backend.DType{0}
		if o.weights {
			list = weightTypesOf(types, i)
		}
		for _, typ := range list {
			c := newCompany(k, o, typ)
			c.beside(bounds)
			if o.carries {
				c.cut()
			}
			k.err = errors.Join(k.err, c.done())
		}
	}
}

// weightTypesOf returns the types of weights that an operation is tried with: so many, two
// at least, by turns, or all for 0.
func weightTypesOf(few, turn int) (types []backend.DType) {
	var plain, blocks []backend.DType
	for t := backend.F32; t.Valid(); t++ {
		switch {
		case t == backend.I32:
		case t.Block() > 1:
			blocks = append(blocks, t)
		default:
			plain = append(plain, t)
		}
	}
	if few == 0 {
		return append(plain, blocks...)
	}
	often := []backend.DType{backend.Q8_0, backend.Q4_K} // GPUs keep them
	types = []backend.DType{plain[turn%len(plain)], often[turn%len(often)]}
	for i := range few - 2 {
		types = append(types, slices.Concat(plain, blocks)[(2*turn+i)%(len(plain)+len(blocks))])
	}
	return types
}

// A company is an operation in passes of other sizes, whose rows are known by
// numbers: rows of one number have the same inputs, wherever they are.
type company struct {
	*kit    // what passes share
	of      invariant
	typ     backend.DType
	hidden  int // widths, whole blocks of the type
	wide    int
	rank    int
	fixed   map[string]backend.Tensor
	weights map[string]backend.Weight
	lacks   bool // the backend cannot keep the type
}

func newCompany(k *kit, o invariant, typ backend.DType) *company {
	c := &company{kit: newKit(k.b), of: o, typ: typ, hidden: 387, wide: 133, rank: 7,
		fixed: map[string]backend.Tensor{}, weights: map[string]backend.Weight{}}
	c.short = k.short
	if n := typ.Block(); n > 1 {
		c.hidden, c.wide, c.rank = 256, 256, max(n, 32)
	}
	return c
}

// numbersOf returns n numbers that follow from a name and a number.
func numbersOf(name string, number, n int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(name))
	rng := rand.New(rand.NewPCG(h.Sum64(), uint64(number)))
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

// parameter returns what all rows share, made of normally distributed numbers.
func (c *company) parameter(name string, rows, cols int, of func(float64) float64) backend.Tensor {
	if t, ok := c.fixed[name]; ok {
		return t
	}
	v := numbersOf(name, 0, rows*cols)
	for i := range v {
		v[i] = float32(of(float64(v[i])))
	}
	t := c.matrix(rows, cols, v...)
	c.fixed[name] = t
	return t
}

func asItIs(x float64) float64 { return x }

// weightOf returns a weight of the company's type, nil where the backend has none.
func (c *company) weightOf(name string, rows, cols int) backend.Weight {
	if w, ok := c.weights[name]; ok {
		return w
	}
	v := numbersOf(name, 0, rows*cols)
	for i := range v {
		v[i] /= float32(math.Sqrt(float64(cols)))
	}
	p := quant.New(c.typ, len(v))
	if !c.check(p.Encode(v, 0)) {
		return nil
	}
	w, err := c.b.NewWeight(backend.WeightDesc{Name: name, Type: c.typ, Rows: rows, Cols: cols, Aux: p.Aux}, p.Data)
	if errors.Is(err, backend.ErrUnsupported) && c.typ != backend.F32 {
		c.lacks = true
		return nil
	}
	if c.check(err) {
		c.own(w)
	}
	c.weights[name] = w
	return w
}

// A mates is the operation compiled for a bound of rows.
type mates struct {
	*company
	k      *kit
	rows   int // bound
	slots  int // of states, the first starts of which are where sequences begin
	batch  backend.Tensor
	inputs []input
	words  []wordInput
	states []input
	outs   []backend.Tensor // a row for each of the pass
	plan   backend.Plan
}

// An input has a row for each of the pass, or each slot.
type input struct {
	name string
	backend.Tensor
}

// A wordInput is an input of integers.
type wordInput struct {
	backend.Tensor
	of func(number int) []int32
}

// starts is how many states there are for sequences to begin at, and the numbers of
// the rows that are compared.
const starts = 3

func (c *company) pass(rows int) *mates {
	m := &mates{company: c, k: newKit(c.b), rows: rows, slots: starts + rows}
	m.batch = m.k.batch(rows)
	op := c.of.op(m)
	if c.lacks {
		return m
	}
	m.k.check(c.err)
	m.plan = m.k.plan(op)
	return m
}

// end closes the pass and keeps what went wrong.
func (m *mates) end() { m.check(m.k.done()) }

// in is an input of floats: rows of a number have the numbers of its name.
func (m *mates) in(name string, cols int) backend.Tensor {
	t := m.k.matrix(m.rows, cols)
	m.inputs = append(m.inputs, input{name, t})
	return t
}

func (m *mates) wordsIn(cols int, of func(number int) []int32) backend.Tensor {
	t := m.k.words(cols, make([]int32, m.rows*cols)...)
	m.words = append(m.words, wordInput{t, of})
	return t
}

func (m *mates) state(name string, width int) backend.Tensor {
	t := m.k.matrix(m.slots, width)
	m.states = append(m.states, input{name, t})
	return t
}

// out is an output, of floats or of integers.
func (m *mates) out(cols int) backend.Tensor {
	t := m.k.matrix(m.rows, cols)
	m.outs = append(m.outs, t)
	return t
}

func (m *mates) wordsOut(cols int) backend.Tensor {
	t := m.k.words(cols, make([]int32, m.rows*cols)...)
	m.outs = append(m.outs, t)
	return t
}

func (m *mates) live() backend.Tensor { return backend.BatchWord(m.batch, backend.BatchRows) }

// begin fills the states that sequences begin at.
func (m *mates) begin() {
	for _, s := range m.states {
		var all []float32
		for slot := range starts {
			all = append(all, numbersOf(s.name, slot, s.Cols)...)
		}
		m.k.upload(s.Tensor, all)
	}
}

// run runs rows of these numbers as seqs.
func (m *mates) run(numbers []int, seqs []backend.Sequence) {
	for _, in := range m.inputs {
		known := map[int][]float32{}
		var all []float32
		for _, n := range numbers {
			if known[n] == nil {
				known[n] = numbersOf(in.name, n, in.Cols)
			}
			all = append(all, known[n]...)
		}
		m.k.upload(in.Tensor, all)
	}
	for _, in := range m.words {
		var all []int32
		for _, n := range numbers {
			all = append(all, in.of(n)...)
		}
		m.k.uploadWords(in.Tensor, all)
	}
	words := m.k.encodeBatch(m.rows, seqs)
	words[backend.BatchHeads] = int32(len(seqs))
	m.k.uploadWords(m.batch, words)
	m.k.wait(m.k.submit(m.plan))
}

// results returns the first n rows of the outputs, one behind the other.
func (m *mates) results(n int) (rows [][]uint32) {
	rows = make([][]uint32, n)
	for _, t := range m.outs {
		all := m.bits(t)
		for r := range rows {
			rows[r] = append(rows[r], all[r*t.Stride:][:t.Cols]...)
		}
	}
	return rows
}

// after returns the states behind starts, one behind the other: slot starts is the first.
func (m *mates) after() (slots [][]uint32) {
	slots = make([][]uint32, m.slots-starts)
	for _, s := range m.states {
		all := m.bits(s.RowRange(starts, m.slots))
		for i := range slots {
			slots[i] = append(slots[i], all[i*s.Cols:][:s.Cols]...)
		}
	}
	return slots
}

// bits reads a view, with what lies between its rows.
func (m *mates) bits(t backend.Tensor) []uint32 {
	data := make([]byte, t.Bytes())
	if m.k.err == nil {
		m.k.check(t.Buf.Download(t.Off, data))
	}
	return bytesWords(data)
}

// beside compares rows among others with the same rows alone.
func (c *company) beside(bounds []int) {
	alone := make([][]uint32, starts)
	for _, rows := range slices.Concat([]int{1}, bounds) {
		m := c.pass(rows)
		if c.lacks {
			m.end()
			return
		}
		m.begin()
		for i, live := range aliveOf(rows) {
			if rows == 1 {
				for n := range alone {
					m.single(n)
					bits := slices.Concat(m.results(1)[0], m.after()[0])
					if alone[n] == nil {
						alone[n] = bits
					}
					c.same(m, fmt.Sprintf("row %d alone again", n), bits, alone[n])
				}
				continue
			}
			var numbers []int
			var seqs []backend.Sequence
			for r := range live {
				n := (r + rows + i) % starts
				numbers = append(numbers, n)
				seqs = append(seqs, backend.Sequence{From: n, To: starts + rows - 1 - r, First: r, Rows: 1, Slot: r})
			}
			m.run(numbers, seqs)
			states := m.after()
			for r, got := range m.results(live) {
				got = append(got, states[rows-1-r]...)
				c.same(m, fmt.Sprintf("row %d of %d in a pass for %d", r, live, rows), got, alone[numbers[r]])
			}
		}
		m.end()
	}
}

// single runs a row of a number alone.
func (m *mates) single(n int) {
	m.run([]int{n}, []backend.Sequence{{From: n, To: starts, Rows: 1}})
}

// aliveOf returns how many rows of a pass for so many are live.
func aliveOf(rows int) []int {
	return slices.Compact([]int{rows, rows/2 + 1})
}

func (c *company) same(m *mates, what string, got, want []uint32) {
	if m.k.err != nil {
		return
	}
	name := string(c.of.kind)
	if c.of.note != "" {
		name += ", " + c.of.note
	}
	if c.of.weights {
		name += ", " + c.typ.String()
	}
	for i, w := range want {
		if got[i] != w {
			m.k.failf("%s: %s: element %d is %v, alone it is %v", name, what, i,
				math.Float32frombits(got[i]), math.Float32frombits(w))
			return
		}
	}
}

// cut reads one sequence row by row, and then in chunks, beside others and not.
func (c *company) cut() {
	if c.lacks {
		return
	}
	list := cuts
	if c.short {
		list = fewCuts
	}
	rows := list[0][0]
	number := func(r int) int { return starts + r }
	one := c.pass(1)
	one.begin()
	var want [][]uint32
	for r := range rows {
		one.run([]int{number(r)}, []backend.Sequence{{From: min(r, 1) * starts, To: starts, Rows: 1}})
		want = append(want, one.results(1)[0])
	}
	end := one.after()[0]
	one.end()
	for _, chunks := range list {
		for _, others := range []int{0, 3} {
			bound := others + slices.Max(chunks)
			m := c.pass(bound)
			m.begin()
			at := 0
			for _, n := range chunks {
				var numbers []int
				var seqs []backend.Sequence
				for o := range others {
					numbers = append(numbers, o)
					seqs = append(seqs, backend.Sequence{From: 1, To: starts + 1 + o, First: o, Rows: 1})
				}
				for r := range n {
					numbers = append(numbers, number(at+r))
				}
				seqs = append(seqs, backend.Sequence{From: min(at, 1) * starts, To: starts, First: others, Rows: n})
				m.run(numbers, seqs)
				for r, got := range m.results(others + n)[others:] {
					c.same(m, fmt.Sprintf("row %d of a sequence in chunks of %v, beside %d", at+r, chunks, others),
						got, want[at+r])
				}
				at += n
			}
			c.same(m, fmt.Sprintf("the state of a sequence in chunks of %v, beside %d", chunks, others),
				m.after()[0], end)
			m.end()
		}
	}
}
