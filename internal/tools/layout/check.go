package main

import (
	"errors"
	"fmt"
	"strings"
)

// check returns one line for every edge that the table forbids, and for every one that it lists
// and nothing has.
func (t *table) check(edges []edge) error {
	var errs []error
	for _, e := range edges {
		if why := t.forbids(e); why != "" {
			errs = append(errs, fmt.Errorf("%s imports %s: %s (%s)", called(e.from), called(e.to), why, e.file))
		}
	}
	return errors.Join(append(errs, t.unused(edges)...)...)
}

// unused returns an error for every room that is listed though it is not imported. Rooms that
// have no packages yet may be, and so may the lowest, which is for all.
func (t *table) unused(edges []edge) (errs []error) {
	type pair struct {
		from, to *room
		test     bool
	}
	used, there := map[pair]bool{}, map[*room]bool{}
	for _, e := range edges {
		from, to := t.of(e.from), t.of(e.to)
		used[pair{from, to, e.test}], there[from], there[to] = true, true, true
	}
	for _, from := range t.rooms {
		for _, to := range t.rooms {
			switch {
			case !there[from] || !there[to] || to.at == len(t.rooms)-1:
			case from.imports[to] && !used[pair{from, to, false}]:
				errs = append(errs, fmt.Errorf("layout.txt lets %s import %s: at most its tests do", from, to))
			case from.tests[to] && !used[pair{from, to, true}]:
				errs = append(errs, fmt.Errorf("layout.txt lets tests of %s import %s: none does", from, to))
			}
		}
	}
	return errs
}

// forbids says why an edge may not be, or nothing.
func (t *table) forbids(e edge) string {
	from, to := t.of(e.from), t.of(e.to)
	switch {
	case from == nil:
		return called(e.from) + " has no line in internal/tools/layout/layout.txt"
	case to == nil:
		return called(e.to) + " has no line in internal/tools/layout/layout.txt"
	case from == to || from.imports[to] || e.test && from.tests[to]:
		return ""
	}
	var may []string
	for _, r := range t.rooms {
		if from.imports[r] || e.test && from.tests[r] {
			may = append(may, called(r.name))
		}
	}
	who := called(from.name)
	if e.test {
		who = "a test of " + who
	}
	if len(may) == 0 {
		return who + " may import nothing of the project"
	}
	return who + " may import only " + strings.Join(may, ", ")
}

// called is a package as a message names it.
func called(pkg string) string {
	if pkg == "." {
		return "the root"
	}
	return pkg
}
