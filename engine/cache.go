package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"falconmamba/backend"
	"falconmamba/engine/statecache"
)

// CacheOptions say what is kept of texts, so that no beginning of one is read twice. A state
// takes the same memory whatever it has read; it is kept at the ends of prompts and of
// turns, where two prompts part, and thinly along long prompts. What saves the least work
// goes first. In float32 a text is the same with and without.
type CacheOptions struct {
	// Off keeps nothing: each text is read whole. It is for measurements.
	Off bool
	// Host is how many bytes of the host's memory states may take, 0 for 1 GiB. It is
	// taken as states come.
	Host int64
	// Device is how many bytes of the device's own memory they may take, 0 for none. To go
	// on from there costs next to nothing, from the host's memory a few steps at most.
	Device int64
	// Spacing is how many tokens less one are read again at most where a prompt is the same
	// as another up to its end, 0 for 256; farther from the end there are fewer states, see
	// statecache.Cuts.
	Spacing int

	// Dir is a folder that states are written to, by and by and at Close, and looked for in: it
	// outlives the program, and several may share it. Empty is none. Whoever opens the
	// model opens it, see Engine.KeepIn.
	Dir string
	// DirBytes is how many bytes its files may have, 0 for 16 GiB: beyond that the files go
	// that were of no use for the longest.
	DirBytes int64
	// Store, if not nil, takes the place of Dir. It stays the caller's to close, after the model. What fails
	// there costs the time to read texts again, and as much as it takes to fail: see statecache.Guard.
	Store statecache.Store
	// Durable says when the state at the end of a text is in Dir or Store.
	Durable Durability
}

// What CacheOptions take for 0.
const (
	defaultCacheHost = 1 << 30
	defaultSpacing   = 256
)

// Apart returns the spacing that holds.
func (o CacheOptions) Apart() int { return cmp.Or(o.Spacing, defaultSpacing) }

// validate refuses what makes no sense.
func (o CacheOptions) validate() error {
	if o.Host < 0 || o.Device < 0 || o.Spacing < 0 || o.DirBytes < 0 {
		return fmt.Errorf("a cache of %d bytes on the host, %d on the device and %d in a folder, every %d tokens: "+
			"want 0 (the default) or more, or Off", o.Host, o.Device, o.DirBytes, o.Spacing)
	}
	switch {
	case o.Store != nil && o.Dir != "":
		return fmt.Errorf("states go to the folder %s or to a store: give one", o.Dir)
	case o.Durable > DurableTurn:
		return fmt.Errorf("durability %d: want DurableLater, DurableAsync or DurableTurn", o.Durable)
	case o.Durable != DurableLater && (o.Off || o.Store == nil && o.Dir == ""):
		return errors.New("states are to be durable, and there is no place for them: give Dir or Store, and not Off")
	}
	return nil
}

const (
	// leastReuse is how many tokens a state has to save to be kept or gone on from: fewer
	// are read beside others in the time that it takes to bring one.
	leastReuse = 16
	// mostKept bounds the states of small models.
	mostKept = 4096
	// blockBytes is about what is taken of the host's memory at once.
	blockBytes = 128 << 20
)

// A cache is where the engine keeps states beside those of its sequences. What fills one, and
// what goes on from one, is submitted in order: nobody waits for a move. The engine's mu
// guards it.
type cache struct {
	*statecache.Cache[kept]
	key     string
	state   int64 // bytes of one
	spacing int
	rows    hostRows
	refused bool // there was no more memory of the host
}

// kept is where a state is: in a slot of the pool, or in a row of the host's memory.
type kept struct {
	slot    int            // 0 where it is not on the device
	host    *hostState     // nil where it is not on the host
	copied  backend.Ticket // of what filled it
	written bool           // it is in the farthest place, on its way there, or given up
	end     bool           // a text has ended there, whose state could not be written at once
	tries   int            // to write it that failed
}

// A keptState is a state in the cache.
type keptState = statecache.State[kept]

// openCache makes an empty cache, if there is to be one.
func (e *Engine) openCache() {
	o := e.keeps
	e.cache = nil
	if o.Off {
		return
	}
	e.cache = &cache{Cache: statecache.New[kept](o.Device, o.Host), state: e.pool.slotBytes(),
		key: e.arithmetic(), spacing: o.Spacing}
}

