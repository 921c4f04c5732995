package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"falconmamba"
	"falconmamba/backend/sampling"
	"falconmamba/internal/clock"
)

// A DraftTest writes texts with guesses and without, in turn.
type DraftTest struct {
	Tokens int // of each text
	Reps   int
	Drafts int // tokens that the model guesses at most
	Seed   uint64
}

// A DraftResult is how fast a text is written.
type DraftResult struct {
	Scenario string
	Written  int     // tokens
	Drafted  int     // that were guessed
	Accepted int     // of these, those that were right
	Plain    Rate    // without guesses
	Guessed  Rate    // with
	Ratio    float64 // how many times as fast: the median of pairs
	Same     bool    // the texts are the same
}

// Steps is how many tokens a pass brought on average.
func (r DraftResult) Steps() float64 {
	return float64(r.Written) / float64(max(1, r.Written-r.Accepted))
}

// DraftScenarios is how many there are of a model.
func DraftScenarios(m *falconmamba.Model) int {
	n := len(forced)
	if m.Tokenizer() != nil {
		n += len(prompts)
	}
	if m.Drafts() {
		n++
	}
	return n
}

// forced are guesses that are right as often as is wanted, whatever the model writes: of random
// weights, too. wrong tells for each token of the text.
var forced = []struct {
	name  string
	wrong func(rnd *rand.Rand, tokens, drafts int) []bool
}{
	{"all guesses right", func(_ *rand.Rand, tokens, _ int) []bool { return make([]bool, tokens) }},
	{"half of the rounds right", func(rnd *rand.Rand, tokens, drafts int) []bool {
		// A round is right as a whole, or wrong from its first token on.
		w := make([]bool, tokens)
		for i := 0; i < tokens; i++ {
			if rnd.IntN(2) == 0 {
				w[i] = true
				continue
			}
			i += drafts
		}
		return w
	}},
	{"each right with p = 0.5", func(rnd *rand.Rand, tokens, _ int) []bool {
		w := make([]bool, tokens)
		for i := range w {
			w[i] = rnd.IntN(2) == 0
		}
		return w
	}},
	{"none right", func(_ *rand.Rand, tokens, _ int) []bool {
		w := make([]bool, tokens)
		for i := range w {
			w[i] = true
		}
		return w
	}},
}

const story = `The harbour master kept three lists. The first had the names of ships, the second the names of captains,
and the third, which nobody else was allowed to read, had the names of those who had never come back.
Every evening he compared the lists, and every evening the third became a little longer.
`

const code = `func area(shapes []Shape) float64 {
	total := 0.0
	for _, s := range shapes {
		switch s.Kind {
		case Circle:
			total += 3.14159 * s.Radius * s.Radius
		case Square:
			total += s.Width * s.Width
		}
	}
	return total
}
`

// prompts are what people ask whose answers repeat much of the question, or little.
var prompts = []struct{ name, text string }{
	{"verbatim quote", story + "\nThe same text once more, word for word:\n\n" + story + "\nAnd again:\n\n"},
	{"code edit", code + "\nThe same function with Width renamed to Side:\n\n"},
	{"summary", story + "\nIn one sentence:\n\n"},
	{"free text", "Once upon a time"},
}

// Run plays all scenarios on a model that may guess, and calls each with what they took.
func (t DraftTest) Run(ctx context.Context, m *falconmamba.Model, each func(DraftResult)) error {
	rnd := rand.New(rand.NewPCG(t.Seed, 3))
	for _, s := range forced {
		wrong := s.wrong(rnd, t.Tokens, t.Drafts)
		r, err := t.play(ctx, m, RandomIDs(m, 16, t.Seed), func(text []int32) falconmamba.Drafter {
			return &teller{text: text, wrong: wrong}
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r.Scenario = s.name
		each(r)
	}
	none := func([]int32) falconmamba.Drafter { return nil }
	if m.Drafts() {
		const name = "draft model, random text"
		r, err := t.play(ctx, m, RandomIDs(m, 16, t.Seed), none)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.Scenario = name
		each(r)
	}
	if m.Tokenizer() == nil {
		return nil
	}
	for _, s := range prompts {
		ids, err := encoded(m, s.text)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r, err := t.play(ctx, m, ids, none)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r.Scenario = s.name
		each(r)
	}
	return nil
}

// encoded returns the tokens of a text's beginning.
func encoded(m *falconmamba.Model, text string) ([]int32, error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	err = s.AppendText(text)
	return slices.Clone(s.Tokens()), err
}

// play writes a text without guesses and with those of a drafter, by turns; the first of each is to warm up.
func (t DraftTest) play(ctx context.Context, m *falconmamba.Model, prompt []int32,
	drafter func(text []int32) falconmamba.Drafter) (r DraftResult, err error) {
	o := falconmamba.GenerateOptions{MaxTokens: t.Tokens, EOS: []int32{}, Sampling: sampling.Params{}}
	var plain, guessed, ratios []float64
	r.Same = true
	for i := range t.Reps + 1 {
		o.Plain, o.Drafter = true, nil
		want, slow, err := timed(ctx, m, prompt, o)
		if err != nil {
			return r, err
		}
		before := m.Stats()
		o.Plain, o.Drafter = false, drafter(want)
		got, fast, err := timed(ctx, m, prompt, o)
		if err != nil {
			return r, err
		}
		if r.Same = r.Same && slices.Equal(got, want); i == 0 {
			continue
		}
		after := m.Stats()
		r.Written += len(got)
		r.Drafted += int(after.Drafted - before.Drafted)
		r.Accepted += int(after.Accepted - before.Accepted)
		plain, guessed, ratios = append(plain, slow), append(guessed, fast), append(ratios, fast/slow)
	}
	r.Plain, r.Guessed, r.Ratio = rateOf(plain), rateOf(guessed), rateOf(ratios).Median
	return r, nil
}

// timed writes a text, and returns it with the tokens in a second, without the reading of the prompt.
func timed(ctx context.Context, m *falconmamba.Model, prompt []int32,
	o falconmamba.GenerateOptions) (text []int32, rate float64, err error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, 0, err
	}
	defer s.Close()
	if err := s.Append(prompt...); err != nil {
		return nil, 0, err
	}
	if err := s.Prefill(ctx, nil); err != nil {
		return nil, 0, err
	}
	began := clock.Now()
	for x, err := range s.Generate(ctx, "", &o) {
		if err != nil {
			return nil, 0, err
		}
		if x.ID >= 0 {
			text = append(text, x.ID)
		}
	}
	return text, float64(len(text)) / clock.Since(began).Seconds(), nil
}

// A teller guesses the text that it was told, but where it is to be wrong.
type teller struct {
	text  []int32
	wrong []bool
	at    int
}

func (t *teller) Push(int32) { t.at++ }

func (t *teller) Draft(guess []int32) (n, evidence int) {
	for n < len(guess) && t.at+n < len(t.text) {
		if guess[n] = t.text[t.at+n]; t.wrong[t.at+n] {
			guess[n] ^= 1
		}
		n++
	}
	return n, 8
}
