package model

import (
	"errors"
	"fmt"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/checkpoint"
)

// States live in slots of a pool, one matrix per layer and kind, so that a pass
// over several sequences finds each by a number that is data. The layout is
// the same on every backend: float32, the conv state [D][K−1] oldest first, the
// SSM state [D][N]. Slot 0 is the state before the first token, all zero; it is
// read and never written.
type statePool struct {
	b      backend.Backend
	cfg    *checkpoint.Config
	layers []layerState
	bufs   []backend.Buffer
	used   []bool // by slot

	holders atomic.Int32 // the model, and who reads the memory on the device
	moved   atomic.Bool  // the model has gone to a larger pool
}

// A layerState is one layer's part of the pool.
type layerState struct {
	conv backend.Tensor // (slots, D·(K−1)); absent where K is 1
	ssm  backend.Tensor // (slots, D·N)
}

// newStatePool allocates slots states, slot 0 included.
func newStatePool(b backend.Backend, cfg *checkpoint.Config, slots int) (*statePool, error) {
	p := &statePool{b: b, cfg: cfg, used: make([]bool, slots)}
	p.holders.Store(1)
	p.used[0] = true
	conv, ssm := cfg.IntermediateSize*(cfg.ConvKernel-1), cfg.IntermediateSize*cfg.StateSize
	for range cfg.NumHiddenLayers {
		var l layerState
		var err error
		if conv > 0 {
			if l.conv, err = p.tensor(slots, conv); err != nil {
				return nil, err
			}
		}
		if l.ssm, err = p.tensor(slots, ssm); err != nil {
			return nil, err
		}
		p.layers = append(p.layers, l)
	}
	return p, nil
}

func (p *statePool) tensor(slots, cols int) (backend.Tensor, error) {
	buf, err := p.b.Alloc(int64(slots)*int64(cols)*4, backend.Device)
	if err != nil {
		return backend.Tensor{}, errors.Join(fmt.Errorf("state of %d sequences: %w", slots, err), p.close())
	}
	p.bufs = append(p.bufs, buf)
	return backend.Matrix(buf, 0, backend.F32, slots, cols), nil
}

// take reserves n slots in a row, or reports that the pool has no such gap.
func (p *statePool) take(n int) (first int, ok bool) {
	run := 0
	for i, u := range p.used {
		if run++; u {
			run = 0
		}
		if run == n {
			first = i + 1 - n
			for j := first; j <= i; j++ {
				p.used[j] = true
			}
			return first, true
		}
	}
	return 0, false
}

func (p *statePool) free(first, n int) {
	for i := first; i < first+n; i++ {
		p.used[i] = false
	}
}

// slot calls do with the pieces of one slot, in the order of a State.
func (p *statePool) slot(slot int, do func(t backend.Tensor) error) error {
	for _, l := range p.layers {
		for _, t := range []backend.Tensor{l.conv, l.ssm} {
			if t.IsZero() {
				continue
			}
			if err := do(t.RowRange(slot, slot+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// grown returns a pool of more slots that holds what p holds.
func (p *statePool) grown(slots int) (*statePool, error) {
	g, err := newStatePool(p.b, p.cfg, slots)
	if err != nil {
		return nil, err
	}
	copy(g.used, p.used)
	s := backend.NewScratch(p.b)
	prog := backend.NewProgram("grow state pool", s)
	n := len(p.used)
	for i, l := range p.layers {
		if !l.conv.IsZero() {
			prog.Do(backend.Copy{Dst: g.layers[i].conv.RowRange(0, n), Src: l.conv})
		}
		prog.Do(backend.Copy{Dst: g.layers[i].ssm.RowRange(0, n), Src: l.ssm})
	}
	if err := runOnce(p.b, prog); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func (p *statePool) close() error {
	var errs []error
	for _, b := range p.bufs {
		errs = append(errs, b.Close())
	}
	p.bufs = nil
	return errors.Join(errs...)
}

// leave is close, unless someone else still holds the pool.
func (p *statePool) leave() error {
	if p.holders.Add(-1) > 0 {
		return nil
	}
	return p.close()
}

// States are the memory that states live in, for a program that reads it on the
// device. It stays until Close, as does what is in it once the model has moved
// to a larger pool, which happens when slots are taken.
type States struct {
	Conv []backend.Tensor // of each layer: (slots, D·(K−1)), absent where K is 1
	SSM  []backend.Tensor // of each layer: (slots, D·N)

	pool   *statePool
	closed atomic.Bool
}

// States returns the memory that states live in now.
func (m *Model) States() (*States, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pool == nil {
		return nil, fmt.Errorf("states of a closed model: %w", backend.ErrClosed)
	}
	s := &States{pool: m.pool}
	s.pool.holders.Add(1)
	for _, l := range s.pool.layers {
		s.Conv, s.SSM = append(s.Conv, l.conv), append(s.SSM, l.ssm)
	}
	return s, nil
}

// Moved reports whether the model has gone to other memory. It takes no lock.
func (s *States) Moved() bool { return s.pool.moved.Load() }

// Close lets the memory go. If the model has moved, it waits for the device.
func (s *States) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	return s.pool.leave()
}
