package constrain

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCompilingIsBounded has schemas and grammars that a client might think of to keep a server busy. Each is taken or
// refused in a second or two of the processor.
func TestCompilingIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	list := func(n int, sep string, of func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = of(i)
		}
		return strings.Join(parts, sep)
	}
	number := func(i int) string { return fmt.Sprint(i) }
	schema := func(s string) func() error {
		return func() error { _, err := JSONSchema([]byte(s)); return err }
	}
	gbnf := func(s string) func() error {
		return func() error { _, err := GBNF(s); return err }
	}
	for name, compile := range map[string]func() error{
		"braces":    schema(`{"pattern":"` + strings.Repeat("{", 1<<14) + `"}`),
		"states":    schema(`{"pattern":"(a|b)*a(a|b){30}"}`),
		"letters":   schema(`{"pattern":"` + strings.Repeat(`\\p{L}`, 2000) + `"}`),
		"patterns":  schema(`{"allOf":[` + list(300, ",", func(i int) string { return fmt.Sprintf(`{"pattern":"a.{%d}b"}`, i) }) + `]}`),
		"lengths":   schema(`{"pattern":"^([a-z]+-)*$","maxLength":1000000000,"minLength":100000}`),
		"unique":    schema(`{"type":"array","uniqueItems":true,"items":{"pattern":"^([a-d]{30}){30}.*$","type":"string"}}`),
		"enum":      schema(`{"enum":[` + list(100000, ",", number) + `]}`),
		"enums":     schema(`{"allOf":[{"enum":[` + list(20000, ",", number) + `]},{"enum":[` + list(20001, ",", number) + `]}]}`),
		"multiples": schema(`{"allOf":[{"enum":[` + list(20000, ",", number) + `]},{"multipleOf":4093},{"multipleOf":4091}]}`),
		"required":  schema(`{"required":["` + list(50000, `","`, number) + `"]}`),
		"properties": schema(`{"allOf":[` + list(20, ",", func(i int) string {
			return `{"properties":{` + list(2000, ",", func(k int) string { return fmt.Sprintf(`"%d-%d":{}`, i, k) }) + `}}`
		}) + `]}`),
		"anyOf": schema(`{"allOf":[` + list(40, ",", func(i int) string {
			return fmt.Sprintf(`{"anyOf":[{"required":["a%d"]},{"required":["b%d"]}]}`, i, i)
		}) + `]}`),
		"oneOf": schema(`{"oneOf":[` + list(200, ",", func(i int) string { return fmt.Sprintf(`{"required":["a%d"]}`, i) }) + `]}`),
		"not":   schema(strings.Repeat(`{"not":{"properties":{"a":`, 200) + `{"type":"null"}` + strings.Repeat(`}}}`, 200)),
		"deep":  schema(strings.Repeat(`{"items":`, 900) + `{}` + strings.Repeat(`}`, 900)),
		"items": schema(`{"type":"array","minItems":1000000000,"items":{}}`),
		"counts": schema(`{"minProperties":1000000,"properties":{` + list(500, ",", func(i int) string {
			return fmt.Sprintf(`"p%d":{}`, i)
		}) + `}}`),
		"refs": schema(`{"$defs":{` + list(3000, ",", func(i int) string {
			return fmt.Sprintf(`"d%d":{"anyOf":[{"$ref":"#/$defs/d%d"},{"type":"null"}]}`, i, (i+1)%3000)
		}) + `},"$ref":"#/$defs/d0"}`),
		"not enum":       schema(`{"not":{"enum":[` + list(20000, ",", number) + `]}}`),
		"a long literal": gbnf(`root ::= "` + strings.Repeat(`\x41`, 500000) + `"`),
		"nothing twice": gbnf("root ::= a0 \"x\"\n" + list(60, "\n", func(i int) string { return fmt.Sprintf("a%d ::= a%d a%d", i, i+1, i+1) }) +
			"\na60 ::= \"\""),
		"nothing often": gbnf(`root ::= ((((""{10000}){10000}){10000}){10000}){10000} "x"`),
		"a chain": gbnf("root ::= r0 \"x\" root?\n" + list(2000, "\n", func(i int) string {
			return fmt.Sprintf("r%d ::= (r%d root \"y\")?", i, (i+1)%2000)
		})),
		"twice": gbnf("root ::= a0\n" + list(40, "\n", func(i int) string { return fmt.Sprintf("a%d ::= a%d a%d", i, i+1, i+1) }) +
			"\na40 ::= \"x\""),
	} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			began := threadTime()
			err := compile()
			took := threadTime() - began
			t.Log(took, err)
			if took > 6*time.Second { // where other programs share the caches too
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestMasksAreBounded has grammars whose texts can go on in very many ways. A mask takes little, or is an error.
func TestMasksAreBounded(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyz\" "
	var tokens [][]byte
	for _, a := range letters {
		tokens = append(tokens, []byte{byte(a)})
		for _, b := range letters {
			for _, c := range letters {
				tokens = append(tokens, []byte{byte(a), byte(b), byte(c)})
			}
		}
	}
	tokens = append(tokens, []byte("{"))
	for r := rand.New(rand.NewPCG(1, 2)); len(tokens) < 1<<15; {
		long := make([]byte, 12)
		for i := range long {
			long[i] = letters[r.IntN(26)]
		}
		tokens = append(tokens, long)
	}
	vocab := newVocab(len(tokens), func(id int32) []byte { return tokens[id] })
	patterns := make([]string, 900)
	for i := range patterns {
		patterns[i] = fmt.Sprintf(`{"type":"string","pattern":"^[a-z ]{%d,999}$"}`, i)
	}
	for name, c := range map[string]struct {
		gbnf, schema, text string
		err                error
	}{
		"itself within":   {gbnf: "root ::= (a root)*\na ::= [a-z]{1,20}", text: "aaaa", err: errMask},
		"two ways":        {gbnf: "root ::= a root | b root | \"z\"\na ::= [a-z]+ [b-y]?\nb ::= [a-z] [a-z]?", text: "abcabcab", err: errMask},
		"many properties": {schema: `{"properties":{` + manyProperties(3000) + `}}`, text: `{"p`},
		"many patterns":   {schema: `{"anyOf":[` + strings.Join(patterns, ",") + `]}`, text: `"hello`, err: errAny},
	} {
		t.Run(name, func(t *testing.T) {
			var g *Grammar
			var err error
			if c.gbnf != "" {
				g, err = GBNF(c.gbnf)
			} else {
				g, err = JSONSchema([]byte(c.schema))
			}
			if err != nil {
				if c.err != errAny {
					t.Fatal(err)
				}
				return
			}
			m := g.Matcher(vocab)
			mask := make([]int32, maskWords(vocab.Size()))
			for _, b := range []byte(c.text) {
				began := threadTime()
				err := m.Mask(mask)
				if took := threadTime() - began; took > 5*time.Second {
					t.Fatalf("a mask took %v (%v)", took, err)
				}
				if err != nil {
					if c.err != errAny && err != c.err {
						t.Errorf("error %v, want %v", err, c.err)
					}
					return
				}
				id := slices.IndexFunc(tokens, func(of []byte) bool { return string(of) == string(b) })
				if err := m.Accept(int32(id)); err != nil {
					t.Fatalf("%q is not accepted: %v", b, err)
				}
			}
			if c.err != nil && c.err != errAny {
				t.Errorf("no error, want %v", c.err)
			}
		})
	}
}

// errAny is any error, or none.
var errAny = errors.New("any")

func manyProperties(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"p%d":{}`, i)
	}
	return strings.Join(all, ",")
}
