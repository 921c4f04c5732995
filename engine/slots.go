package engine

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// States live in slots of a pool, one matrix per layer and kind, so that a pass
// over several sequences finds each by a number that is data. The layout is
// the same on every backend: the conv state [D][K−1] oldest first, the SSM state
// [D][N], float32 unless Options say otherwise. Slot 0 is the state before the first
// token, all zero; it is read and never written.
type slotPool struct {
	b      backend.Backend
	cfg    *checkpoint.Config
	typ    backend.DType
	layers []model.LayerState // each in buffers of its own
	used   []bool             // by slot
	use    backend.Usage      // of the memory
	most   int                // slots that were used at once since calm

	holders atomic.Int32 // the engine, and who reads the memory on the device
	moved   atomic.Bool  // the engine has gone to another pool
}

// newSlotPool allocates slots states of type typ, slot 0 included.
func newSlotPool(b backend.Backend, cfg *checkpoint.Config, typ backend.DType, slots int) (*slotPool, error) {
	p := emptyPool(b, cfg, typ, slots)
	p.used[0] = true
	for i := range p.layers {
		if err := p.alloc(i); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	return p, nil
}

// emptyPool returns a pool whose layers have no memory.
func emptyPool(b backend.Backend, cfg *checkpoint.Config, typ backend.DType, slots int) *slotPool {
	p := &slotPool{b: b, cfg: cfg, typ: typ, used: make([]bool, slots), most: 1,
		layers: make([]model.LayerState, cfg.NumHiddenLayers)}
	p.holders.Store(1)
	return p
}

// alloc gives layer i memory.
func (p *slotPool) alloc(i int) error {
	conv, ssm := p.widths()
	l := &p.layers[i]
	if conv > 0 {
		if err := p.tensor(&l.Conv, conv); err != nil {
			return err
		}
	}
	if err := p.tensor(&l.SSM, ssm); err != nil {
		return errors.Join(err, p.closeLayer(i))
	}
	return nil
}

// widths are the numbers of a layer's conv state and SSM state.
func (p *slotPool) widths() (conv, ssm int) {
	return p.cfg.IntermediateSize * (p.cfg.ConvKernel - 1), p.cfg.IntermediateSize * p.cfg.StateSize
}

// slotBytes is the memory of a state on the device.
func (p *slotPool) slotBytes() int64 {
	conv, ssm := p.widths()
	row := backend.StateStride(p.typ, conv) + backend.StateStride(p.typ, ssm)
	return int64(p.cfg.NumHiddenLayers) * int64(row) * int64(p.typ.Size())
}

func (p *slotPool) tensor(t *backend.Tensor, cols int) error {
	slots, stride := len(p.used), backend.StateStride(p.typ, cols)
	buf, err := p.b.Alloc(int64(slots)*int64(stride)*int64(p.typ.Size()), p.use)
	if err != nil {
		return fmt.Errorf("state of %d sequences: %w", slots, err)
	}
	*t = backend.Matrix(buf, 0, p.typ, slots, cols)
	t.Stride = stride
	return nil
}

// tensors returns what layer i has of its conv and SSM states.
func (p *slotPool) tensors(i int) []backend.Tensor {
	l := p.layers[i]
	return slices.DeleteFunc([]backend.Tensor{l.Conv, l.SSM}, backend.Tensor.IsZero)
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
			p.most = max(p.most, p.count())
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

// count returns how many slots are in use.
func (p *slotPool) count() int {
	n := 0
	for _, u := range p.used {
		if u {
			n++
		}
	}
	return n
}

// slot calls do with the tensors of one slot, in the order of a State.
func (p *slotPool) slot(slot int, do func(t backend.Tensor) error) error {
	for i := range p.layers {
		for _, t := range p.tensors(i) {
			if err := do(t.RowRange(slot, slot+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// resized returns a pool of n slots with what p holds in the first of them. One
// layer after another goes to other memory, so that only one is there twice. No plan
// names the memory any more.
//
// A layer that finds no room in less memory stays where it is. One that finds none in
// more is an error, and the layers before it go back: p is as it was.
func (p *slotPool) resized(slots int) (*slotPool, error) {
	g := emptyPool(p.b, p.cfg, p.typ, slots)
	copy(g.used, p.used)
	for i := range p.layers {
		if slots < len(p.used) {
			g.shrink(i, p)
		} else if err := g.move(i, p); err != nil {
			p.takeBack(g)
			return nil, err
		}
	}
	g.most = p.most
	p.moved.Store(true)
	return g, nil
}

// move takes layer i of from, and closes its memory there, unless someone else holds it.
func (p *slotPool) move(i int, from *slotPool) error {
	if err := p.alloc(i); err != nil {
		return err
	}
	n := min(len(p.used), len(from.used))
	prog := backend.NewProgram("move states", backend.NewScratch(p.b))
	for k, t := range p.tensors(i) {
		prog.Do(backend.Copy{Dst: backend.StateWords(t.RowRange(0, n)),
			Src: backend.StateWords(from.tensors(i)[k].RowRange(0, n))})
	}
	if err := runOnce(p.b, prog); err != nil {
		return errors.Join(err, p.closeLayer(i))
	}
	if from.holders.Load() > 1 {
		return nil
	}
	return from.closeLayer(i)
}

// shrink is move to fewer slots. If there is no room even for them, the layer stays where
// it is, in more memory than it needs.
func (p *slotPool) shrink(i int, from *slotPool) {
	if p.move(i, from) == nil || !p.layers[i].SSM.IsZero() {
		return
	}
	p.layers[i], from.layers[i] = from.layers[i], model.LayerState{}
	for _, t := range []*backend.Tensor{&p.layers[i].Conv, &p.layers[i].SSM} {
		if !t.IsZero() {
			*t = t.RowRange(0, len(p.used))
		}
	}
}

// takeBack undoes what g, which has more slots, took of p.
func (p *slotPool) takeBack(g *slotPool) {
	for i := range g.layers {
		if g.layers[i].SSM.IsZero() {
			continue
		}
		if p.layers[i].SSM.IsZero() {
			p.shrink(i, g)
		} else {
			g.closeLayer(i)
		}
	}
}

// closeLayer frees the memory of layer i, if it has any.
func (p *slotPool) closeLayer(i int) error {
	var errs []error
	for _, t := range p.tensors(i) {
		errs = append(errs, t.Buf.Close())
	}
	p.layers[i] = model.LayerState{}
	return errors.Join(errs...)
}

func (p *slotPool) close() error {
	var errs []error
	for i := range p.layers {
		errs = append(errs, p.closeLayer(i))
	}
	return errors.Join(errs...)
}

// release is close, unless someone else still holds the pool.
func (p *slotPool) release() error {
	if p.holders.Add(-1) > 0 {
		return nil
	}
	return p.close()
}
