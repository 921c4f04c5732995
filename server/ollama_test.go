package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"falconmamba/engine"
)

// An ollamaLine is an answer of Ollama's API, or a line of a stream.
type ollamaLine struct {
	Model, Response, Error string
	Message                struct {
		Role, Content string
		Calls         []struct {
			ID       string
			Function struct {
				Index     int
				Name      string
				Arguments json.RawMessage
			}
		} `json:"tool_calls"`
	}
	Done     bool
	Reason   string `json:"done_reason"`
	Context  []int32
	LogProbs []contentLogProb
	Created  string `json:"created_at"`
	ollamaTimes
}

// lines puts the lines of a stream together, of which the last is done and has the times.
func lines(t *testing.T, a answer) (all ollamaLine) {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("status %d, %v: %s", a.status, a.header, a.body)
	}
	texts := strings.Split(strings.TrimSuffix(string(a.body), "\n"), "\n")
	for i, text := range texts {
		var l ollamaLine
		if err := json.Unmarshal([]byte(text), &l); err != nil || l.Done != (i == len(texts)-1) || l.Model == "" ||
			l.Created == "" || l.Done != (l.Total > 0) || l.Done != (l.Reason != "") {
			t.Fatalf("line %d of %d: %v, %s", i, len(texts), err, text)
		}
		l.Response = all.Response + l.Response
		l.Message.Content = all.Message.Content + l.Message.Content
		l.Message.Calls = append(all.Message.Calls, l.Message.Calls...)
		l.LogProbs = append(all.LogProbs, l.LogProbs...)
		all = l
	}
	return all
}

