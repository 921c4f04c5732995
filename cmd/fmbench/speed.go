package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/cmd/internal/results"
	"falconmamba/engine"
	"falconmamba/internal/quantity"
	"falconmamba/model"
	"falconmamba/verify"
)

func speedFlags(c *call) {
	c.modelFlags()
	c.backendsFlag("`NAMES` of backends, with commas between (default: all that are present, but for\n" +
		"GPU drivers that run on the processor, and ref only for small models)")
	c.passFlags()
	c.fs.IntSliceVarP(&c.o.prompts, "n-prompt", "p", []int{512}, "lengths of prompts to read, `N`,…; 0: none")
	c.fs.IntSliceVarP(&c.o.generates, "n-gen", "n", []int{128}, "tokens to write, `N`,…; 0: none")
	c.fs.IntSliceVarP(&c.o.batches, "batch", "b", []int{1, 8}, "texts to write at once, `N`,…")
	c.fs.IntVarP(&c.o.reps, "repetitions", "r", 5, "measure `N` times, after some to warm up")
	c.fs.IntVar(&c.o.compare, "compare", 64, "compare the logits of `N` random tokens with a reference's; 0: of none")
	c.fs.StringVar(&c.o.baseline, "baseline", "",
		"compare with an earlier run, saved by -o json > `FILE`: fail where a test\nlost more than --tolerance")
	c.fs.Float64Var(&c.o.tolerance, "tolerance", 3, "`PERCENT` of its speed that a test may lose against --baseline")
}

// numericsGreedy is how many tokens are compared that follow greedily.
const numericsGreedy = 32

// runSpeed measures every combination of the lists, and then says how each
// backend's numbers compare with the reference's, and its speed with a saved run's.
func runSpeed(ctx context.Context, c *call) error {
	if c.o.reps < 1 {
		return cli.Usagef("-r %d: want 1 or more", c.o.reps)
	}
	against, err := c.openBaseline()
	if err != nil {
		return err
	}
	tests := bench.Tests(c.o.prompts, c.o.generates, c.o.batches)
	if len(tests) == 0 && c.o.compare == 0 {
		return cli.Usagef("-p 0, -n 0 and --compare 0: nothing is left to measure")
	}
	tokens := 0
	for _, t := range tests {
		tokens += (1 + c.o.reps) * t.Tokens()
	}
	var models []candidate
	width := 0
	for _, src := range c.sources() {
		k, err := c.candidate(ctx, src, tokens)
		if err != nil {
			return err
		}
		models = append(models, k)
		width = max(width, len(k.about.name))
	}
	c.speedTable(width)
	var found []results.Numerics
	for _, k := range models {
		var want *verify.Trace
		if c.o.compare > 0 {
			var err error
			if want, err = c.reference(ctx, k); err != nil {
				return err
			}
		}
		for _, name := range k.backends {
			for _, threads := range c.o.threads {
				for _, chunk := range c.o.chunks {
					n, err := c.speed(ctx, k, name, threads, chunk, tests, want, against)
					if err != nil {
						return err
					}
					found = append(found, n)
				}
			}
		}
	}
	if c.o.compare > 0 {
		err = c.numerics(width, found)
	}
	if against != nil {
		err = errors.Join(err, c.compareSpeeds(width, against))
	}
	return err
}

// A candidate is a model to measure.
type candidate struct {
	source
	about     modelInfo
	reference string   // the backend that others are compared with
	backends  []string // to measure
}

// candidate looks at a model's files.
func (c *call) candidate(ctx context.Context, src source, tokens int) (candidate, error) {
	k := candidate{source: src}
	ck, err := c.checkpoint(ctx, src)
	if err != nil {
		return k, err
	}
	k.about = c.modelOf(src.model, ck.Tensors(), ck.Config().Parameters())
	k.reference = verify.Reference(ck.Config(), c.o.compare+numericsGreedy)
	withRef := verify.SmallFor(ck.Config(), tokens)
	c.warn(ck.Warnings()...)
	if err := ck.Close(); err != nil {
		return k, err
	}
	k.backends, err = c.chosen(withRef)
	return k, err
}

