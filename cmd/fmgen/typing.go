package main

import (
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// A typing is a person at a terminal, with a line that can be edited and a
// history of those before.
type typing struct {
	in, out *os.File
	t       *term.Terminal
}

func newTyping(in, out *os.File) *typing {
	return &typing{in, out, term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, "")}
}

// line reads a message. The terminal is raw only meanwhile, so that keys such as
// ^C mean what they do elsewhere while an answer is written.
func (y *typing) line(prompt string) (text string, err error) {
	state, err := term.MakeRaw(int(y.in.Fd()))
	if err != nil {
		return "", err
	}
	if w, h, err := term.GetSize(int(y.out.Fd())); err == nil && w > 0 {
		y.t.SetSize(w, h)
	}
	y.t.SetBracketedPasteMode(true)
	defer func() {
		y.t.SetBracketedPasteMode(false)
		err = errors.Join(err, term.Restore(int(y.in.Fd()), state))
		if err != nil && errors.Is(err, io.EOF) {
			err = io.EOF
			io.WriteString(y.out, "\n")
		}
	}()
	return readMessage(y.t, prompt)
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
