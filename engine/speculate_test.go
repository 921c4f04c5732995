package engine

import (
	"context"
	"flag"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/engine/draft"
	"falconmamba/internal/clock"
)

// An oracle guesses what it was told, but for what is to be wrong.
type oracle struct {
	told  []int32 // the tokens that follow
	at    int
	wrong func(i int) bool
}

func (o *oracle) Push(int32) { o.at++ }

func (o *oracle) Draft(guess []int32) (n, evidence int) {
	for n < len(guess) && o.at+n < len(o.told) {
		if guess[n] = o.told[o.at+n]; o.wrong(o.at + n) {
			guess[n] ^= 1
		}
		n++
	}
	return n, n
}

// oracles are how often guesses are right.
var oracles = []struct {
	name  string
	wrong func(i int) bool
}{
	{"all", func(int) bool { return false }},
	{"none", func(int) bool { return true }},
	{"half", func(i int) bool { return i*7919%17 < 8 }},
	{"most", func(i int) bool { return i%11 == 10 }},
}

// eager returns an engine that guesses whatever it costs.
func eager(t testing.TB, o Options) *Engine {
	e := tiny(t, o)
	e.guesser = nil
	if e.drafts == 0 {
		t.Fatal("a processor does not speculate")
	}
	e.eager = true
	return e
}

var everywhere = flag.Bool("eager", false, "have the texts of all tests guessed, whatever it costs")

// guessAll has all texts of an engine guessed, if the tests are to.
func guessAll(e *Engine) {
	if !*everywhere || e.drafts == 0 {
		return
	}
	heard := &memory{next: map[[2]int32]int32{}}
	e.eager = true
	e.guesser = func(text []int32) draft.Drafter { return newParrot(heard, text) }
}

// A memory is what followed two tokens in any text.
type memory struct {
	mu   sync.Mutex
	next map[[2]int32]int32
}

// A parrot guesses what followed in another text, or anything.
type parrot struct {
	*memory
	last [2]int32
}

func newParrot(heard *memory, text []int32) *parrot {
	p := &parrot{memory: heard}
	for _, id := range text {
		p.Push(id)
	}
	return p
}

func (p *parrot) Push(id int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next[p.last] = id
	p.last = [2]int32{p.last[1], id}
}

func (p *parrot) Draft(guess []int32) (n, evidence int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.last
	for i := range guess {
		guess[i] = p.next[last]
		last = [2]int32{last[1], guess[i]}
	}
	return len(guess), 2
}

// Those tests hold of guessed texts too in which much happens to a text at once.
func TestGuessedEverywhere(t *testing.T) {
	if *everywhere {
		t.Skip("all tests are so")
	}
	*everywhere = true
	defer func() { *everywhere = false }()
	t.Run("questions", TestQuestionsInTheLoop)
	t.Run("closed", TestCloseWhileOthersWrite)
	t.Run("a slow reader", TestASlowReader)
	t.Run("the end", TestGoingOnBehindAnEnd)
	t.Run("inside", TestTextsInsideTexts)
}

// A written is a text with all that can be asked of it.
type written struct {
	tokens []Token
	stop   StopReason
	state  Snapshot
}

