package main

import (
	"errors"

	"github.com/go-gl/glfw/v3.3/glfw"

	"falconmamba/examples/desktop/edit"
	"falconmamba/examples/desktop/screen"
)

// An action is what a key or a click does. A script calls them by name.
var actions = map[string]func(*app){
	// what is typed
	"newline": func(a *app) { a.prompt.Insert("\n") },
	"cut": func(a *app) {
		if s := a.prompt.Cut(); s != "" {
			glfw.SetClipboardString(s)
		}
	},
	"copy": func(a *app) {
		s := a.screen.Selected()
		if s == "" {
			s = a.prompt.Selected()
		}
		if s != "" {
			glfw.SetClipboardString(s)
		}
	},
	"paste": func(a *app) {
		if !a.prompt.Insert(glfw.GetClipboardString()) {
			a.talk.Say("pasted in part: a prompt has room for %d bytes", edit.Most)
		}
	},
	"all":  func(a *app) { a.prompt.All() },
	"undo": func(a *app) { a.prompt.Undo() },
	"redo": func(a *app) { a.prompt.Redo() },

	// turns
	"enter": func(a *app) {
		switch {
		case a.picker != nil:
			a.pick()
		case a.job != nil: // what is typed stays until it can be taken
		case a.model == nil:
			a.talk.Fail(errors.New("no model is open: Ctrl+O chooses one"))
		default:
			a.screen.Scroll = 0
			a.talk.Send(a.prompt.Take())
		}
	},
	"again": func(a *app) { a.talk.Again() },
	"back":  func(a *app) { a.talk.Back() },
	"stop": func(a *app) { // what is uppermost
		switch {
		case a.job != nil:
			a.job.cancel()
		case a.picker != nil:
			a.picker = nil
		default:
			a.talk.Stop()
		}
	},

	// models and devices
	"open": func(a *app) {
		if a.job == nil {
			a.list()
		}
	},
	"side": func(a *app) {
		if a.picker != nil {
			a.picker.OnRight = !a.picker.OnRight
		}
	},
	"pick": func(a *app) { a.pick() },

	// the window
	"theme":    func(a *app) { a.dark = !a.dark },
	"pageup":   func(a *app) { a.screen.Scroll += 10 },
	"pagedown": func(a *app) { a.screen.Scroll -= 10 },
	"close":    func(a *app) { a.window.SetShouldClose(true) },

	"up":         func(a *app) { a.vertical(-1, false) },
	"down":       func(a *app) { a.vertical(1, false) },
	"selectup":   func(a *app) { a.vertical(-1, true) },
	"selectdown": func(a *app) { a.vertical(1, true) },
}

// steps are the actions that move the cursor, each with one that selects on its way.
var steps = map[string]edit.Step{
	"left": edit.Left, "right": edit.Right, "wordleft": edit.WordLeft, "wordright": edit.WordRight,
	"home": edit.LineStart, "end": edit.LineEnd, "top": edit.Start, "bottom": edit.End,
}

// deletions are the actions that delete towards somewhere.
var deletions = map[string]edit.Step{
	"erase": edit.Left, "delete": edit.Right, "eraseword": edit.WordLeft, "deleteword": edit.WordRight,
}

func init() {
	for name, s := range steps {
		actions[name] = func(a *app) { a.prompt.Move(s, false) }
		actions["select"+name] = func(a *app) { a.prompt.Move(s, true) }
	}
	for name, s := range deletions {
		actions[name] = func(a *app) { a.prompt.Delete(s) }
	}
}

// pick opens what is chosen in the panel.
func (a *app) pick() {
	if a.picker == nil || a.job != nil {
		return
	}
	if m, d, ok := a.picker.Chosen(); ok {
		a.switchTo(choice{m, d})
	}
}

// vertical moves the cursor, or the choice in the panel, by a line.
func (a *app) vertical(by int, selecting bool) {
	if a.picker != nil {
		a.picker.Move(by)
		return
	}
	if at, ok := a.screen.PromptLine(a.prompt.Cursor(), by); ok {
		a.prompt.MoveTo(at, selecting)
	}
}

const keysHelp = "Enter write on   Esc stop   Ctrl+O model, device   Ctrl+B turn before   Ctrl+R another answer   " +
	"Ctrl+C/X/V/Z edit   Ctrl+D dark, light"

// press does what a press of the mouse on a cell does, adding to what is selected if selecting.
func (a *app) press(x, y int, selecting bool) {
	area, ok := a.screen.Page.At(x, y)
	if !ok {
		return
	}
	switch area.Name {
	case "text":
		a.screen.Point = a.screen.TextAt(x, y)
		if !selecting {
			a.screen.Mark = a.screen.Point
		}
		a.drag = "text"
	case "prompt":
		a.prompt.MoveTo(a.screen.PromptAt(x, y), selecting)
		a.screen.Mark = a.screen.Point
		a.drag = "prompt"
	case "turn":
		a.screen.Scroll = 0
		a.talk.Go(area.N)
	case "pick model":
		a.picker.ChooseModel(area.N)
	case "pick device":
		a.picker.ChooseDevice(area.N)
	case "aside": // outside of a panel
	default:
		if do := actions[area.Name]; do != nil {
			do(a)
		}
	}
}

// move does what moving the mouse with its button held does.
func (a *app) move(x, y int) {
	switch a.drag {
	case "text":
		a.screen.Point = a.screen.TextAt(x, y)
	case "prompt":
		a.prompt.MoveTo(a.screen.PromptAt(x, y), true)
	}
}

// scroll moves what lies below the mouse.
func (a *app) scroll(x, _ int, lines int) {
	switch {
	case a.picker != nil:
		a.picker.Move(-lines / screen.WheelLines)
	case a.screen.OnTree(x):
		a.screen.TreeScroll -= lines
	default:
		a.screen.Scroll += lines
	}
}
