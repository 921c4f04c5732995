package server

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"falconmamba"
	"falconmamba/engine"
)

type textAnswer struct {
	ID, Object, Model string
	Created           int64
	Choices           []struct {
		Index    int
		Text     string
		Finish   string `json:"finish_reason"`
		LogProbs *textLogProbs
	}
	Usage *usage
}

// alone is what the engine itself makes of a prompt.
func alone(t testing.TB, m *falconmamba.Model, prompt string, o falconmamba.GenerateOptions) (
	text string, tokens []falconmamba.Token, why falconmamba.StopReason) {
	t.Helper()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var b strings.Builder
	for x, err := range s.Generate(context.Background(), prompt, &o) {
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(x.Text)
		tokens = append(tokens, x)
	}
	return b.String(), tokens, s.StopReason()
}

const romeo = "ROMEO:\\n"

// A completion is the engine's text, whole and in a stream, with what is known of it.
func TestCompletions(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{Name: "tiny"})
	o := s.m.Defaults()
	o.Sampling.Seed, o.MaxTokens = 7, 40
	want, tokens, _ := alone(t, s.m, "ROMEO:\n", o)
	body := `{"model":"tiny","prompt":"` + romeo + `","max_tokens":40,"seed":7%s}`
	a := read[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, "")))
	if len(a.Choices) != 1 || a.Choices[0].Text != want || a.Choices[0].Finish != "length" || a.Object != "text_completion" ||
		!strings.HasPrefix(a.ID, "cmpl-") || a.Model != "tiny" || a.Created == 0 {
		t.Errorf("%+v, want the text %q", a, want)
	}
	ids, _ := s.m.Encode("ROMEO:\n")
	if u := (usage{len(ids), len(tokens), len(ids) + len(tokens), promptDetails{}}); a.Usage == nil || *a.Usage != u {
		t.Errorf("usage %+v, want %+v", a.Usage, u)
	}
	parts := events[textAnswer](t, post(t, url+"/v1/completions",
		fmt.Sprintf(body, `,"stream":true,"stream_options":{"include_usage":true}`)))
	text, finish := "", ""
	for i, p := range parts {
		if last := i == len(parts)-1; last != (len(p.Choices) == 0) || last != (p.Usage != nil) {
			t.Fatalf("part %d of %d: %+v", i, len(parts), p)
		}
		for _, c := range p.Choices {
			text += c.Text
			finish += c.Finish
		}
	}
	if text != want || finish != "length" || parts[len(parts)-1].Usage.Total != a.Usage.Total || len(parts) < 20 {
		t.Errorf("%d parts: %q, %s, %+v", len(parts), text, finish, parts[len(parts)-1].Usage)
	}
}

// Several prompts have several texts each, in their order; the first of a prompt is what it is alone.
func TestChoices(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{})
	body := `{"prompt":["` + romeo + `","The sea"],"n":3,"max_tokens":20,"seed":5,"temperature":1%s}`
	a := read[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, "")))
	var want []string
	for _, prompt := range []string{"ROMEO:\n", "The sea"} {
		for i := range uint64(3) {
			o := s.m.Defaults()
			o.Sampling.Seed, o.Sampling.Temperature, o.MaxTokens = 5+i, 1, 20
			text, _, _ := alone(t, s.m, prompt, o)
			want = append(want, text)
		}
	}
	if len(a.Choices) != 6 {
		t.Fatalf("%d texts", len(a.Choices))
	}
	for i, c := range a.Choices {
		if c.Index != i || c.Text != want[i] {
			t.Errorf("text %d: %+v, want %q", i, c, want[i])
		}
	}
	if a.Choices[0].Text == a.Choices[1].Text {
		t.Error("two texts of a prompt are the same")
	}
	texts := make([]string, 6)
	for _, p := range events[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, `,"stream":true`))) {
		for _, c := range p.Choices {
			texts[c.Index] += c.Text
		}
	}
	for i := range want {
		if texts[i] != want[i] {
			t.Errorf("in a stream, text %d: %q, want %q", i, texts[i], want[i])
		}
	}
}

