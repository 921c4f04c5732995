package constrain

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bytesVocab is a small vocabulary: every byte, what JSON has in a row, characters that tokens cut, and behind them an
// eos and another special token.
var bytesVocab, vocabEOS = func() (*Vocab, int32) {
	var tokens [][]byte
	for b := range 256 {
		tokens = append(tokens, []byte{byte(b)})
	}
	for _, s := range []string{`":`, `": `, `, `, `,"`, `", "`, `{"`, `["`, `"}`, `"]`, `}}`, `]}`, `},`, `},{`, `":"`, `":{"`,
		`true`, `false`, `null`, `":[`, `12`, `0.`, `-1`, `.5`, `e+`, `aa`, `abc`, `name`, `"name`, `age"`, `x\n`, `\u00`, `\"`, `é`,
		"é\"", "\xf0\x9f", "\x98\x80", "€", "\xac\"", ` "`, `2024-`, `2024-02-29`, `a@b`, `x","y`, `"a":1`, `"a": 1, "b`} {
		tokens = append(tokens, []byte(s))
	}
	n := len(tokens)
	return newVocab(n+2, func(id int32) []byte {
		if int(id) < n {
			return tokens[id]
		}
		return nil
	}), int32(n)
}()

// writeAny writes a text of random tokens, and checks each mask against what Accept says of every token. It reports
// whether the text came to an end.
func writeAny(t *testing.T, g *Grammar, r *rand.Rand) (string, bool) {
	v := bytesVocab
	m := g.Matcher(v, vocabEOS)
	mask := make([]int32, maskWords(v.size))
	var text []byte
	closers := []byte(`"]}`)
	hard := r.IntN(30)
	for n := range 150 {
		if err := m.Mask(mask); err != nil {
			if errors.Is(err, errAmbiguous) {
				return "", false
			}
			t.Fatal(err)
		}
		var allowed []int32
		for id := range int32(v.size) {
			ok := mask[id>>5]>>(id&31)&1 != 0
			if n == hard || n == 0 { // which takes a while
				c := m.Clone()
				if err := c.Accept(id); (err == nil) != ok {
					t.Fatalf("behind %q: token %q is allowed: %v, Accept: %v", text, v.bytes(id), ok, err)
				}
			}
			if ok {
				allowed = append(allowed, id)
			}
		}
		if len(allowed) == 0 {
			t.Fatalf("nothing is allowed behind %q", text)
		}
		id := allowed[r.IntN(len(allowed))]
		if m.Ends() != (mask[vocabEOS>>5]>>(vocabEOS&31)&1 != 0) {
			t.Fatalf("behind %q: the text may end: %v, and the mask says otherwise", text, m.Ends())
		}
		if m.Ends() && r.IntN(3) == 0 {
			id = vocabEOS
		} else if n > 20 && r.IntN(4) > 0 {
			for _, k := range r.Perm(len(closers)) {
				if c := int32(closers[k]); slices.Contains(allowed, c) {
					id = c
				}
			}
		}
		if err := m.Accept(id); err != nil {
			t.Fatal(err)
		}
		if id == vocabEOS {
			return string(text), true
		}
		text = append(text, v.bytes(id)...)
	}
	return string(text), false
}

// validator is another implementation of JSON schema.
func validator(t *testing.T, source string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(source)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRandomTextsAreValid writes texts by schemas, token by token: each is JSON, and valid by another implementation.
func TestRandomTextsAreValid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, source := range manySchemas {
		g, err := JSONSchema([]byte(source))
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		s := validator(t, source)
		ended := 0
		for range 6 {
			text, done := writeAny(t, g, r)
			if !done {
				continue
			}
			ended++
			if !json.Valid([]byte(text)) {
				t.Errorf("%s: %q is no JSON", source, text)
				continue
			}
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
			if err == nil {
				err = s.Validate(v)
			}
			if err != nil {
				t.Errorf("%s: %q: %v", source, text, err)
			}
			if !g.Matches(text) {
				t.Errorf("%s: %q was written, and does not match", source, text)
			}
		}
		if ended == 0 {
			t.Errorf("%s: no text came to its end", source)
		}
	}
}