// writeAll runs requests together and returns what became of each.
func writeAll(t testing.TB, e *Engine, reqs []Request) []written {
	t.Helper()
	all := make([]written, len(reqs))
	reqs = slices.Clone(reqs)
	for i := range reqs {
		reqs[i].Seq = newSequence(t, e)
		defer reqs[i].Seq.Close()
	}
	for x, err := range e.Generate(context.Background(), reqs) {
		if err != nil {
			t.Fatal(err)
		}
		all[x.Index].tokens = append(all[x.Index].tokens, x.Token)
	}
	for i, r := range reqs {
		all[i].stop = r.Seq.StopReason()
		if err := r.Seq.Prefill(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		n, err := r.Seq.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all[i].state = n
	}
	return all
}

// alike compares what became of two texts. Where they ended by an eos id, how far the state has come depends on what was
// in flight.
func alike(a, b written) bool {
	if a.stop == StopEOS && a.state.Fed != b.state.Fed {
		a.state, b.state = Snapshot{}, Snapshot{}
	}
	return reflect.DeepEqual(a, b)
}

func idsOf(tokens []Token) (ids []int32) {
	for _, x := range tokens {
		ids = append(ids, x.ID)
	}
	return ids
}

// speculated are requests of every kind.
func speculated(t testing.TB, e *Engine) []Request {
	params := []sampling.Params{
		{},
		{Temperature: 1, Seed: 3},
		{Temperature: 0.8, TopK: 20, TopP: 0.9, Seed: 5},
		{Temperature: 1.5, MinP: 0.02, Seed: 1<<40 + 7},
		{RepetitionPenalty: 1.3, RepeatLastN: 8},
		{Temperature: 1, RepetitionPenalty: 1.1, PresencePenalty: 0.5, FrequencyPenalty: 0.3, Seed: 9},
		{Temperature: 0.9, FrequencyPenalty: 0.7, RepeatLastN: 5, Seed: 11},
	}
	var reqs []Request
	for i, p := range params {
		r := Request{Prompt: prompt(e, 3+5*i, i), Sampling: p, MaxTokens: 40 + i}
		switch i % 3 {
		case 1:
			r.LogProbs, r.TopLogProbs = true, 3
		case 2:
			r.Bias = map[int32]float32{5: 4, 17: -3}
		}
		reqs = append(reqs, r)
	}
	return reqs
}

// A text that is guessed is what it is without, to the bit, and so is its state, whatever is guessed,
// however it is drawn and wherever it ends.
func TestGuessedTexts(t *testing.T) {
	plain := tiny(t, Options{Speculate: SpeculateNever})
	for _, c := range []struct {
		drafts, ahead int
		typ           backend.DType
		states        int // 1: what was right before a wrong guess is read again
	}{{7, 2, 0, 0}, {1, 1, 0, 0}, {4, 3, 0, 0}, {7, 2, backend.F16, 0}, {3, 1, backend.BF16, 0}, {7, 2, 0, 1},
		{4, 3, 0, 1}} {
		of := plain
		if c.typ != 0 {
			of = tiny(t, Options{Speculate: SpeculateNever, StateType: c.typ})
		}
		e := eager(t, Options{Drafts: c.drafts, Ahead: c.ahead, StateType: c.typ, DraftStates: c.states})
		reqs := speculated(t, e)
		for i, r := range reqs {
			want := writeAll(t, of, []Request{r})
			ids := idsOf(want[0].tokens)
			ends := []Request{r, r, r}
			ends[1].MaxTokens = 19
			ends[2].EOS = []int32{ids[23]}
			for _, o := range oracles {
				for k, r := range ends {
					if k > 0 {
						if k != 1+i%2 || o.name == "none" {
							continue
						}
						want = writeAll(t, of, []Request{r})
					}
					r.Drafter = &oracle{told: ids, wrong: o.wrong}
					got := writeAll(t, e, []Request{r})
					if !alike(got[0], want[0]) {
						t.Errorf("%+v, text %d, %s right, end %d:\n%v %v\nwant\n%v %v", c, i, o.name, k,
							idsOf(got[0].tokens), got[0].stop, idsOf(want[0].tokens), want[0].stop)
					}
				}
				want = writeAll(t, of, []Request{r})
			}
		}
		s := e.Stats()
		if s.Drafted == 0 || s.Accepted == 0 || s.Accepted >= s.Drafted {
			t.Errorf("%+v: of %d guesses %d were right", c, s.Drafted, s.Accepted)
		}
		if s.Slots.Running != 0 {
			t.Errorf("%+v: %d slots are still in use", c, s.Slots.Running)
		}
		if s.Replayed > 0 != (c.states == 1) {
			t.Errorf("%+v: %d tokens were read again", c, s.Replayed)
		}
	}
}

// Texts that are guessed are so beside each other, beside others, and beside prompts.
func TestGuessedTextsTogether(t *testing.T) {
	for _, states := range []int{0, 3, 13} {
		t.Run(fmt.Sprint(states), func(t *testing.T) { guessedTogether(t, states) })
	}
}

func guessedTogether(t *testing.T, states int) {
	plain := tiny(t, Options{Speculate: SpeculateNever})
	e := eager(t, Options{DraftStates: states})
	reqs := speculated(t, e)
	want := make([]written, len(reqs))
	for i, r := range reqs {
		want[i] = writeAll(t, plain, []Request{r})[0]
		if i == 3 {
			continue // it guesses by itself
		}
		reqs[i].Drafter = &oracle{told: idsOf(want[i].tokens), wrong: oracles[i%len(oracles)].wrong}
	}
	got := writeAll(t, e, reqs)
	for i := range reqs {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("text %d: %v, want %v", i, idsOf(got[i].tokens), idsOf(want[i].tokens))
		}
	}
	// And in goroutines that come and go, some of which are left amid.
	var group sync.WaitGroup
	for g := range 6 {
		group.Go(func() {
			for k := range 6 {
				i := (g + k) % len(reqs)
				r := reqs[i]
				r.Seq = newSequence(t, e)
				r.Drafter = &oracle{told: idsOf(want[i].tokens), wrong: oracles[(g+k)%len(oracles)].wrong}
				n, leave := 0, 3+7*(g+k)%40
				for x, err := range e.Generate(context.Background(), []Request{r}) {
					if err != nil || x.ID != want[i].tokens[n].ID {
						t.Errorf("text %d, token %d: %d, %v, want %d", i, n, x.ID, err, want[i].tokens[n].ID)
						break
					}
					if n++; n == leave && k%2 == 0 {
						break
					}
				}
				if k%2 == 0 { // it goes on from where it was left
					text := slices.Concat(r.Prompt, idsOf(want[i].tokens[:n]))
					if !slices.Equal(r.Seq.Tokens(), text) {
						t.Errorf("text %d was left as %v, want %v", i, r.Seq.Tokens(), text)
					}
					r.Prompt, r.MaxTokens = nil, r.MaxTokens-n
					r.Drafter.(*oracle).at = n
					if r.MaxTokens > 0 {
						for x, err := range e.Generate(context.Background(), []Request{r}) {
							if err != nil || x.ID != want[i].tokens[n].ID {
								t.Errorf("text %d goes on with %d, %v, want %d", i, x.ID, err, want[i].tokens[n].ID)
								break
							}
							n++
						}
					}
				}
				r.Seq.Close()
			}
		})
	}
	group.Wait()
	if s := e.Stats(); s.Slots.Running != 0 || s.Slots.Resting != 0 || s.Drafted == 0 {
		t.Errorf("afterwards: %+v, %d guesses", s.Slots, s.Drafted)
	}
}