// Log-probabilities are the engine's, token by token, with offsets into the text.
func TestTextLogProbs(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{})
	o := s.m.Defaults()
	o.Sampling.Seed, o.MaxTokens, o.LogProbs, o.TopLogProbs = 7, 30, true, 3
	text, tokens, _ := alone(t, s.m, "ROMEO:\n", o)
	body := `{"prompt":"` + romeo + `","max_tokens":30,"seed":7,"logprobs":3%s}`
	whole := read[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, ""))).Choices[0]
	var streamed textLogProbs
	for _, p := range events[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, `,"stream":true`))) {
		for _, c := range p.Choices {
			if l := c.LogProbs; l != nil {
				streamed.Tokens, streamed.Token = append(streamed.Tokens, l.Tokens...), append(streamed.Token, l.Token...)
				streamed.Top, streamed.Offsets = append(streamed.Top, l.Top...), append(streamed.Offsets, l.Offsets...)
			}
		}
	}
	for name, l := range map[string]*textLogProbs{"whole": whole.LogProbs, "streamed": &streamed} {
		if len(l.Tokens) != len(tokens) || len(l.Token) != len(tokens) || len(l.Top) != len(tokens) {
			t.Fatalf("%s: %d tokens, want %d", name, len(l.Tokens), len(tokens))
		}
		at := 0
		for i, x := range tokens {
			if l.Tokens[i] != s.spell(x.ID) || math.Abs(*l.Token[i]-x.Probs.Token) > 1e-12 || len(l.Top[i]) != 3 ||
				math.Abs(l.Top[i][s.spell(x.Probs.Likeliest[0].ID)]-x.Probs.Likeliest[0].LogProb) > 1e-12 || l.Offsets[i] != at {
				t.Errorf("%s, token %d: %q, %v, %v at %d; want %+v at %d", name, i, l.Tokens[i], *l.Token[i], l.Top[i],
					l.Offsets[i], x, at)
			}
			at += utf8.RuneCountInString(x.Text)
		}
	}
	if whole.Text != text {
		t.Errorf("the text with log-probabilities is %q, want %q", whole.Text, text)
	}
}

// A text ends before its stop string, and at no other; an echo has the prompt before it.
func TestStopAndEcho(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{})
	o := s.m.Defaults()
	o.Sampling.Seed, o.MaxTokens = 7, 60
	text, _, _ := alone(t, s.m, "ROMEO:\n", o)
	stop := text[len(text)/2 : len(text)/2+4]
	want := text[:strings.Index(text, stop)]
	for _, q := range []string{fmt.Sprintf(`%q`, stop), fmt.Sprintf(`["not in it",%q]`, stop)} {
		a := read[textAnswer](t, post(t, url+"/v1/completions",
			fmt.Sprintf(`{"prompt":"%s","max_tokens":60,"seed":7,"echo":true,"stop":%s}`, romeo, q)))
		if a.Choices[0].Text != "ROMEO:\n"+want || a.Choices[0].Finish != "stop" {
			t.Errorf("stop %s: %+v, want %q", q, a.Choices[0], want)
		}
	}
	a := read[textAnswer](t, post(t, url+"/v1/completions", `{"prompt":"x y","max_tokens":0,"echo":true}`))
	if a.Choices[0].Text != "x y" || a.Choices[0].Finish != "length" || a.Usage.Completion != 0 || a.Usage.Prompt == 0 {
		t.Errorf("an echo alone: %+v, %+v", a.Choices[0], a.Usage)
	}
}

// Token ids are prompts, no prompt begins a document, and biases change what is drawn.
func TestPrompts(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{})
	ids, _ := s.m.Encode("ROMEO:\n")
	list := strings.ReplaceAll(fmt.Sprint(ids), " ", ",")
	text := func(body string) string {
		return read[textAnswer](t, post(t, url+"/v1/completions", body)).Choices[0].Text
	}
	want := text(`{"prompt":"` + romeo + `","temperature":0}`)
	for _, prompt := range []string{list, "[" + list + "]"} {
		if got := text(`{"prompt":` + prompt + `,"temperature":0}`); got != want || got == "" {
			t.Errorf("prompt %s: %q, want %q", prompt, got, want)
		}
	}
	if got := text(`{"temperature":0}`); got != text(`{"prompt":"","temperature":0}`) || got == "" || got == want {
		t.Errorf("no prompt: %q", got)
	}
	a := read[textAnswer](t, post(t, url+"/v1/completions",
		`{"prompt":"`+romeo+`","max_tokens":5,"logit_bias":{"37":100},"logprobs":0}`))
	if got := strings.Join(a.Choices[0].LogProbs.Tokens, ""); got != strings.Repeat(s.spell(37), 5) {
		t.Errorf("with a bias: %q", got)
	}
}

// The same seed gives the same text, whoever else is served.
func TestSeeds(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	body := `{"prompt":"The sea","max_tokens":30,"temperature":1,"seed":%d}`
	want := read[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, -3))).Choices[0].Text
	got := make(chan string, 8)
	for range cap(got) {
		go func() {
			a := post(t, url+"/v1/completions", fmt.Sprintf(body, -3))
			got <- string(a.body)
		}()
	}
	for range cap(got) {
		if text := read[textAnswer](t, answer{status: 200, body: []byte(<-got)}).Choices[0].Text; text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
	if other := read[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, 4))).Choices[0].Text; other == want {
		t.Error("another seed gives the same text")
	}
}

