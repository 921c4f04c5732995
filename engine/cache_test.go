package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/engine/statecache"
)

// ask writes a few tokens after a prompt in a session of its own, and returns them, the tokens
// that were read for it, and those that were not.
func ask(t testing.TB, e *Engine, ids []int32) (text []int32, read, reused int) {
	t.Helper()
	s := newSequence(t, e)
	defer s.Close()
	before := e.Stats().Read
	out, err := write(context.Background(), e, Request{Seq: s, Prompt: ids, MaxTokens: 6, EOS: []int32{},
		Sampling: sampling.Params{Temperature: 1, Seed: 7}})
	if err != nil {
		t.Fatal(err)
	}
	return out[0], int(e.Stats().Read - before), s.Reused()
}

// A pair asks an engine with a cache and one without, and compares what they write.
type pair struct {
	t           *testing.T
	with, plain *Engine
}

func newPair(t *testing.T, o Options) pair {
	off := o
	off.Cache = CacheOptions{Off: true}
	return pair{t, tiny(t, o), tiny(t, off)}
}

// ask fails unless the text is the same, and at most so many tokens are read.
func (c pair) ask(what string, ids []int32, most int) (text []int32) {
	c.t.Helper()
	want, all, _ := ask(c.t, c.plain, ids)
	got, read, reused := ask(c.t, c.with, ids)
	if !slices.Equal(got, want) {
		c.t.Errorf("%s: %v, without a cache %v", what, got, want)
	}
	if all != len(ids) || read+reused != len(ids) {
		c.t.Errorf("%s: %d tokens were read and %d reused of %d; without a cache %d were read",
			what, read, reused, len(ids), all)
	}
	if read > most {
		c.t.Errorf("%s: %d of %d tokens were read, want at most %d", what, read, len(ids), most)
	}
	return got
}

// Whatever two prompts have in common, and wherever they part, is read twice at most as far as
// states lie apart there, and a third reads nothing of it.
func TestPromptsPart(t *testing.T) {
	const spacing, tail = 32, 20
	for _, n := range []int{17, 40, 200, 515, 700} {
		c := newPair(t, Options{Cache: CacheOptions{Spacing: spacing}})
		first := prompt(c.with, n, 1)
		c.ask("the first", first, n)
		for i, at := range []int{n, n - 1, n - 15, n - 17, n / 2, n / 3} {
			if at < 1 {
				continue
			}
			again := statecache.Within(n-at, spacing)
			if at < n {
				again = max(again, leastReuse)
			}
			for k := range 2 {
				ids := slices.Concat(first[:at], prompt(c.with, tail, 100+10*i+k))
				c.ask(fmt.Sprintf("%d that parts after %d of %d", k, at, n), ids, again+tail)
				again = leastReuse
			}
		}
	}
}

// What was written is known too: a conversation reads each turn once, and one that goes on from
// any of its turns as well, as behind a message that was edited. Others read all of it again (mlx-lm#980).
func TestTurnsAreKept(t *testing.T) {
	c := newPair(t, Options{})
	var talk []int32
	var turns [][]int32
	for i := range 12 {
		turns = append(turns, slices.Clone(talk))
		talk = append(talk, prompt(c.with, 25, i)...)
		// The last token of an answer was drawn and not read.
		talk = append(talk, c.ask(fmt.Sprint("turn ", i), talk, 25+leastReuse)...)
	}
	c.ask("the last once more", talk, leastReuse)
	for i, before := range turns {
		c.ask(fmt.Sprint("another turn ", i), slices.Concat(before, prompt(c.with, 30, 100+i)), 30+leastReuse)
	}
}

// The same prompt again reads less than the spacing, and then next to nothing; others read all of it where a
// recurrent state cannot be cut back (mlx-lm#980).
func TestRegenerate(t *testing.T) {
	c := newPair(t, Options{})
	for _, n := range []int{20, 128, 129, 300, 1500} {
		ids := prompt(c.with, n, n)
		c.ask("the first", ids, n)
		c.ask(fmt.Sprintf("%d tokens again", n), ids, min(n, c.with.keeps.Spacing-1))
		c.ask(fmt.Sprintf("%d tokens a third time", n), ids, leastReuse)
	}
}

// Short prompts are known like long ones: other engines have blocks of 528 and more tokens,
// below which nothing is (vLLM#40696), and lose all hits where the boundary of a
// block is missed by a few tokens (vLLM#45238).
func TestNoBlocks(t *testing.T) {
	for _, x := range []struct{ shared, own int }{{40, 20}, {979, 30}, {1600, 60}, {1500, 70}, {1501, 70}} {
		c := newPair(t, Options{})
		shared := prompt(c.with, x.shared, 1)
		hits := 0
		for i := range 8 {
			before := c.with.Stats().Cache.Hits
			most := x.own
			if i < 2 {
				most = x.shared + x.own // the second finds where they part
			}
			c.ask(fmt.Sprint("prompt ", i), slices.Concat(shared, prompt(c.with, x.own, 10+i)), most)
			hits += int(c.with.Stats().Cache.Hits - before)
		}
		if hits < 6 {
			t.Errorf("%d tokens in common and %d of its own: %d hits of 8", x.shared, x.own, hits)
		}
	}
}

