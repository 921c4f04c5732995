package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"falconmamba/engine"
)

// A namedEvent is one of a stream whose events have names.
type namedEvent struct {
	name string
	data []byte
}

// namedEvents returns a stream's events; each event's type is its name.
func namedEvents(t testing.TB, a answer) (all []namedEvent) {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != sse {
		t.Fatalf("status %d, %v: %s", a.status, a.header, a.body)
	}
	for text := range strings.SplitSeq(strings.TrimSuffix(string(a.body), "\n\n"), "\n\n") {
		name, data, ok := strings.Cut(strings.TrimPrefix(text, "event: "), "\ndata: ")
		var v struct{ Type string }
		if err := json.Unmarshal([]byte(data), &v); !ok || err != nil || v.Type != name {
			t.Fatalf("event %q", text)
		}
		all = append(all, namedEvent{name, []byte(data)})
	}
	return all
}

type anthropicAnswer struct {
	ID, Type, Role, Model string
	Content               []struct {
		Type, Text, ID, Name string
		Input                json.RawMessage
	}
	Reason string  `json:"stop_reason"`
	Stop   *string `json:"stop_sequence"`
	Usage  anthropicUsage
}

// heard puts the events of a stream together, which have to come in their order.
func heard(t *testing.T, events []namedEvent) (m anthropicAnswer) {
	t.Helper()
	open, ended := -1, false
	for i, e := range events {
		var v struct {
			Message anthropicAnswer
			Index   int
			Block   json.RawMessage `json:"content_block"`
			Delta   struct {
				Type, Text string
				JSON       string  `json:"partial_json"`
				Reason     string  `json:"stop_reason"`
				Stop       *string `json:"stop_sequence"`
			}
			Usage anthropicUsage
		}
		if err := json.Unmarshal(e.data, &v); err != nil {
			t.Fatal(err)
		}
		inBlock := e.name == "content_block_delta" || e.name == "content_block_stop"
		switch {
		case (e.name == "message_start") != (i == 0), (e.name == "message_stop") != (i == len(events)-1),
			inBlock && v.Index != open, !inBlock && open >= 0:
			t.Fatalf("event %d of %d, with block %d open: %s", i, len(events), open, e.data)
		}
		switch e.name {
		case "message_start":
			m = v.Message
		case "content_block_start":
			open = v.Index
			var b anthropicAnswer
			if err := json.Unmarshal([]byte(`{"content":[`+string(v.Block)+`]}`), &b); err != nil || v.Index != len(m.Content) {
				t.Fatalf("%v: %s", err, e.data)
			}
			m.Content = append(m.Content, b.Content...)
			m.Content[open].Input = nil
		case "content_block_delta":
			b := &m.Content[open]
			if want := map[string]string{"text": "text_delta", "tool_use": "input_json_delta"}[b.Type]; v.Delta.Type != want {
				t.Fatalf("%s in %s", e.data, b.Type)
			}
			b.Text += v.Delta.Text
			b.Input = append(b.Input, v.Delta.JSON...)
		case "content_block_stop":
			open = -1
		case "message_delta":
			m.Reason, m.Stop, m.Usage, ended = v.Delta.Reason, v.Delta.Stop, v.Usage, true
		}
	}
	if !ended {
		t.Fatal("no message_delta")
	}
	return m
}

// same wants a streamed answer to be one that is whole.
func same(t *testing.T, got, want anthropicAnswer) {
	t.Helper()
	for _, m := range []*anthropicAnswer{&got, &want} {
		m.ID = ""
		m.Usage.Input, m.Usage.Cached = m.Usage.Input+m.Usage.Cached, 0 // what was known depends on what came before
		for i := range m.Content {
			m.Content[i].ID = ""
		}
	}
	if g, w := asJSON(got), asJSON(want); g != w {
		t.Errorf("streamed %s, whole %s", g, w)
	}
}

