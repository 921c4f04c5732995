package constrain

import "testing"

// schemaCases have texts that schemas allow, and others.
var schemaCases = []struct {
	schema    string
	good, bad []string
}{
	{`true`, []string{`1`, `{"a":[1, {"b":null}], "c": "x"}`, `"é\u00e9\n\/"`, `[]`, `{}`, `-0.5e10`},
		[]string{``, `{`, `[1,]`, `{"a":1,}`, `01`, ` 1`, `1 `, `"\ud800"`, "\"\n\"", `{"a" :1}`, `[1,  2]`}},
	{`false`, nil, []string{`1`}},
	{`{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string","maxLength":3}},"required":["a"],
			"additionalProperties":false}`,
		[]string{`{"a":1}`, `{"a": 1, "b": "xyz"}`, `{"a":1,"b":"é€😀"}`, `{"a":-12}`},
		[]string{`{}`, `{"b":"x"}`, `{"a":1.5}`, `{"a":1,"b":"wxyz"}`, `{"b":"x","a":1}`, `{"a":1,"c":2}`, `{"a":1,}`}},
	{`{"type":"object","properties":{"a":{"type":"integer"}}}`,
		[]string{`{}`, `{"a":1}`, `{"a":1,"b":2}`, `{"b":2}`, `{"ab":"x"}`, `{"":1,"b":[]}`},
		[]string{`{"a":"x"}`, `{"b":1,"a":"x"}`, `{"b":1,"a":1}`, `{,}`, `{"\u0061":"x"}`}},
	{`{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":3}`,
		[]string{`[1,2]`, `[1, 2,3]`}, []string{`[]`, `[1]`, `[1,2,3,4]`, `["x",1]`}},
	{`{"type":"array","items":{"enum":["a",1,null]}}`,
		[]string{`[]`, `["a",1,null]`, `["a","a","a","a","a"]`}, []string{`["b"]`}},
	{`{"type":"array","prefixItems":[{"type":"string"},{"type":"null"}],"items":{"type":"boolean"}}`,
		[]string{`[]`, `["x"]`, `["x",null,true,false,true]`}, []string{`[null]`, `["x",1]`, `["x",null,1]`}},
	{`{"type":"array","contains":{"const":5},"items":{"type":"integer"}}`,
		[]string{`[5]`, `[1,5]`, `[5,1,2]`}, []string{`[]`, `[1]`, `["x",5]`}},
	{`{"type":"integer","minimum":-5,"maximum":120}`,
		[]string{`-5`, `0`, `7`, `99`, `100`, `120`}, []string{`-6`, `121`, `200`, `1000`, `-10`, `1.0`}},
	{`{"type":"number","exclusiveMinimum":0,"maximum":1.25}`,
		[]string{`0.1`, `1`, `1.25`, `1.250`, `0.00001`, `1.2`, `1.0`},
		[]string{`0`, `0.0`, `1.26`, `2`, `-1`, `1.2500001`}},
	{`{"type":"number","minimum":-1.5,"exclusiveMaximum":-0.5}`,
		[]string{`-1.5`, `-1`, `-0.6`, `-0.51`, `-1.49`}, []string{`-0.5`, `-1.51`, `0`, `-2`, `1`}},
	{`{"type":"number","multipleOf":0.01}`, []string{`1`, `1.25`, `-3.1`, `0`, `1.250`}, []string{`1.255`}},
	{`{"type":"integer","multipleOf":7,"minimum":10}`, []string{`14`, `70`, `700`}, []string{`7`, `0`, `15`}},
	{`{"type":"string","pattern":"^[a-c]+$","minLength":2,"maxLength":4}`,
		[]string{`"ab"`, `"abca"`}, []string{`"a"`, `"abcab"`, `"abd"`}},
	{`{"type":"string","pattern":"b|^c"}`, []string{`"abc"`, `"c"`, `"b"`, `"cx\n\"q"`}, []string{`"ac"`, `""`}},
	{`{"type":"string","format":"date"}`,
		[]string{`"2024-02-29"`, `"2023-12-31"`}, []string{`"2023-02-29"`, `"2023-13-01"`}},
	{`{"type":"string","format":"date-time"}`,
		[]string{`"2024-02-29T10:00:00Z"`, `"2023-12-31T10:00:00.5+02:00"`}, []string{`"2023-02-28"`, `"2023-03-01T"`}},
	{`{"type":"string","minLength":2}`,
		[]string{`"ab"`, `"\n\u00e9"`, `"abcdefghijkl"`}, []string{`"a"`, `""`, `"\n"`}},
	{`{"anyOf":[{"type":"string"},{"type":"object","properties":{"x":{"$ref":"#"}},"additionalProperties":false}]}`,
		[]string{`"a"`, `{"x":{"x":{"x":"q"}}}`, `{"x":{}}`}, []string{`{"x":1}`}},
	{`{"oneOf":[{"type":"object","required":["a"]},{"type":"object","required":["b"]}]}`,
		[]string{`{"a":1}`, `{"b":1}`}, []string{`{"a":1,"b":1}`, `{}`}},
	{`{"type":"object","oneOf":[{"properties":{"k":{"const":"x"},"v":{"type":"integer"}},"required":["k"]},
			{"properties":{"k":{"const":"y"},"v":{"type":"string"}},"required":["k"]}]}`,
		[]string{`{"k":"x","v":1}`, `{"k":"y","v":"s"}`, `{"k":"x"}`}, []string{`{"k":"x","v":"s"}`, `{"k":"z"}`}},
	{`{"oneOf":[{"type":"integer","minimum":3},{"type":"integer","maximum":5}]}`,
		[]string{`2`, `6`}, []string{`3`, `4`, `5`}},
	{`{"not":{"type":"string"}}`, []string{`1`, `{}`}, []string{`"x"`}},
	{`{"type":"string","not":{"enum":["a","bc"]}}`, []string{`"b"`, `"abc"`, `""`}, []string{`"a"`, `"bc"`}},
	{`{"type":"object","not":{"required":["a"]}}`, []string{`{"b":1}`, `{}`}, []string{`{"a":1}`}},
	{`{"type":"object","if":{"properties":{"t":{"const":1}},"required":["t"]},"then":{"required":["x"]},
			"else":{"required":["y"]}}`,
		[]string{`{"t":1,"x":2}`, `{"t":2,"y":1}`, `{"y":1}`}, []string{`{"t":1,"y":1}`, `{"t":2,"x":1}`, `{}`}},
	{`{"type":"object","patternProperties":{"^x":{"type":"integer"}},"additionalProperties":false}`,
		[]string{`{}`, `{"x":1,"xy":2}`}, []string{`{"x":"s"}`, `{"y":1}`}},
	{`{"type":"object","patternProperties":{"^x":{"type":"integer"}},"properties":{"xa":{"minimum":5}}}`,
		[]string{`{"xa":6,"y":"s"}`, `{"xb":1}`}, []string{`{"xa":1}`, `{"xb":"s"}`, `{"y":1,"xa":3}`}},
	{`{"type":"object","minProperties":1,"maxProperties":2}`,
		[]string{`{"a":1}`, `{"a":1,"b":2}`}, []string{`{}`, `{"a":1,"b":2,"c":3}`}},
	{`{"type":"object","minProperties":2,"properties":{"a":{},"b":{},"c":{}},"additionalProperties":false}`,
		[]string{`{"a":1,"b":2}`, `{"b":1,"c":2}`, `{"a":1,"b":1,"c":2}`}, []string{`{}`, `{"a":1}`, `{"c":1}`}},
	{`{"type":"object","dependentRequired":{"a":["b"]}}`,
		[]string{`{}`, `{"a":1,"b":2}`, `{"b":1}`, `{"q":1}`}, []string{`{"a":1}`, `{"a":1,"c":1}`}},
	{`{"type":"object","propertyNames":{"pattern":"^[a-z]+$"}}`,
		[]string{`{"a":1}`, `{}`}, []string{`{"A":1}`, `{"":1}`}},
	{`{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}}},
			{"properties":{"a":{"minimum":3},"b":{"type":"null"}},"required":["a"]}]}`,
		[]string{`{"a":3}`, `{"a":4,"b":null}`}, []string{`{"a":2}`, `{}`, `{"a":3,"b":1}`}},
	{`{"$defs":{"n":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},
			"required":["next"],"additionalProperties":false}},"$ref":"#/$defs/n"}`,
		[]string{`{"next":{"next":null}}`}, []string{`{}`, `{"next":1}`}},
	{`{"type":"array","uniqueItems":true,"items":{"enum":["a","ab",1,{"x":1}]},"minItems":2}`,
		[]string{`["a","ab"]`, `["ab", 1,"a",{"x":1}]`}, []string{`["a"]`, `["a","a"]`, `[1,"a",1]`, `["a","ab",1,{"x":1},"a"]`}},
	{`{"type":"array","uniqueItems":true,"items":{"type":"string","minLength":1,"maxLength":9}}`,
		[]string{`[]`, `["a"]`, `["a","b", "aa","\""]`}, []string{`["a","a"]`, `["x","a","b","a"]`, `[""]`}},
	{`{"type":"array","uniqueItems":true,"items":{"type":["integer","boolean","string"],"pattern":"^x*$"},"maxItems":4}`,
		[]string{`[1,10,true,false]`, `["","x","xx"]`}, []string{`[1,1]`, `["x","x"]`, `[true,true]`, `[1,2,3,4,5]`}},
	{`{"type":"array","uniqueItems":true,"items":{"type":"number","minimum":0,"maximum":1}}`,
		[]string{`[1,0,0.5,0.25]`}, []string{`[1,1]`, `[1,1.0]`, `[0.5,0.50]`, `[2]`}},
	{`{"type":"array","uniqueItems":true,"items":{"type":"array","uniqueItems":true,"maxItems":1,"items":{"type":"null"}},
		"maxItems":1}`, []string{`[[null]]`, `[[]]`}, []string{`[[],[]]`}},
	{`{"type":"array","items":{"type":"array","uniqueItems":true,"items":{"type":"boolean"}}}`,
		[]string{`[[true],[true,false],[]]`}, []string{`[[true,true]]`, `[[true,false,true]]`}},
	{`{"oneOf":[{"type":"object","properties":{"a":{}},"additionalProperties":false},{"type":"object","properties":{"b":{}},
		"additionalProperties":false},{"enum":["x"]}]}`,
		[]string{`{"a":1}`, `{"b":2}`, `"x"`}, []string{`{}`, `{"a":1,"b":2}`, `{"c":1}`}},
	{`{"oneOf":[{"type":"string","format":"date"},{"type":"string","format":"date-time"},{"type":"string","format":"ipv4"},
		{"type":"string","format":"ipv6"},{"type":"null"}]}`,
		[]string{`"2024-02-29"`, `"2024-02-29T10:00:00Z"`, `"1.2.3.4"`, `"::1"`, `null`}, []string{`"x"`}},
	{`{"type":"string","oneOf":[{"format":"email"},{"maxLength":9}]}`, []string{`"abcdef@gh.example"`, `"abc"`},
		[]string{`"a@b"`, `"\\"x\\"@b"`, `"0123456789"`}},
	{`{"type":"string","not":{"format":"hostname"}}`, []string{`"a b"`}, []string{`"a.b"`}},
	{`{"const":{"a":[1,"x"]}}`, []string{`{"a":[1,"x"]}`, `{"a": [1, "x"]}`}, []string{`{}`}},
	{`{"enum":["a","b",3],"type":"string"}`, []string{`"a"`}, []string{`3`}},
}

func TestSchemas(t *testing.T) {
	for _, c := range schemaCases {
		g, err := JSONSchema([]byte(c.schema))
		if err != nil {
			if len(c.good) > 0 {
				t.Errorf("%s: %v", c.schema, err)
			}
			continue
		}
		for _, s := range c.good {
			if !g.Matches(s) {
				t.Errorf("%s: refuses %s", c.schema, s)
			}
		}
		for _, s := range c.bad {
			if g.Matches(s) {
				t.Errorf("%s: allows %s", c.schema, s)
			}
		}
	}
}
