package server

import (
	"encoding/json"
	"flag"
	"maps"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"falconmamba/engine"
)

// hostile are values that stand in the place of every one that a request has.
var hostile = []string{
	"null", "true", "0", "-1", "1.5", "1e999", "9223372036854775808", strings.Repeat("9", 400), "NaN", "01", `""`, `"\u0000"`,
	`"\ud800"`, "\"\xff\"", `"` + strings.Repeat("é", 2000) + `"`, "[]", "{}", "[null]", "[{}]", `["a"]`, `{"":null}`, `{"$ref":"#"}`,
	`{"type":[]}`, `{"pattern":"("}`, `{"minLength":1e9}`,
	strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), strings.Repeat(`{"a":`, 20_000),
}

// places calls f with v spelled once for each value within it, with a mark in that value's place.
func places(v any, spell func(any) any, f func(any)) {
	f(spell(mark))
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			places(v[key], func(y any) any {
				other := maps.Clone(v)
				other[key] = y
				return spell(other)
			}, f)
		}
	case []any:
		for i, x := range v {
			places(x, func(y any) any {
				other := slices.Clone(v)
				other[i] = y
				return spell(other)
			}, f)
		}
	}
}

var allHostile = flag.Bool("hostile", false, "put every hostile value into every place of a request, and not one of 23")

const mark = "the place of a hostile value"

// Whatever stands anywhere in a request that names the model, the answer is as asked or the client's error, and soon.
func TestHostileValues(t *testing.T) {
	if testing.Short() {
		t.Skip("many requests")
	}
	s, err := New(openModel(t, engine.Options{}), Options{Name: "m", MaxTokens: 1, MaxChoices: 2, RequestTime: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range slices.Sorted(maps.Keys(seedBodies)) {
		for _, seed := range seedBodies[path] {
			var v map[string]any
			if json.Unmarshal([]byte(seed), &v) != nil {
				continue
			}
			v["model"] = "m"
			places(v, func(x any) any { return x }, func(x any) {
				text, _ := json.Marshal(x)
				for _, h := range hostile {
					if n++; n%23 != 0 && !*allHostile {
						continue
					}
					body := strings.Replace(string(text), strconv.Quote(mark), h, 1)
					w := httptest.NewRecorder()
					began := time.Now()
					s.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
					judge(t, path, body, w)
					if took := time.Since(began); took > 10*time.Second {
						t.Errorf("%s %.200q took %v", path, body, took)
					}
				}
			})
		}
	}
}
