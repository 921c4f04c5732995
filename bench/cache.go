package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"falconmamba"
	"falconmamba/backend/sampling"
	"falconmamba/internal/clock"
)

// A CacheTest is how clients come back to what a model has read before.
type CacheTest struct {
	Turns     int // of a conversation that is sent whole with each
	Users     int // who share a system prompt, all at once
	Document  int // tokens of a text that is asked about
	Questions int // about it, one after the other
	Tokens    int // of each answer
	Seed      uint64
}

// Lengths of what clients send, in tokens.
const (
	systemPrompt = 1000
	message      = 40
)

// A CacheResult is what a scenario took.
type CacheResult struct {
	Scenario string
	Requests int
	Prompts  int             // tokens of all prompts together
	New      int             // of these, those that come after the longest beginning of any text before
	Read     int             // those that were read
	Again    int             // the most that a request read beside what is new of it
	Cold     time.Duration   // to the first token of the first of all, which reads most
	Warm     []time.Duration // of each other, ascending
	Texts    [][]int32       // the prompts with their answers
}

// Scenarios is how many there are.
const Scenarios = 5

// Run plays all scenarios on a model that keeps states, and calls each with what they took.
func (t CacheTest) Run(ctx context.Context, m *falconmamba.Model, each func(CacheResult)) error {
	for i, s := range [Scenarios]struct {
		name string
		play func(*clients) error
	}{
		{"conversation", t.conversation}, {"regenerate", t.regenerate}, {"edited message", t.edit},
		{"shared system prompt", t.share}, {"document", t.ask},
	} {
		c := &clients{ctx: ctx, m: m, tokens: t.Tokens, rnd: rand.New(rand.NewPCG(t.Seed, uint64(i))),
			result: CacheResult{Scenario: s.name}}
		if err := s.play(c); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		slices.Sort(c.result.Warm)
		each(c.result)
	}
	return nil
}

// Same returns the share of texts that are the same in both.
func (r CacheResult) Same(other CacheResult) float64 {
	same := 0
	for i, text := range r.Texts {
		if i < len(other.Texts) && slices.Equal(text, other.Texts[i]) {
			same++
		}
	}
	return float64(same) / float64(max(1, len(r.Texts)))
}

// clients are those of a scenario.
type clients struct {
	ctx    context.Context
	m      *falconmamba.Model
	tokens int
	rnd    *rand.Rand
	known  [][]int32 // texts that were read and written
	result CacheResult
}

func (c *clients) ids(n int) []int32 { return randomIDs(c.rnd, n, c.m.Config().VocabSize) }

// say sends prompts at once, each in a session of its own, and returns them with their answers.
func (c *clients) say(prompts ...[]int32) (texts [][]int32, err error) {
	reqs := make([]falconmamba.Request, len(prompts))
	first := make([]time.Duration, len(prompts))
	for i, p := range prompts {
		s, err := c.m.NewSession()
		if err != nil {
			return nil, err
		}
		defer s.Close()
		if err := s.Append(p...); err != nil {
			return nil, err
		}
		reqs[i] = falconmamba.Request{Session: s, Options: &falconmamba.GenerateOptions{MaxTokens: c.tokens,
			EOS: []int32{}, Sampling: sampling.Params{Temperature: 0.8, Seed: c.rnd.Uint64()}}}
	}
	start := clock.Now()
	for token, err := range c.m.GenerateBatch(c.ctx, reqs) {
		if err != nil {
			return nil, err
		}
		if first[token.Index] == 0 {
			first[token.Index] = clock.Since(start)
		}
	}
	r := &c.result
	for i, p := range prompts {
		s := reqs[i].Session
		read, fresh := len(p)-s.Reused(), c.fresh(p)
		r.Requests++
		r.Prompts, r.Read, r.New = r.Prompts+len(p), r.Read+read, r.New+fresh
		r.Again = max(r.Again, read-fresh)
		if r.Cold == 0 {
			r.Cold = first[i]
		} else {
			r.Warm = append(r.Warm, first[i])
		}
		text := slices.Clone(s.Tokens())
		c.known = append(c.known, text[:len(text)-1]) // the last was drawn, and not read
		texts = append(texts, text)
	}
	r.Texts = append(r.Texts, texts...)
	return texts, nil
}

// fresh is how many tokens of a prompt nobody has read. The last is read in any case.
func (c *clients) fresh(prompt []int32) int {
	most := 0
	for _, text := range c.known {
		n := min(len(text), len(prompt)-1)
		for i := range n {
			if text[i] != prompt[i] {
				n = i
				break
			}
		}
		most = max(most, n)
	}
	return len(prompt) - most
}

// talk plays a conversation and returns each of its prompts.
func (c *clients) talk(turns int) (prompts [][]int32, err error) {
	text := c.ids(systemPrompt)
	for range turns {
		prompt := slices.Concat(text, c.ids(message))
		prompts = append(prompts, prompt)
		texts, err := c.say(prompt)
		if err != nil {
			return nil, err
		}
		text = texts[0]
	}
	return prompts, nil
}

func (t CacheTest) conversation(c *clients) error {
	_, err := c.talk(t.Turns)
	return err
}

// regenerate asks for other answers to the last message, and to one in the middle.
func (t CacheTest) regenerate(c *clients) error {
	prompts, err := c.talk(t.Turns)
	if err != nil {
		return err
	}
	c.result = CacheResult{Scenario: c.result.Scenario, Cold: c.result.Cold}
	for range 3 {
		for _, at := range []int{len(prompts) - 1, len(prompts) / 2} {
			if _, err := c.say(prompts[at]); err != nil {
				return err
			}
		}
	}
	return nil
}

// edit changes the last message, and one in the middle.
func (t CacheTest) edit(c *clients) error {
	prompts, err := c.talk(t.Turns)
	if err != nil {
		return err
	}
	c.result = CacheResult{Scenario: c.result.Scenario, Cold: c.result.Cold}
	for _, at := range []int{len(prompts) - 1, len(prompts) / 2, 0} {
		kept := len(prompts[at]) - message/2
		if _, err := c.say(slices.Concat(prompts[at][:kept], c.ids(message))); err != nil {
			return err
		}
	}
	return nil
}

func (t CacheTest) share(c *clients) error {
	system := c.ids(systemPrompt)
	prompts := make([][]int32, t.Users)
	for i := range prompts {
		prompts[i] = slices.Concat(system, c.ids(message))
	}
	_, err := c.say(prompts...)
	return err
}

func (t CacheTest) ask(c *clients) error {
	document := c.ids(t.Document)
	for range t.Questions {
		if _, err := c.say(slices.Concat(document, c.ids(message))); err != nil {
			return err
		}
	}
	return nil
}
