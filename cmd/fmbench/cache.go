package main

import (
	"context"
	"errors"

	"falconmamba"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
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
	m, err := c.openOne(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.cache(ctx, m), m.Close())
}

func (c *call) cache(ctx context.Context, m *falconmamba.Model) error {
	c.report.Table(report.Table{Name: "cache", Columns: []report.Column{
		{Key: "model", Left: true, Data: true}, {Key: "backend", Left: true, Data: true},
		{Key: "scenario", Left: true, Width: 20}, {Key: "requests"}, {Key: "prompts", Data: true},
		{Key: "new", Width: 8}, {Key: "read", Width: 8}, {Key: "again"}, {Key: "cold", Width: 8},
		{Key: "warm_p50", Title: "warm p50", Width: 8}, {Key: "warm_max", Title: "warm max", Width: 8},
	}})
	t := c.o.cache
	t.Seed = c.o.seed
	all, failed := 0, 0
	spacing := c.o.engine.Cache.Apart()
	err := t.Run(ctx, m, func(r bench.CacheResult) {
		all++
		if r.Again >= spacing {
			failed++
		}
		c.report.Row(cli.ModelName(c.o.models[0]), m.Backend().Info().Name, r.Scenario, r.Requests, r.Prompts,
			r.New, r.Read, r.Again, r.Cold, report.NonZero(bench.Quantile(r.Warm, 0.5)),
			report.NonZero(bench.Quantile(r.Warm, 1)))
	})
	if err != nil {
		return err
	}
	s := m.Stats().Cache
	c.report.Note("Tokens of prompts, those that nobody has read before, and those that were read; again: the most "+
		"that a request read beside what is new of it, which is to be less than %d. Cold and warm: from a request to "+
		"its first token, of the first and of the others. %d hits; %d states are kept, %d had to go.",
		spacing, s.Hits, s.States, s.Evicted)
	return c.failures(failed, all, "scenario")
}
