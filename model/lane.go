package model

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"unsafe"

	"falconmamba/backend"
)

// An End says what a pass does with the rows of its head.
type End uint8

const (
	EndNone   End = iota // no head: only the states matter
	EndLogits            // logits for the host
	EndArgMax            // the greedy token of each sequence, accepted on the device
	EndSample            // a drawn token of each sequence, accepted on the device
)

// A Pass is one run of the model over rows of tokens.
type Pass struct {
	IDs   []int32            // one per row; −slot−1 stands for the lane's last token of that slot
	Seqs  []backend.Sequence // which rows are whose
	Heads []int32            // rows that the head is wanted for; with EndArgMax and EndSample one per sequence
	End   End

	// Hidden keeps the hidden states of all rows for Lane.Hidden.
	Hidden bool
}

// A Lane is one stream of passes over a model: buffers for what changes from
// run to run, tables for sampling, and the plans that were compiled for them. A
// lane belongs to one goroutine at a time; several lanes share a model.
type Lane struct {
	m     *Model
	seqs  int // most sequences of a pass
	rows  int // most rows of a pass
	heads int // most rows of the head

	bufs   []backend.Buffer
	input  backend.Buffer // batch | heads | ids, one upload for each new pass
	stage  []int32
	batch  backend.Tensor // (1+seqs, BatchWords)
	head   backend.Tensor // (heads, 1)
	ids    backend.Tensor // (rows, 1)
	tokens backend.Tensor // (seqs, 1)
	tables tables
	logits backend.Tensor // (heads, V), made when first wanted
	hidden backend.Tensor // ((layers+1)·rows, H), made when first wanted
	shape  planKey        // of the last pass

	plans map[planKey]backend.Plan // guarded by the model's mu
	last  backend.Ticket           // of the latest run
}

// A planKey is the bucket and the kind of a plan. The bucket is an upper bound:
// what is live is data.
type planKey struct {
	rows, seqs, heads int
	end               End
	hidden            bool
}

// NewLane returns a lane for passes of at most rows tokens of seqs sequences
// and heads rows of logits.
func (m *Model) NewLane(seqs, rows, heads int) (*Lane, error) {
	rows = max(rows, seqs)
	heads = max(heads, seqs)
	if seqs < 1 || heads > rows {
		return nil, fmt.Errorf("lane of %d sequences, %d rows, %d heads: want at least one sequence, and a row for each head", seqs, rows, heads)
	}
	l := &Lane{m: m, seqs: seqs, rows: rows, heads: heads, plans: map[planKey]backend.Plan{}}
	if err := l.open(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lanes[l] = true
	return l, nil
}

// open allocates what every pass needs.
func (l *Lane) open() (err error) {
	batchWords := (1 + l.seqs) * backend.BatchWords
	headAt := alignWords(batchWords)
	idsAt := headAt + alignWords(l.heads)
	l.stage = make([]int32, idsAt+l.rows)
	if l.input, err = l.alloc(int64(len(l.stage))*4, backend.Device); err != nil {
		return err
	}
	l.batch = backend.Matrix(l.input, 0, backend.I32, 1+l.seqs, backend.BatchWords)
	l.head = backend.Matrix(l.input, int64(headAt)*4, backend.I32, l.heads, 1)
	l.ids = backend.Matrix(l.input, int64(idsAt)*4, backend.I32, l.rows, 1)
	if l.tokens, err = l.table(1, backend.Device); err != nil {
		return err
	}
	return l.newTables()
}

// alignWords rounds n words up to 256 bytes, where every device lets a view
// begin.
func alignWords(n int) int { return (n + 63) &^ 63 }

func (l *Lane) alloc(size int64, use backend.Usage) (backend.Buffer, error) {
	b, err := l.m.b.Alloc(size, use)
	if err != nil {
		return nil, fmt.Errorf("inputs of a pass: %w", err)
	}
	l.bufs = append(l.bufs, b)
	return b, nil
}

// Step queues one more run of the last pass, whose batch Advance has moved on.
// It allocates nothing.
func (l *Lane) Step() (backend.Ticket, error) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	plan, err := l.plan(l.shape)
	if err != nil {
		return 0, err
	}
	return l.run(plan)
}

func (l *Lane) run(plan backend.Plan) (backend.Ticket, error) {
	t, err := plan.Submit()
	if err == nil {
		l.last = t
	}
	return t, err
}

