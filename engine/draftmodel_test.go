package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/null"
	"falconmamba/backend/sampling"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// itself has the model guess for itself.
func itself(ck checkpoint.Checkpoint) checkpoint.Checkpoint { return ck }

// other has a smaller model of random weights guess.
func other(ck checkpoint.Checkpoint) checkpoint.Checkpoint {
	c := *ck.Config()
	c.NumHiddenLayers, c.HiddenSize, c.IntermediateSize, c.TimeStepRank = 1, 32, 64, 2
	small, err := checkpoint.NewRandom(&c, checkpoint.Options{Type: backend.F32})
	if err != nil {
		panic(err)
	}
	return small
}

// drafted returns an engine for which a draft model guesses whatever it costs.
func drafted(t testing.TB, of func(checkpoint.Checkpoint) checkpoint.Checkpoint, o Options,
	failAt ...int) (*Engine, *losable) {
	t.Helper()
	e, d := losingDraft(t, of, o, failAt...)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.eager, e.guesser = true, nil
	return e, d
}

// A text for which a draft model guesses is what it is without, to the bit, and so is its state, however it is drawn
// and wherever it ends. What the model itself guesses is right, since both draw alike.
func TestDraftModel(t *testing.T) {
	for _, c := range []struct {
		drafts, ahead, chunk int
		typ                  backend.DType
	}{{7, 2, 0, 0}, {1, 1, 0, 0}, {4, 3, 8, 0}, {3, 2, 0, backend.BF16}} {
		o := Options{Drafts: c.drafts, Ahead: c.ahead, Chunk: c.chunk, StateType: c.typ, Cache: CacheOptions{Off: true}}
		never := o
		never.Speculate = SpeculateNever
		plain := tiny(t, never)
		same, _ := drafted(t, itself, o)
		random, _ := drafted(t, other, o)
		for i, r := range speculated(t, plain) {
			ends := []Request{r, r}
			ends[1].EOS = []int32{idsOf(writeAll(t, plain, []Request{r})[0].tokens)[23]}
			for _, r := range ends {
				want := writeAll(t, plain, []Request{r})
				for _, e := range []*Engine{same, random} {
					got := writeAll(t, e, []Request{r})
					// Where it ended by an eos id, how far the state has come depends on what was in flight, and one of
					// 16 bits that is read anew is rounded elsewhere.
					want := slices.Clone(want)
					if c.typ != 0 || got[0].state.Fed != want[0].state.Fed {
						got[0].state, want[0].state = Snapshot{}, Snapshot{}
					}
					if !reflect.DeepEqual(got, want) {
						t.Errorf("%+v, text %d: %v %v, want %v %v", c, i, idsOf(got[0].tokens), got[0].stop,
							idsOf(want[0].tokens), want[0].stop)
					}
				}
			}
		}
		for _, e := range []*Engine{same, random} {
			s := e.Stats()
			m := s.DraftModel
			if m.Drafted == 0 || m.Drafted != s.Drafted || m.Accepted != s.Accepted || m.Read == 0 || s.Drafting == 0 {
				t.Errorf("%+v: %+v of %d guesses, %d of them right, in %v", c, m, s.Drafted, s.Accepted, s.Drafting)
			}
			switch share := float64(m.Accepted) / float64(m.Drafted); {
			case e == random && share > 0.2:
				t.Errorf("%+v: random weights guess %.2f of the tokens", c, share)
			case e == same && c.typ == 0 && share < 0.9: // where it ends, it may have more
				t.Errorf("%+v: the model itself guesses %d of %d tokens", c, m.Accepted, m.Drafted)
			}
			if s.Slots.Running != 0 || m.Following != 0 {
				t.Errorf("%+v: slots %+v, %d texts are followed", c, s.Slots, m.Following)
			}
		}
	}
}

// A greedy text that the model guesses itself takes a pass for each round.
func TestDraftModelOfOneText(t *testing.T) {
	e, _ := drafted(t, itself, Options{Drafts: 7})
	alone(t, e, Request{Prompt: prompt(e, 20, 1), MaxTokens: 81})
	s := e.Stats()
	if s.DraftModel.Drafted != s.DraftModel.Accepted {
		t.Errorf("%d of %d guesses are right", s.DraftModel.Accepted, s.DraftModel.Drafted)
	}
	if n := s.Written - s.Accepted; n > 14 {
		t.Errorf("%d tokens in %d passes, want 1 and then 8 in each", s.Written, n)
	}
}

