package main

import (
	"errors"
	"fmt"
	"strings"
)

// check returns one line for every edge that the table forbids.
func (t *table) check(edges []edge) error {
	var errs []error
	for _, e := range edges {
		if why := t.forbids(e); why != "" {
			errs = append(errs, fmt.Errorf("%s imports %s: %s (%s)", called(e.from), called(e.to), why, e.file))
		}
	}
	return errors.Join(errs...)
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
