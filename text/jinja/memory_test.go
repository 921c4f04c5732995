package jinja

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

// A template has 50 MB: what it holds, and as much again that is not collected yet.
const mostHeld = 25 << 20

func heap() (live, total int64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.TotalAlloc)
}

// errTooMuch ends a template that nothing else has ended.
var errTooMuch = errors.New("it holds far too much memory, and is not ended by that")

// bounded returns a context that ends when the program holds far more than a template may, before the machine has no
// more.
func bounded(t *testing.T) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	t.Cleanup(func() { cancel(nil) })
	held := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(held)
	before := held[0].Value.Uint64()
	go func() {
		for ctx.Err() == nil {
			if metrics.Read(held); held[0].Value.Uint64() > before+40*mostHeld {
				cancel(errTooMuch)
			}
			time.Sleep(2 * time.Millisecond)
		}
	}()
	return ctx
}

// causeOf is the cause of an error that comes of the end of a context.
func causeOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Whatever a template keeps for as long as it may, it does not hold much memory when it is ended.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds, and more of them under the race detector, which it tells nothing")
	}
	many := func(e string) string { return "[" + strings.Repeat(e+",", 200) + "]" }
	for _, e := range []string{
		"x ~ i", many("1 ~ 2"), many("x[1:2]"), "messages[0].content ~ 'a'", // texts
		many("[]"), many("{}"), "{i: i}", many("namespace(a=1)"), "range(100000)", // lists and mappings
		"x | list", "messages[0].content | list", "x.split('a')", "('\n' * 1000).splitlines()", "range(1000) | unique | list",
		many("x.strip"), many("joiner()"), many("cycler(1)"), many("x | map('upper')"), many("nothing"), // others
	} {
		p, err := Parse("{% set x = 'abcdefgh' * 12000 %}{% set n = namespace(x=[]) %}{% for i in range(9999) %}" +
			"{% for j in range(9999) %}{% macro m() %}{% endmacro %}{% set n.x = [n.x, " + e + "] %}{% endfor %}{% endfor %}")
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		before, _ := heap()
		ctx := bounded(t)
		r := newRenderer(ctx, conversation("content"))
		err = func() (err error) {
			defer catch(&err)
			r.body(p.body)
			return nil
		}()
		err = causeOf(ctx, err)
		if err == nil || !strings.Contains(err.Error(), "too much text") {
			t.Errorf("%s: error %v", e, err)
		}
		after, _ := heap()
		if held := after - before; held > mostHeld {
			t.Errorf("%.40s: %d MB are held, want at most %d", e, held>>20, mostHeld>>20)
		}
		runtime.KeepAlive(r) // with the scopes in which it was ended
	}
}

// Nor does a single step make much text at once, however it comes to be: what is made, and what that is copied
// from while it becomes longer, stays below what a template has.
func TestTextIsChargedBeforeItIsMade(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, and more of them under the race detector, which it tells nothing")
	}
	nested := func(e string) string {
		return "{% set n = namespace(x=[" + e + "]) %}{% for i in range(22) %}{% set n.x = [n.x, n.x] %}{% endfor %}"
	}
	thirty := "[" + strings.Repeat("x,", 30) + "]"
	for _, source := range []string{
		nested("1.2345678901234567") + "{{ n.x | tojson | length }}",
		nested("1.2345678901234567") + "{{ n.x | string | length }}",
		nested("none") + "{{ n.x | tojson | length }}",
		`{% set p = "BBBBBBBB" * 1000 %}{{ range(100000) | list | tojson(separators=[p, p]) | length }}`,
		`{% set x = '\x01' * 1000000 %}{{ ` + thirty + ` | tojson | length }}`,
		`{% set x = '\x01' * 1000000 %}{{ ` + thirty + ` | string | length }}`,
		`{% set x = '\u0378' * 1000000 %}{{ ` + thirty + ` | string | length }}`,
		`{% set x = 'a' * 1000000 %}{{ ` + thirty + ` | join | length }}`,
		`{% set x = '&' * 1000000 %}{% for i in ` + thirty + ` %}{{ x | e | e | e | length }}{% endfor %}`,
		`{{ ('&' * 12000000) | e | length }}`,
		`{{ ('a' * 3000) | replace('a', 'b' * 10000) | length }}`,
		`{{ ('a\n' * 30000) | indent(1000) | length }}`,
		`{% set n = namespace(x='a' * 1000) %}{% for i in range(18) %}{% set n.x = n.x ~ n.x %}{% endfor %}`,
		`{{ range(100000) | list | tojson(indent=64) | length }}` + nested("1") + `{{ n.x | tojson(indent=64) | length }}`,
	} {
		p, err := Parse(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		_, before := heap()
		ctx := bounded(t)
		_, err = p.Render(ctx, Context{})
		err = causeOf(ctx, err)
		if err == nil || !strings.Contains(err.Error(), "too much text") {
			t.Errorf("%s: error %v", source, err)
		}
		// Go lets the heap grow to twice of what is in use, so all that was ever made counts double at worst.
		if _, after := heap(); after-before > 2*mostHeld {
			t.Errorf("%s: rendering took %d MB, want at most %d", source, (after-before)>>20, 2*mostHeld>>20)
		}
	}
}

// The longest templates take 100 MB at most when they are parsed, nearly all of it garbage.
func TestMemoryOfParsing(t *testing.T) {
	for _, unit := range []string{
		"{{a}}", "{{[[],[],[],[]]}}", "{{a+a+a}}", "{{a()}}", "{{a|e|e|e}}", "{{[1,1,1,1,1,1,1,1]}}", "{{{}}}",
		"{% for a in a %}{% endfor %}", "a{#b#}",
	} {
		source := strings.Repeat(unit, maxSource/len(unit))
		_, before := heap()
		if _, err := Parse(source); err != nil {
			t.Fatalf("%s: %v", unit, err)
		}
		if _, after := heap(); after-before > 4*mostHeld {
			t.Errorf("%s: parsing took %d MB, want at most %d", unit, (after-before)>>20, 4*mostHeld>>20)
		}
	}
}
