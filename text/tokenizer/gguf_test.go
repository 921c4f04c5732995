package tokenizer

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A tokenizer written as GGUF and read back encodes as before.
func TestGGUFRoundTrip(t *testing.T) {
	tok, err := Load(os.DirFS(fixture), ".")
	if err != nil {
		t.Fatal(err)
	}
	again := throughGGUF(t, tok, "falcon")
	var cases []struct {
		Text string  `json:"text"`
		IDs  []int32 `json:"ids"`
	}
	decodeJSON(t, readFile(t, fixture, "cases.json"), &cases)
	for _, c := range cases {
		if d := cmp.Diff(c.IDs, again.Encode(c.Text, EncodeOptions{}), equateEmpty); d != "" {
			t.Errorf("Encode(%q): -want +got\n%s", c.Text, d)
		}
	}
	for id := range int32(tok.VocabSize()) {
		if tok.IsSpecial(id) != again.IsSpecial(id) {
			t.Errorf("token %d: special %v, was %v", id, again.IsSpecial(id), tok.IsSpecial(id))
		}
	}
}

func TestGGUFRoundTripFalcon(t *testing.T) {
	tok := mustParse(t, readFile(t, falcon, "tokenizer.json"))
	again := throughGGUF(t, tok, "falcon")
	for _, text := range []string{"", "Hello, world! 12345 ½ ²³", "\x00\x7f", "assistant >>TITLE<<x",
		strings.Repeat("a  b\n\n", 100), "日本語 — ok…"} {
		if d := cmp.Diff(tok.Encode(text, EncodeOptions{}), again.Encode(text, EncodeOptions{})); d != "" {
			t.Errorf("Encode(%q): -want +got\n%s", text, d)
		}
	}
}

func throughGGUF(t *testing.T, tok *Tokenizer, pre string) *Tokenizer {
	t.Helper()
	g, err := tok.GGUF()
	if err != nil {
		t.Fatal(err)
	}
	if g.Pre != pre {
		t.Errorf("pre is %q, want %q", g.Pre, pre)
	}
	data, err := g.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again := mustParse(t, data)
	if again.VocabSize() != tok.VocabSize() {
		t.Errorf("%d tokens, want %d", again.VocabSize(), tok.VocabSize())
	}
	direct, err := g.tokenizer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := difference(again, direct); d != "" {
		t.Error("without JSON it has other ", d)
	}
	return again
}

// difference names what two tokenizers differ in, but for the seeds of their tables.
func difference(a, b *Tokenizer) string {
	rules := func(t *Tokenizer) []merge {
		all := slices.DeleteFunc(slices.Clone(t.model.merges.slots), func(m merge) bool { return m.pair == 0 })
		slices.SortFunc(all, func(a, b merge) int { return int(a.rank) - int(b.rank) })
		return all
	}
	model := func(t *Tokenizer) bpe {
		m := *t.model
		m.merges, m.ids = mergeTable{}, nil
		return m
	}
	for what, both := range map[string][2]any{
		"tokens": {a.tokens, b.tokens}, "special": {a.special, b.special}, "vocab": {a.vocab, b.vocab},
		"plain": {a.plain, b.plain}, "ends": {a.ends, b.ends}, "added": {a.added, b.added}, "nfc": {a.nfc, b.nfc},
		"verbatim": {a.verbatim, b.verbatim}, "afterNormalize": {a.afterNormalize, b.afterNormalize},
		"stages": {a.stages, b.stages}, "prefix": {a.prefix, b.prefix}, "suffix": {len(a.suffix), len(b.suffix)},
		"model": {model(a), model(b)}, "merges": {rules(a), rules(b)},
	} {
		if !reflect.DeepEqual(both[0], both[1]) {
			return fmt.Sprintf("%s: %.200v, want %.200v", what, both[1], both[0])
		}
	}
	for id, token := range a.tokens {
		if at, ok := b.ID(token); !ok || at != int32(id) {
			return fmt.Sprintf("%q is found at %d, want %d", token, at, id)
		}
	}
	return ""
}

