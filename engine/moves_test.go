package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A thousand texts stay open on a device that holds twenty states: each goes on as it would alone.
func TestManyMoreTextsThanStates(t *testing.T) {
	ctx := context.Background()
	texts, rounds := 1000, 3
	if testing.Short() {
		texts, rounds = 150, 2
	}
	const different, tokens, clients = 20, 4, 12
	for _, o := range []Options{
		{States: 20, Chunk: 64},
		{States: 20, Chunk: 64, StateType: backend.F16, Cache: CacheOptions{Off: true}},
	} {
		t.Run(fmt.Sprint(o.StateType), func(t *testing.T) {
			e := tiny(t, o)
			request := func(i int) Request {
				return Request{Prompt: prompt(e, 5+i%different, i%different), MaxTokens: rounds * tokens, EOS: []int32{},
					Sampling: sampling.Params{Temperature: 1, Seed: uint64(i % different)}}
			}
			var want [][]int32
			for i := range different {
				want = append(want, alone(t, e, request(i)))
			}
			all := make([]*Sequence, texts)
			got := make([][]int32, texts)
			for i := range all {
				all[i] = newSequence(t, e)
			}
			for round := range rounds {
				next := make(chan int)
				var wait sync.WaitGroup
				for range clients {
					wait.Go(func() {
						for i := range next {
							r := request(i)
							r.Seq, r.MaxTokens = all[i], tokens
							if round > 0 {
								r.Prompt = nil
							}
							out, err := write(ctx, e, r)
							if err != nil {
								t.Errorf("text %d, round %d: %v", i, round, err)
							}
							got[i] = append(got[i], out[0]...)
						}
					})
				}
				for i := range all {
					next <- i
				}
				close(next)
				wait.Wait()
				audit(t, e)
			}
			for i := range all {
				if o.StateType == 0 && !slices.Equal(got[i], want[i%different]) {
					t.Fatalf("text %d: %v, alone %v", i, got[i], want[i%different])
				}
				// States of 16 bits are rounded where a text is left: like those that were left in the same places.
				if first := got[i%different]; !slices.Equal(got[i], first) {
					t.Fatalf("text %d: %v, text %d: %v", i, got[i], i%different, first)
				}
			}
			s := e.Stats()
			if s.Slots.Total != o.States || s.Slots.Host < texts-o.States || s.MovedIn < uint64(texts-o.States) {
				t.Errorf("%d states on the device, %d on the host, %d came back", s.Slots.Total, s.Slots.Host, s.MovedIn)
			}
			// What the host has is stored as on the device, and little is taken for what never comes.
			var bytes int64
			for _, b := range e.away.blocks {
				bytes += b.buf.Size()
			}
			if least, most := int64(texts-o.States)*e.pool.slotBytes(), 2*int64(texts)*e.pool.slotBytes(); bytes < least ||
				bytes > most {
				t.Errorf("%d bytes of the host for %d states, want %d to %d", bytes, s.Slots.Host, least, most)
			}
			for _, s := range all {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			audit(t, e)
			e.settlePool()
			e.settlePool() // nothing was in use since
			rows := func() int {
				e.mu.Lock()
				defer e.mu.Unlock()
				return e.away.count()
			}
			for range 100 { // by and by
				if rows() == 0 {
					break
				}
				time.Sleep(trimPause)
			}
			if n := rows(); n != 0 {
				t.Errorf("%d rows of the host stay behind", n)
			}
		})
	}
}

// calls counts what a device is asked for while do runs.
func (f *faulty) during(do func()) map[string]int {
	var mu sync.Mutex
	calls := map[string]int{}
	f.before = func(call string, _ *faultBuffer) {
		mu.Lock()
		defer mu.Unlock()
		calls[call]++
	}
	do()
	f.before = nil
	return calls
}

// A move is one submission with one small upload. It allocates nothing, and nobody waits for it.
func TestMovesAreCheap(t *testing.T) {
	ctx := context.Background()
	f, m := faultyTiny(t)
	e := must(New(m, Options{States: minStates, Chunk: 16, Cache: CacheOptions{Off: true}}))
	defer e.Close()
	var all []*Sequence
	for i := range 4 * minStates {
		s := newSequence(t, e)
		s.Append(prompt(e, 5, i)...)
		all = append(all, s)
	}
	goOn := func() {
		for _, s := range all {
			if err := errors.Join(s.Append(1), s.Prefill(ctx, nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	goOn() // allocates what the host takes
	goOn()
	before := e.Stats()
	calls := f.during(goOn)
	after := e.Stats()
	passes, moves := len(all), int(after.MovedOut-before.MovedOut+after.MovedIn-before.MovedIn)
	if moves != 2*len(all) {
		t.Errorf("%d moves of %d states", moves, len(all))
	}
	want := map[string]int{"Submit": passes + moves, "Upload": passes + moves, "Wait": passes}
	for _, call := range []string{"Submit", "Upload", "Wait", "Download", "Alloc", "Compile"} {
		if calls[call] != want[call] {
			t.Errorf("%d moves and %d passes are %d calls of %s, want %d", moves, passes, calls[call], call, want[call])
		}
	}
}

// A state whose move never was is not gone on from: who asks gets an error or what is right, and after an error
// what is right.
func TestMovesThatFail(t *testing.T) {
	ctx := context.Background()
	off := tiny(t, Options{Cache: CacheOptions{Off: true}})
	const texts, tokens = 2 * minStates, 4
	request := func(e *Engine, i int) Request {
		return Request{Prompt: prompt(e, 5+i, i), MaxTokens: 2 * tokens, EOS: []int32{}}
	}
	var want [][]int32
	for i := range texts {
		want = append(want, alone(t, off, request(off, i)))
	}
	step := 1
	if testing.Short() {
		step = 5
	}
	failed := 0
	for at := 1; ; at += step {
		f, m := faultyTiny(t)
		e := must(New(m, Options{Chunk: 16, States: minStates, Cache: CacheOptions{Off: true}}))
		b := must(f.Alloc(512, backend.Device))
		from, to := backend.Matrix(b, 0, backend.F32, 1, 1), backend.Matrix(b, 256, backend.F32, 1, 1)
		nothing := must(f.Compile("nothing", []backend.Op{backend.Copy{Dst: to, Src: from}}))
		f.mu.Lock()
		f.skips, f.submits, f.nothing = at, 0, nothing.(*faultPlan).Plan
		f.mu.Unlock()
		all := make([]*Sequence, texts)
		for round := range 2 {
			for i := range all {
				r := request(e, i)
				if round > 0 {
					r.Prompt = nil
				} else {
					all[i] = newSequence(t, e)
				}
				r.Seq = all[i]
				begin := 5 + i
				for range 2 { // what fails is asked again
					r.MaxTokens = (round+1)*tokens - max(0, len(r.Seq.Tokens())-begin)
					if r.MaxTokens == 0 {
						break
					}
					_, err := write(ctx, e, r)
					if err == nil {
						break
					}
					failed++
					r.Prompt = nil
				}
			}
		}
		for i, s := range all {
			if got := s.Tokens()[5+i:]; !slices.Equal(got, want[i]) {
				t.Errorf("submission %d is never run: text %d is %v, want %v", at, i, got, want[i])
			}
		}
		audit(t, e)
		f.mu.Lock()
		past := f.submits < at
		f.mu.Unlock()
		if err := errors.Join(e.Close(), nothing.Close(), b.Close()); err != nil && !errors.Is(err, errFault) {
			t.Error(err)
		}
		if past || t.Failed() {
			break
		}
	}
	if failed == 0 {
		t.Error("no fault was noticed")
	}
}

// What a text that has given way, or has ended, left on the host is lost with a move that fails.
func TestDoubtAboutTextsOnTheHost(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	e := tiny(t, Options{States: minStates, Chunk: 8, Ahead: 2, Cache: CacheOptions{Off: true}})
	request := func(i int) Request {
		return Request{Prompt: prompt(e, 6, i), MaxTokens: 60 + i, EOS: []int32{},
			Sampling: sampling.Params{Temperature: 1, Seed: uint64(i)}}
	}
	var want [][]int32
	for i := range 5 {
		want = append(want, alone(t, e, request(i)))
	}
	doubted := 0
	var nest func(i int)
	nest = func(i int) {
		if i == len(want) {
			// Everything that is on the host came of a copy that nobody knows to have been.
			e.mu.Lock()
			for s := range e.sequences {
				for _, h := range []*hostState{s.host, s.task.host} {
					if h != nil {
						h.copied = e.sound + 1
						doubted++
					}
				}
			}
			e.doubt(errFault)
			e.mu.Unlock()
			audit(t, e)
			return
		}
		r := request(i)
		r.Seq = newSequence(t, e)
		n := 0
		for x, err := range e.Generate(ctx, []Request{r}) {
			if err != nil || x.ID != want[i][n] {
				t.Fatalf("text %d, token %d is %d, %v; want %d", i, n, x.ID, err, want[i][n])
			}
			if n++; n == 5 {
				nest(i + 1)
			}
		}
		if n != len(want[i]) {
			t.Errorf("text %d: %d tokens, want %d", i, n, len(want[i]))
		}
		if i == 0 {
			near(t, "the first", must(r.Seq.Logits(ctx)), logitsOf(t, e, r.Seq.Tokens()))
		}
	}
	nest(0)
	if doubted == 0 {
		t.Error("nothing was on the host")
	}
}

// A state on the host is copied from there: nothing moves for it.
func TestCopiesOfStatesOnTheHost(t *testing.T) {
	ctx := context.Background()
	e := tiny(t, Options{States: minStates, Cache: CacheOptions{Off: true}})
	s := newSequence(t, e)
	s.Append(prompt(e, 9, 1)...)
	want, logits := must(s.State(ctx)), must(s.Logits(ctx))
	if err := s.Prefill(ctx, nil); err != nil {
		t.Fatal(err)
	}
	before := must(s.Snapshot(t.Context()))
	for i := range minStates {
		other := newSequence(t, e)
		other.Append(prompt(e, 5, i)...)
		must(other.State(ctx))
	}
	if s.host == nil {
		t.Fatal("the state is not on the host")
	}
	moved := e.Stats().MovedIn
	snap := must(s.Snapshot(t.Context()))
	if e.Stats().MovedIn != moved || s.host == nil {
		t.Error("the state came back to be copied")
	}
	if !slices.Equal(snap.State, before.State) || snap.Fed != before.Fed {
		t.Error("a snapshot of a state on the host is another")
	}
	f := must(s.Fork(t.Context()))
	defer f.Close()
	if e.Stats().MovedIn != moved || s.host == nil {
		t.Error("the state came back to be forked")
	}
	for _, x := range []*Sequence{f, s} {
		near(t, "state", must(x.State(ctx)), want)
		near(t, "logits", must(x.Logits(ctx)), logits)
	}
	audit(t, e)
}
