package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend/sampling"
)

// More texts write and are asked about at once than the device has room for: they wait for
// each other, and each is what it is alone.
func TestMoreTextsThanRoom(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	for _, room := range []int{minStates, 9} {
		t.Run(fmt.Sprintf("%d states", room), func(t *testing.T) {
			e := tiny(t, Options{States: room, Chunk: 8})
			const texts, tokens = 24, 30
			var reqs []Request
			var want [][]int32
			for i := range texts {
				r := Request{Prompt: prompt(e, 3+i, i), MaxTokens: tokens, EOS: []int32{},
					Sampling: sampling.Params{Temperature: 1, Seed: uint64(i)}}
				want = append(want, alone(t, e, r))
				r.Seq = newSequence(t, e)
				reqs = append(reqs, r)
			}
			var wait sync.WaitGroup
			for i, r := range reqs {
				wait.Go(func() {
					if err := crowded(ctx, e, r, want[i]); err != nil {
						t.Errorf("text %d: %v", i, err)
					}
				})
			}
			wait.Wait()
		})
	}
}

// crowded writes a text in three parts, and asks about it in and between them.
func crowded(ctx context.Context, e *Engine, r Request, want []int32) error {
	s, n := r.Seq, 0
	for part := range 3 {
		r.MaxTokens = len(want)/3 - part + 1
		if part == 2 {
			r.MaxTokens = len(want) - n
		}
		for x, err := range e.Generate(ctx, []Request{r}) {
			if err != nil {
				return err
			}
			if x.ID != want[n] {
				return fmt.Errorf("token %d is %d, alone %d", n, x.ID, want[n])
			}
			if n++; n%9 == 4 {
				if _, err := s.Logits(ctx); err != nil {
					return fmt.Errorf("Logits in the loop: %w", err)
				}
			}
		}
		r.Prompt = nil
		f, err := s.Fork(ctx)
		if err != nil {
			return fmt.Errorf("Fork: %w", err)
		}
		a, err := f.Logits(ctx)
		b, failed := s.Logits(ctx)
		if err := errors.Join(err, failed); err != nil {
			return fmt.Errorf("Logits: %w", err)
		}
		if !same(a, b) {
			return errors.New("the logits of a fork are others")
		}
		snap, err := f.Snapshot(ctx)
		if err := errors.Join(err, f.Restore(ctx, snap)); err != nil {
			return fmt.Errorf("Snapshot and Restore: %w", err)
		}
		if _, err := f.State(ctx); err != nil {
			return fmt.Errorf("State: %w", err)
		}
		if !slices.Equal(f.Tokens(), s.Tokens()) {
			return errors.New("a fork has another text")
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	if n != len(want) {
		return fmt.Errorf("%d tokens, want %d", n, len(want))
	}
	return nil
}

// Texts are written in the loops of others, whose readers are absent meanwhile, in memory
// that has no room for all of them: the absent ones make room.
func TestNestedLoopsInLittleRoom(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e := tiny(t, Options{States: minStates, Chunk: 8, Ahead: 2})
	const depth = 6
	var want [depth][]int32
	request := func(i int) Request {
		return Request{Prompt: prompt(e, 3+5*i, i), MaxTokens: 60 + i, EOS: []int32{},
			Sampling: sampling.Params{Temperature: 1, Seed: uint64(i)}}
	}
	for i := range depth {
		want[i] = alone(t, e, request(i))
	}
	var nest func(i int)
	nest = func(i int) {
		if i == depth {
			return
		}
		r := request(i)
		r.Seq = newSequence(t, e)
		n := 0
		for x, err := range e.Generate(ctx, []Request{r}) {
			if err != nil || x.ID != want[i][n] {
				t.Fatalf("text %d, token %d is %d, %v; want %d", i, n, x.ID, err, want[i][n])
			}
			if n++; n == 5 || n == 50 && i > depth-3 {
				nest(i + 1)
				near(t, fmt.Sprintf("text %d", i), must(r.Seq.Logits(ctx)), logitsOf(t, e, r.Seq.Tokens()))
			}
		}
		if n != len(want[i]) {
			t.Errorf("text %d: %d tokens, want %d", i, n, len(want[i]))
		}
	}
	nest(0)
}
