package tokenizer

import (
	"os"
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
	return again
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
	} {
		g := ok
		c.change(&g)
		if _, err := g.JSON(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
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
		if tok, err := Parse(data); err == nil {
			tok.Encode("it's 12 ½", EncodeOptions{})
		} else if strings.Contains(err.Error(), "line") {
			rt.Fatalf("the text is no JSON: %v", err)
		}
	})
}