// manySchemas are those of TestSchemas, and more that put keywords together.
var manySchemas = append(func() (all []string) {
	for _, c := range schemaCases {
		if len(c.good) > 0 {
			all = append(all, c.schema)
		}
	}
	return all
}(), []string{
	`{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":4},"age":{"type":"integer"}},
		"additionalProperties":{"type":"boolean"},"required":["age"]}`,
	`{"type":["string","null"],"format":"email"}`, `{"type":"string","format":"ipv4"}`, `{"type":"string","format":"ipv6"}`,
	`{"type":"string","format":"uuid"}`, `{"type":"string","format":"time"}`, `{"type":"string","format":"hostname"}`,
	`{"type":"string","format":"uri"}`, `{"type":"string","format":"uri-reference"}`, `{"type":"string","format":"duration"}`,
	`{"type":"string","format":"json-pointer"}`, `{"type":"string","pattern":"^\\p{Lu}\\w*$","maxLength":5}`,
	`{"type":"array","items":{"oneOf":[{"type":"integer","multipleOf":3},{"type":"integer","multipleOf":5},
		{"type":"string","maxLength":2}]},"maxItems":3}`,
	`{"type":"object","properties":{"a":{"enum":[1,2]},"b":{}},"oneOf":[{"required":["a"]},{"required":["b"]},
		{"properties":{"a":{"const":2}},"required":["a","b"]}]}`,
	`{"type":"object","maxProperties":3,"minProperties":2,"properties":{"a":true},"patternProperties":{"^x":{"type":"null"},
		"y$":{"type":"null"}},"additionalProperties":{"type":"integer"}}`,
	`{"type":"object","dependentSchemas":{"a":{"properties":{"b":{"type":"null"}},"required":["b"]}},
		"properties":{"a":{},"b":{}}}`,
	`{"allOf":[{"if":{"type":"string"},"then":{"minLength":3,"maxLength":5},"else":{"type":"integer"}},
		{"not":{"const":"aaa"}}]}`,
	`{"type":"number","not":{"multipleOf":1,"minimum":3}}`, `{"type":"number","not":{"type":"integer"},"maximum":2}`,
	`{"type":"integer","minimum":0,"maximum":99,"not":{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}}`,
	`{"type":"array","uniqueItems":true,"maxItems":3,"items":{"type":"string","pattern":"^[a-d]{20}[a-z]*$"}}`,
	`{"type":"array","prefixItems":[{"type":"integer"}],"items":false,"minItems":1}`,
	`{"type":"array","contains":{"type":"string"},"maxItems":3,"items":{"type":["string","null"],"maxLength":1}}`,
	`{"enum":[{"a":[1,2.50,"x\n"]},[],-0.5,1e2,"\u0001é"]}`, `{"type":"integer","minimum":-1000,"exclusiveMaximum":-7}`,
	`{"type":"number","minimum":0.05,"maximum":123.456,"not":{"const":1}}`,
	`{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"v":{"type":"integer"},"l":{"$ref":"#/$defs/tree"},
		"r":{"$ref":"#/$defs/tree"}},"required":["v"],"additionalProperties":false}}}`,
	`{"anyOf":[{"type":"object","properties":{"name":{"type":"string","maxLength":2}},"additionalProperties":false},
		{"type":"object","properties":{"name":{"type":"integer"}},"additionalProperties":false}],"minProperties":1}`,
}...)

func FuzzJSONSchema(f *testing.F) {
	for _, s := range manySchemas {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, source string, seed uint64) {
		if len(source) > 2000 {
			return
		}
		g, err := JSONSchema([]byte(source))
		if err != nil {
			return
		}
		if text, done := writeAny(t, g, rand.New(rand.NewPCG(seed, 0))); done && !json.Valid([]byte(text)) {
			t.Errorf("%s: %q is no JSON", source, text)
		}
	})
}

func FuzzGBNF(f *testing.F) {
	for _, s := range []string{`root ::= "a" | root2*` + "\nroot2 ::= [b-d]+ (\"x\" root)?", `root ::= (a? "b"?)* "c"` +
		"\na ::= \"a\" a | \"\"", `root ::= "\x41" .{2,3}`} {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, source string, seed uint64) {
		if g, err := GBNF(source); err == nil && len(source) < 500 {
			if text, done := writeAny(t, g, rand.New(rand.NewPCG(seed, 0))); done && !g.Matches(text) {
				t.Errorf("%s: %q was written, and does not match", source, text)
			}
		}
	})
}

func FuzzRegexp(f *testing.F) {
	for _, s := range []string{`^a(b|c)*$`, `[^\s\d]{1,3}|x?`, `\p{L}+\u{1F600}`, `(?:a|(b))+?`} {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, source string, seed uint64) {
		if g, err := Regexp(source); err == nil && len(source) < 200 {
			if text, done := writeAny(t, g, rand.New(rand.NewPCG(seed, 0))); done && !g.Matches(text) {
				t.Errorf("%s: %q was written, and does not match", source, text)
			}
		}
	})
}
