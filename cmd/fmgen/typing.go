package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
	"golang.org/x/text/width"

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
	}{&keys{y: y}, screenOf{out}}, "")
	y.t.AutoCompleteCallback = tidy
	return y
}

// The terminal takes every character for one column. One that has two is followed by a filler in
// its line, which is not written; keys that may part the two are followed by a key that tidies up.
const (
	filler    = '\U000F0000'
	tidyLeft  = '\U000F0001'
	tidyRight = '\U000F0002'
)

func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// tidy takes wide characters and fillers that have lost one another out of a line, and the cursor
// from between the two.
func tidy(line string, pos int, key rune) (string, int, bool) {
	if key != tidyLeft && key != tidyRight {
		return "", 0, false
	}
	var out strings.Builder
	at := -1 // of the cursor
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRuneInString(line[i:])
		whole := n
		if isWide(r) && strings.HasPrefix(line[i+n:], string(filler)) {
			whole += utf8.RuneLen(filler)
		}
		if keep := r != filler && isWide(r) == (whole > n); keep {
			if pos <= i && at < 0 {
				at = out.Len()
			}
			if pos > i && pos < i+whole && key == tidyLeft {
				at = out.Len()
			}
			out.WriteString(line[i : i+whole])
		}
		i += whole
	}
	if at < 0 {
		at = out.Len()
	}
	return out.String(), at, true
}

// untidy takes out what was only for the terminal.
func untidy(line string) string {
	return strings.NewReplacer(string(filler), "", string(tidyLeft), "", string(tidyRight), "").Replace(line)
}

// screenOf writes without fillers.
type screenOf struct{ out io.Writer }

func (s screenOf) Write(p []byte) (int, error) {
	_, err := s.out.Write(bytes.ReplaceAll(p, []byte(string(filler)), nil))
	return len(p), err
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
		r, n := utf8.DecodeRune(k.in)
		k.out = append(k.out, k.in[:n]...)
		k.in = k.in[n:]
		if isWide(r) {
			k.out = utf8.AppendRune(k.out, filler)
		}
	}
	return true
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
			return untidy(strings.TrimSuffix(pasted.String()+line, "\n")), err
		}
	})
}
