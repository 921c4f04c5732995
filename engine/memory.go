package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"falconmamba/backend"
	"falconmamba/engine/statecache"
	"falconmamba/internal/quantity"
)

// firstSlots is the size of a new state pool; it doubles as sequences come.
const firstSlots = 5

// minStates is what one text and a question about it take: slot 0, the text's two
// states, a checkpoint, and a state beside them.
const minStates = 5

// calmAfter is for how long few slots are of use before the pool becomes smaller.
const calmAfter = 30 * time.Second

// tick returns a number that grows with every use.
func (e *Engine) tick() uint64 {
	e.uses++
	return e.uses
}

// takeSlots makes room where there is none: more slots, and where the device has no
// memory for them, states that move to the host.
func (e *Engine) takeSlots(n int) (first int, err error) {
	for {
		first, ok := e.pool.take(n)
		if ok {
			return first, nil
		}
		if e.tight && e.shedDraft() {
			e.tight = false
		}
		again := e.tight
		if again {
			if moved, err := e.moveOut(); err != nil {
				return 0, err
			} else if moved {
				continue
			}
		}
		if err := e.grow(n); err != nil && (again || !e.tight) {
			return 0, err
		}
	}
}

// spareSlot takes a slot where that costs nobody else's.
func (e *Engine) spareSlot() (slot int, ok bool) {
	slot, ok = e.pool.take(1)
	if !ok && !e.tight && e.grow(1) == nil {
		slot, ok = e.pool.take(1)
	}
	return slot, ok
}

// grow makes room for n more states: for as many again where the device has the memory.
// If it fails, all is as it was.
func (e *Engine) grow(n int) error {
	have := len(e.pool.used)
	if e.room > 0 {
		e.tight = true
		return fmt.Errorf("the device holds %d states, as many as the option allows: %w",
			have, backend.ErrOutOfMemory)
	}
	err := e.fits(2*have + n)
	if err == nil {
		err = e.resize(2*have + n)
	}
	if errors.Is(err, backend.ErrOutOfMemory) {
		if err = e.fits(have + n); err == nil {
			err = e.resize(have + n)
		}
	}
	e.tight = errors.Is(err, backend.ErrOutOfMemory)
	e.settleLater()
	return err
}

// settleLater has settlePool called.
func (e *Engine) settleLater() {
	if e.calm == nil {
		e.calm = time.AfterFunc(calmAfter, e.settlePool)
	}
}

// fits refuses a number of slots that the device knows to have no memory for, which
// costs less than to find out.
func (e *Engine) fits(slots int) error {
	free := e.b.Info().MemoryFree
	have, state := int64(len(e.pool.used)), e.pool.slotBytes()
	// The layer that moves is there twice.
	want := (int64(slots)-have)*state + have*state/int64(max(1, len(e.pool.layers)))
	if free > 0 && want > free {
		return fmt.Errorf("states of %d sequences take %v more, and %v are free: %w",
			slots, quantity.Bytes(want), quantity.Bytes(free), backend.ErrOutOfMemory)
	}
	return nil
}

// resize gives the pool another number of slots, at most as many fewer as are free at
// its end.
func (e *Engine) resize(slots int) error {
	if err := e.closePlans(); err != nil {
		return err
	}
	p, err := e.pool.resized(slots)
	if err != nil {
		return err
	}
	old := e.pool
	e.pool = p
	e.log.Info("the pool has another size", "states", slots, "before", len(old.used))
	return old.release()
}

// closePlans closes all plans, since they name the pool. They are compiled anew when
// they are wanted.
func (e *Engine) closePlans() error {
	var errs []error
	if e.copySlot != nil {
		errs = append(errs, e.copySlot.Close())
		e.copySlot = nil
	}
	errs = append(errs, e.away.closePlans())
	if e.cache != nil {
		errs = append(errs, e.cache.rows.closePlans())
	}
	for r := range e.runners {
		errs = append(errs, r.closePlans())
	}
	return errors.Join(errs...)
}

// settlePool makes the pool smaller, once less than a quarter of it was of use for a
// while, frees what the host has of memory for states that came back, and has the device
// asked for memory again where it had none. It is called from time to time while there is
// something to settle.
func (e *Engine) settlePool() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calm = nil
	if e.closed || e.pool == nil {
		return
	}
	e.tight = false
	most := e.pool.most
	e.pool.most = e.pool.count()
	// Whoever looks at the states would hold the larger memory too.
	if e.room == 0 && e.pool.holders.Load() == 1 && 4*most < len(e.pool.used) {
		e.shrink(max(2*most, firstSlots))
	}
	e.away.settle()
	e.trimAway()
	if len(e.pool.used) > firstSlots || len(e.away.blocks) > 0 || e.settleDraft() {
		e.settleLater()
	}
}

// shrink gives the pool so few slots, or as many more as what cannot move needs, if that
// is at most half. States at rest move to the first slots. What fails leaves the pool as
// it is.
func (e *Engine) shrink(slots int) {
	have := len(e.pool.used)
	rest := make([]interface{ relocate(from, to int) }, have) // by slot
	for s := range e.sequences {
		if s.task == nil && s.asked == 0 {
			rest[s.slot], rest[s.spare.slot] = s, s
		}
	}
	if e.cache != nil {
		e.cache.All(statecache.Device, func(s *keptState) { rest[s.Value.slot] = keptSlot{s} })
	}
	for slot := have - 1; slot >= slots; slot-- {
		if e.pool.used[slot] && rest[slot] == nil {
			slots = slot + 1
		}
	}
	if slots > have/2 {
		return
	}
	for from := slots; from < have; from++ {
		if !e.pool.used[from] {
			continue
		}
		to, ok := e.pool.take(1)
		if !ok {
			return
		}
		if to < slots {
			_, err := e.copyState(to, from)
			ok = err == nil
		}
		if to >= slots || !ok {
			e.freeSlot(to)
			return
		}
		rest[from].relocate(from, to)
		e.freeSlot(from)
	}
	_ = e.resize(slots) // what fails says so to the next pass too
}

