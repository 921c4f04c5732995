package main

import (
	"bytes"
	"io"
	"sync"
)

// lanes put texts that are written at once into one stream. Where they are in order, the first that is not done goes
// straight through, and those behind it are kept until it is; else all do.
type lanes struct {
	mu      sync.Mutex
	w       io.Writer
	ordered bool
	room    chan struct{} // has something for each text that is open, or done and kept
	next    int           // the first that is not done
	open    map[int]*lane // from next on
	err     error         // of w, after which nothing is written
}

// A lane is one text's way.
type lane struct {
	*lanes
	index int
	kept  bytes.Buffer
	done  bool
}

// newLanes returns lanes of which so many may be open at once.
func newLanes(w io.Writer, ordered bool, most int) *lanes {
	return &lanes{w: w, ordered: ordered, room: make(chan struct{}, most), open: map[int]*lane{}}
}

// enter opens the lane of a text. Every one before it was opened, and room has something for it.
func (l *lanes) enter(index int) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := &lane{lanes: l, index: index}
	l.open[index] = n
	return n
}

// Write writes whole calls.
func (n *lane) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ordered && n.index != n.next {
		return n.kept.Write(p)
	}
	return n.through(p)
}

func (l *lanes) through(p []byte) (n int, err error) {
	if l.err != nil {
		return 0, l.err
	}
	n, l.err = l.w.Write(p)
	return n, l.err
}

// leave says that a text is done. What was kept behind it follows.
func (n *lane) leave() {
	l := n.lanes
	l.mu.Lock()
	defer l.mu.Unlock()
	n.done = true
	for first := l.open[l.next]; first != nil && first.done; first = l.open[l.next] {
		delete(l.open, l.next)
		<-l.room
		l.next++
		if follows := l.open[l.next]; follows != nil {
			_, _ = l.through(follows.kept.Bytes()) // l.err has what went wrong
			follows.kept = bytes.Buffer{}
		}
	}
}

// failed returns the error of what is written to, nil for none.
func (l *lanes) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
