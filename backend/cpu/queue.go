package cpu

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"falconmamba/backend"
)

// A queue runs tasks one after another, in the order in which they were put,
// in a goroutine of its own: so that Submit returns at once, Wait can give up,
// and order is what it is on a GPU.
type queue struct {
	mu     sync.Mutex
	more   sync.Cond      // a task was put, or the queue closed
	tasks  []func() error // not begun
	last   backend.Ticket // of the task put last
	done   backend.Ticket // of the task that ended last
	closed bool
	ended  chan struct{} // closed when the goroutine has returned

	waiting []*waiter
	idle    []*waiter // to be used again: a step of decode allocates nothing

	// The first failure, that of ticket failed. It is told to every Wait for a
	// ticket from there to told, the last that was out when a Wait first heard
	// of it: what is submitted after that starts clean.
	err          error
	failed, told backend.Ticket
}

// A waiter is a call of wait.
type waiter struct {
	t    backend.Ticket
	done chan struct{} // receives once, when t has ended
}

func newQueue() *queue {
	q := &queue{ended: make(chan struct{})}
	q.more.L = &q.mu
	go q.serve()
	return q
}

func (q *queue) serve() {
	defer close(q.ended)
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.tasks) == 0 {
			if q.closed {
				return
			}
			q.more.Wait()
		}
		task := q.tasks[0]
		q.tasks = slices.Delete(q.tasks, 0, 1)
		q.mu.Unlock()
		err := task()
		q.mu.Lock()
		q.done++
		if err != nil && (q.err == nil || q.told != 0) {
			q.err, q.failed, q.told = err, q.done, 0
		}
		q.waiting = slices.DeleteFunc(q.waiting, func(w *waiter) bool {
			ended := w.t <= q.done
			if ended {
				w.done <- struct{}{}
			}
			return ended
		})
	}
}

// put appends a task. allow, where not nil, runs under the queue's lock and may
// refuse.
func (q *queue) put(task func() error, allow func() error) (backend.Ticket, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0, backend.ErrClosed
	}
	if allow != nil {
		if err := allow(); err != nil {
			return 0, err
		}
	}
	return q.append(task), nil
}

// append is put under the lock.
func (q *queue) append(task func() error) backend.Ticket {
	q.tasks = append(q.tasks, task)
	q.last++
	q.more.Signal()
	return q.last
}

// now runs f in the caller, before anything that is put later, if the queue is
// idle.
func (q *queue) now(f func() error) (ran bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false, backend.ErrClosed
	}
	if q.done != q.last {
		return false, nil
	}
	return true, f()
}

// failure returns the error that a Wait for t hears.
func (q *queue) failure(t backend.Ticket) error {
	if q.err == nil || t < q.failed || q.told != 0 && t > q.told {
		return nil
	}
	if q.told == 0 {
		q.told = q.last
	}
	return q.err
}

// wait returns once task t has ended, or with ctx.
func (q *queue) wait(ctx context.Context, t backend.Ticket) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if t > q.last {
		return fmt.Errorf("ticket %d was never given: the last is %d", t, q.last)
	}
	if q.done >= t {
		return q.failure(t)
	}
	w := q.enter(t)
	q.mu.Unlock()
	select {
	case <-w.done:
	case <-ctx.Done():
	}
	q.mu.Lock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
	select { // it may have ended after ctx did
	case <-w.done:
	default:
	}
	q.idle = append(q.idle, w)
	if q.done < t {
		return ctx.Err()
	}
	return q.failure(t)
}

// enter makes a waiter for t.
func (q *queue) enter(t backend.Ticket) *waiter {
	var w *waiter
	if n := len(q.idle); n > 0 {
		w, q.idle = q.idle[n-1], q.idle[:n-1]
	} else {
		w = &waiter{done: make(chan struct{}, 1)}
	}
	w.t = t
	q.waiting = append(q.waiting, w)
	return w
}

// do runs f in its turn and waits for it. The failure of earlier work is its
// failure too, unless a Wait was told.
func (q *queue) do(f func() error) error {
	ran, err := q.now(func() error {
		if q.told == 0 {
			if err := q.failure(q.last); err != nil {
				return err
			}
		}
		return f()
	})
	if ran || err != nil {
		return err
	}
	t, err := q.put(f, nil)
	if err != nil {
		return err
	}
	return q.wait(context.Background(), t)
}

// drain waits for all that was put so far, whatever came of it.
func (q *queue) drain() {
	q.mu.Lock()
	t := q.last
	q.mu.Unlock()
	q.wait(context.Background(), t)
}

// isClosed reports whether close was called.
func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// close refuses further tasks and returns when those that were put have ended.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.more.Signal()
	q.mu.Unlock()
	<-q.ended
}
