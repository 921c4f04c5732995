package server

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"falconmamba/text/chat"
)

// A responseRequest is the body of /v1/responses: https://platform.openai.com/docs/api-reference/responses/create.
type responseRequest struct {
	turn
	response
	instructed int // messages that are instructions: 1 or none
}

// responseRequest reads it.
func (s *Server) responseRequest(ctx context.Context, o *object) (q responseRequest, err *apiError) {
	s.checkModel(o)
	s.input(ctx, o, &q)
	q.options = s.sampling(o, "stop")
	g := &q.options
	g.MaxTokens = s.limit(o, 0, 1, "max_output_tokens")
	s.endOfTurn(g)
	s.include(o, &q)
	q.stream, _ = streamOptions(o)
	format := textFormat(s, o, &q.turn)
	q.tools = s.responseTools(o, &q)
	q.Store = true
	if o.has("store") {
		q.Store = o.flag("store")
	}
	q.Metadata = json.RawMessage("{}")
	if raw := o.raw("metadata"); raw != nil {
		var pairs map[string]string
		if json.Unmarshal(raw, &pairs) != nil || len(raw) > 16<<10 {
			o.wrong("metadata", raw, "an object of strings, of at most 16 KiB")
		}
		q.Metadata = raw
	}
	if user := o.text("user"); user != "" {
		q.User = &user
	}
	q.Truncation = "disabled"
	if t := o.text("truncation"); t != "" {
		if q.Truncation = t; t != "disabled" && t != "auto" { // a context has no end: nothing is ever cut off
			o.fail(invalid("truncation", "invalid_value", "truncation is %q: want auto or disabled", abridged(t)))
		}
	}
	o.ignore("service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options")
	o.refuse("the model does not reason before it answers", []string{"reasoning"}, `{"effort":"none"}`,
		`{"effort":null}`, `{"effort":null,"summary":null}`)
	o.refuse("an answer comes while its client waits", []string{"background"})
	o.refuse("give previous_response_id, or the messages", []string{"conversation"})
	o.refuse("give instructions and input", []string{"prompt"})
	o.refuse("nothing is left out of a conversation", []string{"context_management"})
	o.refuse("answers are as the model writes them", []string{"moderation"})
	r := &q.response
	r.ID, r.Object, r.Created, r.Status = newID("resp_"), "response", time.Now().Unix(), "in_progress"
	r.Model = s.o.Name
	r.Output, r.Tier, r.Text = []responseItem{}, "default", responseText{format}
	r.Temperature, r.TopP, r.TopLogProbs = g.Sampling.Temperature, s.settings(*g).TopP, g.TopLogProbs
	if o.has("max_output_tokens") {
		r.Most = &g.MaxTokens
	}
	return q, o.done()
}

// include reads what an answer is to have beside its text.
func (s *Server) include(o *object, q *responseRequest) {
	g := &q.options
	if raw := o.raw("include"); raw != nil {
		for _, what := range o.texts("include", raw) {
			switch what {
			case "message.output_text.logprobs":
				g.LogProbs = true
			case "reasoning.encrypted_content": // there is none
			default:
				o.fail(unsupported("include", "include has %q, which is not supported: want "+
					"message.output_text.logprobs", abridged(what)))
			}
		}
	}
	s.topLogProbs(o, g, "include to have message.output_text.logprobs")
}

// textFormat reads the form of an answer, and returns it as it is.
func textFormat(s *Server, o *object, q *turn) json.RawMessage {
	plain := json.RawMessage(`{"type":"text"}`)
	in := o.object("text")
	if in == nil {
		return plain
	}
	raw := in.raw("format")
	if f := in.object("format"); f != nil {
		switch kind := f.text("type"); kind {
		case "text":
		case "json_object":
			s.holdToSchema(o, &q.options, "text.format", anyObject)
		case "json_schema":
			s.schemaOf(f, &q.options)
		default:
			f.fail(invalid("text.format.type", "invalid_value", "text.format.type is %q: want text, json_object or "+
				"json_schema", abridged(kind)))
		}
		if e := f.done(); e != nil {
			o.fail(e)
		}
		plain = raw
	}
	in.refuse("answers are as long as the model makes them", []string{"verbosity"}, `"medium"`)
	if e := in.done(); e != nil {
		o.fail(e)
	}
	return plain
}

// responseTools reads tools, tool_choice and parallel_tool_calls.
func (s *Server) responseTools(o *object, q *responseRequest) (t tools) {
	q.Tools, q.Choice = []json.RawMessage{}, json.RawMessage(`"auto"`)
	for i, raw := range toolList(o) {
		in := o.within(at("tools", i), raw)
		if kind := in.text("type"); kind != "function" {
			in.fail(unsupported(in.path+"type", "%stype is %q: want function, which the client runs", in.path,
				abridged(kind)))
		}
		in.refuse("tools are told to the model at once", []string{"defer_loading"})
		in.refuse("tools are called by the model", []string{"allowed_callers"}, `["direct"]`)
		in.refuse("a tool is told by its name, description and parameters", []string{"output_schema"})
		t.add(in, "parameters", nil)
		q.Tools = append(q.Tools, raw)
	}
	q.Parallel = parallel(o, &t)
	raw := o.raw("tool_choice")
	if raw == nil {
		return s.holdToCalls(o, &q.options, t, "", "")
	}
	q.Choice = raw
	if raw[0] == '"' {
		kind, _ := choice(o)
		return s.holdToCalls(o, &q.options, t, kind, "")
	}
	in := o.within("tool_choice", raw)
	if kind := in.text("type"); kind != "function" && *o.err == nil {
		o.fail(unsupported("tool_choice.type", "tool_choice.type is %q: want function", abridged(kind)))
	}
	name := in.text("name")
	if e := in.done(); e != nil {
		o.fail(e)
	}
	return s.holdToCalls(o, &q.options, t, "named", name)
}