// An answer of Ollama's API is that of OpenAI's to the same words, whole and in a stream.
func TestOllama(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{Name: "tiny"})
	want := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"system","content":"Be brief."},
		{"role":"user","content":"O Romeo"}],"seed":7,"max_tokens":30,"logprobs":true,"top_logprobs":2}`))
	text := want.Choices[0].Message.Content
	options := `"options":{"seed":7,"num_predict":30,"num_ctx":4096,"repeat_last_n":-1},"logprobs":true,"top_logprobs":2,
		"keep_alive":"5m","think":false`
	chat := `{"model":"tiny:latest","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"O Romeo",
		"images":[]}],"tools":[],"format":"",` + options + `%s}`
	generate := `{"model":"tiny","system":"Be brief.","prompt":"O Romeo","keep_alive":300,` + strings.Replace(options,
		`"keep_alive":"5m",`, ``, 1) + `%s}`
	for path, body := range map[string]string{"/api/chat": chat, "/api/generate": generate} {
		for _, stream := range []string{"", `,"stream":true`, `,"stream":false`} {
			a := post(t, url+path, fmt.Sprintf(body, stream))
			var l ollamaLine
			if stream == `,"stream":false` {
				l = read[ollamaLine](t, a)
			} else {
				l = lines(t, a)
			}
			if l.Message.Content+l.Response != text || l.Model != "tiny:latest" || !l.Done || l.Reason != "length" ||
				l.ollamaTimes.Read != want.Usage.Prompt || l.Written != 30 || l.Reading <= 0 || l.Writing <= 0 || l.Total < l.Load+l.Reading+l.Writing ||
				(path == "/api/chat") != (l.Message.Role == "assistant") || asJSON(l.LogProbs) != asJSON(want.Choices[0].LogProbs.Content) {
				t.Errorf("%s %s: %s, want %q", path, stream, a.body, text)
			}
			if path == "/api/generate" && len(l.Context) != want.Usage.Total {
				t.Errorf("a context of %d tokens, want %d", len(l.Context), want.Usage.Total)
			}
		}
	}
	// A context is what comes before, and is known.
	first := read[ollamaLine](t, post(t, url+"/api/generate", fmt.Sprintf(generate, `,"stream":false`)))
	next := read[ollamaLine](t, post(t, url+"/api/generate", `{"prompt":"And?","context":`+asJSON(first.Context)+
		`,"stream":false,"options":{"num_predict":3}}`))
	if end := len(s.chats.end); end != 1 || next.Context[len(first.Context)] != s.chats.end[0] ||
		asJSON(next.Context[:len(first.Context)]) != asJSON(first.Context) || next.ollamaTimes.Read != len(next.Context)-3 {
		t.Errorf("%+v after %+v", next, first)
	}
	// A raw prompt is the whole text.
	raw := read[ollamaLine](t, post(t, url+"/api/generate", `{"prompt":"ROMEO:","raw":true,"stream":false,
		"options":{"num_predict":12,"temperature":0,"stop":["nowhere"]}}`))
	plain := read[textAnswer](t, post(t, url+"/v1/completions", `{"prompt":"ROMEO:","max_tokens":12,"temperature":0}`))
	if raw.Response != plain.Choices[0].Text || raw.Context != nil {
		t.Errorf("%+v, want %q", raw, plain.Choices[0].Text)
	}
	// Where there is no template, every prompt is.
	s.chats = conversation{why: errNoTokenizer}
	if l := read[ollamaLine](t, post(t, url+"/api/generate", `{"prompt":"ROMEO:","stream":false,
		"options":{"num_predict":12,"temperature":0}}`)); l.Response != raw.Response {
		t.Errorf("%+v, want %q", l, raw.Response)
	}
	if a := post(t, url+"/api/generate", `{"prompt":"x","system":"y"}`); a.status != 400 || !strings.Contains(string(a.body), "chats") {
		t.Errorf("%d %s", a.status, a.body)
	}
	for path, body := range map[string]string{"/api/chat": `{"messages":[]}`, "/api/generate": `{"keep_alive":-1}`} {
		if l := read[ollamaLine](t, post(t, url+path, body)); !l.Done || l.Reason != "load" {
			t.Errorf("%s: %+v", path, l)
		}
	}
}

// A form holds an answer, and tools are called with arguments of their schemas, whole and in a stream.
func TestOllamaForms(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	l := read[ollamaLine](t, post(t, url+"/api/generate", `{"prompt":"x","stream":false,"format":{"enum":["a","b"]}}`))
	if l.Response != `"a"` && l.Response != `"b"` || l.Reason != "stop" {
		t.Errorf("%+v", l)
	}
	l = read[ollamaLine](t, post(t, url+"/api/chat", `{"messages":[{"role":"user","content":"x"}],"stream":false,"format":"json",
		"options":{"num_predict":200}}`))
	if !strings.HasPrefix(l.Message.Content, "{") || l.Reason == "stop" && !json.Valid([]byte(l.Message.Content)) {
		t.Errorf("%+v", l)
	}
	body := strings.Replace(`{`+weather+`,"tool_choice":"required","options":{"temperature":1,"seed":1}%s}`,
		`"seed":1,"tools"`, `"tools"`, 1)
	whole := read[ollamaLine](t, post(t, url+"/api/chat", fmt.Sprintf(body, `,"stream":false`)))
	if len(whole.Message.Calls) == 0 || whole.Message.Content != "" {
		t.Fatalf("%+v", whole)
	}
	for i, c := range whole.Message.Calls {
		called(t, toolCall{ID: c.ID, Type: "function", Function: functionCall{c.Function.Name, string(c.Function.Arguments)}})
		if c.Function.Index != i {
			t.Errorf("call %d: %+v", i, c)
		}
	}
	streamed := lines(t, post(t, url+"/api/chat", fmt.Sprintf(body, "")))
	for _, l := range []*ollamaLine{&streamed, &whole} {
		for i := range l.Message.Calls {
			l.Message.Calls[i].ID = ""
		}
	}
	if asJSON(streamed.Message) != asJSON(whole.Message) {
		t.Errorf("streamed %+v, whole %+v", streamed.Message, whole.Message)
	}
	// What came of a call is the prompt that OpenAI's API makes of it.
	told := read[ollamaLine](t, post(t, url+"/api/chat", `{"messages":[{"role":"user","content":"How?"},{"role":"assistant",
		"content":"","tool_calls":[{"function":{"name":"weather","arguments":{"place":"Verona"}}}]},{"role":"tool",
		"tool_name":"weather","content":"fair"}],"stream":false,"options":{"num_predict":1}}`))
	same := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"user","content":"How?"},
		{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"function","function":{"name":"weather",
		"arguments":"{\"place\":\"Verona\"}"}}]},{"role":"tool","tool_call_id":"a","content":"fair"}],"max_tokens":1}`))
	if told.ollamaTimes.Read != same.Usage.Prompt {
		t.Errorf("%d tokens, want %d", told.ollamaTimes.Read, same.Usage.Prompt)
	}
}

