package backendtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"falconmamba/backend"
)

// A mutant is the reference with one fault: the suite must find it.
type mutant struct {
	backend.Backend
	name  string
	kinds []backend.Kind // of the cases that must find it, each; none: a law must

	op    func(m *mutant, op backend.Op) error // runs an operation; nil: as the reference does
	claim func(op backend.Op) bool             // fused operations that it says it supports
	lazy  func([]pending) []pending            // what is submitted waits, and then runs in this order
	calls callFaults

	mu      sync.Mutex
	pending []pending
}

// callFaults are wrong in calls.
type callFaults struct {
	uploadsJump      bool // an upload takes effect before the plans submitted earlier
	downloadsJump    bool // a download reads before them
	waitsReturn      bool // Wait does not wait
	sourcesKept      bool // an upload reads its source when its turn comes
	transfersIgnored bool // transfers out of range do nothing
	memoryDirty      bool
	sizesCut         bool // buffers of absurd sizes are small
	bytesMissing     bool
	bytesOld         bool // Bytes are those of the time of Alloc
	ticketsStand     bool
	ticketsUnknown   bool // Wait takes any ticket for complete
	weightsBorrow    bool // a weight reads its source when a plan is compiled
	closeOnce        bool // closing twice is an error
	closedServes     bool // a closed buffer is still read and written
	statsStand       bool // memory is not counted
	statsGrow        bool // and never given back
	unchecked        bool // Compile takes what does not fit
	unsupported      backend.Kind
	float32Missing   bool // weights of float32 are refused
}

// What was submitted to a lazy mutant: a plan or an upload.
type pending struct {
	plan   *mutantPlan
	upload func() error
}

type mutantPlan struct {
	backend.Plan
	m      *mutant
	ops    []backend.Op
	closed bool
}

type mutantBuffer struct {
	backend.Buffer
	m      *mutant
	old    []byte
	closed bool
}

func (m *mutant) Supports(op backend.Op) bool {
	if op.Kind() == m.calls.unsupported {
		return false
	}
	return m.claim != nil && m.claim(op) || m.Backend.Supports(op)
}

func (m *mutant) Alloc(size int64, use backend.Usage) (backend.Buffer, error) {
	if m.calls.sizesCut {
		size = min(size, 64<<20)
	}
	buf, err := m.Backend.Alloc(size, use)
	if err != nil {
		return nil, err
	}
	if m.calls.memoryDirty {
		err = buf.Upload(0, slices.Repeat([]byte{0xff}, int(size)))
	}
	return &mutantBuffer{Buffer: buf, m: m, old: slices.Clone(buf.Bytes())}, err
}

func (m *mutant) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	if m.calls.float32Missing && desc.Type == backend.F32 {
		return nil, backend.ErrUnsupported
	}
	w, err := m.Backend.NewWeight(desc, src)
	if err != nil || !m.calls.weightsBorrow || desc.From != nil {
		return w, err
	}
	return &borrower{Weight: w, of: m.Backend, src: src}, nil
}

// A borrower is a weight that makes itself anew of its source.
type borrower struct {
	backend.Weight
	of   backend.Backend
	src  []byte
	made []backend.Weight
}

func (w *borrower) again() (backend.Weight, error) {
	made, err := w.of.NewWeight(w.Desc(), w.src)
	if err == nil {
		w.made = append(w.made, made)
	}
	return made, err
}

func (w *borrower) Close() error {
	err := w.Weight.Close()
	for _, made := range w.made {
		err = errors.Join(err, made.Close())
	}
	return err
}

func (m *mutant) Stats() backend.Stats {
	s := m.Backend.Stats()
	if m.calls.statsStand {
		return backend.Stats{}
	}
	if m.calls.statsGrow {
		s.Live = s.Peak
	}
	return s
}

// bare returns op on the buffers and weights of the reference.
func bare(op backend.Op) (backend.Op, error) {
	v := reflect.New(reflect.TypeOf(op)).Elem()
	v.Set(reflect.ValueOf(op))
	for i := range v.NumField() {
		if t, ok := v.Field(i).Interface().(backend.Tensor); ok {
			if b, ok := t.Buf.(*mutantBuffer); ok {
				t.Buf = b.Buffer
				v.Field(i).Set(reflect.ValueOf(t))
			}
		}
		if b, ok := v.Field(i).Interface().(*borrower); ok {
			w, err := b.again()
			if err != nil {
				return nil, err
			}
			v.Field(i).Set(reflect.ValueOf(w))
		}
	}
	return v.Interface().(backend.Op), nil
}

