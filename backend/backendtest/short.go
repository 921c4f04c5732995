package backendtest

import "falconmamba/backend"

// short returns what -short runs of the cases of a kind. Where there are
// weights, most cases are another pipeline for a GPU driver, which its compiler
// takes a second over: as few cases as have, one with another, each precision and
// each plain type of weight with few rows and with many, each block type with one
// of both, kind by kind in turn, a single row, and views at odd offsets. Of the
// other kinds it is every fifth.
func short(cases []Case) (list []Case) {
	if cases[0].typ == 0 {
		for i := 0; i < len(cases); i += 5 {
			list = append(list, cases[i])
		}
		return list
	}
	had, there := map[any]bool{}, map[weights]bool{}
	for _, c := range cases {
		there[c.weights()] = true
	}
	for {
		best, most := 0, 0
		for i, c := range cases {
			n := 0
			for _, t := range c.traits(there) {
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
		for _, t := range cases[best].traits(there) {
			had[t] = true
		}
		list = append(list, cases[best])
	}
}

// prefillRows is from where drivers take kernels for many rows.
const prefillRows = 16

// weights are the type of a case's weights, and whether it has many rows.
type weights struct {
	typ  backend.DType
	many bool
}

func (c Case) weights() weights { return weights{c.typ, c.rows >= prefillRows} }

// wants reports whether short wants these weights of a kind: plain types with few
// rows and with many, block types with one of both, of those that are there.
func (w weights) wants(kind backend.Kind, there map[weights]bool) bool {
	other := weights{w.typ, !w.many}
	return w.typ.Block() == 1 || !there[other] || w.many == ((int(w.typ)+len(kind))%2 == 0)
}

// traits are what a case has that short wants, of a kind that has the weights
// there.
func (c Case) traits(there map[weights]bool) []any {
	type activations struct {
		precision backend.Precision
		many      bool
	}
	type rounded struct {
		blocks    bool
		precision backend.Precision
	}
	w := c.weights()
	list := []any{activations{c.Precision, w.many}, c.odd}
	if w.wants(c.Kind, there) {
		list = append(list, w)
	}
	if !w.many {
		list = append(list, rounded{c.typ.Block() > 1, c.Precision})
	}
	if c.rows == 1 {
		list = append(list, "one row")
	}
	return list
}
