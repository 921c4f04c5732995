package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/internal/clock"
	"falconmamba/model"
)

// Another model of the same tokenizer may guess how texts go on. It writes them itself, and draws by the
// same records: with the same seed and step, it draws the same token wherever the two models agree. What
// it guesses is verified by the same rounds as any other guess.
//
// Its states have a pool of their own. A text has a ring of slots there, one for each token that is guessed and
// one to come from, so that a wrong guess costs nothing but its pass. Passes of the draft model are flights
// of the loop like any other: one reads what was written since, and as many more as tokens are guessed
// follow it without the host. Texts that are to be guessed at the same time share them.

// A draftModel is the model that guesses for an engine. The engine's mu guards it.
type draftModel struct {
	sub    *Engine // of the draft model: it has no loop, nor texts
	runner *Runner // made when first wanted
	rows   []int   // of the runner's tables, those that no text has
	fixed  bool    // its states have the room that Options.States leaves them
	shed   time.Time

	share  float64 // of a pass of the model, what a pass of it is thought to take before one was seen
	pass   cost    // of a pass that guesses
	perRow float64 // seconds for a token of a prompt; 0 before it was measured
	right  rate    // how often its guesses were, of all texts
	lost   float64 // seconds by which texts took longer with it than without
	wrote  float64 // seconds that passes took which write
}

// A follow is what the draft model has of a text.
type follow struct {
	row   int          // of its runner's tables
	ring  backend.Ring // of its slots
	slot  int          // of its state after the first fed tokens; 0 before the first
	fed   int
	rate  rate // how often its guesses were right
	asked bool // a pass of it is in flight
	reads bool // it is to read what it has not before it guesses
	guess []int32
	after int // tokens of the text that guess follows
}

// A guessing is a text in passes of the draft model.
type guessing struct {
	t    *task
	w    *follow
	rows int    // that the first of them reads
	step uint32 // of the first token that is drawn
}

// mostFollowed is how many texts the draft model follows at once.
const mostFollowed = 64

// catchUp is how many tokens the draft model reads in the pass that guesses, at most.
const catchUp = 64

// triedRate is how often guesses of the draft model are thought right before any was seen.
const triedRate = 0.7

// Where it is not known to be worth its passes, the draft model is tried as long as what was lost by it
// is at most this share of the time that texts took, and so many steps.
const (
	triedShare = 0.02
	triedSteps = 4
)

// newDraftModel returns what e needs to have m guess.
func newDraftModel(e *Engine, m *model.Model) (*draftModel, error) {
	c, of := m.Config(), e.cfg
	switch {
	case m.Backend() != e.b:
		return nil, errors.New("the draft model is on another device: load it on that of the model")
	case c.VocabSize != of.VocabSize:
		return nil, fmt.Errorf("the draft model has a vocabulary of %d tokens, and the model one of %d: "+
			"want a draft model of the same tokenizer", c.VocabSize, of.VocabSize)
	case e.drafts == 0:
		return nil, errors.New("a draft model is of no use where texts are not guessed: " +
			"allow it everywhere (--speculate), or ask for exact passes (--precision f32 --batch-invariant)")
	}
	d := &draftModel{share: float64(c.Parameters()) / float64(of.Parameters())}
	d.sub = &Engine{m: m, b: e.b, cfg: c, chunk: e.chunk, heads: e.heads, typ: e.typ, log: e.log}
	return d, nil
}

// open allocates what the draft model needs: so many states, and more as they fit if the engine's do so.
func (d *draftModel) open(e *Engine, m *model.Model, states int) (err error) {
	s := d.sub
	s.m, s.b, s.pool = m, m.Backend(), nil
	s.block, s.stream = backend.NewScratch(s.b), backend.NewScratch(s.b)
	s.runners = map[*Runner]bool{}
	d.runner, d.rows = nil, nil
	d.fixed = e.room > 0
	if s.pool, err = newSlotPool(s.b, s.cfg, s.typ, 1+states); err == nil && s.typ != backend.F32 {
		err = s.m.CheckStates(s.pool.layers[0], s.block, s.stream)
	}
	if err != nil {
		return fmt.Errorf("the draft model: %w", err)
	}
	return nil
}

