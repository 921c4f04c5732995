package backendtest

import (
	"fmt"

	"falconmamba/backend"
)

// A Law is what must hold of every backend whatever its numbers are.
type Law struct {
	Name  string
	check func(b backend.Backend, open func() (backend.Backend, error)) error
}

// Run returns how b breaks the law. open opens further backends of its kind.
func (l Law) Run(b backend.Backend, open func() (backend.Backend, error)) error {
	return l.check(b, open)
}

// Laws returns them all.
func Laws() []Law {
	return []Law{
		{"a convolution in two parts is the whole", of(convSplits)},
		{"a scan in two parts is the whole", of(scanSplits)},
		{"a block in two parts is the whole", of(blockSplits)},
		{"batch mates do not matter", of(batchMates)},
		{"draws do not depend on their company", of(drawingCompany)},
		{"results are the same from run to run", of(repeats)},
		{"one weight serves embed and matmul", of(tiedWeight)},

		{"a replay sees the replay before it", of(replays)},
		{"plans run in the order of their submission", of(planOrder)},
		{"uploads and downloads keep their place", of(transferOrder)},
		{"a block can be replayed in flight", of(blockReplays)},
		{"steps can be submitted ahead", of(stepsAhead)},
		{"operations of a plan see those before", of(hazards)},
		{"halves of a matrix are apart", of(halves)},
		{"readback memory is read while later plans run", of(readback)},
		{"tickets increase and Wait obeys its context", of(tickets)},
		{"goroutines may share a backend", of(goroutines)},

		{"memory begins zeroed", of(zeroed)},
		{"memory is counted", of(counted)},
		{"imported memory is used or refused", of(imported)},
		{"a weight keeps nothing of its source", of(weightSource)},
		{"empty operands and plans are nothing", of(empty)},
		{"bad calls are errors", badCalls},
		{"closing twice is closing once", closes},
		{"profiles have every operation", of(profiles)},

		{"rows do not depend on their company, where that is promised", of(rowsAlone)}, // last: it takes longest
	}
}

// of adapts a law that needs one backend.
func of(law func(k *kit)) func(backend.Backend, func() (backend.Backend, error)) error {
	return func(b backend.Backend, _ func() (backend.Backend, error)) error {
		k := newKit(b)
		law(k)
		return k.done()
	}
}

// convSplits splits a sequence at every row, and carries the state in a slot.
func convSplits(k *kit) {
	const rows, d, taps = 7, 33, 4
	src := k.matrix(rows, d, k.normal(rows*d)...)
	weight := k.matrix(d, taps, k.normal(d*taps)...)
	start := k.normal(d * (taps - 1))
	splits(k, rows, d, d*(taps-1), start, func(dst, state, batch backend.Tensor, first, end int) backend.Op {
		return backend.Conv1D{Dst: dst, Src: src.RowRange(first, end), Weight: weight, State: state, Batch: batch,
			Act: backend.SiLU}
	})
}

func scanSplits(k *kit) {
	const rows, d, n = 7, 33, 8
	x, dt := k.matrix(rows, d, k.normal(rows*d)...), k.matrix(rows, d, k.normal(rows*d)...)
	b, c := k.matrix(rows, n, k.normal(rows*n)...), k.matrix(rows, n, k.normal(rows*n)...)
	skip := k.matrix(1, d, k.normal(d)...)
	decay := k.normal(d * n)
	for i, a := range decay {
		decay[i] = -a * a
	}
	a := k.matrix(d, n, decay...)
	start := k.normal(d * n)
	splits(k, rows, d, d*n, start, func(dst, state, batch backend.Tensor, first, end int) backend.Op {
		return backend.SelectiveScan{Dst: dst, X: x.RowRange(first, end), DT: dt.RowRange(first, end), A: a,
			B: b.RowRange(first, end), C: c.RowRange(first, end), D: skip, State: state, Batch: batch}
	})
}

// splits compares an operation over a sequence with the same in two parts, for
// every place of the split, and row by row. Each part is a pass of its own, over
// the rows from first to end. The states are width numbers; slot 0 is where the
// sequence begins, slot 1 where it ends.
func splits(k *kit, rows, d, width int, start []float32,
	op func(dst, state, batch backend.Tensor, first, end int) backend.Op) {
	parts := func(ends ...int) (dst, state []float32) {
		y, s := k.matrix(rows, d), k.matrix(2, width, append(append([]float32{}, start...), start...)...)
		var ops []backend.Op
		first := 0
		for i, end := range append(ends, rows) {
			batch := k.batch(1, backend.Sequence{From: min(i, 1), To: 1, Rows: end - first})
			ops = append(ops, op(y.RowRange(first, end), s, batch, first, end))
			first = end
		}
		k.run(ops...)
		return k.read(y), k.read(s)
	}
	whole, wholeState := parts()
	var each []int
	for end := 1; end < rows; end++ {
		y, s := parts(end)
		k.near(fmt.Sprintf("output, split at row %d", end), y, whole, float32s)
		k.near(fmt.Sprintf("state, split at row %d", end), s, wholeState, float32s)
		each = append(each, end)
	}
	y, s := parts(each...)
	k.near("output, row by row", y, whole, float32s)
	k.near("state, row by row", s, wholeState, float32s)
}

// repeats runs one plan of sums in an order that may vary.
func repeats(k *kit) {
	const rows, m, n = 33, 131, 1031
	x, y := k.matrix(rows, n, k.normal(rows*n)...), k.matrix(rows, m)
	p := k.plan(backend.MatMul{Dst: y, Src: x, Weight: k.weight(backend.F32, m, n), Precision: backend.Half})
	k.wait(k.submit(p))
	first := k.read(y)
	for range 5 {
		k.upload(y, make([]float32, rows*m))
		k.wait(k.submit(p))
		k.equal("a product", k.read(y), first)
	}
}

// tiedWeight multiplies unit vectors with a table: the result is its columns,
// as Embed returns them by rows.
func tiedWeight(k *kit) {
	const v, h = 19, 33
	w := k.weight(backend.F32, v, h)
	ids := make([]int32, v)
	for i := range ids {
		ids[i] = int32(i)
	}
	units := make([]float32, h*h)
	for i := range h {
		units[i*h+i] = 1
	}
	rows, product := k.matrix(v, h), k.matrix(h, v)
	k.run(backend.Embed{Dst: rows, Table: w, IDs: k.words(1, ids...)},
		backend.MatMul{Dst: product, Src: k.matrix(h, h, units...), Weight: w})
	r, p := k.read(rows), k.read(product)
	turned := make([]float32, len(p))
	for i := range v {
		for j := range h {
			turned[i*h+j] = p[j*v+i]
		}
	}
	k.near("columns of the weight", turned, r, float32s)
}
