package engine

import (
	"math"
	"slices"
	"time"

	"falconmamba/engine/statecache"
	"falconmamba/internal/clock"
)

// Stats say what an engine does and did. Counters begin with the engine and only grow.
type Stats struct {
	Sessions int // open sequences
	Running  int // texts that are read or written now
	Waiting  int // texts that wait for their turn
	Slots    Slots

	Read     uint64 // tokens of texts that were read, questions about them included
	Written  uint64 // tokens that were drawn and taken
	Drafted  uint64 // tokens that were guessed and verified
	Accepted uint64 // of these those that were right
	Replayed uint64 // tokens that were read again behind wrong guesses, see Options.DraftStates
	Ended    uint64 // requests that came to their end: by an eos id, a limit or a stop string
	Left     uint64 // requests that were left or cancelled before
	Failed   uint64 // requests that ended with an error
	Refused  uint64 // requests that found the queue full
	GaveWay  uint64 // times that a running text gave its place to another
	Lost     uint64 // times that the device was lost and opened anew
	MovedOut uint64 // states that moved to the host
	MovedIn  uint64 // states that came back
	Cache    CacheStats

	DraftModel DraftStats

	// What the device was busy with. The rest of Up it had nothing to do.
	Reading  time.Duration // passes that read texts, whatever else was written in them
	Writing  time.Duration // passes that only wrote
	Scoring  time.Duration // passes of Logits, Forward, Loss and State
	Drafting time.Duration // passes of the draft model
	Up       time.Duration // since the engine began

	Rows         Histogram // tokens of a pass
	FirstToken   Histogram // seconds from a request to its first token
	BetweenToken Histogram // seconds from a token of a text to its next
}

// DraftStats say what the draft model does and did.
type DraftStats struct {
	Following int    // texts that it follows
	States    int    // that the device has memory for, that before the first token included
	Read      uint64 // tokens that it read of texts, its own guesses not included
	Drafted   uint64 // of Stats.Drafted, those that it guessed
	Accepted  uint64 // of these those that were right
}

// Slots are where states are. Total is Free + Resting + Kept + Cached + Running, and one for the
// state before the first token.
type Slots struct {
	Total   int // that the device has memory for
	Free    int
	Resting int // states of sequences that are not written
	Kept    int // earlier states, kept so that less is read again
	Cached  int // states of the cache
	Running int // of texts that are written, their checkpoints included, and of questions
	Drafts  int // of these, those that guessed texts take beside their own
	Host    int // states in the host's memory
}

// A Histogram counts values by size.
type Histogram struct {
	Bounds []float64 // ascending: a value belongs to the first bound that is not below it
	Counts []uint64  // one for each bound, and one for what is above the last
	Sum    float64   // of all values
}

// Count returns how many values there are.
func (h Histogram) Count() uint64 {
	n := uint64(0)
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Quantile returns the bound that a share q of the values is not above, +Inf where that is
// above the last bound, and NaN where there are no values.
func (h Histogram) Quantile(q float64) float64 {
	left := uint64(math.Ceil(q * float64(h.Count())))
	if h.Count() == 0 {
		return math.NaN()
	}
	for i, bound := range h.Bounds {
		if h.Counts[i] >= left {
			return bound
		}
		left -= h.Counts[i]
	}
	return math.Inf(1)
}

func (h *Histogram) add(v float64) {
	i, _ := slices.BinarySearch(h.Bounds, v)
	h.Counts[i]++
	h.Sum += v
}

// newHistogram has bounds from first to at least last, each the one before multiplied by times.
func newHistogram(first, last, times float64) Histogram {
	var h Histogram
	for b := first; ; b *= times {
		h.Bounds = append(h.Bounds, b)
		if b >= last {
			break
		}
	}
	h.Counts = make([]uint64, len(h.Bounds)+1)
	return h
}

// counters are the part of Stats that grows. The engine's mu guards them.
type counters struct {
	Stats
	began time.Time
}

func newCounters() counters {
	c := counters{began: time.Now()}
	c.Rows = newHistogram(1, maxChunk, 2)
	c.FirstToken = newHistogram(1e-3, 100, math.Sqrt2)
	c.BetweenToken = newHistogram(1e-4, 100, math.Sqrt2)
	return c
}

// Stats returns what the engine does and did.
func (e *Engine) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.count.Stats
	s.Up = time.Since(e.count.began)
	for _, h := range []*Histogram{&s.Rows, &s.FirstToken, &s.BetweenToken} {
		h.Counts = slices.Clone(h.Counts)
	}
	s.Sessions, s.Running, s.Waiting = len(e.sequences), len(e.tasks), len(e.waiting)
	s.Cache = e.cacheStats()
	if d := e.draft; d != nil && d.sub.pool != nil {
		s.DraftModel.States = len(d.sub.pool.used)
		s.DraftModel.Following = (d.sub.pool.count() - 1) / (e.drafts + 1)
	}
	if e.pool == nil {
		return s
	}
	if e.cache != nil {
		e.cache.All(statecache.Device, func(*keptState) { s.Slots.Cached++ })
	}
	places := func(slot int) int { return min(slot, 1) }
	for q := range e.sequences {
		if q.task == nil {
			s.Slots.Resting += places(q.slot)
		}
		s.Slots.Kept += places(q.spare.slot)
		if q.host != nil {
			s.Slots.Host++
		}
		if q.task != nil && q.task.host != nil {
			s.Slots.Host++
		}
	}
	s.Slots.Total, s.Slots.Drafts = len(e.pool.used), e.draftSlots()
	s.Slots.Free = s.Slots.Total - e.pool.count()
	s.Slots.Running = e.pool.count() - 1 - s.Slots.Resting - s.Slots.Kept - s.Slots.Cached
	return s
}

// busy counts what a flight took that was submitted at some time and finished now.
func (e *Engine) busy(f flight, now clock.Time) {
	began := max(f.at, e.ready) // the device was busy with the one before
	c := &e.count
	phase := &c.Writing
	switch {
	case len(f.scores) > 0:
		phase = &c.Scoring
		c.Read += uint64(f.rows)
	case len(f.reads) > 0:
		phase = &c.Reading
		c.Read += uint64(f.rows - f.writers)
	}
	*phase += now.Sub(began)
	c.Rows.add(float64(f.rows))
}

// drew counts a token of t that came at some time.
func (e *Engine) drew(t *task, now clock.Time) {
	c := &e.count
	c.Written++
	if t.taken == 0 {
		c.FirstToken.add(now.Sub(t.added).Seconds())
	} else {
		c.BetweenToken.add(now.Sub(t.latest).Seconds())
	}
	t.latest = now
}