// Texts come and go, are left, cancelled, copied and taken back while the draft model guesses for them, the pool changes
// its size, memory is little, and the device is lost.
func TestDraftModelInAStorm(t *testing.T) {
	off := tiny(t, Options{Cache: CacheOptions{Off: true}, Speculate: SpeculateNever})
	state := off.cfg.StateBytes()
	var requests []Request
	var want [][]int32
	for i := range 12 {
		r := Request{Prompt: slices.Concat(prompt(off, 20+10*(i%3), i%3), prompt(off, 1+i, 100+i)), MaxTokens: 40,
			EOS: []int32{}, Sampling: sampling.Params{Temperature: 1, Seed: uint64(i)}}
		switch i % 6 {
		case 1:
			r.Sampling.RepetitionPenalty, r.Sampling.RepeatLastN = 1.3, 200
		case 2:
			r.Allow = allowEven(off.cfg.VocabSize)
		case 3:
			r.LogProbs = true
		case 4:
			r.Sampling = sampling.Params{}
		case 5:
			r.Bias = map[int32]float32{7: 4}
		}
		requests = append(requests, r)
		want = append(want, alone(t, off, r))
	}
	for i, c := range []struct {
		of   func(checkpoint.Checkpoint) checkpoint.Checkpoint
		o    Options
		room int // states beside the first ones
	}{
		{itself, Options{Chunk: 16, Cache: CacheOptions{Spacing: 16}}, 0},
		{other, Options{Chunk: 16, Ahead: 3, Drafts: 3, Cache: CacheOptions{Spacing: 16, Host: 3*state + 3000, Device: 3 * state}}, 0},
		{itself, Options{Chunk: 16, States: 40, Running: 6, Drafts: 3,
			Cache: CacheOptions{Spacing: 16, Host: 4*state + 3000, Device: 2 * state}}, 0},
		{itself, Options{Chunk: 32, Ahead: 2, Drafts: 5, Cache: CacheOptions{Spacing: 16, Host: 9 * state}}, 16},
		{other, Options{Chunk: 32, Ahead: 1, Running: 3, Drafts: 2, Cache: CacheOptions{Off: true}}, 24},
	} {
		for k, failAt := range [][]int{nil, {900, 1700}} {
			if testing.Short() && (i+k)%2 == 1 {
				continue
			}
			t.Run(fmt.Sprint(i, failAt), func(t *testing.T) {
				e, d := drafted(t, c.of, c.o, failAt...)
				if c.room > 0 && failAt == nil {
					for _, r := range requests { // all tables are made
						alone(t, e, r)
					}
					d.mu.Lock()
					d.room = d.live + int(state)*c.room
					d.mu.Unlock()
				}
				var wait sync.WaitGroup
				for w := range 6 {
					wait.Go(func() { stormy(t, e, rand.New(rand.NewPCG(uint64(w), 9)), requests, want) })
				}
				stop := make(chan bool)
				var settling sync.WaitGroup
				settling.Go(func() { unsettled(e, stop) })
				wait.Wait()
				close(stop)
				settling.Wait()
				s := e.Stats()
				if p := s.Slots; p.Running != 0 || p.Resting != 0 || p.Kept != 0 || p.Total != 1+p.Free+p.Cached {
					t.Errorf("slots %+v", p)
				}
				if m := s.DraftModel; m.Drafted == 0 && c.o.States == 0 || m.Following != 0 {
					t.Errorf("the draft model: %+v", m)
				}
				e.mu.Lock()
				defer e.mu.Unlock()
				if n := e.draft.sub.pool.count(); n != 1 {
					t.Errorf("%d states of the draft model are in use", n-1)
				}
				if r := e.draft.runner; r != nil && len(e.draft.rows) != r.seqs {
					t.Errorf("%d rows of its tables are free, want %d", len(e.draft.rows), r.seqs)
				}
				if len(e.spare) != draftRows {
					t.Errorf("%d rows for guesses are free, want %d", len(e.spare), draftRows)
				}
			})
		}
	}
}

// The draft model takes what the model's states leave, and gives it back to them.
func TestDraftModelGivesMemoryBack(t *testing.T) {
	e, d := drafted(t, itself, Options{Drafts: 4, Cache: CacheOptions{Off: true}})
	first := Request{Prompt: prompt(e, 9, 1), MaxTokens: 200}
	want := alone(t, e, first)
	if n := e.Stats().DraftModel.Drafted; n == 0 {
		t.Fatal("nothing is guessed")
	}
	d.mu.Lock()
	d.room = d.live + 8*int(e.cfg.StateBytes())
	d.mu.Unlock()
	first.Seq = newSequence(t, e)
	var ids []int32
	for x, err := range e.Generate(context.Background(), []Request{first}) {
		if err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, x.ID); len(ids) == 20 {
			for i := range 16 { // states that stay
				s := newSequence(t, e)
				if err := s.Append(prompt(e, 5, i)...); err != nil {
					t.Fatal(err)
				}
				if err := s.Prefill(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
			}
			if n := e.Stats().DraftModel.States; n != 1 {
				t.Errorf("the draft model keeps memory for %d states", n)
			}
		}
	}
	if !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
}

