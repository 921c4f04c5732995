package main

import (
	"context"
	"errors"

	"falconmamba/checkpoint"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/verify"
)

func verifyFlags(c *call) {
	c.backendsFlag("`NAMES` of backends, with commas between (default: all that are present,\n" +
		"ref only for small models)")
	c.fs.IntSliceVarP(&c.o.threads, "threads", "t", []int{0}, "`N` workers of a processor; 0: all cores")
	c.invariantFlag()
	c.fs.IntSliceVar(&c.o.chunks, "chunk", []int{0}, "read `N` tokens at once (also -ub); 0: what suits the device")
	c.fs.StringVar(&c.o.precision, "precision", "f32",
		"what passes of many tokens may round to (of any number with packed weights), `P`: f32, half, int8")
}

// verifyTokens is about what a golden is long: what makes a model small enough
// for the reference.
const verifyTokens = 300

// runVerify compares every folder with what lies beside it, on every backend. A
// folder or a device that fails does not keep the others from being looked at.
func runVerify(ctx context.Context, c *call) error {
	if c.fs.NArg() == 0 {
		return cli.Usagef("verify what? Give the folders of checkpoints")
	}
	precision, err := cli.Precision(c.o.precision)
	if err != nil || precision == nil {
		return cli.Usagef("--precision %s: want f32, half or int8", c.o.precision)
	}
	if err := c.single("threads", "chunk"); err != nil {
		return err
	}
	c.report.Table(report.Table{Name: "verify", Columns: []report.Column{
		{Key: "model", Left: true, Width: 16, Cut: true}, {Key: "backend", Left: true, Width: 8},
		{Key: "precision", Left: true, Extra: true}, {Key: "check", Left: true, Width: 28},
		{Key: "status", Left: true}, {Key: "error", Width: 8}, {Key: "limit", Width: 8, Extra: true},
		{Key: "where", Left: true, Width: 12, Cut: true},
	}})
	v := &verification{c: c, o: verify.Options{Precision: *precision, Chunk: c.o.chunks[0]}}
	for _, dir := range c.fs.Args() {
		if err := v.folder(ctx, dir); err != nil {
			return err
		}
	}
	return c.failures(v.failed, v.all, "check")
}

// A verification counts its checks.
type verification struct {
	c           *call
	o           verify.Options
	failed, all int
}

// folder compares one folder: the tokenizer once, the model on every backend.
func (v *verification) folder(ctx context.Context, dir string) error {
	golden, cases, err := verify.Goldens(dir)
	if err != nil {
		return v.failure(dir, "", err)
	}
	if cases {
		if err := verify.Tokenizer(dir, v.row(dir, "")); err != nil {
			if err := v.failure(dir, "", err); err != nil {
				return err
			}
		}
	}
	if !golden {
		return nil
	}
	names, err := v.c.chosen(smallIn(dir))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := v.model(ctx, dir, name); err != nil {
			if err := v.failure(dir, name, err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verification) model(ctx context.Context, dir, name string) error {
	b, err := cli.OpenDevice(name, v.c.o.threads[0], v.c.o.invariant)
	if err != nil {
		return err
	}
	cli.Warn(program, v.c.stderr, b.Info())
	return errors.Join(verify.Checkpoint(ctx, b, dir, v.o, v.row(dir, name)), b.Close())
}

// row returns what prints a check; no backend is named for a tokenizer's.
func (v *verification) row(dir, name string) func(verify.Check) {
	precision := any(nil)
	if name != "" {
		precision = v.o.Precision.String()
	}
	return func(k verify.Check) {
		status, where := "pass", any(k.Where)
		if v.all++; k.Failed {
			v.failed++
			status, where = "fail", report.Whole(k.Where)
		}
		v.c.report.Row(cli.ModelName(dir), report.NonZero(name), precision, k.Name, status,
			report.Small(k.Error), report.Small(k.Limit), where)
	}
}

// failure makes an error that ended a comparison a check that failed. An
// interrupt ends the program.
func (v *verification) failure(dir, name string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	cli.Status(program, program, v.c.stderr, err)
	v.row(dir, name)(verify.Check{Name: "readable", Failed: true, Where: cli.Line(err)})
	return nil
}

// smallIn reports whether the reference suits the checkpoint in dir. One that
// cannot be opened is small: the error comes soon.
func smallIn(dir string) bool {
	ck, err := checkpoint.Open(dir, checkpoint.Options{})
	if err != nil {
		return true
	}
	defer ck.Close()
	return verify.SmallFor(ck.Config(), verifyTokens)
}
