package engine

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"falconmamba/backend"
	"falconmamba/internal/words"
	"falconmamba/model"
)

// A Pass is one run of the model over rows of tokens.
type Pass struct {
	IDs   []int32            // one per row; −slot−1 stands for the runner's last token of that slot
	Seqs  []backend.Sequence // which rows are whose; those that draw come first
	Heads []int32            // rows that the head is wanted for; where tokens are drawn, one of each that draws
	Head  model.Head         // what is made of them

	// Draws are rows of the tables, one for each of Heads, where not the first sequences draw but these
	// rows: of passes with drafts.
	Draws []int

	// Hidden keeps the hidden states of all rows for Runner.Hidden.
	Hidden bool
	// Probs keeps the log-probabilities of what Sample draws, where a record asks for them.
	Probs bool
	// Filtered keeps those after the filters.
	Filtered bool
	// Bias changes the logits that Sample draws from, where a record asks for it.
	Bias bool
	// Keep leaves the logits that Sample draws from for Runner.Kept.
	Keep bool
}

// A passShape is what a pass is compiled for.
type passShape struct {
	model.Shape
	probs, filtered, bias, keep, drafts bool
}

// A Runner is one stream of passes over a model: buffers for what changes from
// run to run, tables for sampling, and the plans that were compiled for them. A
// runner belongs to one goroutine at a time; several runners share an engine.
type Runner struct {
	e     *Engine
	seqs  int // most sequences of a pass
	slots int // rows of the tables: one for each sequence, and those for drafts
	rows  int // most rows of a pass
	heads int // most rows of the head

	bufs   []backend.Buffer
	input  backend.Buffer // batch | heads | ids, one upload for each new pass
	stage  []int32
	batch  backend.Tensor // (1+seqs, BatchWords)
	head   backend.Tensor // (heads, 1)
	ids    backend.Tensor // (rows, 1)
	draws  backend.Tensor // (1+slots, BatchWords), where there are rows for drafts
	tokens backend.Tensor // (slots, 1)
	tables tables
	logits backend.Tensor // (heads, V), made when first wanted
	kept   backend.Tensor // (slots, V), made when first wanted
	hidden backend.Tensor // ((layers+1)·rows, H), made when first wanted
	shape  passShape      // of the last pass

	plans map[passShape]backend.Plan // guarded by the engine's mu
	last  backend.Ticket             // of the latest run
}