// Of the states that Options ask for, up to a quarter are memory of the draft model.
func TestDraftModelWithinStates(t *testing.T) {
	for _, c := range []struct{ states, drafts, total, drafted int }{
		{5, 3, 5, 0}, {8, 3, 8, 0}, {16, 3, 12, 4}, {16, 4, 16, 0}, {40, 3, 30, 10},
	} {
		e, _ := drafted(t, itself, Options{States: c.states, Drafts: c.drafts})
		writeAll(t, e, []Request{{Prompt: prompt(e, 9, 1), MaxTokens: 30}})
		s := e.Stats()
		if s.Slots.Total != c.total || s.DraftModel.States != 1+c.drafted || s.DraftModel.Drafted > 0 != (c.drafted > 0) {
			t.Errorf("%+v: %d states, and %+v", c, s.Slots.Total, s.DraftModel)
		}
	}
}

// A draft model of other tokens, of another device, or where nothing is guessed, is refused.
func TestDraftModelRefused(t *testing.T) {
	e, _ := losing(t, Options{})
	config := *e.cfg
	load := func(b backend.Backend, vocab int) *model.Model {
		c := config
		c.VocabSize = vocab
		files, err := checkpoint.NewRandom(&c, checkpoint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := model.Load(context.Background(), b, files, model.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	for want, o := range map[string]Options{
		"on another device":     {Draft: load(null.Open(null.Options{}), 320)},
		"vocabulary of 300":     {Draft: load(e.b, 300)},
		"texts are not guessed": {Draft: load(e.b, 320), Speculate: SpeculateNever},
	} {
		if _, err := New(e.m, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Whether a draft model guesses, and of how many tokens, follows from what its passes take and from how often it was
// right; at equal guesses those of the text itself win, which cost nothing.
func TestWorthOfADraftModel(t *testing.T) {
	for _, c := range []struct {
		name        string
		share       float64 // of a pass of the model, that one of the draft model takes
		right       float64 // how often its guesses were right, of other texts; 0: unknown
		text        float64 // how often those of the text itself were; 0: there is none
		unread      int     // tokens of the prompt
		lost, wrote float64 // so far
		k           int
		begins, by  bool
	}{
		{"cheap and unknown", 0.02, 0, 0, 60, 0, 0, 7, true, true},
		{"cheap and right", 0.02, 0.9, 0, 60, 0, 1000, 7, true, true},
		{"cheap and wrong", 0.02, 0.05, 0, 60, 30, 1000, 0, false, false},
		{"wrong, and tried again after long", 0.02, 0.05, 0, 60, 10, 1000, 7, true, true},
		{"as dear as the model", 1, 0.99, 0, 60, 0, 0, 0, false, false},
		{"dear, of few guesses", 0.3, 0.8, 0, 60, 0, 0, 3, true, true},
		{"a long prompt", 0.02, 0.9, 0, 1e6, 0, 0, 0, false, false},
		{"worse than the text itself", 0.1, 0.8, 0.8, 60, 0, 0, 7, true, false},
		{"better than the text itself", 0.02, 0.9, 0.3, 60, 0, 0, 7, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &Engine{ahead: 1, draft: &draftModel{share: c.share, lost: c.lost, wrote: c.wrote}}
			e.drafts, e.prompts.perRow = 7, 50*time.Millisecond
			e.costs.plain[0].add(1)
			for i, s := range [5]float64{1, 1, 1.05, 1.16, 1.56} {
				e.costs.rounds[i].add(s)
			}
			if c.right > 0 {
				e.draft.right = rate{p: c.right, n: fewEvents}
			}
			u := &task{draft: &drafting{class: -1}, ids: make([]int32, c.unread)}
			if c.text > 0 {
				u.draft.class, u.draft.rates[2] = 2, rate{p: c.text, n: fewEvents}
			}
			u.MaxTokens = 300
			k, gain, by := e.worth(u, 0)
			if k != c.k || gain >= beginGain != c.begins || by != c.by {
				t.Errorf("%d drafts, %.2f times as fast, by the model: %v", k, gain, by)
			}
		})
	}
}

// A draft model whose guesses are wrong is left, and is not tried again before others have written for long.
func TestDraftModelIsLeft(t *testing.T) {
	e, _ := drafted(t, other, Options{Cache: CacheOptions{Off: true}})
	e.mu.Lock()
	e.eager, e.leastPass = false, 0
	e.mu.Unlock()
	for i := range 8 {
		alone(t, e, Request{Prompt: prompt(e, 9, i), MaxTokens: 200, EOS: []int32{}})
	}
	s := e.Stats()
	if n := s.DraftModel.Drafted; n == 0 || n > s.Written/10 {
		t.Errorf("%d of %d tokens were guessed", n, s.Written)
	}
}
