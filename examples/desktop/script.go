package main

import (
	"fmt"
	"image/png"
	"os"
	"strconv"
	"strings"
	"time"

	"falconmamba/examples/desktop/grid"
)

// A script plays a user, for tests and demonstrations: one command a line. Beside
// the actions of actions.go:
//
//	type TEXT        \n in it is a line's end
//	wait             until all is done that was asked for
//	wait N           until N more bytes are written, or all is done
//	click AREA       with the mouse: an area of package screen, as "turn 2" or "theme"
//	drag TEXT        selects it with the mouse, where the text on show has it in one line
//	lose             the device, as if the driver had said so of the next frame
//	pause SECONDS
//	size W H         the window's, in screen coordinates
//	minimise, restore
//	shot FILE.png    the next frame as it is drawn
//	text FILE        the text as it is; typed FILE what is typed, status FILE what the window says
//
// Lines that begin with # are comments.
type script struct {
	lines []string
	at    int
	until time.Time // of a pause
	more  int       // of a wait: bytes to come to
	shot  string    // the next frame goes there
	lose  bool      // the device, at the next frame
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
	case "type", "shot", "text", "typed", "status", "click", "drag":
		ok = rest != ""
	case "minimise", "restore", "lose":
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
	for s.at < len(s.lines) && s.shot == "" && !s.lose && !time.Now().Before(s.until) {
		word, rest, _ := strings.Cut(s.lines[s.at], " ")
		text := a.text()
		switch word {
		case "type":
			a.prompt.Insert(strings.ReplaceAll(rest, `\n`, "\n"))
		case "wait":
			if n, _ := strconv.Atoi(rest); n > 0 && s.more == 0 {
				s.more = len(text) + n
			}
			if (a.view.Busy || a.job != nil || a.finding != nil) && (s.more == 0 || len(text) < s.more) {
				return nil
			}
			s.more = 0
		case "click":
			if err := s.click(a, rest); err != nil {
				return err
			}
		case "drag":
			if err := s.drag(a, rest); err != nil {
				return err
			}
		case "lose":
			s.lose = true
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
		case "text", "typed", "status":
			if word == "typed" {
				text = a.prompt.Text()
			} else if word == "status" {
				text = a.view.Status
			}
			if err := os.WriteFile(rest, []byte(text), 0o644); err != nil {
				return err
			}
		default:
			actions[word](a)
		}
		s.at++
	}
	return nil
}

// click presses the mouse in the middle of an area.
func (s *script) click(a *app, what string) error {
	a.screen.Lay(a.shown())
	for y := range a.screen.Page.Rows {
		for x := range a.screen.Page.Cols {
			area, ok := a.screen.Page.At(x, y)
			if ok && (what == area.Name || what == fmt.Sprint(area.Name, " ", area.N)) {
				a.press(x, y, false)
				a.drag = ""
				return nil
			}
		}
	}
	return fmt.Errorf("the script clicks on %q, which is not on the screen", what)
}

// drag selects a piece of the text.
func (s *script) drag(a *app, what string) error {
	a.screen.Lay(a.shown())
	for y := range a.screen.Page.Rows {
		line := a.screen.Page.Line(y)
		at := strings.Index(line, what)
		if at < 0 {
			continue
		}
		x := grid.Cells(line[:at])
		if area, _ := a.screen.Page.At(x, y); area.Name != "text" && area.Name != "prompt" {
			continue
		}
		a.press(x, y, false)
		a.move(x+grid.Cells(what), y)
		a.drag = ""
		return nil
	}
	return fmt.Errorf("the script selects %q, which is not on the screen", what)
}

// losing reports whether the device is to be lost now.
func (s *script) losing() bool {
	lose := s.lose
	s.lose = false
	return lose
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
