package server

import (
	"cmp"
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"falconmamba/engine"
)

// seedBodies are what fuzzing begins with, by path.
var seedBodies = map[string][]string{
	"/v1/chat/completions": {
		`{"messages":[{"role":"user","content":"x"}]}`,
		`{"messages":[{"role":"developer","content":[{"type":"text","text":"x"}]},{"role":"assistant","content":null}],
			"stream":true,"stream_options":{"include_usage":true},"n":2,"logprobs":true,"top_logprobs":2,"stop":["a","b"]}`,
		`{"messages":[{"role":"user","content":"\ud800<|im_end|>"}],"logit_bias":{"5":-100},"seed":-1,"temperature":2}`,
		`{"messages":[{"role":"tool","content":{}}],"tools":[{}],"response_format":{"type":"json_schema"}}`,
		`{"messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":
			{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"a","content":"y"}],"tools":[{"type":"function",
			"function":{"name":"f","parameters":{"properties":{"a":{"type":"integer"}}}}}],"tool_choice":"required"}`,
		`{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"a",
			"schema":{"anyOf":[{"$ref":"#/$defs/a"},{"type":"null"}],"$defs":{"a":{"enum":[1,"b"]}}}}},"stream":true}`,
	},
	"/v1/responses": {
		`{"input":"x","max_output_tokens":5}`, `{"input":"x","stream":true,"include":["message.output_text.logprobs"]}`,
		`{"instructions":"x","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]},{"type":"function_call",
			"call_id":"a","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"a","output":"y"}],"stream":true,
			"tools":[{"type":"function","name":"f","parameters":null}],"tool_choice":"required","store":false,"metadata":{"a":"b"}}`,
		`{"input":"x","text":{"format":{"type":"json_schema","name":"a","schema":{"type":"boolean"}}},"truncation":"auto"}`,
		`{"input":[{}],"previous_response_id":"resp_"}`, `{"input":[],"conversation":{},"reasoning":{"effort":null}}`,
	},
	"/api/chat": {
		`{"messages":[{"role":"user","content":"x"}],"options":{"num_predict":5,"temperature":0.5,"stop":["a"],"num_ctx":1}}`,
		`{"messages":[{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool",
			"tool_name":"f","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],
			"tool_choice":"required","keep_alive":"5m","stream":false}`,
		`{"messages":[{"role":"user","content":"x","images":["x"]}],"think":true}`, `{"messages":[],"keep_alive":0}`,
		`{"messages":[{"role":"user","content":"x"}],"format":{"type":"boolean"},"logprobs":true,"top_logprobs":2}`,
	},
	"/api/generate": {
		`{"prompt":"x","system":"y","context":[1,2],"options":{"num_predict":-1,"seed":3}}`, `{"prompt":"x","format":"json"}`,
		`{"prompt":"x","raw":true,"stream":false,"logprobs":true}`, `{"keep_alive":-1}`, `{"prompt":"x","suffix":"y"}`,
	},
	"/api/embed":                 {`{"input":["x"],"truncate":true}`, `{"input":[1,2],"options":{"num_ctx":1},"keep_alive":1e3}`},
	"/api/show":                  {`{"model":"falcon-mamba","verbose":true}`, `{"name":"x","options":{}}`},
	"/api/pull":                  {`{"name":"falcon-mamba:latest","stream":true}`, `{"model":"x","insecure":true}`},
	"/api/embeddings":            {`{"prompt":"x","keep_alive":"1h"}`, `{"prompt":[1,2]}`},
	"/v1/messages/count_tokens":  {`{"system":"x","messages":[{"role":"user","content":"x"}],"tools":[]}`},
	"/v1/responses/input_tokens": {`{"input":"x","tools":[{"type":"function","name":"f"}]}`, `{"input":[{"role":"user"}]}`},
	"/v1/messages": {
		`{"messages":[{"role":"user","content":"x"}],"max_tokens":5,"stop_sequences":["a"],"top_k":3}`,
		`{"system":[{"type":"text","text":"x"}],"messages":[{"role":"user","content":[{"type":"text","text":"x"}]},
			{"role":"assistant","content":"y"}],"stream":true,"metadata":{"user_id":"u"},"thinking":{"type":"disabled"}}`,
		`{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"a":1}}]},{"role":"user",
			"content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"x"}],"is_error":true}]}],
			"tools":[{"name":"f","input_schema":{"properties":{"a":{"type":"integer"}}}}],"tool_choice":{"type":"any"},"stream":true}`,
		`{"messages":[{"role":"user","content":"x"}],"output_config":{"format":{"type":"json_schema","schema":{"enum":[1]}}}}`,
		`{"messages":[{"role":"user","content":[{"type":"image","source":{}},{}]}],"tool_choice":{"type":"tool","name":"g"}}`,
	},
	"/v1/completions": {
		`{"prompt":"x"}`, `{"prompt":["x","y"],"n":2,"echo":true,"logprobs":1}`, `{"prompt":[[1,2],[3]],"stream":true}`,
		`{"prompt":[1e0,2.0],"max_tokens":0,"echo":true}`, `{"prompt":"x","top_p":0,"top_k":-1,"min_p":1,"presence_penalty":-2}`,
		`{"prompt":"x","grammar":"root ::= [a-z]+ root?"}`, `{"prompt":"x","json_schema":{"pattern":"^(a|b)*$"}}`,
		`{"prompt":"\u0000","repeat_penalty":100,"frequency_penalty":2,"temperature":0.0001}`,
	},
	"/v1/embeddings":  {`{"input":"x"}`, `{"input":[1,2],"encoding_format":"base64"}`, `{"input":["x",""],"dimensions":256}`},
	"/tokenize":       {`{"content":"x é","with_pieces":true}`, `{"content":"<|im_end|>","parse_special":false,"add_special":true}`},
	"/detokenize":     {`{"tokens":[1,2,3]}`, `{"tokens":[-1]}`},
	"/apply-template": {`{"messages":[{"role":"user","content":"x","name":"y"}]}`},
}

