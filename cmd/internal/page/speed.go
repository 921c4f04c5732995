package page

import (
	"cmp"
	"fmt"
	"slices"

	"falconmamba/cmd/internal/plot"
	"falconmamba/cmd/internal/results"
)

// A test is what a name such as pp512, tg16 or tg16 b8 says.
type test struct {
	prompt, generate, batch int
}

// testOf reads the name of a test. Of one that is none it is zero.
func testOf(name string) (t test) {
	if n, _ := fmt.Sscanf(name, "pp%d", &t.prompt); n == 1 && t.prompt > 0 && fmt.Sprintf("pp%d", t.prompt) == name {
		return t
	}
	t = test{batch: 1}
	if n, _ := fmt.Sscanf(name, "tg%d b%d", &t.generate, &t.batch); n < 1 || t.generate < 1 || t.batch < 1 {
		return test{}
	}
	return t
}

// words says what the test is.
func (t test) words() string {
	switch {
	case t.prompt > 0:
		return fmt.Sprintf("a prompt of %s tokens", thousands(int64(t.prompt)))
	case t.batch == 1:
		return "one text"
	}
	return fmt.Sprintf("%d texts at once", t.batch)
}

// row finds the speed of a test.
func (v *view) row(backend, typ, test string) (results.Speed, bool) {
	s, ok := v.rows[[3]string{backend, typ, test}]
	return s, ok
}

// tests are those of the model as it is, prompts first, ascending.
func (v *view) tests(typ string) (all []string) {
	for _, s := range v.Speed {
		if s.Type == typ && len(all) < mostRows {
			all = first(all, s.Test)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int {
		x, y := testOf(a), testOf(b)
		return cmp.Or(cmp.Compare(b2i(x.prompt == 0), b2i(y.prompt == 0)), cmp.Compare(x.prompt, y.prompt),
			cmp.Compare(x.batch, y.batch))
	})
	return all
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// speed shows the model as it is, backends side by side.
func (v *view) speed() section {
	s := section{ID: "speed", Title: "Speed"}
	s.chart(v.curve(true), "Reading prompts, by their length: tokens per second, with intervals of 95 %.")
	s.chart(v.curve(false), "Writing, by the number of texts at once: tokens per second of all together.")
	s.table(v.sideBySide(v.typ()))
	s.Notes = []string{"Median tokens per second ± the standard deviation of so many runs; below the first column, " +
		"how many times as fast as the first backend, with the interval of 95 %."}
	return s
}

// curve plots prompts by length, or texts by their number.
func (v *view) curve(prompts bool) plot.Chart {
	c := plot.Chart{Title: "Speed of writing", X: plot.Axis{Title: "texts at once", Log: true},
		Y: plot.Axis{Title: "tokens per second", Log: true}}
	if prompts {
		c.Title, c.X.Title = "Speed of reading", "tokens of the prompt"
	}
	for _, name := range v.names {
		line := plot.Series{Name: name, Style: v.style(name), Line: true}
		for _, w := range v.tests(v.typ()) {
			r, ok := v.row(name, v.typ(), w)
			t := testOf(w)
			x := t.prompt
			if !prompts {
				x = t.batch
			}
			if !ok || prompts != (t.prompt > 0) || x == 0 {
				continue
			}
			low, high := r.Rate().Interval()
			line.Points = append(line.Points, plot.Point{X: float64(x), Y: r.Median, Low: low, High: high,
				Note: fmt.Sprintf("%s, %s: %s tokens per second, %s to %s", name, w, rate(r.Median), rate(low),
					rate(high))})
			c.X.Ticks = first(c.X.Ticks, float64(x))
		}
		if len(line.Points) > 0 {
			c.Series = append(c.Series, line)
		}
	}
	return c
}

// sideBySide is the table of a type of weights: a row for each test, a column for each backend.
func (v *view) sideBySide(typ string) table {
	t := table{Head: heads("<test")}
	var names []string
	for _, s := range v.Speed {
		if s.Type == typ {
			names = first(names, s.Backend)
		}
	}
	names = names[:min(len(names), mostSeries)]
	for i, n := range names {
		t.Head = append(t.Head, head{Text: n + ", tokens/s"})
		if i > 0 {
			t.Head = append(t.Head, head{Text: "× " + names[0]})
		}
	}
	for _, w := range v.tests(typ) {
		name := w
		if k := testOf(w); k != (test{}) {
			name += " · " + k.words()
		}
		cells := []string{name}
		base, found := results.Speed{}, false
		for i, n := range names {
			r, ok := v.row(n, typ, w)
			speed, ratio := "–", ""
			if ok {
				speed = fmt.Sprintf("%s ± %s (%d)", rate(r.Median), rate(r.Spread), r.Reps)
				if found {
					ratio = r.Rate().Over(base.Rate()).String()
				}
			}
			if cells = append(cells, speed); i == 0 {
				base, found = r, ok
			} else {
				cells = append(cells, ratio)
			}
		}
		t.row(cells...)
	}
	return t
}

// packed shows what packed weights gain.
func (v *view) packed() section {
	s := section{ID: "packed", Title: "Packed weights"}
	if len(v.types) < 2 {
		return s
	}
	t := table{Head: heads("<backend", "<test", "<weights in", "tokens/s", "× "+v.typ())}
	for _, writes := range []bool{true, false} {
		b := plot.Bars{Title: "Packed weights", Axis: plot.Axis{Title: "tokens per second", Log: v.wide(writes)}}
		b.Axis.Zero = !b.Axis.Log
		which := ""
		for _, name := range v.names {
			for _, typ := range v.types {
				for _, w := range v.tests(typ) {
					r, ok := v.row(name, typ, w)
					if !ok || (testOf(w).prompt == 0) != writes || !v.inAll(name, w) {
						continue
					}
					low, high := r.Rate().Interval()
					which = testOf(w).words()
					base, _ := v.row(name, v.typ(), w)
					b.Bars = append(b.Bars, plot.Bar{Label: name + ", " + typ, Value: r.Median, Low: low, High: high,
						Text: rate(r.Median), Style: v.style(name), Note: w})
					ratio := ""
					if typ != v.typ() {
						ratio = r.Rate().Over(base.Rate()).String()
					}
					t.row(name, w, typ, fmt.Sprintf("%s ± %s (%d)", rate(r.Median), rate(r.Spread), r.Reps), ratio)
				}
			}
		}
		verb := "Reading "
		if writes {
			verb = "Writing "
		}
		s.bars(b, verb+which+": tokens per second, with intervals of 95 %.")
	}
	s.table(t)
	return s
}

// wide reports whether bars of backends would be too short on one axis.
func (v *view) wide(writes bool) bool {
	low, high := 0.0, 0.0
	for _, s := range v.Speed {
		if (testOf(s.Test).prompt == 0) == writes {
			if low == 0 || s.Median < low {
				low = s.Median
			}
			high = max(high, s.Median)
		}
	}
	return high > 20*low
}

// inAll reports whether a backend has the test with the first type of weights and another.
func (v *view) inAll(name, test string) bool {
	n := 0
	for _, typ := range v.types {
		if _, ok := v.row(name, typ, test); ok {
			n++
		} else if typ == v.typ() {
			return false
		}
	}
	return n > 1
}