// What many prompts share is found by all behind the second, at whatever token they part. Others found it 52 times of 64
// where they parted after 1,600 tokens, and never where after 1,500 (vLLM#45238).
func TestAShiftCostsNoHits(t *testing.T) {
	for _, x := range []struct{ shared, own int }{{1600, 600}, {1500, 700}} {
		e := tiny(t, Options{})
		shared := prompt(e, x.shared, 1)
		const n = 12
		for i := range n {
			_, read, reused := ask(t, e, slices.Concat(shared, prompt(e, x.own, 10+i)))
			if i >= 2 && (read != x.own || reused != x.shared) {
				t.Errorf("prompt %d, which parts after %d tokens: %d are read and %d are not", i, x.shared, read, reused)
			}
		}
		if hits := e.Stats().Cache.Hits; hits < n-1 {
			t.Errorf("%d of %d prompts that part after %d tokens are known", hits, n, x.shared)
		}
	}
}

// A warm prompt costs what is new of it, however long it is (llama.cpp#21099).
func TestWarmIsNotCold(t *testing.T) {
	c := newPair(t, Options{})
	doc := prompt(c.with, 6000, 1)
	c.ask("cold", slices.Concat(doc, prompt(c.with, 20, 2)), 6020)
	c.ask("warm", slices.Concat(doc, prompt(c.with, 20, 3)), 20+statecache.Within(20, c.with.keeps.Spacing))
	for i := range 3 {
		c.ask("warm again", slices.Concat(doc, prompt(c.with, 20, 4+i)), 20)
	}
}

// A cache that is full, and one that has room for next to nothing, on either place, change no text.
func TestTightCaches(t *testing.T) {
	state := tiny(t, Options{Cache: CacheOptions{Off: true}}).cfg.StateBytes()
	for _, o := range []Options{
		{Cache: CacheOptions{Host: 1}},
		{Cache: CacheOptions{Host: state}}, // the text has no room beside it
		{Cache: CacheOptions{Host: state + 4*300}},
		{Cache: CacheOptions{Host: 3*state + 4*2000}},
		{Cache: CacheOptions{Host: 1, Device: 2 * state}},
		{Cache: CacheOptions{Host: 4 * state, Device: 2 * state}},
		{States: minStates, Cache: CacheOptions{Host: 6 * state, Device: 3 * state}},
	} {
		o.Cache.Spacing = 32
		c := newPair(t, o)
		for round := range 2 {
			for i := range 5 {
				ids := slices.Concat(prompt(c.with, 60+20*i, 1), prompt(c.with, 40, i))
				c.ask(fmt.Sprintf("%+v: round %d, prompt %d", o.Cache, round, i), ids, len(ids))
			}
		}
		s := c.with.Stats()
		texts := int64(4 * 1000) // of what is on the device
		if s.Cache.Host > max(o.Cache.Host, texts) || s.Cache.Device > o.Cache.Device {
			t.Errorf("%+v: %d bytes on the host, %d on the device", o.Cache, s.Cache.Host, s.Cache.Device)
		}
		if p := s.Slots; p.Running != 0 || p.Total != 1+p.Free+p.Resting+p.Kept+p.Cached {
			t.Errorf("%+v: slots %+v", o.Cache, p)
		}
		if s.Cache.Evicted == 0 && o.Cache.Host > state {
			t.Errorf("%+v: nothing was evicted", o.Cache)
		}
		c.with.mu.Lock()
		rows := 0
		for _, b := range c.with.cache.rows.blocks {
			rows += b.rows.count()
		}
		if n := c.with.cache.Count() - s.Slots.Cached; rows != n {
			t.Errorf("%+v: %d rows of the host are in use for %d states", o.Cache, rows, n)
		}
		c.with.mu.Unlock()
	}
}

