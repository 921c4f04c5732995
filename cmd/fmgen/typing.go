package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"falconmamba/cmd/internal/cli"
)

// A typing is a person at a terminal, with a line that can be edited and a
// history of those before.
type typing struct {
	in, out *os.File
	t       *term.Terminal
	cells   cells
	last    bool // the last key was ^C
}

func newTyping(in, out *os.File) *typing {
	y := &typing{in: in, out: out}
	y.t = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&keys{y: y}, cellScreen{out, &y.cells}}, "")
	y.t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		if key == '\t' && pos == len(line) && !strings.ContainsFunc(line, isOwn) {
			done := complete(line)
			return done, len(done), done != line
		}
		return y.cells.tidy(line, pos, key)
	}
	return y
}

// keys are what is typed. A ^C clears the line, and a second one ends the conversation.
type keys struct {
	y       *typing
	in, out []byte // not yet understood, and not yet taken
}

func (k *keys) Read(p []byte) (int, error) {
	for len(k.out) == 0 {
		var buf [256]byte
		n, err := k.y.in.Read(buf[:])
		k.in = append(k.in, buf[:n]...)
		if n == 0 && err != nil {
			return 0, err
		}
		if n > 0 && !k.translate() {
			return 0, io.EOF
		}
	}
	n := copy(p, k.out)
	k.out = k.out[n:]
	return n, nil
}

// parting are keys that may part a wide character from its filler.
var parting = []struct {
	key   string
	after rune
}{
	{"\x7f", tidyLeft}, {"\b", tidyLeft}, {"\x1b[D", tidyLeft}, {"\x02", tidyLeft},
	{"\x04", tidyRight}, {"\x1b[C", tidyRight}, {"\x06", tidyRight}, {"\x1b[3~", tidyRight},
}

// translate takes what can be understood from in to out, and reports whether more is wanted.
func (k *keys) translate() bool {
next:
	for len(k.in) > 0 && utf8.FullRune(k.in) {
		if k.in[0] == '\x03' {
			if k.y.last {
				return false
			}
			k.y.last = true
			io.WriteString(k.y.t, "^C again ends, as ^D does\n")
			k.in = k.in[1:]
			k.out = append(k.out, "\x05\x15"...) // to the end, and delete up to here
			continue
		}
		k.y.last = false
		for _, p := range parting {
			if bytes.HasPrefix(k.in, []byte(p.key)) {
				k.in = k.in[len(p.key):]
				k.out = utf8.AppendRune(append(k.out, p.key...), p.after)
				continue next
			}
		}
		k.cell()
	}
	return true
}

// cell takes a character from in, with those that combine with it, to out. One that combines with
// what came before is a cell, which tidy joins to that.
func (k *keys) cell() {
	r, n := utf8.DecodeRune(k.in)
	for n < len(k.in) && utf8.FullRune(k.in[n:]) {
		mark, more := utf8.DecodeRune(k.in[n:])
		if !combines(mark) {
			break
		}
		n += more
	}
	switch {
	case isOwn(r):
		r = unicode.ReplacementChar
	case !unicode.IsControl(r):
		r = k.y.cells.of(string(k.in[:n]))
	}
	k.out = utf8.AppendRune(k.out, r)
	k.in = k.in[n:]
	if k.y.cells.isWide(r) {
		k.out = utf8.AppendRune(k.out, filler)
	}
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
	y.last = false
	read := make(chan message, 1)
	go func() {
		text, err := y.message(prompt)
		read <- message{text, err}
	}()
	var m message
	select {
	case m = <-read:
	case <-signals:
		m.err = io.EOF
	}
	io.WriteString(y.out, "\x1b[?2004l") // bracketed paste; the reader may hold the terminal's lock
	err = errors.Join(m.err, term.Restore(int(y.in.Fd()), state))
	if errors.Is(err, io.EOF) {
		io.WriteString(y.out, "\n")
		return m.text, io.EOF
	}
	return m.text, err
}

// message reads a line, or the lines that were pasted at once.
func (y *typing) message(prompt string) (string, error) {
	y.t.SetPrompt(prompt)
	defer y.t.SetPrompt("")
	return joinLines(func() (string, error) {
		var pasted strings.Builder
		for {
			line, err := y.t.ReadLine()
			y.t.SetPrompt("")
			if err == term.ErrPasteIndicator {
				pasted.WriteString(line)
				pasted.WriteByte('\n')
				continue
			}
			return y.cells.untidy(strings.TrimSuffix(pasted.String()+line, "\n")), err
		}
	})
}
