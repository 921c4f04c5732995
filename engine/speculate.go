package engine

import (
	"math"
	"math/bits"
	"slices"

	"falconmamba/backend"
	"falconmamba/engine/draft"
	"falconmamba/internal/clock"
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

// A round that replays guesses nothing where it would gain less than this share of what it gains behind that.
const settleGain = 0.75

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
	other int          // where there is none, the slot that a round leaves its last state in
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

// replays reports whether rounds read again what was taken since the state that they go on from.
func (d *drafting) replays() bool { return d.other != 0 }

// states is how many slots the text's rounds take.
func (d *drafting) states() int {
	switch {
	case d == nil || !d.on:
		return 0
	case d.replays():
		return 1
	}
	return d.ring.Len
}

// lag is how many tokens of the text the next step reads, the last of them included: one, unless the text was
// written by rounds that replay.
func (t *task) lag() int { return t.begin + t.submitted - t.fed }

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
// model where that is better by its guesses, whose passes count: what the text itself tells costs nothing. The round
// reads lag tokens before the drafts.
func (e *Engine) worth(t *task, others, lag int) (k int, gain float64, byModel bool) {
	d := t.draft
	p, byModel := e.modelGuesses(t, others)
	if e.eager && (byModel || d.class >= 0) {
		return e.mostDrafts(t), math.Inf(1), byModel
	}
	if byModel {
		k, gain = e.best(t, p, others, lag, true)
	}
	if d.class >= 0 {
		if n, g := e.best(t, d.rate(), others, lag, false); g >= gain {
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
func (e *Engine) best(t *task, p float64, others, lag int, byModel bool) (k int, gain float64) {
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
		g := (float64(others) + tokens) / float64(others+1) / (e.costs.ratio(others+lag+n, others+1) + guessing)
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
	k, gain, byModel := e.worth(t, others, 1)
	if gain < beginGain || byModel && (!e.followText(t, e.modelRate(t, others)) || d.follow.reads) {
		return
	}
	if !e.takeRing(d) && !e.takeOther(t, others, k) {
		d.pause(t)
	}
}

// draftSlots is how many slots the rounds of all texts take.
func (e *Engine) draftSlots() int {
	n := 0
	for _, t := range e.tasks {
		n += t.draft.states()
	}
	return n
}

// takeRing takes slots for the states behind all rows of a round, where nobody else goes without for them and as
// far as Options.DraftStates says.
func (e *Engine) takeRing(d *drafting) bool {
	n := e.drafts + 2 // the rows of a round, and where it comes from
	if e.draftSlots()+n > e.draftStates {
		return false
	}
	first, ok := e.pool.take(n)
	if !ok && !e.tight && e.grow(n) == nil {
		first, ok = e.pool.take(n)
	}
	if ok {
		d.on, d.ring = true, backend.Ring{First: first, Len: n}
	}
	return ok
}

// takeOther takes one slot for rounds of t, where they are worth it if they replay: of about k drafts, as many of
// which are read again as a wrong one leaves on average.
func (e *Engine) takeOther(t *task, others, k int) bool {
	if !e.replays || e.draftSlots() >= e.draftStates {
		return false
	}
	if _, gain, _ := e.worth(t, others, 1+(k+1)/2); gain < beginGain {
		return false
	}
	slot, ok := e.spareSlot()
	if ok {
		t.draft.on, t.draft.other = true, slot
	}
	return ok
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
	e.freeSlot(d.other)
	e.dropRing(t, 0)
	t.resumes = t.resumes || d.stale
	d.on, d.other, d.stale = false, 0, false
}

// dropRing frees the slots of t's ring, if it has one, but for that of its state and keep.
func (e *Engine) dropRing(t *task, keep int) {
	d := t.draft
	for i := range d.ring.Len {
		if slot := d.ring.First + i; slot != t.work && slot != keep {
			e.freeSlot(slot)
		}
	}
	d.ring = backend.Ring{}
}

// freeRing takes slots of a text that is written by rounds, if there is one of which nothing
// is in flight: of one that has many first, which goes on with one.
func (e *Engine) freeRing() bool {
	var least *task
	for _, t := range e.tasks {
		if t.speculates() && t.drained() && (least == nil || t.draft.states() > least.draft.states()) {
			least = t
		}
	}
	switch {
	case least == nil:
		return false
	case e.replays && !least.draft.replays():
		d := least.draft
		if d.other = d.ring.First; d.other == least.work {
			d.other++
		}
		e.dropRing(least, d.other)
	default:
		least.draft.pause(least)
		e.undraft(least)
	}
	return true
}

// A round is a text in a pass with its drafts.
type round struct {
	t      *task
	drafts []int32
	rows   []int // of the tables: one for each token that it may write
	from   int   // the slot that it goes on from
	frees  int   // that slot, where nobody needs it any more; else 0

	lag     int  // tokens that it reads before the drafts; more than one where it replays
	other   int  // slot of its last state, where it keeps no other; else 0
	byModel bool // the drafts are the draft model's
	right   int  // drafts that were, once it was judged
}

// rounds returns the rounds that the texts begin which are written so and which are ready,
// and appends those to writers for which it is not worth it now.
func (e *Engine) rounds(ready, writers []*task, reading bool) ([]round, []*task) {
	var list []round
	for _, t := range ready {
		others := len(writers) + len(ready) - 1
		k, gain, _ := e.worth(t, others, t.lag())
		var guess []int32
		byModel := t.draft.follow.fresh(t)
		switch {
		case reading:
		case e.settles(t, others, gain):
			if len(e.spare) > 0 {
				n := len(e.spare) - 1
				list = append(list, round{t: t, rows: slices.Clone(e.spare[n:])})
				e.spare = e.spare[:n]
				continue
			}
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

// settles reports whether the next round of t is to read what it lags behind, and guess nothing: it is so much that
// drafts are worth more behind that.
func (e *Engine) settles(t *task, others int, gain float64) bool {
	lag := t.lag()
	if lag == 1 {
		return false
	}
	if e.eager || lag > e.drafts+1 {
		return lag > e.drafts+1
	}
	_, without, _ := e.worth(t, others, 1)
	return without >= stayGain && gain < settleGain*without
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
	r.from, r.lag = t.work, t.lag()
	if r.other = d.other; r.other != 0 {
		p.Seqs = append(p.Seqs, backend.Sequence{From: r.from, To: r.other, First: len(p.IDs),
			Rows: r.lag + len(r.drafts), Slot: t.slot})
		p.IDs = append(p.IDs, slices.Concat(t.tail(t.length()-r.lag), r.drafts)...)
		t.submitted++
		d.stale = true
		return nil
	}
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
		p.Heads = append(p.Heads, int32(first+r.lag-1+i))
		p.Draws = append(p.Draws, row)
	}
}

// judged takes the tokens of a round: those that were guessed, and one more.
func (e *Engine) judged(r *round, now clock.Time) {
	t := r.t
	e.count.Drafted += uint64(len(r.drafts))
	e.count.Replayed += uint64(r.lag - 1)
	ring, right, wrong := t.draft.ring, 0, false
	for i, row := range r.rows {
		step := t.drawnBefore + uint32(t.taken)
		id := e.runner.token(row, step)
		switch {
		case r.other == 0:
			t.work, t.fed = ring.Next(r.from, i+1), t.begin+t.taken
		case i == len(r.drafts):
			e.changePlaces(t, *r)
		}
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

// changePlaces has t go on from the last state of a round that replays. The one that it came from is where the next one
// leaves its own, unless the sequence keeps it to go back to.
func (e *Engine) changePlaces(t *task, r round) {
	before := place{r.from, t.fed}
	t.work, t.fed, t.draft.other = r.other, t.begin+t.taken, r.from
	if !t.due() || before.fed <= t.seq.fed {
		return
	}
	if slot, ok := e.spareSlot(); ok {
		t.marked, t.mark, t.draft.other = t.submitted, before, slot
	}
}

// lastID is the last token of the text so far.
func (t *task) lastID() int32 {
	if n := len(t.written); n > 0 {
		return t.written[n-1]
	}
	return t.ids[len(t.ids)-1]
}
