package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"falconmamba/engine"
	"falconmamba/text/chat"
	"falconmamba/text/constrain"
)

// A grammar whose texts go on in too many ways is the request's fault, also where that shows in the middle of a text.
func TestAmbiguousGrammar(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	body := `{"prompt":"x","max_tokens":9,"seed":1,"grammar":"root ::= (a root)*\na ::= [a-z]{1,20}"}`
	refused(t, post(t, url+"/v1/completions", body), 400, "", "invalid_value", "less ambiguous")
}

// An answer is JSON of the schema that is asked for, whole and in a stream, in each of the ways to ask.
func TestForms(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	schema := `{"type":"object","properties":{"name":{"type":"string","maxLength":8},"age":{"type":"integer",
		"minimum":1,"maximum":99}},"required":["name","age"],"additionalProperties":false}`
	right := func(text string) bool {
		var v struct {
			Name *string
			Age  int
		}
		return json.Unmarshal([]byte(text), &v) == nil && v.Name != nil && len([]rune(*v.Name)) <= 8 && v.Age > 0 && v.Age < 100
	}
	chatBody := `{"messages":[{"role":"user","content":"O Romeo"}],"seed":3,"temperature":1,"n":2,` + "%s" + `}`
	for _, form := range []string{
		`"response_format":{"type":"json_schema","json_schema":{"name":"person","strict":true,"schema":` + schema + `}}`,
		`"response_format":{"type":"json_object","schema":` + schema + `}`,
		`"json_schema":` + schema,
	} {
		body := fmt.Sprintf(chatBody, form)
		a := read[chatAnswer](t, post(t, url+"/v1/chat/completions", body))
		texts := make([]string, 2)
		for _, p := range events[chatAnswer](t, post(t, url+"/v1/chat/completions", body[:len(body)-1]+`,"stream":true}`)) {
			for _, c := range p.Choices {
				if c.Delta.Content != nil {
					texts[c.Index] += *c.Delta.Content
				}
			}
		}
		for i, c := range a.Choices {
			if !right(c.Message.Content) || c.Finish != "stop" || texts[i] != c.Message.Content {
				t.Errorf("%s: %+v, streamed %q", form, c, texts[i])
			}
		}
	}
	a := read[chatAnswer](t, post(t, url+"/v1/chat/completions",
		fmt.Sprintf(chatBody, `"response_format":{"type":"json_object"},"max_tokens":200`)))
	if c := a.Choices[0]; !strings.HasPrefix(c.Message.Content, "{") ||
		c.Finish == "stop" && !json.Valid([]byte(c.Message.Content)) {
		t.Errorf("%+v", c)
	}
	late := read[textAnswer](t, post(t, url+"/v1/completions", `{"prompt":"O Romeo","max_tokens":99,"ignore_eos":true,
		"logprobs":1,"grammar":"root ::= (\"ab\" | \"cd\"){1,9}"}`)).Choices[0]
	if len(late.Text) != 18 || late.Finish != "stop" || len(late.LogProbs.Tokens) == 0 {
		t.Errorf("without eos: %+v", late)
	}
	for form, want := range map[string]string{
		`"grammar":"root ::= \"to \" (\"be\" | \"do\"){1,3}"`: `^to (be|do){1,3}$`,
		`"json_schema":{"enum":["a","b"]}`:                    `^"[ab]"$`,
	} {
		a := read[textAnswer](t, post(t, url+"/v1/completions", `{"prompt":"O Romeo","max_tokens":99,`+form+`}`))
		if c := a.Choices[0]; !regexp.MustCompile(want).MatchString(c.Text) {
			t.Errorf("%s: %+v", form, c)
		}
	}
}

const weather = `"messages":[{"role":"user","content":"How is it in Verona?"}],"seed":1,"tools":[{"type":"function",
	"function":{"name":"weather","description":"of a place","strict":true,"parameters":{"type":"object","properties":
	{"place":{"type":"string","maxLength":9},"days":{"type":"integer","minimum":1,"maximum":7}},
	"required":["place","days"],"additionalProperties":false}}},{"type":"function","function":{"name":"now"}}]`

// called wants a call of one of the tools of weather.
func called(t *testing.T, c toolCall) {
	t.Helper()
	var v struct {
		Place *string
		Days  int
	}
	err := json.Unmarshal([]byte(c.Function.Arguments), &v)
	if c.Type != "function" || !strings.HasPrefix(c.ID, "call_") || err != nil {
		t.Errorf("%+v: %v", c, err)
	}
	if c.Function.Name == "now" && c.Function.Arguments != "{}" ||
		c.Function.Name == "weather" && (v.Place == nil || v.Days < 1 || v.Days > 7) {
		t.Errorf("%+v", c)
	}
}

