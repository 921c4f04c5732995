package falconmamba

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend/sampling"
	"falconmamba/text/constrain"
)

// person is a schema whose texts end soon, whatever is drawn.
const person = `{"type": "object", "properties": {
	"name": {"type": "string", "maxLength": 12},
	"age": {"type": "integer", "minimum": 0, "maximum": 120},
	"likes": {"type": "array", "items": {"enum": ["bread", "wine", "war"]}, "maxItems": 3}},
	"required": ["name", "age", "likes"], "additionalProperties": false}`

func schema(t testing.TB, source string) *constrain.Grammar {
	t.Helper()
	g, err := constrain.JSONSchema([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// isPerson reports what is wrong with a text of the schema person.
func isPerson(text string) string {
	var p struct {
		Name  *string
		Age   *int
		Likes []string
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	switch err := d.Decode(&p); {
	case err != nil:
		return err.Error()
	case d.More():
		return "something follows"
	case p.Name == nil || len([]rune(*p.Name)) > 12, p.Age == nil || *p.Age < 0 || *p.Age > 120:
		return "a wrong name or age"
	case p.Likes == nil || len(p.Likes) > 3:
		return "wrong likes"
	}
	for _, l := range p.Likes {
		if !slices.Contains([]string{"bread", "wine", "war"}, l) {
			return "likes " + l
		}
	}
	return ""
}

func TestGrammarHoldsTexts(t *testing.T) {
	for _, device := range devices {
		m := open(t, Options{Backend: device})
		g := schema(t, person)
		for _, p := range []sampling.Params{{}, {Temperature: 1, Seed: 1}, {Temperature: 2, Seed: 2},
			{Temperature: 1, TopK: 5, Seed: 3, RepetitionPenalty: 1.2}} {
			s := session(t, m)
			_, text := collect(t, s, "KING:\n", GenerateOptions{Grammar: g, Sampling: p})
			if wrong := isPerson(text); wrong != "" || s.StopReason() != StopEOS {
				t.Errorf("%s, %+v: %q: %s, stop %q", device, p, text, wrong, s.StopReason())
			}
		}
	}
}

// TestGrammarsTogether has texts with and without grammars in one batch: each is what it is alone.
func TestGrammarsTogether(t *testing.T) {
	for _, device := range devices {
		m := open(t, Options{Backend: device})
		word, err := constrain.Regexp("[a-z]{3,9}( [a-z]{3,9}){2}")
		if err != nil {
			t.Fatal(err)
		}
		options := []GenerateOptions{
			{Grammar: schema(t, person), Sampling: sampling.Params{Temperature: 1, Seed: 4}},
			{MaxTokens: 20, EOS: []int32{}},
			{Grammar: word, Sampling: sampling.Params{Temperature: 1, Seed: 5}},
			{Grammar: word, Sampling: sampling.Params{Temperature: 1, Seed: 6}},
		}
		var reqs []Request
		alone := make([]string, len(options))
		for i := range options {
			_, alone[i] = collect(t, session(t, m), "KING:\n", options[i])
			reqs = append(reqs, Request{Session: session(t, m), Prompt: "KING:\n", Options: &options[i]})
		}
		texts := make([]string, len(options))
		for tok, err := range m.GenerateBatch(context.Background(), reqs) {
			if err != nil {
				t.Fatal(err)
			}
			texts[tok.Index] += tok.Text
		}
		if !slices.Equal(texts, alone) {
			t.Errorf("%s: together %q, alone %q", device, texts, alone)
		}
		for _, i := range []int{2, 3} {
			if !word.Matches(texts[i]) {
				t.Errorf("%s: %q does not match", device, texts[i])
			}
		}
	}
}

// TestGrammarGoesOn cuts a text by a limit, saves the session, and goes on with it in another.
func TestGrammarGoesOn(t *testing.T) {
	m := open(t, Options{Backend: devices[0]})
	o := GenerateOptions{Grammar: schema(t, person), Sampling: sampling.Params{Temperature: 1, Seed: 7}}
	_, whole := collect(t, session(t, m), "KING:\n", o)
	s := session(t, m)
	o.MaxTokens = 5
	ids, text := collect(t, s, "KING:\n", o)
	if s.StopReason() != StopLength {
		t.Fatalf("%q ended early", text)
	}
	n, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := session(t, m)
	if err := other.Restore(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	o.MaxTokens, o.GrammarTokens = 0, len(ids)
	if _, rest := collect(t, other, "", o); text+rest != whole {
		t.Errorf("%q and %q: want %q", text, rest, whole)
	}
	cut := GenerateOptions{Grammar: o.Grammar, Sampling: o.Sampling, Stop: []string{","}}
	before, _, _ := strings.Cut(whole, ",")
	stopped := session(t, m)
	if _, text := collect(t, stopped, "KING:\n", cut); text != before || stopped.StopReason() != StopString {
		t.Errorf("%q, want %q: %s", text, before, stopped.StopReason())
	}
	o.GrammarTokens = len(ids) - 1
	for _, err := range s.Generate(context.Background(), "", &o) {
		if err == nil || !strings.Contains(err.Error(), "token 0 of the grammar's text") {
			t.Errorf("a text that is not the grammar's: %v", err)
		}
	}
}

// TestGrammarWithoutEOS has texts that end where they cannot go on, and nowhere before.
func TestGrammarWithoutEOS(t *testing.T) {
	g, err := constrain.Regexp("(ab|cd){1,9}")
	if err != nil {
		t.Fatal(err)
	}
	for _, device := range devices {
		m := open(t, Options{Backend: device})
		o := GenerateOptions{Grammar: g, Bias: map[int32]float32{m.EOS()[0]: 100}}
		if _, text := collect(t, session(t, m), "KING:\n", o); len(text) != 2 {
			t.Errorf("%s: %q, want one of its words", device, text)
		}
		o.EOS = []int32{}
		s := session(t, m)
		if _, text := collect(t, s, "KING:\n", o); len(text) != 18 || s.StopReason() != StopEOS {
			t.Errorf("%s: %q, ended by %q, want nine words", device, text, s.StopReason())
		}
	}
	none := openWith(t, "generation_config.json", `{"eos_token_id": 99999}`)
	for _, err := range session(t, none).Generate(context.Background(), "KING:\n", &GenerateOptions{Grammar: g}) {
		if !errors.Is(err, ErrNoEOS) {
			t.Errorf("%v, want %v", err, ErrNoEOS)
		}
	}
}

func TestGrammarRefusals(t *testing.T) {
	m := open(t, Options{Backend: devices[0]})
	g := schema(t, person)
	for want, o := range map[string]GenerateOptions{
		"give one of them": {Grammar: g, Allow: func([]int32, Mask) error { return nil }},
		"want 0 or more":   {Grammar: g, GrammarTokens: -1},
		"and it has":       {Grammar: g, GrammarTokens: 1000},
	} {
		for _, err := range session(t, m).Generate(context.Background(), "KING:\n", &o) {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
}
