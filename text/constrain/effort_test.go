package constrain

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestCompilingIsBounded has schemas and grammars that a client might think of to keep a server busy. Each is taken or
// refused in seconds, on a machine that does something else too.
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
			began := time.Now()
			err := compile()
			took := time.Since(began)
			t.Log(took, err)
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