// lend says how many of the states that Options ask for are memory of the draft model, at most a quarter and
// none where that is too little for a text, and how many of its own these are.
func (d *draftModel) lend(e *Engine) (lent, states int) {
	bytes := func(c *checkpoint.Config) int64 { return emptyPool(e.b, c, e.typ, 1).slotBytes() }
	lent = max(0, min(e.room-minStates, e.room/4))
	if states = int(int64(lent) * bytes(e.cfg) / bytes(d.sub.cfg)); states < e.drafts+1 {
		return 0, 0
	}
	return lent, states
}

// free frees what the draft model has on the device.
func (d *draftModel) free() error {
	s := d.sub
	var errs []error
	for r := range s.runners {
		errs = append(errs, r.free())
	}
	if s.pool != nil {
		errs = append(errs, s.pool.release())
	}
	if s.block != nil {
		errs = append(errs, s.block.Close(), s.stream.Close())
	}
	d.runner, s.pool, s.block, s.stream = nil, nil, nil, nil
	return errors.Join(errs...)
}

// take returns slots and a row of the tables for a text.
func (d *draftModel) take(e *Engine) (w *follow, err error) {
	if d.runner == nil {
		n := min(e.most, mostFollowed)
		if d.runner, err = d.sub.newRunner(n, d.sub.chunk, n, 0); err != nil {
			d.runner = nil
			return nil, err
		}
		for i := range n {
			d.rows = append(d.rows, n-1-i)
		}
	}
	if len(d.rows) == 0 {
		return nil, fmt.Errorf("the draft model follows %d texts already", d.runner.seqs)
	}
	s, n := d.sub, e.drafts+1
	first, ok := s.pool.take(n)
	if !ok {
		if d.fixed || e.tight || time.Since(d.shed) < calmAfter {
			return nil, fmt.Errorf("states of the draft model: %w", backend.ErrOutOfMemory)
		}
		have := len(s.pool.used)
		slots := have + max(n, have-1)
		if err := s.fits(slots); err != nil {
			slots = have + n
			if err := s.fits(slots); err != nil {
				return nil, err
			}
		}
		if err := s.resize(slots); err != nil {
			return nil, err
		}
		e.settleLater()
		if first, ok = s.pool.take(n); !ok {
			return nil, fmt.Errorf("no %d states of the draft model in a row: %w", n, backend.ErrOutOfMemory)
		}
	}
	row := d.rows[len(d.rows)-1]
	d.rows = d.rows[:len(d.rows)-1]
	return &follow{row: row, ring: backend.Ring{First: first, Len: n}, rate: rate{p: triedRate}}, nil
}

// unfollow has the draft model forget t.
func (e *Engine) unfollow(t *task) {
	if t.draft == nil || t.draft.follow == nil {
		return
	}
	w := t.draft.follow
	t.draft.follow = nil
	e.draft.sub.pool.free(w.ring.First, w.ring.Len)
	e.draft.rows = append(e.draft.rows, w.row)
}

// deafen has t go on without the draft model.
func (e *Engine) deafen(t *task) {
	e.unfollow(t)
	t.draft.deaf = true
}

// shedDraft gives the memory of the draft model's states to those of the model, and reports whether
// there was any.
func (e *Engine) shedDraft() bool {
	d := e.draft
	if d == nil || d.fixed || len(d.sub.pool.used) == 1 {
		return false
	}
	for _, t := range e.tasks {
		e.unfollow(t)
	}
	d.shed = time.Now()
	return d.sub.resize(1) == nil
}

// settleDraft frees the memory of the draft model's states where it follows nothing, and reports whether some
// is left.
func (e *Engine) settleDraft() bool {
	d := e.draft
	if d == nil || d.fixed || len(d.sub.pool.used) == 1 {
		return false
	}
	if d.sub.pool.count() > 1 {
		return true
	}
	if err := d.sub.resize(1); err != nil {
		e.recovers(err)
	}
	return false
}