func (m *mutant) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	var own, parts []backend.Op
	s := backend.NewScratch(m.Backend)
	defer s.Close()
	for _, op := range ops {
		op, err := bare(op)
		if err != nil {
			return nil, err
		}
		if err := op.Check(); err != nil {
			if m.calls.unchecked {
				continue
			}
			return nil, err
		}
		own = append(own, op)
		parts = append(parts, primitives(op, s)...)
	}
	p, err := m.Backend.Compile(name, parts) // for its errors
	return &mutantPlan{Plan: p, m: m, ops: own}, err
}

// Submit runs the operations one by one, each as a plan of its own; the ticket
// is that of a plan of none.
func (p *mutantPlan) Submit() (backend.Ticket, error) {
	m := p.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.closed {
		return 0, backend.ErrClosed
	}
	if m.lazy != nil {
		m.pending = append(m.pending, pending{plan: p})
	} else if err := m.runAll(p); err != nil {
		return 0, err
	}
	none, err := m.Backend.Compile("none", nil)
	if err != nil {
		return 0, err
	}
	if m.calls.ticketsStand {
		return 1, nil
	}
	return none.Submit()
}

func (p *mutantPlan) Close() error {
	again := p.closed
	p.closed = true
	return p.m.closing(again, p.Plan.Close())
}

func (m *mutant) closing(again bool, err error) error {
	if again && m.calls.closeOnce {
		return errors.New("closed already")
	}
	return errors.Join(m.flush(), err)
}

func (b *mutantBuffer) Upload(off int64, src []byte) error {
	if b.m.calls.transfersIgnored && (off < 0 || off+int64(len(src)) > b.Size() || off+int64(len(src)) < 0) ||
		b.m.calls.closedServes && b.closed {
		return nil
	}
	if b.m.calls.sourcesKept {
		b.m.mu.Lock()
		b.m.pending = append(b.m.pending, pending{upload: func() error { return b.Buffer.Upload(off, src) }})
		b.m.mu.Unlock()
		return nil
	}
	if !b.m.calls.uploadsJump {
		if err := b.m.flush(); err != nil {
			return err
		}
	}
	return b.Buffer.Upload(off, src)
}

func (b *mutantBuffer) Download(off int64, dst []byte) error {
	if b.m.calls.transfersIgnored && (off < 0 || off+int64(len(dst)) > b.Size() || off+int64(len(dst)) < 0) ||
		b.m.calls.closedServes && b.closed {
		return nil
	}
	if !b.m.calls.downloadsJump {
		if err := b.m.flush(); err != nil {
			return err
		}
	}
	return b.Buffer.Download(off, dst)
}

func (b *mutantBuffer) Bytes() []byte {
	switch {
	case b.m.calls.bytesMissing:
		return nil
	case b.m.calls.bytesOld:
		return b.old
	}
	return b.Buffer.Bytes()
}

func (b *mutantBuffer) Close() error {
	err := b.m.flush()
	again := b.closed
	b.closed = true
	return b.m.closing(again, errors.Join(err, b.Buffer.Close()))
}

func (m *mutant) Wait(ctx context.Context, t backend.Ticket) error {
	if !m.calls.waitsReturn {
		if err := m.flush(); err != nil {
			return err
		}
	}
	err := m.Backend.Wait(ctx, t)
	if m.calls.ticketsUnknown && ctx.Err() == nil {
		return nil
	}
	return err
}

// flush runs what is pending.
func (m *mutant) flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lazy == nil {
		return nil
	}
	todo := m.lazy(m.pending)
	m.pending = nil
	for _, p := range todo {
		if p.upload != nil {
			if err := p.upload(); err != nil {
				return err
			}
		} else if err := m.runAll(p.plan); err != nil {
			return err
		}
	}
	return nil
}

func (m *mutant) runAll(p *mutantPlan) error {
	for _, op := range p.ops {
		f := m.op
		if f == nil {
			f = (*mutant).do
		}
		if err := f(m, op); err != nil {
			return err
		}
	}
	return nil
}

