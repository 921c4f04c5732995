package backendtest

import (
	"slices"

	"falconmamba/backend"
)

// short returns what -short runs of the cases of a kind. Where there are
// weights, most cases are another pipeline for a GPU driver, which its compiler
// takes a second over: as few cases as have, one with another, each precision and
// each plain type of weight with few rows and with many, each block type with one
// of both, kind by kind in turn where there are both, a single row, and views at
// odd offsets, and states that are kept after every row. Of the other kinds it is every fifth, one of
// each type of states, and one that keeps them.
func short(cases []Case) (list []Case) {
	if cases[0].typ == 0 {
		for i := 0; i < len(cases); i += 5 {
			list = append(list, cases[i])
		}
		for _, typ := range stateTypes {
			if i := slices.IndexFunc(cases, func(c Case) bool { return c.state == typ }); i >= 0 && i%5 != 0 {
				list = append(list, cases[i])
			}
		}
		if i := slices.IndexFunc(cases, func(c Case) bool { return c.keeps }); i >= 0 && i%5 != 0 {
			list = append(list, cases[i])
		}
		return list
	}
	had := map[any]bool{}
	for {
		best, most := 0, 0
		for i, c := range cases {
			n := 0
			for _, t := range c.traits() {
				if !had[t] {
					n++
				}
			}
			if n > most {
				best, most = i, n
			}
		}
		if most == 0 {
			return list
		}
		for _, t := range cases[best].traits() {
			had[t] = true
		}
		list = append(list, cases[best])
	}
}

// prefillRows is from where drivers take kernels for many rows.
const prefillRows = 16

// traits are what a case with weights has that short wants.
func (c Case) traits() []any {
	type weights struct {
		typ  backend.DType
		many bool
	}
	type activations struct {
		precision backend.Precision
		many      bool
	}
	type rounded struct {
		blocks    bool
		precision backend.Precision
	}
	type stateOf struct {
		typ  backend.DType
		many bool
	}
	many := c.rows >= prefillRows
	list := []any{c.typ, activations{c.Precision, many}, c.odd}
	if c.typ.Block() == 1 || many == ((int(c.typ)+len(c.Kind))%2 == 0) {
		list = append(list, weights{c.typ, many})
	}
	if !many {
		list = append(list, rounded{c.typ.Block() > 1, c.Precision})
	}
	if c.state != 0 {
		list = append(list, stateOf{c.state, many})
	}
	if c.keeps {
		list = append(list, "kept")
	}
	if c.rows == 1 {
		list = append(list, "one row")
	}
	return list
}
