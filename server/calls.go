package server

import (
	"strings"

	"falconmamba"
	"falconmamba/text/constrain"
)

// A toolCall is a call of a function, whole or in part.
type toolCall struct {
	Index    *int         `json:"index,omitempty"` // in streams
	ID       string       `json:"id,omitempty"`
	Type     string       `json:"type,omitempty"`
	Function functionCall `json:"function"`
}

type functionCall struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// A written is what an answer comes to: its words and its calls.
type written struct {
	words  strings.Builder
	calls  []toolCall
	caller *constrain.Caller // nil: an answer without calls
	silent bool              // it has no words
}

func newWritten(t tools) *written {
	w := &written{}
	if t.list != nil {
		w.caller, w.silent = &constrain.Caller{}, !t.how.Text
	}
	return w
}

// push takes a piece of the text.
func (w *written) push(text string) {
	if w.caller == nil {
		w.words.WriteString(text)
		return
	}
	for _, p := range w.caller.Push(text) {
		w.words.WriteString(p.Words)
		if p.Name != "" {
			w.calls = append(w.calls, toolCall{ID: newID("call_"), Type: "function",
				Function: functionCall{Name: p.Name}})
		}
		if p.Arguments != "" {
			w.calls[p.Call].Function.Arguments += p.Arguments
		}
	}
}

// finish returns the message.
func (w *written) finish() *chatMessage {
	w.words.WriteString(w.rest())
	content := w.words.String()
	m := &chatMessage{Role: "assistant", Content: &content, ToolCalls: w.calls}
	if w.calls != nil && strings.TrimSpace(content) == "" {
		m.Content = nil
	}
	return m
}

// rest returns the words that were held back at the end.
func (w *written) rest() string {
	if w.caller == nil || w.silent {
		return ""
	}
	return w.caller.Flush()
}

// reason returns why the answer ended.
func (w *written) reason(why falconmamba.StopReason) *string {
	if w.caller != nil && w.caller.Calls() > 0 && why == falconmamba.StopEOS {
		return &calledTools
	}
	return reason(why)
}

var calledTools = "tool_calls"

// deltas returns what a piece of the text adds to a stream.
func (w *written) deltas(text string) (all []chatDelta) {
	if w.caller == nil {
		return []chatDelta{{Content: &text}}
	}
	for _, p := range w.caller.Push(text) {
		call := toolCall{Index: &p.Call, Function: functionCall{Arguments: p.Arguments}}
		switch {
		case p.Words != "":
			all = append(all, chatDelta{Content: &p.Words})
			continue
		case p.Name != "":
			call.ID, call.Type, call.Function.Name = newID("call_"), "function", p.Name
		case p.Arguments == "":
			continue
		}
		all = append(all, chatDelta{ToolCalls: []toolCall{call}})
	}
	return all
}