// An echo with log-probabilities has those of the prompt's tokens too, which are the model's for what it would write.
func TestEchoLogProbs(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{})
	o := s.m.Defaults()
	o.Sampling.Temperature, o.MaxTokens, o.LogProbs, o.TopLogProbs = 0, 70, true, 2
	text, tokens, _ := alone(t, s.m, "ROMEO:\n", o)
	prompt, _ := s.m.Encode("ROMEO:\n")
	ids := slices.Clone(prompt)
	for _, x := range tokens {
		ids = append(ids, x.ID)
	}
	body := fmt.Sprintf(`{"prompt":%s,"max_tokens":%%d,"temperature":0,"echo":true,"logprobs":2,"n":2}`,
		strings.ReplaceAll(fmt.Sprint(ids[:len(ids)-5]), " ", ","))
	alone := read[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, 0)))
	written := read[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, 5)))
	if got := written.Choices[1].Text; got != "ROMEO:\n"+text {
		t.Errorf("%q, want %q", got, text)
	}
	for i, n := range []int{len(ids) - 5, len(ids)} {
		for _, c := range [][]struct {
			Index    int
			Text     string
			Finish   string `json:"finish_reason"`
			LogProbs *textLogProbs
		}{alone.Choices, written.Choices}[i] {
			l := c.LogProbs
			if len(l.Tokens) != n || len(l.Token) != n || len(l.Top) != n || len(l.Offsets) != n || l.Token[0] != nil || l.Top[0] != nil {
				t.Fatalf("%d tokens: %+v", n, l)
			}
			runes := []rune(c.Text)
			for k, x := range tokens[:n-len(prompt)] {
				k += len(prompt)
				if math.Abs(*l.Token[k]-x.Probs.Token) > 1e-4 || len(l.Top[k]) != 2 || l.Tokens[k] != s.spell(x.ID) ||
					!strings.HasPrefix(string(runes[l.Offsets[k]:]), x.Text) {
					t.Errorf("token %d: %q %v %v at %d, want %+v", k, l.Tokens[k], *l.Token[k], l.Top[k], l.Offsets[k], x)
				}
			}
		}
	}
}

// A model without a tokenizer takes token ids, and refuses what is about texts by name.
func TestNoTokenizer(t *testing.T) {
	m, err := falconmamba.Open(context.Background(), "random:../checkpoint/testdata/tiny/config.json",
		&falconmamba.Options{Backend: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, url, _, _ := listen(t, m, Options{})
	if len(s.Warnings()) != 1 {
		t.Errorf("warnings %q", s.Warnings())
	}
	body := `{"prompt":[1,2,3],"max_tokens":9,"ignore_eos":true,"echo":true,"logprobs":1,"stream":%v}`
	a := read[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, false)))
	if a.Usage.Completion != 9 || len(a.Choices[0].LogProbs.Tokens) != 12 || a.Choices[0].Text != "" {
		t.Errorf("%+v", a)
	}
	if all := events[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, true))); len(all) != 11 {
		t.Errorf("%d events, want the prompt, 9 tokens and the end", len(all))
	}
	if a := post(t, url+"/v1/embeddings", `{"input":[1,2,3]}`); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := get(t, url+"/props"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for path, body := range map[string]string{"/v1/chat/completions": `{"messages":[{"role":"user","content":"x"}]}`,
		"/v1/completions": `{"prompt":"x"}`, "/v1/embeddings": `{"input":"x"}`, "/tokenize": `{"content":"x"}`,
		"/detokenize": `{"tokens":[1]}`, "/apply-template": `{"messages":[{"role":"user","content":"x"}]}`,
		"/v1/messages": `{"messages":[{"role":"user","content":"x"}],"stream":true}`, "/v1/responses": `{"input":"x"}`,
		"/v1/messages/count_tokens": `{"messages":[{"role":"user","content":"x"}]}`, "/api/generate": `{"prompt":"x"}`,
		"/api/chat": `{"messages":[{"role":"user","content":"x"}]}`, "/api/embed": `{"input":"x"}`} {
		if a := post(t, url+path, body); a.status != 400 || !strings.Contains(string(a.body), "tokenizer") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	refused(t, post(t, url+"/v1/completions", `{"prompt":[1],"stop":"x"}`), 400, "stop", "unsupported_parameter", "tokenizer")
	for _, path := range []string{"/api/tags", "/api/ps", "/v1/models"} {
		if a := get(t, url+path); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := post(t, url+"/api/show", `{}`); a.status != 200 || strings.Contains(string(a.body), `"tools"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}
