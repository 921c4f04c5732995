package model

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"falconmamba/backend"
	"falconmamba/checkpoint"
)

// A Model is a checkpoint laid out on a device: weights, the pool of states,
// and what passes share. It is safe for concurrent use; lanes are not.
type Model struct {
	cfg *checkpoint.Config
	b   backend.Backend
	act backend.Activation

	normEps, mixerEps float32
	bcdtNorm          bool // FalconMamba's norms on dt, B and C
	precision         backend.Precision
	halfRows          int               // passes of at least so many rows may use precision: Info.HalfRows
	few               backend.Precision // of those of fewer

	embed, head backend.Weight
	normF       backend.Tensor // (1, H)
	blocks      []block
	weights     []backend.Weight
	notes       []string
	bufs        []backend.Buffer

	// mu orders what lanes submit: the upload of a pass's inputs and the run that
	// reads them, and it guards all below.
	mu        sync.Mutex
	pool      *statePool
	lanes     map[*Lane]bool
	scratch   *backend.Scratch // temporaries of a block, shared by all plans
	kept      *backend.Scratch // what lives through a pass, shared by all plans
	copySlot  backend.Plan
	copyIndex backend.Buffer // from, to: two words, each where a view may begin
}

// firstSlots is the size of a new state pool; it doubles as sessions come.
const firstSlots = 5

// Config returns the model's configuration, which must not be changed.
func (m *Model) Config() *checkpoint.Config { return m.cfg }

// Notes says what the device made of the weights otherwise than they are stored:
// lines for people who ask for details.
func (m *Model) Notes() []string { return m.notes }

// Backend returns the device that the model runs on.
func (m *Model) Backend() backend.Backend { return m.b }

// open finishes a model whose weights are in place.
func (m *Model) open() (err error) {
	m.halfRows = m.b.Info().HalfRows
	m.lanes = map[*Lane]bool{}
	m.scratch = backend.NewScratch(m.b)
	m.kept = backend.NewScratch(m.b)
	if m.copyIndex, err = m.b.Alloc(512, backend.Device); err != nil {
		return err
	}
	return m.setPool(newStatePool(m.b, m.cfg, firstSlots))
}

// setPool makes p the pool, and compiles the copy between its slots. Plans that
// name the pool before it are closed: nothing runs, since p was filled by a plan
// that has been waited for.
func (m *Model) setPool(p *statePool, err error) error {
	if err != nil {
		return err
	}
	from := backend.Matrix(m.copyIndex, 0, backend.I32, 1, 1)
	to := backend.Matrix(m.copyIndex, 256, backend.I32, 1, 1)
	prog := backend.NewProgram("copy state", m.scratch)
	for _, l := range p.layers {
		if !l.conv.IsZero() {
			prog.Do(backend.Gather{Dst: l.conv, Src: l.conv, From: from, To: to})
		}
		prog.Do(backend.Gather{Dst: l.ssm, Src: l.ssm, From: from, To: to})
	}
	plan, err := prog.Compile()
	if err != nil {
		return errors.Join(err, p.close())
	}
	if m.pool != nil {
		err = m.copySlot.Close()
		for l := range m.lanes {
			err = errors.Join(err, l.closePlans())
		}
		m.pool.moved.Store(true)
		err = errors.Join(err, m.pool.leave())
	}
	m.pool, m.copySlot = p, plan
	return err
}

// TakeSlots reserves n state slots in a row, of unspecified content; slot 0,
// the state before the first token, is everyone's to read.
func (m *Model) TakeSlots(n int) (first int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, ok := m.pool.take(n)
	for ; !ok; first, ok = m.pool.take(n) {
		grown, err := m.pool.grown(2*len(m.pool.used) + n)
		if err := m.setPool(grown, err); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// FreeSlots gives slots back.
func (m *Model) FreeSlots(first, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pool.free(first, n)
}

// CopySlot copies a state, after all earlier submissions.
func (m *Model) CopySlot(to, from int) error {
	if to == from {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.copyIndex.Upload(0, wordBytes([]int32{int32(from)})); err != nil {
		return err
	}
	if err := m.copyIndex.Upload(256, wordBytes([]int32{int32(to)})); err != nil {
		return err
	}
	_, err := m.copySlot.Submit()
	return err
}

// ReadSlot copies a state to the host: per layer the conv state [D][K−1],
// oldest first, then the SSM state [D][N]. dst has checkpoint.Config.StateBytes / 4
// elements.
func (m *Model) ReadSlot(slot int, dst []float32) error {
	return m.eachPiece(slot, dst, func(t backend.Tensor, part []float32) error {
		return t.Buf.Download(t.Off, wordBytes(part))
	})
}

// WriteSlot sets a state, in the layout of ReadSlot.
func (m *Model) WriteSlot(slot int, src []float32) error {
	return m.eachPiece(slot, src, func(t backend.Tensor, part []float32) error {
		return t.Buf.Upload(t.Off, wordBytes(part))
	})
}

func (m *Model) eachPiece(slot int, all []float32, do func(backend.Tensor, []float32) error) error {
	if want := m.cfg.StateBytes() / 4; int64(len(all)) != want {
		return fmt.Errorf("state of %d elements: this model's has %d", len(all), want)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pool.slot(slot, func(t backend.Tensor) error {
		part := all[:t.Cols]
		all = all[t.Cols:]
		return do(t, part)
	})
}

// Wait returns when t is complete, or with ctx's error.
func (m *Model) Wait(ctx context.Context, t backend.Ticket) error { return m.b.Wait(ctx, t) }

// Close frees the model on its device, which stays open. Lanes must be closed
// before.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var errs []error
	if m.copySlot != nil {
		errs = append(errs, m.copySlot.Close())
	}
	for _, s := range []*backend.Scratch{m.scratch, m.kept} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if m.pool != nil {
		m.pool.moved.Store(true)
		errs = append(errs, m.pool.leave())
	}
	if m.copyIndex != nil {
		errs = append(errs, m.copyIndex.Close())
	}
	for _, w := range m.weights {
		errs = append(errs, w.Close())
	}
	for _, b := range m.bufs {
		errs = append(errs, b.Close())
	}
	m.weights, m.bufs, m.pool, m.copySlot = nil, nil, nil, nil
	return errors.Join(errs...)
}

// runOnce compiles and runs a program, and waits for it.
func runOnce(b backend.Backend, prog *backend.Program) error {
	plan, err := prog.Compile()
	if err != nil {
		return err
	}
	t, err := plan.Submit()
	if err == nil {
		err = b.Wait(context.Background(), t)
	}
	return errors.Join(err, plan.Close())
}
