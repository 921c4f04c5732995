package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/clock"
	"falconmamba/text/chat"
)

// together is how many texts are open at once: as many as the engine writes at once.
const together = 64

// ahead is how many texts may be done before one that is written before them.
const ahead = 4 * together

// A writing writes several texts: n answers to each prompt, which is read once.
type writing struct {
	*job
	prompts  []prompt
	from     *falconmamba.Snapshot // that all go on from, nil for none
	template *chat.Template        // of messages; nil for texts
	out      *lanes
	start    clock.Time
	progress *cli.Progress
	stop     context.CancelCauseFunc

	mu      sync.Mutex
	next    int // the answer that is begun next
	read    map[int]*reading
	some    int // answers of which some was written
	ended   int
	tokens  int // of all answers
	known   int // tokens of prompts that were not read, and those that were given
	given   int
	failed  bool
	stopped error // why no more are begun
}

// A reading is a prompt that was read once, for all of its answers.
type reading struct {
	ready  chan struct{} // closed when s or err is there
	mu     sync.Mutex    // of s
	s      *falconmamba.Session
	err    error
	left   int // answers that have not begun
	before int // tokens before the prompt
}

// writeAll is do for several texts.
func (j *job) writeAll(ctx context.Context, prompts []prompt) (err error) {
	r := &writing{job: j, prompts: prompts, read: map[int]*reading{}, start: clock.Now()}
	if j.stateLoad != "" {
		if r.from, err = j.m.LoadSnapshot(j.stateLoad); err != nil {
			return err
		}
	}
	if j.chat {
		if err := r.openTemplate(); err != nil {
			return err
		}
	}
	r.out = newLanes(j.stdout, !j.json, ahead)
	if !cli.IsTerminal(j.stdout) {
		r.progress = cli.NewProgress(j.stderr, "writing")
	}
	ctx, r.stop = context.WithCancelCause(ctx)
	defer r.stop(nil)
	var workers sync.WaitGroup
	for range min(r.width(), r.answers()) {
		workers.Go(func() {
			for i, ok := r.take(ctx); ok; i, ok = r.take(ctx) {
				r.one(ctx, i)
			}
		})
	}
	workers.Wait()
	for _, d := range r.read {
		if d.s != nil {
			err = errors.Join(err, d.s.Close())
		}
	}
	if r.progress != nil {
		r.progress.Done()
	}
	if r.stopped == nil {
		r.stopped = r.out.failed() // of what was kept until the end
	}
	if err := errors.Join(r.stopped, err); err != nil {
		return err
	}
	if ctx.Err() != nil && r.some < r.answers() {
		return ctx.Err()
	}
	if j.verbose {
		j.reportRun(r.report)
	}
	if r.failed {
		return cli.ErrSilent
	}
	return nil
}

func (r *writing) openTemplate() (err error) {
	if r.chatTemplate != "" {
		r.template, err = cli.ReadTemplate(r.chatTemplate)
	} else if r.template, err = r.m.ChatTemplate(); errors.Is(err, falconmamba.ErrNoTemplate) {
		err = fmt.Errorf("%w with --chat-template-file", err)
	}
	if err != nil {
		return err
	}
	r.endOfTurn = r.m.EndOfTurn(r.template, r.messages()...)
	return nil
}

// messages are what a conversation begins with, and the message that is to be answered.
func (r *writing) messages(text ...string) (all []chat.Message) {
	if r.systemPrompt != "" {
		all = append(all, chat.Message{Role: "system", Content: r.systemPrompt})
	}
	for _, t := range text {
		all = append(all, chat.Message{Role: "user", Content: t})
	}
	return all
}

func (r *writing) answers() int { return len(r.prompts) * r.n }

// width is how many texts are open at once. Each has its prompt, of which there are to be no more bytes than of all.
func (r *writing) width() int {
	longest := 1
	for _, p := range r.prompts {
		longest = max(longest, len(p.text), 4*len(p.ids))
	}
	return min(max(maxPrompt/longest, 1), together)
}

