package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"

	"falconmamba"
	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/clock"
	"falconmamba/text/chat"
)

// A conversation is the program with --chat.
type conversation struct {
	*job
	c        *falconmamba.Chat
	template *chat.Template      // in place of the model's own
	all      []*falconmamba.Chat // the copies, c among them
	turns    uint64
	read     func() (string, error) // the next message, or io.EOF
	talks    bool                   // with a person at a terminal
	over     bool                   // whoever gave the messages gives no more
}

// maxMessage bounds a line that is read.
const maxMessage = 16 << 20

// converse is do with --chat.
func (j *job) converse(ctx context.Context) (err error) {
	k := &conversation{job: j, talks: cli.IsTerminal(j.stdin) && cli.Sequences(j.stdout)}
	first, given, err := k.first(ctx)
	if err != nil {
		return err
	}
	if j.stateSave != "" {
		if err := j.checkSave(j.stateSave, j.force); err != nil {
			return err
		}
	}
	if j.chatTemplate != "" {
		if k.template, err = cli.ReadTemplate(j.chatTemplate); err != nil {
			return err
		}
	}
	if j.seed, err = seedOf(j.options.seed); err != nil {
		return err
	}
	if j.grammar, err = j.readGrammar(ctx); err != nil {
		return err
	}
	j.text = true
	if err := j.openModel(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.closeModel()) }()
	if k.c, err = k.begin(); errors.Is(err, falconmamba.ErrNoTemplate) {
		return fmt.Errorf("%w with --chat-template-file", err)
	} else if err != nil {
		return err
	}
	k.all = []*falconmamba.Chat{k.c}
	defer func() {
		for _, c := range k.all {
			err = errors.Join(err, c.Close())
		}
	}()
	if j.stateLoad != "" {
		if err := k.c.Load(ctx, j.stateLoad); err != nil {
			return err
		}
	}
	if j.stateLoad != "" && k.talks {
		k.recall()
	}
	err = k.run(ctx, first, given)
	if j.stateSave != "" && (err == nil || k.over) {
		err = errors.Join(err, k.c.Save(context.WithoutCancel(ctx), j.stateSave))
	}
	if err != nil {
		return err
	}
	if j.verbose {
		j.reportRun(j.report)
	}
	return nil
}

// begin returns a conversation of nothing but the system's message.
func (k *conversation) begin() (*falconmamba.Chat, error) {
	return k.m.NewChat(falconmamba.ChatOptions{System: k.systemPrompt, Template: k.template})
}

// first returns the message of the command line, if there is one. A single turn
// needs one, from standard input if nowhere else.
func (k *conversation) first(ctx context.Context) (text string, given bool, err error) {
	if len(k.sources) == 0 && !k.singleTurn {
		return "", false, nil
	}
	prompts, err := k.readPrompts(ctx)
	if err != nil {
		return "", true, err
	}
	return prompts[0].text, true, nil
}

