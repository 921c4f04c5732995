package tokenizer

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// An index finds what a map does, one by one and many at once.
func TestIndex(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringN(0, 3, -1), 0, 300)
		tokens := texts.Draw(rt, "tokens")
		x, want := newIndex(tokens, len(tokens)), map[string]int32{}
		for id, token := range tokens {
			first, ok := want[token]
			if !ok {
				first, want[token] = int32(id), int32(id)
			}
			if got := x.put(int32(id)); got != first {
				rt.Fatalf("%q is token %d, want %d", token, got, first)
			}
		}
		var asked [][]byte
		var ids []int32
		for _, text := range slices.Concat(tokens, texts.Draw(rt, "others"), []string{""}) {
			id, ok := want[text]
			if !ok {
				id = -1
			}
			if got := x.find([]byte(text)); got != id {
				rt.Fatalf("%q is found at %d, want %d", text, got, id)
			}
			asked, ids = append(asked, []byte(text)), append(ids, id)
		}
		got := make([]int32, len(ids))
		if x.findMany(asked, got); !slices.Equal(got, ids) {
			rt.Fatalf("many at once are found at %v, want %v", got, ids)
		}
	})
}
