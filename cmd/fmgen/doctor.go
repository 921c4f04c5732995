package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/doctor"
	"falconmamba/cmd/internal/fit"
	"falconmamba/cmd/internal/report"
	"falconmamba/internal/quantity"
)

const doctorAbout = `Says what devices are there, what each may run, whether it computes as it should and
how fast, and what to do about what is not as expected. Nothing is sent anywhere.`

const doctorExamples = `  fmgen doctor
  fmgen doctor -m falcon-mamba-7b-instruct --backend vulkan
  fmgen doctor -o json > doctor.json`

// An examination is the program with the word doctor.
type examination struct {
	flags         *pflag.FlagSet
	model, output string
	within        time.Duration
	only          []string
}

// page declares the flags of the command, and says what it is.
func (c *examination) page() cli.Page {
	c.flags = cli.NewFlags(program + " doctor")
	c.flags.StringVarP(&c.model, "model", "m", "",
		"say what `MODEL` needs (default: the shape of falcon-mamba-7b); it is not loaded, and nothing is downloaded")
	c.flags.DurationVar(&c.within, "for", 30*time.Second, "check the devices for `TIME` in all, about")
	c.flags.StringSliceVar(&c.only, "backend", nil,
		"`NAMES` of the backends to check, with commas between (default: all that are present)")
	c.flags.StringVarP(&c.output, "output", "o", "md", "`FORMAT`: md, csv, json, jsonl")
	cli.DeclareVersion(c.flags)
	return cli.Page{Program: program, Usage: "doctor [flags]", Long: doctorAbout,
		Flags: c.flags, Examples: doctorExamples}
}

// examine fails where a device computes something else than it should, or none was checked.
func examine(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	c := &examination{}
	if done, err := cli.ParseWord(c.page(), args, stdout); done || err != nil {
		return err
	}
	for _, name := range c.only {
		if err := cli.CheckBackend(name); err != nil {
			return err
		}
	}
	format, err := report.ParseFormat(c.output)
	switch {
	case err != nil:
		return cli.Usagef("-o: %w", err)
	case c.flags.NArg() > 0:
		return cli.Usagef("%q is not a flag", c.flags.Arg(0))
	case c.within < time.Second:
		return cli.Usagef("--for %v: want a second or more", c.within)
	}
	name, choices, err := fitting(ctx, c.model)
	if err != nil {
		return err
	}
	bar := cli.NewProgress(stderr, "checking")
	var at atomic.Value
	at.Store("")
	start := time.Now()
	stop := bar.Watch(func() (int64, int64, string) {
		return int64(min(time.Since(start), c.within)), int64(c.within), at.Load().(string)
	})
	found, err := doctor.Check(ctx, doctor.Options{Only: c.only, Within: c.within,
		Open:  func(name string) (backend.Backend, error) { return cli.OpenDevice(name, 0, false) },
		Doing: func(what string) { at.Store(what) }})
	stop()
	bar.Done()
	if err != nil {
		return err
	}
	r := report.New(stdout, format)
	d := diagnosis{r, found, name, choices}
	d.devices()
	d.fits()
	wrong, checked := d.numbers()
	d.speed()
	d.advice()
	if err := r.Close(); err != nil {
		return err
	}
	switch {
	case checked == 0:
		return errors.New("no device was checked: what keeps them is said above")
	case wrong > 0:
		fmt.Fprintf(stderr, "%s: %s of %d computed something else\n", program, cli.Count(wrong, "check"), checked)
		return cli.ErrSilent
	}
	return nil
}

// fitting returns what a model is called and the ways to hold it, of the 7B where none is named.
func fitting(ctx context.Context, name string) (string, []fit.Choice, error) {
	if name == "" {
		c, err := checkpoint.Preset("7b")
		if err != nil {
			return "", nil, err
		}
		choices, err := fit.ChoicesOf(c, backend.BF16)
		return "falcon-mamba-7b", choices, err
	}
	ck, err := cli.OpenCheckpoint(ctx, name, checkpoint.Options{}, hub.Options{Offline: true})
	if err != nil {
		return "", nil, err
	}
	choices, err := fit.Choices(ck)
	return cli.ModelName(name), choices, errors.Join(err, ck.Close())
}

// A diagnosis is printed table by table.
type diagnosis struct {
	*report.Report
	found   *doctor.Report
	model   string
	choices []fit.Choice
}

