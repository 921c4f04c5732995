package engine

import (
	"errors"
	"fmt"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// States live in slots of a pool, one matrix per layer and kind, so that a pass
// over several sequences finds each by a number that is data. The layout is
// the same on every backend: float32, the conv state [D][K−1] oldest first, the
// SSM state [D][N]. Slot 0 is the state before the first token, all zero; it is
// read and never written.
type slotPool struct {
	b      backend.Backend
	cfg    *checkpoint.Config
	layers []model.LayerState
	bufs   []backend.Buffer
	used   []bool // by slot

	holders atomic.Int32 // the engine, and who reads the memory on the device
	moved   atomic.Bool  // the engine has gone to a larger pool
}

// newSlotPool allocates slots states, slot 0 included.
func newSlotPool(b backend.Backend, cfg *checkpoint.Config, slots int) (*slotPool, error) {
	p := &slotPool{b: b, cfg: cfg, used: make([]bool, slots)}
	p.holders.Store(1)
	p.used[0] = true
	conv, ssm := cfg.IntermediateSize*(cfg.ConvKernel-1), cfg.IntermediateSize*cfg.StateSize
	for range cfg.NumHiddenLayers {
		var l model.LayerState
		var err error
		if conv > 0 {
			if l.Conv, err = p.tensor(slots, conv); err != nil {
				return nil, err
			}
		}
		if l.SSM, err = p.tensor(slots, ssm); err != nil {
			return nil, err
		}
		p.layers = append(p.layers, l)
	}
	return p, nil
}

func (p *slotPool) tensor(slots, cols int) (backend.Tensor, error) {
	buf, err := p.b.Alloc(int64(slots)*int64(cols)*4, backend.Device)
	if err != nil {
		return backend.Tensor{}, errors.Join(fmt.Errorf("state of %d sequences: %w", slots, err), p.close())
	}
	p.bufs = append(p.bufs, buf)
	return backend.Matrix(buf, 0, backend.F32, slots, cols), nil
}

// take reserves n slots in a row, or reports that the pool has no such gap.
func (p *slotPool) take(n int) (first int, ok bool) {
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

func (p *slotPool) free(first, n int) {
	for i := first; i < first+n; i++ {
		p.used[i] = false
	}
}

// slot calls do with the tensors of one slot, in the order of a State.
func (p *slotPool) slot(slot int, do func(t backend.Tensor) error) error {
	for _, l := range p.layers {
		for _, t := range []backend.Tensor{l.Conv, l.SSM} {
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
func (p *slotPool) grown(slots int) (*slotPool, error) {
	g, err := newSlotPool(p.b, p.cfg, slots)
	if err != nil {
		return nil, err
	}
	copy(g.used, p.used)
	s := backend.NewScratch(p.b)
	prog := backend.NewProgram("grow state pool", s)
	n := len(p.used)
	for i, l := range p.layers {
		if !l.Conv.IsZero() {
			prog.Do(backend.Copy{Dst: g.layers[i].Conv.RowRange(0, n), Src: l.Conv})
		}
		prog.Do(backend.Copy{Dst: g.layers[i].SSM.RowRange(0, n), Src: l.SSM})
	}
	if err := runOnce(p.b, prog); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func (p *slotPool) close() error {
	var errs []error
	for _, b := range p.bufs {
		errs = append(errs, b.Close())
	}
	p.bufs = nil
	return errors.Join(errs...)
}

// release is close, unless someone else still holds the pool.
func (p *slotPool) release() error {
	if p.holders.Add(-1) > 0 {
		return nil
	}
	return p.close()
}
