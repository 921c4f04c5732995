// Package talk runs a model for a window: commands go in, and what there is to show comes out of Look. Nothing in it
// waits for the model but its own goroutine, and the conversation outlives the model: another one, or the same one on
// another device, goes on with it.
package talk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/examples/desktop/tree"
)

// A Talk is a conversation, with all its branches, and the model that goes on with it, if there is one.
type Talk struct {
	on *writer // nil without a model; Begin and End change it, and belong to one goroutine with the commands

	mu      sync.Mutex // guards all below
	tree    *tree.Tree
	here    *tree.Node // the turn on show
	print   string     // fingerprint of the model that states and tokens are of
	version int        // of what is shown
	stop    context.CancelFunc
	waiting int // commands not done
	status  string
	failed  bool
	lost    bool
	refused string // a prompt that was not taken
	state   *falconmamba.State
}

// New returns an empty conversation that keeps states of limit bytes together, to go back to.
func New(limit int64) *Talk {
	t := tree.New(limit)
	return &Talk{tree: t, here: t.Root()}
}

// Commands is how many may wait for the model; what comes beyond is refused.
const Commands = 64

// A writer runs a model in its goroutine.
type writer struct {
	t        *Talk
	m        *falconmamba.Model
	session  *falconmamba.Session
	options  falconmamba.GenerateOptions
	copies   bool
	at       *tree.Node // the turn that the session is after, or nil
	commands chan func(context.Context) error
	done     chan struct{}
	close    context.CancelFunc
}

// Begin makes a model go on with the conversation. With copies, Look has the state after each turn: for a device
// whose memory the window cannot draw from. States that another model left are forgotten, and texts read again.
func (t *Talk) Begin(m *falconmamba.Model, o falconmamba.GenerateOptions, copies bool) error {
	print, err := m.Fingerprint()
	if err != nil {
		return err
	}
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.on = &writer{t: t, m: m, session: s, options: o, copies: copies, done: make(chan struct{}), close: cancel,
		commands: make(chan func(context.Context) error, Commands)}
	t.mu.Lock()
	if t.print != print {
		t.tree.Forget()
		t.print = print
	}
	t.lost, t.state = false, nil
	t.mu.Unlock()
	go t.on.run(ctx)
	t.command(func(ctx context.Context, w *writer) error {
		_, err := w.place(ctx, t.current())
		return err
	})
	return nil
}

// End stops what runs, waits for it, and lets the model go, which the caller closes. The conversation stays. What is
// returned waits, so that the window need not.
func (t *Talk) End() (wait func()) {
	w := t.on
	t.on = nil
	if w == nil {
		return func() {}
	}
	w.close()
	return func() {
		<-w.done
		w.session.Close()
		t.mu.Lock()
		t.waiting, t.stop, t.lost = 0, nil, false
		t.mu.Unlock()
	}
}

func (w *writer) run(ctx context.Context) {
	defer close(w.done)
	for {
		select {
		case <-ctx.Done():
			for len(w.commands) > 0 { // they end at once, and prompts are given back
				w.do(ctx, <-w.commands)
			}
			return
		case do := <-w.commands:
			w.do(ctx, do)
		}
	}
}

