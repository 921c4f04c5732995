package main

import (
	"context"
	"errors"
	"strings"

	"falconmamba"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
)

func profileFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	c.fs.IntSliceVarP(&c.o.prompts, "n-prompt", "p", []int{1, 0},
		"tokens of each text in the pass, `N`,…; 1: a step of decoding; 0: as many as suit the device")
	c.fs.IntSliceVarP(&c.o.batches, "batch", "b", []int{1}, "texts in the pass, `N`,…")
	c.fs.IntVarP(&c.o.reps, "repetitions", "r", 5, "of `N` runs, take the median")
}

// runProfile prints where the time of a pass goes on the device.
func runProfile(ctx context.Context, c *call) error {
	if c.o.reps < 1 {
		return cli.Usagef("-r %d: want 1 or more", c.o.reps)
	}
	m, err := c.openOne(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.profile(ctx, m), m.Close())
}

func (c *call) profile(ctx context.Context, m *falconmamba.Model) error {
	rate, err := bench.CopyRate(ctx, m.Backend())
	if err != nil {
		return err
	}
	c.report.Table(report.Table{Name: "profile", Columns: []report.Column{
		{Key: "rows", Extra: len(c.o.prompts) == 1}, {Key: "batch", Extra: len(c.o.batches) == 1},
		{Key: "op", Left: true, Width: 14}, {Key: "count"},
		{Key: "us_each", Title: "µs each", Width: 8},
		{Key: "ms", Width: 8}, {Key: "time_share", Title: "of time", Width: 7},
		{Key: "gb_per_s", Title: "GB/s", Width: 8},
		{Key: "bandwidth_share", Title: "of copy", Width: 7},
		{Key: "tflop_per_s", Title: "TFLOP/s", Width: 8, Extra: true},
		{Key: "kernels", Left: true, Width: 12, Cut: true},
	}})
	for _, batch := range c.o.batches {
		for _, rows := range c.o.prompts {
			if rows == 0 {
				rows = max(m.Chunk()/batch, 1)
			}
			ops, err := bench.Profile(ctx, m, rows, batch, c.o.reps)
			if err != nil {
				return err
			}
			total := bench.Total(ops)
			for _, o := range ops {
				bandwidth := float64(o.Bytes) / o.Seconds
				c.report.Row(rows, batch, string(o.Kind), o.Count,
					report.Fixed(o.Seconds/float64(o.Count)*1e6), report.Fixed(o.Seconds*1e3),
					report.Percent(o.Seconds/total), report.Fixed(bandwidth/1e9), ofCopy(bandwidth/rate),
					report.Fixed(float64(o.Flops)/o.Seconds/1e12), strings.Join(o.Kernels, " "))
			}
			c.report.Row(rows, batch, "all", nil, nil, report.Fixed(total*1e3), report.Percent(1), nil, nil, nil, nil)
		}
	}
	c.report.Note("%s copies %.3g GB/s, bytes read and written. "+
		"GB/s counts what an operation must move at least, each operand and weight once. "+
		"What is faster than a copy has its operands in a cache: it has no share.",
		m.Backend().Info().Device, rate/1e9)
	return nil
}

// ofCopy is a share of the rate of copies, and nothing where the memory had no part in it.
func ofCopy(share float64) any {
	if share > 1.2 {
		return nil
	}
	return report.Percent(share)
}