// length is how many tokens the text has so far, as far as the host knows.
func (t *task) length() int { return len(t.ids) + len(t.written) }

// tail returns a copy of the text from token n on.
func (t *task) tail(n int) []int32 {
	if n < len(t.ids) {
		return slices.Concat(t.ids[n:], t.written)
	}
	return slices.Clone(t.written[n-len(t.ids):])
}

// fresh reports whether there are guesses for what follows the text as it is.
func (w *follow) fresh(t *task) bool { return w != nil && len(w.guess) > 0 && w.after == t.length() }

// unread is how many tokens of t the draft model has yet to read.
func (d *drafting) unread(t *task) int {
	if d.follow == nil {
		return t.length()
	}
	return t.length() - d.follow.fed
}

// modelGuesses reports whether the draft model may guess for t, and how likely it is thought to be right.
// Of a text that it has yet to read, that has to pay for the reading.
func (e *Engine) modelGuesses(t *task, others int) (p float64, ok bool) {
	m, d := e.draft, t.draft
	switch {
	case m == nil || d.deaf || t.Drafter != nil:
		return 0, false
	case d.on:
		return d.followed(), d.follow != nil && d.unread(t) <= catchUp
	case e.eager:
		return triedRate, true
	}
	step := e.costs.plain[sizeOf(others+1)].seconds
	reading := e.readsIn(d.unread(t))
	left := max(32, t.taken)
	if t.MaxTokens > 0 {
		left = t.MaxTokens - t.taken
	}
	if p = d.followed(); d.follow == nil {
		if p = triedRate; m.right.n >= fewEvents {
			p = m.right.p
		}
	}
	pays := func(p float64) bool {
		_, gain := e.best(t, p, others, 1, true)
		return gain >= beginGain && reading <= step*float64(left)*(1-1/gain)/2
	}
	if m.right.n >= fewEvents && pays(p) {
		return p, true
	}
	return triedRate, m.lost+reading+step <= triedShare*m.wrote+triedSteps*step && pays(triedRate)
}

// modelRate is how likely the draft model's next guess is thought to be right, where it may guess for t.
func (e *Engine) modelRate(t *task, others int) float64 {
	p, _ := e.modelGuesses(t, others)
	return p
}

// followed is how likely the draft model's next guess is right.
func (d *drafting) followed() float64 {
	if d.follow == nil {
		return 0
	}
	return d.follow.rate.p
}

// readsIn is how long the draft model is thought to take for n tokens of a prompt, in seconds.
func (e *Engine) readsIn(n int) float64 {
	m := e.draft
	if n <= catchUp {
		return e.guessesIn(1)
	}
	perRow := m.perRow
	if perRow == 0 {
		perRow = m.share * e.prompts.perRow.Seconds()
	}
	return float64(n) * perRow
}

// guessesIn is how long the draft model is thought to take for k guesses, in seconds.
func (e *Engine) guessesIn(k int) float64 {
	m := e.draft
	if m.pass.n > 0 {
		return float64(k) * m.pass.seconds
	}
	return float64(k) * m.share * e.costs.plain[0].seconds
}

// followText has the draft model follow t from now on, and reports whether it does.
func (e *Engine) followText(t *task, p float64) bool {
	d := t.draft
	if d.follow == nil {
		w, err := e.draft.take(e)
		if err != nil {
			d.deaf = !e.recovers(err) && !errors.Is(err, backend.ErrOutOfMemory)
			d.pause(t)
			return false
		}
		d.follow = w
	}
	if w := d.follow; w.rate.p != p {
		w.rate = rate{p: p}
	}
	d.follow.reads = d.unread(t) > catchUp
	return true
}

// A wish is a text for which the draft model is to make guesses.
type wish struct {
	t *task
	k int
}