// In little memory texts are guessed with one state more each, and give it to others.
func TestGuessedTextsInLittleMemory(t *testing.T) {
	plain := tiny(t, Options{Speculate: SpeculateNever})
	for _, states := range []int{minStates, 14} {
		e := eager(t, Options{States: states, Drafts: 6, Cache: CacheOptions{Off: true}})
		reqs := speculated(t, e)
		for i, r := range reqs {
			reqs[i].Drafter = &oracle{told: idsOf(writeAll(t, plain, []Request{r})[0].tokens), wrong: oracles[0].wrong}
		}
		first := reqs[0]
		first.Seq = newSequence(t, e)
		var ids []int32
		for x, err := range e.Generate(context.Background(), []Request{first}) {
			if err != nil {
				t.Fatal(err)
			}
			if ids = append(ids, x.ID); len(ids) == 12 {
				for i, got := range writeAll(t, e, reqs[1:]) {
					if want := reqs[1+i].Drafter.(*oracle).told; !slices.Equal(idsOf(got.tokens), want) {
						t.Errorf("%d states, text %d: %v, want %v", states, 1+i, idsOf(got.tokens), want)
					}
				}
			}
		}
		if want := first.Drafter.(*oracle).told; !slices.Equal(ids, want) {
			t.Errorf("%d states: %v, want %v", states, ids, want)
		}
		if s := e.Stats(); s.Drafted == 0 || s.Slots.Running != 0 {
			t.Errorf("%d states: %d guesses, slots %+v", states, s.Drafted, s.Slots)
		}
	}
}

