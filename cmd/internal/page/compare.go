package page

import (
	"fmt"
	"io"

	"falconmamba/cmd/internal/plot"
	"falconmamba/cmd/internal/results"
)

// Compare writes a page with runs side by side.
func Compare(w io.Writer, sides []results.Side) error {
	compared := results.Compare(sides)
	d := document{Title: "FalconMamba, side by side", Sub: fmt.Sprintf("%d runs; A is what the others are compared "+
		"with",
		len(sides))}
	what := section{ID: "sides", Title: "What is compared"}
	t := table{Head: heads("<differs")}
	for _, s := range sides {
		t.Head = append(t.Head, head{Text: s.Label, Left: true})
	}
	for _, row := range results.Differences(sides) {
		t.row(row...)
	}
	what.table(t)
	d.Findings = verdicts(sides, compared)
	d.Sections = []section{what, ratios(sides, compared), speeds(sides, compared), agreement(sides)}
	d.Footer = "Intervals have the true ratio in 95 of 100 cases by the spread of the runs; another day, another " +
		"clock or another card may differ by more."
	return d.write(w)
}

// verdicts counts for each side what is faster and what slower than A.
func verdicts(sides []results.Side, compared []results.Compared) (all []string) {
	for i := 1; i < len(sides); i++ {
		n := map[results.Verdict]int{}
		total := 0
		for _, k := range compared {
			if r := k.Ratios[i]; r != nil {
				n[r.Verdict()]++
				total++
			}
		}
		if total == 0 {
			all = append(all, fmt.Sprintf("%s has no test that A has.", sides[i].Label))
			continue
		}
		all = append(all, fmt.Sprintf("%s (%s) against A: of %d tests %d are surely faster, %d surely slower, of %d "+
			"no "+
			"difference is sure, and of %d it is not known.", sides[i].Label, sides[i].Name, total, n[results.Faster],
			n[results.Slower], n[results.Even], n[results.Unknown]))
	}
	return all
}

// named names a test among all that are compared.
func named(k results.Compared) string { return k.Backend + ", " + k.Type + ", " + k.Test }

// ratios plots the intervals, one plot for each side.
func ratios(sides []results.Side, compared []results.Compared) section {
	s := section{ID: "ratios", Title: "Ratios"}
	for i := 1; i < len(sides); i++ {
		b := plot.Bars{Title: "Ratios of " + sides[i].Label + " to A", Dots: true, Mark: 1,
			Axis: plot.Axis{Title: "times as fast as A", Log: true}}
		for _, k := range compared {
			r := k.Ratios[i]
			if r == nil {
				continue
			}
			bar := plot.Bar{Label: named(k), Value: r.Value, Low: r.Value, High: r.Value, Text: r.String(),
				Style: i - 1,
				Note:  string(r.Verdict())}
			if r.Sure() {
				bar.Low, bar.High = r.Low, r.High
			}
			b.Bars = append(b.Bars, bar)
		}
		s.bars(b, fmt.Sprintf("%s against A, with intervals of 95 %%: right of 1 it is faster.", sides[i].Label))
	}
	return s
}

func speeds(sides []results.Side, compared []results.Compared) section {
	s := section{ID: "speeds", Title: "Speed"}
	t := table{Head: heads("<backend", "<weights in", "<test")}
	for i, side := range sides {
		t.Head = append(t.Head, head{Text: side.Label + ", tokens/s"})
		if i > 0 {
			t.Head = append(t.Head, head{Text: "× A"})
		}
	}
	for _, k := range compared {
		cells := []string{k.Backend, k.Type, k.Test}
		for i, v := range k.Speeds {
			speed, ratio := "–", ""
			if v != nil {
				speed = fmt.Sprintf("%s ± %s (%d)", rate(v.Median), rate(v.Spread), v.Reps)
			}
			if r := k.Ratios[i]; r != nil {
				ratio = r.String()
			}
			if cells = append(cells, speed); i > 0 {
				cells = append(cells, ratio)
			}
		}
		t.row(cells...)
	}
	s.table(t)
	s.Notes = []string{"Median tokens per second ± the standard deviation of so many runs, and how many times " +
		"as fast as A."}
	return s
}

func agreement(sides []results.Side) section {
	s := section{ID: "numerics", Title: "Numbers"}
	t := table{Head: heads("<side", "<backend", "<weights in", "<against", "rms/σ of logits", "KL, nats",
		"same top token",
		"<greedy text")}
	for _, side := range sides {
		v := newView(side.Run)
		for _, n := range side.Numerics {
			t.row(side.Label, n.Backend, n.Type, n.Against, small(n.RMS), small(n.KL), percent(float64(n.Top1)),
				v.greedy(n))
		}
	}
	s.table(t)
	return s
}
