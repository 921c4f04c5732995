package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"falconmamba"
	"falconmamba/backend/sampling"
	"falconmamba/internal/clock"
)

// An OpenTest keeps more sessions open than the device may hold states of, and has all go on in
// turn: what that costs is the moves of their states. Sessions of the same number modulo
// Different have the same text.
type OpenTest struct {
	Sessions, Different int
	Clients             int // sessions that go on at once
	Prompt              int // tokens
	Tokens              int // that a session writes in a round
	Rounds              int // after the one in which the texts begin
	Seed                uint64
}

// An OpenRound is what a round took in which every session wrote.
type OpenRound struct {
	Took  time.Duration
	First []time.Duration // from a request to its first token, ascending
	// Moved is how many states left the device or came back, and OnHost how many are on the host
	// at the end.
	Moved, OnHost int
	// Same is how many sessions have the text of the first with the same prompt.
	Same int
}

// Run plays it on a model, and calls each with every round, that in which the texts begin first.
func (t OpenTest) Run(ctx context.Context, m *falconmamba.Model, each func(OpenRound)) (err error) {
	if t.Sessions < 1 || t.Different < 1 || t.Clients < 1 || t.Prompt < 1 || t.Tokens < 1 || t.Rounds < 0 {
		return fmt.Errorf("%+v: want 1 or more of each", t)
	}
	all := make([]*falconmamba.Session, t.Sessions)
	defer func() {
		for _, s := range all {
			if s != nil {
				err = errors.Join(err, s.Close())
			}
		}
	}()
	for i := range all {
		if all[i], err = m.NewSession(); err != nil {
			return err
		}
		if err = all[i].Append(RandomIDs(m, t.Prompt, t.Seed+uint64(i%t.Different))...); err != nil {
			return err
		}
	}
	for range t.Rounds + 1 {
		r, err := t.round(ctx, m, all)
		if err != nil {
			return err
		}
		each(r)
	}
	return nil
}

// round has every session write.
func (t OpenTest) round(
	ctx context.Context, m *falconmamba.Model, all []*falconmamba.Session,
) (r OpenRound, err error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	before := m.Stats()
	r.First = make([]time.Duration, len(all))
	next := make(chan int)
	var wait sync.WaitGroup
	start := clock.Now()
	for range t.Clients {
		wait.Go(func() {
			for i := range next {
				asked := clock.Now()
				o := &falconmamba.GenerateOptions{MaxTokens: t.Tokens, EOS: []int32{},
					Sampling: sampling.Params{Temperature: 0.8, Seed: t.Seed + uint64(i%t.Different)}}
				for _, err := range all[i].Generate(ctx, "", o) {
					if err != nil {
						fail(err)
						break
					}
					if r.First[i] == 0 {
						r.First[i] = clock.Since(asked)
					}
				}
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	wait.Wait()
	if err := context.Cause(ctx); err != nil {
		return r, err
	}
	after := m.Stats()
	r.Took = clock.Since(start)
	slices.Sort(r.First)
	r.Moved = int(after.MovedOut - before.MovedOut + after.MovedIn - before.MovedIn)
	r.OnHost = after.Slots.Host
	for i, s := range all {
		if slices.Equal(s.Tokens(), all[i%t.Different].Tokens()) {
			r.Same++
		}
	}
	return r, nil
}
