package constrain

import (
	"strings"
	"testing"
)

func TestCalls(t *testing.T) {
	functions := []Function{{Name: "now"}, {Name: "add", Parameters: []byte(
		`{"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}`)}}
	calls := func(o CallOptions) *Grammar {
		g, err := Calls(functions, o)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	now := "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"
	add := "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": \"}\\\"<tool_call>\"}}\n</tool_call>"
	one, many := calls(CallOptions{}), calls(CallOptions{Text: true, Most: 2})
	for text, want := range map[string][2]bool{
		now:                                   {true, true},
		add:                                   {true, true},
		now + "\n" + add:                      {false, true},
		"":                                    {false, true},
		"To be <tool":                         {false, true},
		"Well.\n" + add:                       {false, true},
		"To <tool_call>":                      {false, false},
		now + "\n":                            {false, false},
		now + "\n" + now + now:                {false, false},
		now[:len(now)-1]:                      {false, false},
		strings.Replace(add, "1", "\"x\"", 1): {false, false},
		strings.Replace(now, "{}", "{\"x\":1}", 1): {false, false},
		strings.Replace(now, "{}", "[]", 1):        {false, false},
	} {
		if one.Matches(text) != want[0] || many.Matches(text) != want[1] {
			t.Errorf("%q: want %v", text, want)
		}
	}
	// However a text is cut, its parts are the same.
	text := "a <tool" + "s> b\n" + add + "\n" + now
	for size := 1; size <= len(text); size++ {
		var c Caller
		var words, names, arguments strings.Builder
		for at := 0; at < len(text); at += size {
			for _, p := range c.Push(text[at:min(at+size, len(text))]) {
				words.WriteString(p.Words)
				if p.Name != "" {
					names.WriteString(p.Name + string(rune('0'+p.Call)))
				}
				arguments.WriteString(p.Arguments)
			}
		}
		words.WriteString(c.Flush())
		if words.String() != "a <tools> b\n" || names.String() != "add0now1" ||
			arguments.String() != "{\"a\": 1, \"b\": \"}\\\"<tool_call>\"}{}" || c.Calls() != 2 {
			t.Fatalf("in pieces of %d: %q, %q, %q, %d calls", size, words.String(), names.String(), arguments.String(),
				c.Calls())
		}
	}
	var c Caller
	if c.Push("ends in <tool_"); c.Flush() != "<tool_" {
		t.Error("the end of a text is lost")
	}
	if _, err := Calls([]Function{{Name: "f", Parameters: []byte(`{"type": "string"}`)}}, CallOptions{}); err == nil {
		t.Error("arguments that are no object")
	}
}