// An answer of Anthropic's API is that of OpenAI's to the same words, whole and in a stream.
func TestAnthropic(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Name: "tiny"})
	want := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"system","content":"Be\nbrief."},
		{"role":"user","content":"O\nRomeo"}],"seed":7,"max_tokens":30}`))
	body := `{"model":"tiny","system":%s,"messages":[{"role":"user","content":%s}],"seed":7,"max_tokens":30%s}`
	blocks := []any{`[{"type":"text","text":"Be","cache_control":{"type":"ephemeral"}},{"type":"text","text":"brief."}]`,
		`[{"type":"text","text":"O"},{"type":"text","text":"Romeo"}]`, `,"metadata":{"user_id":"x"},"top_k":null`}
	a := post(t, url+"/v1/messages", fmt.Sprintf(body, blocks...))
	m := read[anthropicAnswer](t, a)
	if len(m.Content) != 1 || m.Content[0].Text != want.Choices[0].Message.Content || m.Type != "message" ||
		m.Role != "assistant" || m.Reason != "max_tokens" || m.Stop != nil || !strings.HasPrefix(m.ID, "msg_") || m.Model != "tiny" ||
		m.Usage.Output != 30 || m.Usage.Input+m.Usage.Cached != want.Usage.Prompt || a.header.Get("Request-Id") == "" {
		t.Errorf("%s %v, want %+v", a.body, a.header, want)
	}
	same(t, heard(t, namedEvents(t, post(t, url+"/v1/messages",
		fmt.Sprintf(body, `"Be\nbrief."`, `"O\nRomeo"`, `,"stream":true`)))), m)
	count := read[struct {
		Input int `json:"input_tokens"`
	}](t, post(t, url+"/v1/messages/count_tokens", fmt.Sprintf(body, blocks...)))
	if count.Input != want.Usage.Prompt {
		t.Errorf("%d tokens are counted, want %d", count.Input, want.Usage.Prompt)
	}
	// A conversation that grows is known; the answer goes on from where it is begun; a stop string ends it.
	text := m.Content[0].Text
	for _, stream := range []string{"", `,"stream":true`} {
		a := post(t, url+"/v1/messages", fmt.Sprintf(`{"system":"Be\nbrief.","messages":[{"role":"user","content":"O\nRomeo"},
			{"role":"assistant","content":[{"type":"text","text":%s}]}],"temperature":0,"max_tokens":30,"stop_sequences":["e","nowhere"]%s}`,
			asJSON(text[:9]), stream))
		m := anthropicAnswer{}
		if stream == "" {
			m = read[anthropicAnswer](t, a)
		} else {
			m = heard(t, namedEvents(t, a))
		}
		if m.Reason != "stop_sequence" || m.Stop == nil || *m.Stop != "e" || m.Usage.Cached == 0 {
			t.Errorf("%s", a.body)
		}
		if len(m.Content) > 1 || len(m.Content) == 1 && strings.Contains(m.Content[0].Text, "e") {
			t.Errorf("%s", a.body)
		}
	}
}

const anthropicWeather = `"messages":[{"role":"user","content":"How is it in Verona?"}],"seed":1,"tools":[{"name":"weather",
	"description":"of a place","input_schema":{"type":"object","properties":{"place":{"type":"string","maxLength":9},
	"days":{"type":"integer","minimum":1,"maximum":7}},"required":["place","days"],"additionalProperties":false}},
	{"type":"custom","name":"now","input_schema":{"type":"object","properties":{},"additionalProperties":false}}]`

// A tool is called with arguments of its schema, whole and in a stream, and what came of it is taken.
func TestAnthropicTools(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	for _, choice := range []string{`{"type":"any","disable_parallel_tool_use":true}`, `{"type":"tool","name":"weather"}`} {
		body := `{` + anthropicWeather + `,"max_tokens":200,"temperature":1,"tool_choice":` + choice + `%s}`
		m := read[anthropicAnswer](t, post(t, url+"/v1/messages", fmt.Sprintf(body, "")))
		if len(m.Content) != 1 || m.Reason != "tool_use" || m.Content[0].Type != "tool_use" ||
			!strings.HasPrefix(m.Content[0].ID, "toolu_") {
			t.Fatalf("%s: %+v", choice, m)
		}
		b := m.Content[0]
		called(t, toolCall{ID: "call_", Type: "function", Function: functionCall{b.Name, string(b.Input)}})
		same(t, heard(t, namedEvents(t, post(t, url+"/v1/messages", fmt.Sprintf(body, `,"stream":true`)))), m)
	}
	m := read[anthropicAnswer](t, post(t, url+"/v1/messages", `{`+anthropicWeather+`,"max_tokens":9}`))
	if len(m.Content) != 1 || m.Content[0].Type != "text" || m.Reason != "max_tokens" {
		t.Errorf("%+v", m)
	}
	// What OpenAI's API calls the same is the same prompt.
	count := func(body string) int {
		t.Helper()
		return read[struct {
			Input int `json:"input_tokens"`
		}](t, post(t, url+"/v1/messages/count_tokens", body)).Input
	}
	n := count(`{"messages":[{"role":"user","content":"How?"},{"role":"assistant","content":[{"type":"text","text":"So:"},
		{"type":"tool_use","id":"a","name":"weather","input":{"place":"Verona"}}]},{"role":"user","content":[
		{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"fair"}]},{"type":"text","text":"And?"}]}],
		"tools":[{"name":"now","description":"now","input_schema":{"type":"object"}}]}`)
	same := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"user","content":"How?"},
		{"role":"assistant","content":"So:","tool_calls":[{"id":"a","type":"function","function":{"name":"weather",
		"arguments":"{\"place\":\"Verona\"}"}}]},{"role":"tool","tool_call_id":"a","content":"fair"},
		{"role":"user","content":"And?"}],"max_tokens":1,"tools":[{"type":"function","function":{"name":"now",
		"description":"now","parameters":{"type":"object"}}}]}`)).Usage.Prompt
	if n != same {
		t.Errorf("%d tokens, want %d", n, same)
	}
	failed := `{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"no"%s}]}]}`
	if got, want := count(fmt.Sprintf(failed, `,"is_error":true`)), count(fmt.Sprintf(failed, "")); got <= want {
		t.Errorf("an error of a tool has %d tokens, its text %d", got, want)
	}
	form := read[anthropicAnswer](t, post(t, url+"/v1/messages", `{"messages":[{"role":"user","content":"x"}],"max_tokens":99,
		"output_config":{"format":{"type":"json_schema","schema":{"enum":["a","b"]}}}}`))
	if text := form.Content[0].Text; text != `"a"` && text != `"b"` || form.Reason != "end_turn" {
		t.Errorf("%+v", form)
	}
}

