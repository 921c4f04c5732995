package results

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// A Side is one of what is compared: a run, or a part of a single one.
type Side struct {
	*Run
	Label string // a letter, for tables
}

// Sides puts runs side by side. One run alone is taken apart, see parts.
func Sides(runs []*Run) (all []Side, err error) {
	if len(runs) == 1 {
		if runs, err = parts(runs[0]); err != nil {
			return nil, err
		}
	}
	if len(runs) > mostSides {
		return nil, fmt.Errorf("there are %d runs to compare: want at most %d", len(runs), mostSides)
	}
	some := false
	for i, r := range runs {
		some = some || len(r.Speed) > 0
		all = append(all, Side{r, string(rune('A' + i))})
	}
	if !some {
		return nil, errors.New("no test of speed is in these files: save a run by fmbench report, or by " +
			"fmbench speed -o json > FILE")
	}
	return all, nil
}

// parts takes a run apart by its backends, or where there is one by its types of weights.
func parts(r *Run) (all []*Run, err error) {
	for _, of := range []func(Setup) string{
		func(s Setup) string { return s.Backend }, func(s Setup) string { return s.Type },
	} {
		var names []string
		for _, s := range r.Speed {
			if !slices.Contains(names, of(s.Setup)) {
				names = append(names, of(s.Setup))
			}
		}
		for _, n := range names {
			part := r.Only(func(s Setup) bool { return of(s) == n })
			part.Name = n
			all = append(all, part)
		}
		if len(all) > 1 {
			return all, nil
		}
		all = nil
	}
	return nil, fmt.Errorf("%s has one backend and one type of weights: to compare something give several files",
		r.Name)
}

// mostSides is as many as there are letters.
const mostSides = 26

// A Compared is a test on several sides: of each its speed, and the ratio to the first side's. A side that has not
// measured it has no speed.
type Compared struct {
	Setup  // of the first side that has it
	Test   string
	Speeds []*Speed
	Ratios []*Ratio // nil for the first side, and where one of the two is missing
}

// Compare puts tests of the same model, type, backend and setting beside each other. What each side has one value of
// is not looked at: if it differs, it is what is compared, as another card or another type of weights.
func Compare(sides []Side) (all []Compared) {
	free := freeFields(sides)
	index := map[string]int{}
	for i, side := range sides {
		for _, s := range side.Speed {
			k := free.key(s)
			at, ok := index[k]
			if !ok {
				at = len(all)
				index[k] = at
				all = append(all, Compared{Setup: s.Setup, Test: s.Test, Speeds: make([]*Speed, len(sides)),
					Ratios: make([]*Ratio, len(sides))})
			}
			all[at].Speeds[i] = &s // of several rows the last counts
		}
	}
	for _, c := range all {
		base := c.Speeds[0]
		for i, s := range c.Speeds {
			if i > 0 && s != nil && base != nil {
				r := s.Rate().Over(base.Rate())
				c.Ratios[i] = &r
			}
		}
	}
	return all
}

// fields are what tells tests from each other beside their names.
var fields = []func(Speed) string{
	func(s Speed) string { return s.Kind() },
	func(s Speed) string { return s.Device },
	func(s Speed) string { return s.Model },
	func(s Speed) string { return s.Type },
	func(s Speed) string { return fmt.Sprint(s.Threads) },
	func(s Speed) string { return s.Precision },
	func(s Speed) string { return fmt.Sprint(s.Chunk) },
}

// perKind are the fields that every kind of backend has values of its own of.
var perKind = []bool{false, true, false, false, true, true, true}

// free says which fields are not looked at: of all kinds of backends, by "", or of one.
type free map[string][]bool

// freeFields finds the fields that no side has several values of.
func freeFields(sides []Side) free {
	several := map[string][]bool{}
	for _, side := range sides {
		first := map[string]Speed{}
		for _, s := range side.Speed {
			for _, kind := range []string{"", s.Kind()} {
				f, ok := first[kind]
				if !ok {
					first[kind], f = s, s
				}
				if several[kind] == nil {
					several[kind] = make([]bool, len(fields))
				}
				for i, of := range fields {
					several[kind][i] = several[kind][i] || of(f) != of(s)
				}
			}
		}
	}
	return free(several)
}

// key is equal for tests that are compared.
func (f free) key(s Speed) string {
	k := fmt.Sprintf("%q", s.Test)
	for i, of := range fields {
		kind := ""
		if perKind[i] && f[""][0] {
			kind = s.Kind()
		}
		if f[kind][i] {
			k += fmt.Sprintf(" %d:%q", i, of(s))
		}
	}
	return k
}

// Differences says in which of machine, build and settings the sides differ: a name, and the value of each side.
func Differences(sides []Side) (rows [][]string) {
	all := []struct {
		name string
		of   func(Side) string
	}{
		{"file", func(s Side) string { return s.Name }},
		{"device", ofSpeeds(func(s Speed) string { return s.Device })},
		{"driver", ofSpeeds(func(s Speed) string { return s.Driver })},
		{"backend", ofSpeeds(func(s Speed) string { return s.Backend })},
		{"model", ofSpeeds(func(s Speed) string { return s.Model })},
		{"weights in", ofSpeeds(func(s Speed) string { return s.Type })},
		{"precision", ofSpeeds(func(s Speed) string { return s.Precision })},
		{"threads", ofSpeeds(func(s Speed) string { return fmt.Sprint(s.Threads) })},
		{"chunk", ofSpeeds(func(s Speed) string { return fmt.Sprint(s.Chunk) })},
		{"commit", ofSpeeds(func(s Speed) string { return cmp.Or(s.Commit, "not known") })},
		{"measured", ofSpeeds(func(s Speed) string { return s.Date[:min(10, len(s.Date))] })},
	}
	for _, k := range all {
		row, differs := []string{k.name}, false
		for _, s := range sides {
			row = append(row, k.of(s))
			differs = differs || row[1] != k.of(s)
		}
		if differs {
			rows = append(rows, row)
		}
	}
	return rows
}

// ofSpeeds joins the different values of a side.
func ofSpeeds(of func(Speed) string) func(Side) string {
	return func(side Side) string {
		var all []string
		for _, s := range side.Speed {
			if v := of(s); !slices.Contains(all, v) && len(all) < 9 {
				all = append(all, v)
			}
		}
		text := ""
		for i, v := range all {
			if i > 0 {
				text += ", "
			}
			text += v
		}
		return text
	}
}
