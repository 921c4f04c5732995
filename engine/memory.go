package engine

// tick returns a number that grows with every use.
func (e *Engine) tick() uint64 {
	e.uses++
	return e.uses
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
	return true, nil
}

// moveIn brings the state back to the device, where it is not.
func (s *Sequence) moveIn() error {
	if s.host == nil {
		return nil
	}
	return s.fill(s.fed, func(slot int) error { return s.e.writeSlot(slot, s.host) })
}