// do runs op as the reference does.
func (m *mutant) do(op backend.Op) error {
	s := backend.NewScratch(m.Backend)
	p, err := m.Backend.Compile("mutant", primitives(op, s))
	if err != nil {
		return errors.Join(err, s.Close())
	}
	t, err := p.Submit()
	if err == nil {
		err = m.Backend.Wait(context.Background(), t)
	}
	return errors.Join(err, p.Close(), s.Close())
}

// words returns the elements of a view, one row after another.
func words(t backend.Tensor) []uint32 {
	var out []uint32
	r := &region{dtype: t.Type}
	for row := range t.Rows {
		data := make([]byte, t.Type.Size()*t.Cols)
		if err := t.Buf.Download(t.RowRange(row, row+1).Off, data); err != nil {
			panic(err)
		}
		out = append(out, r.elements(data)...)
	}
	return out
}

func values(t backend.Tensor) []float64 {
	var out []float64
	for _, w := range words(t) {
		out = append(out, float64((&region{dtype: t.Type}).float(w)))
	}
	return out
}

// poke writes words to a view, row by row, from row first on.
func poke(t backend.Tensor, first int, words []uint32) {
	for row := first; row < t.Rows && len(words) > 0; row++ {
		if err := t.Buf.Upload(t.RowRange(row, row+1).Off, (&region{dtype: t.Type}).bytes(words[:t.Cols])); err != nil {
			panic(err)
		}
		words = words[t.Cols:]
	}
}

// pokeWord writes one word at a distance from a view's first, if the buffer
// goes so far.
func pokeWord(t backend.Tensor, i int, word uint32) {
	if off := t.Off + 4*int64(i); off >= 0 && off+4 <= t.Buf.Size() {
		if err := t.Buf.Upload(off, wordBytes([]uint32{word})); err != nil {
			panic(err)
		}
	}
}

// with runs op on altered operands, which are put back afterwards.
func (m *mutant) with(t backend.Tensor, alter func(words []uint32), op backend.Op) error {
	before := words(t)
	altered := slices.Clone(before)
	alter(altered)
	poke(t, 0, altered)
	err := m.do(op)
	poke(t, 0, before)
	return err
}

// then runs op and alters what it wrote.
func (m *mutant) then(op backend.Op, alter func(written backend.Tensor)) error {
	err := m.do(op)
	_, writes, _ := op.Operands()
	if err == nil && len(writes) > 0 {
		alter(writes[0])
	}
	return err
}

// born opens the reference and makes the mutant of it.
func (m *mutant) born() (*mutant, error) {
	ref, err := openRef()
	return &mutant{Backend: ref, name: m.name, op: m.op, claim: m.claim, lazy: m.lazy, calls: m.calls}, err
}

// finds returns what the first case of a kind that fails says.
func finds(b, ref backend.Backend, kind backend.Kind) error {
	for _, c := range Cases() {
		if c.Kind == kind && !c.Wide {
			if r := c.Run(b, ref); r.Status == Fail {
				return fmt.Errorf("%s: %w", c.Name, r.Err)
			}
		}
	}
	return nil
}

// findsLaw returns what the first law that is broken says.
func findsLaw(m *mutant) error {
	b, err := m.born()
	if err != nil {
		return nil
	}
	for _, l := range Laws() {
		if err := l.Run(b, func() (backend.Backend, error) { return m.born() }); err != nil {
			return fmt.Errorf("%s: %w", l.Name, err)
		}
	}
	return nil
}

func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("the mutants are left out of -short")
	}
	ref, err := openRef()
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Close()
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			b, err := m.born()
			if err != nil {
				t.Fatal(err)
			}
			for _, kind := range m.kinds {
				if err := finds(b, ref, kind); err != nil {
					t.Log(err)
				} else {
					t.Errorf("no case of %s finds it", kind)
				}
			}
			if len(m.kinds) == 0 {
				if err := findsLaw(m); err != nil {
					t.Log(err)
				} else {
					t.Error("no law finds it")
				}
			}
		})
	}
}

// The harness itself is no fault.
func TestNoMutant(t *testing.T) {
	none := &mutant{
		claim: func(op backend.Op) bool { _, ok := op.(backend.Fused); return ok },
		lazy:  func(p []pending) []pending { return p },
	}
	Run(t, func() (backend.Backend, error) { return none.born() })
}
