package checkpoint

import (
	"fmt"
	"runtime"
	"testing"

	"falconmamba/checkpoint/gguf"
	"falconmamba/text/tokenizer"
)

// largest has as many tokens and merges as are taken, of nearly as many bytes.
func largest() (tokens, merges []string) {
	word := func(i int) string { return fmt.Sprintf("%05d", i) }
	for a := range 64 {
		tokens = append(tokens, word(a))
		for b := range 64 {
			tokens = append(tokens, word(a)+word(b))
			merges = append(merges, word(a)+" "+word(b))
			for c := range 64 {
				if len(merges) < 1<<19-1 && len(tokens) < 1<<18-64-64*64 {
					tokens = append(tokens, word(a)+word(b)+word(c))
					merges = append(merges, word(a)+" "+word(b)+word(c), word(a)+word(b)+" "+word(c))
				}
			}
		}
	}
	return tokens, merges
}

// The largest vocabulary of a GGUF file takes work by the token and the merge, and no memory for each: what is
// allocated is counted, which no other program changes.
func TestLargestTokenizer(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, and more of them under the race detector, which it tells nothing")
	}
	tokens, merges := largest()
	kinds := make([]int32, len(tokens))
	for i := range kinds {
		kinds[i] = 1
	}
	m := newGGUFMold()
	m.set("tokenizer.ggml.model", gguf.Text("gpt2"))
	m.set("tokenizer.ggml.pre", gguf.Text("falcon"))
	m.set("tokenizer.ggml.tokens", gguf.Texts(tokens))
	m.set("tokenizer.ggml.merges", gguf.Texts(merges))
	m.set("tokenizer.ggml.token_type", gguf.Words(kinds))
	g, err := m.load(t, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tok, err := tokenizer.Load(g.Files(), ".")
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if tok.VocabSize() != len(tokens) {
		t.Errorf("%d tokens, want %d", tok.VocabSize(), len(tokens))
	}
	if got := after.Mallocs - before.Mallocs; got > 20_000 {
		t.Errorf("%d tokens and %d merges took %d allocations, want at most 20,000", len(tokens), len(merges), got)
	}
	if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 100 {
		t.Errorf("%d tokens and %d merges took %d MB, want at most 100", len(tokens), len(merges), got)
	}
}