// relocate says that the state in slot from has been copied to slot to.
func (s *Sequence) relocate(from, to int) {
	if s.spare.slot == from {
		s.spare.slot = to
		return
	}
	s.slot = to
	s.show()
}

// moveOut makes room on the device by what is needed least, and reports whether there was
// anything: a state of the cache; else the slots of a text that is guessed; else an earlier state
// that is kept beside a sequence's own; else a state that nothing reads now, the longest unused
// first, which moves to the host; else what texts that are written keep to go back to.
func (e *Engine) moveOut() (bool, error) {
	if e.demote() || e.freeRing() {
		return true, nil
	}
	var oldest *Sequence // of those that nothing reads
	var parked, ended, marked, behind *task
	busy := maps.Clone(e.goesOn) // passes read their states
	for _, t := range e.tasks {
		busy[t.seq] = busy[t.seq] || !t.writes()
	}
	for s := range e.sequences {
		t := s.task
		switch {
		case busy[s]:
			continue
		case s.dropSpare():
			return true, nil
		case t == nil || !t.running:
			if s.slot != 0 && (oldest == nil || s.used < oldest.used) {
				oldest = s
			}
			if t != nil && t.work != 0 {
				parked = t
			}
			if t != nil && t.final.slot != 0 {
				ended = t
			}
			if t != nil && t.mark.slot != 0 {
				marked = t
			}
		case t.mark.slot != 0:
			marked = t
		case t.marked > 0 && s.slot != 0: // the pass that reads it has been submitted
			behind = t
		}
	}
	switch {
	case oldest != nil:
		return true, oldest.moveOut()
	case parked != nil:
		state, err := e.toHost(parked.work)
		if err == nil {
			parked.work, parked.host = 0, state
			parked.seq.show()
		}
		return true, err
	case ended != nil:
		state, err := e.toHost(ended.final.slot)
		if err == nil {
			ended.final.slot, ended.host = 0, state
			ended.seq.row.Store(-1)
		}
		return true, err
	case marked != nil:
		e.freeSlot(marked.mark.slot)
		marked.mark = place{}
		return true, nil
	case behind != nil:
		return true, behind.seq.moveOut()
	}
	for _, t := range e.tasks {
		if t.out != nil && e.absent(t) && t.drained() {
			e.park(t)
			return true, nil
		}
	}
	return false, nil
}

// moveOut moves the sequence's state to the host.
func (s *Sequence) moveOut() error {
	state, err := s.e.toHost(s.slot)
	if err == nil {
		s.slot, s.host = 0, state
		s.show()
	}
	return err
}

// moveIn brings the state back to the device, where it is not.
func (s *Sequence) moveIn() error {
	h := s.host
	if h == nil {
		return nil
	}
	err := s.fill(s.fed, func(slot int) (backend.Ticket, error) { return s.e.copyIn(slot, h) })
	if err == nil {
		s.e.count.MovedIn++
	}
	return err
}

// moveIn brings the state that t writes on from back to the device, where it is not.
func (t *task) moveIn(e *Engine) error {
	if t.host == nil {
		return nil
	}
	slot, err := e.takeSlots(1)
	if err != nil {
		return err
	}
	if t.copied, err = e.copyIn(slot, t.host); err != nil {
		e.freeSlot(slot)
		return err
	}
	t.host.release()
	t.work, t.host = slot, nil
	t.seq.show()
	e.count.MovedIn++
	return nil
}

// states is how many the device can hold, as far as is known.
func (e *Engine) states() int {
	if e.room > 0 || e.tight {
		return len(e.pool.used)
	}
	return math.MaxInt
}

// fitsBeside reports whether the states of one more text have room beside those of
// the texts that are written and the questions. Each takes two: that which it goes on from, and
// that which it comes to.
func (e *Engine) fitsBeside(others int) bool {
	return others == 0 || 1+2*(others+1) <= e.states()
}

// frees reports whether others will free memory without being asked to: passes that run, and
// texts whose hosts are about to let them go on.
func (e *Engine) frees() bool {
	return len(e.flights) > 0 || slices.ContainsFunc(e.tasks, func(t *task) bool {
		return t.turn != noTurn && !e.absent(t)
	})
}

// patiently calls take, and again after each pass, question and host's turn that ends, as long as
// the device has no memory, until ctx ends. It is for callers outside of the loop.
func (e *Engine) patiently(ctx context.Context, take func() error) error {
	for {
		err := take()
		if e.recovers(err) {
			if err := e.reopened(ctx); err != nil { // closed, what take takes from may be freed
				return err
			}
			continue
		}
		if !errors.Is(err, backend.ErrOutOfMemory) || e.idle && !e.frees() && e.asking <= e.patient+1 {
			return err
		}
		e.patient++
		err = e.rest(ctx)
		e.patient--
		if e.closed {
			return e.over()
		}
		if err != nil {
			return err
		}
	}
}

// rest waits until something has ended, or ctx has, which is an error.
func (e *Engine) rest(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.rested.Broadcast()
	})
	defer stop()
	e.rested.Wait()
	return ctx.Err()
}
