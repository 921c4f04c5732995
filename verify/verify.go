package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/engine"
	"falconmamba/model"
)

// A Check is one thing that was compared with what it should be.
type Check struct {
	Name   string
	Failed bool
	Error  float64 // the worst
	Limit  float64 // that the error may reach
	Where  string  // place of the worst error, or what is wrong
}

// Options say how Checkpoint runs a model.
type Options struct {
	Precision backend.Precision
	Chunk     int // as in falconmamba.Options
}

// Goldens reports what dir has to compare with: a golden for Checkpoint, cases for Tokenizer.
// A folder with neither is an error.
func Goldens(dir string) (golden, cases bool, err error) {
	if golden, err = exists(dir, goldenJSON); err != nil {
		return false, false, err
	}
	if cases, err = exists(dir, casesJSON); err != nil {
		return false, false, err
	}
	if !golden && !cases {
		return false, false, fmt.Errorf("%s has nothing to compare with: want %s and %s, or %s",
			dir, goldenJSON, goldenTensors, casesJSON)
	}
	return golden, cases, nil
}

// exists reports whether dir has a file called name.
func exists(dir, name string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Checkpoint runs the checkpoint in dir on b and hands out how it compares with the
// golden beside it, check by check.
func Checkpoint(ctx context.Context, b backend.Backend, dir string, o Options, each func(Check)) error {
	m, err := falconmamba.Open(ctx, dir, &falconmamba.Options{Device: b,
		Load:   model.LoadOptions{Precision: &o.Precision},
		Engine: engine.Options{Chunk: o.Chunk, Cache: engine.CacheOptions{Off: true}}}) // every token is read
	if err != nil {
		return err
	}
	v := &verifier{ctx: ctx, dir: dir, m: m, o: o, each: each, limits: LimitsOf(b.Info(), o.Precision, m.Checkpoint())}
	if v.g, err = readGolden(dir, m.Config()); err == nil {
		err = v.session()
	}
	// The model goes before the batch is checked: it is loaded again there.
	if err := errors.Join(err, m.Close()); err != nil {
		return err
	}
	return v.batch(b)
}

// A verifier compares one checkpoint on one device.
type verifier struct {
	ctx    context.Context
	dir    string
	m      *falconmamba.Model
	g      *golden
	o      Options
	limits Limits
	each   func(Check)
}

// values compares numbers; place names the i-th of them.
func (v *verifier) values(name string, got, want []float32, limit float64, place func(i int) string) {
	c := Check{Name: name, Limit: limit}
	if len(got) != len(want) {
		c.Failed, c.Error, c.Where = true, math.NaN(), fmt.Sprintf("%d values, want %d", len(got), len(want))
	} else {
		e := Compare(got, want)
		c.Failed, c.Error, c.Where = !e.Within(limit), e.Max, place(e.At)
		if e.Fault != "" {
			c.Error, c.Where = math.NaN(), fmt.Sprintf("%s: %s", c.Where, e.Fault)
		}
	}
	v.each(c)
}

// inRows places an element of a matrix.
func inRows(cols int) func(int) string {
	return func(i int) string { return fmt.Sprintf("row %d, column %d", i/cols, i%cols) }
}

// layers compares a matrix per layer.
func (v *verifier) layers(name string, got, want [][]float32, cols int) {
	var g, w []float32
	for i := range want {
		g, w = append(g, got[i]...), append(w, want[i]...)
	}
	size := max(1, len(want[0]))
	v.values(name, g, w, v.limits.Values, func(i int) string {
		return fmt.Sprintf("layer %d, %s", i/size, inRows(cols)(i%size))
	})
}

// session runs everything that goes through the embedding API.
func (v *verifier) session() error {
	m, g, vocab := v.m, v.g, v.m.Config().VocabSize
	if g.Prompt != nil && m.Tokenizer() != nil {
		ids, err := m.Encode(*g.Prompt)
		if err != nil {
			return err
		}
		v.ids("prompt", ids, g.IDs)
	}
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	defer s.Close()
	out, err := s.Forward(v.ctx, g.IDs, falconmamba.ForwardOptions{AllLogits: true, Hidden: true})
	if err != nil {
		return err
	}
	logits := slices.Concat(out.Logits...)
	v.values("logits", logits, g.logits, v.limits.Values, inRows(vocab))
	if !math.IsInf(v.limits.KL, 1) && len(logits) == len(g.logits) {
		v.kl(out.Logits)
	}
	v.layers("hidden_states", out.Hidden, g.hidden, m.Config().HiddenSize)
	st, err := s.State(v.ctx)
	if err != nil {
		return err
	}
	v.layers("conv_state", st.Conv, g.conv, max(1, m.Config().ConvKernel-1))
	v.layers("ssm_state", st.SSM, g.ssm, m.Config().StateSize)

	loss, err := m.Loss(v.ctx, g.IDs, nil, nil)
	if err != nil {
		return err
	}
	e := math.Abs(loss.Mean()-*g.Loss) / (1 + math.Abs(*g.Loss))
	v.each(Check{Name: "loss", Failed: !(e <= v.limits.Loss), Error: e, Limit: v.limits.Loss,
		Where: fmt.Sprintf("%.7f, want %.7f", loss.Mean(), *g.Loss)})

	if err := v.greedy(); err != nil {
		return err
	}
	for _, chunk := range []int{1, 7} {
		if err := v.chunks(chunk, logits); err != nil {
			return err
		}
	}
	alone, err := v.forward(g.alone)
	if err != nil {
		return err
	}
	v.values("alone", slices.Concat(alone...), g.aloneLogits, v.limits.Values, inRows(vocab))
	return v.filters(out.Logits[len(out.Logits)-1])
}

// ids compares token ids.
func (v *verifier) ids(name string, got, want []int32) {
	c := Check{Name: name, Where: fmt.Sprintf("all %d equal", len(want))}
	if at := FirstDifference(got, want); at >= 0 {
		c.Failed, c.Error = true, float64(len(want)-at)
		c.Where = fmt.Sprintf("from %d of %d on: %s, want %s", at, len(want), idAt(got, at), idAt(want, at))
	}
	v.each(c)
}

func idAt(ids []int32, i int) string {
	if i >= len(ids) {
		return "the end"
	}
	return fmt.Sprint("id ", ids[i])
}

// forward returns the logits of every row of a text of its own.
func (v *verifier) forward(ids []int32) ([][]float32, error) {
	s, err := v.m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	out, err := s.Forward(v.ctx, ids, falconmamba.ForwardOptions{AllLogits: true})
	if err != nil {
		return nil, err
	}
	return out.Logits, nil
}

// kl compares distributions, where rounding hides in the size of the logits.
func (v *verifier) kl(got [][]float32) {
	c := Check{Name: "kl", Limit: v.limits.KL}
	worst, vocab := -1.0, v.m.Config().VocabSize
	for i, row := range got {
		kl := KL(row, v.g.logits[i*vocab:][:vocab])
		c.Error += kl / float64(len(got))
		if !(kl <= worst) {
			worst, c.Where = kl, fmt.Sprintf("mean; most in row %d, %.2e", i, kl)
		}
	}
	c.Failed = !(c.Error <= c.Limit)
	v.each(c)
}

// chunks reads the prompt in several calls, which must change nothing.
func (v *verifier) chunks(n int, whole []float32) error {
	s, err := v.m.NewSession()
	if err != nil {
		return err
	}
	defer s.Close()
	var got []float32
	for part := range slices.Chunk(v.g.IDs, n) {
		out, err := s.Forward(v.ctx, part, falconmamba.ForwardOptions{AllLogits: true})
		if err != nil {
			return err
		}
		got = append(got, slices.Concat(out.Logits...)...)
	}
	v.values(fmt.Sprintf("chunks of %d", n), got, whole, v.limits.Values, inRows(v.m.Config().VocabSize))
	return nil
}

// greedy writes on from the prompt. Where activations are rounded, it may leave
// the golden's way at a token that was all but a tie.
func (v *verifier) greedy() error {
	got, err := greedy(v.ctx, v.m, v.g.IDs, len(v.g.Greedy))
	if err != nil {
		return err
	}
	at := FirstDifference(got, v.g.Greedy)
	if at < 0 || v.limits.Margin == 0 || at >= len(got) {
		v.ids("greedy_ids", got, v.g.Greedy)
		return nil
	}
	margin, by, err := v.margin(at)
	if err != nil {
		return err
	}
	v.each(Check{Name: "greedy_ids", Failed: margin >= v.limits.Margin, Error: margin, Limit: v.limits.Margin,
		Where: fmt.Sprintf("equal up to %d of %d, where %s has a margin of %.3g", at, len(got), by, margin)})
	return nil
}

// margin returns the smallest margin of the first n+1 greedy tokens, and by
// whose computation: nothing is certain after it.
func (v *verifier) margin(n int) (float64, string, error) {
	b, err := openReference(v.m.Config(), len(v.g.IDs)+n)
	if err != nil {
		return 0, "", err
	}
	defer b.Close()
	p := backend.Float
	m, err := falconmamba.Open(v.ctx, v.dir, &falconmamba.Options{Device: b, Load: model.LoadOptions{Precision: &p},
		Engine: engine.Options{Cache: engine.CacheOptions{Off: true}}})
	if err != nil {
		return 0, "", err
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		return 0, "", err
	}
	defer s.Close()
	out, err := s.Forward(v.ctx, slices.Concat(v.g.IDs, v.g.Greedy[:n]), falconmamba.ForwardOptions{AllLogits: true})
	if err != nil {
		return 0, "", err
	}
	least := math.Inf(1)
	for _, row := range out.Logits[len(v.g.IDs)-1:] {
		_, margin := Argmax(row)
		least = min(least, margin)
	}
	return least, b.Info().Name, nil
}

// greedy returns the n tokens that follow ids, eos or not.
func greedy(ctx context.Context, m *falconmamba.Model, ids []int32, n int) ([]int32, error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Append(ids...); err != nil {
		return nil, err
	}
	for _, err := range s.Generate(ctx, "", &falconmamba.GenerateOptions{MaxTokens: n, EOS: []int32{}}) {
		if err != nil {
			return nil, err
		}
	}
	return slices.Clone(s.Tokens()[len(ids):]), nil
}

// filterLimit bounds a probability that is made of the golden's own logits.
const filterLimit = 1e-6

// filters compares what the sampling filters leave: of the golden's logits,
// where the same tokens must be left, and of the model's own.
func (v *verifier) filters(own []float32) error {
	g, vocab := v.g, v.m.Config().VocabSize
	last := g.logits[len(g.logits)-vocab:]
	counts := make([]int32, vocab)
	for _, id := range g.IDs {
		counts[id]++
	}
	probs := make([]float32, vocab)
	token := func(i int) string { return fmt.Sprintf("token %d", i) }
	for j, f := range g.Processed {
		p, want := f.params(), g.processed[j]
		if err := sampling.Probs(probs, last, counts, p); err != nil {
			return err
		}
		name := fmt.Sprintf("processed.%d", j)
		if i := otherSupport(probs, want); i >= 0 {
			v.each(Check{Name: name, Failed: true, Error: math.Abs(float64(probs[i] - want[i])), Limit: filterLimit,
				Where: fmt.Sprintf("token %d has probability %g, want %g", i, probs[i], want[i])})
		} else {
			v.values(name, probs, want, filterLimit, token)
		}
		if err := sampling.Probs(probs, own, counts, p); err != nil {
			return err
		}
		got := probs
		if v.limits.Margin > 0 {
			got, want = sharedMass(probs, want)
		}
		// A logit that is off by e moves its probability by at most e/4, and all
		// others together move it as much; a temperature and a penalty scale e.
		grown := 1.0
		if p.Temperature > 0 {
			grown /= float64(p.Temperature)
		}
		if r := float64(p.RepetitionPenalty); r > 0 {
			grown *= max(r, 1/r)
		}
		v.values(name+" of own logits", got, want, grown*v.limits.Values*(1+largest(last))/2, token)
	}
	return nil
}

// otherSupport returns the first token that only one of two filters kept, or
// −1.
func otherSupport(a, b []float32) int {
	for i := range a {
		if (a[i] > 0) != (b[i] > 0) {
			return i
		}
	}
	return -1
}

// sharedMass returns the distributions over the tokens that both have: where
// logits are rounded, those at the edge of a filter may fall to either side.
func sharedMass(a, b []float32) (sharedA, sharedB []float32) {
	sharedA, sharedB = slices.Clone(a), slices.Clone(b)
	sumA, sumB := 0.0, 0.0
	for i := range a {
		if a[i] > 0 && b[i] > 0 {
			sumA += float64(a[i])
			sumB += float64(b[i])
		} else {
			sharedA[i], sharedB[i] = 0, 0
		}
	}
	if sumA == 0 {
		return a, b
	}
	for i := range sharedA {
		sharedA[i] = float32(float64(sharedA[i]) / sumA)
		sharedB[i] = float32(float64(sharedB[i]) / sumB)
	}
	return sharedA, sharedB
}

func largest(row []float32) float64 {
	m := 0.0
	for _, v := range row {
		m = max(m, math.Abs(float64(v)))
	}
	return m
}
