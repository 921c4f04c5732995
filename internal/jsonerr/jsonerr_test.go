package jsonerr

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	type inner struct {
		IDs []int32 `json:"ids"`
		On  bool    `json:"on"`
	}
	for text, want := range map[string]string{
		`[]`:              "it is a JSON array, want an object",
		`{"ids":"x"}`:     "ids is a JSON string, want an array",
		`{"ids":[1.5]}`:   "ids is a JSON number 1.5, want a whole number",
		`{"ids":[99e99]}`: "ids is a JSON number 99e99, want a whole number",
		`{"on":{}}`:       "on is a JSON object, want a boolean",
		`{"on":`:          "unexpected end of JSON input",
	} {
		var v inner
		err := Plain(json.Unmarshal([]byte(text), &v))
		if err == nil || err.Error() != want || strings.Contains(err.Error(), "Go ") {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	if err := Plain(nil); err != nil {
		t.Errorf("of no error came %v", err)
	}
}