// speedTable begins the table of speeds.
func (c *call) speedTable(width int) {
	c.report.Table(report.Table{Name: "speed", Columns: []report.Column{
		{Key: "model", Left: true, Width: width}, {Key: "type", Left: true},
		{Key: "size", Data: true}, {Key: "params", Data: true},
		{Key: "backend", Left: true, Width: 8}, {Key: "threads", Data: len(c.o.threads) == 1},
		{Key: "precision", Left: true, Data: true}, {Key: "chunk", Data: len(c.o.chunks) == 1},
		{Key: "test", Left: true, Width: 9}, {Key: "tokens_per_s", Title: "t/s", Width: 14, Spread: true},
		{Key: "reps", Data: true},
		{Key: "live", Data: true}, {Key: "peak", Data: true},
		{Key: "device", Left: true, Data: true}, {Key: "driver", Left: true, Data: true},
		{Key: "commit", Left: true, Data: true}, {Key: "date", Left: true, Data: true},
		{Key: "command", Left: true, Data: true},
	}})
}

// speedRow adds a speed to it.
func (c *call) speedRow(s results.Speed) {
	c.report.Row(s.Model, s.Type, quantity.Bytes(s.Size), quantity.Count(s.Params), s.Backend,
		report.NonZero(s.Threads), s.Precision, s.Chunk, s.Test, report.Rate{Median: s.Median, Spread: s.Spread},
		s.Reps,
		quantity.Bytes(s.Live), quantity.Bytes(s.Peak), s.Device, report.NonZero(s.Driver), report.NonZero(s.Commit),
		s.Date, s.Command)
}

// rateOf is a speed as reports have it.
func rateOf(r bench.Rate) report.Rate { return report.Rate{Median: r.Median, Spread: r.Spread} }

// speedOf is what was measured of a test in a setup just now.
func (c *call) speedOf(setup results.Setup, about modelInfo, b backend.Backend, t bench.Test,
	rate bench.Rate) results.Speed {
	s, info := b.Stats(), b.Info()
	return results.Speed{Setup: setup, Size: int64(about.size), Params: int64(about.params), Test: t.String(),
		Median: rate.Median, Spread: rate.Spread, Reps: rate.Runs, Live: s.Live, Peak: s.Peak,
		Device: info.Device, Driver: info.Driver, Commit: cli.Commit(), Date: time.Now().UTC().Format(time.RFC3339),
		Command: c.line}
}

// setupOf is how a model runs on its device.
func (c *call) setupOf(about modelInfo, m *falconmamba.Model) results.Setup {
	info := m.Backend().Info()
	return results.Setup{Model: about.name, Type: about.typ, Backend: info.Name, Threads: info.Threads,
		Precision: c.o.precision, Chunk: m.Chunk()}
}

// numericsOf is how a setup's numbers compare with those of a reference.
func numericsOf(setup results.Setup, against string, n verify.Numerics) results.Numerics {
	return results.Numerics{Setup: setup, Against: against, Max: results.Number(n.Max), Mean: results.Number(n.Mean),
		RMS: results.Number(n.RMS), KL: results.Number(n.KL), Top1: results.Number(n.Top1), Diverges: n.Diverge,
		Fault: n.Fault}
}

// reference reads the text on the backend that others are compared with.
func (c *call) reference(ctx context.Context, k candidate) (*verify.Trace, error) {
	exact := backend.Float
	m, err := c.open(ctx, k.source, nil,
		falconmamba.Options{Backend: k.reference, Load: model.LoadOptions{Precision: &exact}})
	if err != nil {
		return nil, err
	}
	t, err := verify.NewTrace(ctx, m, bench.RandomIDs(m, c.o.compare, c.o.seed), numericsGreedy, false)
	return t, errors.Join(err, m.Close())
}

