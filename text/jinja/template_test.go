package jinja

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// conversation is a Context as package chat makes it: role and content of each message, from the
// source that is its index.
func conversation(contents ...string) Context {
	c := Context{Vars: map[string]Value{}}
	var turns []Value
	for i, content := range contents {
		role := String([]string{"user", "assistant"}[i%2], i)
		turns = append(turns, Dict(Item{"role", role}, Item{"content", String(content, i)}))
	}
	c.Vars["messages"] = List(turns...)
	return c
}

// However a template slices and joins it, a value's text keeps its source.
func TestSources(t *testing.T) {
	tools, err := ValueOf([]any{json.RawMessage(`{"name":"<f>"}`)}, 7)
	if err != nil {
		t.Fatal(err)
	}
	c := conversation("  <a>|B b|<a>\n", "x")
	c.Vars["tools"] = tools
	c.Vars["v"] = String("v", 7)
	for _, tc := range []struct {
		template string
		want     []Segment
	}{
		{"[{{ messages[0].content | trim }}]", []Segment{{"[", -1}, {"<a>|B b|<a>", 0}, {"]", -1}}},
		{"{{ '<' ~ messages[0].content[2:5] ~ '>' }}", []Segment{{"<", -1}, {"<a>", 0}, {">", -1}}},
		{"{{ messages[0].content.split('|') | join('|') }}",
			[]Segment{{"  <a>", 0}, {"|", -1}, {"B b", 0}, {"|", -1}, {"<a>\n", 0}}},
		{"{{ messages[0].content.replace('<a>', '<c>') }}",
			[]Segment{{"  ", 0}, {"<c>", -1}, {"|B b|", 0}, {"<c>", -1}, {"\n", 0}}},
		{"{{ messages[1].content * 2 ~ messages[0].role }}", []Segment{{"xx", 1}, {"user", 0}}},
		{"{{ (messages[1].content + 'y') | upper }}", []Segment{{"X", 1}, {"Y", -1}}},
		{"{{ [messages[1].content] | tojson }}", []Segment{{`["x"]`, 1}}},
		{"{{ [messages[1].content] }}", []Segment{{"[", -1}, {"'x'", 1}, {"]", -1}}},
		{"{% set x %}a{{ messages[1].content }}{% endset %}{{ x[::-1] }}", []Segment{{"x", 1}, {"a", -1}}},
		{"{% macro m(a) %}{{ a }}.{% endmacro %}{{ m(messages[1].content) }}", []Segment{{"x", 1}, {".", -1}}},
		{"{% for c in messages[0].content %}{{ c if c == 'B' }}{% endfor %}", []Segment{{"B", 0}}},
		{"{{ messages[0].content | reverse }}", []Segment{{"\n>a<|b B|>a<  ", 0}}},
		{"{{ messages | map(attribute='role') | sort | join }}", []Segment{{"assistant", 1}, {"user", 0}}},
		{"{{ tools[0].name ~ v }}", []Segment{{"<f>v", 7}}},
		{"{{ tools | tojson }}", []Segment{{`[{"name": "<f>"}]`, 7}}},
		{"{{ messages[1].content | indent(2, true) }}", []Segment{{"  ", -1}, {"x", 1}}},
		{"{{ messages[0].content.partition('|')[2].splitlines()[0].title() }}", []Segment{{"B B|<A>", 0}}},
	} {
		template, err := Parse(tc.template)
		if err != nil {
			t.Errorf("%s: %v", tc.template, err)
			continue
		}
		got, err := template.Render(t.Context(), c)
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s:\ngot  %v, %v\nwant %v", tc.template, got, err, tc.want)
		}
	}
}

