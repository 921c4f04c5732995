package engine

import (
	"context"

	"falconmamba/backend"
	"falconmamba/model"
)

// ForwardOptions say what Forward returns.
type ForwardOptions struct {
	AllLogits bool // of every row; else of the last alone
	Hidden    bool // hidden states of every row
}

// An Output is what the model makes of a run of tokens.
type Output struct {
	// Logits has vocab_size scores for each row asked for.
	Logits [][]float32
	// Hidden[i] is the output of block i, T·hidden_size elements row by row;
	// the last entry, i = num_hidden_layers, is what norm_f makes of the last.
	Hidden [][]float32
}

// Logits returns the scores of the token that follows the text: vocab_size
// elements.
func (s *Sequence) Logits(ctx context.Context) ([]float32, error) {
	out, err := s.forward(ctx, ForwardOptions{}, s.fed)
	if err != nil {
		return nil, err
	}
	return out.Logits[len(out.Logits)-1], nil
}

// Forward appends ids and reads them, returning their logits and hidden states.
// What is asked for of all rows is held in memory whole.
func (s *Sequence) Forward(ctx context.Context, ids []int32, o ForwardOptions) (*Output, error) {
	from := len(s.history)
	if err := s.Append(ids...); err != nil {
		return nil, err
	}
	return s.forward(ctx, o, from)
}

// forward reads all that is pending and returns what o asks of the rows from
// row from on.
func (s *Sequence) forward(ctx context.Context, o ForwardOptions, from int) (*Output, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	r, err := s.e.borrow(1)
	if err != nil {
		return nil, err
	}
	defer s.e.giveBack(r)
	if !o.AllLogits && !o.Hidden {
		from = len(s.history) - 1
	}
	if err := s.feed(ctx, r, min(from, len(s.history)-1), nil); err != nil {
		return nil, err
	}
	out := &Output{}
	if o.Hidden {
		out.Hidden = make([][]float32, s.e.m.Config().NumHiddenLayers+1)
	}
	for s.fed < len(s.history) {
		n := min(s.e.heads, len(s.history)-s.fed)
		last := s.fed+n == len(s.history)
		// The last pass is one token: the state before it stays, to go on from.
		if last && n > 1 {
			n, last = n-1, false
		}
		if err := s.forwardPass(ctx, r, n, last, o, out); err != nil {
			return nil, err
		}
		if last {
			break
		}
		s.advance(n)
	}
	return out, nil
}

// forwardPass reads n tokens and appends to out. It does not move the sequence.
func (s *Sequence) forwardPass(ctx context.Context, r *Runner, n int, last bool, o ForwardOptions, out *Output) error {
	var heads []int32
	switch {
	case o.AllLogits:
		for i := range n {
			heads = append(heads, int32(i))
		}
	case last:
		heads = []int32{int32(n - 1)}
	}
	if err := s.score(ctx, r, n, heads, o.Hidden); err != nil {
		return err
	}
	for i := range heads {
		out.Logits = append(out.Logits, append([]float32(nil), r.Logits(i)...))
	}
	for i := range out.Hidden {
		out.Hidden[i] = append(out.Hidden[i], r.Hidden(i, n)...)
	}
	return nil
}

// score reads n tokens for the logits of the rows heads, and waits for them. It
// does not move the sequence.
func (s *Sequence) score(ctx context.Context, r *Runner, n int, heads []int32, hidden bool) error {
	p := Pass{IDs: s.history[s.fed : s.fed+n], Seqs: []backend.Sequence{s.rows(n)}, Heads: heads, Head: model.Logits,
		Hidden: hidden}
	if len(heads) == 0 {
		p.Head = model.NoHead
	}
	t, err := r.Submit(p)
	if err != nil {
		return err
	}
	return s.e.await(ctx, t)
}

// Score reads the next n tokens of the text, at most Engine.HeadRows of them, and
// calls use with the logits of the rows heads, counted from the first of the n:
// row i of them is logits(i), vocab_size scores, valid until use returns.
func (s *Sequence) Score(ctx context.Context, n int, heads []int32, use func(logits func(i int) []float32)) error {
	if err := s.Usable(); err != nil {
		return err
	}
	r, err := s.e.borrow(1)
	if err != nil {
		return err
	}
	defer s.e.giveBack(r)
	if err := s.score(ctx, r, n, heads, false); err != nil {
		return err
	}
	s.advance(n)
	use(r.Logits)
	return nil
}