// What is told of the model.
func TestOllamaModels(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{Name: "tiny"})
	if v := read[map[string]string](t, get(t, url+"/api/version")); v["version"] != ollamaVersion {
		t.Errorf("%v", v)
	}
	type models struct{ Models []ollamaCard }
	tags := read[models](t, get(t, url+"/api/tags"))
	if len(tags.Models) != 1 || tags.Models[0].Name != "tiny:latest" || tags.Models[0].Size == 0 || len(tags.Models[0].Digest) != 64 ||
		tags.Models[0].Details.Family != s.m.Config().ModelType || !strings.HasSuffix(tags.Models[0].Details.Parameters, "M") {
		t.Errorf("%+v", tags)
	}
	if ps := read[models](t, get(t, url+"/api/ps")); len(ps.Models) != 1 || ps.Models[0].Digest != tags.Models[0].Digest {
		t.Errorf("%+v", ps)
	}
	show := read[struct {
		Template     string
		Capabilities []string
		Details      ollamaDetails
		Info         map[string]any `json:"model_info"`
	}](t, post(t, url+"/api/show",
		`{"model":"tiny","system":"","template":"","verbose":true,"options":null,"name":""}`))
	if show.Template == "" || len(show.Capabilities) != 3 || show.Details.Type == "" ||
		show.Info["general.architecture"] != s.m.Config().ModelType {
		t.Errorf("%+v", show)
	}
	a := post(t, url+"/api/pull", `{"name":"tiny","insecure":false}`)
	if last := strings.Split(strings.TrimSpace(string(a.body)), "\n"); len(last) != 3 || last[2] != `{"status":"success"}` ||
		!strings.Contains(last[1], `"completed"`) {
		t.Errorf("%s", a.body)
	}
	if p := read[map[string]string](t, post(t, url+"/api/pull",
		`{"model":"tiny","username":"","password":"","name":"","stream":false}`)); p["status"] != "success" {
		t.Errorf("%v", p)
	}
	e := read[struct {
		Embeddings [][]float32
		Read       int `json:"prompt_eval_count"`
	}](t, post(t, url+"/api/embed", `{"input":["x y","z"],"truncate":true,"options":{"num_ctx":9}}`))
	old := read[struct{ Embedding []float32 }](t, post(t, url+"/api/embeddings", `{"prompt":"x y"}`))
	if len(e.Embeddings) != 2 || e.Read < 2 || asJSON(e.Embeddings[0]) != asJSON(old.Embedding) {
		t.Errorf("%d embeddings of %d tokens", len(e.Embeddings), e.Read)
	}
}

