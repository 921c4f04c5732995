package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"falconmamba/backend/sampling"
)

// A Token is one step of a generation.
type Token struct {
	ID int32 // -1: no token, but the text of one that ended in the middle of a character
	// Text is what the token adds. It is always whole characters: the bytes of one
	// that spans tokens come with the last of them. Text of special tokens is
	// left out.
	Text string
}

// A BatchToken is a Token of one of several sessions.
type BatchToken struct {
	Index int // of the request
	Token
}

// GenerateOptions say how text is generated.
type GenerateOptions struct {
	// Sampling says how tokens are chosen. The zero value is greedy.
	Sampling sampling.Params
	// MaxTokens ends the generation after so many tokens; 0 does not.
	MaxTokens int
	// Stop ends the generation when one of these strings comes, which is not
	// part of the text.
	Stop []string
	// EOS ends the generation when one of these ids is drawn, which is not part
	// of the text. nil takes the checkpoint's; an empty slice ignores them.
	EOS []int32
}

// Defaults returns the options that the checkpoint's generation_config.json
// asks for: greedy where it asks for nothing.
func (m *Model) Defaults() GenerateOptions {
	g := m.Generation()
	var o GenerateOptions
	if g.MaxNewTokens != nil {
		o.MaxTokens = max(0, *g.MaxNewTokens)
	}
	p := &o.Sampling
	if g.RepetitionPenalty != nil {
		p.RepetitionPenalty = float32(*g.RepetitionPenalty)
	}
	if g.DoSample == nil || !*g.DoSample {
		return o
	}
	p.Temperature, p.TopK = 1, 50 // what transformers takes where the file is silent
	if g.Temperature != nil {
		p.Temperature = float32(*g.Temperature)
	}
	if g.TopK != nil {
		p.TopK = *g.TopK
	}
	if g.TopP != nil {
		p.TopP = float32(*g.TopP)
	}
	if g.MinP != nil {
		p.MinP = float32(*g.MinP)
	}
	return o
}

// eos returns the ids that end a generation.
func (m *Model) eos(o *GenerateOptions) []int32 {
	if o.EOS != nil {
		return o.EOS
	}
	var ids []int32
	for _, id := range m.Generation().EOSTokenIDs {
		if id >= 0 && id < m.Config().VocabSize {
			ids = append(ids, int32(id))
		}
	}
	return ids
}

func (o *GenerateOptions) validate(m *Model) error {
	if err := o.Sampling.Validate(); err != nil {
		return err
	}
	if o.MaxTokens < 0 {
		return fmt.Errorf("limit of %d tokens: want 0 (none) or more", o.MaxTokens)
	}
	for _, s := range o.Stop {
		if s == "" {
			return errors.New("a stop string is empty: every text would end at once")
		}
	}
	if len(o.Stop) > 0 && m.tok == nil {
		return errors.New("stop strings need a tokenizer.json, and this checkpoint has none")
	}
	return nil
}

// Generate appends prompt, if it is not empty, and writes on from there. The
// loop ends with the generation, or with one error, ctx's among them. A caller
// may leave it at any time. However it ends, the session's text is what was
// seen: the state is that after the last token that came out of the loop,
// however many steps were in flight. Nothing happens until the loop begins.
func (s *Session) Generate(ctx context.Context, prompt string, o *GenerateOptions) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		for t, err := range s.m.GenerateBatch(ctx, []Request{{Session: s, Prompt: prompt, Options: o}}) {
			if !yield(t.Token, err) {
				return
			}
		}
	}
}

// StopReason says why the last generation ended.
func (s *Session) StopReason() StopReason { return s.stop }

// A Request is one of several texts that are generated together.
type Request struct {
	Session *Session
	Prompt  string           // appended first, if not empty
	Options *GenerateOptions // nil: greedy
}

// GenerateBatch generates for several sessions of the model at once, which
// costs little more than for one. Each text is what Generate would make of it
// alone, within rounding; a session whose StopReason is set is done.
func (m *Model) GenerateBatch(ctx context.Context, reqs []Request) iter.Seq2[BatchToken, error] {
	return func(yield func(BatchToken, error) bool) {
		g, err := m.newGeneration(reqs)
		if err == nil {
			err = g.run(ctx, yield)
		}
		if err != nil {
			yield(BatchToken{Token: Token{ID: -1}}, err)
		}
	}
}
