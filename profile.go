package falconmamba

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
func (m *Model) Profile(ctx context.Context, rows, batch int) ([]backend.OpTime, error) {
	if rows < 1 || batch < 1 || rows*batch > max(m.chunk, batch) {
		return nil, fmt.Errorf("profile of %d sequences of %d tokens: a pass has 1 to %d tokens in all", batch, rows, m.chunk)
	}
	var p model.Pass
	p.End = model.EndSample
	for i := range batch {
		s, err := m.NewSession()
		if err != nil {
			return nil, err
		}
		defer s.Close()
		q := s.rows(rows)
		q.First, q.Slot = len(p.IDs), i
		for range rows {
			p.IDs = append(p.IDs, int32(len(p.IDs)%m.Config().VocabSize))
		}
		p.Heads = append(p.Heads, int32(len(p.IDs)-1))
		p.Seqs = append(p.Seqs, q)
	}
	lane, err := m.lane(batch)
	if err != nil {
		return nil, err
	}
	defer m.release(batch, lane)
	for i := range batch {
		if err := lane.Draw(i, sampling.Params{Temperature: 0.8, TopK: 40, Seed: uint64(i)}, 0, nil, nil); err != nil {
			return nil, err
		}
	}
	const warm = 30 // passes: a GPU takes tens of milliseconds to reach its clock
	for range warm {
		t, err := lane.Submit(p)
		if err != nil {
			return nil, err
		}
		if err := m.m.Wait(ctx, t); err != nil {
			return nil, err
		}
	}
	return lane.Profile(ctx, p)
}