// input reads instructions, what the conversation goes on from, and what is new in it.
func (s *Server) input(ctx context.Context, o *object, q *responseRequest) {
	if text := o.text("instructions"); text != "" {
		q.Instructions = &text
		q.messages = append(q.messages, chat.Message{Role: "system", Content: text})
		q.instructed = 1
	}
	if id := o.text("previous_response_id"); id != "" && *o.err == nil {
		if q.past = s.findKept(ctx, id); q.past == nil {
			o.fail(invalid("previous_response_id", "previous_response_not_found",
				"there is no response %s here: it never was, or is kept no more; send the whole conversation",
				abridged(id)))
			return
		}
		q.Previous = &id
		q.messages = append(q.messages, q.past.messages...)
	}
	before := len(q.messages)
	raw := o.raw("input")
	switch {
	case raw == nil:
		o.fail(invalid("input", "missing_required_parameter", "input is missing: want a text or items"))
	case raw[0] == '"':
		q.messages = append(q.messages, chat.Message{Role: "user", Content: o.text("input")})
	default:
		for i, raw := range o.list("input") {
			if *o.err != nil {
				return
			}
			in := o.within(at("input", i), raw)
			q.messages = item(in, q.messages, before)
			if e := in.done(); e != nil {
				o.fail(e)
			}
		}
		if len(q.messages) == before {
			o.fail(invalid("input", "invalid_value", "input has no message: want one or more"))
		}
	}
	q.fresh = len(q.messages) - before
}

// item reads an item of the input, which adds to messages. Calls join an assistant's message before them; what was kept
// stays as it is.
func item(o *object, messages []chat.Message, kept int) []chat.Message {
	o.ignore("id", "status")
	switch kind := o.text("type"); kind {
	case "", "message":
		o.ignore("phase")
		return append(messages, inputMessage(o))
	case "function_call":
		o.ignore("caller")
		call := callOf(required(o, "call_id"), required(o, "name"), o.text("arguments"))
		if n := len(messages); n > kept && messages[n-1].Role == "assistant" {
			m := &messages[n-1]
			calls, _ := m.Fields["tool_calls"].([]any)
			m.Fields = map[string]any{"tool_calls": append(slices.Clone(calls), call)}
			return messages
		}
		return append(messages, chat.Message{Role: "assistant", Fields: map[string]any{"tool_calls": []any{call}}})
	case "function_call_output":
		o.ignore("caller")
		return append(messages, chat.Message{Role: "tool", Content: inputTexts(o, "output"),
			Fields: map[string]any{"tool_call_id": required(o, "call_id")}})
	case "reasoning":
		o.ignore("summary", "content", "encrypted_content") // another model's, which clients send back
	default:
		o.fail(unsupported(o.path+"type", "%stype is %q: want message, function_call or function_call_output", o.path,
			abridged(kind)))
	}
	return messages
}

// inputMessage reads a message.
func inputMessage(o *object) (m chat.Message) {
	switch m.Role = o.text("role"); m.Role {
	case "system", "user", "assistant":
	case "developer":
		m.Role = "system"
	case "":
		o.fail(invalid(o.path+"role", "missing_required_parameter", "%srole is missing", o.path))
	default:
		o.fail(invalid(o.path+"role", "invalid_value", "%srole is %q: want system, developer, user or assistant",
			o.path, abridged(m.Role)))
	}
	m.Content = inputTexts(o, "content")
	return m
}

// inputTexts reads a text, or an array of contents that are texts, under a name.
func inputTexts(o *object, name string) string {
	raw := o.raw(name)
	switch {
	case raw == nil:
		o.fail(invalid(o.path+name, "missing_required_parameter", "%s%s is missing", o.path, name))
		return ""
	case raw[0] != '[':
		return o.text(name)
	}
	var texts []string
	for i, raw := range o.list(name) {
		in := o.within(at(o.path+name, i), raw)
		switch kind := in.text("type"); kind {
		case "input_text", "output_text", "text":
			if !in.has("text") {
				in.fail(invalid(in.path+"text", "missing_required_parameter", "%stext is missing", in.path))
			}
			texts = append(texts, in.text("text"))
			in.ignore("annotations", "logprobs") // what answers have, and clients send back
		default:
			in.fail(unsupported(in.path+"type", "%stype is %q: this model reads texts alone", in.path, abridged(kind)))
		}
		if e := in.done(); e != nil {
			o.fail(e)
			return ""
		}
	}
	return strings.Join(texts, "\n")
}