// NewRunner returns a runner for passes of at most rows tokens of seqs sequences
// and heads rows of logits.
func (e *Engine) NewRunner(seqs, rows, heads int) (*Runner, error) {
	rows = max(rows, seqs)
	heads = max(heads, seqs)
	if seqs < 1 || heads > rows {
		return nil, fmt.Errorf("runner of %d sequences, %d rows, %d heads: "+
			"want at least one sequence, and a row for each head", seqs, rows, heads)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.newRunner(seqs, rows, heads, 0)
}

// newRunner is NewRunner for a caller that holds the engine's mu. The tables have so many rows more for
// drafts.
func (e *Engine) newRunner(seqs, rows, heads, drafts int) (*Runner, error) {
	slots := seqs + drafts
	r := &Runner{e: e, seqs: seqs, slots: slots, rows: max(rows, slots), heads: max(heads, slots),
		plans: map[passShape]backend.Plan{}}
	if err := r.open(); err != nil {
		return nil, errors.Join(err, r.free())
	}
	e.runners[r] = true
	return r, nil
}

// open allocates what every pass needs.
func (r *Runner) open() (err error) {
	batchWords := (1 + r.seqs) * backend.BatchWords
	headAt := alignWords(batchWords)
	idsAt := headAt + alignWords(r.heads)
	drawsAt := idsAt + alignWords(r.rows)
	words := drawsAt
	if r.slots > r.seqs {
		words += (1 + r.slots) * backend.BatchWords
	}
	r.stage = make([]int32, words)
	if r.input, err = r.alloc(int64(words)*4, backend.Device); err != nil {
		return err
	}
	if r.slots > r.seqs {
		r.draws = backend.Matrix(r.input, int64(drawsAt)*4, backend.I32, 1+r.slots, backend.BatchWords)
	}
	r.batch = backend.Matrix(r.input, 0, backend.I32, 1+r.seqs, backend.BatchWords)
	r.head = backend.Matrix(r.input, int64(headAt)*4, backend.I32, r.heads, 1)
	r.ids = backend.Matrix(r.input, int64(idsAt)*4, backend.I32, r.rows, 1)
	if r.tokens, err = r.table(1, backend.Device); err != nil {
		return err
	}
	return r.newTables()
}

// alignWords rounds n words up to 256 bytes, where every device lets a view
// begin.
func alignWords(n int) int { return (n + 63) &^ 63 }

func (r *Runner) alloc(size int64, use backend.Usage) (backend.Buffer, error) {
	b, err := r.e.b.Alloc(size, use)
	if err != nil {
		return nil, fmt.Errorf("inputs of a pass: %w", err)
	}
	r.bufs = append(r.bufs, b)
	return b, nil
}

// Submit queues a pass.
func (r *Runner) Submit(p Pass) (backend.Ticket, error) {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	return r.submit(p)
}

// submit is Submit for a caller that holds the engine's mu.
func (r *Runner) submit(p Pass) (backend.Ticket, error) {
	if err := r.check(p); err != nil {
		return 0, err
	}
	plan, err := r.prepare(p)
	if err != nil {
		return 0, err
	}
	return r.run(plan)
}

// step queues one more run of the last pass, whose batch Advance has moved on.
// It allocates nothing. The caller holds the engine's mu.
func (r *Runner) step() (backend.Ticket, error) {
	plan, err := r.plan(r.shape)
	if err != nil {
		return 0, err
	}
	return r.run(plan)
}

func (r *Runner) run(plan backend.Plan) (backend.Ticket, error) {
	t, err := plan.Submit()
	if err == nil {
		r.last = t
	}
	return t, err
}

// Profile runs a pass once and returns the device time of each of its
// operations. ErrUnsupported says that the device cannot tell.
func (r *Runner) Profile(ctx context.Context, p Pass) ([]backend.OpTime, error) {
	profiler, ok := r.e.b.(backend.Profiler)
	if !ok {
		return nil, fmt.Errorf("profile on %s: %w", r.e.b.Info().Name, backend.ErrUnsupported)
	}
	if err := r.check(p); err != nil {
		return nil, err
	}
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	plan, err := r.prepare(p)
	if err != nil {
		return nil, err
	}
	return profiler.Profile(ctx, plan)
}

// prepare uploads a pass's inputs and returns the plan that reads them.
func (r *Runner) prepare(p Pass) (backend.Plan, error) {
	shape := passShape{Shape: model.Shape{Rows: bucket(len(p.IDs), r.rows), Seqs: bucket(len(p.Seqs), r.seqs),
		Head: p.Head, Hidden: p.Hidden}, probs: p.Probs, filtered: p.Filtered, bias: p.Bias, keep: p.Keep,
		drafts: p.Draws != nil}
	shape.Keeps = shape.drafts
	// What is exact at all is so if a draft's row is multiplied as a row alone.
	shape.Few = shape.drafts && r.e.b.Info().BatchInvariant
	switch {
	case p.Head.Draws():
		shape.Heads = bucket(len(p.Heads), r.slots)
	case p.Head != model.NoHead:
		shape.Heads = bucket(len(p.Heads), r.heads)
	}
	plan, err := r.plan(shape)
	if err != nil {
		return nil, err
	}
	backend.EncodeBatch(r.stage[:(1+shape.Seqs)*backend.BatchWords], p.Seqs, len(p.Heads))
	headAt, idsAt := int(r.head.Off/4), int(r.ids.Off/4)
	copy(r.stage[headAt:idsAt], p.Heads)
	copy(r.stage[idsAt:], p.IDs)
	r.shape = shape
	if shape.drafts {
		if err := r.uploadDraws(p.Draws); err != nil {
			return nil, err
		}
	}
	return plan, r.input.Upload(0, words.Bytes(r.stage[:idsAt+len(p.IDs)]))
}

// uploadDraws says which rows of the tables draw.
func (r *Runner) uploadDraws(rows []int) error {
	seqs := make([]backend.Sequence, len(rows))
	for i, row := range rows {
		seqs[i] = backend.Sequence{Rows: 1, Slot: row}
	}
	part := r.stage[r.draws.Off/4:][:(1+len(rows))*backend.BatchWords]
	backend.EncodeBatch(part, seqs, len(rows))
	return r.input.Upload(r.draws.Off, words.Bytes(part))
}

// check refuses what a kernel would trust.
func (r *Runner) check(p Pass) error {
	switch {
	case len(p.IDs) < 1 || len(p.IDs) > r.rows:
		return fmt.Errorf("pass of %d tokens: this runner takes 1 to %d", len(p.IDs), r.rows)
	case len(p.Seqs) < 1 || len(p.Seqs) > r.seqs:
		return fmt.Errorf("pass of %d sequences: this runner takes 1 to %d", len(p.Seqs), r.seqs)
	case len(p.Heads) > r.heads:
		return fmt.Errorf("pass with logits of %d rows: this runner takes at most %d", len(p.Heads), r.heads)
	case p.Draws != nil && (len(p.Draws) != len(p.Heads) || len(p.Draws) > r.slots || r.draws.IsZero()):
		return fmt.Errorf("pass that draws of %d rows with %d rows of the tables: this runner has %d",
			len(p.Heads), len(p.Draws), r.slots)
	case p.Draws == nil && p.Head.Draws() && (len(p.Heads) < 1 || len(p.Heads) > len(p.Seqs)):
		return fmt.Errorf("pass that draws for %d of %d sequences: want one at least, and no more than there are",
			len(p.Heads), len(p.Seqs))
	}
	vocab := r.e.cfg.VocabSize
	for i, id := range p.IDs {
		if int(id) >= vocab || int(id) < -r.seqs {
			return fmt.Errorf("token %d is id %d: this model has ids 0 to %d", i, id, vocab-1)
		}
	}
	return nil
}

// bucket returns the power of two that n is compiled for, at most limit.
func bucket(n, limit int) int {
	if n <= 1 {
		return 1
	}
	return min(1<<bits.Len(uint(n-1)), limit)
}

// plan returns the plan for a shape, compiled when it is first wanted.
func (r *Runner) plan(s passShape) (backend.Plan, error) {
	if p := r.plans[s]; p != nil {
		return p, nil
	}
	if err := r.results(s); err != nil {
		return nil, err
	}
	p, err := r.e.m.Compile(s.Shape, r.operands(s), r.e.block, r.e.stream)
	if err != nil {
		return nil, err
	}
	r.plans[s] = p
	return p, nil
}

// operands is the memory of the runner's passes of shape s.
func (r *Runner) operands(s passShape) model.Operands {
	t := &r.tables
	o := model.Operands{Batch: r.batch, Heads: r.head, IDs: r.ids, States: r.e.pool.layers,
		Hidden: r.hidden,
		Tokens: r.tokens, Records: t.records, Counts: t.counts, Ring: t.ring, Last: t.last, Out: t.out}
	switch {
	case s.Head == model.Logits:
		o.Logits = r.logits
	case s.keep:
		o.Logits = r.kept
	}
	if s.drafts {
		o.Draws = r.draws
	}
	if s.probs {
		o.LogProbs = t.probs
	}
	if s.filtered {
		o.Filtered = t.filtered
	}
	if s.bias {
		o.Biases, o.Allowed = t.biases, t.allowed
	}
	return o
}

// results makes the buffers that a pass of shape s leaves its results in.
func (r *Runner) results(s passShape) error {
	c := r.e.cfg
	if s.Head == model.Logits && r.logits.IsZero() {
		b, err := r.e.b.Alloc(int64(r.heads)*int64(c.VocabSize)*4, backend.Readback)
		if err != nil {
			return fmt.Errorf("logits of %d rows: %w", r.heads, err)
		}
		r.bufs = append(r.bufs, b)
		r.logits = backend.Matrix(b, 0, backend.F32, r.heads, c.VocabSize)
	}
	if s.keep && r.kept.IsZero() {
		b, err := r.e.b.Alloc(int64(r.slots)*int64(c.VocabSize)*4, backend.Readback)
		if err != nil {
			return fmt.Errorf("logits of %d texts: %w", r.slots, err)
		}
		r.bufs = append(r.bufs, b)
		r.kept = backend.Matrix(b, 0, backend.F32, r.slots, c.VocabSize)
	}
	if s.bias {
		if err := r.makeBiases(); err != nil {
			return err
		}
	}
	for _, w := range []struct {
		wanted bool
		t      *backend.Tensor
	}{{s.probs, &r.tables.probs}, {s.filtered, &r.tables.filtered}} {
		if !w.wanted || !w.t.IsZero() {
			continue
		}
		var err error
		if *w.t, err = r.table(OutTokens*backend.LogProbWords, backend.Readback); err != nil {
			return err
		}
	}
	if s.Hidden && r.hidden.IsZero() {
		n := (c.NumHiddenLayers + 1) * r.rows
		b, err := r.e.b.Alloc(int64(n)*int64(c.HiddenSize)*4, backend.Readback)
		if err != nil {
			return fmt.Errorf("hidden states of %d rows: %w", r.rows, err)
		}
		r.bufs = append(r.bufs, b)
		r.hidden = backend.Matrix(b, 0, backend.F32, n, c.HiddenSize)
	}
	return nil
}

// Logits returns row i of the last pass with model.Logits: vocab_size scores in
// the device's memory, valid after Wait until the next pass of this runner.
func (r *Runner) Logits(i int) []float32 { return readRows(r.logits.RowRange(i, i+1)) }

// Kept returns row i of the logits of the last pass with Keep, valid like Logits.
func (r *Runner) Kept(i int) []float32 { return readRows(r.kept.RowRange(i, i+1)) }

// Hidden returns the first n rows [n·H] of block i's output in the last pass
// with Hidden; i = layers has them after norm_f. Valid like Logits.
func (r *Runner) Hidden(i, n int) []float32 {
	return readRows(r.hidden.RowRange(i*r.rows, i*r.rows+n))
}

// readRows is the host's view of a dense tensor in a Readback buffer.
func readRows(t backend.Tensor) []float32 {
	return words.Floats(t.Buf.Bytes()[t.Off:][:t.Bytes()])
}

// closePlans waits for what runs, and closes all plans.
func (r *Runner) closePlans() error {
	errs := []error{r.e.b.Wait(context.Background(), r.last)}
	for _, p := range r.plans {
		errs = append(errs, p.Close())
	}
	clear(r.plans)
	return errors.Join(errs...)
}

// Close waits for the runner's passes and frees it.
func (r *Runner) Close() error {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	return r.free()
}

// free is Close for a caller that holds the engine's mu.
func (r *Runner) free() error {
	delete(r.e.runners, r)
	err := r.closePlans()
	for _, b := range r.bufs {
		err = errors.Join(err, b.Close())
	}
	r.bufs = nil
	return err
}
