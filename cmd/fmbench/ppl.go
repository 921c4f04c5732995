package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"falconmamba"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
)

func pplFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	c.fs.StringVarP(&c.o.file, "file", "f", "", "`FILE` with the text, - for standard input")
}

// maxText bounds a text: more is a mistake.
const maxText = 1 << 30

// runPPL reads the whole file as one text, from an empty state.
func runPPL(ctx context.Context, c *call) error {
	if c.o.file == "" {
		return cli.Usagef("of which text? Give -f FILE")
	}
	in := c.stdin
	if c.o.file != "-" {
		f, err := os.Open(c.o.file)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	text, err := cli.ReadAll(ctx, in, maxText)
	if err != nil {
		return fmt.Errorf("%s: %w", c.o.file, err)
	}
	m, err := c.openOne(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.ppl(ctx, m, string(text)), m.Close())
}

func (c *call) ppl(ctx context.Context, m *falconmamba.Model, text string) error {
	ids, err := m.Encode(text)
	if err != nil {
		return err
	}
	p := cli.NewProgress(c.stderr, "reading")
	start := time.Now()
	loss, err := m.Loss(ctx, ids, nil, func(done int, so falconmamba.Loss) {
		p.Update(int64(done), int64(len(ids)), fmt.Sprintf("of %d tokens, perplexity %.4f", len(ids), so.Perplexity()))
	})
	took := time.Since(start)
	p.Done()
	if err != nil {
		return err
	}
	c.report.Table(bench.Table{Name: "ppl", Columns: []bench.Column{
		{Key: "model", Left: true}, {Key: "backend", Left: true}, {Key: "file", Left: true}, {Key: "tokens"},
		{Key: "loss", Title: "nats per token"}, {Key: "perplexity"}, {Key: "seconds", Title: "time"}, {Key: "tokens_per_s", Title: "t/s"},
	}})
	c.report.Row(cli.ModelName(c.o.model), m.Backend().Info().Name, c.o.file, loss.Tokens, digits(loss.Mean()), digits(loss.Perplexity()),
		took, float64(loss.Tokens)/took.Seconds())
	return nil
}
