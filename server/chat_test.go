package server

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"falconmamba"
	"falconmamba/engine"
	"falconmamba/text/chat"
)

type chatAnswer struct {
	ID, Object, Model string
	Created           int64
	Choices           []struct {
		Index   int
		Message struct {
			Role, Content string
			ToolCalls     []toolCall `json:"tool_calls"`
		}
		Delta    *chatDelta
		Finish   string `json:"finish_reason"`
		LogProbs *chatLogProbs
	}
	Usage *usage
}

// An answer is what the engine writes after the template, whole and in a stream.
func TestChat(t *testing.T) {
	s, url := serve(t, engine.Options{}, Options{Name: "tiny", Aliases: []string{"gpt-4o"}})
	o := s.m.Defaults()
	o.Sampling.Seed, o.MaxTokens, o.LogProbs, o.TopLogProbs = 7, 40, true, 2
	prompt, err := s.m.ApplyChatTemplate(context.Background(),
		[]chat.Message{{Role: "system", Content: "Be brief."}, {Role: "user", Content: "O Romeo"}}, true)
	if err != nil {
		t.Fatal(err)
	}
	want, tokens, _ := alone(t, s.m, prompt, o)
	body := `{"model":"gpt-4o","messages":[{"role":"developer","content":"Be brief."},
		{"role":"user","content":[{"type":"text","text":"O Romeo"}]}],"max_completion_tokens":40,"seed":7,
		"logprobs":true,"top_logprobs":2,"response_format":{"type":"text"},"user":"x","tools":[],"tool_choice":"auto"%s}`
	a := read[chatAnswer](t, post(t, url+"/v1/chat/completions", fmt.Sprintf(body, "")))
	c := a.Choices[0]
	if c.Message.Content != want || c.Message.Role != "assistant" || c.Finish != "length" || a.Object != "chat.completion" ||
		!strings.HasPrefix(a.ID, "chatcmpl-") || a.Model != "tiny" || a.Usage.Completion != len(tokens) {
		t.Errorf("%+v %+v, want the text %q", a, c.Message, want)
	}
	check := func(name string, content []contentLogProb) {
		if len(content) != len(tokens) {
			t.Fatalf("%s: %d tokens, want %d", name, len(content), len(tokens))
		}
		for i, x := range tokens {
			l := content[i]
			if l.Token != s.spell(x.ID) || math.Abs(l.LogProb-x.Probs.Token) > 1e-12 || len(l.Top) != 2 ||
				l.Top[0].Token != s.spell(x.Probs.Likeliest[0].ID) || len(l.Bytes) != len(s.m.Tokenizer().Bytes(x.ID)) ||
				math.Abs(l.Top[1].LogProb-x.Probs.Likeliest[1].LogProb) > 1e-12 {
				t.Errorf("%s, token %d: %+v, want %+v", name, i, l, x)
			}
		}
	}
	check("whole", c.LogProbs.Content)
	var text, role, finish string
	var streamed []contentLogProb
	parts := events[chatAnswer](t, post(t, url+"/v1/chat/completions",
		fmt.Sprintf(body, `,"stream":true,"stream_options":{"include_usage":true}`)))
	for i, p := range parts {
		if last := i == len(parts)-1; last != (len(p.Choices) == 0) || last != (p.Usage != nil) || p.ID != parts[0].ID ||
			p.Object != "chat.completion.chunk" {
			t.Fatalf("part %d of %d: %+v", i, len(parts), p)
		}
		for _, c := range p.Choices {
			role += c.Delta.Role
			finish += c.Finish
			if c.Delta.Content != nil {
				text += *c.Delta.Content
			}
			if c.LogProbs != nil {
				streamed = append(streamed, c.LogProbs.Content...)
			}
		}
	}
	if text != want || role != "assistant" || finish != "length" || parts[len(parts)-1].Usage.Total != a.Usage.Total {
		t.Errorf("%d parts: %q of %s, %s, %+v", len(parts), text, role, finish, parts[len(parts)-1].Usage)
	}
	check("streamed", streamed)
}

// Several answers to one conversation come in their order.
func TestAnswers(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	body := `{"messages":[{"role":"user","content":"O Romeo"}],"max_tokens":12,"seed":%d,"n":%d,"temperature":1}`
	all := read[chatAnswer](t, post(t, url+"/v1/chat/completions", fmt.Sprintf(body, 3, 4)))
	if len(all.Choices) != 4 {
		t.Fatalf("%d answers", len(all.Choices))
	}
	for i, c := range all.Choices {
		one := read[chatAnswer](t, post(t, url+"/v1/chat/completions", fmt.Sprintf(body, 3+i, 1)))
		if c.Index != i || c.Message.Content != one.Choices[0].Message.Content {
			t.Errorf("answer %d: %q, alone %q", i, c.Message.Content, one.Choices[0].Message.Content)
		}
	}
}

// A template of the server's own is used; what it refuses is the client's fault; an answer ends where its turn does.
func TestTemplate(t *testing.T) {
	template, err := chat.Parse(`{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}` +
		`{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %}<|endoftext|>{% endif %}{% endfor %}`)
	if err != nil {
		t.Fatal(err)
	}
	s, url := serve(t, engine.Options{}, Options{Template: template})
	o := s.m.Defaults()
	o.Sampling.Seed, o.MaxTokens = 7, 20
	want, _, _ := alone(t, s.m, "The sea", o)
	a := read[chatAnswer](t, post(t, url+"/v1/chat/completions",
		`{"messages":[{"role":"user","content":"The sea"}],"seed":7,"max_tokens":20}`))
	if got := a.Choices[0].Message.Content; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if len(s.chats.end) != 1 || s.Warnings() != nil {
		t.Errorf("an answer ends with %v, warnings %q", s.chats.end, s.Warnings())
	}
	refused(t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"system","content":"x"}]}`), 400, "messages",
		"invalid_value", "no system here")
	s.chats = conversation{why: falconmamba.ErrNoTemplate} // as with a model that was never tuned on chats
	refused(t, post(t, url+"/v1/chat/completions", `{"messages":[{"role":"user","content":"x"}]}`), 400, "messages",
		"unsupported_parameter", "no chat template")
	if len(s.Warnings()) != 1 {
		t.Errorf("warnings %q", s.Warnings())
	}
}

// A conversation that grows is not read again: what is known of it is counted.
func TestTurns(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	type request struct {
		Messages  []chat.Message `json:"messages"`
		MaxTokens int            `json:"max_tokens"`
		Seed      int            `json:"seed"`
	}
	q := request{MaxTokens: 30, Seed: 1}
	all := 0    // turns of which nothing is read again
	before := 0 // tokens of the turn before, with its answer
	for turn := range 20 {
		q.Messages = append(q.Messages, chat.Message{Role: "user", Content: fmt.Sprintf("What is number %d?", turn)})
		body, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		a := read[chatAnswer](t, post(t, url+"/v1/chat/completions", string(body)))
		u := a.Usage
		switch known := u.Details.Cached; {
		case turn > 0 && known < before-u.Completion-1 || known >= u.Prompt:
			t.Errorf("turn %d: %d of %d tokens were known; the turn before had %d", turn, known, u.Prompt, before)
		case known == before-1:
			all++ // but its last one, which is read with the next
		}
		before = u.Total
		q.Messages = append(q.Messages, chat.Message{Role: "assistant", Content: a.Choices[0].Message.Content})
	}
	// An answer's tokens may be others than those that its text is read as: then it is read again.
	if all < 15 {
		t.Errorf("of %d turns in 20 nothing was read again", all)
	}
}
