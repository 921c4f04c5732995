// Package quantity writes amounts the way people read them.
package quantity

import "fmt"

// Bytes is an amount of memory: "0 B", "4.84 MiB", "13.5 GiB".
type Bytes int64

func (b Bytes) String() string {
	return scaled(float64(b), 1024, "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
}

// A Count is a number of things: "41", "2.53 M", "7.27 B".
type Count int64

func (c Count) String() string { return scaled(float64(c), 1000, "", "K", "M", "B", "T") }

// scaled writes v with three digits in the largest unit that leaves it at 1 or
// more.
func scaled(v, step float64, units ...string) string {
	i := 0
	// What would be rounded to a whole step belongs to the next unit.
	for ; i < len(units)-1 && abs(v) >= step-0.5; i++ {
		v /= step
	}
	s := fmt.Sprintf("%.0f", v)
	switch {
	case i == 0 || abs(v) >= 99.95:
	case abs(v) >= 9.995:
		s = fmt.Sprintf("%.1f", v)
	default:
		s = fmt.Sprintf("%.2f", v)
	}
	if units[i] == "" {
		return s
	}
	return s + " " + units[i]
}

func abs(v float64) float64 { return max(v, -v) }