// Many texts that have much in common, at once: each is what it is alone.
func TestManyShareAPrompt(t *testing.T) {
	ctx := context.Background()
	off := tiny(t, Options{Cache: CacheOptions{Off: true}})
	state := off.cfg.StateBytes()
	for _, o := range []Options{
		{Chunk: 64},
		{Chunk: 32, Cache: CacheOptions{Host: 8 * state, Device: 2 * state, Spacing: 16}},
		{Chunk: 32, States: 9, Running: 8, Cache: CacheOptions{Host: 4 * state, Device: 3 * state, Spacing: 16}},
	} {
		e := tiny(t, o)
		var wait sync.WaitGroup
		for i := range 16 {
			r := Request{Prompt: slices.Concat(prompt(e, 100, i%2), prompt(e, 10+i, i)), MaxTokens: 10,
				EOS: []int32{}, Sampling: sampling.Params{Temperature: 1, Seed: uint64(i)}}
			want := alone(t, off, r)
			wait.Go(func() {
				for range 3 {
					s, err := e.NewSequence()
					if err != nil {
						t.Error(err)
						return
					}
					q := r
					q.Seq = s
					if got, err := write(ctx, e, q); err != nil || !slices.Equal(got[0], want) {
						t.Errorf("text %d: %v, %v; want %v", i, got, err, want)
					}
					s.Close()
				}
			})
		}
		wait.Wait()
		if s := e.Stats(); s.Cache.Hits == 0 {
			t.Error("nothing was reused")
		}
	}
}

// Prompts that come at once and begin alike are read as if they had come one after the other:
// what they have in common is read once, by the first of them.
func TestSharedPromptsAtOnce(t *testing.T) {
	ctx := context.Background()
	const users, shared, own = 24, 700, 20
	c := newPair(t, Options{})
	system := prompt(c.with, shared, 1)
	requests := func(e *Engine, users int) (reqs []Request) {
		for i := range users {
			reqs = append(reqs, Request{Seq: newSequence(t, e), Prompt: slices.Concat(system, prompt(e, own, 10+i)),
				MaxTokens: 4, EOS: []int32{}})
		}
		return reqs
	}
	want, err := write(ctx, c.plain, requests(c.plain, users)...)
	if err != nil {
		t.Fatal(err)
	}
	reqs := requests(c.with, users)
	got, err := write(ctx, c.with, reqs...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range users {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("user %d: %v, without a cache %v", i, got[i], want[i])
		}
	}
	if read := c.with.Stats().Read; read > shared+users*own {
		t.Errorf("%d tokens were read for %d users, want at most %d", read, users, shared+users*own)
	}
	for _, r := range reqs {
		r.Seq.Close()
	}

	// The first goes away, or there is no room for a state: the others are read all the same.
	for _, o := range []Options{{Cache: CacheOptions{Host: 1}}, {Chunk: 16}} {
		e := tiny(t, o)
		first, cancel := context.WithCancel(ctx)
		var wait sync.WaitGroup
		reqs := requests(e, 6)
		wait.Go(func() { _, _ = write(first, e, reqs[0]) })
		for i := 1; i < 6; i++ {
			wait.Go(func() {
				if got, err := write(ctx, e, reqs[i]); err != nil || !slices.Equal(got[0], want[i]) {
					t.Errorf("user %d: %v, %v; want %v", i, got, err, want[i])
				}
			})
		}
		cancel()
		wait.Wait()
	}
}

// What returns something of each token reads each token.
func TestRowsAreNotSkipped(t *testing.T) {
	ctx := context.Background()
	e, off := tiny(t, Options{}), tiny(t, Options{Cache: CacheOptions{Off: true}})
	ids := prompt(e, 300, 1)
	ask(t, e, ids)
	logits := func(e *Engine, before int, o ForwardOptions) [][]float32 {
		s := newSequence(t, e)
		defer s.Close()
		if err := s.Append(ids[:before]...); err != nil {
			t.Fatal(err)
		}
		return must(s.Forward(ctx, ids[before:], o)).Logits
	}
	for _, x := range []struct {
		before int
		o      ForwardOptions
		rows   int
	}{
		{0, ForwardOptions{AllLogits: true}, 300}, {250, ForwardOptions{AllLogits: true}, 50}, {0, ForwardOptions{}, 1},
		{0, ForwardOptions{AllLogits: true, Rows: []int{3, 290}}, 2},
	} {
		got, want := logits(e, x.before, x.o), logits(off, x.before, x.o)
		if len(got) != x.rows || len(want) != x.rows {
			t.Fatalf("%d rows, %d without a cache; want %d", len(got), len(want), x.rows)
		}
		for i := range got {
			near(t, fmt.Sprintf("row %d of %d", i, x.rows), got[i], want[i])
		}
	}
	s := newSequence(t, e)
	near(t, "Step", must(s.Step(ctx, ids...)), logits(off, 0, ForwardOptions{})[0])
	if s.Reused() == 0 {
		t.Error("Step has read all")
	}
	seen := 0
	s = newSequence(t, e)
	if err := s.Append(ids...); err != nil {
		t.Fatal(err)
	}
	all := make([]int32, 50)
	for i := range all {
		all[i] = int32(i)
	}
	if err := s.Score(ctx, 0, len(all), all, func(logits func(int) []float32) {
		for i := range all {
			seen += len(logits(i))
		}
	}); err != nil || seen != len(all)*e.cfg.VocabSize || s.Reused() != 0 {
		t.Errorf("Score: %d logits, %d reused, %v", seen, s.Reused(), err)
	}
}

