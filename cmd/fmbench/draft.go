package main

import (
	"context"
	"errors"

	"falconmamba"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/engine"
)

func draftFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	t := &c.o.draft
	c.fs.IntVarP(&t.Tokens, "n-gen", "n", 256, "write `N` tokens of each text")
	c.fs.IntVarP(&t.Reps, "repetitions", "r", 3, "measure `N` times, after once to warm up")
	c.fs.StringVar(&c.o.draftModel, "draft", "", "`MODEL`: have this one guess, beside the text itself")
	c.fs.StringVar(&c.o.draftQuant, "draft-quant", "", "pack the weights of the draft model as `TYPE`, as --quant does")
	c.fs.IntVar(&t.Drafts, "drafts", 7, "guess `N` tokens at most")
	c.fs.IntVar(&c.o.engine.DraftStates, "draft-states", 0, cli.DraftStatesAbout)
}

// runDraft measures texts that are guessed against those that are not.
func runDraft(ctx context.Context, c *call) error {
	t := c.o.draft
	if t.Tokens < 2 || t.Reps < 1 || t.Drafts < 1 {
		return cli.Usagef("-n %d, -r %d, --drafts %d: want 2, 1 and 1, or more", t.Tokens, t.Reps, t.Drafts)
	}
	c.o.engine.Speculate, c.o.engine.Drafts = engine.SpeculateAlways, t.Drafts
	if err := c.o.engine.Validate(); err != nil {
		return cli.Usagef("%w", err)
	}
	m, err := c.openOne(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.draft(ctx, m), m.Close())
}

func (c *call) draft(ctx context.Context, m *falconmamba.Model) error {
	c.report.Table(report.Table{Name: "draft", Columns: []report.Column{
		{Key: "model", Left: true, Width: 12, Cut: true, Extra: true}, {Key: "backend", Left: true, Extra: true},
		{Key: "scenario", Left: true, Width: 24}, {Key: "written", Data: true},
		{Key: "drafted", Width: 8, Extra: true}, {Key: "accepted", Width: 8, Extra: true},
		{Key: "tokens_per_pass", Title: "per pass", Width: 8},
		{Key: "plain_per_s", Title: "plain t/s", Width: 17, Spread: true},
		{Key: "guessed_per_s", Title: "guessed t/s", Width: 17, Spread: true},
		{Key: "ratio", Width: 6}, {Key: "same", Width: 5},
	}})
	t := c.o.draft
	t.Seed = c.o.seed
	played := 0
	bar := cli.NewProgress(c.stderr, "writing")
	defer bar.Done()
	return t.Run(ctx, m, func(r bench.DraftResult) {
		played++
		bar.Update(int64(played), int64(bench.DraftScenarios(m)), r.Scenario)
		c.report.Row(cli.ModelName(c.o.models[0]), m.Backend().Info().Name, r.Scenario, r.Written, r.Drafted,
			r.Accepted, r.Steps(), rateOf(r.Plain), rateOf(r.Guessed), r.Ratio, r.Same)
	})
}
