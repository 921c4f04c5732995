package engine

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestStopper(t *testing.T) {
	for _, tc := range []struct {
		name  string
		stops []string
		texts []string
		want  []string
		stop  bool
	}{
		{"none", []string{"x"}, []string{"a", "b"}, []string{"a", "b"}, false},
		{"a token", []string{"b"}, []string{"a", "b", "c"}, []string{"a"}, true},
		{"within a token", []string{"b"}, []string{"a", "cbd"}, []string{"a", "c"}, true},
		{"across tokens", []string{"bcd"}, []string{"ab", "c", "de"}, []string{"a"}, true},
		{"nearly", []string{"bcd"}, []string{"ab", "c", "e"}, []string{"ab", "c", "e"}, false},
		{"begins again", []string{"aab"}, []string{"a", "a", "a", "b"}, []string{"a"}, true},
		{"the first of two", []string{"cd", "b"}, []string{"abcd"}, []string{"a"}, true},
		{"empty texts", []string{"bc"}, []string{"a", "", "b", "", "c"}, []string{"a", ""}, true},
		{"at the end", []string{"bc"}, []string{"a", "b"}, []string{"a", "b"}, false},
	} {
		s := &stopper{stops: tc.stops}
		var got []string
		stopped := false
		for i, text := range tc.texts {
			kept, stop := s.push(Token{ID: int32(i), Text: text})
			for _, k := range kept {
				got = append(got, k.Text)
			}
			if stop {
				stopped = true
				break
			}
		}
		if !stopped {
			for _, k := range s.rest() {
				got = append(got, k.Text)
			}
		}
		if !slices.Equal(got, tc.want) || stopped != tc.stop {
			t.Errorf("%s: got %q, stopped %v; want %q, %v", tc.name, got, stopped, tc.want, tc.stop)
		}
	}
}

func TestStopperIsCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stops := rapid.SliceOfN(rapid.StringMatching("[ab]{1,4}"), 1, 3).Draw(t, "stops")
		texts := rapid.SliceOf(rapid.StringMatching("[ab]{0,3}")).Draw(t, "texts")
		all, want := strings.Join(texts, ""), len(strings.Join(texts, ""))
		// The stop string that is complete first ends the text, and of those that
		// are complete with one token, the one that begins first.
		for end := 0; end < len(texts) && want == len(all); end++ {
			text := strings.Join(texts[:end+1], "")
			for _, stop := range stops {
				if i := strings.Index(text, stop); i >= 0 {
					want = min(want, i)
				}
			}
		}
		s := &stopper{stops: stops}
		got := ""
		stopped := false
		for _, text := range texts {
			var kept []Token
			if kept, stopped = s.push(Token{Text: text}); true {
				for _, k := range kept {
					got += k.Text
				}
			}
			if stopped {
				break
			}
		}
		if !stopped {
			for _, k := range s.rest() {
				got += k.Text
			}
		}
		if got != all[:want] {
			t.Fatalf("got %q of %q at %q, want %q", got, texts, stops, all[:want])
		}
	})
}