// A state that was never computed, or never copied, is never gone on from: whichever call of the
// device fails, and if it is lost, the texts after that are right, and what was not restored does not count as known
// (LMCache#2863).
func TestFaultsLeaveNoState(t *testing.T) {
	ctx := context.Background()
	off := tiny(t, Options{Cache: CacheOptions{Off: true}})
	state := off.cfg.StateBytes()
	base := prompt(off, 40, 1)
	texts := [][]int32{slices.Concat(base, prompt(off, 20, 2)), slices.Concat(base, prompt(off, 20, 3)),
		slices.Concat(base[:30], prompt(off, 20, 4))}
	request := func(e *Engine, i int) Request {
		return Request{Seq: newSequence(t, e), Prompt: texts[i%3], MaxTokens: 4, EOS: []int32{}}
	}
	var want [][]int32
	for i := range texts {
		want = append(want, alone(t, off, request(off, i)))
	}
	failed, past := 0, false
	for at := 1; !past; at += 3 {
		f, m := faultyTiny(t)
		e, err := New(m, Options{Chunk: 16, Cache: CacheOptions{Spacing: 16, Device: 2 * state, Host: 4 * state}})
		if err != nil {
			t.Fatal(err)
		}
		f.mu.Lock()
		f.calls, f.failAt = 0, at
		f.mu.Unlock()
		for i := range 6 {
			r := request(e, i)
			before := e.Stats().Read
			got, err := write(ctx, e, r)
			if read, reused := int(e.Stats().Read-before), r.Seq.Reused(); err == nil && read+reused < len(r.Prompt) {
				t.Errorf("call %d (%s) fails: of text %d %d tokens are read, and %d are said to be known", at, f.failed, i,
					read, reused)
			}
			if err != nil {
				failed++
			} else if !slices.Equal(got[0], want[i%3]) {
				t.Errorf("call %d (%s) fails: text %d is %v, want %v", at, f.failed, i, got[0], want[i%3])
			}
			r.Seq.Close()
		}
		f.mu.Lock()
		past = f.calls < at
		f.mu.Unlock()
		if err := e.Close(); err != nil && !errors.Is(err, errFault) {
			t.Error(err)
		}
		if err := m.Close(); err != nil && !errors.Is(err, errFault) {
			t.Error(err)
		}
	}
	if failed == 0 {
		t.Error("no fault was noticed")
	}
}

func TestCacheOptions(t *testing.T) {
	for _, o := range []CacheOptions{{Host: -1}, {Device: -1}, {Spacing: -1}} {
		if (Options{Cache: o}).Validate() == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

// A pass that goes on from one that has failed computes something of nothing: none of its states is kept, even
// where it comes to its end.
func TestWhatFollowsAFaultIsNotKept(t *testing.T) {
	ctx := context.Background()
	off := tiny(t, Options{Cache: CacheOptions{Off: true}})
	ids := prompt(off, 200, 1)
	s := newSequence(t, off)
	want := must(write(ctx, off, Request{Seq: s, Prompt: ids, MaxTokens: 4, EOS: []int32{}}))[0]
	state := must(s.State(ctx))
	failed := 0
	for at := 1; ; at++ {
		f, m := faultyTiny(t)
		e, err := New(m, Options{Chunk: 16, Ahead: 3, Cache: CacheOptions{Spacing: 16}})
		if err != nil {
			t.Fatal(err)
		}
		b := must(f.Alloc(512, backend.Device))
		from, to := backend.Matrix(b, 0, backend.F32, 1, 1), backend.Matrix(b, 256, backend.F32, 1, 1)
		nothing := must(f.Compile("nothing", []backend.Op{backend.Copy{Dst: to, Src: from}}))
		f.mu.Lock()
		f.skips, f.submits, f.nothing = at, 0, nothing.(*faultPlan).Plan
		f.mu.Unlock()
		for range 2 {
			s := newSequence(t, e)
			got, err := write(ctx, e, Request{Seq: s, Prompt: ids, MaxTokens: 4, EOS: []int32{}})
			after, err2 := s.State(ctx)
			if err != nil || err2 != nil {
				failed++
			} else if !slices.Equal(got[0], want) || !slices.Equal(after, state) {
				t.Errorf("submission %d is never run: the text is %v, want %v, or its state is another", at, got[0], want)
			}
			s.Close()
		}
		f.mu.Lock()
		past := f.submits < at
		f.mu.Unlock()
		if err := errors.Join(e.Close(), nothing.Close(), b.Close()); err != nil && !errors.Is(err, errFault) {
			t.Error(err)
		}
		if past {
			break
		}
	}
	if failed == 0 {
		t.Error("no fault was noticed")
	}
}