// Arithmetic names what states depend on beside the checkpoint: the model's arithmetic, what
// states are stored as between passes, and the device, whose kernels add in an order of their own.
func (e *Engine) Arithmetic() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.arithmetic()
}

// arithmetic is Arithmetic for a caller that holds the engine's mu.
func (e *Engine) arithmetic() string {
	info := e.b.Info()
	return fmt.Sprintf("%s, states %v, %q %q %q, invariant %v", e.m.Arithmetic(), e.typ, info.Device, info.Driver,
		info.Features, info.BatchInvariant)
}

// closeCache frees the host's memory.
func (e *Engine) closeCache() error {
	if e.cache == nil {
		return nil
	}
	err := e.cache.rows.close()
	e.cache = nil
	return err
}

// keep copies the state in slot, which has seen text, into the cache. It returns the new one,
// which is pending, or nil where the cache has it already or has no room.
func (e *Engine) keep(text []int32, slot int) *keptState {
	c := e.cache
	if c == nil || e.closed || e.lost || len(text) < leastReuse || c.At(c.key, text) != nil {
		return nil
	}
	k, at, err := e.keepAt(slot, 4*int64(len(text)))
	if err != nil {
		e.recovers(err)
		return nil
	}
	return c.Add(c.key, text, at, c.state, k)
}

// keepAt copies the state in slot to where there is room, of a text of so many bytes.
func (e *Engine) keepAt(slot int, text int64) (k kept, at statecache.Place, err error) {
	if e.deviceRoom() {
		if to, ok := e.spareSlot(); ok {
			t, err := e.copyState(to, slot)
			if err != nil {
				e.freeSlot(to)
				return k, 0, err
			}
			return kept{slot: to, copied: t}, statecache.Device, nil
		}
	}
	k, err = e.keepOnHost(text, slot)
	return k, statecache.Host, err
}

// keepOnHost copies the state in slot to the host's memory, of a text of so many bytes.
func (e *Engine) keepOnHost(text int64, slot int) (kept, error) {
	h, err := e.hostRow(text)
	if err != nil {
		return kept{}, err
	}
	if err := e.copyOut(h, slot); err != nil {
		h.release()
		return kept{}, err
	}
	return kept{host: h, copied: h.copied}, nil
}

// keepRead keeps what a pass has read: at the ends of texts and where the reading was cut.
func (e *Engine) keepRead(f *flight) {
	for _, r := range f.reads {
		t, n, slot := r.t, r.n, r.t.seq.slot
		switch {
		case t.writes():
			n, slot = len(t.ids), t.work
		case !slices.Contains(t.cuts, n) && !(t.out == nil && n == len(t.ids)):
			continue
		}
		if s := t.seq; n >= s.kept+leastReuse && !s.alien {
			if k := e.keep(t.ids[:n], slot); k != nil {
				f.kept = append(f.kept, k)
			}
			s.kept = n
		}
	}
}

// keepEnd keeps the state of a sequence whose text has ended. Nothing that fills it is in flight.
func (e *Engine) keepEnd(s *Sequence) {
	if s.slot == 0 || s.alien || s.fed < s.kept+leastReuse || s.fed > len(s.history) {
		return
	}
	if k := e.keep(s.history[:s.fed], s.slot); k != nil {
		e.isThere(k)
	}
	s.kept = s.fed
}

// keptNow says that what a flight was to fill is there, or that it never will be.
func (e *Engine) keptNow(f flight, err error) {
	for _, k := range f.kept {
		switch c := e.cache; {
		case c == nil || !c.Has(k):
		case err == nil:
			e.isThere(k)
		default:
			e.forget(k)
		}
	}
}

// doubt forgets the states that may have come of a pass or a copy that has failed with err.
func (e *Engine) doubt(err error) {
	for s := range e.sequences {
		s.doubt(err)
	}
	c := e.cache
	if c == nil {
		return
	}
	for _, at := range []statecache.Place{statecache.Device, statecache.Host} {
		c.All(at, func(s *keptState) {
			if s.Value.copied > e.sound {
				e.forget(s)
			}
		})
	}
}

