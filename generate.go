package falconmamba

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"math"
	"slices"

	"falconmamba/backend/sampling"
	"falconmamba/engine"
	"falconmamba/engine/draft"
	"falconmamba/text/constrain"
)

// A Token is one step of a generation.
type Token = engine.Token

// Probs are log-probabilities of a token and of the most likely ones.
type Probs = engine.Probs

// A Mask says which tokens are allowed: a bit for each token of the vocabulary.
type Mask = engine.Mask

// A BatchToken is a Token of one of several sessions.
type BatchToken = engine.BatchToken

// A RequestError says which of several requests failed.
type RequestError = engine.RequestError

// A StopReason says why a generation ended.
type StopReason = engine.StopReason

// The reasons.
const (
	StopNone   = engine.StopNone   // it did not: the caller left the loop, or an error ended it
	StopEOS    = engine.StopEOS    // the model drew one of the eos ids
	StopLength = engine.StopLength // MaxTokens were generated
	StopString = engine.StopString // one of the stop strings came
)

// GenerateOptions say how text is generated.
type GenerateOptions struct {
	// Sampling says how tokens are chosen. The zero value is greedy.
	Sampling sampling.Params
	// LogProbs asks for the log-probability that the model gave to each token, before any bias, mask, penalty,
	// temperature or filter: it comes as Token.Probs. FilteredLogProbs asks for that by which it was drawn,
	// after all of these: as Token.Filtered. TopLogProbs asks for those of so many most likely ones beside it,
	// at most 20; after the filters they are as many as are left.
	LogProbs         bool
	FilteredLogProbs bool
	TopLogProbs      int
	// Bias is added to logits by token, -Inf bans one. At most 4,096 tokens have one.
	Bias map[int32]float32
	// Process, if not nil, may change the logits of each token, vocab_size of them, before
	// penalties and filters; text has the tokens so far. Allow, if not nil, says which
	// tokens may follow text, by a mask that is empty at first. An error ends the text.
	// They are called where the tokens are read, and such a text takes part in every
	// second step at most: beside others this costs them little, alone a text is slower.
	Process func(text []int32, logits []float32) error
	Allow   func(text []int32, mask Mask) error
	// Grammar, if not nil, holds what is written to a form: JSON that a schema allows, a regular expression, or a
	// grammar in GBNF. An eos id comes where such a text may end, and nowhere else; with an empty EOS, where it cannot
	// go on. MaxTokens and Stop may cut it before. A session that goes on with a text that was cut says by
	// GrammarTokens how many of its last tokens belong to it. Masks are made as Allow makes them, which goes not
	// with it.
	Grammar       *constrain.Grammar
	GrammarTokens int
	// MaxTokens is how many tokens the generation ends after; 0: it does not.
	MaxTokens int
	// Stop ends the generation when one of these strings comes, which is not
	// part of the text.
	Stop []string
	// EOS ends the generation when one of these ids is drawn, which is not part
	// of the text. nil takes the checkpoint's; an empty slice ignores them.
	EOS []int32
	// Background texts give way to others: they are begun when no other request waits, are
	// read with what others leave, and pause when others want their place.
	Background bool
	// Plain texts are written a token at a time. Others may be guessed, where Options.Engine.Speculate lets
	// them: what is written is the same.
	Plain bool
	// Drafter, if not nil, guesses how the text goes on, instead of what the text itself tells. It is of
	// one text, knows that so far, and must be quick: others wait for it.
	Drafter Drafter
}

// A Drafter guesses how a text goes on.
type Drafter = draft.Drafter

