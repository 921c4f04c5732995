package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend/sampling"
)

// Many callers write, leave, cancel, copy and rewind texts that begin alike, while the pool grows and shrinks, states
// are thrown out, and the device is lost: what comes out is what one text alone is without a cache.
func TestCacheInAStorm(t *testing.T) {
	off := tiny(t, Options{Cache: CacheOptions{Off: true}})
	state := off.cfg.StateBytes()
	var requests []Request
	var want [][]int32
	for i := range 12 {
		r := Request{Prompt: slices.Concat(prompt(off, 90+40*(i%3), i%3), prompt(off, 10+i, 100+i)), MaxTokens: 24,
			EOS: []int32{}, Sampling: sampling.Params{Temperature: 1, Seed: uint64(i)}}
		switch i % 4 {
		case 1:
			r.Sampling.RepetitionPenalty, r.Sampling.RepeatLastN = 1.3, 200
		case 2:
			r.Allow = allowEven(off.cfg.VocabSize)
		case 3:
			r.Process, r.LogProbs = asIs, true
		}
		requests = append(requests, r)
		want = append(want, alone(t, off, r))
	}
	for i, o := range []Options{
		{Chunk: 16, Cache: CacheOptions{Spacing: 16}},
		{Chunk: 16, Ahead: 3, Cache: CacheOptions{Spacing: 16, Host: 3*state + 3000, Device: 3 * state}},
		{Chunk: 16, States: 7, Running: 6, Cache: CacheOptions{Spacing: 16, Host: 4*state + 3000, Device: 2 * state}},
		{Chunk: 32, Running: 3, Cache: CacheOptions{Spacing: 16, Host: 1, Device: 3 * state}},
	} {
		for k, failAt := range [][]int{nil, {700, 1500}} {
			if testing.Short() && (i+k)%2 == 0 {
				continue
			}
			t.Run(fmt.Sprint(i, failAt), func(t *testing.T) {
				e, _ := losing(t, o, failAt...)
				var wait sync.WaitGroup
				for w := range 6 {
					wait.Go(func() { stormy(t, e, rand.New(rand.NewPCG(uint64(w), 7)), requests, want) })
				}
				stop := make(chan bool)
				go unsettled(e, stop)
				wait.Wait()
				close(stop)
				s := e.Stats()
				if p := s.Slots; p.Running != 0 || p.Resting != 0 || p.Kept != 0 || p.Total != 1+p.Free+p.Cached {
					t.Errorf("slots %+v", p)
				}
				e.mu.Lock()
				rows := 0
				for _, b := range e.cache.rows.blocks {
					rows += b.rows.count()
				}
				if n := e.cache.Count() - s.Slots.Cached; rows != n {
					t.Errorf("%d rows of the host are in use for %d states", rows, n)
				}
				e.mu.Unlock()
			})
		}
	}
}

// unsettled has the pool made smaller all the time until stop is closed.
func unsettled(e *Engine, stop chan bool) {
	for {
		select {
		case <-stop:
			return
		default:
			e.mu.Lock()
			if e.pool != nil {
				e.pool.most = 1
			}
			e.mu.Unlock()
			e.settlePool()
			e.Stats()
			time.Sleep(time.Millisecond)
		}
	}
}

// stormy asks and leaves.
func stormy(t *testing.T, e *Engine, rnd *rand.Rand, requests []Request, want [][]int32) {
	for range 14 {
		i := rnd.IntN(len(requests))
		r := requests[i]
		s, err := e.NewSequence()
		if err != nil {
			t.Error(err)
			return
		}
		r.Seq = s
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if rnd.IntN(3) == 0 && len(r.Prompt) > 1 {
			if err := s.Append(r.Prompt...); err != nil {
				t.Error(err)
			}
			r.Prompt = nil
			early, stop := context.WithCancel(ctx)
			if rnd.IntN(2) == 0 {
				stop()
			}
			_ = s.Prefill(early, nil)
			stop()
		}
		leave, how := -1, rnd.IntN(4)
		if rnd.IntN(2) == 0 {
			leave = rnd.IntN(r.MaxTokens)
		}
		var got []int32
		more := func(s *Sequence, r Request, leave int) {
			for x, err := range e.Generate(ctx, []Request{r}) {
				if err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					return
				}
				got = append(got, x.ID)
				if len(got)-1 == leave {
					if how == 0 {
						cancel()
						continue
					}
					return
				}
			}
		}
		more(s, r, leave)
		if leave >= 0 { // it goes on, itself or a copy
			ctx = context.Background()
			switch how {
			case 1:
				f, err := s.Fork(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				s.Close()
				s = f
			case 2:
				n, err := s.Snapshot(t.Context())
				if err == nil {
					err = errors.Join(s.Reset(), s.Restore(t.Context(), n))
				}
				if err != nil {
					t.Error(err)
				}
			case 3:
				back := rnd.IntN(len(got) + 1)
				begin := len(s.Tokens()) - len(got)
				if err := s.Rewind(begin+back, uint32(back)); err != nil {
					t.Error(err)
				}
				got = got[:back]
			}
			r.Seq, r.Prompt, r.MaxTokens = s, nil, r.MaxTokens-len(got)
			if r.MaxTokens > 0 {
				more(s, r, -1)
			}
		}
		if !slices.Equal(got, want[i]) {
			t.Errorf("request %d, left after %d by %d: %v, want %v", i, leave, how, got, want[i])
		}
		s.Close()
	}
}
