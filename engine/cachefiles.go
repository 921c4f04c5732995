package engine

import (
	"cmp"
	"slices"
	"sync"

	"falconmamba/engine/statecache"
)

// A StateDir is a folder of states, each as Snapshot.State has it.
type StateDir = statecache.Dir[[]float32]

// files is what the engine knows of the folder. The engine's mu guards it.
type files struct {
	dir     *StateDir
	changed sync.Cond     // there may be something to write, or that was all
	last    bool          // nothing is kept any more
	done    chan struct{} // closed when all is written
}

// KeepIn makes the engine write the states that it keeps to a folder, by and by, and look
// there for what it does not know. It is called before the engine is used.
func (e *Engine) KeepIn(dir *StateDir) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cache == nil {
		return
	}
	e.files.dir, e.files.done = dir, make(chan struct{})
	e.files.changed.L = &e.mu
	go e.writeStates()
}

// writeStates writes what is kept in the host's memory, what saves most first, until nothing more
// is kept and all is written.
func (e *Engine) writeStates() {
	defer close(e.files.done)
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		s := e.unwritten()
		switch {
		case s != nil:
			e.writeState(s)
		case e.files.last:
			return
		default:
			e.files.changed.Wait()
		}
	}
}

// unwritten returns the state to write next.
func (e *Engine) unwritten() (next *keptState) {
	if e.cache == nil || e.lost {
		return nil
	}
	worth := 0.0
	e.cache.All(statecache.Host, func(s *keptState) {
		if w := e.cache.Worth(s); !s.Value.written && !s.Pending() && (next == nil || w > worth) {
			next, worth = s, w
		}
	})
	return next
}

// writeState writes a state to the folder. What fails is not tried again.
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
	err = e.files.dir.Put(text, state)
	e.mu.Lock()
	if err != nil {
		e.count.Cache.Failed++
		e.log.Warn("a state was not written to the cache's folder", "tokens", len(text), "err", err)
		return
	}
	e.count.Cache.Written++
}

// fetch looks in the folder for a longer beginning of text than the engine knows, of at most so
// many tokens, and puts s there, which nothing reads or writes yet. It is for callers
// outside of the loop, whose place it is to wait for a disk.
func (e *Engine) fetch(s *Sequence, text []int32, most int) {
	if e.files.dir == nil {
		return
	}
	least, ok := e.missing(s, text, most)
	if !ok {
		return
	}
	n, state, err := e.files.dir.Find(text, least, most)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.count.Cache.Failed++
		e.log.Warn("a state of the cache's folder is of no use", "err", err)
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

// missing returns how many tokens a state in the folder has to have seen to be of use.
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
	if e.files.dir == nil {
		return
	}
	e.mu.Lock()
	for e.cache != nil && !e.lost && e.demote() {
	}
	e.files.last = true
	e.files.changed.Signal()
	e.mu.Unlock()
	<-e.files.done
}

// defaultDirBytes is what CacheOptions.DirBytes takes for 0.
const defaultDirBytes = 16 << 30

// Budget returns how many bytes the files of the folder may have.
func (o CacheOptions) Budget() int64 { return cmp.Or(o.DirBytes, defaultDirBytes) }