// isThere says that a pending state is there.
func (e *Engine) isThere(s *keptState) {
	e.cache.Ready(s)
	e.far.changed.Signal()
}

// reuse puts the sequence where the longest beginning of text is known that has at most so
// many tokens, unless it is there already or as good as. It returns how many tokens of
// text are known, whether or not there is a state after them. What fails leaves the
// sequence where it is.
func (e *Engine) reuse(s *Sequence, text []int32, most int) (known int) {
	c := e.cache
	if c == nil || e.lost {
		return 0
	}
	found, known := c.Find(c.key, text, most)
	if found == nil || found.Len() < s.fed+leastReuse {
		return known
	}
	n, before := found.Len(), s.fed
	c.Pin(found)
	err := s.fill(n, func(slot int) (backend.Ticket, error) {
		if k := found.Value; k.slot == 0 {
			return e.copyIn(slot, k.host)
		}
		return e.copyState(slot, found.Value.slot)
	})
	c.Unpin(found)
	if err != nil {
		e.recovers(err)
		return known
	}
	c.Use(found)
	e.reused(s, n-before)
	s.kept, s.alien = n, false
	return known
}

// reused counts tokens of s that need not be read.
func (e *Engine) reused(s *Sequence, tokens int) {
	s.reused += tokens
	e.count.Cache.Hits++
	e.count.Cache.Reused += uint64(tokens)
}

// cuts returns where the reading of a text of n tokens is cut, from one of them on, so that
// there is a state to keep: where it parts from others, of which so many tokens are known,
// and thinly along it.
func (e *Engine) cuts(from, known, n int) []int {
	if e.cache == nil {
		return nil
	}
	cuts := statecache.Cuts(from, n, e.cache.spacing)
	if at, there := slices.BinarySearch(cuts, known); !there && known >= from+leastReuse && known < n {
		cuts = slices.Insert(cuts, at, known)
	}
	return cuts
}

// begin looks for what is known of a text before anything of it is read, and reports whether
// that has to wait for another that is read now and begins alike.
func (e *Engine) begin(t *task) (waits bool) {
	if t.begun || t.out == nil || e.cache == nil {
		return false
	}
	if e.follows(t) || e.follow(t) {
		return true
	}
	t.begun = true
	last := len(t.ids) - 1 // is read in any case: the first draw comes from it
	known := min(e.reuse(t.seq, t.ids, last), last)
	t.cuts = e.cuts(t.seq.fed, known, len(t.ids))
	return false
}

// follows reports whether t still waits for the state that it is to go on from.
func (e *Engine) follows(t *task) bool {
	u, c := t.leader, e.cache
	if u == nil {
		return false
	}
	at := c.At(c.key, t.ids[:t.after])
	switch {
	case !u.running:
	case !u.writes() && u.seq.fed < t.after, at != nil && at.Pending():
		return true
	}
	t.leader = nil
	t.alone = at == nil // lest it waits for one after the other in vain
	return false
}

// follow has t wait for a text that is read now, if that begins alike farther than what is known,
// and reports whether there is one. It leaves a state where they part.
func (e *Engine) follow(t *task) bool {
	c := e.cache
	last := len(t.ids) - 1
	best := t.seq.fed
	if found, _ := c.Find(c.key, t.ids, last); found != nil {
		best = max(best, found.Len())
	}
	best += c.spacing / 2 // fewer are read in the time of a pass or two
	if t.alone || best > last || c.state > max(c.Budget(statecache.Host), c.Budget(statecache.Device)) {
		return false
	}
	for _, u := range e.tasks {
		if u == t || !u.begun || u.out == nil || u.writes() || u.seq.asked > 0 || u.rank() > t.rank() {
			continue
		}
		if n := min(statecache.Common(t.ids, u.ids), last); n >= best && n > u.seq.fed {
			t.leader, t.after, best = u, n, n+1
		}
	}
	if t.leader == nil {
		return false
	}
	if at, there := slices.BinarySearch(t.leader.cuts, t.after); !there && t.after < len(t.leader.ids) {
		t.leader.cuts = slices.Insert(t.leader.cuts, at, t.after)
	}
	return true
}

