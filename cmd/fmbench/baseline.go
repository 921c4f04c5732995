package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/internal/jsonerr"
	"falconmamba/internal/regular"
)

// A speedRow is what a row of the table speed says of one test, by the keys of -o json.
type speedRow struct {
	Table     string
	Model     string
	Type      string
	Params    int64
	Backend   string
	Threads   int
	Precision string
	Chunk     int
	Test      string
	Median    float64 `json:"tokens_per_s"`
	Device    string
	Driver    string
	Commit    string
}

// kind is the backend without the number of a device, which another order of the same cards changes.
func (r speedRow) kind() string {
	kind, _, _ := strings.Cut(r.Backend, ":")
	return kind
}

// same reports whether the two are of one test on one kind of device. Drivers may differ.
func (r speedRow) same(s speedRow) bool {
	return r.Model == s.Model && r.Type == s.Type && r.Params == s.Params && r.kind() == s.kind() &&
		r.Device == s.Device && r.Threads == s.Threads && r.Precision == s.Precision && r.Chunk == s.Chunk &&
		r.Test == s.Test
}

// A baseline is a saved run, and what was measured to be compared with it.
type baseline struct {
	name            string // of its file
	saved, measured []speedRow
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
	text, err := regular.Read(path, maxBaseline)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	rows, err := readBaseline(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("--baseline %s: %w", c.o.baseline, err)
	}
	return &baseline{name: filepath.Base(path), saved: rows}, nil
}

// maxBaseline is more than any saved run has, in bytes.
const maxBaseline = 16 << 20

// readBaseline reads the rows of the table speed in a report of -o json or jsonl, or in several, one after another.
func readBaseline(r io.Reader) ([]speedRow, error) {
	var rows []speedRow
	for d := json.NewDecoder(r); ; {
		var one json.RawMessage
		if err := d.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("not a report of -o json: %w", err)
		}
		if one[0] != '[' {
			one = slices.Concat([]byte("["), one, []byte("]"))
		}
		var some []speedRow
		if err := json.Unmarshal(one, &some); err != nil {
			return nil, fmt.Errorf("not a report of -o json: %w", jsonerr.Plain(err))
		}
		rows = append(rows, some...)
	}
	rows = slices.DeleteFunc(rows, func(r speedRow) bool { return r.Table != "speed" })
	if len(rows) == 0 {
		return nil, errors.New("no test of speed is in it: save a run by fmbench speed -o json > FILE")
	}
	for _, r := range rows {
		if r.Test == "" || r.Device == "" || !(r.Median > 0) {
			return nil, fmt.Errorf("the row of test %q on device %q has %g tokens per second: want a test, "+
				"a device and a speed in every row", r.Test, r.Device, r.Median)
		}
	}
	return rows, nil
}

// suits refuses to compare a device with another: such ratios say nothing of a change. Another driver may be
// just what is compared, and is a warning, once.
func (b *baseline) suits(info backend.Info) (warnings []string, err error) {
	now := speedRow{Backend: info.Name}
	var devices, drivers []string
	for _, r := range b.saved {
		if r.kind() != now.kind() {
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
func (b *baseline) find(now speedRow) (row speedRow, ok bool) {
	for _, r := range b.saved {
		if r.same(now) && (!ok || r.Backend == now.Backend || row.Backend != now.Backend) {
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