func TestTools(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	for _, c := range []struct {
		choice, name string
		temperature  int
	}{{`"required"`, "", 1}, {`{"type":"function","function":{"name":"weather"}}`, "weather", 1},
		{`{"type":"function","function":{"name":"now"}}`, "now", 0}} {
		body := fmt.Sprintf(`{%s,"tool_choice":%s,"temperature":%d,"parallel_tool_calls":false%%s}`, weather, c.choice,
			c.temperature)
		a := read[chatAnswer](t, post(t, url+"/v1/chat/completions", fmt.Sprintf(body, ""))).Choices[0]
		if a.Finish != "tool_calls" || a.Message.Content != "" || len(a.Message.ToolCalls) != 1 {
			t.Fatalf("%s: %+v", c.choice, a)
		}
		one := a.Message.ToolCalls[0]
		called(t, one)
		if c.name != "" && one.Function.Name != c.name {
			t.Errorf("%s: %+v", c.choice, one)
		}
		var streamed toolCall
		finish := ""
		for _, p := range events[chatAnswer](t, post(t, url+"/v1/chat/completions", fmt.Sprintf(body, `,"stream":true`))) {
			for _, c := range p.Choices {
				finish += c.Finish
				if c.Delta.Content != nil && *c.Delta.Content != "" {
					t.Errorf("words %q", *c.Delta.Content)
				}
				for _, d := range c.Delta.ToolCalls {
					if d.Index == nil || *d.Index != 0 {
						t.Errorf("%+v", d)
					}
					streamed.ID += d.ID
					streamed.Type += d.Type
					streamed.Function.Name += d.Function.Name
					streamed.Function.Arguments += d.Function.Arguments
				}
			}
		}
		if streamed.ID = one.ID; finish != "tool_calls" || streamed != one {
			t.Errorf("%s: streamed %+v, %s; whole %+v", c.choice, streamed, finish, one)
		}
	}
	// Log-probabilities are of all tokens, those of calls too.
	body := `{` + weather + `,"tool_choice":"required","temperature":1,"logprobs":true,"top_logprobs":1,"parallel_tool_calls":false`
	with := read[chatAnswer](t, post(t, url+"/v1/chat/completions", body+`}`))
	var written []byte
	for _, p := range with.Choices[0].LogProbs.Content {
		for _, b := range p.Bytes {
			written = append(written, byte(b))
		}
	}
	f := with.Choices[0].Message.ToolCalls[0].Function
	if want := "<tool_call>\n{\"name\": \"" + f.Name + "\", \"arguments\": " + f.Arguments + "}\n</tool_call>"; string(written) != want ||
		len(with.Choices[0].LogProbs.Content) != with.Usage.Completion {
		t.Errorf("log-probabilities are of %q, want %q", written, want)
	}
	var streamed []contentLogProb
	for _, p := range events[chatAnswer](t, post(t, url+"/v1/chat/completions", body+`,"stream":true}`)) {
		for _, c := range p.Choices {
			if c.LogProbs != nil {
				streamed = append(streamed, c.LogProbs.Content...)
			}
		}
	}
	if asJSON(streamed) != asJSON(with.Choices[0].LogProbs.Content) {
		t.Errorf("streamed %s, whole %s", asJSON(streamed), asJSON(with.Choices[0].LogProbs.Content))
	}
	// With auto the embedded model says something, and calls nothing.
	a := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{`+weather+`,"max_tokens":20}`)).Choices[0]
	if a.Message.Content == "" || a.Finish != "length" || a.Message.ToolCalls != nil {
		t.Errorf("%+v", a)
	}
	// Without, the tools are not told of.
	none := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{`+weather+`,"tool_choice":"none","max_tokens":20}`))
	plain := read[chatAnswer](t, post(t, url+"/v1/chat/completions",
		`{"messages":[{"role":"user","content":"How is it in Verona?"}],"seed":1,"max_tokens":20}`))
	if none.Choices[0].Message.Content != plain.Choices[0].Message.Content || none.Usage.Prompt != plain.Usage.Prompt {
		t.Errorf("%+v, want %+v", none, plain)
	}
	// A call that is cut is as far as it came.
	cut := read[chatAnswer](t, post(t, url+"/v1/chat/completions", `{`+weather+`,"max_tokens":4,"tool_choice":"required"}`))
	if c := cut.Choices[0]; c.Finish != "length" || c.Message.Content != "" || len(c.Message.ToolCalls) > 1 {
		t.Errorf("%+v", c)
	}
}

