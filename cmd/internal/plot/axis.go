package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// An Axis is one of a chart's. Its title has the unit.
type Axis struct {
	Title string
	Log   bool
	Ticks []float64 // where they are; nil for round numbers
	Zero  bool      // 0 is on the axis, which is not for logarithms
}

// A scale maps values of an axis to a place from 0 to 1.
type scale struct {
	log       bool
	low, high float64
	ticks     []float64
}

// shows reports whether the axis has a place for a value.
func (a Axis) shows(v float64) bool {
	return !math.IsNaN(v) && math.Abs(v) <= most && (!a.Log || v >= least)
}

// Beyond these there is nothing to draw, and sums might overflow.
const most, least = 1e60, 1e-60

// scale returns the scale on which all values have a place.
func (a Axis) scale(values []float64) scale {
	s := scale{log: a.Log, low: math.Inf(1), high: math.Inf(-1)}
	for _, v := range slices.Concat(values, a.Ticks) {
		if a.shows(v) {
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
	if s.low > s.high {
		s.low, s.high = 1, 1
	}
	if a.Zero && !a.Log {
		s.low, s.high = min(s.low, 0), max(s.high, 0)
	}
	if a.Log {
		s.logTicks(a.Ticks)
	} else {
		s.roundTicks(a.Ticks)
	}
	return s
}

// logTicks widens the scale to powers of ten, and to halves and fifths of them where there are few. With ticks
// that are given it only leaves room at the ends.
func (s *scale) logTicks(given []float64) {
	if len(given) > 0 {
		room := math.Pow(s.high/s.low, 0.06)
		if room < 1.01 {
			room = 1.5
		}
		s.low, s.high, s.ticks = s.low/room, s.high*room, given
		return
	}
	first, last := math.Floor(math.Log10(s.low)+1e-9), math.Ceil(math.Log10(s.high)-1e-9)
	if first == last {
		last++
	}
	steps := []float64{1}
	if last-first <= 2 {
		steps = []float64{1, 2, 5}
	}
	every := math.Ceil((last - first) / 8)
	for e := first; e <= last; e += every {
		for _, m := range steps {
			s.ticks = append(s.ticks, m*math.Pow(10, e))
		}
	}
	ends := s.ticks
	at := func(v float64) int { return slices.IndexFunc(ends, func(t float64) bool { return t > v*(1+1e-9) }) }
	if i := at(s.low); i > 0 {
		s.ticks = s.ticks[i-1:]
	}
	if i := slices.IndexFunc(s.ticks, func(t float64) bool { return t >= s.high*(1-1e-9) }); i >= 0 {
		s.ticks = s.ticks[:max(i+1, 2)]
	}
	s.low, s.high = min(s.low, s.ticks[0]), max(s.high, s.ticks[len(s.ticks)-1])
}

// roundTicks widens the scale to round numbers: four to nine of them.
func (s *scale) roundTicks(given []float64) {
	// What lies closer together than numbers tell apart is one value.
	if size := max(math.Abs(s.low), math.Abs(s.high)); s.high-s.low <= max(least, 1e-9*size) {
		room := max(1, size/2)
		s.low, s.high = s.low-room, s.high+room
	}
	step := math.Pow(10, math.Floor(math.Log10((s.high-s.low)/4)))
	for _, m := range []float64{5, 2} {
		if (s.high-s.low)/(m*step) >= 4 {
			step *= m
			break
		}
	}
	first, last := math.Floor(s.low/step+1e-9), math.Ceil(s.high/step-1e-9)
	s.low, s.high = first*step, last*step
	if s.ticks = given; given != nil {
		return
	}
	for i := 0; i <= 20 && first+float64(i) <= last; i++ {
		s.ticks = append(s.ticks, (first+float64(i))*step)
	}
}

// at is the place of a value.
func (s scale) at(v float64) float64 {
	if s.log {
		return math.Log(v/s.low) / math.Log(s.high/s.low)
	}
	return (v - s.low) / (s.high - s.low)
}

// Amount writes a number as axes have it: in few digits, with a letter for thousands, or as a power of ten.
func Amount(v float64) string {
	a := math.Abs(v)
	switch {
	case v == 0:
		return "0"
	case a >= 1e15 || a < 1e-3:
		e := int(math.Floor(math.Log10(a) + 1e-9))
		if m := v / math.Pow(10, float64(e)); math.Abs(m-1) > 1e-6 {
			return trim(fmt.Sprintf("%.1f", m)) + "·10" + superscript(e)
		}
		return "10" + superscript(e)
	case a < 1e5 && v == math.Trunc(v) && math.Mod(a, 100) != 0:
		return strconv.Itoa(int(v)) // such as 2048
	}
	for _, u := range []struct {
		one  float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if a >= u.one*(1-1e-9) {
			return trim(fmt.Sprintf("%.4g", v/u.one)) + u.name
		}
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func trim(s string) string { return strings.TrimSuffix(s, ".0") }

func superscript(n int) string {
	return strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷",
		"8", "⁸", "9", "⁹").Replace(strconv.Itoa(n))
}
