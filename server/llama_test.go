package server

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"falconmamba/engine"
)

// What programs ask of llama.cpp's server is told in its words.
func TestProps(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{Name: "tiny", Version: "abc", Running: 8})
	if a := read[struct{ Status string }](t, get(t, url+"/health")); a.Status != "ok" {
		t.Errorf("%+v", a)
	}
	p := read[struct {
		Slots    int                                 `json:"total_slots"`
		Alias    string                              `json:"model_alias"`
		Template string                              `json:"chat_template"`
		Build    string                              `json:"build_info"`
		EOS      string                              `json:"eos_token"`
		Defaults struct{ Params generationSettings } `json:"default_generation_settings"`
	}](t, get(t, url+"/props"))
	if d := p.Defaults.Params; p.Slots != 8 || p.Alias != "tiny" || p.Build != "abc" || p.EOS != "<|endoftext|>" ||
		!strings.Contains(p.Template, "<|im_start|>") || d.Temperature != 0.7 || d.TopK != 50 || d.MaxTokens != 256 ||
		d.RepeatPenalty != 1 {
		t.Errorf("%+v", p)
	}
	slots := func() (busy, tokens int) {
		for _, x := range read[[]slot](t, get(t, url+"/slots")) {
			if x.Processing {
				busy++
				tokens += x.Prompt
			}
		}
		return busy, tokens
	}
	if busy, _ := slots(); busy != 0 {
		t.Errorf("%d slots are busy", busy)
	}
	r, _ := begin(t, url, strings.Replace(long, `"stream"`, `"n":3,"stream"`, 1))
	ids, _ := s.m.Encode("ROMEO:\n")
	if busy, tokens := slots(); busy != 3 || tokens != len(ids) {
		t.Errorf("%d slots are busy, which read %d tokens; want 3 and %d", busy, tokens, len(ids))
	}
	r.Body.Close()
	eventually(t, "no slot", func() bool { busy, _ := slots(); return busy == 0 })
}

// Tokens go out and come back.
func TestTokens(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{})
	const text = "ROMEO: O — é<|im_end|>"
	ids, _ := s.m.Encode(text)
	quoted := strconv.Quote(text)
	got := read[struct{ Tokens []int32 }](t, post(t, url+"/tokenize", `{"content":`+quoted+`}`))
	if !slices.Equal(got.Tokens, ids) {
		t.Errorf("%v, want %v", got.Tokens, ids)
	}
	plain := read[struct{ Tokens []int32 }](t, post(t, url+"/tokenize", `{"content":`+quoted+`,"parse_special":false}`))
	if len(plain.Tokens) <= len(ids) {
		t.Errorf("without special tokens %v", plain.Tokens)
	}
	pieces := read[struct {
		Tokens []struct {
			ID    int32
			Piece any
		}
	}](t, post(t, url+"/tokenize", `{"content":`+quoted+`,"with_pieces":true}`))
	var b []byte
	for i, x := range pieces.Tokens {
		switch p := x.Piece.(type) {
		case string:
			b = append(b, p...)
		case []any:
			for _, y := range p {
				b = append(b, byte(y.(float64)))
			}
		}
		if x.ID != ids[i] {
			t.Errorf("piece %d: %+v", i, x)
		}
	}
	if string(b) != text {
		t.Errorf("the pieces are %q", b)
	}
	list := strings.ReplaceAll(fmt.Sprint(ids), " ", ",")
	if back := read[struct{ Content string }](t, post(t, url+"/detokenize", `{"tokens":`+list+`}`)); back.Content != text {
		t.Errorf("back %q", back.Content)
	}
	conversation := `{"messages":[{"role":"user","content":"x"}]}`
	if a := read[struct{ Prompt string }](t, post(t, url+"/apply-template", conversation)); a.Prompt !=
		"<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n" {
		t.Errorf("%q", a.Prompt)
	}
	refused(t, post(t, url+"/tokenize", `{}`), 400, "content", "missing_required_parameter", "")
	refused(t, post(t, url+"/tokenize", `{"content":"x","x":1}`), 400, "x", "unknown_parameter", "")
	refused(t, post(t, url+"/detokenize", `{"tokens":[9999]}`), 400, "tokens", "invalid_value", "9999")
	refused(t, post(t, url+"/detokenize", `{}`), 400, "tokens", "missing_required_parameter", "")
	refused(t, post(t, url+"/apply-template", `{"messages":[]}`), 400, "messages", "missing_required_parameter", "")
}

// Metrics are of Prometheus' form, have the names that dashboards look for, and count.
func TestMetrics(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Name: `a"b`})
	post(t, url+"/v1/completions", `{"prompt":"ROMEO:","max_tokens":7}`)
	get(t, url+"/nowhere")
	var a answer
	eventually(t, "both requests are counted", func() bool {
		a = get(t, url+"/metrics")
		return bytes.Contains(a.body, []byte(`status="404"`)) && bytes.Contains(a.body, []byte(`/completions",status="200"`))
	})
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d, %v", a.status, a.header)
	}
	line := regexp.MustCompile(`^([a-z]+:[a-z_0-9]+?)(_bucket|_sum|_count)?(\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})? ([-+.e0-9]+|NaN|[-+]Inf)$`)
	values, kind := map[string]float64{}, map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(a.body))
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); words[0] == "#" {
			if words[1] == "TYPE" && kind[words[2]] != "" {
				t.Errorf("%s has two types", words[2])
			} else if words[1] == "TYPE" {
				kind[words[2]] = words[3]
			}
			continue
		}
		m := line.FindStringSubmatch(lines.Text())
		if m == nil || kind[m[1]] == "" || (m[2] != "") != (kind[m[1]] == "histogram") {
			t.Errorf("line %q of a %v", lines.Text(), kind)
			continue
		}
		v, _ := strconv.ParseFloat(m[4], 64)
		if _, twice := values[m[1]+m[2]+m[3]]; twice {
			t.Errorf("%s is there twice", lines.Text())
		}
		values[m[1]+m[2]+m[3]] = v
	}
	model := `model_name="a\"b",engine="0"`
	for name, want := range map[string]float64{
		"vllm:num_requests_running{" + model + "}":                             0,
		"vllm:num_requests_waiting{" + model + "}":                             0,
		"vllm:generation_tokens_total{" + model + "}":                          7,
		`vllm:request_success_total{finished_reason="length",` + model + "}":   1,
		"vllm:time_to_first_token_seconds_count{" + model + "}":                1,
		"vllm:inter_token_latency_seconds_count{" + model + "}":                6,
		`vllm:e2e_request_latency_seconds_bucket{le="+Inf",` + model + "}":     1,
		"llamacpp:tokens_predicted_total":                                      7,
		"llamacpp:requests_processing":                                         0,
		`falconmamba:http_requests_total{path="/v1/completions",status="200"}`: 1,
		`falconmamba:http_requests_total{path="other",status="404"}`:           1,
	} {
		if got, ok := values[name]; !ok || got != want {
			t.Errorf("%s is %v, %v; want %v", name, got, ok, want)
		}
	}
	for _, name := range []string{"vllm:kv_cache_usage_perc{" + model + "}", "llamacpp:prompt_tokens_total"} {
		if values[name] <= 0 {
			t.Errorf("%s is %v", name, values[name])
		}
	}
}
