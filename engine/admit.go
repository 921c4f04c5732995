package engine

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"falconmamba/internal/clock"
)

// ErrQueueFull is what a request gets where as many wait as Options.Waiting allows. Its
// sequence is as it was.
var ErrQueueFull = errors.New("too many requests wait already: try again later")

// add puts tasks into the schedule together, so that they begin in one pass: the first n, as
// many as there is room for. No room for any is an error.
func (e *Engine) add(tasks ...*task) (n int, err error) {
	if e.closed || e.closing {
		return 0, e.over()
	}
	for n < len(tasks) && e.hasRoom(tasks[n]) {
		e.enqueue(tasks[n])
		n++
	}
	if n == 0 && len(tasks) > 0 {
		e.count.Refused += uint64(len(tasks))
		e.log.Warn("requests refused", "refused", len(tasks), "running", len(e.tasks), "waiting", len(e.waiting))
		return 0, ErrQueueFull
	}
	return n, nil
}

// enqueue puts a task behind those that wait.
func (e *Engine) enqueue(t *task) {
	e.arrived++
	t.arrived, t.added = e.arrived, clock.Now()
	e.waiting = append(e.waiting, t)
	e.lookAgain()
}

// hasRoom reports whether a task like t may wait. One that has given way, or would, takes
// nobody's place.
func (e *Engine) hasRoom(t *task) bool {
	room := e.most + e.queue
	for _, u := range e.tasks {
		if (u.out == nil) == (t.out == nil) && (u.out == nil || !e.absent(u)) {
			room--
		}
	}
	for _, u := range e.waiting {
		if (u.out == nil) == (t.out == nil) && !u.parked {
			room--
		}
	}
	return room > 0
}

// admit gives waiting tasks rows of the runner's tables: those in the background last,
// equals in order of arrival. Where no row is free, a text whose reader is absent
// gives way, and a text in the background to one that is not.
func (e *Engine) admit() {
	for _, t := range e.tasks {
		t.yielding = false
	}
	slices.SortStableFunc(e.waiting, func(a, b *task) int {
		return cmp.Or(a.rank()-b.rank(), cmp.Compare(a.arrived, b.arrived))
	})
	for _, t := range slices.Clone(e.waiting) {
		if t.parked && (t.full() || t.turn != noTurn) {
			continue
		}
		// Who gives way may be one whose memory was not counted.
		fits := func() bool { return t.out == nil || e.fitsBeside(e.writing()+e.asking) }
		if !fits() && !(e.giveWay(t) && fits()) {
			continue
		}
		rows := e.rows.of(t)
		if len(*rows) == 0 && !e.giveWay(t) {
			continue
		}
		t.slot = (*rows)[len(*rows)-1]
		*rows = (*rows)[:len(*rows)-1]
		t.running = true
		if t.out != nil && !t.parked {
			t.seq.placed = time.Now()
		}
		e.waiting = slices.DeleteFunc(e.waiting, func(u *task) bool { return u == t })
		e.tasks = append(e.tasks, t)
	}
}

// writing is how many running texts are written, or will be. Those whose reader is
// absent make room.
func (e *Engine) writing() int {
	n := 0
	for _, t := range e.tasks {
		if t.out != nil && !(t.writes() && t.full()) {
			n++
		}
	}
	return n
}

// giveWay parks a running text for t, and reports whether it did. One that has steps
// in flight takes part in no more of them, and is parked when it is asked again.
func (e *Engine) giveWay(t *task) bool {
	if t.out == nil {
		return false
	}
	var least *task // the latest of those whose readers are absent, else of those in the background
	alone := false  // it has no reader
	for _, u := range e.tasks {
		if u.out == nil || u.yielding {
			continue
		}
		if absent := e.absent(u); absent || !alone && u.rank() > t.rank() {
			least, alone = u, absent
		}
	}
	if least == nil {
		return false
	}
	if !least.drained() {
		least.yielding = true
		return false
	}
	e.park(least)
	return true
}

// absent reports whether nobody reads t: its reader is far behind, or has not done for as
// long as Options.Pace what the host has to do for it. It may be waiting for another text.
func (e *Engine) absent(t *task) bool {
	if t.turn == noTurn { // a text that is read anew after a loss may still have its host's turn
		return t.writes() && t.full()
	}
	left := e.pace - time.Since(t.since)
	if left > 0 && !e.looks {
		e.looks = true
		time.AfterFunc(left, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.looks = false
			e.lookAgain()
			e.rested.Broadcast()
		})
	}
	return left <= 0
}

// park takes a text out of the batch that has nothing in flight. It waits once more, and
// goes on from where it is.
func (e *Engine) park(t *task) {
	e.undraft(t)
	e.unfollow(t)
	e.tasks = slices.DeleteFunc(e.tasks, func(u *task) bool { return u == t })
	e.rows.write = append(e.rows.write, t.slot)
	t.running, t.parked = false, true
	t.resumes = t.writes()
	e.waiting = append(e.waiting, t)
	e.repeat = nil
	e.count.GaveWay++
}

// input returns what t's next step reads: the token that the device drew last, or the
// token itself where t has another row of the tables now.
func (e *Engine) input(t *task) (id int32, err error) {
	if !t.resumes && !t.keeps() {
		if t.Allow != nil {
			err = e.runner.allow(t.slot, t.allowed)
		}
		return -int32(t.slot) - 1, err
	}
	if err := t.moveIn(e); err != nil {
		return 0, err
	}
	text := slices.Concat(t.ids, t.written)
	if !t.resumes {
		return text[len(text)-1], nil
	}
	err = e.runner.draw(t.slot, t.drawing(t.drawnBefore, text))
	t.resumes = err != nil
	return text[len(text)-1], err
}
