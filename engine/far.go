package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"falconmamba/engine/statecache"
)

// FarStates are states in the farthest place, each as Snapshot.State has it.
type FarStates = statecache.States[[]float32]

// far is what the engine knows of the farthest place. The engine's mu guards all but the turns.
type far struct {
	states  *FarStates
	changed sync.Cond     // there may be something to write, or that was all
	again   time.Time     // nothing is written by and by before, since the last could not be
	last    bool          // nothing is kept any more
	done    chan struct{} // closed when all is written
	turns
}

// KeepIn makes the engine write states that it keeps to the farthest place, by and by or as
// CacheOptions.Durable says, and look there for what it does not know. It is called before the engine is
// used.
func (e *Engine) KeepIn(states *FarStates) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cache == nil {
		return
	}
	e.far.states, e.far.done = states, make(chan struct{})
	e.far.changed.L = &e.mu
	e.far.turns.open()
	go e.writeStates()
}

// What could not be written is tried again after a while, and given up after a few times.
const (
	writeAgain = 2 * time.Second
	writeTries = 3
)

// writeStates writes what is kept in the host's memory, what saves most first, until nothing more
// is kept and all is written.
func (e *Engine) writeStates() {
	defer close(e.far.done)
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		s := e.unwritten()
		switch {
		case s != nil:
			e.writeState(s)
		case e.far.last:
			return
		default:
			e.far.changed.Wait()
		}
	}
}

// unwritten returns the state to write next.
func (e *Engine) unwritten() (next *keptState) {
	if e.cache == nil || e.lost || !e.far.last && time.Now().Before(e.far.again) {
		return nil
	}
	worth := 0.0
	e.cache.All(statecache.Host, func(s *keptState) {
		if s.Value.written || s.Pending() || !e.wanted(s) {
			return
		}
		if w := e.cache.Worth(s); next == nil || w > worth {
			next, worth = s, w
		}
	})
	return next
}

// wanted reports whether a state is written by and by. Where the ends of turns are written at once, others
// are only once they were of use: what one text alone has seen is there at its end.
func (e *Engine) wanted(s *keptState) bool {
	return e.keeps.Durable == DurableLater || s.Value.end || s.Uses() > 0
}

// writeState writes a state to the farthest place.
func (e *Engine) writeState(s *keptState) {
	c := e.cache
	s.Value.written = true
	text, state := s.Text(), e.newState()
	c.Pin(s)
	err := e.readRow(s.Value.host, state)
	c.Unpin(s)
	switch {
	case e.recovers(err) || !c.Has(s):
		return
	case err != nil:
		e.forget(s)
		return
	}
	e.mu.Unlock()
	err = e.far.states.Put(context.Background(), text, state)
	e.mu.Lock()
	e.wrote(len(text), err)
	if err == nil || e.far.last {
		return
	}
	if !errors.Is(err, statecache.ErrPaused) {
		s.Value.tries++
	}
	s.Value.written = s.Value.tries >= writeTries
	e.far.again = time.Now().Add(writeAgain)
	time.AfterFunc(writeAgain, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.far.changed.Signal()
	})
}

// wrote counts a state that was written, or was not with err.
func (e *Engine) wrote(tokens int, err error) {
	switch {
	case err == nil:
		e.count.Cache.Written++
	case errors.Is(err, statecache.ErrPaused): // whoever paused it has said why
		e.count.Cache.Failed++
	default:
		e.count.Cache.Failed++
		e.log.Warn("a state was not written", "tokens", tokens, "err", err)
	}
}

// fetch looks in the farthest place for a longer beginning of text than the engine knows, of at most so
// many tokens, and puts s there, which nothing reads or writes yet. It is for callers
// outside of the loop, whose place it is to wait for a disk.
func (e *Engine) fetch(ctx context.Context, s *Sequence, text []int32, most int) {
	if e.far.states == nil {
		return
	}
	least, ok := e.missing(s, text, most)
	if !ok {
		return
	}
	n, state, err := e.far.states.Find(ctx, text, least, most)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		e.count.Cache.Failed++
		if !errors.Is(err, statecache.ErrPaused) {
			e.log.Warn("a state that was looked for is of no use", "err", err)
		}
	}
	c, before := e.cache, s.fed
	reads := func(t *task) bool { return t.seq == s && t.out == nil }
	if n < s.fed+leastReuse || s.closed || e.closed || e.lost || c == nil ||
		slices.ContainsFunc(e.tasks, reads) || slices.ContainsFunc(e.waiting, reads) {
		return
	}
	if err := s.set(n, state); err != nil {
		e.recovers(err)
		return
	}
	e.reused(s, n-before)
	e.count.Cache.Read++
	s.kept, s.alien = n, false
	if k := e.keep(text[:n], s.slot); k != nil {
		k.Value.written = true
		c.Ready(k)
	}
}

// missing returns how many tokens a state in the farthest place has to have seen to be of use.
func (e *Engine) missing(s *Sequence, text []int32, most int) (least int, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cache == nil || e.lost || s.fed >= most {
		return 0, false
	}
	least = s.fed
	if found, _ := e.cache.Find(e.cache.key, text, most); found != nil {
		least = max(least, found.Len())
	}
	return least + leastReuse, least+leastReuse <= most
}

// flushStates moves what the cache has on the device to the host, from where it is written,
// and waits for that. The engine is closed, and the loop has returned.
func (e *Engine) flushStates() {
	if e.far.states == nil {
		return
	}
	e.far.turns.wait()
	e.mu.Lock()
	for e.cache != nil && !e.lost && e.demote() {
	}
	e.far.last = true
	e.far.changed.Signal()
	e.mu.Unlock()
	<-e.far.done
}

// defaultDirBytes is what CacheOptions.DirBytes takes for 0.
const defaultDirBytes = 16 << 30

// Budget returns how many bytes the files of the folder may have.
func (o CacheOptions) Budget() int64 { return cmp.Or(o.DirBytes, defaultDirBytes) }
