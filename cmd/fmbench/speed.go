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
	c.report.Table(report.Table{Name: "speed", Columns: []report.Column{
		{Key: "model", Left: true, Width: width}, {Key: "type", Left: true},
		{Key: "size", Data: true}, {Key: "params", Data: true},
		{Key: "backend", Left: true, Width: 8}, {Key: "threads", Data: len(c.o.threads) == 1},
		{Key: "precision", Left: true, Data: true}, {Key: "chunk", Data: len(c.o.chunks) == 1},
		{Key: "test", Left: true, Width: 9}, {Key: "tokens_per_s", Title: "t/s", Width: 14, Spread: true},
		{Key: "live", Data: true}, {Key: "peak", Data: true},
		{Key: "device", Left: true, Data: true}, {Key: "driver", Left: true, Data: true},
		{Key: "commit", Left: true, Data: true}, {Key: "date", Left: true, Data: true},
		{Key: "command", Left: true, Data: true},
	}})
	var found []numerics
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

// numerics are how one setup compares with the reference.
type numerics struct {
	about                         modelInfo
	backend, precision, reference string
	threads, chunk                int
	verify.Numerics
}

// reference reads the text on the backend that others are compared with.
func (c *call) reference(ctx context.Context, k candidate) (*verify.Trace, error) {
	exact := backend.Float
	m, err := c.open(ctx, k.source, nil,
		falconmamba.Options{Backend: k.reference, Load: model.LoadOptions{Precision: &exact}})
	if err != nil {
		return nil, err
	}
	t, err := verify.NewTrace(ctx, m, bench.RandomIDs(m, c.o.compare, c.o.seed), numericsGreedy)
	return t, errors.Join(err, m.Close())
}

// speed runs the tests on one setup, one table row each, and gives what it measured to against, if there is one.
func (c *call) speed(
	ctx context.Context, k candidate, name string, threads, chunk int, tests []bench.Test, want *verify.Trace,
	against *baseline,
) (n numerics, err error) {
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
	n = numerics{about: k.about, reference: k.reference, backend: info.Name,
		precision: c.o.precision, threads: info.Threads, chunk: m.Chunk()}
	bar := cli.NewProgress(c.stderr, "measuring "+info.Name)
	defer bar.Done()
	for _, t := range tests {
		read := m.Stats().Rows.Sum
		total := int64(c.o.reps+1) * int64(t.Tokens())
		stop := bar.Watch(func() (int64, int64, string) {
			done := min(int64(m.Stats().Rows.Sum-read), total) // it may take more than one run to warm up
			return done, total, fmt.Sprintf("of %s, %d tokens a run", t, t.Tokens())
		})
		rate, err := bench.Speed(ctx, m, t, c.o.reps, c.o.seed)
		stop()
		if err != nil {
			return n, err
		}
		s := b.Stats()
		bar.Done()
		c.report.Row(k.about.name, k.about.typ, k.about.size, k.about.params, info.Name,
			report.NonZero(info.Threads), c.o.precision, m.Chunk(), t.String(), report.Rate(rate),
			quantity.Bytes(s.Live), quantity.Bytes(s.Peak), info.Device, report.NonZero(info.Driver),
			report.NonZero(cli.Commit()), time.Now().UTC().Format(time.RFC3339), c.line)
		if against != nil {
			against.measured = append(against.measured, speedRow{Model: k.about.name, Type: k.about.typ,
				Params: int64(k.about.params), Backend: info.Name, Threads: info.Threads, Precision: c.o.precision,
				Chunk: m.Chunk(), Test: t.String(), Median: rate.Median, Device: info.Device, Driver: info.Driver})
		}
	}
	if want == nil {
		return n, nil
	}
	got, err := verify.NewTrace(ctx, m, bench.RandomIDs(m, c.o.compare, c.o.seed), numericsGreedy)
	if err != nil {
		return n, err
	}
	n.Numerics, err = verify.CompareTraces(got, want)
	return n, err
}

func (c *call) numerics(width int, found []numerics) error {
	faulty := slices.ContainsFunc(found, func(n numerics) bool { return n.Fault != "" })
	c.report.Table(report.Table{Name: "numerics", Columns: []report.Column{
		{Key: "model", Left: true, Width: width}, {Key: "type", Left: true, Data: true},
		{Key: "backend", Left: true, Width: 8}, {Key: "threads", Data: len(c.o.threads) == 1},
		{Key: "precision", Left: true, Data: true}, {Key: "chunk", Data: len(c.o.chunks) == 1},
		{Key: "against", Left: true, Data: true},
		{Key: "max_error", Title: "max error", Data: true},
		{Key: "mean_error", Title: "mean error", Data: true}, {Key: "rms", Title: "rms/σ", Width: 8},
		{Key: "kl", Title: "KL", Data: true}, {Key: "top1", Title: "top-1", Width: 7},
		{Key: "diverges", Title: "differs at"}, {Key: "fault", Left: true, Data: !faulty},
	}})
	faults := 0
	for _, n := range found {
		if n.Fault != "" {
			faults++
		}
		c.report.Row(n.about.name, n.about.typ, n.backend, report.NonZero(n.threads), n.precision, n.chunk,
			n.reference+" f32", report.Small(n.Max), report.Small(n.Mean), report.Small(n.RMS), report.Small(n.KL),
			report.Percent(n.Top1), report.Index(n.Diverge), report.NonZero(n.Fault))
	}
	c.report.Note("Numerics: against the reference in float32, %d random tokens, then %d greedily,\n"+
		"which differ at a token or never. rms/σ is the errors' root mean square over the\n"+
		"logits' standard deviation. -o json has more columns: KL is in nats per token.",
		c.o.compare, numericsGreedy)
	return c.failures(faults, len(found), "setup")
}
