package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestForms writes texts that are held to a schema, a grammar and an expression.
func TestForms(t *testing.T) {
	dir := t.TempDir()
	schema, grammar := filepath.Join(dir, "schema.json"), filepath.Join(dir, "a.gbnf")
	for name, text := range map[string]string{
		schema:  `{"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 4}`,
		grammar: `root ::= ("to be" | "not") " to be"`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	isList := func(text string) bool {
		var list []bool
		return json.Unmarshal([]byte(text), &list) == nil && len(list) >= 2 && len(list) <= 4
	}
	for _, c := range []struct {
		args  []string
		right func(string) bool
	}{
		{[]string{"-j", schema}, isList},
		{[]string{"-jf", schema, "--temp", "1", "-s", "1"}, isList},
		{[]string{"--json-schema", `{"const": [true, false]}`}, isList},
		{[]string{"--grammar-file", grammar}, regexp.MustCompile("^(to be|not) to be$").MatchString},
		{[]string{"--grammar", `root ::= [a-z]{3} root? "!"`, "-n", "400", "-s", "1"},
			regexp.MustCompile("^([a-z]{3})+!+$").MatchString},
		{[]string{"--regex", "[0-9]{4}-[0-9]{2}"}, regexp.MustCompile("^[0-9]{4}-[0-9]{2}$").MatchString},
	} {
		if got := strings.TrimSuffix(ok(t, append(c.args, "-p", "KING:\n")...), "\n"); !c.right(got) {
			t.Errorf("fmgen %q: %q", c.args, got)
		}
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, maxForm+1), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"want one of --json-schema":           {"-j", "{}", "--regex", "a"},
		"$dynamicRef: it is not supported":    {"-j", `{"$dynamicRef": "#"}`},
		whyNot(filepath.Join(dir, "none")):    {"--grammar-file", filepath.Join(dir, "none")},
		"no rule root":                        {"--grammar", "x ::= y"},
		"a ( that is not closed":              {"--regex", "("},
		"ends where that does":                {"--regex", "a", "--ignore-eos"},
		"--grammar-file is empty":             {"--grammar-file", ""},
		"JSON schema: the schema: type: want": {"-j", `{"type": "strin"}`},
		"large: more than 16777216 bytes":     {"-jf", large},
		"the schema: minItems: 1000000000":    {"-j", `{"type": "array", "minItems": 1000000000}`},
	} {
		if o := fmgen(t, "", append(args, "-p", "x")...); o.status == 0 || !strings.Contains(o.stderr, want) {
			t.Errorf("fmgen %q: status %d, %q, want %q", args, o.status, o.stderr, want)
		}
	}
}
