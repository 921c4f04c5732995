package main

import (
	"fmt"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/cmd/internal/results"
)

// same reports whether the two are of one test on one kind of device. Drivers may differ.
func same(r, s results.Speed) bool {
	return r.Model == s.Model && r.Type == s.Type && r.Params == s.Params && r.Kind() == s.Kind() &&
		r.Device == s.Device && r.Threads == s.Threads && r.Precision == s.Precision && r.Chunk == s.Chunk &&
		r.Test == s.Test
}

// A baseline is a saved run, and what was measured to be compared with it.
type baseline struct {
	name            string // of its file
	saved, measured []results.Speed
	warned          []string // drivers that differ and were told
}

// openBaseline reads the file of --baseline. Without one it returns nil.
func (c *call) openBaseline() (*baseline, error) {
	if !c.fs.Changed("baseline") {
		if c.fs.Changed("tolerance") {
			return nil, cli.Usagef("--tolerance is for --baseline FILE, which is not there")
		}
		return nil, nil
	}
	if t := c.o.tolerance; !(t >= 0 && t < 100) {
		return nil, cli.Usagef("--tolerance %g: want a percentage from 0 to below 100", t)
	}
	path := cli.ExpandHome(c.o.baseline)
	run, err := results.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	if len(run.Speed) == 0 {
		return nil, fmt.Errorf("--baseline %s: no test of speed is in it: save a run by fmbench speed -o json > FILE, "+
			"or by fmbench report", path)
	}
	return &baseline{name: run.Name, saved: run.Speed}, nil
}

// suits refuses to compare a device with another: such ratios say nothing of a change. Another driver may be
// just what is compared, and is a warning, once.
func (b *baseline) suits(info backend.Info) (warnings []string, err error) {
	now := results.Setup{Backend: info.Name}
	var devices, drivers []string
	for _, r := range b.saved {
		if r.Kind() != now.Kind() {
			continue
		}
		devices = append(devices, r.Device)
		if r.Device == info.Device {
			drivers = append(drivers, r.Driver)
		}
	}
	switch {
	case len(devices) == 0: // its tests are told as new
	case len(drivers) == 0:
		return nil, fmt.Errorf("--baseline %s is of %s, but %s is %s: save a run of this device by -o json > FILE",
			b.name, list(devices), info.Name, info.Device)
	case !slices.Contains(drivers, info.Driver) && !slices.Contains(b.warned, info.Name):
		b.warned = append(b.warned, info.Name)
		warnings = append(warnings, fmt.Sprintf("%s has the driver %s, --baseline %s was measured with %s: "+
			"a ratio may be the driver's", info.Name, info.Driver, b.name, list(drivers)))
	}
	return warnings, nil
}

// list returns the different words of all, in their order of the alphabet.
func list(all []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(all))), ", ")
}

// find returns the saved row of a test, of several the last. One of the same number of device comes before others.
func (b *baseline) find(now results.Speed) (row results.Speed, ok bool) {
	for _, r := range b.saved {
		if same(r, now) && (!ok || r.Backend == now.Backend || row.Backend != now.Backend) {
			row, ok = r, true
		}
	}
	return row, ok
}

// A ratio is of two speeds.
type ratio float64

func (r ratio) String() string { return fmt.Sprintf("%.3f", float64(r)) }

// compareSpeeds says how what was measured compares with the saved run. It fails where a test lost more than
// --tolerance. A test that was not saved is no failure, but a guard that compared nothing at all is one.
func (c *call) compareSpeeds(width int, b *baseline) error {
	c.report.Table(report.Table{Name: "baseline", Columns: []report.Column{
		{Key: "model", Left: true, Width: width, Data: len(c.o.models) == 1},
		{Key: "type", Left: true, Data: len(c.sources()) == 1},
		{Key: "backend", Left: true, Width: 8}, {Key: "threads", Data: len(c.o.threads) == 1},
		{Key: "precision", Left: true, Data: true}, {Key: "chunk", Data: len(c.o.chunks) == 1},
		{Key: "test", Left: true, Width: 9}, {Key: "saved_tokens_per_s", Title: "saved", Width: 8},
		{Key: "tokens_per_s", Title: "t/s", Width: 8}, {Key: "ratio"},
		{Key: "status", Left: true},
		{Key: "saved_driver", Left: true, Data: true}, {Key: "saved_commit", Left: true, Data: true},
	}})
	lost, found := 0, 0
	for _, now := range b.measured {
		var saved, part any
		status := "new"
		old, ok := b.find(now)
		if ok {
			found++
			saved, part = report.Fixed(old.Median), ratio(now.Median/old.Median)
			status = "ok"
			if old.Median-now.Median > c.o.tolerance/100*old.Median {
				lost++
				status = "lost"
			}
		}
		c.report.Row(now.Model, now.Type, now.Backend, report.NonZero(now.Threads), now.Precision, now.Chunk, now.Test,
			saved, report.Fixed(now.Median), part, status, report.NonZero(old.Driver), report.NonZero(old.Commit))
	}
	verdict := fmt.Sprintf("%s, %d lost more than %g %% against %s", cli.Count(len(b.measured), "test"), lost,
		c.o.tolerance, b.name)
	switch missing := len(b.measured) - found; {
	case found == 0:
		verdict = fmt.Sprintf("nothing was compared: %s has none of these tests on this backend with this model, "+
			"precision, threads and chunk", b.name)
	case missing > 0:
		verdict += fmt.Sprintf(", %d not in it", missing)
	}
	if lost == 0 && found > 0 {
		c.report.Note("%s.", verdict)
		return nil
	}
	fmt.Fprintf(c.stderr, "%s: %s\n", program, verdict)
	return cli.ErrSilent
}
