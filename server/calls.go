package server

import (
	"strings"

	"falconmamba"
	"falconmamba/text/constrain"
)

// A piece is what an answer grows by: words, or a call that begins, or more of its arguments.
type piece struct {
	words     string
	call      int // which of the answer's, counted from 0
	id, name  string
	arguments string
}

// A written is what an answer comes to: parts, each words or a call.
type written struct {
	parts  []*part
	called int               // calls among them
	prefix string            // of calls' ids
	caller *constrain.Caller // nil: an answer without calls
	silent bool              // it has no words
	space  string            // white space that nobody is told of before words follow it
}

// A part is words, or where it has a name a call, whose text are the arguments.
type part struct {
	id, name string
	text     strings.Builder
}

func newWritten(t tools, prefix string) *written {
	w := &written{prefix: prefix}
	if t.list != nil {
		w.caller, w.silent = &constrain.Caller{}, !t.how.Text
	}
	return w
}

// push takes more of the text, and returns what the answer grows by.
func (w *written) push(text string) (all []piece) {
	if w.caller == nil {
		return w.words(nil, text)
	}
	for _, p := range w.caller.Push(text) {
		switch {
		case p.Words != "":
			all = w.words(all, p.Words)
		case p.Name != "":
			w.space = "" // the line break before a call
			call := &part{id: newID(w.prefix), name: p.Name}
			w.parts = append(w.parts, call)
			w.called++
			all = append(all, piece{call: p.Call, id: call.id, name: p.Name})
		case p.Arguments != "":
			w.parts[len(w.parts)-1].text.WriteString(p.Arguments)
			all = append(all, piece{call: p.Call, arguments: p.Arguments})
		}
	}
	return all
}

// words adds to all what words come to. White space that a call may follow waits.
func (w *written) words(all []piece, text string) []piece {
	n := len(w.parts)
	begins := n == 0 || w.parts[n-1].name != ""
	if begins && w.caller != nil {
		text = w.space + text
		if strings.TrimSpace(text) == "" {
			w.space = text
			return all
		}
		w.space = ""
	}
	if text == "" {
		return all
	}
	if begins {
		w.parts = append(w.parts, &part{})
		n++
	}
	w.parts[n-1].text.WriteString(text)
	return append(all, piece{words: text})
}

// finish returns what was held back, when the text has ended.
func (w *written) finish() (all []piece) {
	if w.caller == nil || w.silent {
		return nil
	}
	text := w.space + w.caller.Flush()
	w.space = ""
	if text == "" || w.called > 0 {
		return nil
	}
	if len(w.parts) == 0 {
		w.parts = append(w.parts, &part{})
	}
	w.parts[0].text.WriteString(text)
	return []piece{{words: text}}
}

// said returns the answer's words, without its calls.
func (w *written) said() string {
	var b strings.Builder
	for _, p := range w.parts {
		if p.name == "" {
			b.WriteString(p.text.String())
		}
	}
	return b.String()
}

// calls returns its calls.
func (w *written) calls() (all []*part) {
	for _, p := range w.parts {
		if p.name != "" {
			all = append(all, p)
		}
	}
	return all
}

// whole reports whether the last call is whole, where there is one.
func (w *written) whole() bool { return w.caller == nil || w.caller.Calls() == w.called }

// asks reports whether the answer ended to have calls answered.
func (w *written) asks(why falconmamba.StopReason) bool {
	return w.called > 0 && w.whole() && why == falconmamba.StopEOS
}
