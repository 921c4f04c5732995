package main

import (
	"context"
	"errors"
	"regexp"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
)

// opTime is how long a case is timed for.
const opTime = 20 * time.Millisecond

func opsFlags(c *call) {
	c.backendsFlag("`NAMES` of backends, with commas between (default: all that are present)")
	c.fs.IntSliceVarP(&c.o.threads, "threads", "t", []int{0}, "`N` workers of a processor; 0: all cores")
	c.invariantFlag()
	c.fs.StringVar(&c.o.run, "run", "", "only cases and laws whose name matches this `REGEXP`")
	c.fs.BoolVar(&c.o.wide, "wide", false,
		"also cases of the 7B's widths: gigabytes of weights, minutes of the reference")
}

// runOps runs the conformance suite: every case on the backend and on the
// reference, and the laws that need no reference.
func runOps(ctx context.Context, c *call) error {
	match, err := regexp.Compile(c.o.run)
	if err != nil {
		return cli.Usagef("--run: %w", err)
	}
	if err := c.single("threads"); err != nil {
		return err
	}
	names, err := c.chosen(false)
	if err != nil {
		return err
	}
	ref, err := backend.Open("ref", backend.Options{})
	if err != nil {
		return err
	}
	defer ref.Close()
	c.report.Table(report.Table{Name: "ops", Columns: []report.Column{
		{Key: "backend", Left: true, Width: 8, Extra: len(names) == 1},
		{Key: "case", Left: true, Width: 72, Cut: true}, {Key: "status", Left: true, Width: 11},
		{Key: "error", Width: 8}, {Key: "tolerance", Width: 8, Extra: true}, {Key: "nmse", Width: 8, Extra: true},
		{Key: "nmse_tolerance", Title: "tolerance", Width: 8, Extra: true},
		{Key: "seconds", Title: "time", Width: 8, Extra: true}, {Key: "gb_per_s", Title: "GB/s", Width: 8},
		{Key: "gflop_per_s", Title: "GFLOP/s", Width: 8, Extra: true}, {Key: "why", Left: true, Cut: true},
	}})
	failed, all := 0, 0
	for _, name := range names {
		f, n, err := c.ops(ctx, name, ref, match)
		failed, all = failed+f, all+n
		if err != nil {
			return err
		}
	}
	if all == 0 {
		return cli.Usagef("--run %s matches no case", c.o.run)
	}
	return c.failures(failed, all, "case")
}

// ops runs the suite on one backend.
func (c *call) ops(
	ctx context.Context, name string, ref backend.Backend, match *regexp.Regexp,
) (failed, all int, err error) {
	open := func() (backend.Backend, error) {
		return cli.OpenDevice(name, c.o.threads[0], c.o.invariant)
	}
	b, err := open()
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	cli.Warn(program, c.stderr, b.Info())
	for _, k := range backendtest.Cases() {
		if k.Wide && !c.o.wide || !match.MatchString(k.Name) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return failed, all, err
		}
		r := k.Run(b, ref)
		all++
		var took, rate, flops, why any
		if r.Err != nil {
			why = report.Whole(cli.Line(r.Err))
		}
		if r.Status == backendtest.Fail {
			failed++
		} else if t, err := k.Time(ctx, b, opTime); err == nil {
			took = time.Duration(t.Seconds * float64(time.Second))
			rate, flops = float64(t.Bytes)/t.Seconds/1e9, float64(t.Flops)/t.Seconds/1e9
		} else if errors.Is(err, backend.ErrUnsupported) {
			why = report.Whole(cli.Line(err))
		} else {
			failed++
			r.Status, why = backendtest.Fail, report.Whole(cli.Line(err))
		}
		c.report.Row(b.Info().Name, k.Name, string(r.Status), report.Small(r.Difference.Max),
			report.Small(k.Tolerance.Max),
			report.Small(r.Difference.NMSE), report.Small(k.Tolerance.NMSE), took, rate, flops, why)
	}
	for _, law := range backendtest.Laws() {
		if !match.MatchString(law.Name) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return failed, all, err
		}
		all++
		status, why := backendtest.Pass, any(nil)
		if err := law.Run(b, open); err != nil {
			failed++
			status, why = backendtest.Fail, report.Whole(cli.Line(err))
		}
		c.report.Row(b.Info().Name, law.Name, string(status), nil, nil, nil, nil, nil, nil, nil, why)
	}
	return failed, all, nil
}