// streamEnds are the ends of streams that do not end as OpenAI's do, by path.
var streamEnds = map[string]string{
	"/v1/messages":  `event: message_stop\ndata: {"type":"message_stop"}`,
	"/v1/responses": `event: response.(completed|incomplete)\ndata: {.*}`,
}

// fuzzBody has a path answer any body: as asked, or with the API's own error, which is the client's.
func fuzzBody(f *testing.F, path string) {
	s, err := New(openModel(f, engine.Options{}), Options{MaxTokens: 8, MaxChoices: 4, RequestTime: 20 * time.Second})
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range seedBodies[path] {
		f.Add(body)
	}
	for _, body := range []string{``, `null`, `[]`, `{"model":1}`, `{"":{}}`, `{"messages":null,"prompt":null}`, "{\"\xff\":1}"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
		judge(t, path, body, w)
	})
}

// judge wants an answer of a path to a body to be as asked, or the API's own error, which is the client's, of one line.
func judge(t *testing.T, path, body string, w *httptest.ResponseRecorder) {
	t.Helper()
	data := w.Body.Bytes()
	switch kind := w.Header().Get("Content-Type"); {
	case w.Code == 200 && strings.HasPrefix(kind, "text/event-stream"):
		if !regexp.MustCompile(cmp.Or(streamEnds[path], `data: \[DONE\]`) + "\n\n$").Match(data) {
			t.Errorf("%q: a stream ends %q", body, data[max(0, len(data)-200):])
		}
	case w.Code == 200 && kind == "application/x-ndjson":
		if !regexp.MustCompile(`(^|\n){.*("done":true|"status":"success").*}\n$`).Match(data) {
			t.Errorf("%q: a stream ends %q", body, data[max(0, len(data)-200):])
		}
	case w.Code == 200:
		if !json.Valid(data) {
			t.Errorf("%q: %q", body, data)
		}
	case w.Code < 400 || w.Code >= 500:
		t.Errorf("%q: status %d, %s", body, w.Code, data)
	case strings.HasPrefix(path, "/api/"):
		var e map[string]string
		if err := json.Unmarshal(data, &e); err != nil || e["error"] == "" || len(e) != 1 || len(data) > 1000 ||
			strings.Contains(e["error"], "\n") {
			t.Errorf("%q: %s", body, data)
		}
	case strings.HasPrefix(path, "/v1/messages"):
		if kind, _, _ := anthropicError(t, data); !strings.HasSuffix(kind, "_error") || len(data) > 1000 {
			t.Errorf("%q: %s", body, data)
		}
	default:
		var e errorBody
		if err := json.Unmarshal(data, &e); err != nil || e.Error.Message == "" || e.Error.Type != invalidRequest ||
			len(data) > 1000 {
			t.Errorf("%q: %s", body, data)
		}
	}
}

func FuzzChat(f *testing.F)          { fuzzBody(f, "/v1/chat/completions") }
func FuzzResponses(f *testing.F)     { fuzzBody(f, "/v1/responses") }
func FuzzOllamaChat(f *testing.F)    { fuzzBody(f, "/api/chat") }
func FuzzGenerate(f *testing.F)      { fuzzBody(f, "/api/generate") }
func FuzzEmbed(f *testing.F)         { fuzzBody(f, "/api/embed") }
func FuzzShow(f *testing.F)          { fuzzBody(f, "/api/show") }
func FuzzPull(f *testing.F)          { fuzzBody(f, "/api/pull") }
func FuzzEmbedding(f *testing.F)     { fuzzBody(f, "/api/embeddings") }
func FuzzCountTokens(f *testing.F)   { fuzzBody(f, "/v1/messages/count_tokens") }
func FuzzInputTokens(f *testing.F)   { fuzzBody(f, "/v1/responses/input_tokens") }
func FuzzMessages(f *testing.F)      { fuzzBody(f, "/v1/messages") }
func FuzzCompletions(f *testing.F)   { fuzzBody(f, "/v1/completions") }
func FuzzEmbeddings(f *testing.F)    { fuzzBody(f, "/v1/embeddings") }
func FuzzTokenize(f *testing.F)      { fuzzBody(f, "/tokenize") }
func FuzzDetokenize(f *testing.F)    { fuzzBody(f, "/detokenize") }
func FuzzApplyTemplate(f *testing.F) { fuzzBody(f, "/apply-template") }
