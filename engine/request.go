package engine

import (
	"errors"
	"fmt"

	"falconmamba/backend/sampling"
	"falconmamba/engine/draft"
	"falconmamba/text/tokenizer"
)

// A Token is one step of a generation.
type Token struct {
	ID int32 // -1: no token, but the text of one that an eos id ended in the middle of a character
	// Text is what the token adds. It is always whole characters: the bytes of one
	// that spans tokens come with the last of them, be it in the next generation of
	// the sequence. Text of special tokens is left out.
	Text string
	// Probs are what the request asks for by LogProbs, else nil; nil also where ID is -1.
	Probs *Probs
	// Filtered are what the request asks for by FilteredLogProbs, like Probs.
	Filtered *Probs
}

// Probs are natural logarithms of probabilities of tokens.
type Probs struct {
	Token     float64            // of the token
	Likeliest []sampling.LogProb // of the most likely ones, the first first
}

// A BatchToken is a Token of one of several sequences.
type BatchToken struct {
	Index int // of the request
	Token
}

// A Request is one of several texts that are generated together.
type Request struct {
	Seq      *Sequence
	Prompt   []int32 // appended first
	Sampling sampling.Params
	// LogProbs asks for the log-probability that the model gave to each token, before any bias, mask,
	// penalty, temperature or filter; FilteredLogProbs for that by which it was drawn, after all of these.
	// TopLogProbs asks for those of so many most likely ones beside it, at most
	// sampling.MaxLogProbs; after the filters they are as many as are left.
	LogProbs         bool
	FilteredLogProbs bool
	TopLogProbs      int
	// Bias is added to logits by token, -Inf bans one. At most 4,096 tokens have one.
	Bias map[int32]float32
	// Process, if not nil, may change the logits of each token, vocab_size of them after Bias
	// and Allow, before penalties and filters; text has the tokens so far. An error ends the
	// text. It is called where the tokens are read, and such a text takes part in
	// every second step at most.
	Process func(text []int32, logits []float32) error
	// Allow, if not nil, says which tokens may follow text, by the mask that it is given
	// empty. It is called as Process is.
	Allow func(text []int32, mask Mask) error
	// MaxTokens is how many tokens the generation ends after; 0: it does not.
	MaxTokens int
	// EOS ends the generation when one of these ids is drawn, which is not part of
	// the text.
	EOS []int32
	// Stop ends the generation when one of these strings comes, which is not part
	// of the text. It wants a Decoder.
	Stop []string
	// Background texts give way to others: they are begun when no other request waits, are
	// read with what others leave of a pass, and pause when others want their row.
	Background bool
	// Plain texts are not guessed, whatever Options.Speculate says.
	Plain bool
	// Drafter, if not nil, guesses how the text goes on, instead of what the text itself tells; see
	// Options.Speculate. It knows the text so far, and is called by the loop that everybody
	// waits for.
	Drafter draft.Drafter
	// Decoder, if not nil, gives tokens their text.
	Decoder *tokenizer.Decoder
}

// validate refuses what makes no sense whatever the sequence.
func (r *Request) validate() error {
	if err := r.Sampling.Validate(); err != nil {
		return err
	}
	if n := r.TopLogProbs; n < 0 || n > sampling.MaxLogProbs || n > 0 && !r.LogProbs && !r.FilteredLogProbs {
		return fmt.Errorf("%d most likely tokens: want 0 to %d, and LogProbs or FilteredLogProbs with them", n,
			sampling.MaxLogProbs)
	}
	if r.MaxTokens < 0 {
		return fmt.Errorf("limit of %d tokens: want 0 (none) or more", r.MaxTokens)
	}
	for _, s := range r.Stop {
		if s == "" {
			return errors.New("a stop string is empty: every text would end at once")
		}
	}
	if len(r.Stop) > 0 && r.Decoder == nil {
		return errors.New("stop strings need a tokenizer.json, and this checkpoint has none")
	}
	return nil
}