// uncut is how many tokens of the text are read before a state is kept.
func (t *task) uncut() int {
	for _, c := range t.cuts {
		if c > t.seq.fed {
			return c - t.seq.fed
		}
	}
	return t.pending()
}

// deviceRoom makes room for one more state on the device, within the budget of the cache.
func (e *Engine) deviceRoom() bool {
	c := e.cache
	if c.state > c.Budget(statecache.Device) {
		return false
	}
	for !c.Room(statecache.Device, c.state) {
		if !e.demote() {
			return false
		}
	}
	return true
}

// demote moves the state that is worth least from the device to the host's memory, and
// reports whether there was one.
func (e *Engine) demote() bool {
	c := e.cache
	if c == nil {
		return false
	}
	s := c.Victim(statecache.Device)
	if s == nil {
		return false
	}
	slot := s.Value.slot
	k, err := e.keepOnHost(0, slot)
	if err != nil {
		e.recovers(err)
		e.evict(s)
		return true
	}
	k.written, k.end, k.tries = s.Value.written, s.Value.end, s.Value.tries
	s.Value = k
	c.Demote(s, statecache.Host)
	e.far.changed.Signal()
	e.freeSlot(slot)
	return true
}

// evict drops a victim.
func (e *Engine) evict(s *keptState) {
	e.count.Cache.Evicted++
	e.freeKept(s.Value)
	e.cache.Evict(s)
}

// forget drops a state that is none.
func (e *Engine) forget(s *keptState) {
	e.freeKept(s.Value)
	e.cache.Drop(s)
}

func (e *Engine) freeKept(k kept) {
	e.freeSlot(k.slot)
	k.host.release()
}

// errNoRow says that nothing in the host's memory may go.
var errNoRow = errors.New("the cache has no room for a state")

// hostRow takes a row of the host's memory, for a state whose text has so many bytes.
func (e *Engine) hostRow(text int64) (*hostState, error) {
	c := e.cache
	for c.Count() >= mostKept || !c.Room(statecache.Host, c.state+text) {
		s := c.Victim(statecache.Host)
		if s == nil {
			return nil, errNoRow
		}
		e.evict(s)
	}
	for {
		if h := c.rows.take(); h != nil {
			return h, nil
		}
		if err := e.moreRows(); err == nil {
			continue
		} else if !errors.Is(err, backend.ErrOutOfMemory) {
			return nil, err
		}
		s := c.Victim(statecache.Host)
		if s == nil {
			return nil, errNoRow
		}
		e.evict(s)
	}
}

// moreRows takes more of the host's memory, as much as the budget allows at most.
func (e *Engine) moreRows() error {
	c := e.cache
	if c.refused {
		return backend.ErrOutOfMemory
	}
	n := min(max(1, blockBytes/c.state), 64, c.Budget(statecache.Host)/c.state-int64(c.rows.count()))
	err := c.rows.more(e, n)
	c.refused = errors.Is(err, backend.ErrOutOfMemory)
	return err
}

// A keptSlot is a state of the cache in a slot that may be moved to another.
type keptSlot struct{ s *keptState }

func (k keptSlot) relocate(_, to int) { k.s.Value.slot = to }

// CacheStats say what the cache holds and did.
type CacheStats struct {
	States  int    // that are kept, wherever they are
	Device  int64  // bytes of states on the device
	Host    int64  // bytes of states, and of their texts, in the host's memory
	Hits    uint64 // times that a text went on from a state that was kept
	Reused  uint64 // tokens that were not read therefore
	Evicted uint64 // states that had to go for others
	Written uint64 // states that were written to the farthest place, a folder or a store
	Read    uint64 // states that were read from it and gone on from; they are Hits too
	Failed  uint64 // times that it failed, to write or to be asked, and states there that were no good
}

// cacheStats returns what the cache holds beside what was counted.
func (e *Engine) cacheStats() CacheStats {
	s := e.count.Cache
	if c := e.cache; c != nil {
		s.States, s.Device, s.Host = c.Count(), c.Bytes(statecache.Device), c.Bytes(statecache.Host)
	}
	return s
}
