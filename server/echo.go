package server

import (
	"slices"
	"unicode/utf8"

	"falconmamba"
	"falconmamba/backend/sampling"
	"falconmamba/text/tokenizer"
)

// scoredAtOnce is of how many tokens of a prompt logits are held together.
const scoredAtOnce = 32

// echoed returns how likely each token of a prompt is after those before it, with the top likeliest: for programs that
// measure models by texts which they give. The prompt is read for that alone.
func (c *call) echoed(ids []int32, top int) (*textLogProbs, error) {
	session, err := c.s.m.NewSession()
	if err != nil {
		return nil, err
	}
	defer session.Close()
	l, offset := &textLogProbs{}, 0
	var text *tokenizer.Decoder
	if t := c.s.m.Tokenizer(); t != nil {
		text = t.NewDecoder(false)
	}
	add := func(id int32, probs *falconmamba.Probs) {
		l.add(c.s, id, probs, offset)
		if text != nil {
			offset += utf8.RuneCountInString(text.Push(id))
		}
	}
	add(ids[0], nil)
	record, err := sampling.Encode(sampling.Params{}, 0, 0, nil)
	if err == nil {
		err = record.AskLogProbs(top)
	}
	if err != nil {
		return nil, err
	}
	var picker sampling.Picker
	words := make([]int32, sampling.LogProbWords)
	next := ids[1:]
	for part := range slices.Chunk(ids[:len(ids)-1], scoredAtOnce) {
		out, err := session.Forward(c.ctx, part, falconmamba.ForwardOptions{AllLogits: true})
		if err != nil {
			return nil, err
		}
		for _, logits := range out.Logits {
			picker.LogProbs(words, logits, next[0], &record)
			token, likeliest, ok := sampling.ReadLogProbs(words)
			if !ok {
				return nil, sampling.ErrNoToken
			}
			add(next[0], &falconmamba.Probs{Token: token.LogProb, Likeliest: likeliest})
			next = next[1:]
		}
	}
	return l, nil
}
