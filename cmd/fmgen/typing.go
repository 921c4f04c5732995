package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/term"

	"falconmamba/cmd/internal/cli"
)

// A typing is a person at a terminal, with a line that can be edited and a
// history of those before.
type typing struct {
	in, out *os.File
	t       *term.Terminal
	last    bool // the last key was ^C
}

func newTyping(in, out *os.File) *typing {
	y := &typing{in: in, out: out}
	y.t = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keys{y}, out}, "")
	return y
}

// keys are what is typed. A ^C clears the line, and a second one ends the conversation.
type keys struct{ y *typing }

func (k keys) Read(p []byte) (int, error) {
	const interrupt, clear = '\x03', "\x05\x15" // to the end, and delete up to here
	y := k.y
	n, err := y.in.Read(p[:max(1, len(p)-len(clear))])
	at := bytes.IndexByte(p[:n], interrupt)
	if n > 0 && at < 0 {
		y.last = false
	}
	if at < 0 || err != nil {
		return n, err
	}
	if y.last && at == 0 {
		return 0, io.EOF
	}
	y.last = true
	io.WriteString(y.t, "^C again ends, as ^D does\n")
	return copy(p[at:], clear) + at, nil // what was typed ahead is gone too
}

// line reads a message. The terminal is raw only meanwhile, so that keys such as
// ^C mean what they do elsewhere while an answer is written. A signal that asks the
// program to end is the end of the messages.
func (y *typing) line(prompt string) (string, error) {
	signals := make(chan os.Signal, 1)
	cli.Notify(signals)
	defer signal.Stop(signals)
	state, err := term.MakeRaw(int(y.in.Fd()))
	if err != nil {
		return "", err
	}
	if w, h, err := term.GetSize(int(y.out.Fd())); err == nil && w > 0 {
		y.t.SetSize(w, h)
	}
	y.t.SetBracketedPasteMode(true)
	type message struct {
		text string
		err  error
	}
	read := make(chan message, 1)
	go func() {
		text, err := readMessage(y.t, prompt)
		read <- message{text, err}
	}()
	var m message
	select {
	case m = <-read:
	case <-signals:
		m.err = io.EOF
	}
	y.last = false
	io.WriteString(y.out, "\x1b[?2004l") // bracketed paste; the reader may hold the terminal's lock
	err = errors.Join(m.err, term.Restore(int(y.in.Fd()), state))
	if errors.Is(err, io.EOF) {
		io.WriteString(y.out, "\n")
		return m.text, io.EOF
	}
	return m.text, err
}

// readMessage reads a line, or the lines that were pasted at once.
func readMessage(t *term.Terminal, prompt string) (string, error) {
	t.SetPrompt(prompt)
	defer t.SetPrompt("")
	return joinLines(func() (string, error) {
		var pasted strings.Builder
		for {
			line, err := t.ReadLine()
			t.SetPrompt("")
			if err == term.ErrPasteIndicator {
				pasted.WriteString(line)
				pasted.WriteByte('\n')
				continue
			}
			return strings.TrimSuffix(pasted.String()+line, "\n"), err
		}
	})
}