// Defaults returns the options that the checkpoint's generation_config.json
// asks for: greedy where it asks for nothing.
func (m *Model) Defaults() GenerateOptions {
	g := m.Generation()
	var o GenerateOptions
	if g.MaxNewTokens != nil {
		o.MaxTokens = max(0, *g.MaxNewTokens)
	}
	if m.tok != nil {
		o.Stop = slices.Clone(g.StopStrings)
	}
	for _, id := range g.Suppressed {
		if id >= 0 && id < m.Config().VocabSize {
			if o.Bias == nil {
				o.Bias = map[int32]float32{}
			}
			o.Bias[int32(id)] = float32(math.Inf(-1))
		}
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
		p.SetTopP(*g.TopP)
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
	return m.EOS()
}

// EOS returns the ids by which the checkpoint ends a text.
func (m *Model) EOS() (ids []int32) {
	for _, id := range m.Generation().EOSTokenIDs {
		if id >= 0 && id < m.Config().VocabSize {
			ids = append(ids, int32(id))
		}
	}
	return ids
}

// Generate appends prompt, if it is not empty, and writes on from there. The
// loop ends with the generation, or with one error, ctx's among them. A caller
// may leave it at any time. However it ends, the session's text is what was
// seen, however far it had been written, and the next Generate goes on from there,
// the seed's draws included. Any number of goroutines generate together, each with a
// session, at little more than the cost of one. Nothing happens until the loop begins.
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
func (s *Session) StopReason() StopReason { return s.seq.StopReason() }

// StopString returns which stop string ended the last generation, "" where something else did.
func (s *Session) StopString() string { return s.seq.StopString() }

// A Request is one of several texts that are generated together.
type Request struct {
	Session *Session
	Prompt  string           // appended first, if not empty
	Options *GenerateOptions // nil: Model.Defaults, at most 256 tokens where that has no limit
}

// GenerateBatch generates for several sessions of the model at once, which
// costs little more than for one. Each text is what Generate would make of it
// alone, within rounding; a session whose StopReason is set is done. A request that
// is refused or fails comes as a RequestError, and the others go on. Of more requests than
// the queue has room for, the last begin as the first end.
func (m *Model) GenerateBatch(ctx context.Context, reqs []Request) iter.Seq2[BatchToken, error] {
	return func(yield func(BatchToken, error) bool) {
		fail := func(index int, err error) bool {
			if len(reqs) > 1 {
				err = &RequestError{Index: index, Err: err}
			}
			return yield(BatchToken{Index: index, Token: Token{ID: -1}}, err)
		}
		var rs []engine.Request
		var index []int // in reqs, of those in rs
		for i, r := range reqs {
			q, err := m.request(r)
			if err == nil {
				rs, index = append(rs, q), append(index, i)
			} else if !fail(i, err) {
				return
			}
		}
		if len(reqs) > 0 && len(rs) == 0 {
			return
		}
		for t, err := range m.e.Generate(ctx, rs) {
			if bad, ok := err.(*RequestError); ok {
				if !fail(index[bad.Index], bad.Err) {
					return
				}
				continue
			}
			if err == nil {
				t.Index = index[t.Index]
			}
			if !yield(t, err) {
				return
			}
		}
	}
}

// defaultTokens is where a generation without options ends.
const defaultTokens = 256

// request puts a request in the engine's words.
func (m *Model) request(r Request) (engine.Request, error) {
	if r.Session == nil || r.Session.m != m {
		return engine.Request{}, errors.New("the session is not one of this model")
	}
	o := r.Options
	if o == nil {
		d := m.Defaults()
		d.MaxTokens = cmp.Or(d.MaxTokens, defaultTokens)
		o = &d
	}
	q := engine.Request{Seq: r.Session.seq, Sampling: o.Sampling, MaxTokens: o.MaxTokens, EOS: m.eos(o), Stop: o.Stop,
		Bias: o.Bias, Process: o.Process, Allow: o.Allow, LogProbs: o.LogProbs, TopLogProbs: o.TopLogProbs,
		FilteredLogProbs: o.FilteredLogProbs, Background: o.Background, Plain: o.Plain, Drafter: o.Drafter}
	if o.Grammar != nil {
		var err error
		if q.Allow, q.EOS, err = m.held(o); err != nil {
			return engine.Request{}, err
		}
	}
	if m.tok != nil {
		q.Decoder = m.tok.NewDecoder(true)
	}
	if r.Prompt != "" {
		var err error
		if q.Prompt, err = r.Session.encode(r.Prompt); err != nil {
			return engine.Request{}, err
		}
	}
	return q, nil
}