func (w *writer) do(ctx context.Context, do func(context.Context) error) {
	t, err := w.t, do(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting--
	switch {
	case err == nil || errors.Is(err, context.Canceled): // stopped, which the status says already
	case errors.Is(err, backend.ErrDeviceLost):
		t.lost = true
		fallthrough
	default:
		t.status, t.failed = err.Error(), true
	}
}

// command queues what is to be done. A generation that runs is stopped for it.
func (t *Talk) command(do func(context.Context, *writer) error) {
	w := t.on
	if w == nil {
		t.Fail(errors.New("no model is open"))
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop != nil {
		t.stop()
	}
	select {
	case w.commands <- func(ctx context.Context) error { return do(ctx, w) }:
		t.waiting++
	default:
		t.status, t.failed = fmt.Sprintf("%d commands wait for the model: this one is refused", Commands), true
	}
}

// Say and Fail set the line that tells what goes on.
func (t *Talk) Say(format string, a ...any) { t.tell(fmt.Sprintf(format, a...), false) }
func (t *Talk) Fail(err error)              { t.tell(err.Error(), true) }

func (t *Talk) tell(status string, failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status, t.failed = status, failed
}

func (t *Talk) current() *tree.Node {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.here
}

// Send makes a turn after the one on show: a prompt, which may be empty, and what the model writes then.
func (t *Talk) Send(prompt string) {
	if t.on == nil {
		t.refuse(prompt)
		t.Fail(errors.New("no model is open: Ctrl+O chooses one"))
		return
	}
	t.command(func(ctx context.Context, w *writer) error { return w.turn(ctx, t.current(), prompt) })
}

// Again makes another turn from the prompt of the one on show, beside it.
func (t *Talk) Again() {
	t.command(func(ctx context.Context, w *writer) error {
		n := t.current()
		if n.Parent == nil {
			return errors.New("there is no turn to write anew")
		}
		return w.turn(ctx, n.Parent, n.Typed)
	})
}

// Stop ends the generation that runs; what was written stays.
func (t *Talk) Stop() {
	if t.on != nil {
		t.command(func(context.Context, *writer) error { return nil })
	}
}

// Go shows the turn of an ID, and the next one follows it. Without a model that works as well.
func (t *Talk) Go(id int) {
	show := func() *tree.Node {
		t.mu.Lock()
		defer t.mu.Unlock()
		if n := t.tree.Find(id); n != nil {
			t.here = n
			t.version++
		}
		return t.here
	}
	if t.on == nil {
		show()
		return
	}
	t.command(func(ctx context.Context, w *writer) error {
		again, err := w.place(ctx, show())
		switch {
		case err != nil:
			return err
		case again > 0:
			t.Say("the state after this turn is not kept: %s will be read again", count(again, "token", "tokens"))
		default:
			t.Say("back at this turn: nothing is read again")
		}
		return nil
	})
}

// Back goes to the turn before the one on show.
func (t *Talk) Back() {
	n := t.current()
	if n.Parent == nil {
		t.Fail(errors.New("this is where the text begins"))
		return
	}
	t.Go(n.Parent.ID)
}

// refuse gives a prompt back.
func (t *Talk) refuse(prompt string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused = prompt
}

// Refused returns a prompt that was not taken, once.
func (t *Talk) Refused() (prompt string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	prompt, t.refused = t.refused, ""
	return prompt
}

// place puts the session after turn n: from its state, or from that of the nearest turn before it. It returns how many
// tokens are to be read again then, when the text goes on.
func (w *writer) place(ctx context.Context, n *tree.Node) (again int, err error) {
	t := w.t
	if w.at == n {
		return 0, nil
	}
	w.at = nil
	t.mu.Lock()
	state, from := t.tree.State(n)
	ids, rest := n.Tokens, ""
	for _, x := range tree.Path(n)[len(tree.Path(from)):] {
		rest += x.Typed + x.Written
	}
	t.mu.Unlock()
	if state == nil {
		err = w.session.Reset()
	} else {
		var snapshot *falconmamba.Snapshot
		if snapshot, err = w.m.ReadSnapshot(state); err == nil {
			err = w.session.Restore(ctx, snapshot)
		}
	}
	if err != nil {
		return 0, err
	}
	had := len(w.session.Tokens())
	if ids != nil {
		err = w.session.Append(ids[had:]...)
	} else {
		err = w.session.AppendText(rest)
	}
	if err != nil {
		return 0, err
	}
	w.at = n
	if again = len(w.session.Tokens()) - had; again > 0 {
		return again, nil // to copy the state would be to read it
	}
	return 0, w.copy(ctx)
}

// copy copies the state for Look, where it is asked for.
func (w *writer) copy(ctx context.Context) error {
	if !w.copies {
		return nil
	}
	s, err := w.session.State(ctx)
	if err != nil {
		return err
	}
	w.t.mu.Lock()
	w.t.state = s
	w.t.mu.Unlock()
	return nil
}

// turn writes a turn after n.
func (w *writer) turn(ctx context.Context, n *tree.Node, prompt string) (err error) {
	t := w.t
	if _, err := w.place(ctx, n); err != nil {
		t.refuse(prompt)
		return err
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	t.mu.Lock()
	t.stop = cancel
	if len(w.commands) > 0 {
		cancel() // something came while this one waited
	}
	child := t.tree.Add(n, prompt)
	t.here = child
	t.version++
	t.mu.Unlock()

	had := len(w.session.Tokens())
	w.at = child
	err = w.generate(running, child, prompt)
	t.mu.Lock()
	t.stop = nil
	taken := len(w.session.Tokens()) > had
	if !taken {
		t.tree.Remove(child)
		if t.here == child {
			t.here = n
		}
		t.version++
		t.refused = prompt
	} else {
		child.Tokens = slices.Clone(w.session.Tokens())
	}
	t.mu.Unlock()
	if !taken || errors.Is(err, backend.ErrDeviceLost) {
		w.at = nil
		return err
	}
	return errors.Join(err, w.keep(ctx, child))
}

func (w *writer) generate(ctx context.Context, n *tree.Node, prompt string) error {
	t, o := w.t, w.options
	w.options.Sampling.Seed++ // so that another turn is another draw
	t.Say("reading %s …", count(len(prompt), "byte", "bytes"))
	written, begin := 0, time.Time{}
	for token, err := range w.session.Generate(ctx, prompt, &o) {
		if errors.Is(err, falconmamba.ErrEmpty) {
			return errors.New("type something to go on from")
		}
		if errors.Is(err, context.Canceled) {
			t.Say("stopped after %s", count(written, "token", "tokens"))
		}
		if err != nil {
			return err
		}
		if written == 0 {
			begin = time.Now()
		}
		if token.ID >= 0 {
			written++
		}
		t.mu.Lock()
		n.Written += token.Text
		t.version++
		t.mu.Unlock()
		if passed := time.Since(begin).Seconds(); written > 1 && passed > 0.1 { // those of one pass come at once
			t.Say("%d tokens, %.0f a second", written, float64(written-1)/passed)
		} else {
			t.Say("%s", count(written, "token", "tokens"))
		}
	}
	return nil
}

// keep takes a snapshot of the session as bytes, which belong to no model that may be closed.
func (w *writer) keep(ctx context.Context, n *tree.Node) error {
	snapshot, err := w.session.Snapshot(ctx)
	if err != nil {
		return err
	}
	var state bytes.Buffer
	if _, err := snapshot.WriteTo(&state); err != nil {
		return err
	}
	w.t.mu.Lock()
	w.t.tree.Keep(n, state.Bytes())
	w.t.mu.Unlock()
	return w.copy(ctx)
}

// count writes n of a thing.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}
