package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"falconmamba/engine"
	"falconmamba/text/chat"
)

// A responseAnswer is a response as clients read it.
type responseAnswer struct {
	ID, Object, Status, Model string
	Incomplete                *struct{ Reason string } `json:"incomplete_details"`
	Output                    []struct {
		ID, Type, Status, Role, Name, Arguments string
		CallID                                  string `json:"call_id"`
		Content                                 []struct {
			Type, Text string
			LogProbs   []contentLogProb
		}
	}
	Previous *string `json:"previous_response_id"`
	Usage    *responseUsage
	Metadata map[string]string
	Text     struct{ Format map[string]any }
}

// text returns the words of the answer.
func (r responseAnswer) text() (text string) {
	for _, i := range r.Output {
		for _, c := range i.Content {
			text += c.Text
		}
	}
	return text
}

// listened puts the events of a stream together, which have to come in their order and be numbered, and wants them to
// say what the last one does.
func listened(t *testing.T, events []namedEvent) (r responseAnswer) {
	t.Helper()
	var items []string // by output_index, the text so far
	var open string    // the item
	for i, e := range events {
		var v struct {
			Number   int `json:"sequence_number"`
			Response responseAnswer
			Item     struct{ ID, Type string }
			ItemID   string `json:"item_id"`
			Output   *int   `json:"output_index"`
			Content  *int   `json:"content_index"`
			Delta    string
			Text     string
			LogProbs []contentLogProb
			Args     string `json:"arguments"`
		}
		if err := json.Unmarshal(e.data, &v); err != nil || v.Number != i {
			t.Fatalf("event %d: %v, %s", i, err, e.data)
		}
		name := strings.TrimPrefix(e.name, "response.")
		whole := name == "created" || name == "in_progress" || name == "completed" || name == "incomplete"
		last := i == len(events)-1
		switch {
		case (i == 0) != (name == "created"), (i == 1) != (name == "in_progress"),
			last != (name == "completed" || name == "incomplete"), whole == (v.Output != nil):
			t.Fatalf("event %d of %d: %s", i, len(events), e.data)
		case whole:
			r = v.Response
			continue
		case name == "output_item.added":
			items, open = append(items, ""), v.Item.ID
		case v.ItemID+v.Item.ID != open:
			t.Fatalf("item %s is open: %s", open, e.data)
		}
		if *v.Output != len(items)-1 {
			t.Fatalf("item %d of %d: %s", *v.Output, len(items), e.data)
		}
		text := &items[*v.Output]
		switch name {
		case "output_text.delta", "function_call_arguments.delta":
			*text += v.Delta
		case "output_text.done", "function_call_arguments.done":
			if v.Text+v.Args != *text {
				t.Errorf("%q were told: %s", *text, e.data)
			}
		}
	}
	for i, text := range items {
		got := r.Output[i].Arguments
		if r.Output[i].Type == "message" {
			got = r.Output[i].Content[0].Text
		}
		if got != text {
			t.Errorf("item %d is %q, and %q was told", i, got, text)
		}
	}
	return r
}

