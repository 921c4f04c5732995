package backendtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"falconmamba/backend"
	"falconmamba/internal/clock"
)

// A Case is one operation with its operands: a test, a benchmark, and a row of
// the support matrix.
type Case struct {
	Name      string
	Kind      backend.Kind
	Precision backend.Precision
	Tolerance Tolerance
	Wide      bool // of the 7B's widths: seconds on the reference, for real devices

	odd   bool          // views at odd offsets, with gaps between rows
	typ   backend.DType // of the weights, if there are any
	rows  int           // of what it writes, where it has weights
	state backend.DType // of the states, where they are not float32
	keeps bool          // the state after every row, in a sequence of several
	build func(*fixture) backend.Op
}

// A Status is what became of a case.
type Status string

const (
	Pass        Status = "pass"
	Fail        Status = "fail"
	Unsupported Status = "unsupported" // the backend says so, as it may; a fused operation's lowering passes
)

// A Result is what running a case found.
type Result struct {
	Status     Status
	Err        error // why it failed, or what is not supported
	Difference Difference
}

// Run runs the case on b and on the reference, and compares: every value that
// the operation must write, every word that it must leave alone, and the bits
// of a second run. A fused operation is compared with its lowering on the
// reference and with its lowering on b. Where b does not support it, or cannot
// keep the weight's type, the case is unsupported, provided that the lowering
// passes.
func (c Case) Run(b, ref backend.Backend) Result {
	d, err := c.run(b, ref)
	switch {
	case errors.Is(err, errMayLack):
		return Result{Unsupported, err, d}
	case err != nil:
		return Result{Fail, err, d}
	}
	return Result{Pass, nil, d}
}

// errMayLack marks what a backend need not support.
var errMayLack = errors.New("as it may be")

func (c Case) run(b, ref backend.Backend) (d Difference, err error) {
	g, w := newFixture(b, c.Name, c.odd), newFixture(ref, c.Name, c.odd)
	defer func() { err = errors.Join(err, g.close(), w.close()) }()

	op := c.build(g) // first: what b has no weights for is not computed
	if errors.Is(g.err, backend.ErrUnsupported) && g.lacked != 0 && g.lacked != backend.F32 {
		return d, fmt.Errorf("%w, %w", g.err, errMayLack)
	}
	if g.err != nil {
		return d, g.err
	}
	refOp := c.build(w)
	if w.err != nil {
		return d, fmt.Errorf("on the reference: %w", w.err)
	}
	wanted, err := w.run(primitives(refOp, w.scratch))
	if err != nil {
		return d, fmt.Errorf("on the reference: %w", err)
	}
	if _, err := w.judge(wanted, wanted, Tolerance{}); err != nil {
		return d, fmt.Errorf("on the reference: %w", err)
	}

	lowered := primitives(op, g.scratch)
	if c.state != 0 { // the one thing that a backend need not have of a primitive
		for _, part := range lowered {
			if !b.Supports(part) {
				return d, fmt.Errorf("states of type %s are not kept, %w", c.state, errMayLack)
			}
		}
	}
	if len(lowered) == 1 && lowered[0].Kind() == op.Kind() {
		if !b.Supports(op) {
			return d, fmt.Errorf("%s is a primitive, and Supports is false of it", backend.Describe(op))
		}
		_, d, err = c.compare(g, []backend.Op{op}, wanted)
		return d, err
	}

	parts, d, err := c.compare(g, lowered, wanted)
	if err != nil {
		return d, fmt.Errorf("lowered: %w", err)
	}
	if !b.Supports(op) {
		return d, fmt.Errorf("%s is lowered, %w", op.Kind(), errMayLack)
	}
	fused, d, err := c.compare(g, []backend.Op{op}, wanted)
	if err != nil {
		return d, err
	}
	if _, err := g.judge(fused, parts, c.Tolerance); err != nil {
		return d, fmt.Errorf("against its lowering on the same backend: %w", err)
	}
	return d, nil
}

// compare runs ops twice and judges them.
func (c Case) compare(f *fixture, ops []backend.Op, wanted [][]uint32) ([][]uint32, Difference, error) {
	plan, err := f.b.Compile(c.Name, ops)
	if err != nil {
		return nil, Difference{}, err
	}
	defer plan.Close()
	got, err := f.submit(plan)
	if err != nil {
		return nil, Difference{}, err
	}
	d, err := f.judge(got, wanted, c.Tolerance)
	if err != nil {
		return nil, d, err
	}
	again, err := f.submit(plan)
	if err == nil {
		err = f.sameBits(got, again)
	}
	return got, d, err
}

// primitives lowers op all the way.
func primitives(op backend.Op, s *backend.Scratch) []backend.Op {
	f, ok := op.(backend.Fused)
	if !ok {
		return []backend.Op{op}
	}
	var ops []backend.Op
	for _, part := range f.Lower(s) {
		ops = append(ops, primitives(part, s)...)
	}
	return ops
}

// A Timing is how fast a case ran.
type Timing struct {
	Seconds float64 // of one run: the median, on the device where it can tell
	Runs    int
	Bytes   int64 // that the operation must read and write at least
	Flops   int64
}

// Time runs the case on b for about budget, after one run to warm up.
// Operations that b does not support are timed as they are lowered; a weight
// type that it cannot keep is ErrUnsupported.
func (c Case) Time(ctx context.Context, b backend.Backend, budget time.Duration) (t Timing, err error) {
	f := newFixture(b, c.Name, c.odd)
	defer func() { err = errors.Join(err, f.close()) }()
	op := c.build(f)
	if f.err != nil {
		return t, f.err
	}
	t.Bytes, t.Flops = Cost(op)
	ops, err := backend.Lower(b, f.scratch, []backend.Op{op})
	if err != nil {
		return t, err
	}
	plan, err := b.Compile(c.Name, ops)
	if err != nil {
		return t, err
	}
	defer plan.Close()
	if _, err := f.submit(plan); err != nil {
		return t, err
	}
	var seconds []float64
	for start := time.Now(); len(seconds) == 0 || time.Since(start) < budget && len(seconds) < 10000; {
		s, err := once(ctx, b, plan)
		if err != nil {
			return t, err
		}
		seconds = append(seconds, s)
	}
	slices.Sort(seconds)
	t.Seconds, t.Runs = seconds[len(seconds)/2], len(seconds)
	return t, nil
}

// once returns the seconds of one run.
func once(ctx context.Context, b backend.Backend, plan backend.Plan) (float64, error) {
	if p, ok := b.(backend.Profiler); ok {
		ops, err := p.Profile(ctx, plan)
		sum := 0.0
		for _, o := range ops {
			sum += o.Seconds
		}
		return sum, err
	}
	start := clock.Now()
	t, err := plan.Submit()
	if err == nil {
		err = b.Wait(ctx, t)
	}
	return clock.Since(start).Seconds(), err
}
