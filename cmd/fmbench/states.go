package main

import (
	"context"
	"errors"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/tiny"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/model"
	"falconmamba/verify"
)

func statesFlags(c *call) {
	c.modelFlags()
	c.backendsFlag("`NAME` of a backend: auto, cpu, ref, vulkan, vulkan:N, metal (default cpu)")
	c.fs.StringVar(&c.o.device, "device", "", "number or `NAME` of a device, see fmbench devices")
	c.fs.IntSliceVarP(&c.o.threads, "threads", "t", []int{0}, "`N` workers of a processor; 0: all cores")
	c.fs.IntVarP(&c.o.length, "n-prompt", "p", 100_000, "write and read `N` tokens")
	c.fs.IntVar(&c.o.every, "every", 10_000, "print a row after each `N` tokens")
	c.fs.BoolVar(&c.o.decays, "trained-decays", false,
		"give random weights A and the biases of dt of the embedded model's channels")
}

// runStates measures what states of 16 bits cost.
func runStates(ctx context.Context, c *call) error {
	switch {
	case c.o.length < 1, c.o.every < 1:
		return cli.Usagef("-p %d --every %d: want 1 or more", c.o.length, c.o.every)
	}
	if err := c.single("model", "quant", "backend", "threads"); err != nil {
		return err
	}
	if len(c.o.backends) == 0 {
		c.o.backends = []string{"cpu"}
	}
	ck, err := c.checkpoint(ctx, c.sources()[0])
	if err != nil {
		return err
	}
	if c.o.decays {
		trained, err := checkpoint.OpenFS(tiny.FS(), checkpoint.Options{})
		if err != nil {
			return errors.Join(err, ck.Close())
		}
		defer trained.Close()
		if ck, err = verify.WithDecays(ck, trained, c.o.seed); err != nil {
			return err
		}
	}
	return errors.Join(c.states(ctx, ck), ck.Close())
}

func (c *call) states(ctx context.Context, ck checkpoint.Checkpoint) (err error) {
	name, err := c.backendName()
	if err != nil {
		return err
	}
	b, err := cli.OpenDevice(name, c.o.threads[0], c.o.invariant)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	exact := backend.Float
	m, err := model.Load(ctx, b, ck, model.LoadOptions{Precision: &exact})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()

	c.report.Table(report.Table{Name: "states", Columns: []report.Column{
		{Key: "tokens", Width: 7}, {Key: "states", Left: true}, {Key: "rounded", Left: true, Width: 10},
		{Key: "kl", Title: "KL", Width: 8}, {Key: "most", Width: 8}, {Key: "top1", Title: "top-1", Width: 9},
	}})
	bar := cli.NewProgress(c.stderr, "reading")
	defer bar.Done()
	err = verify.MeasureStates(ctx, m, c.o.length, c.o.every, c.o.seed, func(p verify.StatesPoint) {
		bar.Done()
		for i, d := range p.Drift {
			r, rounded := verify.StateRoundings[i], "to nearest"
			if r.Stochastic {
				rounded = "by chance"
			}
			c.report.Row(p.Tokens, r.Type.String(), rounded, report.Small(d.KL), report.Small(d.Most),
				report.Percent(d.Top1))
		}
	})
	c.report.Note("KL is of predictions with states in float32, in nats per token, mean over the tokens since the " +
		"row before, and most that of one; top-1 is for how many tokens both think the same most probable. States " +
		"are rounded by chance in this command alone.")
	return err
}
