package main

import (
	"bytes"
	"errors"
	"log"
	"math"
	"strings"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// openWindow opens a window that Vulkan will draw to.
func openWindow(title string, width, height int) (*glfw.Window, error) {
	if err := logged(glfw.Init); err != nil {
		return nil, err
	}
	var w *glfw.Window
	err := logged(func() (err error) {
		glfw.WindowHint(glfw.ClientAPI, glfw.NoAPI)
		w, err = glfw.CreateWindow(width, height, title, nil, nil)
		return err
	})
	if err == nil && w == nil {
		err = errors.New("GLFW gave no reason")
	}
	if err != nil {
		glfw.Terminate()
		return nil, err
	}
	return w, nil
}

// logged calls f and returns as an error what GLFW's binding only logs: that
// there is no display, for one.
func logged(f func() error) error {
	var said bytes.Buffer
	out, flags := log.Writer(), log.Flags()
	defer func() { log.SetOutput(out); log.SetFlags(flags) }()
	log.SetOutput(&said)
	log.SetFlags(0)
	err := f()
	if text := strings.TrimSpace(said.String()); err == nil && text != "" {
		err = errors.New(text)
	}
	return err
}

// An action is what a key does. A script calls them by name.
var actions = map[string]func(*app){
	"enter":   func(a *app) { a.writer.send(a.prompt); a.prompt, a.scroll = "", 0 },
	"newline": func(a *app) { a.prompt += "\n" },
	"erase":   func(a *app) { r := []rune(a.prompt); a.prompt = string(r[:max(0, len(r)-1)]) },
	"paste":   func(a *app) { a.prompt += glfw.GetClipboardString() },
	"stop":    func(a *app) { a.writer.halt() },
	"fork":    func(a *app) { a.writer.fork() },
	"undo":    func(a *app) { a.writer.undo() },
	"mark":    func(a *app) { a.writer.mark() },
	"restart": func(a *app) { a.writer.restart() },
	"next":    func(a *app) { a.writer.next() },
	"up":      func(a *app) { a.scrollBy(10) },
	"down":    func(a *app) { a.scrollBy(-10) },
	"close":   func(a *app) { a.window.SetShouldClose(true) },
}

const keysHelp = "Enter write on   Esc stop   Ctrl+F fork   Tab next text   Ctrl+Z undo   Ctrl+S snapshot   Ctrl+R " +
	"restart   Page Up, Page Down scroll"

var keys = map[glfw.Key]string{
	glfw.KeyEnter: "enter", glfw.KeyKPEnter: "enter", glfw.KeyBackspace: "erase", glfw.KeyEscape: "stop",
	glfw.KeyTab:    "next",
	glfw.KeyPageUp: "up", glfw.KeyPageDown: "down",
}

var keysWithControl = map[glfw.Key]string{
	glfw.KeyF: "fork", glfw.KeyZ: "undo", glfw.KeyS: "mark", glfw.KeyR: "restart", glfw.KeyV: "paste",
	glfw.KeyQ: "close",
}

// listen takes the window's input. The callbacks run in glfw.PollEvents.
func (a *app) listen() {
	a.window.SetCharCallback(func(_ *glfw.Window, r rune) { a.prompt += string(r) })
	a.window.SetKeyCallback(func(_ *glfw.Window, k glfw.Key, _ int, what glfw.Action, mods glfw.ModifierKey) {
		if what == glfw.Release {
			return
		}
		name := keys[k]
		switch {
		case mods&glfw.ModControl != 0:
			name = keysWithControl[k]
		case name == "enter" && mods&glfw.ModShift != 0:
			name = "newline"
		}
		if do := actions[name]; do != nil {
			do(a)
		}
	})
	a.window.SetScrollCallback(func(_ *glfw.Window, _, lines float64) { a.scrollBy(int(3 * lines)) })
}

func (a *app) scrollBy(lines int) { a.scroll = min(max(0, a.scroll+lines), a.most) }

// scale is how many pixels of the window there are for one of the font.
func (a *app) scale() int {
	x, _ := a.window.GetContentScale()
	return max(1, int(math.Round(float64(x))))
}

// rate is how many frames a second the display shows, as far as it tells.
func rate() int {
	if m := glfw.GetPrimaryMonitor(); m != nil {
		if v := m.GetVideoMode(); v != nil && v.RefreshRate > 0 {
			return v.RefreshRate
		}
	}
	return 60
}
