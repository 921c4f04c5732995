package engine

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"falconmamba/backend"
	"falconmamba/engine/draft"
	"falconmamba/model"
)

// Some texts can be guessed: they quote, copy or repeat. Such a text is written by rounds: a pass
// reads its last token and with it the drafts, what its drafter thinks that follows, and draws
// behind each of them what would be drawn if they are right. What is drawn behind the last
// that is right is a token more. The state behind every row is kept in a slot of its own, so that
// the text goes on from any of them, and what was guessed wrong costs nothing but its row.
//
// The guesses of a text that is written plainly are compared with its tokens too. From that and
// from what passes take follows when rounds begin, of how many drafts they are, and
// when they end. A round waits for the one before, as a text does that needs the host; others take
// part in it and in the steps between.

// A Speculation says whether texts may be written by guesses that are verified.
type Speculation uint8

// The kinds of speculation.
const (
	// SpeculateExact lets texts be guessed where what is written is to the bit what would
	// be without: where the device is batch invariant, and passes of few rows are in float32.
	SpeculateExact Speculation = iota
	// SpeculateAlways lets them be guessed everywhere. Where several rows of a text are multiplied
	// in another way than one, a text may become another, as it may in a batch.
	SpeculateAlways
	// SpeculateNever leaves it.
	SpeculateNever
)

// defaultDrafts is how many tokens are guessed at most, unless Options say otherwise.
const defaultDrafts = 7

// maxDrafts bounds them.
const maxDrafts = 31

// draftRows are rows of the tables for drafts, of all texts together.
const draftRows = 2 * (maxDrafts + 1)

// Rounds begin where they are thought to write so many times as fast, and go on down to another.
const (
	beginGain = 1.15
	stayGain  = 1.03
)

// Rounds wait for the host. Where plain passes take less than this, in seconds, that is longer than
// what they save: a model of 4,800 tokens a second was slower by 7 to 30 % with them.
const leastPass = 1e-3

// A text that was written by rounds in vain is left alone for so many tokens, and for twice
// as many each time.
const (
	firstRest = 8
	mostRest  = 512
)

// longText is from where a drafter reads a text aside.
const longText = 1 << 13

// drafting is what a text has that may be guessed.
type drafting struct {
	by    draft.Drafter // nil while it reads the text
	rates [5]rate       // how often guesses were right, by what they follow from
	guess int32         // of the next token
	class int           // of the guess, see classOf; -1 where there is none

	on    bool         // it is written by rounds
	ring  backend.Ring // slots for the states behind the rows of a round
	stale bool         // its row of the tables does not know the tokens of the latest rounds
	after int          // tokens before which no round begins
	rest  int          // how many these were last

	follow *follow // what the draft model has of it; nil for nothing
	deaf   bool    // the draft model does not guess for it
}

// classOf tells guesses apart by the tokens that they follow from.
func classOf(evidence int) int { return min(max(bits.Len(uint(evidence))-2, 0), 4) }

// newDrafting returns what t needs to be guessed, nil where it cannot be. The host has a say
// between the tokens of some texts: these are not guessed.
func (e *Engine) newDrafting(t *task) *drafting {
	if e.drafts == 0 || t.Plain || t.keeps() || t.Allow != nil || t.MaxTokens == 1 {
		return nil
	}
	d := &drafting{by: t.Drafter, class: -1}
	switch text := t.ids; {
	case d.by != nil:
	case e.guesser != nil:
		d.by = e.guesser(text)
	case len(text) < longText:
		d.by = draft.NewNGram(text)
	default:
		go func() {
			by := draft.NewNGram(text)
			e.mu.Lock()
			defer e.mu.Unlock()
			for _, id := range slices.Concat(t.ids[len(text):], t.written) {
				by.Push(id)
			}
			d.by = by
		}()
	}
	return d
}

// watch tells what the text went on with.
func (d *drafting) watch(id int32) {
	if d == nil || d.by == nil {
		return
	}
	if d.class >= 0 {
		d.rates[d.class].add(d.guess == id)
	}
	d.by.Push(id)
	d.class = -1
	var guess [1]int32
	if n, evidence := d.by.Draft(guess[:]); n > 0 {
		d.guess, d.class = guess[0], classOf(evidence)
	}
}

// speculates reports whether t is written by rounds.
func (t *task) speculates() bool { return t.draft != nil && t.draft.on }

// fewEvents is how many guesses tell little.
const fewEvents = 4

// rate is how likely the guess is right: of a class that is hardly known at least as likely as one that
// follows from less.
func (d *drafting) rate() float64 {
	p := 0.0
	for class := d.class; class >= 0; class-- {
		p = max(p, d.rates[class].value())
		if d.rates[class].n >= fewEvents {
			break
		}
	}
	return p
}