// A response is the answer of a chat to the same words, whole and in a stream.
func TestResponses(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Name: "tiny"})
	want := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"system","content":"Be brief."},
		{"role":"user","content":"O Romeo"}],"seed":7,"max_tokens":30,"logprobs":true,"top_logprobs":2}`))
	body := `{"instructions":"Be brief.","input":%s,"seed":7,"max_output_tokens":30,"metadata":{"a":"b"},"top_logprobs":2,
		"include":["message.output_text.logprobs"]%s}`
	for _, input := range []string{`"O Romeo"`, `[{"role":"user","content":"O Romeo"}]`,
		`[{"type":"message","role":"user","content":[{"type":"input_text","text":"O Romeo"}]}]`} {
		for _, stream := range []string{"", `,"stream":true`} {
			a := post(t, url+"/v1/responses", fmt.Sprintf(body, input, stream))
			var r responseAnswer
			if stream == "" {
				r = read[responseAnswer](t, a)
			} else {
				r = listened(t, namedEvents(t, a))
			}
			if r.text() != want.Choices[0].Message.Content || r.Status != "incomplete" || r.Incomplete.Reason != "max_output_tokens" ||
				!strings.HasPrefix(r.ID, "resp_") || r.Object != "response" || r.Model != "tiny" || r.Metadata["a"] != "b" ||
				r.Usage.Total != want.Usage.Total || r.Output[0].Role != "assistant" || r.Text.Format["type"] != "text" {
				t.Fatalf("%s, want %+v", a.body, want)
			}
			if got := r.Output[0].Content[0].LogProbs; asJSON(got) != asJSON(want.Choices[0].LogProbs.Content) {
				t.Errorf("%s, want %s", asJSON(got), asJSON(want.Choices[0].LogProbs.Content))
			}
		}
	}
	n := read[struct {
		Input int `json:"input_tokens"`
	}](t, post(t, url+"/v1/responses/input_tokens", `{"instructions":"Be brief.","input":"O Romeo"}`)).Input
	if n != want.Usage.Prompt {
		t.Errorf("%d tokens, want %d", n, want.Usage.Prompt)
	}
}

// A conversation goes on from a response, with the tokens that were written: nothing but what is new is read, and where
// the state is lost all of it.
func TestPreviousResponse(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{})
	previous, before := "", 0
	for turn := range 6 {
		from := ""
		if previous != "" {
			from = `,"previous_response_id":"` + previous + `"`
		}
		r := read[responseAnswer](t, post(t, url+"/v1/responses",
			fmt.Sprintf(`{"input":"What is number %d?","max_output_tokens":30,"seed":%d%s}`, turn, turn, from)))
		if u := r.Usage; turn > 0 && u.Details.Cached != before-1 || u.Input <= before || (r.Previous == nil) != (turn == 0) {
			t.Errorf("turn %d: %+v, before %d", turn, u, before)
		}
		previous, before = r.ID, r.Usage.Total
	}
	again := read[responseAnswer](t, get(t, url+"/v1/responses/"+previous))
	if again.ID != previous || again.Usage.Total != before || again.text() == "" {
		t.Errorf("%+v", again)
	}
	// The same tokens on a server whose states are lost.
	k := s.kept.get(previous)
	lost, other := serve(t, engine.Options{Cache: engine.CacheOptions{Off: true}}, Options{})
	lost.kept.put(previous, k)
	body := `{"input":"And?","max_output_tokens":12,"temperature":0,"previous_response_id":"` + previous + `"}`
	want := read[responseAnswer](t, post(t, url+"/v1/responses", body))
	got := read[responseAnswer](t, post(t, other+"/v1/responses", body))
	if got.text() != want.text() || got.Usage.Details.Cached != 0 || want.Usage.Details.Cached == 0 ||
		got.Usage.Input != want.Usage.Input {
		t.Errorf("%+v, want %+v", got, want)
	}
	// Where a stop string cut the tokens' text, the text counts.
	cut := read[responseAnswer](t, post(t, url+"/v1/responses", `{"input":"O Romeo","stop":["e"],"seed":3}`))
	next := read[responseAnswer](t, post(t, url+"/v1/responses", `{"input":"And?","max_output_tokens":1,"previous_response_id":"`+
		cut.ID+`"}`))
	same := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"user","content":"O Romeo"},
		{"role":"assistant","content":`+asJSON(cut.text())+`},{"role":"user","content":"And?"}],"max_tokens":1}`))
	if cut.Status != "completed" || next.Usage.Input != same.Usage.Prompt {
		t.Errorf("%d tokens after %q, want %d", next.Usage.Input, cut.text(), same.Usage.Prompt)
	}
	// Other instructions word the past anew, and are not those of the response before.
	told := read[responseAnswer](t, post(t, url+"/v1/responses", strings.Replace(body, `{`, `{"instructions":"Be brief.",`, 1)))
	if told.Usage.Input <= want.Usage.Input {
		t.Errorf("%+v, want more than %+v", told.Usage, want.Usage)
	}
	a := send(t, "DELETE", url+"/v1/responses/"+previous, "")
	if d := read[struct {
		ID      string
		Deleted bool
	}](t, a); d.ID != previous || !d.Deleted {
		t.Errorf("%s", a.body)
	}
	refused(t, get(t, url+"/v1/responses/"+previous), 404, "id", "not_found", previous)
	refused(t, send(t, "DELETE", url+"/v1/responses/"+previous, ""), 404, "id", "not_found", previous)
	refused(t, post(t, url+"/v1/responses", body), 400, "previous_response_id", "previous_response_not_found", previous)
	// One that is not to be kept is not.
	r := read[responseAnswer](t, post(t, url+"/v1/responses", `{"input":"x","max_output_tokens":2,"store":false}`))
	refused(t, get(t, url+"/v1/responses/"+r.ID), 404, "id", "not_found", r.ID)
	refused(t, get(t, url+"/v1/responses/"+want.ID+"/input_items"), 400, "", "unsupported_parameter", "input_items")
	refused(t, get(t, url+"/v1/responses/"+want.ID+"?stream=true"), 400, "stream", "unsupported_parameter", "whole")
}

// A function is called with arguments of its schema, whole and in a stream, and what came of it goes on from there.
func TestResponseTools(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	tools := `"tools":[{"type":"function","name":"weather","description":"of a place","strict":true,"parameters":{"type":"object",
		"properties":{"place":{"type":"string","maxLength":9},"days":{"type":"integer","minimum":1,"maximum":7}},
		"required":["place","days"],"additionalProperties":false}},{"type":"function","name":"now","parameters":null}]`
	for _, choice := range []string{`"required"`, `{"type":"function","name":"weather"}`} {
		body := `{"input":"How is it in Verona?","seed":1,"temperature":1,` + tools + `,"parallel_tool_calls":false,"tool_choice":` +
			choice + `%s}`
		r := read[responseAnswer](t, post(t, url+"/v1/responses", fmt.Sprintf(body, "")))
		if len(r.Output) != 1 || r.Output[0].Type != "function_call" || r.Status != "completed" || r.Output[0].Status != "completed" {
			t.Fatalf("%s: %+v", choice, r)
		}
		called(t, toolCall{ID: r.Output[0].CallID, Type: "function",
			Function: functionCall{r.Output[0].Name, r.Output[0].Arguments}})
		streamed := listened(t, namedEvents(t, post(t, url+"/v1/responses", fmt.Sprintf(body, `,"stream":true`))))
		if len(streamed.Output) != 1 || streamed.Output[0].Arguments != r.Output[0].Arguments {
			t.Errorf("%+v, want %+v", streamed, r)
		}
		next := read[responseAnswer](t, post(t, url+"/v1/responses", `{"input":[{"type":"function_call_output","call_id":"`+
			r.Output[0].CallID+`","output":"fair"}],"max_output_tokens":5,`+tools+`,"previous_response_id":"`+r.ID+`"}`))
		if next.Usage.Details.Cached < r.Usage.Total-1 {
			t.Errorf("%+v after %+v", next.Usage, r.Usage)
		}
	}
	// The whole conversation, sent back, is that of a chat.
	r := read[responseAnswer](t, post(t, url+"/v1/responses", `{"input":[{"role":"user","content":"How?"},
		{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"So:",
		"annotations":[],"logprobs":[]}]},{"type":"function_call","id":"fc_1","call_id":"a","name":"weather",
		"arguments":"{\"place\":\"Verona\"}","status":"completed"},{"type":"function_call_output","call_id":"a","output":"fair"},
		{"type":"reasoning","id":"rs_1","summary":[]}],"max_output_tokens":1}`))
	c := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"user","content":"How?"},
		{"role":"assistant","content":"So:","tool_calls":[{"id":"a","type":"function","function":{"name":"weather",
		"arguments":"{\"place\":\"Verona\"}"}}]},{"role":"tool","tool_call_id":"a","content":"fair"}],"max_tokens":1}`))
	if r.Usage.Input != c.Usage.Prompt {
		t.Errorf("%d tokens, want %d", r.Usage.Input, c.Usage.Prompt)
	}
	for _, format := range []string{`{"type":"json_schema","name":"a","strict":true,"schema":{"enum":["a","b"]}}`} {
		r := read[responseAnswer](t, post(t, url+"/v1/responses", `{"input":"x","text":{"format":`+format+`}}`))
		if text := r.text(); text != `"a"` && text != `"b"` || r.Status != "completed" || r.Text.Format["name"] != "a" {
			t.Errorf("%+v", r)
		}
	}
}

// What is wrong with a request, or not there, is named.
func TestResponseRefusals(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Name: "tiny", MaxTokens: 100})
	for _, c := range []struct{ body, param, code, words string }{
		{`{}`, "input", "missing_required_parameter", "missing"},
		{`{"input":[]}`, "input", "invalid_value", "no message"},
		{`{"input":7}`, "input", "invalid_type", "an array"},
		{`{"input":"x","max_output_tokens":101}`, "max_output_tokens", "invalid_value", "at most 100"},
		{`{"input":"x","max_tokens":5}`, "max_tokens", "unknown_parameter", "not known"},
		{`{"input":"x","background":true}`, "background", "unsupported_parameter", "waits"},
		{`{"input":"x","conversation":"conv_1"}`, "conversation", "unsupported_parameter", "previous_response_id"},
		{`{"input":"x","reasoning":{"effort":"high"}}`, "reasoning", "unsupported_parameter", "reason"},
		{`{"input":"x","prompt":{"id":"x"}}`, "prompt", "unsupported_parameter", "instructions"},
		{`{"input":"x","include":["file_search_call.results"]}`, "include", "unsupported_parameter", "file_search_call"},
		{`{"input":"x","top_logprobs":2}`, "top_logprobs", "invalid_value", "include"},
		{`{"input":"x","truncation":"some"}`, "truncation", "invalid_value", "some"},
		{`{"input":"x","metadata":{"a":1}}`, "metadata", "invalid_type", "strings"},
		{`{"input":"x","previous_response_id":"resp_x"}`, "previous_response_id", "previous_response_not_found", "resp_x"},
		{`{"input":"x","tools":[{"type":"web_search"}]}`, "tools[0].type", "unsupported_parameter", "web_search"},
		{`{"input":"x","tools":[{"type":"function"}]}`, "tools[0].name", "invalid_value", "letters"},
		{`{"input":"x","tools":[{"type":"function","name":"f","output_schema":{"type":"object"}}]}`, "tools[0].output_schema",
			"unsupported_parameter", "parameters"},
		{`{"input":"x","tool_choice":{"type":"mcp"}}`, "tool_choice.type", "unsupported_parameter", "mcp"},
		{`{"input":"x","tool_choice":{"type":"function","name":"f"}}`, "tool_choice", "invalid_value", `"f"`},
		{`{"input":"x","text":{"format":{"type":"json_schema","name":"x"}}}`, "text.format.schema", "missing_required_parameter", ""},
		{`{"input":"x","text":{"format":{"type":"xml"}}}`, "text.format.type", "invalid_value", "xml"},
		{`{"input":"x","text":{"verbosity":"high"}}`, "text.verbosity", "unsupported_parameter", "long"},
		{`{"input":[{"type":"item_reference","id":"x"}]}`, "input[0].type", "unsupported_parameter", "item_reference"},
		{`{"input":[{"role":"user","content":[{"type":"input_image","image_url":"x"}]}]}`, "input[0].content[0].type",
			"unsupported_parameter", "input_image"},
		{`{"input":[{"role":"user"}]}`, "input[0].content", "missing_required_parameter", ""},
		{`{"input":[{"role":"user","content":[{"type":"input_text"}]}]}`, "input[0].content[0].text", "missing_required_parameter", ""},
		{`{"input":[{"role":"pope","content":"x"}]}`, "input[0].role", "invalid_value", "pope"},
		{`{"input":[{"type":"function_call","name":"f"}]}`, "input[0].call_id", "missing_required_parameter", ""},
		{`{"input":[{"type":"function_call_output","output":"x"}]}`, "input[0].call_id", "missing_required_parameter", ""},
	} {
		refused(t, post(t, url+"/v1/responses", c.body), 400, c.param, c.code, c.words)
	}
}

// What is kept is bounded in time and in bytes: what was of use last stays.
func TestShelf(t *testing.T) {
	now := time.Now()
	s := newShelf(time.Minute, 2000)
	s.now = func() time.Time { return now }
	add := func(id string, bytes int) { s.put(id, newKept(make([]byte, bytes), nil, "", nil)) }
	has := func(ids string) {
		t.Helper()
		for _, id := range strings.Split("a b c d", " ") {
			if _, ok := s.byID[id]; ok != strings.Contains(ids, id) {
				t.Errorf("%s is kept: %v, want %q", id, ok, ids)
			}
		}
	}
	add("a", 100)
	add("b", 100)
	add("c", 100)
	has("a b c")
	s.get("a")
	add("d", 100)
	has("a c d")
	add("b", 5000)
	has("a c d")
	now = now.Add(40 * time.Second)
	s.get("c")
	now = now.Add(40 * time.Second)
	if s.get("a") != nil || s.remove("d") || s.get("c") == nil || s.size == 0 {
		t.Errorf("%d kept", len(s.byID))
	}
	has("c")
	s.remove("c")
	if s.size != 0 || s.order.Len() != 0 {
		t.Errorf("%d bytes of %d", s.size, s.order.Len())
	}
	none := newShelf(-1, 2000)
	none.put("a", newKept(nil, []chat.Message{{Content: "x"}}, "", nil))
	if none.get("a") != nil {
		t.Error("it is kept, though nothing is to be")
	}
}
