package bench

import (
	"context"
	"slices"
	"sync"

	"falconmamba"
)

// Alone sends the traffic to the model, and then each request once more while nothing else
// runs. It returns how many texts were written beside others, and how many of these have
// the same tokens alone. That all have is promised by devices with batch invariance,
// see backend.Options, and with Precision Float.
func (t Traffic) Alone(ctx context.Context, m *falconmamba.Model) (same, all int, err error) {
	beside := texts{m: m, of: map[uint64][]int32{}}
	if _, err := t.Run(ctx, &beside); err != nil {
		return 0, 0, err
	}
	for _, o := range t.orders() {
		want, ok := beside.of[o.Seed]
		if !ok {
			continue // it was refused
		}
		alone := texts{m: m, of: map[uint64][]int32{}}
		if err := alone.Write(ctx, o, func() {}); err != nil {
			return 0, 0, err
		}
		all++
		if slices.Equal(alone.of[o.Seed], want) {
			same++
		}
	}
	return same, all, nil
}

// texts is a target that keeps what is written, by the requests' seeds.
type texts struct {
	m  *falconmamba.Model
	mu sync.Mutex
	of map[uint64][]int32
}

func (t *texts) Write(ctx context.Context, o Order, token func()) error {
	var ids []int32
	if err := write(ctx, t.m, o, func(id int32) { ids = append(ids, id); token() }); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of[o.Seed] = ids
	return nil
}
