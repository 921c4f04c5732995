package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"falconmamba"
)

// A writer runs the model in a goroutine of its own, so that the window never
// waits for it: commands go in, and what there is to show comes out of look.
type writer struct {
	m       *falconmamba.Model
	options falconmamba.GenerateOptions

	commands chan func(context.Context) error
	done     chan struct{}
	close    context.CancelFunc

	mu      sync.Mutex // guards all below
	tabs    []*tab
	cur     int
	stop    context.CancelFunc // of the generation that runs, or nil
	waiting int                // commands not done
	status  string
	failed  bool
}

// A tab is one text: a session, and what undoes its turns. What look needs of it
// is guarded by the writer's mu, the rest belongs to the writer's goroutine.
type tab struct {
	session *falconmamba.Session
	text    []span
	undo    []moment
	mark    *moment // of mark and restart
}

// A moment is a text and the state after it: restoring it reads nothing again.
type moment struct {
	state *falconmamba.Snapshot
	text  []span
}

// undos is how many turns can be taken back: a moment of the 7B takes 40 MB.
const undos = 16

func newWriter(m *falconmamba.Model, o falconmamba.GenerateOptions) (*writer, error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &writer{m: m, options: o, commands: make(chan func(context.Context) error, 64), done: make(chan struct{}),
		close: cancel, tabs: []*tab{{session: s}}}
	go w.run(ctx)
	return w, nil
}

func (w *writer) run(ctx context.Context) {
	defer close(w.done)
	for {
		select {
		case <-ctx.Done():
			return
		case do := <-w.commands:
			err := do(ctx)
			if errors.Is(err, context.Canceled) {
				err = nil // stopped, which the status says already
			}
			w.mu.Lock()
			w.waiting--
			if err != nil {
				w.status, w.failed = err.Error(), true
			}
			w.mu.Unlock()
		}
	}
}

// command queues what is to be done with the text on show. A generation that runs
// is stopped for it.
func (w *writer) command(do func(context.Context, *tab) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop != nil {
		w.stop()
	}
	select {
	case w.commands <- func(ctx context.Context) error { return do(ctx, w.tab()) }:
		w.waiting++
	default: // 64 keys ahead of the model: this one is dropped
	}
}

func (w *writer) tab() *tab {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tabs[w.cur]
}

func (w *writer) say(format string, a ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status, w.failed = fmt.Sprintf(format, a...), false
}

// send appends a prompt, which may be empty, and writes on from there.
func (w *writer) send(prompt string) {
	w.command(func(ctx context.Context, t *tab) error {
		if err := t.remember(); err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		w.mu.Lock()
		w.stop = cancel
		if len(w.commands) > 0 {
			cancel() // something came while this one waited
		}
		t.add(prompt, true)
		w.mu.Unlock()
		err := w.generate(ctx, t, prompt)
		w.mu.Lock()
		w.stop = nil
		w.mu.Unlock()
		return err
	})
}

func (w *writer) generate(ctx context.Context, t *tab, prompt string) error {
	o := w.options
	w.options.Sampling.Seed++ // so that another turn is another draw
	w.say("reading %s …", count(len(prompt), "byte", "bytes"))
	had, n, begin := len(t.session.Tokens()), 0, time.Time{}
	for token, err := range t.session.Generate(ctx, prompt, &o) {
		if errors.Is(err, falconmamba.ErrEmpty) {
			return errors.New("type something to go on from")
		}
		if err != nil && len(t.session.Tokens()) == had { // nothing was taken: neither is the prompt shown
			w.mu.Lock()
			t.text = t.undo[len(t.undo)-1].text
			w.mu.Unlock()
			t.undo = t.undo[:len(t.undo)-1]
		}
		if errors.Is(err, context.Canceled) {
			w.say("stopped after %s", count(n, "token", "tokens"))
		}
		if err != nil {
			return err
		}
		if n == 0 {
			begin = time.Now()
		}
		if token.ID >= 0 {
			n++
		}
		w.mu.Lock()
		t.add(token.Text, false)
		w.mu.Unlock()
		if passed := time.Since(begin).Seconds(); n > 1 {
			w.say("%d tokens, %.0f a second", n, float64(n-1)/passed)
		}
	}
	return nil
}

