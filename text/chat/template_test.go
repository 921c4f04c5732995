package chat

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"falconmamba/text/jinja"
)

func TestChatML(t *testing.T) {
	template, err := Parse(ChatML)
	if err != nil {
		t.Fatal(err)
	}
	messages := []Message{{Role: "system", Content: "Be brief."}, {Role: "user", Content: " Hi\n"}}
	got, err := template.Apply(t.Context(), messages, Options{AddGenerationPrompt: true})
	want := "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi\n<|im_end|>\n<|im_start|>assistant\n"
	if err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

// What a message says stays the message's, and what the caller gives the caller's.
func TestSources(t *testing.T) {
	messages := []Message{{Role: "user", Content: "  <a>|B b|<a>\n"}, {Role: "assistant", Content: "x"}}
	from := func(source int, text string) Segment { return Segment{Text: text, Source: source} }
	for _, tc := range []struct {
		template string
		want     []Segment
	}{
		{"{{ '<' ~ messages[0].content[2:5] ~ '>' }}",
			[]Segment{from(FromTemplate, "<"), from(0, "<a>"), from(FromTemplate, ">")}},
		{"{{ messages[1].content * 2 ~ messages[0].role }}", []Segment{from(1, "xx"), from(0, "user")}},
		{"{{ tools[0].name ~ v }}", []Segment{from(FromCaller, "<f>v")}},
		{"{{ tools | tojson }}", []Segment{from(FromCaller, `[{"name": "<f>"}]`)}},
		{"{{ messages[0].extra.k }}", []Segment{from(0, "<e>")}},
	} {
		template, err := Parse(tc.template)
		if err != nil {
			t.Errorf("%s: %v", tc.template, err)
			continue
		}
		messages[0].Fields = map[string]any{"extra": map[string]any{"k": "<e>"}}
		o := Options{Tools: []any{json.RawMessage(`{"name":"<f>"}`)}, Vars: map[string]any{"v": "v"}}
		got, err := template.Render(t.Context(), messages, o)
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s:\ngot  %v, %v\nwant %v", tc.template, got, err, tc.want)
		}
	}
}

// Errors are jinja's, with the line, and say what they are about.
func TestErrors(t *testing.T) {
	_, parse := Parse("a\n{{ x | xmlattr }}")
	template, err := Parse("\n\n{{ raise_exception('no such role') }}")
	if err != nil {
		t.Fatal(err)
	}
	_, render := template.Apply(t.Context(), []Message{{Role: "user"}}, Options{})
	for _, tc := range []struct {
		err  error
		want string
	}{
		{parse, "chat template, line 2: filter xmlattr is not supported"},
		{render, "chat template, line 3: no such role"},
	} {
		var e *jinja.Error
		if !errors.As(tc.err, &e) || tc.err.Error() != tc.want {
			t.Errorf("got %v, want %q", tc.err, tc.want)
		}
	}
	if _, err := template.Apply(t.Context(), []Message{{Fields: map[string]any{"x": t}}}, Options{}); err == nil ||
		!strings.Contains(err.Error(), "message 0: x: a value of type *testing.T") {
		t.Errorf("a field of a type that templates do not have: %v", err)
	}
}

func TestLargeConversation(t *testing.T) {
	template, err := Parse(ChatML)
	if err != nil {
		t.Fatal(err)
	}
	var messages []Message
	for range 500 {
		messages = append(messages, Message{Role: "user", Content: strings.Repeat("word ", 20_000)})
	}
	got, err := template.Apply(t.Context(), messages, Options{})
	if want := 500 * (20_000*5 + len("<|im_start|>user\n<|im_end|>\n")); err != nil || len(got) != want {
		t.Errorf("%d bytes, %v; want %d", len(got), err, want)
	}
}

// A template may ask for any special token that has a name; one that is not given is undefined.
func TestSpecialTokens(t *testing.T) {
	const source = "{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ unk_token is defined }}"
	template, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	got, err := template.Apply(t.Context(), nil, Options{BOS: "<b>", EOS: "<e>", PAD: "<p>"})
	if want := "<b><e><p>False"; err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
