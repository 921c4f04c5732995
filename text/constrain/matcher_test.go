package constrain

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// bit reports whether a mask allows a token.
func bit(mask []int32, id int32) bool { return mask[id>>5]>>(id&31)&1 != 0 }

func mustSchema(t *testing.T, source string) *Grammar {
	t.Helper()
	g, err := JSONSchema([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestMatcher goes on, back, and on again, beside a clone.
func TestMatcher(t *testing.T) {
	g := mustSchema(t, `{"enum": ["name", "nine", "age"]}`)
	m := g.Matcher(bytesVocab, vocabEOS)
	mask := make([]int32, maskWords(bytesVocab.size))
	token := func(s string) int32 {
		for id := range int32(bytesVocab.size) {
			if string(bytesVocab.bytes(id)) == s {
				return id
			}
		}
		t.Fatalf("no token %q", s)
		return 0
	}
	allowed := func(m *Matcher) string {
		if err := m.Mask(mask); err != nil {
			t.Fatal(err)
		}
		var list []string
		for id := range int32(bytesVocab.size) {
			if bit(mask, id) {
				list = append(list, string(bytesVocab.bytes(id)))
			}
		}
		slices.Sort(list)
		return strings.Join(list, "|")
	}
	accept := func(m *Matcher, s string) {
		t.Helper()
		if err := m.Accept(token(s)); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	}
	want := func(m *Matcher, list string) {
		t.Helper()
		if got := allowed(m); got != list {
			t.Errorf("behind %d tokens: %q, want %q", m.Len(), got, list)
		}
	}
	want(m, `"|"name`)
	accept(m, `"`)
	want(m, `a|age"|n|name`)
	c := m.Clone()
	accept(m, "n")
	want(m, "a|i")
	if err := m.Accept(token("b")); err != ErrRefused || m.Len() != 2 {
		t.Errorf("%v", err)
	}
	accept(c, `age"`)
	want(c, "") // an eos, which has no bytes
	if !bit(mask, vocabEOS) || bit(mask, vocabEOS+1) || !c.Ends() || m.Ends() {
		t.Error("the text may end here, by an eos alone")
	}
	if err := m.Accept(vocabEOS); err != ErrRefused {
		t.Errorf("an eos where the text may not end: %v", err)
	}
	if err := c.Accept(vocabEOS); err != nil || c.Accept(vocabEOS) != ErrRefused || c.Len() != 3 {
		t.Errorf("%v, %d tokens", err, c.Len())
	}
	c.Rollback(2)
	want(c, `a|age"|n|name`)
	accept(c, "name")
	want(m, "a|i")
	m.Rollback(1)
	accept(m, "a")
	want(m, "g")
	want(c, `"`)
	m.Rollback(99)
	want(m, `"|"name`)
	for _, id := range []int32{-1, vocabEOS + 1, int32(bytesVocab.size)} {
		if m.Accept(id) != ErrRefused {
			t.Errorf("token %d is accepted", id)
		}
	}
	if err := m.Mask(mask[1:]); err == nil {
		t.Error("a mask that is too short")
	}
}

// TestTogether has many texts at once by one grammar and vocabulary: their masks are those of a text alone.
func TestTogether(t *testing.T) {
	source := `{"type":"array","items":{"anyOf":[{"type":"string","maxLength":6},{"type":"object","properties":
		{"name":{"type":"string","pattern":"^[a-z]*$"}}},{"type":"integer","minimum":7}]}}`
	text := `["abc", {"name": "aaabc", "age": [true, 12]}, 12, "` + "é€" + `"]`
	var want [][]int32
	write := func(g *Grammar, check func(i int, mask []int32)) {
		m := g.Matcher(bytesVocab, vocabEOS)
		for i := range len(text) {
			mask := make([]int32, maskWords(bytesVocab.size))
			if err := m.Mask(mask); err != nil {
				t.Error(err)
			}
			check(i, mask)
			if err := m.Accept(int32(text[i])); err != nil {
				t.Error(err)
			}
		}
	}
	write(mustSchema(t, source), func(_ int, mask []int32) { want = append(want, mask) })
	g := mustSchema(t, source)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			write(g, func(i int, mask []int32) {
				if !slices.Equal(mask, want[i]) {
					t.Errorf("the mask behind %q is another", text[:i])
				}
			})
		})
	}
	all.Wait()
}

// TestManyWays has a grammar that grows more ambiguous with every token: an error, before memory goes.
func TestManyWays(t *testing.T) {
	g, err := GBNF("root ::= (a | b | c) \"x\"\na ::= \"y\" (a | b | c)?\nb ::= \"y\" (a | b | c) \"z\"?\nc ::= \"y\" (a | b | c) \"w\"?")
	if err != nil {
		t.Fatal(err)
	}
	m := g.Matcher(bytesVocab)
	for range 50 {
		if err = m.Accept('y'); err != nil {
			break
		}
	}
	if err != errAmbiguous {
		t.Errorf("%v", err)
	}
}
