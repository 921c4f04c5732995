package statecache

// Prompts part near their ends more often than at their beginnings, and what stands behind
// the place where they part has to be read anyway. So states are kept thinly along a
// prompt, at growing distances from its end.

// apart is how many times as far from the end each state is as the one behind it.
const apart = 4

// Cuts returns where the reading of a text that ends at token n, from token from on, leaves
// states behind, ascending: half of spacing before the end, and from there to the
// beginning each four times as far from the end as the one before.
func Cuts(from, n, spacing int) (cuts []int) {
	for d := max(1, spacing/2); n-d > from; d *= apart {
		cuts = append(cuts, n-d)
	}
	for i, j := 0, len(cuts)-1; i < j; i, j = i+1, j-1 {
		cuts[i], cuts[j] = cuts[j], cuts[i]
	}
	return cuts
}

// Within returns how many tokens a text is read again at most that parts from a known one so
// many tokens before its end, as far as the states that Cuts asks for are kept.
func Within(behind, spacing int) int {
	d := max(1, spacing/2)
	for d < behind {
		d *= apart
	}
	return d - behind
}