// take returns the answer that is to be begun now.
func (r *writing) take(ctx context.Context) (index int, ok bool) {
	select {
	case <-ctx.Done():
		return 0, false
	case r.out.room <- struct{}{}:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == r.answers() || ctx.Err() != nil {
		<-r.out.room
		return 0, false
	}
	index = r.next
	r.next++
	if p := index / r.n; index%r.n == 0 {
		r.read[p] = &reading{ready: make(chan struct{}), left: r.n}
	}
	return index, true
}

// one writes an answer. What goes wrong with it is no matter of the others, unless they cannot go on.
func (r *writing) one(ctx context.Context, index int) {
	way := r.out.enter(index)
	defer way.leave()
	j := *r.job
	j.stderr = io.Discard // what would be said of one
	j.seed += uint64(index % r.n)
	title := &titled{textOutput: *j.textOutput(), title: r.title(index)}
	title.w = way
	j.out = title
	if j.json {
		j.out = &jsonOutput{w: way, index: &index}
	}
	d, err := r.begin(ctx, &j, index)
	if err == nil {
		err = j.write(ctx)
		err = errors.Join(err, j.s.Close())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended++
	r.tokens += j.sum.tokens
	r.given, r.known = r.given+j.sum.prompt, r.known+j.sum.reused
	if err == nil {
		r.some++
	} else if failure := r.out.failed(); failure != nil {
		r.halt(failure)
	} else if ctx.Err() == nil {
		r.fail(way, index, d, err)
	}
	if r.progress != nil {
		r.progress.Update(int64(r.ended), int64(r.answers()), fmt.Sprintf("of %d answers", r.answers()))
	}
}

// fail says what went wrong with an answer.
func (r *writing) fail(way io.Writer, index int, d *reading, err error) {
	for _, all := range []error{falconmamba.ErrClosed, backend.ErrDeviceLost, backend.ErrOutOfMemory} {
		if errors.Is(err, all) {
			r.halt(err)
			return
		}
	}
	r.failed = true
	if d.err == nil || index%r.n == 0 { // else it was said of the first
		fmt.Fprintf(r.stderr, "%s: %s: %s\n", program, cli.OneLine(r.name(index)), cli.Line(err))
	}
	if r.json {
		_ = (&jsonOutput{w: way}).line(struct {
			Index int    `json:"index"`
			Done  bool   `json:"done"`
			Error string `json:"error"`
		}{index, true, cli.Line(err)})
	}
	if failure := r.out.failed(); failure != nil {
		r.halt(failure)
	}
}

// halt ends all texts.
func (r *writing) halt(err error) {
	if r.stopped == nil {
		r.stopped = err
	}
	r.stop(err)
}

// begin gives j the session of an answer, behind its prompt.
func (r *writing) begin(ctx context.Context, j *job, index int) (*reading, error) {
	r.mu.Lock()
	d := r.read[index/r.n]
	r.mu.Unlock()
	first := index%r.n == 0
	if first {
		if d.err = r.readPrompt(ctx, d, r.prompts[index/r.n]); d.err != nil && d.s != nil {
			d.err = errors.Join(d.err, d.s.Close())
			d.s = nil
		}
		close(d.ready)
	}
	select {
	case <-d.ready:
	case <-ctx.Done():
		return d, ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left--; d.left == 0 {
		r.mu.Lock()
		delete(r.read, index/r.n)
		r.mu.Unlock()
	}
	if d.err != nil {
		return d, d.err
	}
	j.sum.prompt = len(d.s.Tokens()) - max(0, d.before-1)
	if j.sum.reused = d.s.Reused(); !first {
		j.sum.reused = j.sum.prompt - 1 // its last token alone is read once more
	}
	if d.left == 0 {
		j.s = d.s
		return d, nil
	}
	var err error
	j.s, err = d.s.Fork(ctx)
	return d, err
}

// readPrompt makes the session that the answers to a prompt begin with.
func (r *writing) readPrompt(ctx context.Context, d *reading, p prompt) (err error) {
	if d.s, err = r.m.NewSession(); err != nil {
		return err
	}
	j := *r.job
	j.s = d.s
	if r.from != nil {
		if err := j.s.Restore(ctx, r.from); err != nil {
			return err
		}
	}
	d.before = len(j.s.Tokens())
	if r.template != nil {
		ids, err := r.m.EncodeChatAs(ctx, r.template, r.messages(p.text), true)
		if err != nil {
			return err
		}
		p = prompt{ids: ids}
	}
	if err := j.appendPrompt(p); err != nil {
		return err
	}
	if r.n == 1 {
		return nil // its one answer reads it
	}
	if len(r.prompts) > 1 {
		j.stderr = io.Discard // several would say how far they are
	}
	return j.readAhead(ctx)
}

// name is how errors call an answer.
func (r *writing) name(index int) string {
	name := fmt.Sprintf("%d of %d", index+1, r.answers())
	if len(r.prompts) == 1 {
		return name
	}
	name += ": " + nameOf(r.prompts, index/r.n)
	if r.n > 1 {
		name += fmt.Sprintf(", answer %d", index%r.n+1)
	}
	return name
}

// title is the line above an answer, as head and tail write it above a file.
func (r *writing) title(index int) string {
	title := "==> " + cli.OneLine(r.name(index)) + " <==\n"
	if index > 0 {
		title = "\n" + title
	}
	return title
}

// titled is a text below a title.
type titled struct {
	textOutput
	title string
	said  bool
}

func (o *titled) begin() error {
	if o.said {
		return nil
	}
	o.said = true
	_, err := io.WriteString(o.w, o.title)
	return err
}

func (o *titled) prompt(m *falconmamba.Model, ids []int32) error {
	return errors.Join(o.begin(), o.textOutput.prompt(m, ids))
}

func (o *titled) token(t falconmamba.Token) error {
	return errors.Join(o.begin(), o.textOutput.token(t))
}

func (o *titled) done(j *job) error {
	return errors.Join(o.begin(), o.textOutput.done(j))
}

// report is what --verbose says of the texts.
func (r *writing) report() {
	took := clock.Since(r.start)
	r.say("prompts", "%d, %s to be read, %d of them known", len(r.prompts), cli.Count(r.given, "token"), r.known)
	seeds := fmt.Sprintf("seed %d", r.seed)
	if r.n > 1 {
		seeds = fmt.Sprintf("seeds %d to %d", r.seed, r.seed+uint64(r.n-1))
	}
	r.say("texts", "%d, %s, %.1f tok/s together, %s", r.answers(), cli.Count(r.tokens, "token"),
		float64(r.tokens)/took.Seconds(), seeds)
}
