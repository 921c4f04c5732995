package engine

import (
	"errors"
	"fmt"
	"time"

	"falconmamba/backend"
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
	if e.calm == nil {
		e.calm = time.AfterFunc(calmAfter, e.settlePool)
	}
	return err
}

// fits refuses a number of slots that the device knows to have no memory for, which
// costs less than to find out.
func (e *Engine) fits(slots int) error {
	free := e.b.Info().MemoryFree
	have, state := int64(len(e.pool.used)), e.m.Config().StateBytes()
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
	for r := range e.runners {
		errs = append(errs, r.closePlans())
	}
	return errors.Join(errs...)
}

// settlePool makes the pool smaller, once less than a quarter of it was of use for a
// while, and has the device asked for memory again where it had none. It is called from
// time to time while there is something to settle.
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
	if len(e.pool.used) > firstSlots {
		e.calm = time.AfterFunc(calmAfter, e.settlePool)
	}
}

// shrink gives the pool so few slots, or as many more as what cannot move needs, if that
// is at most half. States at rest move to the first slots. What fails leaves the pool as
// it is.
func (e *Engine) shrink(slots int) {
	have := len(e.pool.used)
	rest := make([]*Sequence, have) // by slot
	for s := range e.sequences {
		if s.task == nil && s.asked == 0 {
			rest[s.slot], rest[s.spare.slot] = s, s
		}
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
		if to >= slots || e.copyState(to, from) != nil {
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

// moveOut makes room on the device by what nothing needs now: an earlier state that is
// kept beside a sequence's own, else the state of the sequence that was used longest
// ago, which moves to the host. It reports whether there was one.
func (e *Engine) moveOut() (bool, error) {
	var oldest *Sequence
	for s := range e.sequences {
		if s.slot == 0 || s.task != nil || s.asked > 0 {
			continue
		}
		if s.dropSpare() {
			return true, nil
		}
		if oldest == nil || s.used < oldest.used {
			oldest = s
		}
	}
	if oldest == nil {
		return false, nil
	}
	state := e.newState()
	if err := e.readSlot(oldest.slot, state); err != nil {
		return false, err
	}
	e.freeSlot(oldest.slot)
	oldest.slot, oldest.host = 0, state
	oldest.row.Store(-1)
	e.count.MovedOut++
	return true, nil
}

// moveIn brings the state back to the device, where it is not.
func (s *Sequence) moveIn() error {
	if s.host == nil {
		return nil
	}
	err := s.fill(s.fed, func(slot int) error { return s.e.writeSlot(slot, s.host) })
	if err == nil {
		s.e.count.MovedIn++
	}
	return err
}
