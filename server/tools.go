package server

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"falconmamba"
	"falconmamba/text/chat"
	"falconmamba/text/constrain"
)

// tools are the functions that an answer may call, and how.
type tools struct {
	list      []any // as templates read them; nil: none
	functions []constrain.Function
	how       constrain.CallOptions
}

const (
	maxTools = 128
	maxCalls = 16 // in an answer
)

var toolName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// tools reads tools, tool_choice and parallel_tool_calls.
func (s *Server) tools(o *object, g *falconmamba.GenerateOptions) (t tools) {
	for i, raw := range toolList(o) {
		t.tool(o.within(at("tools", i), raw), raw)
	}
	parallel(o, &t)
	kind, name := choice(o)
	return s.holdToCalls(o, g, t, kind, name)
}

// parallel reads parallel_tool_calls, and reports whether there may be several.
func parallel(o *object, t *tools) bool {
	t.how.Most = maxCalls
	if o.has("parallel_tool_calls") && !o.flag("parallel_tool_calls") {
		t.how.Most = 1
	}
	return t.how.Most > 1
}

// toolList returns the entries of tools, if they are not too many: each is looked at closely.
func toolList(o *object) []json.RawMessage {
	all := o.list("tools")
	if len(all) > maxTools {
		o.fail(invalid("tools", "invalid_value", "tools has %d functions: want at most %d", len(all), maxTools))
		return nil
	}
	return all
}

// holdToCalls has answers be held to calls of t, as a choice wants them: none, auto or "", required, or named, with the
// name of the one function that is to be called. It returns what may be called.
func (s *Server) holdToCalls(o *object, g *falconmamba.GenerateOptions, t tools, kind, name string) tools {
	if !t.choose(o, kind, name) || *o.err != nil {
		return tools{}
	}
	if s.m.Tokenizer() != nil && g.Grammar != nil {
		o.fail(unsupported("tools", "tools is not supported with a form of the answer (response_format, text.format, "+
			"output_config.format, format, json_schema, grammar): want tool_choice none with it"))
	}
	key, _ := json.Marshal([]any{t.functions, t.how})
	s.hold(o, g, "tools", "calls", key, func() (*constrain.Grammar, error) {
		return constrain.Calls(t.functions, t.how)
	})
	return t
}

// tool reads one function.
func (t *tools) tool(o *object, raw json.RawMessage) {
	if kind := o.text("type"); kind != "function" && *o.err == nil {
		o.fail(unsupported(o.path+"type", "%stype is %q: want function", o.path, abridged(kind)))
	}
	f := o.object("function")
	if f == nil {
		o.fail(invalid(o.path+"function", "missing_required_parameter", "%sfunction is missing", o.path))
		return
	}
	t.add(f, "parameters", raw)
	if e := o.done(); e != nil {
		o.fail(e)
	}
}

// add reads a function's name, description and strict, and the schema of its arguments, which is called parameters.
// Templates read it as raw, or where that is nil as OpenAI's chats have it.
func (t *tools) add(f *object, parameters string, raw any) {
	name := f.text("name")
	if !toolName.MatchString(name) {
		f.fail(invalid(f.path+"name", "invalid_value", "%sname is %q: want 1 to 64 letters, digits, _ and -", f.path,
			abridged(name)))
	}
	if slices.ContainsFunc(t.functions, func(o constrain.Function) bool { return o.Name == name }) {
		f.fail(invalid(f.path+"name", "invalid_value", "%sname is %q, as that of another", f.path, name))
	}
	description := f.text("description")
	f.flag("strict") // arguments are always held to the schema
	schema := f.spelled(parameters)
	if e := f.done(); e != nil {
		f.fail(e)
	}
	if raw == nil {
		raw = toolText{"function", functionText{name, description, schema}}
	}
	t.list = append(t.list, raw)
	t.functions = append(t.functions, constrain.Function{Name: name, Parameters: schema})
}

// A toolText is a function as models are told of it.
type toolText struct {
	Type     string       `json:"type"`
	Function functionText `json:"function"`
}

type functionText struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"`
}

// choice reads tool_choice.
func choice(o *object) (kind, name string) {
	raw := o.raw("tool_choice")
	if raw == nil || raw[0] == '"' {
		kind = o.text("tool_choice")
		switch kind {
		case "none", "", "auto", "required":
		default:
			o.fail(invalid("tool_choice", "invalid_value", "tool_choice is %q: want none, auto, required or a function",
				abridged(kind)))
		}
		return kind, ""
	}
	in := o.within("tool_choice", raw)
	if kind := in.text("type"); kind != "function" && *o.err == nil {
		o.fail(unsupported("tool_choice.type", "tool_choice.type is %q: want function", abridged(kind)))
	}
	if f := in.object("function"); f != nil {
		name = f.text("name")
		if e := f.done(); e != nil {
			o.fail(e)
		}
	}
	if e := in.done(); e != nil {
		o.fail(e)
	}
	return "named", name
}