// Submit queues a pass.
func (l *Lane) Submit(p Pass) (backend.Ticket, error) {
	if err := l.check(p); err != nil {
		return 0, err
	}
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	plan, err := l.prepare(p)
	if err != nil {
		return 0, err
	}
	return l.run(plan)
}

// Profile runs a pass once and returns the device time of each of its
// operations. ErrUnsupported says that the device cannot tell.
func (l *Lane) Profile(ctx context.Context, p Pass) ([]backend.OpTime, error) {
	profiler, ok := l.m.b.(backend.Profiler)
	if !ok {
		return nil, fmt.Errorf("profile on %s: %w", l.m.b.Info().Name, backend.ErrUnsupported)
	}
	if err := l.check(p); err != nil {
		return nil, err
	}
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	plan, err := l.prepare(p)
	if err != nil {
		return nil, err
	}
	return profiler.Profile(ctx, plan)
}

// prepare uploads a pass's inputs and returns the plan that reads them.
func (l *Lane) prepare(p Pass) (backend.Plan, error) {
	key := planKey{rows: bucket(len(p.IDs), l.rows), seqs: bucket(len(p.Seqs), l.seqs),
		heads: bucket(len(p.Heads), l.heads), end: p.End, hidden: p.Hidden}
	switch p.End {
	case EndNone:
		key.heads = 0
	case EndArgMax, EndSample:
		key.heads = key.seqs
	}
	plan, err := l.plan(key)
	if err != nil {
		return nil, err
	}
	backend.EncodeBatch(l.stage[:(1+key.seqs)*backend.BatchWords], p.Seqs, len(p.Heads))
	headAt, idsAt := int(l.head.Off/4), int(l.ids.Off/4)
	copy(l.stage[headAt:idsAt], p.Heads)
	copy(l.stage[idsAt:], p.IDs)
	l.shape = key
	return plan, l.input.Upload(0, wordBytes(l.stage[:idsAt+len(p.IDs)]))
}

