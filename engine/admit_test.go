package engine

import (
	"context"
	"errors"
	"iter"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend/sampling"
)

// pull returns the tokens of a request, one at a time.
func pull(t testing.TB, e *Engine, r Request) (next func() int32, stop func()) {
	t.Helper()
	one, stop := iter.Pull2(e.Generate(context.Background(), []Request{r}))
	return func() int32 {
		x, err, ok := one()
		if !ok {
			return -1
		}
		if err != nil {
			t.Fatal(err)
		}
		return x.ID
	}, stop
}

// draws are ways to draw whose texts show it if a row's record, penalty or window is
// not what it was.
var draws = []sampling.Params{
	{},
	{Temperature: 1, TopP: 1, Seed: 7},
	{Temperature: 1, TopP: 0.95, Seed: 8, RepetitionPenalty: 1.5},
	{RepetitionPenalty: 1.3, RepeatLastN: 9},
}

// More texts than run at once, read in turns by one goroutine, all come to their end,
// and each is what it would be alone: whoever waits for a reader gives way.
func TestTextsGiveWayToThoseWithReaders(t *testing.T) {
	e := tiny(t, Options{Running: 2, Ahead: 3})
	const texts, n = 6, 120
	var next []func() int32
	var want, got [texts][]int32
	for i := range texts {
		r := Request{Seq: newSequence(t, e), Prompt: prompt(e, 5+i, i), Sampling: draws[i%len(draws)],
			EOS: []int32{}, MaxTokens: n}
		want[i] = alone(t, e, r)
		one, stop := pull(t, e, r)
		defer stop()
		next = append(next, one)
	}
	for range n {
		for i, one := range next {
			got[i] = append(got[i], one())
		}
	}
	for i := range texts {
		if end := next[i](); !slices.Equal(got[i], want[i]) || end != -1 {
			t.Errorf("text %d is %v, then %d; alone %v", i, got[i], end, want[i])
		}
	}
	audit(t, e)
}

// A text in the background waits until no other request does, gives way in the middle,
// and is what it would be alone.
func TestBackground(t *testing.T) {
	e := tiny(t, Options{Running: 1, Ahead: 2})
	for i, p := range draws {
		back := Request{Seq: newSequence(t, e), Prompt: prompt(e, 20, i), Sampling: p, EOS: []int32{},
			MaxTokens: 24, Background: true}
		want := alone(t, e, back)
		next, stop := pull(t, e, back)
		defer stop()
		var got []int32
		for range 8 {
			got = append(got, next())
		}
		front := Request{Seq: newSequence(t, e), Prompt: prompt(e, 9, i), EOS: []int32{}, MaxTokens: 50}
		if out, err := write(context.Background(), e, front); err != nil || len(out[0]) != 50 {
			t.Fatalf("before a text in the background: %d tokens, %v", len(out[0]), err)
		}
		for id := next(); id >= 0; id = next() {
			got = append(got, id)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: the text in the background is %v, alone %v", p, got, want)
		}
		audit(t, e)
	}
}

// Of requests that wait, those in the background come last, and equals in the order in
// which they came.
func TestOrderOfTheWaiting(t *testing.T) {
	e := tiny(t, Options{Running: 1})
	var reqs []Request
	for i := range 6 {
		reqs = append(reqs, Request{Seq: newSequence(t, e), Prompt: prompt(e, 3, i), EOS: []int32{},
			MaxTokens: 2, Background: i%2 == 0})
	}
	var order []int
	for x, err := range e.Generate(context.Background(), reqs) {
		if err != nil {
			t.Fatal(err)
		}
		if len(order) == 0 || order[len(order)-1] != x.Index {
			order = append(order, x.Index)
		}
	}
	if want := []int{1, 3, 5, 0, 2, 4}; !slices.Equal(order, want) {
		t.Errorf("the texts came in order %v, want %v", order, want)
	}
}

// Where too many wait requests are refused at once, and their sequences are as they were.
func TestQueueFull(t *testing.T) {
	e := tiny(t, Options{Running: 1, Waiting: -1, Pace: time.Hour})
	started, goOn, ended := make(chan bool), make(chan bool), make(chan error)
	first := Request{Seq: newSequence(t, e), Prompt: prompt(e, 3, 0), EOS: []int32{}, MaxTokens: 1,
		Process: func([]int32, []float32) error {
			started <- true
			<-goOn
			return nil
		}}
	go func() {
		_, err := write(context.Background(), e, first)
		ended <- err
	}()
	<-started
	var reqs []Request
	for i := range 3 {
		r := Request{Seq: newSequence(t, e), Prompt: prompt(e, 4, i), EOS: []int32{}, MaxTokens: 5}
		if err := r.Seq.Append(prompt(e, 2, 9)...); err != nil {
			t.Fatal(err)
		}
		reqs = append(reqs, r)
	}
	refused := 0
	for x, err := range e.Generate(context.Background(), reqs) {
		if one := (*RequestError)(nil); !errors.As(err, &one) || !errors.Is(err, ErrQueueFull) || one.Index != refused {
			t.Errorf("refused: %+v, %v", x, err)
		}
		if seq := reqs[refused].Seq; !slices.Equal(seq.Tokens(), prompt(e, 2, 9)) || seq.Usable() != nil {
			t.Errorf("a refused sequence holds %v, %v", seq.Tokens(), seq.Usable())
		}
		refused++
	}
	if refused != 3 {
		t.Fatalf("%d of 3 requests were refused", refused)
	}
	goOn <- true
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	out, err := write(context.Background(), e, reqs...)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range reqs {
		r.Prompt = slices.Concat(prompt(e, 2, 9), r.Prompt)
		if want := alone(t, e, r); !slices.Equal(out[i], want) {
			t.Errorf("text %d is %v, alone %v", i, out[i], want)
		}
	}
}