// worth returns of how many drafts a round of t is best, beside others rows, and how many
// times as many tokens are written by it as plainly in the same time. The drafts are those of the draft
// model where that is better by its guesses, whose passes count: what the text itself tells costs nothing.
func (e *Engine) worth(t *task, others int) (k int, gain float64, byModel bool) {
	d := t.draft
	p, byModel := e.modelGuesses(t, others)
	if e.eager && (byModel || d.class >= 0) {
		return e.mostDrafts(t), math.Inf(1), byModel
	}
	if byModel {
		k, gain = e.best(t, p, others, true)
	}
	if d.class >= 0 {
		if n, g := e.best(t, d.rate(), others, false); g >= gain {
			return n, g, false
		}
	}
	return k, gain, byModel
}

// mostDrafts is of how many drafts a round of t may be.
func (e *Engine) mostDrafts(t *task) int {
	if t.MaxTokens > 0 {
		return min(e.drafts, t.MaxTokens-t.taken-1)
	}
	return e.drafts
}

// best is worth of drafts that are right with probability p each.
func (e *Engine) best(t *task, p float64, others int, byModel bool) (k int, gain float64) {
	most := e.mostDrafts(t)
	step := e.costs.plain[sizeOf(others+1)].seconds
	for rows := 2; ; rows *= 2 {
		n := min(rows-1, most)
		if n < 1 {
			return k, gain
		}
		tokens, guessing := expected(p, n), 0.0
		if byModel && step > 0 {
			guessing = e.guessesIn(n) / step
		}
		if others > 0 && e.ahead > 1 { // others step meanwhile, and it does not
			tokens, guessing = tokens/2, guessing/2
		}
		g := (float64(others) + tokens) / float64(others+1) / (e.costs.ratio(others+1+n, others+1) + guessing)
		if g > gain {
			k, gain = n, g
		}
		if n == most {
			return k, gain
		}
	}
}

// beside is how many other texts are written.
func (e *Engine) beside(t *task) int {
	n := 0
	for _, u := range e.tasks {
		if u != t && u.writes() {
			n++
		}
	}
	return n
}

// consider has t written by rounds from now on, if that is worth it and nobody else goes without a
// slot for it.
func (e *Engine) consider(t *task) {
	d := t.draft
	if d == nil || d.on || !t.running || t.taken < d.after {
		return
	}
	others := e.beside(t)
	if c := e.costs.plain[sizeOf(others+1)]; !e.eager && (c.n == 0 || c.seconds < e.leastPass) {
		return
	}
	_, gain, byModel := e.worth(t, others)
	if gain < beginGain || byModel && (!e.followText(t, e.modelRate(t, others)) || d.follow.reads) {
		return
	}
	n := e.drafts + 2 // the rows of a round, and where it comes from
	first, ok := e.pool.take(n)
	if !ok && !e.tight && e.grow(n) == nil {
		first, ok = e.pool.take(n)
	}
	if !ok {
		d.pause(t)
		return
	}
	d.on, d.ring = true, backend.Ring{First: first, Len: n}
}

// pause leaves t alone for a while.
func (d *drafting) pause(t *task) {
	d.rest = min(max(firstRest, 2*d.rest), mostRest)
	d.after = t.taken + d.rest
}

// undraft has t written plainly. Nothing of it is in flight, or it has ended.
func (e *Engine) undraft(t *task) {
	d := t.draft
	if d == nil || !d.on {
		return
	}
	for i := range d.ring.Len {
		if slot := d.ring.First + i; slot != t.work {
			e.freeSlot(slot)
		}
	}
	t.resumes = t.resumes || d.stale
	d.on, d.ring, d.stale = false, backend.Ring{}, false
}

// freeRing takes the slots of a text that is written by rounds, if there is one of which nothing
// is in flight.
func (e *Engine) freeRing() bool {
	for _, t := range e.tasks {
		if t.speculates() && t.drained() {
			t.draft.pause(t)
			e.undraft(t)
			return true
		}
	}
	return false
}

// A round is a text in a pass with its drafts.
type round struct {
	t      *task
	drafts []int32
	rows   []int // of the tables: one for each token that it may write
	from   int   // the slot that it goes on from
	frees  int   // that slot, where nobody needs it any more; else 0

	byModel bool // the drafts are the draft model's
	right   int  // drafts that were, once it was judged
}

