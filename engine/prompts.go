package engine

import "time"

// prompts knows how long passes take, and says how many tokens of prompts one reads beside
// texts that wait for their next.
type prompts struct {
	base   time.Duration // of a pass that only writes; 0 before it was measured
	perRow time.Duration // by which a pass that reads takes longer, for each row; 0 before it was measured
	rows   int           // that the latest pass read
}

// minPrompt is how many tokens of prompts a pass reads at least, however slow the
// device is.
const minPrompt = 16

// learn takes note of a pass that read some rows of prompts, beside others, or none. What
// takes longer is believed at once, what takes less by and by.
func (p *prompts) learn(rows int, took time.Duration) {
	switch {
	case rows == 0 && p.base == 0:
		p.base = took
		return
	case rows == 0:
		p.base += (took - p.base) / 4
		return
	case rows < minPrompt:
		return // all else outweighs them
	}
	p.rows = rows
	p.base = min(p.base, took-took/8) // where more texts were written before
	perRow := (took - p.base) / time.Duration(rows)
	p.perRow = max(perRow, p.perRow+(perRow-p.perRow)/4)
}

// beside returns how many tokens of prompts a pass reads that is to take at most pace, an
// eighth of which is for passes that take longer than others. They are at most twice as many
// as in the pass before, since few rows say little of many.
func (p *prompts) beside(pace time.Duration, chunk int) int {
	if p.perRow == 0 {
		return max(minPrompt, chunk/4)
	}
	fits := int((pace - pace/8 - p.base) / p.perRow)
	return min(max(min(fits, 2*p.rows), minPrompt), chunk)
}
