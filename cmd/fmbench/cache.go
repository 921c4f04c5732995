package main

import (
	"context"
	"errors"

	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/engine"
)

func cacheFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	t := &c.o.cache
	c.fs.IntVar(&t.Turns, "turns", 20, "`N` turns of a conversation, each sent with all before it")
	c.fs.IntVar(&t.Users, "users", 64, "`N` users who share a system prompt, at once")
	c.fs.IntVar(&t.Document, "document", 100_000, "`N` tokens of a document that is asked about")
	c.fs.IntVar(&t.Questions, "questions", 10, "`N` questions about it, one after the other")
	c.fs.IntVarP(&t.Tokens, "n-gen", "n", 32, "write `N` tokens of each answer")
	c.fs.BoolVar(&c.o.same, "same", false, "play it without a cache too, and say how many texts are the same")
	e := &c.o.engine.Cache
	c.fs.IntVar(&e.Spacing, "spacing", 0, "tokens that may be read again near a prompt's end, `N`; 0: 256")
	c.fs.Int64Var(&e.Host, "host", 0, "`BYTES` of the host's memory for states; 0: 1 GiB")
	c.fs.Int64Var(&e.Device, "device-states", 0, "`BYTES` of the device's memory for states; 0: none")
}

// runCache fails where more is read than what is new and less than the spacing beside it.
func runCache(ctx context.Context, c *call) error {
	t := c.o.cache
	if t.Turns < 1 || t.Users < 1 || t.Document < 1 || t.Questions < 1 || t.Tokens < 1 {
		return cli.Usagef("--turns %d, --users %d, --document %d, --questions %d, -n %d: want 1 or more of each",
			t.Turns, t.Users, t.Document, t.Questions, t.Tokens)
	}
	if err := c.o.engine.Validate(); err != nil {
		return cli.Usagef("%w", err)
	}
	with, err := c.comeBack(ctx)
	if err != nil {
		return err
	}
	var without *comeBacks
	if c.o.same {
		c.o.engine.Cache.Off = true
		if without, err = c.comeBack(ctx); err != nil {
			return err
		}
	}
	return c.cache(with, without)
}

// comeBacks are what all scenarios took on one model.
type comeBacks struct {
	backend string
	results []bench.CacheResult
	stats   engine.CacheStats
}

// comeBack opens the model and plays all scenarios.
func (c *call) comeBack(ctx context.Context) (*comeBacks, error) {
	m, err := c.openOne(ctx)
	if err != nil {
		return nil, err
	}
	t := c.o.cache
	t.Seed = c.o.seed
	all := &comeBacks{backend: m.Backend().Info().Name}
	bar := cli.NewProgress(c.stderr, "playing")
	err = t.Run(ctx, m, func(r bench.CacheResult) {
		all.results = append(all.results, r)
		bar.Update(int64(len(all.results)), bench.Scenarios, r.Scenario)
	})
	bar.Done()
	all.stats = m.Stats().Cache
	return all, errors.Join(err, m.Close())
}

func (c *call) cache(with, without *comeBacks) error {
	c.report.Table(report.Table{Name: "cache", Columns: []report.Column{
		{Key: "model", Left: true, Data: true}, {Key: "backend", Left: true, Data: true},
		{Key: "scenario", Left: true, Width: 20}, {Key: "requests", Data: without != nil}, {Key: "prompts", Data: true},
		{Key: "new", Width: 8}, {Key: "read", Width: 8}, {Key: "again"}, {Key: "cold", Width: 8},
		{Key: "warm_p50", Title: "warm p50", Width: 8}, {Key: "warm_max", Title: "warm max", Width: 8},
		{Key: "same", Data: without == nil},
	}})
	failed := 0
	spacing := c.o.engine.Cache.Apart()
	for i, r := range with.results {
		if r.Again >= spacing {
			failed++
		}
		var same any
		if without != nil {
			same = report.Percent(r.Same(without.results[i]))
		}
		c.report.Row(cli.ModelName(c.o.models[0]), with.backend, r.Scenario, r.Requests, r.Prompts, r.New, r.Read,
			r.Again, r.Cold, report.NonZero(bench.Quantile(r.Warm, 0.5)),
			report.NonZero(bench.Quantile(r.Warm, 1)), same)
	}
	s := with.stats
	c.report.Note("New: tokens of prompts that nobody has read before. Again: the most that a request read beside\n"+
		"what is new of it, which is to be less than %d. Cold and warm: from a request to its first token,\n"+
		"of the first and of the others. %d hits; %d states are kept, %d had to go.",
		spacing, s.Hits, s.States, s.Evicted)
	return c.failures(failed, len(with.results), "scenario")
}