// asks returns those of the ready texts which the draft model is to guess for, and those that need none of its guesses
// or have them.
func (e *Engine) asks(ready []*task, others int, reading bool) (list []wish, rest []*task) {
	for _, t := range ready {
		w := t.draft.follow
		if w != nil && w.asked {
			continue
		}
		if w != nil && !reading && !w.fresh(t) {
			k, gain, byModel := e.worth(t, others, t.lag())
			if byModel && gain >= stayGain && k > 0 && !e.settles(t, others, gain) {
				list = append(list, wish{t, k})
				continue
			}
		}
		rest = append(rest, t)
	}
	return list, rest
}

// submitDrafts submits passes of the draft model: for guesses if they are asked for, else to read what it
// has not. It reports whether it did, or whether to look again.
func (e *Engine) submitDrafts(list []wish, beside int) bool {
	var f flight
	var err error
	switch {
	case len(list) > 0:
		f, err = e.guessAhead(list)
	default:
		f, err = e.readAhead(beside)
	}
	if err == nil {
		if len(f.guesses) == 0 {
			return false
		}
		for _, g := range f.guesses {
			g.w.asked = true
		}
		f.at = clock.Now()
		e.flights = append(e.flights, f)
		return true
	}
	if !e.recovers(err) {
		e.log.Warn("the draft model failed", "texts", len(f.guesses), "err", err)
		for _, g := range f.guesses {
			e.deafen(g.t)
		}
	}
	return !e.lost
}

// guessAhead submits passes that guess. What failed comes with whom it concerns.
func (e *Engine) guessAhead(list []wish) (f flight, err error) {
	r := e.draft.runner
	p := Pass{Head: model.ArgMax}
	for _, a := range list {
		t, w := a.t, a.t.draft.follow
		text := t.tail(w.fed)
		f.guesses = append(f.guesses, guessing{t, w, len(text), t.drawnBefore + uint32(t.taken)})
		f.passes = max(f.passes, a.k)
		var before []int32
		if t.Sampling.Penalised() {
			before = t.tail(0)
		}
		how := t.drawing(t.drawnBefore, before)
		how.limit, how.eos, how.asks = 0, nil, nil // the host sees to them
		if err := r.draw(w.row, how); err != nil {
			return f, err
		}
		if !t.greedy() {
			p.Head = model.Sample
		}
		p.Bias = p.Bias || t.biased()
		p.Seqs = append(p.Seqs, w.pass(w.slot, len(p.IDs), len(text)))
		p.IDs = append(p.IDs, text...)
		p.Heads = append(p.Heads, int32(len(p.IDs)-1))
	}
	if f.ticket, err = r.submit(p); err != nil {
		return f, err
	}
	for n := 1; n < f.passes; n++ {
		if n > 1 {
			f.ticket, err = r.step()
		} else {
			for i, g := range f.guesses {
				p.Seqs[i] = g.w.pass(g.w.ring.Next(g.w.slot, 1), i, 1)
				p.IDs[i], p.Heads[i] = -int32(g.w.row)-1, int32(i)
			}
			p.IDs = p.IDs[:len(list)]
			f.ticket, err = r.submit(p)
		}
		if err != nil {
			return f, err
		}
	}
	return f, nil
}

// pass is a pass of rows tokens that goes on from a slot.
func (w *follow) pass(from, first, rows int) backend.Sequence {
	return backend.Sequence{From: from, To: w.ring.Next(from, 1), First: first, Rows: rows, Slot: w.row,
		Ring: w.ring.First, RingLen: w.ring.Len}
}