func (d diagnosis) devices() {
	d.Note("%s, %s, %s", strings.TrimSpace(cli.Version(program)), cli.Count(runtime.NumCPU(), "core"),
		map[bool]string{true: "built with cgo", false: "built without cgo"}[cgo])
	d.Note("Where no --backend is given, %s.", d.chosen())
	d.Table(report.Table{Name: "devices", Columns: []report.Column{
		{Key: "backend", Left: true, Width: 8}, {Key: "device", Left: true}, {Key: "driver", Left: true},
		{Key: "class", Left: true}, {Key: "threads"}, {Key: "memory"}, {Key: "free"}, {Key: "features", Left: true},
	}})
	for _, i := range d.found.Devices {
		d.Row(i.Name, cli.OneLine(i.Device), cli.OneLine(i.Driver), i.Class.String(), report.NonZero(i.Threads),
			report.NonZero(quantity.Bytes(i.MemoryTotal)), report.NonZero(quantity.Bytes(i.MemoryFree)),
			strings.Join(i.Features, " "))
	}
}

// chosen says which device is taken where none is named.
func (d diagnosis) chosen() string {
	if name := os.Getenv("FM_BACKEND"); name != "" {
		return "$FM_BACKEND says " + cli.OneLine(name)
	}
	for _, i := range d.found.Devices {
		if i.Class != backend.Software && !strings.HasPrefix(i.Skipped, "it cannot be opened") {
			return "it runs on " + i.Name
		}
	}
	return "there is none to run on"
}

// fits says what of the model each device has room for.
func (d diagnosis) fits() {
	d.Note("What each may run of %s, with the bytes that a text being written needs:", d.model)
	d.Table(report.Table{Name: "fits", Columns: []report.Column{
		{Key: "backend", Left: true, Width: 8}, {Key: "model", Left: true, Data: true}, {Key: "weights", Left: true},
		{Key: "needs"}, {Key: "verdict", Left: true},
	}})
	for _, i := range d.found.Devices {
		if i.Reference() {
			continue
		}
		for _, c := range d.choices {
			weights := c.Quant
			if weights == "" {
				weights = "as stored"
			}
			d.Row(i.Name, d.model, weights, quantity.Bytes(c.Need), c.On(i.Info, true).String())
		}
	}
}

// numbers says how far each device's are from the reference's, and how many of the checks are wrong.
func (d diagnosis) numbers() (wrong, all int) {
	d.Note("Numbers of the embedded model against the reference, the largest error of a logit:")
	d.Table(report.Table{Name: "numbers", Columns: []report.Column{
		{Key: "backend", Left: true, Width: 8}, {Key: "precision", Left: true}, {Key: "expected",
			Title: "expected below"},
		{Key: "got"}, {Key: "verdict", Left: true},
	}})
	for _, i := range d.found.Devices {
		if i.Skipped != "" {
			d.Row(i.Name, "not checked", nil, nil, cli.OneLine(i.Skipped))
		}
		for _, n := range i.Numbers {
			all++
			verdict := "right"
			if n.Wrong() {
				wrong++
				verdict = "WRONG"
				if n.Fault != "" {
					verdict += ": " + cli.OneLine(n.Fault)
				}
			}
			d.Row(i.Name, n.What, report.Small(n.Limit), report.Small(n.Got), verdict)
		}
	}
	return wrong, all
}

func (d diagnosis) speed() {
	d.Note("Speed: copies in GB/s, and tokens per second of the embedded model, which is too small to keep a GPU busy:")
	d.Table(report.Table{Name: "doctor_speed", Columns: []report.Column{
		{Key: "backend", Left: true, Width: 8}, {Key: "copies_expected", Title: "copies, at least"},
		{Key: "copies", Title: "got"}, {Key: "later", Title: "after work"}, {Key: "reads", Spread: true},
		{Key: "writes", Spread: true}, {Key: "note", Left: true},
	}})
	for _, i := range d.found.Devices {
		if i.Skipped != "" {
			continue
		}
		s := i.Speed
		note := s.Fault
		if note == "" && s.Why != "" {
			note = "expected: " + s.Why
		}
		var later, reads, writes any
		if s.Later > 0 {
			later = report.Percent(s.Later)
		}
		if s.Read.Median > 0 {
			reads = report.Rate{Median: s.Read.Median, Spread: s.Read.Spread}
		}
		if s.Write.Median > 0 {
			writes = report.Rate{Median: s.Write.Median, Spread: s.Write.Spread}
		}
		d.Row(i.Name, report.NonZero(report.Bandwidth(s.Expected)), report.NonZero(report.Bandwidth(s.Copies)),
			later, reads,
			writes, cli.OneLine(note))
	}
}

func (d diagnosis) advice() {
	d.Table(report.Table{Name: "advice", Columns: []report.Column{{Key: "todo", Title: "what to do", Left: true}}})
	for _, a := range d.found.Advice {
		d.Row(cli.OneLine(a))
	}
	if len(d.found.Advice) == 0 {
		d.Row("nothing: all is as expected")
	}
}