// A text that repeats is guessed from itself, and one that does not is left alone.
func TestGuessesOfTheTextItself(t *testing.T) {
	e := tiny(t, Options{})
	e.eager, e.guesser = false, nil
	for _, c := range []struct {
		name    string
		bias    map[int32]float32
		least   float64 // seconds of a pass
		guessed bool
	}{
		{"one token", map[int32]float32{7: 1000}, 0, true},
		{"one token, by passes that are short", map[int32]float32{7: 1000}, 3600, false},
		{"any", nil, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := e.Stats()
			e.leastPass = c.least
			r := Request{Prompt: prompt(e, 9, 2), MaxTokens: 300, Bias: c.bias}
			if c.bias == nil {
				r.Sampling = sampling.Params{Temperature: 50, Seed: 1}
			}
			alone(t, e, r)
			s := e.Stats()
			if drafted := s.Drafted - before.Drafted; (drafted > 0) != c.guessed {
				t.Errorf("%d guesses, of which %d were right", drafted, s.Accepted-before.Accepted)
			}
		})
	}
}

// What a pass took once when something disturbed it does not count for long.
func TestCosts(t *testing.T) {
	var c costs
	now := clock.Time(time.Second)
	learn := func(rows, drafts int, took time.Duration) {
		f := flight{rows: rows, at: now}
		if drafts > 0 {
			f.few = true
		}
		c.learn(f, now, now+clock.Time(took))
	}
	ratio := func(rows int, want float64) {
		t.Helper()
		if got := c.ratio(rows, 1); math.Abs(got-want) > 1e-9 {
			t.Errorf("%d rows take %v times as long as one, want %v", rows, got, want)
		}
	}
	ratio(8, 1+7*rowCost)
	learn(1, 0, time.Second)
	learn(8, 7, 9*time.Second)
	ratio(8, 9)
	ratio(4, 1+3*rowCost) // it is yet to be seen
	learn(4, 3, 2*time.Second)
	ratio(8, 4) // twice the rows
	learn(2, 1, 3*time.Second)
	ratio(2, 2) // fewer rows
	learn(8, 7, 3*time.Second)
	ratio(8, 3) // the first passes count by the least
	for range forgetFew + 1 {
		learn(1, 0, time.Second)
	}
	ratio(8, 1+7*rowCost)
	learn(8, 7, time.Second/2)
	ratio(8, 1) // no less than a row alone
	const second = clock.Time(time.Second)
	c.learn(flight{rows: 1, at: now + 4*second}, now, now+6*second) // it waited for a reader
	if got := c.plain[0].seconds; got > 1.2 {
		t.Errorf("a pass behind a pause is taken for %v s", got)
	}
}

// Guesses that follow from more are thought as likely right as those that follow from less.
func TestRates(t *testing.T) {
	d := &drafting{class: 3}
	want := func(p float64) {
		t.Helper()
		if got := d.rate(); math.Abs(got-p) > 0.05 {
			t.Errorf("a guess is thought right with %.2f, want %.2f", got, p)
		}
	}
	want(firstRate)
	for range 100 {
		d.rates[1].add(true)
	}
	want(1)
	d.rates[3].add(false)
	want(1)
	for range 100 {
		d.rates[3].add(false)
	}
	want(0)
}

// The cost of rounds decides whether they are tried, and of how many drafts they are.
func TestWorth(t *testing.T) {
	for _, c := range []struct {
		p      float64
		rounds [5]float64 // seconds of passes of 1, 2, 4, 8 and 16 rows, where a plain one takes 1
		others int
		k      int
		begins bool
	}{
		{1, [5]float64{1, 1, 1.05, 1.16, 1.56}, 0, 7, true},
		{0.5, [5]float64{1, 1, 1.05, 1.16, 1.56}, 0, 3, true},
		{0.05, [5]float64{1, 1, 1.05, 1.16, 1.56}, 0, 1, false},
		{0.9, [5]float64{1, 1.9, 3.6, 7, 14}, 0, 1, false},
		{1, [5]float64{1, 2, 2.5, 7, 14}, 0, 3, true},
		{0.9, [5]float64{}, 0, 7, true},
	} {
		t.Run(fmt.Sprint(c.p, c.rounds), func(t *testing.T) {
			e := &Engine{ahead: 1}
			e.drafts = 7
			e.costs.plain[0].add(1)
			for i, s := range c.rounds {
				if s > 0 {
					e.costs.rounds[i].add(s)
				}
			}
			u := &task{draft: &drafting{class: 2}}
			for range 400 {
				u.draft.rates[2].add(false)
			}
			u.draft.rates[2].p = c.p
			k, gain, _ := e.worth(u, c.others, 1)
			if k != c.k || (gain >= beginGain) != c.begins {
				t.Errorf("%d drafts, %.2f times as fast, want %d", k, gain, c.k)
			}
		})
	}
}

