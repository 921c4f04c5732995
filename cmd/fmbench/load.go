package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"falconmamba"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
)

// lengths is a flag of a length or a range of them, as 128 or 16-512.
type lengths bench.Range

func (l *lengths) String() string {
	if l.Min == l.Max {
		return strconv.Itoa(l.Min)
	}
	return fmt.Sprintf("%d-%d", l.Min, l.Max)
}

func (l *lengths) Type() string { return "lengths" }

func (l *lengths) Set(s string) (err error) {
	first, last, isRange := strings.Cut(s, "-")
	if l.Min, err = strconv.Atoi(first); err == nil {
		l.Max = l.Min
		if isRange {
			l.Max, err = strconv.Atoi(last)
		}
	}
	if err != nil || l.Min < 1 || l.Max < l.Min {
		return errors.New("want a number of tokens, or two with - between, the smaller first")
	}
	return nil
}

func loadFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	c.o.prompt, c.o.tokens = lengths{16, 256}, lengths{16, 128}
	c.fs.IntSliceVarP(&c.o.clients, "clients", "c", []int{1, 8}, "clients at once, `N`,…")
	c.fs.Float64Var(&c.o.rate, "rate", 0, "requests arrive at random, `R` in a second, and wait for an idle client;\n"+
		"0: a client sends its next when its last has ended")
	c.fs.IntVarP(&c.o.requests, "requests", "n", 0, "`N` requests of all clients together; 0: 8 for each client")
	c.fs.Var(&c.o.prompt, "prompt", "tokens of a prompt, `N` or MIN-MAX")
	c.fs.Var(&c.o.tokens, "tokens", "tokens to write, `N` or MIN-MAX")
	c.fs.IntVar(&c.o.long, "long", 0, "one more client reads a prompt of `N` tokens beside the others, again and again")
	c.fs.IntVarP(&c.o.reps, "repetitions", "r", 1, "measure `N` times, after one request of each client to warm up")
	c.fs.BoolVar(&c.o.alone, "alone", false, "write each text once more by itself, and say how many are the same")
	c.fs.StringVar(&c.o.url, "url", "", "measure the server of OpenAI's API at `URL`, such as\n"+
		"http://127.0.0.1:11435/v1: -m is the model's name there, $FM_API_KEY the key")
	e := &c.o.engine
	c.fs.IntVar(&e.Running, "running", 0, "`N` texts run at once; 0: 64")
	c.fs.IntVar(&e.Waiting, "waiting", 0, "`N` requests wait at most, others are refused; 0: 1024, -1: none")
	c.fs.DurationVar(&e.Pace, "pace", 0,
		"`TIME` that a text waits at most between tokens for prompts beside it; 0: 100ms")
	c.fs.IntVar(&e.States, "states", 0, "`N` states that the device has room for; 0: as many as fit")
}

// runLoad measures the model as a server would use it.
func runLoad(ctx context.Context, c *call) error {
	switch {
	case c.o.reps < 1:
		return cli.Usagef("-r %d: want 1 or more", c.o.reps)
	case !(c.o.rate >= 0 && c.o.rate <= 1e6):
		return cli.Usagef("--rate %v: want 0 (none) to a million", c.o.rate)
	}
	if err := c.o.engine.Validate(); err != nil {
		return cli.Usagef("%w", err)
	}
	if c.o.url != "" {
		return c.loadServer(ctx)
	}
	m, err := c.openOne(ctx)
	if err != nil {
		return err
	}
	measure := func(t bench.Traffic) (*bench.Serving, error) { return c.serve(ctx, m, t) }
	return errors.Join(c.load(cli.ModelName(c.o.models[0]), m.Backend().Info().Name, m.Config().VocabSize, measure),
		m.Close())
}

// loadServer measures a server.
func (c *call) loadServer(ctx context.Context) error {
	var own []string
	c.fs.Visit(func(f *pflag.Flag) {
		if !slices.Contains(serverFlags, f.Name) {
			own = append(own, "--"+f.Name)
		}
	})
	if len(own) > 0 {
		return cli.Usagef("%s: of no use with --url, which measures a model that is served", strings.Join(own, ", "))
	}
	if err := c.single("model"); err != nil {
		return err
	}
	s, err := bench.NewServer(ctx, c.o.url, c.o.models[0], os.Getenv("FM_API_KEY"))
	if err != nil {
		return err
	}
	measure := func(t bench.Traffic) (*bench.Serving, error) { return t.Ask(ctx, s, c.o.reps) }
	return c.load(s.Model, c.o.url, s.Vocab, measure)
}

