package chat

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"falconmamba/text/jinja"
)

// A Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"` // "system", "user", "assistant" …
	Content string `json:"content"`
	// Fields are what else a template may ask of a message, such as tool_calls:
	// json.RawMessage, or what encoding/json decodes to.
	Fields map[string]any `json:"fields,omitempty"`
}

// Options are what a template is told beside the messages.
type Options struct {
	// AddGenerationPrompt ends the text where the assistant's answer begins.
	AddGenerationPrompt bool
	// BOS, EOS, PAD and UNK are bos_token, eos_token, pad_token and unk_token as text;
	// undefined if empty.
	BOS, EOS, PAD, UNK string
	// Tools are descriptions of functions, as Message.Fields; none if nil.
	Tools []any
	// Vars are further variables.
	Vars map[string]any
	// Now is what strftime_now writes; nil is time.Now.
	Now func() time.Time
}

// A Segment is a piece of rendered text. Its Source is the index of the message that the text is
// from, or FromTemplate, or FromCaller.
type Segment = jinja.Segment

// Sources of text that are no message.
const (
	FromTemplate = jinja.FromTemplate // the template wrote it
	FromCaller   = -2                 // tools, and variables of the caller's own
)

// A Template is a parsed chat template. Any number of goroutines may use it.
type Template struct{ t *jinja.Template }

// ChatML is the template of models that were tuned on ChatML and do not carry a
// template, FalconMamba's instruct models among them.
const ChatML = `{% for message in messages %}` +
	`{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}` +
	`{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`

// Parse parses a template. Its errors wrap *jinja.Error, with the line.
func Parse(source string) (*Template, error) {
	t, err := jinja.Parse(source)
	if err != nil {
		return nil, fmt.Errorf("chat template, %w", err)
	}
	return &Template{t}, nil
}

// Source returns the text that was parsed.
func (t *Template) Source() string { return t.t.Source() }

// Apply returns the text of a conversation.
func (t *Template) Apply(ctx context.Context, messages []Message, o Options) (string, error) {
	segments, err := t.Render(ctx, messages, o)
	if err != nil {
		return "", err
	}
	return Join(segments), nil
}

// Join returns the text of segments.
func Join(segments []Segment) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Behind returns the segments that a template puts behind a message, counted from 0, which has words and begins behind
// the first head bytes of the text. It is not ok where something else than the message's words is there; white space at
// their ends may be the template's choice.
func Behind(segments []Segment, head, message int, words string) (rest []Segment, ok bool) {
	at, end := 0, -1
	var said strings.Builder
	var between string // since the message's last segment
	for i, s := range segments {
		from := max(0, min(len(s.Text), head-at))
		at += len(s.Text)
		between += s.Text[from:]
		if s.Source == message && from < len(s.Text) {
			said.WriteString(between)
			between, end = "", i
		}
	}
	if end < 0 || strings.TrimSpace(said.String()) != strings.TrimSpace(words) {
		return nil, false
	}
	return segments[end+1:], true
}

// Render is Apply that says where each piece of the text is from. Two segments in a row differ in
// that.
func (t *Template) Render(ctx context.Context, messages []Message, o Options) ([]Segment, error) {
	c, err := newContext(messages, o)
	if err != nil {
		return nil, err
	}
	segments, err := t.t.Render(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("chat template, %w", err)
	}
	return segments, nil
}

// newContext makes the template's variables.
func newContext(messages []Message, o Options) (jinja.Context, error) {
	c := jinja.Context{Vars: map[string]jinja.Value{}, Now: o.Now}
	set := func(name string, v any, source int) error {
		x, err := jinja.ValueOf(v, source)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.Vars[name] = x
		return nil
	}
	turns := make([]jinja.Value, len(messages))
	for i, m := range messages {
		c.Bytes += len(m.Role) + len(m.Content)
		items := []jinja.Item{
			{Key: "role", Value: jinja.String(m.Role, i)},
			{Key: "content", Value: jinja.String(m.Content, i)},
		}
		for _, k := range slices.Sorted(maps.Keys(m.Fields)) {
			v, err := jinja.ValueOf(m.Fields[k], i)
			if err != nil {
				return c, fmt.Errorf("message %d: %s: %w", i, k, err)
			}
			items = append(items, jinja.Item{Key: k, Value: v})
		}
		turns[i] = jinja.Dict(items...)
	}
	c.Vars["messages"] = jinja.List(turns...)
	c.Vars["documents"] = jinja.Value{}
	c.Vars["tools"] = jinja.Value{}
	if err := set("add_generation_prompt", o.AddGenerationPrompt, FromCaller); err != nil {
		return c, err
	}
	for name, token := range map[string]string{
		"bos_token": o.BOS, "eos_token": o.EOS, "pad_token": o.PAD, "unk_token": o.UNK,
	} {
		if token != "" {
			c.Vars[name] = jinja.String(token, FromTemplate)
		}
	}
	if o.Tools != nil {
		if err := set("tools", o.Tools, FromCaller); err != nil {
			return c, err
		}
	}
	for name, v := range o.Vars {
		if err := set(name, v, FromCaller); err != nil {
			return c, err
		}
	}
	return c, nil
}
