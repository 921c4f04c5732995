package main

import (
	"math"

	"github.com/go-gl/glfw/v3.3/glfw"

	"falconmamba/examples/desktop/screen"
)

// keys are what keys do that are no letters.
var keys = map[glfw.Key]string{
	glfw.KeyEnter: "enter", glfw.KeyKPEnter: "enter", glfw.KeyEscape: "stop", glfw.KeyTab: "side",
	glfw.KeyBackspace: "erase", glfw.KeyDelete: "delete",
	glfw.KeyLeft: "left", glfw.KeyRight: "right", glfw.KeyUp: "up", glfw.KeyDown: "down",
	glfw.KeyHome: "home", glfw.KeyEnd: "end", glfw.KeyPageUp: "pageup", glfw.KeyPageDown: "pagedown",
}

// withControl are what they do with Ctrl, and letters by what they write: keyboards differ in where these are.
var withControl = map[glfw.Key]string{
	glfw.KeyBackspace: "eraseword", glfw.KeyDelete: "deleteword", glfw.KeyLeft: "wordleft", glfw.KeyRight: "wordright",
	glfw.KeyHome: "top", glfw.KeyEnd: "bottom",
}

var lettersWithControl = map[string]string{
	"a": "all", "c": "copy", "x": "cut", "v": "paste", "z": "undo", "y": "redo", "b": "back", "r": "again",
	"o": "open", "d": "theme", "q": "close",
}

// actionOf returns the name of what a key does; letter is what it writes alone.
func actionOf(k glfw.Key, letter string, mods glfw.ModifierKey) string {
	control, shift := mods&(glfw.ModControl|glfw.ModSuper) != 0, mods&glfw.ModShift != 0
	name := keys[k]
	if control {
		if name = withControl[k]; name == "" {
			name = lettersWithControl[letter]
		}
	}
	switch {
	case !shift:
	case name == "enter":
		return "newline"
	case name == "undo":
		return "redo"
	case actions["select"+name] != nil:
		return "select" + name
	}
	return name
}

// letterOf returns what a key writes alone, on the keyboard that there is.
func letterOf(k glfw.Key, scancode int) string {
	if name := glfw.GetKeyName(k, scancode); len(name) == 1 && name[0] < 0x80 {
		return name
	}
	if k >= glfw.KeyA && k <= glfw.KeyZ { // one that writes no Latin letters: by place
		return string(rune('a' + k - glfw.KeyA))
	}
	return ""
}

// listen takes the window's input. The callbacks run in glfw.PollEvents.
func (a *app) listen() {
	a.window.SetCharCallback(func(_ *glfw.Window, r rune) { a.prompt.Insert(string(r)) })
	a.window.SetKeyCallback(func(_ *glfw.Window, k glfw.Key, code int, what glfw.Action, mods glfw.ModifierKey) {
		if what == glfw.Release {
			return
		}
		if do := actions[actionOf(k, letterOf(k, code), mods)]; do != nil {
			do(a)
		}
	})
	a.window.SetMouseButtonCallback(func(w *glfw.Window, b glfw.MouseButton, what glfw.Action, mods glfw.ModifierKey) {
		if b != glfw.MouseButtonLeft {
			return
		}
		if a.drag = ""; what == glfw.Press {
			x, y := a.cell(w.GetCursorPos())
			a.press(x, y, mods&glfw.ModShift != 0)
		}
	})
	a.window.SetCursorPosCallback(func(_ *glfw.Window, x, y float64) { a.move(a.cell(x, y)) })
	a.window.SetScrollCallback(func(w *glfw.Window, _, steps float64) {
		x, y := a.cell(w.GetCursorPos())
		a.scroll(x, y, int(math.Round(screen.WheelLines*steps)))
	})
}

// cell returns the cell at a place of the window, which is in screen coordinates.
func (a *app) cell(x, y float64) (col, row int) {
	if a.renderer == nil {
		return -1, -1
	}
	width, height := a.window.GetSize()
	pixels, lines := a.window.GetFramebufferSize()
	f := a.renderer.face
	col = int(math.Floor(x * float64(pixels) / float64(max(width, 1)) / float64(f.Width)))
	row = int(math.Floor(y * float64(lines) / float64(max(height, 1)) / float64(f.Height)))
	return col, row
}
