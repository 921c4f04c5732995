package engine

import (
	"context"
	"fmt"
	"slices"
)

// ForwardOptions say what Forward returns.
type ForwardOptions struct {
	AllLogits bool // of each of Rows; else of the last token alone
	Hidden    bool // hidden states of each of Rows

	// Rows are the tokens that are asked about, counted from the first of ids, ascending;
	// nil for all. What comes before the first of them, and between them, is only read.
	Rows []int
	// Layers are those whose hidden states are wanted, as Output counts them; nil for all.
	Layers []int
}

// An Output is what the model makes of a run of tokens.
type Output struct {
	// Logits has vocab_size scores for each row asked for.
	Logits [][]float32
	// Hidden[i] is the output of block i, or of block Layers[i] where these were given:
	// hidden_size elements for each row asked for, row by row. The last block's number,
	// num_hidden_layers, stands for what norm_f makes of its output.
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
// What is asked for is held in memory whole.
func (s *Sequence) Forward(ctx context.Context, ids []int32, o ForwardOptions) (*Output, error) {
	for i, r := range o.Rows {
		if r < 0 || r >= len(ids) || i > 0 && r <= o.Rows[i-1] {
			return nil, fmt.Errorf("row %d of %d tokens: want rows ascending from 0 to %d", r, len(ids), len(ids)-1)
		}
	}
	for _, l := range o.Layers {
		if l < 0 || l > s.e.cfg.NumHiddenLayers {
			return nil, fmt.Errorf("layer %d: want 0 to %d", l, s.e.cfg.NumHiddenLayers)
		}
	}
	from := len(s.history)
	if err := s.Append(ids...); err != nil {
		return nil, err
	}
	return s.forward(ctx, o, from)
}

// Step appends ids, reads all that is pending, and returns the scores of the token that
// follows: vocab_size elements. Unlike after Logits the state has seen the whole text, so
// that a loop of Steps reads each token once, in a pass of its own.
func (s *Sequence) Step(ctx context.Context, ids ...int32) (logits []float32, err error) {
	if err := s.Append(ids...); err != nil {
		return nil, err
	}
	if len(s.history) == 0 {
		return nil, ErrEmpty
	}
	fed, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.leave()
	s.e.fetch(ctx, s, s.history, len(s.history)-1)
	s.e.mu.Lock()
	if fed == len(s.history) {
		s.ready()
	}
	s.e.reuse(s, s.history, len(s.history)-1)
	s.e.mu.Unlock()
	from := max(s.Fed(), len(s.history)-s.e.chunk)
	if err := s.feed(ctx, from, nil); err != nil {
		return nil, err
	}
	n := len(s.history) - from
	q := &score{seq: s, from: from, ids: s.history[from:], heads: []int32{int32(n - 1)}, moves: true, spare: true}
	err = s.e.askBehind(ctx, q, func(r *Runner) error {
		logits = slices.Clone(q.logits(r, 0))
		return nil
	})
	return logits, err
}

// forward reads what is pending and returns what o asks of the tokens from token from on.
func (s *Sequence) forward(ctx context.Context, o ForwardOptions, from int) (*Output, error) {
	if len(s.history) == 0 {
		return nil, ErrEmpty
	}
	fed, err := s.enter(ctx)
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
	want := s.wants(o, from)
	out := &Output{Hidden: make([][]float32, len(want.layers))}
	// The last pass is one token: the state before it stays, to go on from.
	for _, r := range want.passes(s.e.heads, last) {
		if err := s.feed(ctx, r.at, nil); err != nil {
			return nil, err
		}
		if err := s.forwardPass(ctx, want, r, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// wanted are the tokens of a text that a question is about, ascending.
type wanted struct {
	logits, hidden []int
	layers         []int
}

func (s *Sequence) wants(o ForwardOptions, from int) wanted {
	last := len(s.history) - 1
	var rows []int
	for i := range o.Rows {
		rows = append(rows, from+o.Rows[i])
	}
	if o.Rows == nil && (o.AllLogits || o.Hidden) {
		for i := min(from, last); i <= last; i++ {
			rows = append(rows, i)
		}
	}
	a := wanted{logits: []int{last}}
	if o.AllLogits {
		a.logits = rows
	}
	if o.Hidden {
		a.hidden, a.layers = rows, o.Layers
		for i := 0; o.Layers == nil && i <= s.e.cfg.NumHiddenLayers; i++ {
			a.layers = append(a.layers, i)
		}
	}
	return a
}

// A span is n tokens of a text from token at on.
type span struct{ at, n int }

// passes returns what to read with a head or hidden states: spans of a chunk of tokens at most,
// and the last token alone.
func (a wanted) passes(most, last int) (spans []span) {
	all := slices.Concat(a.logits, a.hidden)
	slices.Sort(all)
	for _, row := range slices.Compact(all) {
		if n := len(spans); n > 0 && row < last && row < spans[n-1].at+most {
			spans[n-1].n = row + 1 - spans[n-1].at
		} else {
			spans = append(spans, span{row, 1})
		}
	}
	return spans
}

// within returns which of rows lie in r, counted from its first.
func (r span) within(rows []int) (in []int32) {
	for _, row := range rows {
		if row >= r.at && row < r.at+r.n {
			in = append(in, int32(row-r.at))
		}
	}
	return in
}

// forwardPass reads a span and appends to out.
func (s *Sequence) forwardPass(ctx context.Context, want wanted, r span, out *Output) error {
	q := &score{seq: s, from: r.at, ids: s.history[r.at : r.at+r.n], heads: r.within(want.logits),
		moves: r.at+r.n < len(s.history)}
	hidden := r.within(want.hidden)
	q.hidden = len(hidden) > 0
	return s.e.askBehind(ctx, q, func(run *Runner) error {
		for i := range q.heads {
			out.Logits = append(out.Logits, slices.Clone(q.logits(run, i)))
		}
		if !q.hidden {
			return nil
		}
		size := s.e.cfg.HiddenSize
		for i, l := range want.layers {
			rows := q.states(run, l)
			for _, row := range hidden {
				out.Hidden[i] = append(out.Hidden[i], rows[int(row)*size:][:size]...)
			}
		}
		return nil
	})
}

// Score reads n tokens of the text from token from on, at most Engine.HeadRows of them and
// none that were read, and calls use with the logits of the rows heads, counted from the
// first of the n: row i of them is logits(i), vocab_size scores, valid until use returns.
// No other question is answered meanwhile, so use must ask none.
func (s *Sequence) Score(
	ctx context.Context, from, n int, heads []int32, use func(logits func(i int) []float32),
) error {
	for _, row := range heads {
		if row < 0 || int(row) >= n { // in a pass with others it would be a row of theirs
			return fmt.Errorf("row %d of %d tokens: want 0 to %d", row, n, n-1)
		}
	}
	if err := s.Usable(); err != nil {
		return err
	}
	if _, err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if err := s.feed(ctx, from, nil); err != nil {
		return err
	}
	q := &score{seq: s, from: from, ids: s.history[from : from+n], heads: heads, moves: true}
	return s.e.askBehind(ctx, q, func(r *Runner) error {
		use(func(i int) []float32 { return q.logits(r, i) })
		return nil
	})
}