// What came of a call is told in the template's own way, or in words where it has none.
func TestToolMessages(t *testing.T) {
	turns := `"messages":[{"role":"user","content":"How is it?"},{"role":"assistant","content":null,"tool_calls":[{"id":"a",
		"type":"function","function":{"name":"weather","arguments":"{\"place\":\"Verona\"}"}}]},
		{"role":"tool","tool_call_id":"a","content":"fair"}]`
	tools := `"tools":[{"type":"function","function":{"name":"now"}}]`
	prompt := func(url, body string) string {
		return read[struct{ Prompt string }](t, post(t, url+"/apply-template", `{`+body+`}`)).Prompt
	}
	_, plain := serve(t, engine.Options{}, Options{})
	got := prompt(plain, turns+","+tools)
	for _, want := range []string{`{"type":"function","function":{"name":"now"}}`,
		"<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"place\":\"Verona\"}}\n</tool_call>",
		"<tool_response>\nfair\n</tool_response>"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q has no %q", got, want)
		}
	}
	if got := prompt(plain, turns); strings.Contains(got, "<tools>") {
		t.Errorf("%q: there are no tools", got)
	}
	template, err := chat.Parse(`{% for t in tools %}[{{ t.function.name }}]{% endfor %}{% for m in messages %}` +
		`{{ m.role }}:{{ m.content }}{% for c in m.tool_calls %}({{ c.function.arguments.place }}){% endfor %};{% endfor %}`)
	if err != nil {
		t.Fatal(err)
	}
	_, own := serve(t, engine.Options{}, Options{Template: template})
	if got, want := prompt(own, turns+","+tools), "[now]user:How is it?;assistant:(Verona);tool:fair;"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	a := post(t, plain+"/v1/chat/completions", `{`+turns+`,`+tools+`,"max_tokens":4}`)
	if a.status != 200 {
		t.Errorf("%s", a.body)
	}
}

// An answer of many calls is spelled out in as much memory as its text takes, a few times over.
func TestManyCalls(t *testing.T) {
	call := map[string]any{"function": map[string]any{"name": "f", "arguments": map[string]any{}}}
	calls := make([]any, 10000)
	for i := range calls {
		calls[i] = call
	}
	messages := []chat.Message{{Role: "assistant", Content: "x", Fields: map[string]any{"tool_calls": calls}}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	text := spelledOut(messages, tools{})[0].Content
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 50<<20 || strings.Count(text, "\n") < len(calls) {
		t.Errorf("%d bytes of text took %d MB", len(text), got>>20)
	}
}

// Of grammars so many are kept, and so large ones, as there is room for; what cannot be compiled is tried once.
func TestFormsAreKept(t *testing.T) {
	f := newForms()
	made := 0
	get := func(source string) {
		_, err := f.get(t.Context(), []byte(source), func() (*constrain.Grammar, error) {
			made++
			return constrain.JSONSchema([]byte(source))
		})
		if (err != nil) != (source == "broken") {
			t.Fatalf("%.40s: %v", source, err)
		}
	}
	for range 3 {
		get(`{"enum":[1]}`)
		get("broken")
	}
	if made != 2 {
		t.Errorf("made %d times, want 2", made)
	}
	for i := range maxForms + 3 {
		get(fmt.Sprintf(`{"enum":[%d]}`, i))
	}
	if len(f.last) != maxForms {
		t.Errorf("%d are kept, want %d", len(f.last), maxForms)
	}
	words := make([]string, 8000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < 20; i++ {
		for k := range words {
			word := make([]byte, 8)
			for c := range word {
				word[c] = byte('a' + r.IntN(26))
			}
			words[k] = string(word)
		}
		get(`{"enum":["` + strings.Join(words, `","`) + `"]}`)
	}
	if f.size > maxFormBytes || len(f.last) == maxForms || len(f.last) < 2 {
		t.Errorf("%d are kept, of %d bytes", len(f.last), f.size)
	}
}

// Who waits for others' grammars waits no longer than the request, and no crowd waits.
func TestFormsWaitInBounds(t *testing.T) {
	f := newForms()
	for range maxCompiling {
		f.compiling <- struct{}{} // others, that do not end
	}
	compile := func() (*constrain.Grammar, error) {
		t.Error("compiled, beside the others")
		return nil, nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	for i := range maxWaiting {
		go func() {
			_, err := f.get(ctx, []byte{byte(i)}, compile)
			left <- err
		}()
	}
	for f.waiting.Load() < maxWaiting {
		runtime.Gosched()
	}
	if _, err := f.get(t.Context(), []byte("one more"), compile); !errors.Is(err, errManyForms) {
		t.Errorf("one more than may wait: %v", err)
	}
	cancel()
	for range maxWaiting {
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("a request that ends: %v", err)
		}
	}
	<-f.compiling
	if _, err := f.get(t.Context(), []byte(`{}`), func() (*constrain.Grammar, error) {
		return constrain.JSONSchema([]byte(`{}`))
	}); err != nil || f.waiting.Load() != 0 {
		t.Errorf("when there is a place: %v, %d wait", err, f.waiting.Load())
	}
}
