package server

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"falconmamba"
)

// A tokenLogProb is a token and how likely it was, as chats have it.
type tokenLogProb struct {
	Token   string  `json:"token"`
	LogProb float64 `json:"logprob"`
	Bytes   []int   `json:"bytes"`
}

// A contentLogProb is one of an answer's, with the likeliest in its place.
type contentLogProb struct {
	tokenLogProb
	Top []tokenLogProb `json:"top_logprobs"`
}

// leastLogProb stands for what cannot be drawn: JSON has no −∞, and OpenAI writes this.
const leastLogProb = -9999

func finite(x float64) float64 { return math.Max(x, leastLogProb) }

// bytes returns what a token stands for: nothing, where there is no tokenizer.
func (s *Server) bytes(id int32) []byte {
	if t := s.m.Tokenizer(); t != nil {
		return t.Bytes(id)
	}
	return nil
}

// spell returns a token as text. One that is a part of a character is spelled by its bytes, as OpenAI does.
func (s *Server) spell(id int32) string {
	b := s.bytes(id)
	if utf8.Valid(b) {
		return string(b)
	}
	var text strings.Builder
	text.WriteString("bytes:")
	for _, x := range b {
		fmt.Fprintf(&text, `\x%02x`, x)
	}
	return text.String()
}

func (s *Server) logProb(id int32, logProb float64) tokenLogProb {
	b := s.bytes(id)
	t := tokenLogProb{Token: s.spell(id), LogProb: finite(logProb), Bytes: make([]int, len(b))}
	for i, x := range b {
		t.Bytes[i] = int(x)
	}
	return t
}

// contentLogProb returns what an answer's token was.
func (s *Server) contentLogProb(t falconmamba.Token) contentLogProb {
	l := contentLogProb{tokenLogProb: s.logProb(t.ID, t.Probs.Token), Top: []tokenLogProb{}}
	for _, likely := range t.Probs.Likeliest {
		l.Top = append(l.Top, s.logProb(likely.ID, likely.LogProb))
	}
	return l
}

// chatLogProbs are those of an answer or a part of it.
type chatLogProbs struct {
	Content []contentLogProb `json:"content"`
	Refusal *string          `json:"refusal"`
}

// textLogProbs are those of a completion or a part of it.
type textLogProbs struct {
	Tokens  []string             `json:"tokens"`
	Token   []*float64           `json:"token_logprobs"`
	Top     []map[string]float64 `json:"top_logprobs"`
	Offsets []int                `json:"text_offset"`
}

func (l *textLogProbs) clone() textLogProbs {
	return textLogProbs{slices.Clone(l.Tokens), slices.Clone(l.Token), slices.Clone(l.Top), slices.Clone(l.Offsets)}
}

// add adds a token that begins at an offset of the text, in characters. Of the first token of a text
// nothing is known: probs is nil.
func (l *textLogProbs) add(s *Server, id int32, probs *falconmamba.Probs, offset int) {
	l.Tokens, l.Offsets = append(l.Tokens, s.spell(id)), append(l.Offsets, offset)
	if probs == nil {
		l.Token, l.Top = append(l.Token, nil), append(l.Top, nil)
		return
	}
	x := finite(probs.Token)
	l.Token = append(l.Token, &x)
	top := map[string]float64{}
	for _, likely := range probs.Likeliest {
		top[s.spell(likely.ID)] = finite(likely.LogProb)
	}
	l.Top = append(l.Top, top)
}
