package server

import (
	"strings"
	"testing"

	"falconmamba/engine"
)

// What is wrong with a request, or not there, is named, with the field and a code, in the API's own form.
func TestRefusals(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Name: "tiny", MaxTokens: 100, MaxChoices: 4, MaxBody: 4 << 10, MaxBodies: 1 << 20})
	hello := `"messages":[{"role":"user","content":"x"}]`
	for _, c := range []struct {
		path, body         string
		status             int
		param, code, words string
	}{
		{"chat/completions", ``, 400, "", "", "no JSON"},
		{"chat/completions", `{`, 400, "", "", "no JSON"},
		{"chat/completions", `[]`, 400, "", "invalid_type", "an array"},
		{"chat/completions", `null`, 400, "", "invalid_type", "null"},
		{"chat/completions", `{"n":1}{}`, 400, "", "", "no JSON"},
		{"chat/completions", `{}`, 400, "messages", "missing_required_parameter", "missing"},
		{"chat/completions", `{"messages":[]}`, 400, "messages", "missing_required_parameter", "missing"},
		{"chat/completions", `{"messages":"x"}`, 400, "messages", "invalid_type", "a string"},
		{"chat/completions", `{"messages":[1]}`, 400, "messages[0]", "invalid_type", "the number 1"},
		{"chat/completions", `{"messages":[{"content":"x"}]}`, 400, "messages[0].role", "missing_required_parameter", ""},
		{"chat/completions", `{"messages":[{"role":"pope","content":"x"}]}`, 400, "messages[0].role", "invalid_value", "pope"},
		{"chat/completions", `{"messages":[{"role":"function","content":"x","name":"y"}]}`, 400, "messages[0].role",
			"unsupported_parameter", "want tool"},
		{"chat/completions", `{"messages":[{"role":"tool","content":"x"}]}`, 400, "messages[0].tool_call_id",
			"missing_required_parameter", ""},
		{"chat/completions", `{"messages":[{"role":"user","content":"x","tool_calls":[{"id":"a"}]}]}`, 400,
			"messages[0].tool_calls", "unsupported_parameter", "assistants"},
		{"chat/completions", `{"messages":[{"role":"assistant","tool_calls":[{"id":"a"}]}]}`, 400,
			"messages[0].tool_calls[0].function", "missing_required_parameter", ""},
		{"chat/completions", `{"messages":[{"role":"user"}]}`, 400, "messages[0].content", "missing_required_parameter", ""},
		{"chat/completions", `{"messages":[{"role":"user","content":1}]}`, 400, "messages[0].content", "invalid_type", ""},
		{"chat/completions", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}`, 400,
			"messages[0].content[0].type", "unsupported_parameter", "image_url"},
		{"chat/completions", `{"messages":[{"role":"user","content":[{"type":"text"}]}]}`, 400,
			"messages[0].content[0].text", "missing_required_parameter", ""},
		{"chat/completions", `{"messages":[{"role":"user","content":"x","colour":"red"}]}`, 400, "messages[0].colour",
			"unknown_parameter", "not known"},
		{"chat/completions", `{` + hello + `,"model":"gpt-4"}`, 404, "model", "model_not_found", "tiny"},
		{"chat/completions", `{` + hello + `,"model":7}`, 400, "model", "invalid_type", "a string"},
		{"chat/completions", `{` + hello + `,"temprature":1}`, 400, "temprature", "unknown_parameter", "did you mean temperature"},
		{"chat/completions", `{` + hello + `,"temperature":2.5}`, 400, "temperature", "invalid_value", "0 to 2"},
		{"chat/completions", `{` + hello + `,"temperature":"hot"}`, 400, "temperature", "invalid_type", "a number"},
		{"chat/completions", `{` + hello + `,"top_p":-1}`, 400, "top_p", "invalid_value", "0 to 1"},
		{"chat/completions", `{` + hello + `,"n":5}`, 400, "n", "invalid_value", "at most 4"},
		{"chat/completions", `{` + hello + `,"n":0}`, 400, "n", "invalid_value", "1 to"},
		{"chat/completions", `{` + hello + `,"n":1.5}`, 400, "n", "invalid_type", "whole"},
		{"chat/completions", `{` + hello + `,"seed":"x"}`, 400, "seed", "invalid_type", "whole"},
		{"chat/completions", `{` + hello + `,"max_tokens":101}`, 400, "max_tokens", "invalid_value", "at most 100"},
		{"chat/completions", `{` + hello + `,"max_tokens":0}`, 400, "max_tokens", "invalid_value", "1 to"},
		{"chat/completions", `{` + hello + `,"max_tokens":5,"max_completion_tokens":6}`, 400, "max_completion_tokens",
			"invalid_value", "differ"},
		{"chat/completions", `{` + hello + `,"stop":""}`, 400, "stop", "invalid_value", "0 bytes"},
		{"chat/completions", `{` + hello + `,"stop":[1]}`, 400, "stop", "invalid_type", "strings"},
		{"chat/completions", `{` + hello + `,"stop":[null]}`, 400, "stop", "invalid_type", "strings"},
		{"chat/completions", `{` + hello + `,"stop":["` + strings.Repeat(`a","`, 17) + `"]}`, 400, "stop", "invalid_value", "18"},
		{"chat/completions", `{` + hello + `,"logit_bias":{"x":1}}`, 400, "logit_bias", "invalid_value", `"x"`},
		{"chat/completions", `{` + hello + `,"logit_bias":{"1024":1}}`, 400, "logit_bias", "invalid_value", "0 to 1023"},
		{"chat/completions", `{` + hello + `,"logit_bias":{"1":101}}`, 400, "logit_bias.1", "invalid_value", "-100 to 100"},
		{"chat/completions", `{` + hello + `,"logit_bias":[]}`, 400, "logit_bias", "invalid_type", "an array"},
		{"chat/completions", `{` + hello + `,"top_logprobs":2}`, 400, "top_logprobs", "invalid_value", "logprobs"},
		{"chat/completions", `{` + hello + `,"logprobs":true,"top_logprobs":21}`, 400, "top_logprobs", "invalid_value", "20"},
		{"chat/completions", `{` + hello + `,"stream_options":{"include_usage":true}}`, 400, "stream_options", "invalid_value", ""},
		{"chat/completions", `{` + hello + `,"stream":true,"stream_options":{"x":true}}`, 400, "stream_options.x",
			"unknown_parameter", ""},
		{"chat/completions", `{` + hello + `,"response_format":{"type":"xml"}}`, 400, "response_format.type",
			"invalid_value", "json_schema"},
		{"chat/completions", `{` + hello + `,"response_format":{"type":"json_schema"}}`, 400,
			"response_format.json_schema", "missing_required_parameter", "a name and a schema"},
		{"chat/completions", `{` + hello + `,"response_format":{"type":"json_schema","json_schema":{"name":"x"}}}`, 400,
			"response_format.json_schema.schema", "missing_required_parameter", ""},
		{"chat/completions", `{` + hello + `,"response_format":{"type":"json_schema","json_schema":{"name":"x",
			"schema":{"type":"array","uniqueItems":true,"items":{"type":"object"}}}}}`, 400, "response_format.json_schema.schema", "invalid_value",
			"uniqueItems"},
		{"chat/completions", `{` + hello + `,"response_format":{"type":"json_object"},"grammar":"root ::= \"a\""}`, 400,
			"response_format", "invalid_value", "give one"},
		{"completions", `{"prompt":"x","grammar":"root ::= \"a"}`, 400, "grammar", "invalid_value", "has no end"},
		{"completions", `{"prompt":"x","json_schema":{"type":"strin"}}`, 400, "json_schema", "invalid_value", "type"},
		{"chat/completions", `{` + hello + `,"tools":[{"type":"function"}]}`, 400, "tools[0].function",
			"missing_required_parameter", ""},
		{"chat/completions", `{` + hello + `,"tools":[{"type":"custom","custom":{}}]}`, 400, "tools[0].type",
			"unsupported_parameter", "custom"},
		{"chat/completions", `{` + hello + `,"tools":[{"type":"function","function":{"name":"a b"}}]}`, 400,
			"tools[0].function.name", "invalid_value", "letters"},
		{"chat/completions", `{` + hello + `,"tools":[{"type":"function","function":{"name":"f","parameters":
			{"type":"object","$dynamicRef":"#"}}}]}`, 400, "tools", "invalid_value", "function f"},
		{"chat/completions", `{` + hello + `,"tool_choice":"required"}`, 400, "tool_choice", "invalid_value", "no tools"},
		{"chat/completions", `{` + hello + `,"tool_choice":"some"}`, 400, "tool_choice", "invalid_value", "required"},
		{"chat/completions", `{` + hello + `,"tools":[{"type":"function","function":{"name":"f"}}],
			"tool_choice":{"type":"function","function":{"name":"g"}}}`, 400, "tool_choice", "invalid_value", `"g"`},
		{"chat/completions", `{` + hello + `,"tools":[{"type":"function","function":{"name":"f"}}],
			"response_format":{"type":"json_object"}}`, 400, "tools", "unsupported_parameter", "response_format"},
		{"chat/completions", `{` + hello + `,"functions":[{"name":"f"}]}`, 400, "functions", "unsupported_parameter",
			"tools"},
		{"chat/completions", `{` + hello + `,"modalities":["audio"]}`, 400, "modalities", "unsupported_parameter", ""},
		{"chat/completions", `{` + hello + `,"reasoning_effort":"high"}`, 400, "reasoning_effort", "unsupported_parameter", ""},
		{"chat/completions", `{` + hello + `,"store":true}`, 400, "store", "unsupported_parameter", "kept"},
		{"completions", `{"prompt":"x","suffix":"y"}`, 400, "suffix", "unsupported_parameter", "suffix"},
		{"completions", `{"prompt":"x","best_of":3}`, 400, "best_of", "unsupported_parameter", "best_of"},
		{"completions", `{"prompt":"x","logprobs":6}`, 400, "logprobs", "invalid_value", "0 to 5"},
		{"completions", `{"prompt":"x","max_tokens":0}`, 400, "max_tokens", "invalid_value", "1 to"},
		{"completions", `{"prompt":7}`, 400, "prompt", "invalid_type", "7"},
		{"completions", `{"prompt":[1024]}`, 400, "prompt", "invalid_value", "1024"},
		{"completions", `{"prompt":[-1]}`, 400, "prompt", "invalid_value", "-1"},
		{"completions", `{"prompt":[1,"x"]}`, 400, "prompt", "invalid_type", ""},
		{"completions", `{"prompt":[]}`, 400, "prompt", "invalid_value", "no tokens"},
		{"completions", `{"prompt":["a","b","c","d","e"]}`, 400, "prompt", "invalid_value", "5 texts"},
		{"embeddings", `{}`, 400, "input", "invalid_value", "missing or empty"},
		{"embeddings", `{"input":["x",""]}`, 400, "input", "invalid_value", "missing or empty"},
		{"embeddings", `{"input":[]}`, 400, "input", "invalid_value", "missing or empty"},
		{"embeddings", `{"input":{}}`, 400, "input", "invalid_type", "an object"},
		{"embeddings", `{"input":"x","encoding_format":"int8"}`, 400, "encoding_format", "invalid_value", "int8"},
		{"embeddings", `{"input":"x","dimensions":8}`, 400, "dimensions", "unsupported_parameter", "have 256"},
		{"embeddings", `{"input":"x","model":"y"}`, 404, "model", "model_not_found", ""},
		{"completions", `{"prompt":"` + strings.Repeat("x", 4<<10) + `"}`, 413, "", "request_too_large", "4096 bytes"},
	} {
		t.Run(c.param+" "+c.words, func(t *testing.T) {
			refused(t, post(t, url+"/v1/"+c.path, c.body), c.status, c.param, c.code, c.words)
		})
	}
}

// What clients send and has no effect here is taken.
func TestIgnored(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	for path, body := range map[string]string{
		"chat/completions": `{"messages":[{"role":"user","content":"x","name":"Ann"},{"role":"assistant","content":"y",
			"refusal":null,"annotations":[],"tool_calls":[],"audio":null},{"role":"user","content":"z"}],"max_tokens":2,
			"user":"u","metadata":{"a":"b"},"store":false,"service_tier":"auto","parallel_tool_calls":true,"n":1.0,
			"response_format":null,"tool_choice":"none","modalities":["text"],"reasoning_effort":null,"logit_bias":{},
			"stop":null,"seed":null,"top_k":40,"min_p":0.05,"repeat_penalty":1.1,"ignore_eos":true,"cache_prompt":true}`,
		"completions": `{"prompt":"x","suffix":null,"best_of":1,"n":1,"max_tokens":2,"user":"u","stream":false,"logprobs":null,
			"presence_penalty":0.5,"frequency_penalty":-0.5,"stream_options":null}`,
	} {
		if a := post(t, url+"/v1/"+path, body); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

// Paths and methods that are none have the same form.
func TestUnknownPaths(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Name: "tiiuae/falcon-mamba"})
	refused(t, get(t, url+"/v1/chat/completion"), 404, "", "unknown_url", "did you mean /v1/chat/completions")
	refused(t, get(t, url+"/page/nowhere.js"), 404, "", "unknown_url", "")
	a := get(t, url+"/v1/completions")
	refused(t, a, 405, "", "method_not_allowed", "POST")
	if a.header.Get("Allow") != "POST" || a.header.Get("X-Request-Id") == "" {
		t.Errorf("%v", a.header)
	}
	refused(t, post(t, url+"/v1/models", "{}"), 405, "", "method_not_allowed", "GET")
	refused(t, get(t, url+"/v1/models/x"), 404, "model", "model_not_found", "tiiuae/falcon-mamba")
	refused(t, send(t, "POST", url+"/v1/completions", "<x/>", "Content-Type", "application/xml"), 415, "",
		"unsupported_media_type", "application/json")
	refused(t, send(t, "POST", url+"/v1/completions", "\x1f\x8b", "Content-Encoding", "gzip"), 415, "",
		"unsupported_media_type", "gzip: want it as it is")
	for _, name := range []string{"tiiuae/falcon-mamba", "tiiuae%2Ffalcon-mamba"} {
		if m := read[modelCard](t, get(t, url+"/v1/models/"+name)); m.ID != "tiiuae/falcon-mamba" || m.Object != "model" {
			t.Errorf("%+v", m)
		}
	}
	all := read[struct{ Data []modelCard }](t, get(t, url+"/v1/models"))
	if len(all.Data) != 1 || all.Data[0].ID != "tiiuae/falcon-mamba" || all.Data[0].Created == 0 {
		t.Errorf("%+v", all)
	}
}
