package engine

import (
	"fmt"
	"slices"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/internal/clock"
)

// Some texts need the host between two tokens: Request.Process draws from logits that the
// host has, and Request.Allow makes a mask from the text so far. Such a text takes part
// in a step only when its input is ready, every second one where two are in flight; the
// steps of others go on meanwhile. What the caller gave is called in the goroutine
// that reads the tokens.

// A turn is what the host has to do before a text goes on.
type turn uint8

const (
	noTurn   turn = iota
	pickTurn      // draw a token from logits
	maskTurn      // say which tokens are allowed
)

// keeps reports whether the text's logits come to the host.
func (t *task) keeps() bool { return t.Process != nil }

// waitsForHost reports whether the text takes part in no step now.
func (t *task) waitsForHost() bool {
	return t.turn != noTurn || t.writes() && (t.keeps() || t.Allow != nil) && !t.drained()
}

// keeping reports whether a pass in flight leaves logits for the host: there is one place
// for them.
func (e *Engine) keeping() bool {
	return slices.ContainsFunc(e.flights, func(f flight) bool {
		return slices.ContainsFunc(f.draws, func(d drawn) bool { return d.t.keeps() })
	})
}

// hand gives t's logits, row i of the latest pass, to whoever reads it.
func (e *Engine) hand(t *task, i int) {
	t.logits = slices.Clone(e.runner.Kept(i))
	t.ask(pickTurn)
}

// ask leaves something for the host to do.
func (t *task) ask(what turn) {
	t.turn, t.since = what, time.Now()
	t.turns++
	t.out.put(item{t: t, turn: what, turns: t.turns})
}

// play does what an item asks of the host, and lets its text go on, unless that has ended or
// was begun anew after a loss.
func (e *Engine) play(it item) {
	t, what := it.t, it.turn
	e.mu.Lock()
	text, logits, stale := slices.Concat(t.ids, t.written), t.logits, t.turns != it.turns
	e.mu.Unlock()
	if stale {
		return
	}
	var id int32
	var probs told
	var err error
	if what == pickTurn {
		id, probs, err = t.pick(text, logits)
	} else {
		err = t.allow(text, e.cfg.VocabSize)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if t.turns != it.turns || !e.has(t) {
		return
	}
	t.turn = noTurn
	if err != nil {
		e.drop(t, err)
		return
	}
	if what == pickTurn {
		e.drew(t, clock.Now())
		e.take(t, id, probs)
		if t.Allow != nil && e.has(t) {
			t.ask(maskTurn)
		}
	}
	e.lookAgain()
	e.rested.Broadcast()
}

// pick draws a token from the logits as the caller has them.
func (t *task) pick(text []int32, logits []float32) (id int32, probs told, err error) {
	n := t.drawnBefore + uint32(t.taken)
	record, err := t.record(n)
	if err != nil {
		return 0, told{}, err
	}
	raw := logits
	if t.LogProbs {
		raw = slices.Clone(logits)
	}
	pairs := make([]int32, 2*maxBiases)
	if err := record.SetBias(pairs, t.Bias, len(logits)); err != nil {
		return 0, told{}, err
	}
	if t.allowed != nil {
		record[sampling.WordMasked] = 1
	}
	sampling.Bias(logits, pairs, t.allowed, &record)
	if err := t.Process(text, logits); err != nil {
		return 0, told{}, err
	}
	var counts []int32
	if t.Sampling.Penalised() {
		counts = make([]int32, len(logits))
		window := t.Sampling.RepeatLastN
		if err := sampling.Load(counts, make([]int32, window), text, window, n); err != nil {
			return 0, told{}, err
		}
	}
	var picker sampling.Picker
	words := make([]int32, backend.LogProbWords)
	id, ok := picker.Pick(logits, counts, &record)
	if !ok {
		return id, told{}, nil
	}
	if picker.Filtered(words, id, &record) {
		probs.after = readProbs(words)
	}
	if picker.LogProbs(words, raw, id, &record) {
		probs.before = readProbs(words)
	}
	return id, probs, nil
}

// record is how the host draws token n.
func (t *task) record(n uint32) (sampling.Record, error) {
	record, err := sampling.Encode(t.Sampling, n, 0, nil)
	if err == nil {
		err = t.asks(&record)
	}
	return record, err
}

// allow has the caller say which tokens may follow text.
func (t *task) allow(text []int32, vocab int) error {
	if t.allowed == nil {
		t.allowed = make([]int32, sampling.MaskWords(vocab))
	}
	clear(t.allowed)
	mask := Mask(t.allowed)
	if err := t.Allow(text, mask); err != nil {
		return err
	}
	if !slices.ContainsFunc(t.allowed, func(w int32) bool { return w != 0 }) {
		return fmt.Errorf("no token is allowed after %d tokens: allow an eos id where the text may end", len(text))
	}
	return nil
}

// A Mask has a bit for each token of the vocabulary, from the lowest of the first word on.
type Mask []int32

// Allow allows tokens; those that are no tokens are left out.
func (m Mask) Allow(ids ...int32) {
	for _, id := range ids {
		if id >= 0 && int(id) < 32*len(m) {
			m[id/32] |= 1 << (id % 32)
		}
	}
}