// A counter is an oracle that counts the slots that guessed texts take.
type counter struct {
	oracle
	e    *Engine
	most *int
}

func (c *counter) Draft(guess []int32) (n, evidence int) {
	*c.most = max(*c.most, c.e.draftSlots())
	return c.oracle.Draft(guess)
}

// With room for one state, rounds read again what was right before a wrong guess: where all are right that is nothing,
// and never are there more slots than allowed. The passes are as many as with a slot for every row.
func TestReplayedRounds(t *testing.T) {
	plain := tiny(t, Options{Speculate: SpeculateNever})
	r := Request{Prompt: prompt(plain, 9, 1), MaxTokens: 161}
	told := alone(t, plain, r)
	for _, o := range oracles {
		passes := map[int]uint64{}
		for _, states := range []int{1, 8, 9} {
			e := eager(t, Options{DraftStates: states})
			most := 0
			r.Drafter = &counter{oracle{told: told, wrong: o.wrong}, e, &most}
			if got := alone(t, e, r); !slices.Equal(got, told) {
				t.Errorf("%s, %d states: %v, want %v", o.name, states, got, told)
			}
			s := e.Stats()
			passes[states] = s.Rows.Count()
			if want := map[int]int{1: 1, 8: 1, 9: 9}[states]; most != want {
				t.Errorf("%s, %d states: %d slots are taken", o.name, states, most)
			}
			if (s.Replayed > 0) != (states < 9 && o.name != "all") {
				t.Errorf("%s, %d states: %d tokens are read again", o.name, states, s.Replayed)
			}
		}
		if passes[1] != passes[9] {
			t.Errorf("%s: %v passes by states", o.name, passes)
		}
	}
}

// A thief is an oracle whose text loses slots again and again: first those of its ring but one, then that.
type thief struct {
	oracle
	e     *Engine
	calls int
	kinds map[bool]int // how often the text had one slot, or many
}

func (c *thief) Draft(guess []int32) (n, evidence int) {
	if c.calls++; c.calls%7 == 0 && len(guess) > 1 { // else a token is taken
		for _, t := range c.e.tasks {
			if t.speculates() {
				c.kinds[t.draft.replays()]++
			}
		}
		c.e.freeRing()
	}
	return c.oracle.Draft(guess)
}

// A text whose slots are taken goes on as it is, whatever it lags behind.
func TestRingsAreTaken(t *testing.T) {
	plain := tiny(t, Options{Speculate: SpeculateNever})
	for i, r := range speculated(t, plain) {
		r.MaxTokens = 120
		told := alone(t, plain, r)
		for _, o := range oracles[2:] {
			e := eager(t, Options{Drafts: 4, DraftStates: 6})
			c := &thief{oracle{told: told, wrong: o.wrong}, e, 0, map[bool]int{}}
			r.Drafter = c
			if got := alone(t, e, r); !slices.Equal(got, told) {
				t.Errorf("text %d, %s: %v, want %v", i, o.name, got, told)
			}
			if c.kinds[false] == 0 || c.kinds[true] == 0 {
				t.Errorf("text %d, %s: rounds with one slot, or many: %v", i, o.name, c.kinds)
			}
			if s := e.Stats(); s.Slots.Running != 0 || s.Replayed == 0 && o.name == "half" {
				t.Errorf("text %d, %s: slots %+v, %d tokens were read again", i, o.name, s.Slots, s.Replayed)
			}
		}
	}
}
