package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// elements parses an SVG and counts what is in it. It fails where that is not XML, or where a number is none.
func elements(t interface {
	Helper()
	Fatalf(string, ...any)
}, svg string) map[string]int {
	t.Helper()
	n := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
		if e, ok := tok.(xml.StartElement); ok {
			n[e.Name.Local]++
			for _, a := range e.Attr {
				if bad := regexp.MustCompile(`NaN|Inf|e[+-]\d`).FindString(a.Value); bad != "" && a.Name.Local != "aria-label" {
					t.Fatalf("%s of %s has %s: %s", a.Name.Local, e.Name.Local, bad, a.Value)
				}
			}
		}
	}
}

func TestChart(t *testing.T) {
	c := Chart{Title: "a <b> & c", X: Axis{Title: "tokens", Log: true, Ticks: []float64{32, 2048}},
		Y: Axis{Title: "tokens per second", Log: true}, Series: []Series{
			{Name: "one", Line: true, Points: []Point{{X: 32, Y: 10, Low: 8, High: 12, Note: `"x" & <y>`, Label: "here"},
				{X: 2048, Y: 100, Low: 100, High: 100}, {X: 5, Y: math.NaN()}, {X: 0, Y: 5}, {X: 5, Y: math.Inf(1)}}},
			{Name: "bound", Style: 1, Line: true, Bare: true, Points: []Point{{X: 32, Y: 10}, {X: 2048, Y: 1000}}},
		}}
	svg := c.SVG()
	n := elements(t, svg)
	// A circle for each point that has a place and one in the legend, a curve and its key for each series, one error bar.
	if n["circle"] != 3 || n["path"] != 5 || strings.Count(svg, `class="error`) != 1 || n["title"] != 1 {
		t.Errorf("elements are %v in\n%s", n, svg)
	}
	for _, want := range []string{">tokens</text>", ">tokens per second</text>", ">32</text>", ">2048</text>", ">one</text>",
		">100</text>", ">here</text>", "a &lt;b&gt; &amp; c"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
	if c.Empty() || !(Chart{X: c.X, Y: c.Y, Series: []Series{{Points: c.Series[0].Points[2:]}}}).Empty() {
		t.Error("a chart is empty where no point has a place, and only there")
	}
}

// What is larger is drawn higher, and an interval is around its value.
func TestPlaces(t *testing.T) {
	c := Chart{X: Axis{Log: true}, Y: Axis{Log: true}, Series: []Series{{Points: []Point{
		{X: 1, Y: 10, Low: 5, High: 20}, {X: 2, Y: 1000, Low: 1000, High: 1000}}}}}
	svg := c.SVG()
	circles := regexp.MustCompile(`cx="([\d.]+)" cy="([\d.]+)"`).FindAllStringSubmatch(svg, -1)
	bar := regexp.MustCompile(`<path d="M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)M[^"]*" class="error`).FindStringSubmatch(svg)
	if len(circles) != 2 || bar == nil {
		t.Fatalf("%v, %v in\n%s", circles, bar, svg)
	}
	n := func(s string) float64 { v, _ := strconv.ParseFloat(s, 64); return v }
	if !(n(circles[0][1]) < n(circles[1][1])) || !(n(circles[0][2]) > n(circles[1][2])) {
		t.Errorf("points are at %v", circles)
	}
	if mid := n(circles[0][2]); !(n(bar[1]) > mid && mid > n(bar[2])) {
		t.Errorf("the interval from %s to %s is not around %g", bar[1], bar[2], mid)
	}
}

func TestBars(t *testing.T) {
	b := Bars{Axis: Axis{Title: "bytes", Zero: true}, Bars: []Bar{{Label: "a", Value: 10, Text: "10 B", Note: "n"},
		{Label: "b", Value: 20, Low: 15, High: 25}, {Label: "c", Value: math.NaN()}}}
	svg := b.SVG()
	if n := elements(t, svg); n["rect"] != 2 || n["path"] != 1 {
		t.Errorf("elements are %v in\n%s", n, svg)
	}
	widths := regexp.MustCompile(`width="([\d.]+)"`).FindAllStringSubmatch(svg, -1)
	one, _ := strconv.ParseFloat(widths[0][1], 64)
	two, _ := strconv.ParseFloat(widths[1][1], 64)
	if math.Abs(two-2*one) > 0.2 {
		t.Errorf("bars of 10 and 20 are %g and %g long", one, two)
	}
	dots := Bars{Dots: true, Mark: 1, Axis: Axis{Log: true}, Bars: []Bar{{Value: 2, Low: 1.5, High: 3}}}
	if n := elements(t, dots.SVG()); n["rect"] != 0 || n["circle"] != 1 || n["path"] != 1 {
		t.Errorf("elements of dots are %v", n)
	}
}

// What stands beside a bar is as wide as there is room for: digits have 0.64 of the 11.5 pixels of the page's font where
// they are widest.
func TestTextsOfBars(t *testing.T) {
	svg := Bars{Bars: []Bar{{Label: "a", Value: 1, Text: strings.Repeat("0", 30)}}}.SVG()
	m := regexp.MustCompile(`<text x="([\d.]+)" y="[\d.]+" text-anchor="start" class="tick">(0+…?)</text>`).FindStringSubmatch(svg)
	if m == nil {
		t.Fatal(svg)
	}
	x, _ := strconv.ParseFloat(m[1], 64)
	if end := x + 11.5*0.64*float64(utf8.RuneCountInString(m[2])); end > chartWidth {
		t.Errorf("a text ends at %g of %d", end, chartWidth)
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		axis   Axis
		values []float64
		ticks  []float64
	}{
		{Axis{Zero: true}, []float64{3, 47}, []float64{0, 10, 20, 30, 40, 50}},
		{Axis{}, []float64{0, 5}, []float64{0, 1, 2, 3, 4, 5}},
		{Axis{}, []float64{-1, 1}, []float64{-1, -0.5, 0, 0.5, 1}},
		{Axis{Log: true}, []float64{2e-12, 0.014}, []float64{1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2}},
		{Axis{Log: true}, []float64{13, 4600}, []float64{10, 100, 1000, 1e4}},
		{Axis{Log: true}, []float64{0.8, 1.7}, []float64{0.5, 1, 2}},
		{Axis{Log: true}, []float64{100, 100}, []float64{100, 200}},
		{Axis{Ticks: []float64{1, 4}}, []float64{1, 4}, []float64{1, 4}},
		{Axis{Zero: true}, []float64{math.SmallestNonzeroFloat64}, []float64{-1, -0.5, 0, 0.5, 1}},
		{Axis{}, []float64{1e6, math.Nextafter(1e6, 2e6)}, []float64{4e5, 6e5, 8e5, 1e6, 1.2e6, 1.4e6, 1.6e6}},
	} {
		s := c.axis.scale(c.values)
		if len(s.ticks) != len(c.ticks) {
			t.Errorf("%v has the ticks %v, want %v", c.values, s.ticks, c.ticks)
			continue
		}
		for i, want := range c.ticks {
			if math.Abs(s.ticks[i]-want) > 1e-9*math.Abs(want) {
				t.Errorf("%v has the ticks %v, want %v", c.values, s.ticks, c.ticks)
			}
		}
	}
}

// Whatever the numbers are, every one that is shown has a place on the scale, there are a few ticks, and the drawing is
// XML.
func TestAnyNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, -1, 1e-300, 1e300, math.NaN(), math.Inf(1),
			math.Inf(-1), math.SmallestNonzeroFloat64, 1e59, 1e-59}), rapid.Float64Range(0.1, 1e6))
		a := Axis{Log: rapid.Bool().Draw(t, "log"), Zero: rapid.Bool().Draw(t, "zero")}
		values := rapid.SliceOfN(value, 0, 6).Draw(t, "values")
		s := a.scale(values)
		if len(s.ticks) < 1 || len(s.ticks) > 24 || !slices.IsSorted(s.ticks) || !(s.low < s.high) {
			t.Fatalf("from %g to %g with the ticks %v", s.low, s.high, s.ticks)
		}
		for _, v := range values {
			if at := s.at(v); a.shows(v) && !(at >= -1e-6 && at <= 1+1e-6) {
				t.Fatalf("%g is at %g from %g to %g", v, at, s.low, s.high)
			}
		}
		var points []Point
		var bars []Bar
		for i, v := range values {
			w := values[(i+1)%len(values)]
			name := rapid.String().Draw(t, "name")
			points = append(points, Point{X: v, Y: w, Low: min(v, w), High: max(v, w), Note: name, Label: name})
			bars = append(bars, Bar{Label: name, Value: v, Low: min(v, w), High: max(v, w), Text: name, Note: name})
		}
		elements(t, Chart{Title: "x", X: a, Y: a, Series: []Series{{Name: "y", Points: points, Line: true}}}.SVG())
		elements(t, Bars{Axis: a, Bars: bars, Dots: rapid.Bool().Draw(t, "dots"), Mark: 1}.SVG())
	})
}

func TestAmount(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", 0.5: "0.5", 2048: "2048", 1000: "1k", 10000: "10k", 2.5e6: "2.5M",
		1e-7: "10⁻⁷", 2e-7: "2·10⁻⁷", 1e16: "10¹⁶", -3: "-3", 0.01: "0.01", 1e9: "1G"} {
		if got := Amount(v); got != want {
			t.Errorf("%g is %s, want %s", v, got, want)
		}
	}
}
