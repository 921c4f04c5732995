package tokenizer

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fixture is a tokenizer of Falcon's form with all byte symbols, trained and
// run by the tokenizers library.
const fixture = "../../checkpoint/testdata/tokenizer"

// falcon holds Falcon's own vocabulary. It is not part of the repository.
const falcon = "../../../shared/data/falcon-tokenizer"

// readFile skips the test where the file does not exist.
func readFile(tb testing.TB, dir, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		tb.Skipf("no %s in %s", name, dir)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func mustParse(tb testing.TB, data []byte) *Tokenizer {
	tb.Helper()
	tok, err := Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

func decodeJSON(tb testing.TB, data []byte, v any) {
	tb.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		tb.Fatal(err)
	}
}

func TestFixture(t *testing.T) {
	tok, err := Load(os.DirFS(fixture), ".")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(fixture, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text        string  `json:"text"`
		IDs         []int32 `json:"ids"`
		Decoded     string  `json:"decoded"`
		DecodedSkip string  `json:"decoded_skip"`
	}
	decodeJSON(t, data, &cases)
	if len(cases) < 500 {
		t.Fatalf("%d cases, want at least 500", len(cases))
	}
	for _, c := range cases {
		ids := tok.Encode(c.Text, EncodeOptions{})
		if d := cmp.Diff(c.IDs, ids); d != "" {
			t.Errorf("Encode(%q): -want +got\n%s", c.Text, d)
		}
		if got := tok.Decode(c.IDs, false); got != c.Decoded {
			t.Errorf("Decode(%v) = %q, want %q", c.IDs, got, c.Decoded)
		}
		if got := tok.Decode(c.IDs, true); got != c.DecodedSkip {
			t.Errorf("Decode(%v) without specials = %q, want %q", c.IDs, got, c.DecodedSkip)
		}
		for _, skip := range []bool{false, true} {
			d := tok.NewDecoder(skip)
			got := ""
			for _, id := range c.IDs {
				got += d.Push(id)
			}
			if got += d.Flush(); got != tok.Decode(c.IDs, skip) {
				t.Errorf("Decoder(%v), skipSpecial %v: %q, want %q", c.IDs, skip, got, tok.Decode(c.IDs, skip))
			}
		}
	}
	if got, want := tok.VocabSize(), 1500; got != want {
		t.Errorf("VocabSize() = %d, want %d", got, want)
	}
}

func TestFalcon(t *testing.T) {
	tok := mustParse(t, readFile(t, falcon, "tokenizer.json"))
	if got, want := tok.VocabSize(), 65024; got != want {
		t.Errorf("VocabSize() = %d, want %d", got, want)
	}
	type pair struct {
		Input string  `json:"input"`
		IDs   []int32 `json:"ids"`
		Want  []int32 `json:"expected_ids"`
	}
	var a []pair
	decodeJSON(t, readFile(t, falcon, "cases_a.json"), &a)
	var b struct {
		Cases []pair `json:"cases"`
	}
	decodeJSON(t, readFile(t, falcon, "cases_b.json"), &b)
	if len(a) != 47 || len(b.Cases) != 19 {
		t.Fatalf("%d and %d cases, want 47 and 19", len(a), len(b.Cases))
	}
	for _, c := range append(a, b.Cases...) {
		want := append(c.IDs, c.Want...)
		if d := cmp.Diff(want, tok.Encode(c.Input, EncodeOptions{}), equateEmpty); d != "" {
			t.Errorf("Encode(%q): -want +got\n%s", c.Input, d)
		}
	}
}

var equateEmpty = cmp.Transformer("ids", func(ids []int32) []int32 { return append([]int32{}, ids...) })

// The instruct model has the plain word "assistant" as a special token.
func TestFalconInstruct(t *testing.T) {
	tok := mustParse(t, readFile(t, falcon, "tokenizer-instruct.json"))
	const chat = "<|im_start|>user\nask my assistant<|im_end|>\n<|im_start|>assistant\n"
	ids := tok.Encode(chat, EncodeOptions{})
	want := map[int32]int{7: 2, 9: 2, 10: 1}
	got := map[int32]int{}
	for _, id := range ids {
		if tok.IsSpecial(id) {
			got[id]++
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("special tokens of %q: -want +got\n%s", chat, d)
	}
	if got, want := tok.Decode(ids, false), chat; got != want {
		t.Errorf("Decode(…) = %q, want %q", got, want)
	}
	if got, want := tok.Decode(ids, true), "user\nask my \n\n"; got != want {
		t.Errorf("Decode(…) without specials = %q, want %q", got, want)
	}
	for _, id := range tok.Encode(chat, EncodeOptions{NoSpecial: true}) {
		if tok.IsSpecial(id) {
			t.Errorf("Encode with NoSpecial gives the special token %d", id)
		}
	}
}
