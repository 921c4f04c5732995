package main

import (
	"context"
	"errors"
	"time"

	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
)

func sessionsFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	t := &c.o.open
	c.fs.IntVar(&t.Sessions, "sessions", 1000, "`N` sessions, which stay open")
	c.fs.IntVar(&t.Different, "different", 16, "`N` different texts among them")
	c.fs.IntVarP(&t.Clients, "clients", "c", 8, "`N` of the sessions go on at once")
	c.fs.IntVarP(&t.Prompt, "n-prompt", "p", 16, "`N` tokens of a prompt")
	c.fs.IntVarP(&t.Tokens, "n-gen", "n", 4, "`N` tokens that a session writes in a round")
	c.fs.IntVar(&t.Rounds, "rounds", 2, "`N` rounds in which all go on, after that in which they begin")
	c.fs.IntVar(&c.o.engine.States, "states", 20, "`N` states that the device has room for")
}

// runSessions measures what it costs to keep more sessions open than the device has room for.
func runSessions(ctx context.Context, c *call) error {
	t := c.o.open
	t.Seed = c.o.seed
	if t.Sessions < 1 || t.Different < 1 || t.Clients < 1 || t.Prompt < 1 || t.Tokens < 1 || t.Rounds < 0 {
		return cli.Usagef("--sessions %d, --different %d, -c %d, -p %d, -n %d, --rounds %d: want 1 or more of each",
			t.Sessions, t.Different, t.Clients, t.Prompt, t.Tokens, t.Rounds)
	}
	if err := c.o.engine.Validate(); err != nil {
		return cli.Usagef("%w", err)
	}
	m, err := c.openOne(ctx)
	if err != nil {
		return err
	}
	c.report.Table(report.Table{Name: "sessions", Columns: []report.Column{
		{Key: "model", Left: true, Data: true}, {Key: "backend", Left: true, Data: true}, {Key: "round"},
		{Key: "took", Width: 8}, {Key: "per_session", Title: "a session", Width: 9},
		{Key: "first_p50", Title: "first p50", Width: 9}, {Key: "first_p99", Title: "first p99", Width: 9},
		{Key: "moves", Width: 8}, {Key: "host", Title: "on host", Width: 8}, {Key: "same", Width: 8},
	}})
	n := 0
	err = t.Run(ctx, m, func(r bench.OpenRound) {
		c.report.Row(cli.ModelName(c.o.models[0]), m.Backend().Info().Name, n, r.Took,
			r.Took/time.Duration(t.Sessions), report.NonZero(bench.Quantile(r.First, 0.5)),
			report.NonZero(bench.Quantile(r.First, 0.99)), r.Moved, r.OnHost,
			report.Percent(float64(r.Same)/float64(t.Sessions)))
		n++
	})
	c.report.Note("In round 0 the texts begin. Moves: of states between device and host. Same: sessions with\n" +
		"the text of the first that has their prompt: all, where the device promises batch invariance.")
	return errors.Join(err, m.Close())
}
