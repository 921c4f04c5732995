package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A Progress is a line on a terminal that says how far something has come. It
// shows only what takes longer than a second, and nothing where no one watches.
type Progress struct {
	w     io.Writer // nil where no one watches
	what  string
	start time.Time
	next  time.Time // before then nothing is written
	first int64     // what was there at the start, −1 before that is known
	shown bool
}

// NewProgress begins the progress of what on w.
func NewProgress(w io.Writer, what string) *Progress {
	if !Sequences(w) {
		w = nil
	}
	now := time.Now()
	return &Progress{w: w, what: what, start: now, next: now.Add(time.Second), first: -1}
}

// Update says that done of total has been reached, with a detail for people.
func (p *Progress) Update(done, total int64, detail string) {
	now := time.Now()
	if p.w == nil || now.Before(p.next) || total <= 0 {
		return
	}
	p.next, p.shown = now.Add(100*time.Millisecond), true
	fmt.Fprintf(p.w, "\r\x1b[K%s %s %d %% %s", p.what, bar(done, total), 100*done/total, detail)
}

// bar draws how much of a thing is there.
func bar(done, total int64) string {
	const width = 20
	n := int(max(0, min(done, total)) * width / total)
	return "[" + strings.Repeat("=", n) + strings.Repeat(" ", width-n) + "]"
}

// Bytes is Update with byte counts as the detail: how many there are, how fast
// they come and how long it will take.
func (p *Progress) Bytes(done, total int64) {
	if p.w == nil {
		return
	}
	now := time.Now()
	if p.first < 0 {
		p.first, p.start = done, now
	}
	p.Update(done, total, amounts(done-p.first, total-done, total, now.Sub(p.start)))
}

// amounts says how far it is from what came in some time and what is left.
func amounts(came, left, total int64, took time.Duration) string {
	text := fmt.Sprintf("of %.1f GB", float64(total)/1e9)
	if total < 1e9 {
		text = fmt.Sprintf("of %.1f MB", float64(total)/1e6)
	}
	if rate := float64(came) / took.Seconds(); came > 0 && took >= time.Second && left >= 0 {
		text += fmt.Sprintf(", %.1f MB/s, %s left", rate/1e6, time.Duration(float64(left)/rate*1e9).Round(time.Second))
	}
	return text
}

// Watch updates the line by what look returns, again and again until stop is called. It is for
// what does not say itself how far it has come; nothing else may be called meanwhile.
func (p *Progress) Watch(look func() (done, total int64, detail string)) (stop func()) {
	if p.w == nil {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(200 * time.Millisecond); ; {
			select {
			case <-end:
				tick.Stop()
				return
			case <-tick.C:
				p.Update(look())
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// Done takes the line away, until the next Update if there is one.
func (p *Progress) Done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
