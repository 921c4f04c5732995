package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/results"
	"falconmamba/engine"
	"falconmamba/model"
)

// An onDevice measures a model on a device.
type onDevice struct {
	*measuring
	b     backend.Backend
	w     *weighed
	rate  float64 // bytes per second of copies
	whole bool    // all tests, not only those that show what packing does
	end   time.Time

	m        *falconmamba.Model
	setup    results.Setup
	numbered *time.Duration               // what the numbers of the type before took
	took     map[bench.Test]time.Duration // that a run takes, with the model as it is or this one
}

func (o *onDevice) missing(what string, err error) {
	o.skip(results.Skipped{Backend: o.setup.Backend, Model: o.setup.Model, Type: o.setup.Type, What: what,
		Why: o.why(err)})
}

// measure opens the model and measures it: numbers and a step's operations first, which take little, then speed.
func (o *onDevice) measure(ctx context.Context) error {
	c := o.c
	o.doing.Store(fmt.Sprintf("%s, %s: loading", o.b.Info().Name, o.w.about.typ))
	precision, err := cli.Precision(c.o.precision)
	if err != nil {
		return err
	}
	m, load, err := bench.Load(o.b, func(progress func(done, total int64)) (*falconmamba.Model, error) {
		return c.open(ctx, o.w.source, o.b, falconmamba.Options{
			Load:   model.LoadOptions{Precision: precision, Progress: progress},
			Engine: engine.Options{Chunk: c.o.chunks[0]}})
	})
	if err != nil {
		return err
	}
	o.m, o.setup = m, c.setupOf(o.w.about, m)
	o.numbers(ctx)
	o.profile(ctx, 1)
	o.speeds(ctx)
	o.profile(ctx, min(m.Chunk(), 512))
	row := results.Memory{Setup: o.setup, Weights: int64(o.w.about.size), Opened: load.Stats.Live,
		Peak:    o.b.Stats().Peak,
		Seconds: load.Seconds, Overhead: -1}
	if load.Measured {
		row.Overhead = max(0, load.Overhead)
	}
	o.run.Memory = append(o.run.Memory, row)
	return m.Close()
}

func (o *onDevice) numbers(ctx context.Context) {
	if o.w.want == nil {
		return // it was said why
	}
	o.doing.Store(fmt.Sprintf("%s, %s: numbers", o.setup.Backend, o.setup.Type))
	if left := time.Until(o.end); *o.numbered > left {
		o.missing("numerics", errBudget)
		return
	}
	start := time.Now()
	got, err := o.trace(ctx, o.m)
	if err != nil {
		o.missing("numerics", err)
		return
	}
	*o.numbered = time.Since(start)
	o.compare(o.setup, got, o.w.want, o.w.reference+" f32", o.b.Info().Device)
}

// tests are those of the flags, what takes the least time first. Of packed weights they are two of those that were
// measured with the model as it is: a prompt, of 512 tokens at most where there are such, and one text.
func (o *onDevice) tests() (few []bench.Test) {
	c := o.c
	all := bench.Tests(c.o.prompts, c.o.generates, c.o.batches)
	slices.SortStableFunc(all, func(a, b bench.Test) int { return cmp.Compare(a.Tokens(), b.Tokens()) })
	if o.whole {
		return all
	}
	best := map[bool]bench.Test{}
	for _, t := range all {
		prompt := t.Prompt > 0
		at, some := best[prompt]
		if o.took[t] > 0 && (!some || prompt && t.Prompt <= max(512, at.Prompt)) {
			best[prompt] = t
		}
	}
	for _, prompt := range []bool{false, true} {
		if t, ok := best[prompt]; ok {
			few = append(few, t)
		}
	}
	return few
}

func (o *onDevice) speeds(ctx context.Context) {
	tests := o.tests()
	end := o.end.Add(-time.Until(o.end) / 7) // what is left is for the profile
	for i, t := range tests {
		o.doing.Store(fmt.Sprintf("%s, %s: %s", o.setup.Backend, o.setup.Type, t))
		left := time.Until(end)
		if err := o.fits(t, left); err != nil {
			o.missing("speed of "+t.String(), err)
			continue
		}
		within := left / time.Duration(len(tests)-i)
		rate, err := bench.Speed(ctx, o.m, t, bench.Runs{Reps: o.c.o.reps, Within: within, Seed: o.c.o.seed})
		if err != nil {
			o.missing("speed of "+t.String(), err)
			if ctx.Err() == nil {
				continue
			}
			return
		}
		o.took[t] = time.Duration(float64(t.Tokens()) / rate.Median * float64(time.Second))
		o.run.Speed = append(o.run.Speed, o.c.speedOf(o.setup, o.w.about, o.b, t, rate))
	}
}

// fits returns why a test is left out for which there is no time: the fewest runs of it and one to warm up would take
// more than what is left.
func (o *onDevice) fits(t bench.Test, left time.Duration) error {
	if left <= 0 {
		return errBudget
	}
	takes := (1 + bench.FewestRuns) * o.guess(t)
	if takes <= left {
		return nil
	}
	return fmt.Errorf("it takes about %v, and %v of the budget were left", takes.Round(100*time.Millisecond),
		left.Round(100*time.Millisecond))
}

// guess is about what a run of a test takes, or 0 before any like it was run: tokens as fast as in the most like it.
// Several texts at once are between as fast as one and as many times as slow.
func (o *onDevice) guess(t bench.Test) (guess time.Duration) {
	nearest := 0
	for k, took := range o.took {
		if (k.Prompt > 0) == (t.Prompt > 0) && k.Tokens() > nearest && k.Tokens() <= t.Tokens() {
			nearest = k.Tokens()
			more := float64(t.Tokens()) / float64(k.Tokens())
			if t.Prompt == 0 {
				more = math.Sqrt(more)
			}
			guess = time.Duration(float64(took) * more)
		}
	}
	return guess
}

// profile times the operations of a pass over so many tokens.
func (o *onDevice) profile(ctx context.Context, rows int) {
	what := fmt.Sprintf("time by operation, a pass of %s", cli.Count(rows, "token"))
	o.doing.Store(fmt.Sprintf("%s, %s: %s", o.setup.Backend, o.setup.Type, what))
	t := bench.Test{Prompt: rows, Generate: 1, Batch: 1}
	runs := 3
	switch left := time.Until(o.end); {
	case left <= 0 || rows > 1 && 2*o.guess(t) > left:
		o.missing(what, errBudget)
		return
	case o.b.Info().Class == backend.Software || 4*o.guess(t) > left:
		runs = 1
	}
	ops, err := bench.Profile(ctx, o.m, rows, 1, runs)
	if err != nil {
		o.missing(what, err)
		return
	}
	for _, p := range ops {
		o.run.Operations = append(o.run.Operations, results.Operation{Setup: o.setup, Rows: rows, Op: string(p.Kind),
			Count: p.Count, Seconds: p.Seconds, Bytes: p.Bytes, Flops: p.Flops, CopyRate: o.rate,
			Kernels: strings.Join(p.Kernels, " ")})
	}
}