// readAhead submits a pass that reads what the draft model has not of texts that it is to guess for. Beside
// others that write it is as short as one that reads prompts.
func (e *Engine) readAhead(beside int) (f flight, err error) {
	left := 0
	var p Pass
	for _, t := range e.tasks {
		if t.draft == nil || t.draft.follow == nil || !t.draft.follow.reads || t.draft.follow.asked {
			continue
		}
		w := t.draft.follow
		if left == 0 {
			if left = e.draft.sub.chunk; beside > 0 {
				left = min(left, e.prompts.beside(e.pace, e.chunk))
			}
		}
		text := t.tail(w.fed)
		text = text[:min(left, len(text))]
		to := cmp.Or(w.slot, w.ring.First)
		f.guesses = append(f.guesses, guessing{t, w, len(text), 0})
		p.Seqs = append(p.Seqs, backend.Sequence{From: w.slot, To: to, First: len(p.IDs), Rows: len(text), Slot: w.row})
		p.IDs = append(p.IDs, text...)
		if left -= len(text); left == 0 {
			break
		}
	}
	if len(p.IDs) == 0 {
		return f, nil
	}
	f.ticket, err = e.draft.runner.submit(p)
	return f, err
}

// finishDrafts is finish of a flight of the draft model.
func (e *Engine) finishDrafts(f flight, now clock.Time, err error) {
	took := f.took(e.ready, now)
	if e.ready = now; err == nil {
		e.sound, e.losses = f.ticket, 0
	} else if e.recovers(err) {
		return // it forgets all texts
	}
	e.guessed(f, took, err)
	e.rested.Broadcast()
}

// guessed takes what passes of the draft model brought.
func (e *Engine) guessed(f flight, took time.Duration, err error) {
	m, rows := e.draft, 0
	for _, g := range f.guesses {
		g.w.asked = false
		rows += g.rows
		switch {
		case g.t.draft.follow != g.w: // it was forgotten meanwhile
			continue
		case err != nil:
			e.deafen(g.t)
			continue
		}
		w := g.w
		w.fed += g.rows
		if f.passes == 0 {
			w.slot = cmp.Or(w.slot, w.ring.First)
			w.reads = w.fed < g.t.length()-catchUp
			continue
		}
		w.slot, w.guess, w.after = w.ring.Next(w.slot, 1), w.guess[:0], w.fed
		for i := range f.passes {
			w.guess = append(w.guess, m.runner.token(w.row, g.step+uint32(i)))
		}
	}
	if err != nil {
		return
	}
	e.count.DraftModel.Read += uint64(rows)
	e.count.Drafting += took
	m.lost += took.Seconds()
	switch {
	case f.passes > 0 && rows <= len(f.guesses)*(e.drafts+1):
		m.pass.add(took.Seconds() / float64(f.passes))
	case f.passes == 0 && rows >= minPrompt:
		m.perRow = max(took.Seconds()/float64(rows), m.perRow*3/4)
	}
}

// verified tells the draft model how many of its guesses for t were right, and whether the one behind them was wrong.
func (e *Engine) verified(t *task, drafts, right int, wrong bool) {
	m, w := e.draft, t.draft.follow
	c := &e.count.DraftModel
	c.Drafted, c.Accepted = c.Drafted+uint64(drafts), c.Accepted+uint64(right)
	judged := right
	if wrong {
		judged++
	}
	for i := range judged {
		m.right.add(i < right)
		if w != nil {
			w.rate.add(i < right)
		}
	}
	if w == nil {
		return
	}
	if n := min(right, len(w.guess)-1); n > 0 {
		w.slot, w.fed = w.ring.Next(w.slot, n), w.fed+n
	}
	w.guess = w.guess[:0]
}

// settleUp counts what passes that write took longer, or less long, than without the draft model.
func (e *Engine) settleUp(f flight, took time.Duration) {
	m := e.draft
	if m == nil || len(f.reads)+len(f.scores) > 0 {
		return
	}
	m.wrote += took.Seconds()
	texts, won := len(f.draws)+len(f.rounds), 0
	by := false
	for _, r := range f.rounds {
		won += r.right
		by = by || r.byModel
	}
	plain := e.costs.plain[sizeOf(texts)].seconds
	if !by || plain == 0 {
		return
	}
	m.lost += took.Seconds() - plain - float64(won)*plain/float64(texts)
	m.lost = max(m.lost, -triedSteps*plain)
}
