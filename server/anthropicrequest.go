package server

import (
	"encoding/json"
	"strings"

	"falconmamba/text/chat"
)

// An anthropicRequest is the body of /v1/messages: https://platform.claude.com/docs/en/api/messages.
type anthropicRequest struct {
	turn
	stops map[string]bool // strings that the request ends the answer with
}

// anthropicRequest reads it.
func (c *call) anthropicRequest() (q anthropicRequest, err error) {
	if v := c.r.Header.Get("Anthropic-Version"); v != "" && v < anthropicVersion {
		return q, unsupported("anthropic-version", "anthropic-version is %s: want %s or later", abridged(v),
			anthropicVersion)
	}
	o, err := c.object()
	if err != nil {
		return q, err
	}
	s := c.s
	s.checkModel(o)
	s.anthropicTalk(o, &q)
	q.options = s.sampling(o, "stop_sequences")
	g := &q.options
	g.MaxTokens = s.limit(o, 0, 1, "max_tokens")
	q.stops = map[string]bool{}
	for _, stop := range s.stops(o, "stop_sequences") {
		q.stops[stop] = true
	}
	s.endOfTurn(g)
	q.stream = o.flag("stream")
	s.outputConfig(o, &q.turn)
	q.tools = s.anthropicTools(o, &q.turn)
	if g.Grammar != nil && q.begun != "" && !q.tools.how.Text {
		o.fail(unsupported("messages", "an answer that is begun is not supported with a form or a call that it must "+
			"have"))
	}
	o.ignore("metadata", "service_tier", "cache_control", "user_profile_id", "workspace_id")
	o.refuse("the model does not reason before it answers", []string{"thinking"}, `{"type":"disabled"}`)
	o.refuse("the model has no tools but those that clients run", []string{"container", "mcp_servers", "skills"})
	o.refuse("nothing is left out of a conversation", []string{"context_management"})
	o.refuse("there is one machine, and one speed", []string{"inference_geo", "speed"}, `"standard"`)
	o.refuse("nothing is told of how an answer came to be", []string{"diagnostics"})
	if bad := o.done(); bad != nil {
		return q, bad
	}
	return q, nil
}

// outputConfig reads output_config: the form of an answer.
func (s *Server) outputConfig(o *object, q *turn) {
	in := o.object("output_config")
	if in == nil {
		return
	}
	in.refuse("the model does not reason before it answers", []string{"effort"})
	if f := in.object("format"); f != nil {
		if kind := f.text("type"); kind != "json_schema" {
			f.fail(invalid(f.path+"type", "invalid_value", "%stype is %q: want json_schema", f.path, abridged(kind)))
		}
		schema := f.raw("schema")
		if schema == nil {
			f.fail(invalid(f.path+"schema", "missing_required_parameter", "%sschema is missing", f.path))
		}
		if e := f.done(); e == nil {
			s.holdToSchema(o, &q.options, "output_config.format.schema", schema)
		}
	}
	if e := in.done(); e != nil {
		o.fail(e)
	}
}

// anthropicTools reads tools and tool_choice.
func (s *Server) anthropicTools(o *object, q *turn) (t tools) {
	for i, raw := range toolList(o) {
		in := o.within(at("tools", i), raw)
		if kind := in.text("type"); kind != "" && kind != "custom" {
			in.fail(unsupported(in.path+"type", "%stype is %q: the model has no tools but those that clients run, "+
				"which are custom", in.path, abridged(kind)))
		}
		in.ignore("cache_control", "eager_input_streaming") // arguments always come as they are written
		in.refuse("a tool is told by its name, description and schema", []string{"input_examples"})
		in.refuse("tools are told to the model at once", []string{"defer_loading"})
		in.refuse("tools are called by the model", []string{"allowed_callers"}, `["direct"]`)
		t.add(in, "input_schema", nil)
	}
	t.how.Most = maxCalls
	kind, name := "", ""
	if in := o.object("tool_choice"); in != nil {
		switch kind = in.text("type"); kind {
		case "auto", "none":
		case "any":
			kind = "required"
		case "tool":
			kind, name = "named", in.text("name")
		default:
			in.fail(invalid("tool_choice.type", "invalid_value", "tool_choice.type is %q: want auto, any, tool or none",
				abridged(kind)))
		}
		if in.flag("disable_parallel_tool_use") {
			t.how.Most = 1
		}
		if e := in.done(); e != nil {
			o.fail(e)
		}
	}
	return s.holdToCalls(o, &q.options, t, kind, name)
}

