package engine

import (
	"context"
	"slices"
	"sync"

	"falconmamba/engine/statecache"
)

// Durability says when the state at the end of a text is in the farthest place.
type Durability uint8

const (
	// DurableLater writes states by and by, those of ends among them.
	DurableLater Durability = iota
	// DurableAsync begins to write it when the text ends. The end of a text is told once the state is
	// written that an earlier one has left which it goes on from: if the machine is lost, no more than
	// the turn that was running and the one before are to be read again.
	DurableAsync
	// DurableTurn has it written before the end of the text is told: if the machine is lost, no more than
	// the turn that was running is to be read again.
	DurableTurn
)

// Many states are not on their way to the farthest place at once: each is in the host's memory meanwhile.
const turnsAtOnce = 16

// turns are the ends of texts whose states are on their way.
type turns struct {
	room chan struct{} // has one for each
	all  sync.WaitGroup

	mu  sync.Mutex
	now []*turnEnd
}

// A turnEnd is one of them.
type turnEnd struct {
	text []int32
	done chan struct{}
}

func (t *turns) open() { t.room = make(chan struct{}, turnsAtOnce) }

// wait returns when all are written.
func (t *turns) wait() { t.all.Wait() }

// before returns the ends that text goes on from.
func (t *turns) before(text []int32) (all []*turnEnd) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range t.now {
		if len(x.text) < len(text) && statecache.Common(x.text, text) == len(x.text) {
			all = append(all, x)
		}
	}
	return all
}

// begin notes an end that is to be written.
func (t *turns) begin(text []int32) *turnEnd {
	x := &turnEnd{text, make(chan struct{})}
	t.all.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = append(t.now, x)
	return x
}

// end notes that it was, or could not be.
func (t *turns) end(x *turnEnd) {
	t.mu.Lock()
	t.now = slices.DeleteFunc(t.now, func(y *turnEnd) bool { return x == y })
	t.mu.Unlock()
	close(x.done)
	t.all.Done()
}

// saveEnd writes the state of a text that has come to its end to the farthest place, before it returns or
// behind it as CacheOptions.Durable says. What fails is counted, and tried again by and by: until then
// the text goes on by being read again.
func (e *Engine) saveEnd(ctx context.Context, s *Sequence) {
	if e.far.states == nil || e.keeps.Durable == DurableLater {
		return
	}
	x, err := e.beginSave(ctx, s)
	if err != nil {
		e.saveLater(s.history)
		return
	}
	if x == nil || e.keeps.Durable == DurableAsync {
		return
	}
	select {
	case <-x.done:
	case <-ctx.Done():
	}
}

// beginSave begins to write the state of s, unless there is none worth it.
func (e *Engine) beginSave(ctx context.Context, s *Sequence) (*turnEnd, error) {
	f := &e.far
	if end := len(s.history) - 1; s.Fed() < end { // a stop string ended it: the state is an earlier one
		if err := s.feed(ctx, end, nil); err != nil {
			return nil, err
		}
	}
	if e.keeps.Durable == DurableAsync {
		for _, x := range f.before(s.history) {
			select {
			case <-x.done:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
	select {
	case f.room <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	n, err := s.Snapshot(ctx)
	if err != nil || n.Alien || n.Fed < leastReuse {
		<-f.room
		return nil, err
	}
	text := n.Tokens[:n.Fed]
	e.mark(text)
	x := f.begin(text)
	go func() {
		defer func() { <-f.room }()
		defer f.end(x)
		err := f.states.Put(context.Background(), text, n.State)
		e.mu.Lock()
		e.wrote(len(text), err)
		e.mu.Unlock()
		if err != nil {
			e.saveLater(text)
		}
	}()
	return x, nil
}

// saveLater has the state at the end of a text be written by and by, if the cache has it.
func (e *Engine) saveLater(text []int32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.cache
	if c == nil {
		return
	}
	if k, _ := c.Find(c.key, text, len(text)); k != nil && k.Len() >= len(text)-1 {
		k.Value.written, k.Value.end = false, true
		e.far.changed.Signal()
	}
}

// mark notes that the state after text, if the cache has it, is on its way to the farthest place.
func (e *Engine) mark(text []int32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.cache; c != nil {
		if k := c.At(c.key, text); k != nil {
			k.Value.written = true
		}
	}
}
