// Package nearest finds what somebody meant who has misspelt a name.
package nearest

import "slices"

// Name returns the name that is nearest to what was typed, or nothing if none is near: a third
// of its letters may be wrong, missing, too many or exchanged with the next.
func Name(typed string, names []string) string {
	best, least := "", min(len([]rune(typed)), longest)/3+1
	for _, name := range names {
		if d := distance([]rune(typed), []rune(name)); d < least && name != typed {
			best, least = name, d
		}
	}
	return best
}

// Did returns "; did you mean NAME?", or nothing.
func Did(prefix, typed string, names []string) string {
	if name := Name(typed, names); name != "" {
		return "; did you mean " + prefix + name + "?"
	}
	return ""
}

// longest bounds what is compared, in letters.
const longest = 100

// distance is the number of edits between a and b (optimal string alignment).
func distance(a, b []rune) int {
	if len(a) > longest || len(b) > longest {
		return longest
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for k := range row {
		row[k] = k
	}
	for i := range a {
		next[0] = i + 1
		for k := range b {
			cost := 1
			if a[i] == b[k] {
				cost = 0
			}
			next[k+1] = min(row[k]+cost, row[k+1]+1, next[k]+1)
			if i > 0 && k > 0 && a[i] == b[k-1] && a[i-1] == b[k] {
				next[k+1] = min(next[k+1], before[k-1]+1)
			}
		}
		before, row, next = row, next, slices.Clone(before)
	}
	return row[len(b)]
}
