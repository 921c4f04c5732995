package page

import (
	"fmt"
	"math"
	"slices"

	"falconmamba/cmd/internal/plot"
	"falconmamba/cmd/internal/results"
)

// A pass is the operations of a setup with so many tokens.
type pass struct {
	setup results.Setup
	rows  int
	ops   []results.Operation
}

func (p pass) total() (s float64) {
	for _, o := range p.ops {
		s += o.Seconds
	}
	return s
}

func (v *view) passes() (all []pass) {
	for _, o := range v.Operations {
		i := slices.IndexFunc(all, func(p pass) bool { return p.setup == o.Setup && p.rows == o.Rows })
		if i < 0 {
			i, all = len(all), append(all, pass{setup: o.Setup, rows: o.Rows})
		}
		all[i].ops = append(all[i].ops, o)
	}
	return all
}

func tokens(n int) string {
	if n == 1 {
		return "1 token"
	}
	return thousands(int64(n)) + " tokens"
}

// operations shows where time goes: a roofline for each backend, and a table of all.
func (v *view) operations() section {
	s := section{ID: "operations", Title: "Where the time goes"}
	s.Intro = []string{"Device time of a pass by kind of operation, against the bytes that it must move and the " +
		"operations that it asks for. Points near the slanted roof are bound by memory; far below it, by something " +
		"else: the kernel, launches, or too little work."}
	t := table{Head: heads("<backend", "<weights in", "pass", "<operation", "count", "time", "of the pass", "GB/s",
		"of copies",
		"GFLOP/s", "<kernels")}
	passes := v.passes()
	for _, name := range v.names {
		s.chart(v.roofline(name, passes), fmt.Sprintf("%s, weights in %s: each operation by the work it does for a "+
			"byte, "+
			"under the roof of the device's memory. Named are those that take much of the pass.", name, v.typ()))
	}
	for _, p := range passes {
		if p.setup.Type != v.typ() {
			continue
		}
		b := plot.Bars{Title: "Time by operation", Axis: plot.Axis{Title: "% of the pass", Zero: true}}
		for _, o := range p.ops {
			share := 100 * o.Seconds / p.total()
			b.Bars = append(b.Bars, plot.Bar{Label: o.Op, Value: share, Style: v.style(p.setup.Backend),
				Text: fmt.Sprintf("%.1f %%, %s", share, seconds(o.Seconds)), Note: o.Kernels})
		}
		if p.total() > 0 {
			s.bars(b, fmt.Sprintf("%s: a pass of %s takes %s.", p.setup.Backend, tokens(p.rows), seconds(p.total())))
		}
	}
	for _, p := range passes {
		for _, o := range p.ops {
			t.row(p.setup.Backend, p.setup.Type, tokens(p.rows), o.Op, number(o.Count), seconds(o.Seconds),
				share(o.Seconds, p.total()), per(o.Bytes, o.Seconds), ofCopies(o), per(o.Flops, o.Seconds), o.Kernels)
		}
	}
	s.table(t)
	return s
}

// share is a part of a whole in percent.
func share(part, whole float64) string {
	if !(whole > 0) {
		return ""
	}
	return percent(part / whole)
}

// per is billions per second.
func per(n int64, s float64) string {
	if !(s > 0) {
		return ""
	}
	return fmt.Sprintf("%.3g", float64(n)/s/1e9)
}

// ofCopies is a bandwidth as a part of that of copies; beyond that a cache has the operands.
func ofCopies(o results.Operation) string {
	if !(o.Seconds > 0 && o.CopyRate > 0) {
		return ""
	}
	if part := float64(o.Bytes) / o.Seconds / o.CopyRate; part <= 1.2 {
		return percent(part)
	}
	return "cached"
}

// roofline plots the operations of a backend with the first type of weights.
func (v *view) roofline(name string, passes []pass) plot.Chart {
	c := plot.Chart{Title: "Roofline of " + name, X: plot.Axis{Title: "operations per byte", Log: true},
		Y: plot.Axis{Title: "GFLOP per second", Log: true}}
	low, high, copies, best := math.Inf(1), 0.0, 0.0, 0.0
	for _, p := range passes {
		if p.setup.Backend != name || p.setup.Type != v.typ() {
			continue
		}
		dots := plot.Series{Name: "a pass of " + tokens(p.rows), Style: len(c.Series)}
		for _, o := range p.ops {
			if !(o.Seconds > 0 && o.Bytes > 0 && o.Flops > 0) {
				continue
			}
			x, y := float64(o.Flops)/float64(o.Bytes), float64(o.Flops)/o.Seconds/1e9
			low, high, best, copies = min(low, x), max(high, x), max(best, y), max(copies, o.CopyRate)
			label := ""
			if o.Seconds > 0.12*p.total() {
				label = o.Op // those that matter; more would cover each other
			}
			dots.Points = append(dots.Points, plot.Point{X: x, Y: y, Label: label,
				Note: fmt.Sprintf("%s: %s, %.3g GFLOP/s, %.3g GB/s",
					o.Op, seconds(o.Seconds), y, float64(o.Bytes)/o.Seconds/1e9)})
		}
		if len(dots.Points) > 0 {
			c.Series = append(c.Series, dots)
		}
	}
	if copies > 0 && low <= high {
		roof := plot.Series{Name: fmt.Sprintf("memory: %.3g GB/s", copies/1e9), Style: plot.Styles - 1, Line: true,
			Bare: true}
		for _, x := range []float64{low / 2, high * 2} {
			roof.Points = append(roof.Points, plot.Point{X: x, Y: copies * x / 1e9})
		}
		c.Series = append(c.Series, roof)
	}
	return c
}

// memoryBars has the most memory of each setup.
func (v *view) memoryBars() plot.Bars {
	b := plot.Bars{Title: "Memory", Axis: plot.Axis{Title: "bytes", Zero: true}}
	for _, m := range v.Memory {
		b.Bars = append(b.Bars, plot.Bar{Label: v.label(m.Setup), Value: float64(m.Peak), Style: v.style(m.Backend),
			Text: size(m.Peak) + ", " + share(float64(m.Weights), float64(m.Peak)), Note: "weights: " +
				size(m.Weights)})
	}
	return b
}
