package report

import "fmt"

// A Rate is a speed that was measured several times: the median and the standard deviation.
type Rate struct{ Median, Spread float64 }

func (r Rate) String() string { return fmt.Sprintf("%.2f ± %.2f", r.Median, r.Spread) }

// A Small matters by its order of magnitude: people see two digits behind the point and an exponent.
type Small float64

func (s Small) String() string {
	if s == 0 {
		return "0"
	}
	return fmt.Sprintf("%.2e", float64(s))
}

// A Dual is a value that machines get in another form than people.
type Dual interface {
	fmt.Stringer
	Machine() any
}

// A Percent is a part of 1, with one digit behind the point for people.
type Percent float64

func (p Percent) String() string { return fmt.Sprintf("%.1f %%", 100*float64(p)) }

// A Fixed has two digits behind the point for people.
type Fixed float64

func (f Fixed) String() string { return fmt.Sprintf("%.2f", float64(f)) }

// A Precise has six digits behind the point for people, to be compared.
type Precise float64

func (p Precise) String() string { return fmt.Sprintf("%.6f", float64(p)) }

// A Bandwidth is in bytes per second, for people in GB/s.
type Bandwidth float64

func (b Bandwidth) String() string { return fmt.Sprintf("%.2f", float64(b)/1e9) }

// An Index is the place from which two sequences of tokens differ, or −1 where they are equal.
type Index int

func (i Index) String() string {
	if i < 0 {
		return "never"
	}
	return fmt.Sprint("token ", int(i))
}

// NonZero is v, or an empty cell where v is the zero value.
func NonZero[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}
