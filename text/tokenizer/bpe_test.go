package tokenizer

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMergeSpellings(t *testing.T) {
	vocab := vocabulary("a", "b", "c", "d", "cd", "bcd", "ab", "abcd")
	asStrings := plainFile(bpeModel(vocab, "#version: 0.2", "c d", "b cd", "a b", "a bcd"))
	model := bpeModel(vocab)
	model["merges"] = [][]string{{"c", "d"}, {"b", "cd"}, {"a", "b"}, {"a", "bcd"}}
	asPairs := plainFile(model)
	for _, c := range []struct {
		text string
		want []int32
	}{
		{"abcd", []int32{7}},
		{"cd", []int32{4}},
		{"abc", []int32{6, 2}}, // "b cd" comes first, but there is no d
		{"abcda", []int32{7, 0}},
		{"dcba", []int32{3, 2, 1, 0}},
	} {
		for name, f := range map[string]fields{"strings": asStrings, "pairs": asPairs} {
			if d := cmp.Diff(c.want, f.tokenizer(t).Encode(c.text, EncodeOptions{})); d != "" {
				t.Errorf("merges as %s: Encode(%q): -want +got\n%s", name, c.text, d)
			}
		}
	}
}

func TestMissingSymbols(t *testing.T) {
	vocab := vocabulary("a", "b", "ab", "<unk>")
	for _, c := range []struct {
		name  string
		model fields
		text  string
		want  []int32
	}{
		{"dropped, and the neighbours merge", fields{}, "axb", []int32{2}},
		{"dropped to nothing", fields{}, "xyz", []int32{}},
		{"unk", fields{"unk_token": "<unk>"}, "axyb", []int32{0, 3, 3, 1}},
		{"fused unk", fields{"unk_token": "<unk>", "fuse_unk": true}, "xyabxz", []int32{3, 2, 3}},
		{"unk for every byte of a character", fields{"unk_token": "<unk>"}, "é", []int32{3, 3}},
		{"unk at both ends", fields{"unk_token": "<unk>"}, "xabx", []int32{3, 2, 3}},
	} {
		tok := plainFile(bpeModel(vocab, "a b").with(c.model)).tokenizer(t)
		if d := cmp.Diff(c.want, tok.Encode(c.text, EncodeOptions{})); d != "" {
			t.Errorf("%s: Encode(%q): -want +got\n%s", c.name, c.text, d)
		}
	}
}

func TestIgnoreMerges(t *testing.T) {
	vocab := vocabulary("a", "b", "Ġ", "Ġab", "ba")
	for _, c := range []struct {
		ignore bool
		want   []int32
	}{
		{true, []int32{3, 2, 4}},
		{false, []int32{2, 0, 1, 2, 1, 0}},
	} {
		tok := plainFile(bpeModel(vocab).with(fields{"ignore_merges": c.ignore})).tokenizer(t)
		got := tok.Encode(" ab ", EncodeOptions{})
		got = append(got, tok.Encode("ba", EncodeOptions{})...)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("ignore_merges %v: -want +got\n%s", c.ignore, d)
		}
	}
}

// Of a merge that is listed twice the later rank holds.
func TestRepeatedMerge(t *testing.T) {
	vocab := vocabulary("a", "b", "c", "ab", "bc")
	tok := plainFile(bpeModel(vocab, "a b", "b c", "a b")).tokenizer(t)
	if d := cmp.Diff([]int32{0, 4}, tok.Encode("abc", EncodeOptions{})); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// naive merges by the definition: again and again the first pair of the lowest
// rank.
func naive(m *bpe, ids []int32) []int32 {
	ids = slices.Clone(ids)
	for {
		best, at, to := uint32(noMerge), -1, int32(0)
		for i := 1; i < len(ids); i++ {
			if rank, id := m.merges.get(ids[i-1], ids[i]); rank < best {
				best, at, to = rank, i-1, id
			}
		}
		if at < 0 {
			return ids
		}
		ids = slices.Replace(ids, at, at+2, to)
	}
}

func TestMergeLaw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		// Merges of a random order over few letters, so that they compete.
		tokens := []string{"a", "b", "c"}
		var merges []string
		for range rapid.IntRange(1, 25).Draw(rt, "merges") {
			left := rapid.SampledFrom(tokens).Draw(rt, "left")
			right := rapid.SampledFrom(tokens).Draw(rt, "right")
			if !slices.Contains(tokens, left+right) {
				tokens = append(tokens, left+right)
			}
			at := rapid.IntRange(0, len(merges)).Draw(rt, "rank")
			merges = slices.Insert(merges, at, left+" "+right)
		}
		tok := plainFile(bpeModel(vocabulary(tokens...), merges...)).tokenizer(t)
		text := rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 1, 120, -1).Draw(rt, "text")
		var ids []int32
		for _, c := range []byte(text) {
			ids = append(ids, tok.model.symbols[c])
		}
		want := naive(tok.model, ids)
		e := tok.encoder()
		if d := cmp.Diff(want, tok.model.mergeShort(e, slices.Clone(ids))); d != "" {
			rt.Errorf("mergeShort(%q): -want +got\n%s", text, d)
		}
		if d := cmp.Diff(want, tok.model.mergeLong(e, slices.Clone(ids))); d != "" {
			rt.Errorf("mergeLong(%q): -want +got\n%s", text, d)
		}
	})
}

// A quadratic merge would take hours.
func TestUnbrokenText(t *testing.T) {
	tok := plainFile(bpeModel(alphabet("aa", "aaaa", "ab"), "a a", "aa aa", "a b")).tokenizer(t)
	const n = 1 << 20
	got := tok.Encode(strings.Repeat("a", n)+"b", EncodeOptions{})
	if len(got) != n/4+1 || got[0] != 257 || got[n/4] != 'b' {
		t.Errorf("%d ids, the first %d and the last %d; want %d, 257 and %d",
			len(got), got[0], got[len(got)-1], n/4+1, 'b')
	}
}

func TestConcurrentUse(t *testing.T) {
	tok := plainFile(bpeModel(alphabet("th", "the", "Ġthe"), "t h", "th e", "Ġ the")).tokenizer(t)
	text := strings.Repeat("the other theory of the thing, by then; ", 50)
	want := tok.Encode(text, EncodeOptions{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if got := tok.Encode(text, EncodeOptions{}); !slices.Equal(got, want) {
					t.Error("a concurrent Encode differs")
					return
				}
			}
		})
	}
	wg.Wait()
}

// Pairs that a file's author chose to fall together in a hash table do not.
func TestMergesDoNotCollide(t *testing.T) {
	const n = 1 << 14
	m := newMergeTable(4 * n) // of 2¹⁸ slots
	inverse := uint32(1)      // of 0x7f4a7c15, the low half of a multiplier that is everybody's
	for range 5 {
		inverse *= 2 - 0x7f4a7c15*inverse
	}
	for i := range uint32(n) {
		m.put(int32(i*inverse), 0, i, 1)
	}
	run, longest := 0, 0
	for _, s := range m.slots {
		if run++; s.pair == 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	if longest > 100 {
		t.Errorf("%d merges one after the other, want a few", longest)
	}
}
