package main

import (
	"fmt"
	"image/png"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A script plays a user, for tests and demonstrations: one command a line. Beside
// the actions of window.go:
//
//	type TEXT        \n in it is a line's end
//	wait             until all is done that was asked for
//	wait N           until N more characters are written, or all is done
//	pause SECONDS
//	size W H         the window's, in screen coordinates
//	minimise, restore
//	shot FILE.png    the next frame as it is drawn
//	text FILE        the text as it is
//
// Lines that begin with # are comments.
type script struct {
	lines []string
	at    int
	until time.Time // of a pause
	more  int       // of a wait: characters to come to
	shot  string    // the next frame goes there
}

func readScript(path string) (*script, error) {
	if path == "" {
		return &script{}, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &script{}
	for i, l := range strings.Split(string(data), "\n") {
		l = strings.TrimRight(l, "\r")
		if l == "" || l[0] == '#' {
			continue
		}
		if err := checkLine(l); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		s.lines = append(s.lines, l)
	}
	return s, nil
}

func checkLine(l string) error {
	word, rest, _ := strings.Cut(l, " ")
	var ok bool
	switch word {
	case "type", "shot", "text":
		ok = rest != ""
	case "minimise", "restore":
		ok = rest == ""
	case "wait":
		n, err := strconv.Atoi(rest)
		ok = rest == "" || err == nil && n > 0
	case "pause":
		n, err := strconv.ParseFloat(rest, 64)
		ok = err == nil && n >= 0
	case "size":
		_, _, err := size(rest)
		ok = err == nil
	default:
		ok = rest == "" && actions[word] != nil
	}
	if !ok {
		return fmt.Errorf("%q is no command of a script", l)
	}
	return nil
}

func size(text string) (w, h int, err error) {
	n, err := fmt.Sscanf(text, "%d %d", &w, &h)
	if n != 2 || w < 1 || h < 1 {
		return 0, 0, fmt.Errorf("size %q: want two numbers", text)
	}
	return w, h, err
}

// step does what the script says next, until it has to wait. It runs before each
// frame.
func (s *script) step(a *app) error {
	for s.at < len(s.lines) && s.shot == "" && !time.Now().Before(s.until) {
		word, rest, _ := strings.Cut(s.lines[s.at], " ")
		v, _, busy := a.writer.look()
		length := 0
		for _, t := range v.text {
			length += utf8.RuneCountInString(t.text)
		}
		switch word {
		case "type":
			a.prompt += strings.ReplaceAll(rest, `\n`, "\n")
		case "wait":
			if n, _ := strconv.Atoi(rest); n > 0 && s.more == 0 {
				s.more = length + n
			}
			if busy && (s.more == 0 || length < s.more) {
				return nil
			}
			s.more = 0
		case "pause":
			n, _ := strconv.ParseFloat(rest, 64)
			s.until = time.Now().Add(seconds(n))
		case "size":
			w, h, _ := size(rest)
			a.window.SetSize(w, h)
		case "minimise":
			a.window.Iconify()
		case "restore":
			a.window.Restore()
		case "shot":
			s.shot = rest
		case "text":
			var all strings.Builder
			for _, t := range v.text {
				all.WriteString(t.text)
			}
			if err := os.WriteFile(rest, []byte(all.String()), 0o644); err != nil {
				return err
			}
		default:
			actions[word](a)
		}
		s.at++
	}
	return nil
}

// took writes the screenshot that was asked for, after a frame.
func (s *script) took(a *app) error {
	f, err := os.Create(s.shot)
	if err != nil {
		return err
	}
	s.shot = ""
	if err := png.Encode(f, a.renderer.taken(a.chain)); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