// anthropicError decodes an error of Anthropic's API.
func anthropicError(t testing.TB, data []byte) (kind, message, param string) {
	t.Helper()
	var e struct {
		Type  string
		Error struct {
			Type, Message string
			Details       struct{ Param string }
		}
		ID string `json:"request_id"`
	}
	if err := json.Unmarshal(data, &e); err != nil || e.Type != "error" || e.Error.Type == "" || e.Error.Message == "" ||
		e.ID == "" || strings.Contains(e.Error.Message, "\n") {
		t.Errorf("%v: %s", err, data)
	}
	return e.Error.Type, e.Error.Message, e.Error.Details.Param
}

// What is wrong, or not there, is named in the form that Anthropic's clients read.
func TestAnthropicRefusals(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Name: "tiny", MaxTokens: 100, MaxBody: 4 << 10, MaxBodies: 1 << 20,
		Keys: []string{"k"}})
	hello := `"messages":[{"role":"user","content":"x"}]`
	content := func(block string) string { return `{"messages":[{"role":"user","content":[` + block + `]}]}` }
	for _, c := range []struct {
		body               string
		status             int
		kind, param, words string
	}{
		{`[`, 400, "invalid_request_error", "", "no JSON"},
		{`{}`, 400, "invalid_request_error", "messages", "missing"},
		{`{` + hello + `,"model":"claude"}`, 404, "not_found_error", "model", "tiny"},
		{`{` + hello + `,"max_tokens":101}`, 400, "invalid_request_error", "max_tokens", "at most 100"},
		{`{` + hello + `,"stop":["x"]}`, 400, "invalid_request_error", "stop", "not known"},
		{`{` + hello + `,"stop_sequences":[""]}`, 400, "invalid_request_error", "stop_sequences", "0 bytes"},
		{`{` + hello + `,"thinking":{"type":"enabled","budget_tokens":1024}}`, 400, "invalid_request_error", "thinking", "reason"},
		{`{` + hello + `,"output_config":{"effort":"high"}}`, 400, "invalid_request_error", "output_config.effort", "reason"},
		{`{` + hello + `,"output_config":{"format":{"type":"xml"}}}`, 400, "invalid_request_error", "output_config.format.type", "xml"},
		{`{` + hello + `,"output_config":{"format":{"type":"json_schema"}}}`, 400, "invalid_request_error",
			"output_config.format.schema", "missing"},
		{`{` + hello + `,"mcp_servers":[{"url":"x"}]}`, 400, "invalid_request_error", "mcp_servers", "clients run"},
		{`{` + hello + `,"tools":[{"type":"web_search_20250305","name":"web_search"}]}`, 400, "invalid_request_error",
			"tools[0].type", "web_search"},
		{`{` + hello + `,"tools":[{"name":"a b"}]}`, 400, "invalid_request_error", "tools[0].name", "letters"},
		{`{` + hello + `,"tools":[{"name":"a","defer_loading":true}]}`, 400, "invalid_request_error", "tools[0].defer_loading", "at once"},
		{`{` + hello + `,"tools":[{"name":"a","input_examples":[{}]}]}`, 400, "invalid_request_error", "tools[0].input_examples",
			"schema"},
		{`{` + hello + `,"tools":[{"name":"a","input_schema":1}]}`, 400, "invalid_request_error", "tools[0].input_schema",
			"want an object"},
		{`{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f",
			"input":"{}"}]}]}`, 400, "invalid_request_error", "messages[1].content[0].input", "want an object"},
		{`{` + hello + `,"tool_choice":{"type":"any"}}`, 400, "invalid_request_error", "tool_choice", "no tools"},
		{`{` + hello + `,"tool_choice":{"type":"some"}}`, 400, "invalid_request_error", "tool_choice.type", "some"},
		{`{` + hello + `,"tool_choice":{"type":"tool","name":"f"}}`, 400, "invalid_request_error", "tool_choice", `"f"`},
		{`{` + hello + `,"system":[{"type":"image"}]}`, 400, "invalid_request_error", "system[0].type", "texts alone"},
		{content(`{"type":"image","source":{}}`), 400, "invalid_request_error", "messages[0].content[0].type", "image"},
		{content(`{"type":"document","source":{}}`), 400, "invalid_request_error", "messages[0].content[0].type", "document"},
		{content(`{"type":"tool_use","id":"a","name":"f","input":{}}`), 400, "invalid_request_error",
			"messages[0].content[0].type", "tool_result"},
		{content(`{"type":"tool_result","content":"x"}`), 400, "invalid_request_error", "messages[0].content[0].tool_use_id", "missing"},
		{content(`{"type":"text"}`), 400, "invalid_request_error", "messages[0].content[0].text", "missing"},
		{content(`{"type":"text","text":"x","citations":{"enabled":true}}`), 400, "invalid_request_error",
			"messages[0].content[0].citations", "cite"},
		{`{"messages":[{"role":"tool","content":"x"}]}`, 400, "invalid_request_error", "messages[0].role", "assistant"},
		{`{"messages":[{"role":"user"}]}`, 400, "invalid_request_error", "messages[0].content", "missing"},
		{`{"messages":[{"role":"user","content":"x","name":"y"}]}`, 400, "invalid_request_error", "messages[0].name", "not known"},
		{`{"messages":[{"role":"assistant","content":"x"}]}`, 400, "invalid_request_error", "messages", "of a user"},
		{`{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f",
			"input":{}}]}]}`, 400, "invalid_request_error", "messages[1]", "behind it"},
		{`{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"{"}],"output_config":{"format":{
			"type":"json_schema","schema":{}}}}`, 400, "invalid_request_error", "messages", "begun"},
		{`{"system":"` + strings.Repeat("x", 4<<10) + `"}`, 413, "request_too_large", "", "4096"},
	} {
		a := send(t, "POST", url+"/v1/messages", c.body, "X-Api-Key", "k")
		kind, message, param := anthropicError(t, a.body)
		if a.status != c.status || kind != c.kind || param != c.param || !strings.Contains(message, c.words) {
			t.Errorf("%s: %d %s; want %d, %s, %s, %q", c.body, a.status, a.body, c.status, c.kind, c.param, c.words)
		}
	}
	a := send(t, "POST", url+"/v1/messages", `{`+hello+`}`)
	if kind, message, _ := anthropicError(t, a.body); a.status != 401 || kind != "authentication_error" ||
		!strings.Contains(message, "X-Api-Key") {
		t.Errorf("%d %s", a.status, a.body)
	}
	a = send(t, "POST", url+"/v1/messages", `{`+hello+`}`, "X-Api-Key", "k", "Anthropic-Version", "2023-01-01")
	if _, _, param := anthropicError(t, a.body); a.status != 400 || param != "anthropic-version" {
		t.Errorf("%d %s", a.status, a.body)
	}
	a = send(t, "GET", url+"/v1/messages", "", "X-Api-Key", "k")
	if anthropicError(t, a.body); a.status != 405 {
		t.Errorf("%d %s", a.status, a.body)
	}
	a = send(t, "GET", url+"/v1/models", "", "X-Api-Key", "k", "Anthropic-Version", anthropicVersion)
	if all := read[struct {
		Data []anthropicCard
		Last string `json:"last_id"`
	}](t, a); len(all.Data) != 1 || all.Data[0].ID != "tiny" || all.Last != "tiny" || time.Since(all.Data[0].Created) > time.Hour {
		t.Errorf("%s", a.body)
	}
	a = send(t, "GET", url+"/v1/models/gone", "", "X-Api-Key", "k", "Anthropic-Version", anthropicVersion)
	if kind, _, _ := anthropicError(t, a.body); a.status != 404 || kind != "not_found_error" {
		t.Errorf("%s", a.body)
	}
}