// add appends to the text that is shown.
func (t *tab) add(text string, typed bool) {
	n := len(t.text)
	switch {
	case text == "":
	case n > 0 && t.text[n-1].typed == typed:
		// A new slice: look may have handed out the old one.
		t.text = append(slices.Clone(t.text[:n-1]), span{t.text[n-1].text + text, typed})
	default:
		t.text = append(slices.Clone(t.text), span{text, typed})
	}
}

func (t *tab) moment() (moment, error) {
	n, err := t.session.Snapshot()
	return moment{n, t.text}, err
}

// remember makes the present something to go back to.
func (t *tab) remember() error {
	m, err := t.moment()
	if err == nil {
		t.undo = append(t.undo[max(0, len(t.undo)+1-undos):], m)
	}
	return err
}

func (w *writer) goTo(t *tab, m moment) error {
	if err := t.session.Restore(m.state); err != nil {
		return err
	}
	w.mu.Lock()
	t.text = m.text
	w.mu.Unlock()
	return nil
}

// halt stops the generation that runs.
func (w *writer) halt() { w.command(func(context.Context, *tab) error { return nil }) }

// undo takes the last turn back.
func (w *writer) undo() {
	w.command(func(_ context.Context, t *tab) error {
		n := len(t.undo) - 1
		if n < 0 {
			return errors.New("nothing to undo")
		}
		if err := w.goTo(t, t.undo[n]); err != nil {
			return err
		}
		t.undo = t.undo[:n]
		w.say("undone")
		return nil
	})
}

// fork opens another tab that goes on from here.
func (w *writer) fork() {
	w.command(func(_ context.Context, t *tab) error {
		s, err := t.session.Fork()
		if err != nil {
			return err
		}
		w.mu.Lock()
		w.tabs = append(w.tabs, &tab{session: s, text: t.text, undo: slices.Clone(t.undo), mark: t.mark})
		w.cur = len(w.tabs) - 1
		w.mu.Unlock()
		w.say("forked: nothing was read again")
		return nil
	})
}

// mark takes a snapshot, and restart goes back to it, or to nothing.
func (w *writer) mark() {
	w.command(func(_ context.Context, t *tab) error {
		m, err := t.moment()
		if err == nil {
			t.mark = &m
			w.say("snapshot of %s", count(len(m.state.Tokens()), "token", "tokens"))
		}
		return err
	})
}

func (w *writer) restart() {
	w.command(func(_ context.Context, t *tab) error {
		if err := t.remember(); err != nil {
			return err
		}
		if t.mark == nil {
			if err := t.session.Reset(); err != nil {
				return err
			}
			w.mu.Lock()
			t.text = nil
			w.mu.Unlock()
			w.say("started anew")
			return nil
		}
		w.say("back at the snapshot")
		return w.goTo(t, *t.mark)
	})
}

// next shows the next tab.
func (w *writer) next() {
	w.command(func(context.Context, *tab) error {
		w.mu.Lock()
		w.cur = (w.cur + 1) % len(w.tabs)
		w.mu.Unlock()
		return nil
	})
}

// look tells what there is to show, and whose state.
func (w *writer) look() (v view, s *falconmamba.Session, busy bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.tabs[w.cur]
	v = view{text: t.text, tab: w.cur, status: w.status, failed: w.failed}
	for i := range w.tabs {
		v.tabs = append(v.tabs, fmt.Sprint("text ", i+1))
	}
	return v, t.session, w.waiting > 0
}

// end stops what runs and waits for it; then it frees the sessions.
func (w *writer) end() {
	w.close()
	<-w.done
	for _, t := range w.tabs {
		t.session.Close()
	}
}