// check refuses what a kernel would trust.
func (l *Lane) check(p Pass) error {
	switch {
	case len(p.IDs) < 1 || len(p.IDs) > l.rows:
		return fmt.Errorf("pass of %d tokens: this lane takes 1 to %d", len(p.IDs), l.rows)
	case len(p.Seqs) < 1 || len(p.Seqs) > l.seqs:
		return fmt.Errorf("pass of %d sequences: this lane takes 1 to %d", len(p.Seqs), l.seqs)
	case len(p.Heads) > l.heads:
		return fmt.Errorf("pass with logits of %d rows: this lane takes at most %d", len(p.Heads), l.heads)
	case (p.End == EndArgMax || p.End == EndSample) && len(p.Heads) != len(p.Seqs):
		return fmt.Errorf("pass that draws for %d of %d sequences: want all", len(p.Heads), len(p.Seqs))
	}
	for i, id := range p.IDs {
		if int(id) >= l.m.cfg.VocabSize || int(id) < -l.seqs {
			return fmt.Errorf("token %d is id %d: this model has ids 0 to %d", i, id, l.m.cfg.VocabSize-1)
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

// plan returns the plan for key, compiled when it is first wanted.
func (l *Lane) plan(key planKey) (backend.Plan, error) {
	if p := l.plans[key]; p != nil {
		return p, nil
	}
	p, err := l.compile(key)
	if err != nil {
		return nil, err
	}
	l.plans[key] = p
	return p, nil
}

// compile writes the whole model for one bucket: the graph, once.
func (l *Lane) compile(key planKey) (backend.Plan, error) {
	m := l.m
	if err := l.results(key); err != nil {
		return nil, err
	}
	prec := m.rounding(key.rows)
	batch := l.batch.RowRange(0, 1+key.seqs)
	live := backend.BatchWord(batch, backend.BatchRows)
	m.kept.Reset()
	x := m.kept.F32(key.rows, m.cfg.HiddenSize) // the residual stream

	p := backend.NewProgram(fmt.Sprintf("pass of %d rows", key.rows), m.scratch)
	p.Do(backend.Embed{Dst: x, Table: m.embed, IDs: l.ids.RowRange(0, key.rows), Last: l.tables.last, Live: live})
	for i := range m.blocks {
		p.Reset()
		m.blocks[i].forward(p, m, x, batch, m.pool.layers[i], prec)
		if key.hidden {
			p.Do(backend.Copy{Dst: l.hiddenRows(i, key.rows), Src: x, Live: live})
		}
	}
	if key.hidden {
		p.Do(backend.RMSNorm{Dst: l.hiddenRows(len(m.blocks), key.rows), Src: x, Weight: m.normF, Eps: m.normEps, Live: live})
	}
	p.Reset()
	l.end(p, key, x, batch)
	if err := m.kept.Err(); err != nil {
		return nil, err
	}
	return p.Compile()
}

// rounding is what products of so many rows may round activations to.
func (m *Model) rounding(rows int) backend.Precision {
	if rows >= m.halfRows {
		return m.precision
	}
	return m.few
}

// end appends what follows the last block.
func (l *Lane) end(p *backend.Program, key planKey, x, batch backend.Tensor) {
	m, t := l.m, &l.tables
	rows := l.head.RowRange(0, key.heads)
	tokens := l.tokens.RowRange(0, key.seqs)
	prec := m.rounding(key.heads)
	head := backend.Head{Src: x, Rows: rows, Norm: m.normF, NormEps: m.normEps, Weight: m.head, Batch: batch, Precision: prec}
	switch key.end {
	case EndNone:
		return
	case EndLogits:
		head.Logits = l.logits.RowRange(0, key.heads)
		p.Do(head)
		return
	case EndArgMax:
		p.Do(backend.HeadArgMax{Dst: tokens, Src: x, Rows: rows, Norm: m.normF, NormEps: m.normEps,
			Weight: m.head, Batch: batch, Precision: prec})
	case EndSample:
		head.Logits = p.F32(key.heads, m.cfg.VocabSize)
		p.Do(head, backend.Sample{Dst: tokens, Logits: head.Logits, Records: t.records, Counts: t.counts, Batch: batch})
	}
	p.Do(backend.Advance{Tokens: tokens, Batch: batch, Records: t.records, Counts: t.counts, Ring: t.ring,
		Last: t.last, Out: t.out})
}

// results makes the buffers that key's plan leaves its results in.
func (l *Lane) results(key planKey) error {
	if key.end == EndLogits && l.logits.IsZero() {
		b, err := l.m.b.Alloc(int64(l.heads)*int64(l.m.cfg.VocabSize)*4, backend.Readback)
		if err != nil {
			return fmt.Errorf("logits of %d rows: %w", l.heads, err)
		}
		l.bufs = append(l.bufs, b)
		l.logits = backend.Matrix(b, 0, backend.F32, l.heads, l.m.cfg.VocabSize)
	}
	if key.hidden && l.hidden.IsZero() {
		n := (len(l.m.blocks) + 1) * l.rows
		b, err := l.m.b.Alloc(int64(n)*int64(l.m.cfg.HiddenSize)*4, backend.Readback)
		if err != nil {
			return fmt.Errorf("hidden states of %d rows: %w", l.rows, err)
		}
		l.bufs = append(l.bufs, b)
		l.hidden = backend.Matrix(b, 0, backend.F32, n, l.m.cfg.HiddenSize)
	}
	return nil
}

// hiddenRows is where the output of block i goes; i = layers is what norm_f
// makes of the last.
func (l *Lane) hiddenRows(i, rows int) backend.Tensor {
	return l.hidden.RowRange(i*l.rows, i*l.rows+rows)
}

// Logits returns row i of the last EndLogits pass: vocab_size scores in the
// device's memory, valid after Wait until the next pass of this lane.
func (l *Lane) Logits(i int) []float32 { return readRows(l.logits.RowRange(i, i+1)) }

// Hidden returns the first n rows [n·H] of block i's output in the last pass
// with Hidden; i = layers has them after norm_f. Valid like Logits.
func (l *Lane) Hidden(i, n int) []float32 { return readRows(l.hiddenRows(i, n)) }

// readRows is the host's view of a dense tensor in a Readback buffer.
func readRows(t backend.Tensor) []float32 {
	b := t.Buf.Bytes()[t.Off:]
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), t.Rows*t.Cols)
}

// wordBytes is the memory of 32-bit words. Every platform that Go has a GPU
// driver for is little endian, like the devices.
func wordBytes[T int32 | uint32 | float32](w []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), 4*len(w))
}

// closePlans waits for what runs, and closes all plans.
func (l *Lane) closePlans() error {
	errs := []error{l.m.b.Wait(context.Background(), l.last)}
	for _, p := range l.plans {
		errs = append(errs, p.Close())
	}
	clear(l.plans)
	return errors.Join(errs...)
}

// Close waits for the lane's passes and frees it.
func (l *Lane) Close() error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	delete(l.m.lanes, l)
	err := l.closePlans()
	for _, b := range l.bufs {
		err = errors.Join(err, b.Close())
	}
	l.bufs = nil
	return err
}
