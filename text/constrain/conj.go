package constrain

import (
	"cmp"
	"slices"
)

// A conj is schemas that are all to be met, by their ids.
type conj []*schema

func newConj(all ...*schema) conj {
	var c conj
	for _, s := range all {
		if s != nil && !slices.Contains(c, s) {
			c = append(c, s)
		}
	}
	return c
}

func (c conj) key() string {
	ids := make([]int32, len(c))
	for i, s := range c {
		ids[i] = int32(s.id)
	}
	slices.Sort(ids)
	return key32(ids)
}

// never reports whether one of the schemas is false.
func (c conj) never() bool { return slices.ContainsFunc(c, func(s *schema) bool { return s.never }) }

func (c conj) path() string {
	if len(c) == 0 {
		return "anything"
	}
	return cmp.Or(c[0].path, "the schema")
}

// A branch of a conj that is left when every choice was made: what each of its schemas says itself has to hold.
type alternative []*schema

// kinds returns the types that all schemas allow.
func (c *compiler) kinds(all []*schema) kind {
	k := kind(kindAny)
	integer, broken := false, false
	for _, s := range all {
		k &= s.kinds
		integer, broken = integer || s.integer, broken || s.broken
	}
	if integer && broken {
		k &^= kindNumber
	}
	return k
}

// narrow reports whether a format is enforced more narrowly than it is meant.
func (a alternative) narrow() bool {
	return slices.ContainsFunc(a, func(s *schema) bool {
		return slices.ContainsFunc(s.patterns, func(p pattern) bool { return p.wide != nil })
	})
}

// widely returns the schemas with what they say of strings taken widely.
func (a alternative) widely() alternative {
	if !a.narrow() {
		return a
	}
	all := make(alternative, len(a))
	for i, s := range a {
		w := *s
		w.patterns = slices.Clone(s.patterns)
		for k, p := range w.patterns {
			if p.wide != nil {
				w.patterns[k] = *p.wide
			}
		}
		all[i] = &w
	}
	return all
}
