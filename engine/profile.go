package engine

import (
	"context"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/model"
)

// Profile runs one pass over batch sequences of rows tokens each, which draws a
// token for every sequence, and returns the device time of each operation. With
// one row it is a step of decoding. The device is warmed up first. Backends
// that cannot tell give backend.ErrUnsupported.
func (e *Engine) Profile(ctx context.Context, rows, batch int) ([]backend.OpTime, error) {
	if rows < 1 || batch < 1 || rows*batch > max(e.chunk, batch) {
		return nil, fmt.Errorf("profile of %d sequences of %d tokens: a pass has 1 to %d tokens in all",
			batch, rows, e.chunk)
	}
	p := Pass{Head: model.Sample}
	slots, err := e.TakeSlots(batch)
	if err != nil {
		return nil, err
	}
	defer e.FreeSlots(slots, batch)
	for i := range batch {
		p.Seqs = append(p.Seqs, backend.Sequence{To: slots + i, First: len(p.IDs), Rows: rows, Slot: i})
		for range rows {
			p.IDs = append(p.IDs, int32(len(p.IDs)%e.cfg.VocabSize))
		}
		p.Heads = append(p.Heads, int32(len(p.IDs)-1))
	}
	r, err := e.NewRunner(batch, rows*batch, batch)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := r.sampled(batch); err != nil {
		return nil, err
	}
	const warm = 30 // passes: a GPU takes tens of milliseconds to reach its clock
	for range warm {
		t, err := r.Submit(p)
		if err != nil {
			return nil, err
		}
		if err := e.Wait(ctx, t); err != nil {
			return nil, err
		}
	}
	return r.Profile(ctx, p)
}

// sampled sets the first n slots to draw as texts usually are.
func (r *Runner) sampled(n int) error {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	for i := range n {
		p := sampling.Params{Temperature: 0.8, TopK: 40, Seed: uint64(i)}
		if err := r.draw(i, drawing{Params: p}); err != nil {
			return err
		}
	}
	return nil
}