// serverFlags are those that say what is asked, and not of what.
var serverFlags = []string{"url", "model", "seed", "clients", "rate", "requests", "prompt", "tokens", "long",
	"repetitions", "output"}

// load measures a model of some name, and reports.
func (c *call) load(model, where string, vocab int, measure func(bench.Traffic) (*bench.Serving, error)) error {
	columns := []report.Column{
		{Key: "model", Left: true, Extra: true}, {Key: "backend", Left: true, Extra: true}, {Key: "clients"},
		{Key: "rate", Title: "req/s", Extra: true}, {Key: "requests", Width: 8, Extra: true},
		{Key: "shed", Extra: c.o.rate == 0},
		{Key: "written_per_s", Title: "written t/s", Width: 17, Spread: true},
		{Key: "read_per_s", Title: "read t/s", Width: 8, Extra: true},
	}
	for _, k := range []string{"first", "between"} {
		for _, q := range quantiles {
			columns = append(columns, report.Column{Key: fmt.Sprintf("%s_p%.0f", k, 100*q),
				Title: fmt.Sprintf("%s p%.0f", k, 100*q), Width: 8, Extra: q == 0.95})
		}
	}
	columns = append(columns, report.Column{Key: "long_first", Title: "long", Width: 8, Extra: c.o.long == 0},
		report.Column{Key: "batch_per_s", Title: "batch t/s", Width: 17, Spread: true, Extra: true},
		report.Column{Key: "ratio", Title: "of batch", Width: 8})
	if c.o.alone {
		columns = append(columns, report.Column{Key: "same_alone", Title: "same", Width: 8})
	}
	c.report.Table(report.Table{Name: "load", Columns: columns})
	for _, n := range c.o.clients {
		t := bench.Traffic{Clients: n, Requests: c.o.requests, Rate: c.o.rate, Prompt: bench.Range(c.o.prompt),
			Tokens: bench.Range(c.o.tokens), Long: c.o.long, Vocab: vocab, Seed: c.o.seed}
		if t.Requests == 0 {
			t.Requests = 8 * n
		}
		s, err := measure(t)
		if err != nil {
			return err
		}
		row := []any{model, where, n, report.NonZero(t.Rate),
			s.Ended + s.Shed, s.Shed, rateOf(s.Speed), s.ReadRate()}
		for _, times := range [][]time.Duration{s.First, s.Between} {
			for _, q := range quantiles {
				row = append(row, report.NonZero(bench.Quantile(times, q)))
			}
		}
		row = append(row, report.NonZero(bench.Quantile(s.LongFirst, 0.5)))
		if t.Rate == 0 && c.o.url == "" {
			row = append(row, rateOf(s.Batched), report.Percent(s.Ratio()))
		} else {
			row = append(row, nil, nil)
		}
		if c.o.alone {
			row = append(row, report.Percent(float64(s.Same)/float64(max(s.Compared, 1))))
		}
		c.report.Row(row...)
	}
	batch := " Batch: GenerateBatch of the same requests, as many at a time as clients."
	if c.o.url != "" {
		batch = ""
	}
	c.report.Note("First: from a request to its first token. Between: from a token of a text to its next. "+
		"Prompts of %v tokens, texts of %v.%s", &c.o.prompt, &c.o.tokens, batch)
	if c.o.alone {
		c.report.Note("Same: texts with the tokens that they have alone. --precision f32 makes that all of them on a " +
			"processor,\nand on a GPU with --batch-invariant.")
	}
	return nil
}

// serve measures a model, and shows how far it is.
func (c *call) serve(ctx context.Context, m *falconmamba.Model, t bench.Traffic) (*bench.Serving, error) {
	bar := cli.NewProgress(c.stderr, fmt.Sprintf("measuring %d clients", t.Clients))
	defer bar.Done()
	before, total := ended(m), int64(c.o.reps)*int64(t.Requests)
	if t.Rate == 0 {
		total *= 2 // GenerateBatch has them too
	}
	stop := bar.Watch(func() (int64, int64, string) {
		return min(ended(m)-before, total), total, fmt.Sprintf("of %d requests", total)
	})
	defer stop()
	s, err := t.Serve(ctx, m, c.o.reps)
	if err == nil && c.o.alone {
		s.Same, s.Compared, err = t.Alone(ctx, m)
	}
	return s, err
}

// ended is how many requests a model has done with.
func ended(m *falconmamba.Model) int64 {
	s := m.Stats()
	return int64(s.Ended + s.Left + s.Failed + s.Refused)
}

// quantiles are what is shown of times.
var quantiles = []float64{0.5, 0.95, 0.99}
