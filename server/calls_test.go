package server

import (
	"strings"
	"testing"

	"falconmamba"
	"falconmamba/text/constrain"
)

// An answer's words and calls are told in their order however the text is cut, and are the parts that it has at the end.
func TestWritten(t *testing.T) {
	call := func(name, arguments string) string {
		return constrain.CallBegin + `{"name": "` + name + `", "arguments": ` + arguments + "}" + constrain.CallEnd
	}
	for text, want := range map[string]string{
		"Well, no.":              "Well, no.",
		"  \n":                   "  \n",
		" so":                    " so",
		"a <tool":                "a <tool",
		"\n" + call("f", `{}`):   "|f:{}",
		call("f", `{"a": "}<"}`): `|f:{"a": "}<"}`,
		"Well: " + call("f", `{}`) + "\n" + call("g", `{"b": [1]}`): `Well: |f:{}|g:{"b": [1]}`,
	} {
		for size := 1; size <= len(text); size++ {
			w := newWritten(tools{list: []any{1}, how: constrain.CallOptions{Text: true}}, "call_")
			var said strings.Builder
			tell := func(pieces []piece) {
				for _, p := range pieces {
					if p.name != "" {
						said.WriteString("|" + p.name + ":")
					}
					said.WriteString(p.words + p.arguments)
				}
			}
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				tell(w.push(rest[:n]))
				rest = rest[n:]
			}
			tell(w.finish())
			kept := w.said()
			for _, p := range w.calls() {
				kept += "|" + p.name + ":" + p.text.String()
				if !strings.HasPrefix(p.id, "call_") {
					t.Errorf("the id %q", p.id)
				}
			}
			if said.String() != want || kept != want {
				t.Errorf("%q by %d: %q is told, %q kept; want %q", text, size, said.String(), kept, want)
			}
			if calls := strings.Contains(want, "|"); w.asks(falconmamba.StopEOS) != calls || w.asks(falconmamba.StopLength) {
				t.Errorf("%q: it asks: %v", text, !calls)
			}
		}
	}
	cut := newWritten(tools{list: []any{1}}, "call_")
	cut.push(constrain.CallBegin + `{"name": "f", "arguments": {"a`)
	if cut.asks(falconmamba.StopEOS) || len(cut.calls()) != 1 {
		t.Errorf("a call that is cut: %+v", cut)
	}
}
