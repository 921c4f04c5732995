package chat

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
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
	// BOS and EOS are the texts of bos_token and eos_token; undefined if empty.
	BOS, EOS string
	// Tools are descriptions of functions, as Message.Fields; none if nil.
	Tools []any
	// Vars are further variables.
	Vars map[string]any
	// Now is what strftime_now writes; nil is time.Now.
	Now func() time.Time
}

// A Segment is a piece of rendered text.
type Segment struct {
	Text string
	// Source is the index of the message that the text is from, or FromTemplate,
	// or FromCaller.
	Source int
}

// A Template is a parsed chat template. It may be used by many goroutines.
type Template struct {
	source string
	body   []stmt
}

// ChatML is the template of models that were tuned on ChatML and do not carry a
// template, FalconMamba's instruct models among them.
const ChatML = `{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}` +
	`{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`

// Parse parses a template. Its errors are of type *Error.
func Parse(source string) (t *Template, err error) {
	if len(source) > maxSource {
		return nil, &Error{1, fmt.Sprintf("%d bytes are too many for a template: at most %d", len(source), maxSource)}
	}
	defer catch(&err)
	p := &parser{tokens: lex(strings.ToValidUTF8(source, "\uFFFD"))}
	body, _ := p.body()
	return &Template{source, body}, nil
}

// Source returns the text that was parsed.
func (t *Template) Source() string { return t.source }

// Apply returns the text of a conversation.
func (t *Template) Apply(messages []Message, o Options) (string, error) {
	segments, err := t.Render(messages, o)
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

// Render is Apply that says where each piece of the text is from. Neighbours
// differ in that.
func (t *Template) Render(messages []Message, o Options) (segments []Segment, err error) {
	vars, size, err := variables(messages, o)
	if err != nil {
		return nil, err
	}
	defer catch(&err)
	now := o.Now
	if now == nil {
		now = time.Now
	}
	// What the caller gives may be of any size: steps grow with it.
	r := &run{scope: &scope{vars, nil}, steps: baseSteps + 16*size, now: now}
	r.scope = &scope{map[string]any{}, r.scope}
	r.body(t.body)
	return r.out.text().segments(), nil
}

// variables makes the template's variables, and counts the bytes in them.
func variables(messages []Message, o Options) (map[string]any, int, error) {
	vars := map[string]any{"add_generation_prompt": o.AddGenerationPrompt, "tools": nil, "documents": nil}
	size := 0
	turns := &list{}
	for i, m := range messages {
		d := newDict()
		size += len(m.Role) + len(m.Content)
		d.put("role", from(strings.ToValidUTF8(m.Role, "\uFFFD"), i))
		d.put("content", from(strings.ToValidUTF8(m.Content, "\uFFFD"), i))
		for _, k := range slices.Sorted(maps.Keys(m.Fields)) {
			v, err := value(m.Fields[k], i, 0)
			if err != nil {
				return nil, 0, fmt.Errorf("message %d: %s: %w", i, k, err)
			}
			d.put(k, v)
		}
		turns.items = append(turns.items, d)
	}
	vars["messages"] = turns
	if o.BOS != "" {
		vars["bos_token"] = plain(o.BOS)
	}
	if o.EOS != "" {
		vars["eos_token"] = plain(o.EOS)
	}
	if o.Tools != nil {
		v, err := value(o.Tools, FromCaller, 0)
		if err != nil {
			return nil, 0, fmt.Errorf("tools: %w", err)
		}
		vars["tools"] = v
	}
	for k, x := range o.Vars {
		v, err := value(x, FromCaller, 0)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", k, err)
		}
		vars[k] = v
	}
	return vars, size, nil
}