// What is wrong, or not there, is one text that names it.
func TestOllamaRefusals(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Name: "tiny", MaxTokens: 100})
	hello := `"messages":[{"role":"user","content":"x"}]`
	for _, c := range []struct {
		path, body string
		status     int
		words      string
	}{
		{"chat", `[`, 400, "no JSON"},
		{"chat", `{` + hello + `,"model":"llama3"}`, 404, "there is no model llama3"},
		{"pull", `{"name":"llama3"}`, 404, "there is no model llama3"},
		{"show", `{"model":"llama3"}`, 404, "there is no model llama3"},
		{"create", `{"model":"x"}`, 404, "/api/create"},
		{"show", `{"model":"tiny","system":"x"}`, 400, "system"},
		{"chat", `{"messages":[{"role":"user","content":"x","images":["aGk="]}]}`, 400, "messages[0].images"},
		{"chat", `{"messages":[{"role":"pope","content":"x"}]}`, 400, "pope"},
		{"chat", `{"messages":[{"content":"x"}]}`, 400, "messages[0].role"},
		{"chat", `{"messages":[{"role":"user","content":"x","tool_calls":[{"function":{"name":"f"}}]}]}`, 400, "assistants"},
		{"chat", `{"messages":[{"role":"assistant","tool_calls":[{}]}]}`, 400, "messages[0].tool_calls[0].function"},
		{"chat", `{` + hello + `,"options":{"num_predict":101}}`, 400, "at most 100"},
		{"chat", `{` + hello + `,"options":{"temprature":1}}`, 400, "did you mean temperature"},
		{"chat", `{` + hello + `,"options":{"mirostat":1}}`, 400, "options.mirostat"},
		{"chat", `{` + hello + `,"options":{"typical_p":0.5}}`, 400, "options.typical_p"},
		{"chat", `{` + hello + `,"options":{"repeat_last_n":64}}`, 400, "options.repeat_last_n"},
		{"chat", `{` + hello + `,"options":{"penalize_newline":false}}`, 400, "options.penalize_newline"},
		{"chat", `{` + hello + `,"options":[]}`, 400, "options"},
		{"chat", `{` + hello + `,"seed":1}`, 400, "seed is not known"},
		{"chat", `{` + hello + `,"think":"high"}`, 400, "think"},
		{"chat", `{` + hello + `,"format":"xml"}`, 400, "format"},
		{"chat", `{` + hello + `,"format":{"type":"strin"}}`, 400, "format"},
		{"chat", `{` + hello + `,"keep_alive":"soon"}`, 400, "keep_alive"},
		{"chat", `{` + hello + `,"top_logprobs":2}`, 400, "top_logprobs"},
		{"chat", `{` + hello + `,"tools":[{"type":"function"}]}`, 400, "tools[0].function"},
		{"chat", `{` + hello + `,"tools":[{"type":"function","function":{"name":"f","parameters":true}}]}`, 400,
			"tools[0].function.parameters is true: want an object"},
		{"chat", `{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":[1]}}]}]}`, 400,
			"messages[0].tool_calls[0].function.arguments is an array: want an object"},
		{"chat", `{"messages":[],"keep_alive":0}`, 400, "stays loaded"},
		{"generate", `{"keep_alive":"0s"}`, 400, "stays loaded"},
		{"generate", `{"prompt":"x","suffix":"y"}`, 400, "suffix"},
		{"generate", `{"prompt":"x","template":"{{ .Prompt }}"}`, 400, "template"},
		{"generate", `{"prompt":"x","images":["aGk="]}`, 400, "images"},
		{"generate", `{"prompt":"x","raw":true,"system":"y"}`, 400, "raw"},
		{"generate", `{"prompt":"x","context":[1024]}`, 400, "1024"},
		{"embed", `{"input":""}`, 400, "missing or empty"},
		{"embed", `{"input":"x","dimensions":8}`, 400, "have 256"},
	} {
		a := post(t, url+"/api/"+c.path, c.body)
		var e map[string]string
		if err := json.Unmarshal(a.body, &e); err != nil || len(e) != 1 || a.status != c.status || !strings.Contains(e["error"], c.words) {
			t.Errorf("%s %s: %d %s; want %d, %q", c.path, c.body, a.status, a.body, c.status, c.words)
		}
	}
}