// anthropicTalk reads system and messages. An assistant's message at the end is what the answer begins with.
func (s *Server) anthropicTalk(o *object, q *anthropicRequest) {
	if raw := o.raw("system"); raw != nil {
		q.messages = append(q.messages, chat.Message{Role: "system", Content: blockTexts(o, "system")})
	}
	raws := o.list("messages")
	if len(raws) == 0 {
		o.fail(invalid("messages", "missing_required_parameter", "messages are missing: want one or more"))
	}
	for i, raw := range raws {
		if *o.err != nil {
			return
		}
		in := o.within(at("messages", i), raw)
		all := blocks(in)
		if e := in.done(); e != nil {
			o.fail(e)
			return
		}
		last := i == len(raws)-1 && len(all) == 1 && all[0].Role == "assistant"
		switch {
		case last && len(all[0].Fields) > 0:
			o.fail(invalid(at("messages", i), "invalid_value", "the last message calls tools: want what came of it "+
				"behind it"))
		case last:
			q.begun = all[0].Content
		default:
			q.messages = append(q.messages, all...)
		}
	}
	if len(q.messages) == 0 {
		o.fail(invalid("messages", "invalid_value", "messages have none of a user: want one or more"))
	}
}

// blocks reads a message, whose content is a text or blocks. What came of calls are messages of their own.
func blocks(o *object) (all []chat.Message) {
	role := o.text("role")
	switch role {
	case "user", "assistant", "system":
	case "":
		o.fail(invalid(o.path+"role", "missing_required_parameter", "%srole is missing", o.path))
	default:
		o.fail(invalid(o.path+"role", "invalid_value", "%srole is %q: want user, assistant or system", o.path,
			abridged(role)))
	}
	raw := o.raw("content")
	if raw == nil {
		o.fail(invalid(o.path+"content", "missing_required_parameter", "%scontent is missing", o.path))
		return nil
	}
	if raw[0] == '"' {
		return []chat.Message{{Role: role, Content: o.text("content")}}
	}
	var texts []string
	var calls []any
	words := func() {
		if texts != nil || calls != nil {
			m := chat.Message{Role: role, Content: strings.Join(texts, "\n")}
			if calls != nil {
				m.Fields = map[string]any{"tool_calls": calls}
			}
			all, texts, calls = append(all, m), nil, nil
		}
	}
	for i, raw := range o.list("content") {
		in := o.within(at(o.path+"content", i), raw)
		kind := in.text("type")
		switch {
		case kind == "text":
			texts = append(texts, blockText(in))
		case kind == "tool_use" && role == "assistant":
			input := in.spelled("input")
			if input == nil {
				input = json.RawMessage("{}")
			}
			calls = append(calls, callOf(required(in, "id"), required(in, "name"), string(input)))
			in.ignore("caller", "toolset_name")
		case kind == "tool_result" && role == "user":
			words()
			content := blockTexts(in, "content")
			if in.flag("is_error") {
				content = "Error: " + content
			}
			all = append(all, chat.Message{Role: "tool", Content: content,
				Fields: map[string]any{"tool_call_id": required(in, "tool_use_id")}})
			in.ignore("toolset_name")
		case (kind == "thinking" || kind == "redacted_thinking") && role == "assistant":
			in.ignore("thinking", "signature", "data") // another model's, which clients send back
		default:
			in.fail(unsupported(in.path+"type", "%stype is %q: this model reads texts alone, of users with "+
				"tool_result, of assistants with tool_use", in.path, abridged(kind)))
		}
		in.ignore("cache_control")
		if e := in.done(); e != nil {
			o.fail(e)
			return nil
		}
	}
	words()
	if all == nil {
		all = []chat.Message{{Role: role}}
	}
	return all
}

// required returns a text that has to be there.
func required(o *object, name string) string {
	text := o.text(name)
	if text == "" {
		o.fail(invalid(o.path+name, "missing_required_parameter", "%s%s is missing", o.path, name))
	}
	return text
}

// blockText reads a block of text.
func blockText(o *object) string {
	if !o.has("text") {
		o.fail(invalid(o.path+"text", "missing_required_parameter", "%stext is missing", o.path))
	}
	o.refuse("answers cite nothing", []string{"citations"}, `{"enabled":false}`)
	return o.text("text")
}

// blockTexts reads a text, or an array of blocks that are texts, under a name.
func blockTexts(o *object, name string) string {
	raw := o.raw(name)
	if raw == nil || raw[0] != '[' {
		return o.text(name)
	}
	var texts []string
	for i, raw := range o.list(name) {
		in := o.within(at(o.path+name, i), raw)
		if kind := in.text("type"); kind != "text" {
			in.fail(unsupported(in.path+"type", "%stype is %q: this model reads texts alone", in.path, abridged(kind)))
		}
		texts = append(texts, blockText(in))
		in.ignore("cache_control")
		if e := in.done(); e != nil {
			o.fail(e)
			return ""
		}
	}
	return strings.Join(texts, "\n")
}

// asInput returns arguments of a call as JSON, {} where they were cut.
func asInput(arguments string) json.RawMessage {
	if !json.Valid([]byte(arguments)) {
		return json.RawMessage("{}")
	}
	return json.RawMessage(arguments)
}