// Errors name the line and what is wrong there.
func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		template, want string
		line           int
	}{
		{"a\n{{ x | xmlattr }}", "filter xmlattr is not supported", 2},
		{"a\n\n{% include 'x' %}", "statement include is not supported", 3},
		{"{{ x is filter }}", "test filter is not supported", 1},
		{"{% for x in y recursive %}{% endfor %}", "recursive loops are not supported", 1},
		{"{{ f(*x, *y) }}", "a second * in a call", 1},
		{"{{ lipsum(1) }}", "lipsum is called, but there is no such function here", 1},
		{"{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}", "macro m has no parameter caller", 1},
		{"{{ raise_exception('\x1b[2J') }}", "\uFFFD[2J", 1},
		{"{{ raise_exception('ab' * 9999) }}", "ab …", 1},
		{"{% if a %}\n{% if b %}\n{% endif %}\n", "endif is missing", 1},
		{"{% if a %}{% endfor %}", "statement endfor is not supported", 1},
		{"{{ 'a' % 1 }}", "% on a string is not supported", 1},
		{"\n{{ messages[0].content.format(1) }}", "format is called", 2},
		{"{{ messages.append(1) }}", "append is called", 1},
		{"{{ raise_exception('no\n such role') }}", "no such role", 1},
		{"{{ 99999999999999999999 }}", "is too large", 1},
		{"{{ 9223372036854775807 + 1 }}", "a number is too large", 1},
		{"{{ 2 ** 64 }}", "a number is too large", 1},
		{"{{ strftime_now('%Q') }}", "%Q is not supported", 1},
		{"{{ 'x' | tojson(ensure_ascii=true) }}", "ensure_ascii is not supported", 1},
		{"{{ [1] | map('nope') | list }}", "filter nope is not supported", 1},
		{"{{ loop.index }}", "loop is undefined", 1},
		{"{% for x in [1] %}{{ loop.nope }}{% endfor %}", "loop.nope is not supported", 1},
		{strings.Repeat("{{ x }}", maxSource/4), "too many for a template", 1},
	} {
		template, err := Parse(tc.template)
		if err == nil {
			_, err = template.Render(t.Context(), conversation(""))
		}
		var e *Error
		if !errors.As(err, &e) || e.Line != tc.line || !strings.Contains(e.Text, tc.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: got %v, want %q in line %d", tc.template, err, tc.want, tc.line)
		}
	}
}

// hang is what no template takes. The charge by bytes is what bounds its work, to a second of an
// idle processor; a busy one under the race detector has taken seven.
const hang = time.Minute

// Whatever is done with a long text again and again is refused within a second, and before it
// takes much memory.
func TestWorkIsChargedByBytes(t *testing.T) {
	long := `{% set p = "BBBBBBBB" * 100000 %}{% set x = "AAAAAAA " * 1700000 %}{% set d = {"a": 1} %}` +
		`{% for i in range(100000) %}{% if EXPR %}{% endif %}{% endfor %}`
	exprs := textExpressions()
	for _, e := range exprs {
		template, err := Parse(strings.ReplaceAll(long, "EXPR", e))
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err = template.Render(t.Context(), conversation("content"))
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%s: %v", e, err)
		}
		if took > hang || after.TotalAlloc-before.TotalAlloc > 200<<20 {
			t.Errorf("%s: %v, %d MB", e, took, (after.TotalAlloc-before.TotalAlloc)>>20)
		}
	}
	// What is charged for each, so that no text is just long enough to be cheap.
	const bytes = 100_000
	charged := func(e string) (steps int) {
		source := fmt.Sprintf(`{%% set p = "B" %%}{%% set x = "AAAAAAA " * %d %%}{%% set d = {"a": 1} %%}{%% if %s %%}{%% endif %%}`,
			bytes/8, e)
		template, err := Parse(source)
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		r := newRenderer(t.Context(), conversation("content"))
		before := r.steps
		defer func() {
			if recover() != nil { // it is refused as too long: x.strip(x), of many letters to strip
				steps = before
			}
		}()
		r.body(template.body)
		return before - r.steps
	}
	for _, e := range exprs {
		if strings.HasPrefix(e, "range") {
			continue
		}
		if got := charged(e) - charged("x"); got < bytes/64 {
			t.Errorf("%s of %d bytes is charged %d", e, bytes, got)
		}
	}
}

// textExpressions go through the text x.
func textExpressions() []string {
	exprs := []string{`x | int`, `x | float`, `x is lower`, `x is upper`, `d[x]`, `x in d`, `d.get(x)`, `{x: 1}`, `dict([[x, 1]])`, `[x, x] | unique | list`,
		`x.strip("A ")`, `x | trim("A ")`, `x.strip(x)`, `x[5]`, `x[1:]`, `x[::-1]`, `x | list`, `x | first`, `x | escape`,
		`x | tojson`, `x | title`, `x | upper`, `x | sort`, `[x, x] | sort`, `[x, x] | min`, `x.split("A")`, `x.rsplit("A", 9)`,
		`x | replace("A", "BB")`, `x | indent`, `x | length > 0 and x.count("b")`, `x.startswith(x)`, `x ~ x`, `x == x`, `x < x`,
		`"b" in x`, `range(100000) | list | tojson(separators=[p, p])`, `[x] | string`, `x | reverse`, `x.join([x, x])`}
	for name := range textMethods {
		switch name {
		case "split", "startswith", "endswith", "removeprefix", "removesuffix", "index", "join", "replace":
		case "count", "find", "rfind", "partition", "rpartition":
			exprs = append(exprs, "x."+name+"('b')")
		default:
			exprs = append(exprs, "x."+name+"()")
		}
	}
	return append(exprs, "x.split()", "x.endswith('b')", "x.removeprefix('b')", "x.replace('b', '')")
}

