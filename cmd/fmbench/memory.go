package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/engine"
	"falconmamba/internal/quantity"
	"falconmamba/model"
)

func longFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	c.fs.IntVarP(&c.o.length, "n-prompt", "p", 100_000, "read `N` tokens")
}

// runLong reads a long prompt and fails when memory grows with it.
func runLong(ctx context.Context, c *call) error {
	if c.o.length < 10 {
		return cli.Usagef("-p %d: want 10 or more", c.o.length)
	}
	m, err := c.openOne(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.long(ctx, m), m.Close())
}

func (c *call) long(ctx context.Context, m *falconmamba.Model) error {
	c.report.Table(report.Table{Name: "long", Columns: []report.Column{
		{Key: "model", Left: true, Width: 12, Cut: true}, {Key: "backend", Left: true},
		{Key: "chunk", Extra: true}, {Key: "tokens", Width: 8},
		{Key: "tokens_per_s", Title: "t/s", Width: 9}, {Key: "live", Width: 8}, {Key: "peak", Width: 8},
		{Key: "resident", Width: 8}, {Key: "private", Width: 8},
	}})
	var points []bench.LongPoint
	err := bench.Long(ctx, m, c.o.length, c.o.seed, func(p bench.LongPoint) {
		points = append(points, p)
		var resident, private any
		if p.Measured {
			resident, private = quantity.Bytes(p.Process.Resident), quantity.Bytes(p.Process.Private)
		}
		c.report.Row(cli.ModelName(c.o.models[0]), m.Backend().Info().Name, m.Chunk(), p.Tokens, p.Rate,
			quantity.Bytes(p.Stats.Live), quantity.Bytes(p.Stats.Peak), resident, private)
	})
	if err != nil {
		return err
	}
	if err := bench.Flat(points[0], points[len(points)-1]); err != nil {
		return fmt.Errorf("the prompt's length costs memory: %w", err)
	}
	return nil
}

func openFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
}

// runOpen loads the model and fails when that takes more memory than it may.
func runOpen(ctx context.Context, c *call) error {
	if err := c.single("model", "quant", "backend", "threads", "chunk"); err != nil {
		return err
	}
	name, err := c.backendName()
	if err != nil {
		return err
	}
	b, err := cli.OpenDevice(name, c.o.threads[0], c.o.invariant)
	if err != nil {
		return err
	}
	return errors.Join(c.opening(ctx, b), b.Close())
}

func (c *call) opening(ctx context.Context, b backend.Backend) error {
	precision, err := cli.Precision(c.o.precision)
	if err != nil {
		return err
	}
	m, r, err := bench.Load(b, func(progress func(done, total int64)) (*falconmamba.Model, error) {
		return c.open(ctx, c.sources()[0], b, falconmamba.Options{
			Load:   model.LoadOptions{Precision: precision, Progress: progress},
			Engine: engine.Options{Chunk: c.o.chunks[0]}})
	})
	if err != nil {
		return err
	}
	about := c.modelOf(c.o.models[0], m.Checkpoint().Tensors(), m.Config().Parameters())
	if err := m.Close(); err != nil {
		return err
	}
	c.report.Table(report.Table{Name: "open", Columns: []report.Column{
		{Key: "model", Left: true, Width: 12, Cut: true}, {Key: "type", Left: true, Extra: true},
		{Key: "size", Width: 8}, {Key: "params", Extra: true}, {Key: "backend", Left: true},
		{Key: "seconds", Title: "time", Width: 8}, {Key: "bytes_per_s", Title: "GB/s"},
		{Key: "live", Width: 8, Extra: true}, {Key: "imported", Extra: true},
		{Key: "peak_resident", Title: "peak resident", Extra: true},
		{Key: "largest_tensor", Title: "largest tensor"}, {Key: "overhead", Width: 8}, {Key: "limit", Width: 8},
	}})
	var peak, overhead any
	if r.Measured {
		peak, overhead = quantity.Bytes(r.Process.Peak), quantity.Bytes(r.Overhead)
	}
	c.report.Row(about.name, about.typ, about.size, about.params, b.Info().Name,
		time.Duration(r.Seconds*float64(time.Second)), report.Bandwidth(float64(about.size)/r.Seconds),
		quantity.Bytes(r.Stats.Live), quantity.Bytes(r.Stats.Imported), peak,
		quantity.Bytes(r.Largest), overhead, quantity.Bytes(r.Limit()))
	if !r.Measured {
		c.warn("this system does not say what memory a process holds: the overhead is not measured")
		return nil
	}
	if r.Overhead > r.Limit() {
		return fmt.Errorf("loading held %v besides the files and what is live: want at most %v",
			quantity.Bytes(r.Overhead), quantity.Bytes(r.Limit()))
	}
	return c.failures(0, 1, "model")
}