// A loop may have more requests than the queue has room for: they begin as others end. One
// whose sequence is closed before fails alone.
func TestMoreRequestsThanRoom(t *testing.T) {
	e := tiny(t, Options{Running: 2, Waiting: 1})
	var reqs []Request
	for i := range 20 {
		reqs = append(reqs, Request{Seq: newSequence(t, e), Prompt: prompt(e, 4, i), EOS: []int32{}, MaxTokens: 5 + i%3})
	}
	got, failed := make([][]int32, len(reqs)), 0
	for x, err := range e.Generate(context.Background(), reqs) {
		if one := (*RequestError)(nil); errors.As(err, &one) {
			if failed++; one.Index != 19 || !errors.Is(err, ErrClosed) {
				t.Errorf("%v", err)
			}
			continue
		}
		if got[0] == nil {
			if err := reqs[19].Seq.Close(); err != nil {
				t.Fatal(err)
			}
		}
		got[x.Index] = append(got[x.Index], x.ID)
	}
	for i, r := range reqs[:19] {
		if want := alone(t, e, r); !slices.Equal(got[i], want) {
			t.Errorf("text %d is %v, alone %v", i, got[i], want)
		}
	}
	if failed != 1 {
		t.Errorf("%d requests failed, want 1", failed)
	}
	audit(t, e)
}

// Texts whose readers are absent do not keep others out, though none may wait. They did for ever.
func TestAbsentReadersKeepNobodyOut(t *testing.T) {
	e := tiny(t, Options{Running: 1, Waiting: -1})
	next, stop := pull(t, e, Request{Seq: newSequence(t, e), Prompt: prompt(e, 3, 0), EOS: []int32{}})
	defer stop()
	next()
	r := Request{Seq: newSequence(t, e), Prompt: prompt(e, 3, 1), EOS: []int32{}, MaxTokens: 5}
	for range 1000 {
		_, err := write(context.Background(), e, r)
		if err == nil {
			return
		}
		if !errors.Is(err, ErrQueueFull) {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("the second text is refused for ever")
}

// audit fails where a slot of the pool does not have one owner.
func audit(t testing.TB, e *Engine) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	owners := make([]int, len(e.pool.used))
	owners[0]++
	own := func(slot int) {
		if slot != 0 {
			owners[slot]++
		}
	}
	rows := map[*hostBlock]int{}
	away := func(h *hostState) {
		if h != nil {
			rows[h.block]++
		}
	}
	for s := range e.sequences {
		away(s.host)
		own(s.slot)
		own(s.spare.slot)
		if s.task != nil {
			own(s.task.work)
			own(s.task.mark.slot)
			own(s.task.final.slot)
			away(s.task.host)
		}
	}
	for _, b := range e.away.blocks {
		if n := b.rows.count(); n != rows[b] {
			t.Errorf("%d of %d rows of the host are in use, of %d states", n, len(b.rows.used), rows[b])
		}
	}
	for slot, n := range owners {
		if used := e.pool.used[slot]; n > 1 || used != (n == 1) {
			t.Errorf("slot %d: in use %t, and it has %d owners", slot, used, n)
		}
	}
}

// Any number of requests may wait, the largest too.
func TestEverybodyMayWait(t *testing.T) {
	e := tiny(t, Options{Waiting: math.MaxInt})
	r := Request{Seq: newSequence(t, e), Prompt: []int32{1}, EOS: []int32{}, MaxTokens: 2}
	if _, err := write(context.Background(), e, r); err != nil {
		t.Error(err)
	}
}

// Texts whose readers are away give their place, and not more of it than they have: with several of them
// away so many others began that none had memory to go on.
func TestAbsentReadersInLittleMemory(t *testing.T) {
	e := tiny(t, Options{States: minStates, Chunk: 16, Speculate: SpeculateNever})
	var others []Request
	var want [][]int32
	for i := range 4 {
		r := Request{Prompt: prompt(e, 40, 10+i), MaxTokens: 5, EOS: []int32{}}
		want = append(want, alone(t, e, r))
		r.Seq = newSequence(t, e)
		others = append(others, r)
	}
	written := e.Stats().Written
	read := make(chan struct{})
	var group sync.WaitGroup
	for i := range 2 {
		group.Go(func() {
			r := Request{Seq: newSequence(t, e), Prompt: prompt(e, 5, i), MaxTokens: 100, EOS: []int32{}}
			for _, err := range e.Generate(context.Background(), []Request{r}) {
				if err != nil {
					t.Error(err)
				}
				<-read
			}
		})
	}
	for e.Stats().Written < written+2*sinkRoom {
		time.Sleep(time.Millisecond)
	}
	got, err := write(context.Background(), e, others...)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v; alone %v", got, err, want)
	}
	close(read)
	group.Wait()
}