// No template goes on for ever, or fills the memory or the stack.
func TestLimits(t *testing.T) {
	nest := func(open, in, end string, n int) string { return strings.Repeat(open, n) + in + strings.Repeat(end, n) }
	for name, template := range map[string]string{
		"loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% " +
			"endfor %}{% endfor %}{% endfor %}",
		"doubling text": "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% " +
			"endfor %}",
		"repeated text":    "{{ 'ab' * 9999999999 }}",
		"repeated content": "{{ messages[0].content * 99999999 }}",
		"doubling lists": "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% " +
			"endfor %}",
		"shared lists": "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% " +
			"endfor %}{{ n.x }}",
		"compared lists": "{% set n = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] " +
			"%}{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}",
		"deep lists": "{% set n = namespace(x=[1]) %}{% for i in range(9999) %}{% set n.x = [n.x] %}{% endfor " +
			"%}{{ n.x | tojson }}",
		"deep lists, order": "{% set n = namespace(x=[1]) %}{% for i in range(9999) %}{% set n.x = [n.x] %}{% endfor " +
			"%}{{ n.x < n.x }}",
		"replacing": "{% set n = namespace(x='aaaa') %}{% for i in range(99) %}{% set n.x = n.x.replace('a', " +
			"'aaaa') %}{% endfor %}",
		"joining": "{% set n = namespace(x='aaaa') %}{% for i in range(99) %}{% set n.x = n.x.join(['a', " +
			"'b', 'c', 'd']) %}{% endfor %}",
		"indenting": "{% set n = namespace(x='\n\n') %}{% for i in range(99) %}{% set n.x = " +
			"n.x.replace('\n', '\n\n') | indent(1000, blank=true) %}{% endfor %}",
		"writing": "{% set x = 'abcdefgh' * 999999 %}{% for i in range(99999) %}{{ x }}{% endfor %}",
		"a macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
		"two macros": "{% macro a() %}{{ b() }}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro " +
			"%}{{ a() }}",
		"many calls":   "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(90) }}",
		"parentheses":  "{{ " + nest("(", "1", ")", 100_000) + " }}",
		"brackets":     "{{ " + nest("[", "1", "]", 100_000) + " }}",
		"signs":        "{{ " + nest("- ", "1", "", 100_000) + " }}",
		"nots":         "{{ " + nest("not ", "1", "", 100_000) + " }}",
		"a long sum":   "{{ " + nest("1+", "1", "", 100_000) + " }}",
		"a long path":  "{{ x" + nest(".x", "", "", 100_000) + " }}",
		"many filters": "{{ x" + nest("|trim", "", "", 100_000) + " }}",
		"choices":      "{{ " + nest("1 if x else ", "1", "", 50_000) + " }}",
		"ifs":          nest("{% if 1 %}", "x", "{% endif %}", 30_000),
		"elifs":        "{% if 1 %}" + nest("{% elif 1 %}", "", "", 30_000) + "{% endif %}",
		"powers":       "{{ 9 ** 9 ** 9 ** 9 }}",
		"range":        "{{ range(999999999999) }}",
	} {
		start := time.Now()
		p, err := Parse(template)
		if err == nil {
			_, err = p.Render(t.Context(), conversation("content"))
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if d := time.Since(start); d > hang {
			t.Errorf("%s took %v", name, d)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	template, err := Parse("{% set ns = namespace(n=0) %}{% macro m() %}{{ ns.n }}{% endmacro %}{% for m in messages " +
		"%}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			got, err := template.Render(t.Context(), conversation(make([]string, i)...))
			if want := []Segment{{string(rune('0' + i)), FromTemplate}}; err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
		})
	}
	wg.Wait()
}

func FuzzTemplate(f *testing.F) {
	for _, c := range goldenCases(f) {
		f.Add(c.Template, "content")
	}
	f.Fuzz(func(t *testing.T, source, content string) {
		if len(source) > 4096 {
			return
		}
		template, err := Parse(source)
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		contents := []string{content, "yes"}
		start := time.Now()
		segments, err := template.Render(t.Context(), conversation(contents...))
		if took := time.Since(start); took > hang {
			t.Errorf("%q ran for %v", source, took)
		}
		if _, ok := err.(*Error); err != nil && !ok {
			t.Fatalf("%T: %v", err, err)
		}
		for i, s := range segments {
			if s.Text == "" || s.Source < FromTemplate || s.Source >= len(contents) || i > 0 &&
				s.Source == segments[i-1].Source {
				t.Fatalf("%q: segments %v", source, segments)
			}
		}
	})
}

// A template that runs as long as it may ends when it is told to.
func TestRenderIsInterrupted(t *testing.T) {
	template, err := Parse("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := template.Render(ctx, conversation("content")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
