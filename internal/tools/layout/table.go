package main

import (
	"fmt"
	"strings"
)

// A room is a line of the table: a package, or a folder of them, and what they import.
type room struct {
	name    string // the folder, "." for the root package
	deep    bool   // with all below the folder
	at      int    // the place in the table, from the top
	row     int    // of the picture, from the top
	wide    bool
	is      string
	imports map[*room]bool
	tests   map[*room]bool // beside those
}

// A table is all rooms, from the top to the ground.
type table struct{ rooms []*room }

// parseTable reads the form that layout.txt describes.
func parseTable(text string) (*table, error) {
	t := &table{}
	var last *room
	row, open := -1, false
	type list struct {
		line  int
		of    *room
		tests bool
		names []string
	}
	var lists []list
	for i, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
			open = false
		case strings.HasPrefix(line, "#"):
		case line[0] != '\t':
			if len(f) != 1 || t.named(f[0]) != nil {
				return nil, fmt.Errorf("line %d: %q is not the name of one more room", i+1, line)
			}
			if !open {
				row, open = row+1, true
			}
			name, deep := strings.CutSuffix(f[0], "/...")
			last = &room{name: name, deep: deep, at: len(t.rooms), row: row,
				imports: map[*room]bool{}, tests: map[*room]bool{}}
			t.rooms = append(t.rooms, last)
		case last != nil && f[0] == "wide":
			last.wide = true
		case last != nil && f[0] == "is":
			last.is = strings.Join(f[1:], " ")
		case last != nil && (f[0] == "imports" || f[0] == "tests"):
			lists = append(lists, list{i + 1, last, f[0] == "tests", f[1:]})
		default:
			return nil, fmt.Errorf("line %d: %q is none of wide, is, imports and tests", i+1, f[0])
		}
	}
	for _, l := range lists {
		for _, name := range l.names {
			to := t.named(name)
			switch {
			case to == nil:
				return nil, fmt.Errorf("line %d: no room is called %s", l.line, name)
			case l.tests:
				l.of.tests[to] = true
			case to.at <= l.of.at:
				return nil, fmt.Errorf("line %d: %s does not stand below %s", l.line, name, l.of.name)
			default:
				l.of.imports[to] = true
			}
		}
	}
	return t, nil
}

// named returns the room that is written so in the table.
func (t *table) named(name string) *room {
	for _, r := range t.rooms {
		if r.String() == name {
			return r
		}
	}
	return nil
}

// of returns the room of a package: the one whose folder is the nearest.
func (t *table) of(pkg string) *room {
	var best *room
	for _, r := range t.rooms {
		if pkg == r.name || r.deep && strings.HasPrefix(pkg, r.name+"/") {
			if best == nil || len(r.name) > len(best.name) {
				best = r
			}
		}
	}
	return best
}

func (r *room) String() string {
	if r.deep {
		return r.name + "/..."
	}
	return r.name
}
