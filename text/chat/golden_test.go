package chat

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"
)

// A goldenCase is one of text/jinja/testdata/make_golden.py.
type goldenCase struct {
	Name                string
	Template            string
	Messages            []map[string]json.RawMessage
	Tools               []json.RawMessage
	AddGenerationPrompt bool   `json:"add_generation_prompt"`
	BOS                 string `json:"bos_token"`
	EOS                 string `json:"eos_token"`
	Vars                map[string]json.RawMessage
	Want                *string
	Error               string
}

func goldenCases(t testing.TB) (all []goldenCase) {
	t.Helper()
	text, err := os.ReadFile("../jinja/testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (c goldenCase) input(t testing.TB) ([]Message, Options) {
	t.Helper()
	o := Options{AddGenerationPrompt: c.AddGenerationPrompt, BOS: c.BOS, EOS: c.EOS, Vars: map[string]any{},
		Now: func() time.Time { return time.Date(2024, 7, 9, 15, 4, 5, 0, time.UTC) }}
	for k, v := range c.Vars {
		o.Vars[k] = v
	}
	for _, tool := range c.Tools {
		o.Tools = append(o.Tools, tool)
	}
	var messages []Message
	for _, fields := range c.Messages {
		m := Message{Fields: map[string]any{}}
		for k, v := range fields {
			to := map[string]*string{"role": &m.Role, "content": &m.Content}[k]
			if to == nil {
				m.Fields[k] = v
			} else if err := json.Unmarshal(v, to); err != nil {
				t.Fatal(err)
			}
		}
		messages = append(messages, m)
	}
	return messages, o
}

// Conversations become what transformers makes of them, or fail where jinja2 does.
func TestGolden(t *testing.T) {
	for _, c := range goldenCases(t) {
		messages, o := c.input(t)
		got := ""
		template, err := Parse(c.Template)
		if err == nil {
			got, err = template.Apply(t.Context(), messages, o)
		}
		switch {
		case c.Want == nil && err == nil:
			t.Errorf("%s:\ngot  %q\nwant an error such as %s", c.Name, got, c.Error)
		case c.Want != nil && err != nil:
			t.Errorf("%s:\ngot  %v\nwant %q", c.Name, err, *c.Want)
		case c.Want != nil && got != *c.Want:
			t.Errorf("%s:\ngot  %q\nwant %q", c.Name, got, *c.Want)
		}
	}
}
