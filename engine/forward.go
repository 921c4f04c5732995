package engine

import "context"

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
	out, err := s.forward(ctx, ForwardOptions{}, 0)
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
	if len(s.history) == 0 {
		return nil, ErrEmpty
	}
	fed, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer s.leave()
	last := len(s.history) - 1
	if fed > last {
		s.e.mu.Lock()
		s.ready()
		s.e.mu.Unlock()
	}
	if !o.AllLogits && !o.Hidden {
		from = last
	}
	if err := s.feed(ctx, min(from, last), nil); err != nil {
		return nil, err
	}
	out := &Output{}
	if o.Hidden {
		out.Hidden = make([][]float32, s.e.m.Config().NumHiddenLayers+1)
	}
	for fed = s.Fed(); fed < last; {
		n := min(s.e.heads, last-fed)
		if err := s.forwardPass(ctx, fed, n, o, out); err != nil {
			return nil, err
		}
		fed += n
	}
	// The last pass is one token: the state before it stays, to go on from.
	return out, s.forwardPass(ctx, last, 1, o, out)
}

// forwardPass reads n tokens from token at on and appends to out.
func (s *Sequence) forwardPass(ctx context.Context, at, n int, o ForwardOptions, out *Output) error {
	last := at+n == len(s.history)
	q := &score{seq: s, from: at, ids: s.history[at : at+n], hidden: o.Hidden, moves: !last}
	switch {
	case o.AllLogits:
		for i := range n {
			q.heads = append(q.heads, int32(i))
		}
	case last:
		q.heads = []int32{int32(n - 1)}
	}
	return s.e.ask(ctx, q, func(r *Runner) error {
		for i := range q.heads {
			out.Logits = append(out.Logits, append([]float32(nil), r.Logits(i)...))
		}
		for i := range out.Hidden {
			out.Hidden[i] = append(out.Hidden[i], r.Hidden(i, n)...)
		}
		return nil
	})
}

// Score reads the next n tokens of the text, at most Engine.HeadRows of them, and
// calls use with the logits of the rows heads, counted from the first of the n:
// row i of them is logits(i), vocab_size scores, valid until use returns.
func (s *Sequence) Score(ctx context.Context, n int, heads []int32, use func(logits func(i int) []float32)) error {
	if err := s.Usable(); err != nil {
		return err
	}
	fed, err := s.enter()
	if err != nil {
		return err
	}
	defer s.leave()
	q := &score{seq: s, from: fed, ids: s.history[fed : fed+n], heads: heads, moves: true}
	return s.e.ask(ctx, q, func(r *Runner) error {
		use(r.Logits)
		return nil
	})
}