// rounds returns the rounds that the texts begin which are written so and which are ready,
// and appends those to writers for which it is not worth it now.
func (e *Engine) rounds(ready, writers []*task, reading bool) ([]round, []*task) {
	var list []round
	for _, t := range ready {
		k, gain, _ := e.worth(t, len(writers)+len(ready)-1)
		var guess []int32
		byModel := t.draft.follow.fresh(t)
		switch {
		case reading:
		case byModel:
			guess = t.draft.follow.guess
			guess = guess[:max(0, min(len(guess), e.mostDrafts(t), len(e.spare)-1))]
		case gain >= stayGain && k < len(e.spare) && t.draft.class >= 0:
			guess = make([]int32, k)
			n, _ := t.draft.by.Draft(guess)
			guess = guess[:min(n, k)]
		}
		if len(guess) == 0 || e.CheckIDs(guess) != nil {
			if !reading && gain > 0 {
				t.draft.pause(t)
			}
			e.undraft(t)
			writers = append(writers, t)
			continue
		}
		n := len(e.spare) - len(guess) - 1
		list = append(list, round{t: t, drafts: slices.Clone(guess), rows: slices.Clone(e.spare[n:]), byModel: byModel})
		e.spare = e.spare[:n]
	}
	return list, writers
}

// begin adds a round to a pass.
func (r *round) begin(e *Engine, p *Pass) error {
	t, d := r.t, r.t.draft
	text := []int32{t.lastID()}
	if t.Sampling.Penalised() {
		text = slices.Concat(t.ids, t.written)
	}
	before := len(text)
	text = append(slices.Clip(text), r.drafts...)
	for i, row := range r.rows {
		how := t.drawing(t.drawnBefore, text[:before+i])
		how.drawn += uint32(i)
		how.limit, how.eos = 0, nil // the host sees to them
		if err := e.runner.draw(row, how); err != nil {
			return err
		}
	}
	r.from = t.work
	outside := r.from < d.ring.First || r.from >= d.ring.First+d.ring.Len
	if t.due() {
		t.marked = t.submitted
		if outside {
			t.mark = place{r.from, t.fed}
		} else if slot, ok := e.spareSlot(); ok {
			if _, err := e.copyState(slot, r.from); err != nil {
				e.freeSlot(slot)
				return err
			}
			t.mark = place{slot, t.fed}
		}
	}
	if outside && t.mark.slot != r.from {
		r.frees = r.from
	}
	rows := len(r.rows)
	p.Seqs = append(p.Seqs, backend.Sequence{From: r.from, To: d.ring.Next(r.from, rows), First: len(p.IDs), Rows: rows,
		Slot: t.slot, Ring: d.ring.First, RingLen: d.ring.Len, Keep: true})
	p.IDs = append(p.IDs, text[before-1:]...)
	t.work, t.fed, t.submitted = d.ring.Next(r.from, 1), t.fed+1, t.submitted+1
	d.stale = true
	return nil
}

// draw has a pass draw behind every row of a round.
func (r *round) draw(p *Pass, first int) {
	if !r.t.greedy() {
		p.Head = model.Sample
	}
	p.Bias = p.Bias || r.t.biased()
	p.Probs = p.Probs || r.t.LogProbs
	p.Filtered = p.Filtered || r.t.FilteredLogProbs
	for i, row := range r.rows {
		p.Heads = append(p.Heads, int32(first+i))
		p.Draws = append(p.Draws, row)
	}
}

// judged takes the tokens of a round: those that were guessed, and one more.
func (e *Engine) judged(r *round, now time.Time) {
	t := r.t
	e.count.Drafted += uint64(len(r.drafts))
	ring, right, wrong := t.draft.ring, 0, false
	for i, row := range r.rows {
		step := t.drawnBefore + uint32(t.taken)
		id := e.runner.token(row, step)
		t.work, t.fed = ring.Next(r.from, i+1), t.begin+t.taken
		t.submitted, t.uploaded = t.taken+1, t.taken
		e.drew(t, now)
		e.take(t, id, e.runner.told(t, row, step))
		if wrong = i < len(r.drafts) && id != r.drafts[i]; wrong || i == len(r.drafts) {
			break
		}
		right++
		if !t.running {
			break
		}
	}
	e.count.Accepted += uint64(right)
	if r.right = right; r.byModel {
		e.verified(t, len(r.drafts), right, wrong)
	}
	if !t.running {
		return
	}
	t.seq.show()
	e.goOn(t)
	if right > 0 {
		t.draft.rest = 0
	}
}

// lastID is the last token of the text so far.
func (t *task) lastID() int32 {
	if n := len(t.written); n > 0 {
		return t.written[n-1]
	}
	return t.ids[len(t.ids)-1]
}