// choose reports whether there may be calls.
func (t *tools) choose(o *object, kind, name string) bool {
	switch kind {
	case "none":
		return false
	case "", "auto":
		t.how.Text = true
		return len(t.list) > 0
	case "named":
		i := slices.IndexFunc(t.functions, func(f constrain.Function) bool { return f.Name == name })
		if i < 0 {
			o.fail(invalid("tool_choice", "invalid_value", "tool_choice names the function %q, which tools has not",
				abridged(name)))
			return false
		}
		t.functions, t.how.Most = t.functions[i:i+1], 1
	}
	if len(t.list) == 0 {
		o.fail(invalid("tool_choice", "invalid_value", "tool_choice wants a call, and there are no tools"))
	}
	return true
}

// toolCalls reads the calls of an answer that a client sends back.
func toolCalls(o *object) (calls []any) {
	for i, raw := range o.list("tool_calls") {
		in := o.within(at(o.path+"tool_calls", i), raw)
		in.text("id")
		in.ignore("index")
		if kind := in.text("type"); kind != "function" && kind != "" {
			in.fail(unsupported(in.path+"type", "%stype is %q: want function", in.path, abridged(kind)))
		}
		f := in.object("function")
		if f == nil {
			in.fail(invalid(in.path+"function", "missing_required_parameter", "%sfunction is missing", in.path))
			return nil
		}
		name, arguments := f.text("name"), f.text("arguments")
		for _, x := range []*object{f, in} {
			if e := x.done(); e != nil {
				o.fail(e)
				return nil
			}
		}
		calls = append(calls, callOf(in.text("id"), name, arguments))
	}
	return calls
}

// callOf returns a call as templates read it.
func callOf(id, name, arguments string) map[string]any {
	var value any = json.RawMessage(arguments) // what templates write as JSON
	if !json.Valid([]byte(arguments)) {
		value = arguments
	}
	return map[string]any{"id": id, "type": "function", "function": map[string]any{"name": name, "arguments": value}}
}

// knowsTools reports whether a template writes tools by itself.
func (c *conversation) knowsTools() bool {
	return c.template != nil && strings.Contains(c.template.Source(), "tools")
}

// spelledOut returns messages for a template that knows no tools: the functions are told by the system's message,
// calls and what came of them are texts.
func spelledOut(messages []chat.Message, t tools) []chat.Message {
	all := make([]chat.Message, 0, len(messages)+1)
	if t.list != nil {
		told := toolsText(t)
		if len(messages) > 0 && messages[0].Role == "system" {
			told = messages[0].Content + "\n\n" + told
			messages = messages[1:]
		}
		all = append(all, chat.Message{Role: "system", Content: told})
	}
	for _, m := range messages {
		if calls, _ := m.Fields["tool_calls"].([]any); len(calls) > 0 {
			var lines []string
			if m.Content != "" {
				lines = append(lines, m.Content)
			}
			for _, c := range calls {
				lines = append(lines, callText(c))
			}
			m.Content = strings.Join(lines, "\n")
		}
		if m.Role == "tool" {
			m = chat.Message{Role: "user", Content: "<tool_response>\n" + m.Content + "\n</tool_response>"}
		}
		m.Fields = withoutTools(m.Fields)
		all = append(all, m)
	}
	return all
}

func withoutTools(fields map[string]any) map[string]any {
	left := map[string]any{}
	for k, v := range fields {
		if k != "tool_calls" && k != "tool_call_id" {
			left[k] = v
		}
	}
	if len(left) == 0 {
		return nil
	}
	return left
}

// toolsText tells a model what it may call and how, in the words that Hermes models were trained on.
func toolsText(t tools) string {
	var b strings.Builder
	b.WriteString("You may call these functions, each described by a line of JSON:\n<tools>\n")
	for _, tool := range t.list {
		b.WriteString(asJSON(tool) + "\n")
	}
	b.WriteString("</tools>\nTo call one, write its name and arguments as JSON between the tags:\n" +
		constrain.CallBegin + `{"name": NAME, "arguments": ARGUMENTS}` + constrain.CallEnd)
	return b.String()
}

// callText is a call as models write it.
func callText(call any) string {
	f, _ := call.(map[string]any)["function"].(map[string]any)
	return constrain.CallBegin + `{"name": ` + asJSON(f["name"]) + `, "arguments": ` + asJSON(f["arguments"]) + "}" +
		constrain.CallEnd
}

// asJSON writes what came as JSON.
func asJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "{}"
	}
	return strings.TrimSuffix(b.String(), "\n")
}
