package jinja

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"
)

// A goldenCase is one of testdata/make_golden.py.
type goldenCase struct {
	Name                string
	Template            string
	Messages            []json.RawMessage
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
	text, err := os.ReadFile("testdata/golden.json")
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

func (c goldenCase) context(t testing.TB) Context {
	t.Helper()
	list := func(raw []json.RawMessage) []any {
		all := make([]any, len(raw))
		for i, v := range raw {
			all[i] = v
		}
		return all
	}
	vars := map[string]any{"messages": list(c.Messages), "tools": nil, "documents": nil,
		"add_generation_prompt": c.AddGenerationPrompt}
	if c.Tools != nil {
		vars["tools"] = list(c.Tools)
	}
	if c.BOS != "" {
		vars["bos_token"] = c.BOS
	}
	if c.EOS != "" {
		vars["eos_token"] = c.EOS
	}
	for k, v := range c.Vars {
		vars[k] = v
	}
	now := time.Date(2024, 7, 9, 15, 4, 5, 0, time.UTC)
	out := Context{Vars: map[string]Value{}, Now: func() time.Time { return now }}
	for k, v := range vars {
		x, err := ValueOf(v, 0)
		if err != nil {
			t.Fatal(err)
		}
		out.Vars[k] = x
	}
	return out
}

// Everything is as jinja2 has it, or fails where jinja2 does.
func TestGolden(t *testing.T) {
	for _, c := range goldenCases(t) {
		got := ""
		template, err := Parse(c.Template)
		if err == nil {
			var segments []Segment
			segments, err = template.Render(t.Context(), c.context(t))
			for _, s := range segments {
				got += s.Text
			}
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