// speed runs the tests on one setup, one table row each, and gives what it measured to against, if there is one.
func (c *call) speed(
	ctx context.Context, k candidate, name string, threads, chunk int, tests []bench.Test, want *verify.Trace,
	against *baseline,
) (n results.Numerics, err error) {
	precision, err := cli.Precision(c.o.precision)
	if err != nil {
		return n, err
	}
	b, err := cli.OpenDevice(name, threads, c.o.invariant)
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	info := b.Info()
	if against != nil {
		warning, err := against.suits(info)
		if err != nil {
			return n, err
		}
		c.warn(warning...)
	}
	m, err := c.open(ctx, k.source, b, falconmamba.Options{Load: model.LoadOptions{Precision: precision},
		Engine: engine.Options{Chunk: chunk}})
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	setup := c.setupOf(k.about, m)
	n = results.Numerics{Setup: setup, Against: k.reference + " f32"}
	bar := cli.NewProgress(c.stderr, "measuring "+info.Name)
	defer bar.Done()
	for _, t := range tests {
		read := m.Stats().Rows.Sum
		total := int64(c.o.reps+1) * int64(t.Tokens())
		stop := bar.Watch(func() (int64, int64, string) {
			done := min(int64(m.Stats().Rows.Sum-read), total) // it may take more than one run to warm up
			return done, total, fmt.Sprintf("of %s, %d tokens a run", t, t.Tokens())
		})
		rate, err := bench.Speed(ctx, m, t, bench.Runs{Reps: c.o.reps, Seed: c.o.seed})
		stop()
		if err != nil {
			return n, err
		}
		bar.Done()
		row := c.speedOf(setup, k.about, b, t, rate)
		c.speedRow(row)
		if against != nil {
			against.measured = append(against.measured, row)
		}
	}
	if want == nil {
		return n, nil
	}
	got, err := verify.NewTrace(ctx, m, bench.RandomIDs(m, c.o.compare, c.o.seed), numericsGreedy, false)
	if err != nil {
		return n, err
	}
	compared, err := verify.CompareTraces(got, want)
	return numericsOf(setup, n.Against, compared), err
}

// numericsTable says how far setups are from the reference.
func (c *call) numericsTable(width int, found []results.Numerics) {
	some := func(is func(results.Numerics) bool) bool { return slices.ContainsFunc(found, is) }
	faulty := some(func(n results.Numerics) bool { return n.Fault != "" })
	// What all rows have in common is known: people's tables have little room.
	types := some(func(n results.Numerics) bool { return n.Type != found[0].Type })
	references := some(func(n results.Numerics) bool { return n.Against != found[0].Against })
	c.report.Table(report.Table{Name: "numerics", Columns: []report.Column{
		{Key: "model", Left: true, Width: width}, {Key: "type", Left: true, Data: !types},
		{Key: "backend", Left: true, Width: 8}, {Key: "threads", Data: len(c.o.threads) == 1},
		{Key: "precision", Left: true, Data: true}, {Key: "chunk", Data: len(c.o.chunks) == 1},
		{Key: "against", Left: true, Width: 12, Cut: true, Data: !references},
		{Key: "max_error", Title: "max error", Data: true},
		{Key: "mean_error", Title: "mean error", Data: true}, {Key: "rms", Title: "rms/σ", Width: 8},
		{Key: "kl", Title: "KL", Data: true}, {Key: "top1", Title: "top-1", Width: 7},
		{Key: "diverges", Title: "differs at"}, {Key: "fault", Left: true, Data: !faulty},
	}})
	for _, n := range found {
		c.report.Row(n.Model, n.Type, n.Backend, report.NonZero(n.Threads), n.Precision, n.Chunk,
			n.Against, report.Small(n.Max), report.Small(n.Mean), report.Small(n.RMS), report.Small(n.KL),
			report.Percent(n.Top1), report.Index(n.Diverges), report.NonZero(n.Fault))
	}
}

// numerics prints that table, explains it, and fails where a logit is not a number.
func (c *call) numerics(width int, found []results.Numerics) error {
	c.numericsTable(width, found)
	c.report.Note("Numerics: against the reference in float32, %d random tokens, then %d greedily,\n"+
		"which differ at a token or never. rms/σ is the errors' root mean square over the\n"+
		"logits' standard deviation. -o json has more columns: KL is in nats per token.",
		c.o.compare, numericsGreedy)
	faults := 0
	for _, n := range found {
		if n.Fault != "" {
			faults++
		}
	}
	return c.failures(faults, len(found), "setup")
}
