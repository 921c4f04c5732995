package cli

import (
	"fmt"
	"io"
	"time"
)

// A Progress is a line on a terminal that says how far something has come. It
// shows only what takes longer than a second, and nothing where no one watches.
type Progress struct {
	w     io.Writer // nil where no one watches
	what  string
	start time.Time
	next  time.Time // before then nothing is written
	shown bool
}

// NewProgress begins the progress of what on w.
func NewProgress(w io.Writer, what string) *Progress {
	if !IsTerminal(w) {
		w = nil
	}
	now := time.Now()
	return &Progress{w: w, what: what, start: now, next: now.Add(time.Second)}
}

// Update says that done of total has been reached, with a detail for people.
func (p *Progress) Update(done, total int64, detail string) {
	now := time.Now()
	if p.w == nil || now.Before(p.next) || total <= 0 {
		return
	}
	p.next, p.shown = now.Add(100*time.Millisecond), true
	fmt.Fprintf(p.w, "\r\x1b[K%s %d %% %s", p.what, 100*done/total, detail)
}

// Bytes is Update with byte counts as the detail.
func (p *Progress) Bytes(done, total int64) {
	p.Update(done, total, fmt.Sprintf("of %.1f GB", float64(total)/1e9))
}

// Done takes the line away.
func (p *Progress) Done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
