package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"time"

	"falconmamba"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/verify"
)

func pplFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	c.fs.StringVarP(&c.o.file, "file", "f", "", "`FILE` with the text, - for standard input")
	c.fs.StringVar(&c.o.against, "against", "",
		"compare predictions with those of this `MODEL` as it is stored (default: the\nfirst of -m)")
}

// maxText bounds a text: more is a mistake.
const maxText = 1 << 28

// runPPL reads the whole file as one text, from an empty state, with every model
// and type of weights. Where there is something to compare, it also says how far
// the predictions are from the original weights'.
func runPPL(ctx context.Context, c *call) (err error) {
	if c.o.file == "" {
		return cli.Usagef("of which text? Give -f FILE")
	}
	var text []byte
	if c.o.file == "-" {
		text, err = cli.ReadAll(ctx, c.stdin, maxText)
	} else {
		text, err = cli.ReadFile(ctx, c.o.file, maxText)
	}
	var path *fs.PathError // names the file
	switch {
	case errors.As(err, &path):
		return err
	case err != nil:
		return fmt.Errorf("%s: %w", c.o.file, err)
	}
	p := &perplexity{call: c, text: string(text), original: source{c.o.models[0], "none"}}
	if c.fs.Changed("against") {
		p.original.model = c.o.against
		if _, err := c.files(source{c.o.against, "none"}); err != nil {
			return err
		}
	}
	all := c.sources()
	p.compares = len(all) > 1 || !p.same(all[0])
	defer func() {
		if p.first != nil {
			err = errors.Join(err, p.first.Close())
		}
	}()
	p.table()
	for _, src := range all {
		if err := p.read(ctx, src); err != nil {
			return err
		}
	}
	if p.compares {
		c.report.Note("KL is of the predictions of %s as it is stored, in nats per token, mean over the text; "+
			"top-1 is for how many tokens both think the same most probable.",
			cli.ModelName(p.original.model))
	}
	return nil
}

// perplexity is the command with its text.
type perplexity struct {
	*call
	text     string
	original source
	compares bool
	first    *falconmamba.Model // the original; open from when it is first needed
}

// same reports whether a source is the original itself.
func (p *perplexity) same(src source) bool {
	quant, err := cli.Quant(src.quant)
	return err == nil && quant.Type == 0 && src.model == p.original.model
}

func (p *perplexity) table() {
	columns := []report.Column{
		{Key: "model", Left: true, Width: 12, Cut: true}, {Key: "type", Left: true},
		{Key: "size", Width: 8, Extra: true},
		{Key: "bits", Title: "bits per weight", Extra: true}, {Key: "backend", Left: true},
		{Key: "file", Left: true, Extra: true}, {Key: "tokens"}, {Key: "loss", Title: "nats per token"},
		{Key: "perplexity"},
	}
	if p.compares {
		columns = append(columns, report.Column{Key: "kl", Title: "KL", Width: 8},
			report.Column{Key: "top1", Title: "top-1", Width: 7})
	}
	p.report.Table(report.Table{Name: "ppl", Columns: append(columns,
		report.Column{Key: "seconds", Title: "time", Width: 6, Extra: true},
		report.Column{Key: "tokens_per_s", Title: "t/s", Width: 6, Extra: true})})
}

// read prints the row of one source.
func (p *perplexity) read(ctx context.Context, src source) (err error) {
	if p.compares && p.first == nil {
		if p.first, err = p.openOn(ctx, p.original); err != nil {
			return err
		}
	}
	m := p.first
	if m == nil || !p.same(src) {
		if m, err = p.openOn(ctx, src); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, m.Close()) }()
	}
	ids, err := m.Encode(p.text)
	if err != nil {
		return err
	}
	bar := cli.NewProgress(p.stderr, "reading with "+cli.ModelName(src.model))
	defer bar.Done()
	start := time.Now()
	d := verify.Divergence{Top1: 1}
	if m == p.first || !p.compares {
		loss, err := m.Loss(ctx, ids, nil, func(done int, so falconmamba.Loss) {
			bar.Update(int64(done), int64(len(ids)),
				fmt.Sprintf("of %d tokens, perplexity %.4f", len(ids), so.Perplexity()))
		})
		if err != nil {
			return err
		}
		d.Tokens, d.Loss = loss.Tokens, loss.Mean()
	} else if d, err = verify.MeasureDivergence(ctx, m, p.first, ids, func(done int) {
		bar.Update(int64(done), int64(len(ids)), fmt.Sprintf("of %d tokens", len(ids)))
	}); err != nil {
		return err
	}
	took := time.Since(start)
	bar.Done()
	about := p.modelOf(src.model, m.Checkpoint().Tensors(), m.Config().Parameters())
	row := []any{about.name, about.typ, about.size, report.Fixed(8 * float64(about.size) / float64(about.params)),
		m.Backend().Info().Name, p.o.file, d.Tokens, report.Precise(d.Loss), report.Precise(math.Exp(d.Loss))}
	if p.compares {
		row = append(row, report.Small(d.KL), report.Percent(d.Top1))
	}
	p.report.Row(append(row, took, float64(d.Tokens)/took.Seconds())...)
	return nil
}