// run takes turns until there are no more messages.
func (k *conversation) run(ctx context.Context, text string, given bool) error {
	if k.singleTurn {
		return k.single(ctx, text)
	}
	k.out = k.textOutput()
	if !k.talks {
		k.read = k.lines(ctx)
	} else {
		info := k.m.Backend().Info()
		fmt.Fprintln(k.stderr, cli.OneLine(fmt.Sprintf("%s on %s (%s)", cli.ModelName(k.Model), info.Name,
			info.Device)))
		fmt.Fprintln(k.stderr, "/help lists the commands, Tab completes them, ^D ends")
		t := newTyping(k.stdin.(*os.File), k.stdout.(*os.File))
		if k.history != "" {
			h, err := openHistory(k.history)
			if err != nil {
				return err
			}
			defer h.Close()
			t.t.History = h
		}
		k.read = func() (string, error) {
			prompt := "> "
			if len(k.all) > 1 {
				prompt = fmt.Sprintf("%d> ", 1+slices.Index(k.all, k.c))
			}
			return t.line(cli.Coloured(k.stdout, cli.Cyan, prompt))
		}
	}
	for {
		if !given {
			var err error
			if text, err = k.read(); err != nil {
				k.over = true
			}
			if err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
		err := k.take(ctx, text, given)
		given = false
		switch {
		case errors.Is(err, errExit):
			return nil
		case err == nil:
		case k.talks && !errors.Is(err, falconmamba.ErrClosed):
			fmt.Fprintf(k.stderr, "%s: %s\n", program, cli.Line(err))
		default:
			return err
		}
	}
}

// single answers one message, in whichever form the output has.
func (k *conversation) single(ctx context.Context, text string) error {
	k.out = k.textOutput()
	if k.json {
		k.out = &jsonOutput{w: k.stdout}
	}
	if err := k.say(ctx, text); err != nil {
		return err
	}
	return k.out.done(k.job)
}

// lines reads messages that nobody types, one a line.
func (k *conversation) lines(ctx context.Context) func() (string, error) {
	type line struct {
		text string
		err  error
	}
	next := make(chan line)
	go func() {
		defer close(next)
		s := bufio.NewScanner(k.stdin)
		s.Buffer(nil, maxMessage)
		for s.Scan() {
			select {
			case next <- line{text: s.Text()}:
			case <-ctx.Done():
				return
			}
		}
		err := s.Err()
		if err == nil {
			err = io.EOF
		}
		select {
		case next <- line{err: err}:
		case <-ctx.Done():
		}
	}()
	one := func() (string, error) {
		select {
		case l, more := <-next:
			if !more {
				return "", io.EOF
			}
			return l.text, l.err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return func() (string, error) { return joinLines(one) }
}

// joinLines reads a message: a line, and the next where it ends with \.
func joinLines(one func() (string, error)) (string, error) {
	text, err := one()
	for err == nil && strings.HasSuffix(text, `\`) {
		var more string
		more, err = one()
		text = strings.TrimSuffix(text, `\`) + "\n" + more
	}
	if err == io.EOF && text != "" {
		err = nil
	}
	return text, err
}

var errExit = errors.New("exit")

// take does what a line asks for. What stands on the command line is no command.
func (k *conversation) take(ctx context.Context, text string, literal bool) (err error) {
	switch {
	case literal:
	case strings.TrimSpace(text) == "":
		return nil
	case strings.HasPrefix(text, "//"):
		text = text[1:]
	case strings.HasPrefix(text, "/"):
		again, err := k.command(ctx, text)
		if again == "" || err != nil {
			return err
		}
		text = again
	}
	if k.talks {
		var done func() bool
		ctx, done = answerContext(ctx)
		defer func() {
			if done() {
				err = errors.Join(errExit, err)
			}
		}()
	}
	k.sum = summary{loading: k.sum.loading}
	k.out = k.textOutput()
	if err := k.say(ctx, text); err != nil {
		return err
	}
	return k.out.done(k.job)
}

// answerContext is for one answer: an interrupt ends that and not the program.
// done reports whether the program was told to end.
func answerContext(ctx context.Context) (_ context.Context, done func() bool) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	signals := make(chan os.Signal, 1)
	cli.Notify(signals)
	var ended atomic.Bool
	go func() {
		select {
		case s := <-signals:
			ended.Store(s != os.Interrupt)
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() bool { signal.Stop(signals); cancel(); return ended.Load() }
}

// say gives a message and writes the answer. An interrupt ends it like any other
// end, if there is something to show for it.
func (k *conversation) say(ctx context.Context, text string) error {
	s := k.c.Session()
	before := len(s.Tokens())
	g := k.generation(k.m, k.seed+k.turns)
	k.turns++
	start := clock.Now()
	for t, err := range k.c.Say(ctx, text, &g) {
		if errors.Is(err, context.Canceled) && (k.sum.hasFirst || k.talks) {
			k.sum.reason = "interrupt"
			break
		}
		if err != nil {
			k.out.broken()
			return err
		}
		now := clock.Since(start)
		if !k.sum.hasFirst {
			k.sum.first, k.sum.hasFirst = now, true
			if k.sum.prompt = len(s.Tokens()) - 1 - before; k.sum.prompt < 0 {
				k.sum.prompt = len(s.Tokens()) - 1 // the past was worded anew
			}
			k.sum.reused = s.Reused()
		}
		k.sum.writing = now - k.sum.first
		if t.ID >= 0 {
			k.sum.tokens++
		}
		if err := k.out.token(t); err != nil {
			return err
		}
	}
	if k.sum.reason == "" {
		k.sum.reason = string(s.StopReason())
	}
	return nil
}

// recall says where a loaded conversation is.
func (k *conversation) recall() {
	const most = 6
	messages := k.c.Messages()
	tokens := len(k.c.Session().Tokens())
	fmt.Fprintf(k.stderr, "%s, %s\n", cli.Count(len(messages), "message"), cli.Count(tokens, "token"))
	if len(messages) > most {
		fmt.Fprintln(k.stderr, "…")
		messages = messages[len(messages)-most:]
	}
	for _, m := range messages {
		fmt.Fprintln(k.stderr, cli.OneLine(m.Role+": "+short(m.Content)))
	}
}

func orNone(s string) string {
	if s == "" {
		return "nothing yet"
	}
	return s
}

// short is the beginning of a message.
func short(s string) string {
	const most = 60
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}