func TestGGUFPre(t *testing.T) {
	model := bpeModel(alphabet("12", "123"), "1 2", "12 3")
	olmo := plainFile(model).with(fields{"normalizer": fields{"type": "NFC"}})
	throughGGUF(t, plainFile(model).tokenizer(t), "gpt-2")
	if got := throughGGUF(t, olmo.tokenizer(t), "olmo"); !got.nfc {
		t.Error("olmo does not normalize")
	}
	other := plainFile(model).with(fields{"pre_tokenizer": bytesOnly})
	if g, err := other.tokenizer(t).GGUF(); err != nil || g.Pre != "" {
		t.Errorf("a tokenizer that splits nothing is called %q (%v)", g.Pre, err)
	}
}

// The pieces that llama.cpp's default pre-tokenizer makes, by the regular
// expressions of its source one after the other.
func TestGGUFDefault(t *testing.T) {
	var pre fields
	decodeJSON(t, []byte(preTokenizers["default"].config), &pre)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"it's 1234567 a+b==c\n", []string{"it", "'", "s", " ", "123", "456", "7", " a", "+", "b", "==", "c", "\n"}},
		{"don't  stop", []string{"don", "'", "t", " ", " stop"}},
		{"x ½3 `y`", []string{"x", " ", "½3", " `", "y", "`"}},
	} {
		if d := cmp.Diff(c.want, splitBy(t, pre, c.text)); d != "" {
			t.Errorf("%q: -want +got\n%s", c.text, d)
		}
	}
}

func TestGGUFErrors(t *testing.T) {
	ok := GGUF{Pre: "gpt-2", Tokens: []string{"a", "b", "ab", "[PAD3]"}, Types: []int32{1, 1, 1, 5},
		Merges: []string{"a b"}}
	data, err := ok.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if tok := mustParse(t, data); tok.VocabSize() != 3 || !slices.Equal(tok.Encode("ab", EncodeOptions{}), []int32{2}) {
		t.Errorf("%d tokens; ab is %v", tok.VocabSize(), tok.Encode("ab", EncodeOptions{}))
	}
	ok.Prefix = []int32{1}
	if data, err = ok.JSON(); err != nil {
		t.Fatal(err)
	}
	if got := mustParse(t, data).Encode("ab", EncodeOptions{AddSpecial: true}); !slices.Equal(got, []int32{1, 2}) {
		t.Errorf("ab after the first token is %v", got)
	}
	for name, c := range map[string]struct {
		change func(*GGUF)
		want   string
	}{
		"pre":       {func(g *GGUF) { g.Pre = "llama-bpe" }, `"llama-bpe" is not known`},
		"prefix":    {func(g *GGUF) { g.Prefix = []int32{4} }, "token 4 is to begin"},
		"types":     {func(g *GGUF) { g.Types = g.Types[:2] }, "2 token types for 4 tokens"},
		"not UTF-8": {func(g *GGUF) { g.Tokens = []string{"\xff", "b", "c", "d"} }, "not UTF-8"},
		"merge":     {func(g *GGUF) { g.Merges = []string{"a \xff"} }, "merge 0 is \"a \\xff\", which is not UTF-8"},
		"too long": {func(g *GGUF) { g.Merges = []string{strings.Repeat("\x01", maxTokenizer/6)} },
			"more than the 33554432 bytes"},
	} {
		g := ok
		c.change(&g)
		_, err := g.JSON()
		wantError(t, c.want, err)
		if _, err := g.tokenizer(nil); err == nil {
			t.Errorf("%s: there is a tokenizer", name)
		}
	}
}

func TestGGUFNeverInvalid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := GGUF{
			Pre:    rapid.SampledFrom([]string{"falcon", "gpt-2", "default", "olmo", "x"}).Draw(rt, "pre"),
			Tokens: rapid.SliceOf(rapid.String()).Draw(rt, "tokens"),
			Merges: rapid.SliceOf(rapid.String()).Draw(rt, "merges"),
		}
		g.Types = rapid.SliceOfN(rapid.Int32Range(0, 7), len(g.Tokens), len(g.Tokens)).Draw(rt, "types")
		data, err := g.JSON()
		if err != nil {
			return
		}
		direct, errDirect := g.tokenizer(nil)
		if tok, err := Parse(data); err == nil {
			tok.Encode("it's 12 ½", EncodeOptions{})
			if errDirect != nil {
				rt.Fatal(errDirect)
			}
			if d := difference(tok, direct); d != "" {
				rt.Fatal(d)
			}
		} else if strings.Contains(err.Error(), "line") {
			rt.Fatalf("the text is no JSON: %v", err)
		} else if errDirect == nil {
			rt.Fatalf("without JSON there is no error, want %v", err)
		}
	})
}
