package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/page"
	"falconmamba/cmd/internal/report"
	"falconmamba/cmd/internal/results"
)

func compareFlags(c *call) {
	c.fs.StringVar(&c.o.page, "html", "", "also write a page with plots to `FILE`")
	c.fs.BoolVar(&c.o.force, "force", false, "replace the page if it is there")
}

// runCompare puts the files of several runs side by side: machines, commits or settings.
func runCompare(_ context.Context, c *call) error {
	if c.fs.NArg() == 0 {
		return cli.Usagef("compare what? Give files of fmbench report, or of fmbench speed -o json")
	}
	var runs []*results.Run
	for _, name := range c.fs.Args() {
		r, err := results.ReadFile(cli.ExpandHome(name))
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	sides, err := results.Sides(runs)
	if err != nil {
		return err
	}
	if c.o.page != "" {
		if err := writePage(cli.ExpandHome(c.o.page), c.o.force, func(w io.Writer) error {
			return page.Compare(w, sides)
		}); err != nil {
			return err
		}
	}
	c.sides(sides)
	compared := results.Compare(sides)
	c.ratios(sides, compared)
	c.agreement(sides)
	both := 0
	for _, k := range compared {
		for _, r := range k.Ratios {
			if r != nil {
				both++
			}
		}
	}
	if both == 0 {
		return fmt.Errorf("no test is in both %s and another: nothing was compared", sides[0].Name)
	}
	c.report.Note("%s. A ratio is to A, with the interval in which it is in 95 of 100 cases by the spread of the\n"+
		"runs; another day or another card may differ by more.", cli.Count(both, "ratio"))
	return nil
}

// sides says what is compared, and in what the sides differ.
func (c *call) sides(sides []results.Side) {
	t := report.Table{Name: "sides", Columns: []report.Column{{Key: "differs", Left: true}}}
	for _, s := range sides {
		t.Columns = append(t.Columns, report.Column{Key: s.Label, Left: true, Width: 12, Cut: true})
	}
	c.report.Table(t)
	for _, row := range results.Differences(sides) {
		var cells []any
		for _, cell := range row {
			cells = append(cells, cli.OneLine(cell))
		}
		c.report.Row(cells...)
	}
}

// ratios has a row for each test and side.
func (c *call) ratios(sides []results.Side, compared []results.Compared) {
	c.report.Table(report.Table{Name: "compare", Columns: []report.Column{
		{Key: "model", Left: true, Width: 12, Cut: true, Extra: true}, {Key: "type", Left: true},
		{Key: "backend", Left: true, Width: 8}, {Key: "test", Left: true, Width: 9},
		{Key: "side", Left: true}, {Key: "tokens_per_s", Title: "t/s", Width: 14, Spread: true},
		{Key: "reps", Title: "runs"}, {Key: "ratio"}, {Key: "low", Data: true}, {Key: "high", Data: true},
		{Key: "interval", Title: "95 %", Left: true, Width: 11}, {Key: "verdict", Left: true, Width: 13},
		{Key: "file", Left: true, Data: true}, {Key: "device", Left: true, Data: true},
		{Key: "driver", Left: true, Data: true}, {Key: "commit", Left: true, Data: true},
	}})
	for _, k := range compared {
		for i, s := range k.Speeds {
			if s == nil {
				c.report.Row(cli.OneLine(k.Model), cli.OneLine(k.Type), nil, cli.OneLine(k.Test),
					sides[i].Label, nil, nil, nil, nil, nil, nil, "not measured", sides[i].Name, nil, nil, nil)
				continue
			}
			var ratio, low, high, interval, verdict any
			if r := k.Ratios[i]; r != nil {
				ratio, verdict = timesOf(r.Value), string(r.Verdict())
				if r.Sure() {
					low, high = r.Low, r.High
					interval = results.Times(r.Low) + "–" + results.Times(r.High)
				}
			}
			c.report.Row(cli.OneLine(s.Model), cli.OneLine(s.Type), cli.OneLine(s.Backend), cli.OneLine(s.Test),
				sides[i].Label,
				report.Rate{Median: s.Median, Spread: s.Spread}, report.NonZero(s.Reps), ratio, low, high, interval,
				verdict,
				sides[i].Name, cli.OneLine(s.Device), cli.OneLine(s.Driver), cli.OneLine(s.Commit))
		}
	}
}

// A timesOf is a ratio in three digits for people.
type timesOf float64

func (t timesOf) String() string { return results.Times(float64(t)) }

// agreement has the numerics of every side.
func (c *call) agreement(sides []results.Side) {
	some := false
	for _, side := range sides {
		some = some || len(side.Numerics) > 0
	}
	if !some {
		return
	}
	c.report.Table(report.Table{Name: "compare_numerics", Columns: []report.Column{
		{Key: "side", Left: true}, {Key: "type", Left: true}, {Key: "backend", Left: true, Width: 8},
		{Key: "against", Left: true, Width: 12, Cut: true}, {Key: "rms", Title: "rms/σ", Width: 8},
		{Key: "kl", Title: "KL", Width: 8}, {Key: "top1", Title: "top-1", Width: 7},
		{Key: "diverges", Title: "differs at"}, {Key: "fault", Left: true, Cut: true},
	}})
	for _, side := range sides {
		for _, n := range side.Numerics {
			if math.IsNaN(float64(n.Top1)) {
				n.Top1 = 0
			}
			c.report.Row(side.Label, cli.OneLine(n.Type), cli.OneLine(n.Backend), cli.OneLine(n.Against),
				report.Small(n.RMS), report.Small(n.KL), report.Percent(n.Top1), report.Index(n.Diverges),
				report.NonZero(strings.TrimSpace(cli.OneLine(n.Fault))))
		}
	}
}
