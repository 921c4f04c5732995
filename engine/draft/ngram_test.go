package draft

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func ids(s string) (ids []int32) {
	for _, c := range []byte(s) {
		ids = append(ids, int32(c))
	}
	return ids
}

func text(ids []int32) (s string) {
	for _, id := range ids {
		s += string(rune(id))
	}
	return s
}

func TestNGram(t *testing.T) {
	for _, c := range []struct {
		text, want string
		evidence   int
	}{
		{"", "", 0},
		{"abc", "", 0},
		{"abcd", "", 0},
		{"the cat sat. the ca", "t sat.", 6},
		{"xab1 yab1 zab2 .ab", "", 0},            // two tokens are too few
		{" abc1 xabc2 abc", "1 xabc", 4},         // the longer match, though another is later
		{"abc1 abc2 abc", "2 abc2", 4},           // of equals the later, which goes on with itself
		{"ababab", "ababab", 4},                  // with itself
		{"aaaa", "aaaaaa", 3},                    // likewise
		{"abcabcabc", "abcabc", 6},               // with a period of three
		{"0123456789abc, 56789abc", ", 5678", 8}, // all that is alike counts
	} {
		for _, all := range []bool{true, false} {
			g := NewNGram(nil)
			if all {
				g = NewNGram(ids(c.text))
			} else {
				for _, id := range ids(c.text) {
					g.Push(id)
				}
			}
			guess := make([]int32, 6)
			n, evidence := g.Draft(guess)
			if got := text(guess[:n]); got != c.want || evidence != c.evidence {
				t.Errorf("%q goes on as %q by %d tokens, want %q by %d", c.text, got, evidence, c.want, c.evidence)
			}
		}
	}
}

// However the text came, what is guessed is the same, and memory is bounded.
func TestNGramForgets(t *testing.T) {
	const window = 1 << 10
	rng := rand.New(rand.NewPCG(1, 2))
	var all []int32
	g := newNGram(nil, window)
	for i := range 10 * window {
		id := int32(rng.IntN(5))
		if i%97 > 40 { // now and then what was written before
			id = all[i-41]
		}
		all = append(all, id)
		g.Push(id)
		if n := cap(g.text) + cap(g.before) + len(g.latest); n > 3*window {
			t.Fatalf("%d words behind %d tokens", n, i+1)
		}
		if len(g.text) < min(i+1, window/2) {
			t.Fatalf("behind %d tokens it knows %d", i+1, len(g.text))
		}
		if !slices.Equal(g.text, all[len(all)-len(g.text):]) {
			t.Fatalf("behind %d tokens it does not know the latest", i+1)
		}
	}
	whole := newNGram(g.text, window)
	a, b := make([]int32, 9), make([]int32, 9)
	n, e := g.Draft(a)
	m, f := whole.Draft(b)
	if n != m || e != f || !slices.Equal(a, b) || n == 0 {
		t.Errorf("%v by %d, and %v by %d from the text at once", a[:n], e, b[:m], f)
	}
}

// A token costs the same however long and repetitive the text is.
func BenchmarkNGram(b *testing.B) {
	for _, c := range []struct {
		name  string
		vocab int
	}{{"one token", 1}, {"any token", 1 << 16}, {"few tokens", 4}} {
		b.Run(c.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			g := NewNGram(nil)
			guess := make([]int32, 8)
			for b.Loop() {
				g.Push(int32(rng.IntN(c.vocab)))
				g.Draft(guess)
			}
		})
	}
}
