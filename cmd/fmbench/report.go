package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/page"
	"falconmamba/cmd/internal/results"
	"falconmamba/internal/disk"
)

func reportFlags(c *call) {
	c.modelFlags()
	c.fs.Lookup("quant").Usage = "pack the weights as each `TYPE` while they are loaded: none, " + cli.QuantTypes +
		"\n(default none,q8_0,q4_K)"
	c.backendsFlag("`NAMES` of backends, with commas between (default: all that are present, but ref,\n" +
		"and for models that are not small GPU drivers that run on the processor)")
	c.passFlags()
	c.fs.IntSliceVarP(&c.o.prompts, "n-prompt", "p", []int{32, 128, 512, 2048},
		"lengths of prompts to read, `N`,…; 0: none")
	c.fs.IntSliceVarP(&c.o.generates, "n-gen", "n", []int{16}, "tokens to write, `N`,…; 0: none")
	c.fs.IntSliceVarP(&c.o.batches, "batch", "b", []int{1, 2, 4, 8, 16}, "texts to write at once, `N`,…")
	c.fs.IntVarP(&c.o.reps, "repetitions", "r", 5,
		"measure `N` times, after some to warm up, where the budget allows it")
	c.fs.IntVar(&c.o.compare, "compare", 64, "compare the logits of `N` random tokens with a reference's; 0: of none")
	c.fs.DurationVar(&c.o.budget, "budget", time.Minute,
		"measure for `TIME` at most, such as 5m; what does not fit is left out")
	c.fs.StringVar(&c.o.to, "to", "", "write `NAME`.html and NAME.json (default: fmbench- and the time)")
	c.fs.StringVar(&c.o.from, "from", "", "measure nothing: write the page of a `FILE` that was measured before")
	c.fs.BoolVar(&c.o.force, "force", false, "replace files that are there")
}

// runReport measures what a machine's backends do with a model, as far as the budget goes, and writes a page and the
// file behind it. Once something was measured, an interrupt keeps it: the page says what is missing.
func runReport(ctx context.Context, c *call) error {
	if c.o.from != "" {
		return c.again()
	}
	if c.o.reps < 1 {
		return cli.Usagef("-r %d: want 1 or more", c.o.reps)
	}
	if c.o.budget < leastBudget {
		return cli.Usagef("--budget %v: want %v or more", c.o.budget, leastBudget)
	}
	if err := c.single("model", "threads", "chunk"); err != nil {
		return err
	}
	if !c.fs.Changed("quant") {
		c.o.quants = []string{"none", "q8_0", "q4_K"}
	}
	begin := time.Now()
	name := c.o.to
	if name == "" {
		name = "fmbench-" + begin.Format("20060102-150405")
	}
	name = strings.TrimSuffix(strings.TrimSuffix(cli.ExpandHome(name), ".html"), ".json")
	files, err := c.begin(name)
	if err != nil {
		return err
	}
	defer files.discard()
	m := &measuring{c: c, end: begin.Add(c.o.budget - writing(c.o.budget)),
		run: &results.Run{Name: filepath.Base(name), About: []results.About{c.about(begin)}}}
	err = m.all(ctx)
	if len(m.run.Speed)+len(m.run.Numerics) == 0 {
		for _, s := range m.run.Skipped {
			c.warn(strings.TrimPrefix(fmt.Sprintf("%s: %s: %s", s.Backend, s.What, s.Why), ": "))
		}
		if err == nil {
			err = errors.New("nothing was measured")
		}
		return fmt.Errorf("no file was written: %w", err)
	}
	m.run.About[0].Seconds = time.Since(begin).Seconds()
	m.run.About[0].Complete = err == nil
	if err := files.publish(m.run, c.o.force); err != nil {
		return err
	}
	c.summary(m.run, name)
	if err != nil {
		return err
	}
	return c.failures(m.failed, m.setups, "setup")
}

// writing is what is kept of a budget for the page, and for what is under way when time ends: a pass is not ended
// early, nor is the compiler of a driver.
func writing(budget time.Duration) time.Duration { return max(2*time.Second, budget/12) }

// leastBudget is what a page with a few figures takes.
const leastBudget = 5 * time.Second

// about is the run as a whole.
func (c *call) about(begin time.Time) results.About {
	return results.About{Date: begin.UTC().Format(time.RFC3339), Budget: c.o.budget.Seconds(), Commit: cli.Commit(),
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), Command: c.line,
		Text: c.o.compare, Greedy: reportGreedy}
}

// A pair is the two files of a report while they are written.
type pair struct{ json, html *disk.Draft }

// begin begins both files, so that who may not write there learns it before anything is measured.
func (c *call) begin(name string) (p pair, err error) {
	for _, f := range []struct {
		draft **disk.Draft
		path  string
	}{{&p.json, name + ".json"}, {&p.html, name + ".html"}} {
		if _, err := os.Lstat(f.path); err == nil && !c.o.force {
			p.discard()
			return p, fmt.Errorf("%s is there already: give another name with --to, or --force to replace it", f.path)
		}
		if *f.draft, err = disk.NewDraft(f.path, 0o644); err != nil {
			p.discard()
			return p, err
		}
	}
	return p, nil
}

func (p pair) discard() {
	for _, d := range []*disk.Draft{p.json, p.html} {
		if d != nil {
			d.Discard()
		}
	}
}

// publish writes both files.
func (p pair) publish(r *results.Run, force bool) error {
	if err := errors.Join(r.Write(p.json), page.Report(p.html, r)); err != nil {
		return err
	}
	return errors.Join(p.json.Publish(force), p.html.Publish(force))
}

// again writes the page of a file that was measured before.
func (c *call) again() error {
	r, err := results.ReadFile(cli.ExpandHome(c.o.from))
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	name := c.o.to
	if name == "" {
		name = strings.TrimSuffix(cli.ExpandHome(c.o.from), ".json")
	}
	path := strings.TrimSuffix(name, ".html") + ".html"
	return writePage(path, c.o.force, func(w io.Writer) error { return page.Report(w, r) })
}

// writePage writes a page to a file of its own.
func writePage(path string, force bool, write func(io.Writer) error) error {
	d, err := disk.NewDraft(path, 0o644)
	if err != nil {
		return err
	}
	defer d.Discard()
	if err := write(d); err != nil {
		return err
	}
	if err := d.Publish(force); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: give another name, or --force to replace it", path)
	} else if err != nil {
		return err
	}
	return nil
}

// summary prints what people want to know at once, and where the rest is.
func (c *call) summary(r *results.Run, name string) {
	width := 0
	for _, s := range r.Speed {
		width = max(width, len(s.Model))
	}
	c.speedTable(width)
	for _, s := range r.Speed {
		c.speedRow(s)
	}
	c.numericsTable(width, r.Numerics)
	for _, s := range page.Findings(r) {
		c.report.Note("%s", s)
	}
	c.report.Note("%s.html is the report, %s.json has its figures: fmbench compare puts such files side by side.", name,
		name)
}
