package checkpoint

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"falconmamba/backend"
	"falconmamba/checkpoint/gguf"
	"falconmamba/checkpoint/tiny"
	"falconmamba/text/tokenizer"
)

func TestGGUFTokenizer(t *testing.T) {
	ck := open(t, "tiny", Options{})
	got, _ := written(t, ck, GGUFOptions{Type: backend.Q8_0})
	want, err := tokenizer.Load(ck.Files(), ".")
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(ck.Files(), "tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := fs.ReadFile(got.Files(), "tokenizer.json"); err != nil || !bytes.Equal(text, again) {
		t.Errorf("tokenizer.json is not as it was (%v)", err)
	}
	if f, err := got.Files().Open("tokenizer.json"); err != nil {
		t.Error(err)
	} else if st, err := f.Stat(); err != nil || st.Size() != int64(len(text)) {
		t.Errorf("tokenizer.json is %v (%v)", st, err)
	}
	if _, err := got.Files().Open("vocab.json"); err == nil {
		t.Error("a file that is not there was opened")
	}

	// Without the whole text, from tokens and merges.
	path := filepath.Join(t.TempDir(), "m.gguf")
	if _, err := WriteGGUF(t.Context(), path, ck, GGUFOptions{}); err != nil {
		t.Fatal(err)
	}
	file, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	keys := slices.DeleteFunc(slices.Clone(file.Keys),
		func(k gguf.Key) bool { return k.Name == "tokenizer.huggingface.json" })
	bare := filepath.Join(t.TempDir(), "bare.gguf")
	if err := gguf.WriteFile(bare, false, keys, file.Tensors, func(w io.Writer, x gguf.Tensor) error {
		x, _ = file.Lookup(x.Name)
		_, err := w.Write(file.Bytes(x))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []Checkpoint{got, open(t, bare, Options{})} {
		tok, err := tokenizer.Load(c.Files(), ".")
		if err != nil {
			t.Fatal(err)
		}
		const text = "ROMEO:\nBut, soft! what light 12345 <|im_end|> …\n"
		if d := cmp.Diff(want.Encode(text, tokenizer.EncodeOptions{}),
			tok.Encode(text, tokenizer.EncodeOptions{})); d != "" {
			t.Errorf("tokens (-want +got):\n%s", d)
		}
		if a, b := want.Config(), tok.Config(); a.ChatTemplate != b.ChatTemplate || a.EOS != b.EOS {
			t.Errorf("config is %+v, was %+v", b, a)
		}
	}
}

// What the files beside tokenizer.json say of tokens is kept, though GGUF has no room for them.
func TestGGUFNamedTokens(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{configFile, weightsFile, "tokenizer.json"} {
		text, err := fs.ReadFile(tiny.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"added_tokens_decoder":
		{"5": {"content": "ROMEO", "special": true, "rstrip": true}}, "additional_special_tokens": ["<tool>"]}`)}
	const text = "<|im_end|>ROMEO  x<tool>"
	for name, data := range map[string]string{"as it is": string(files["tokenizer.json"].Data),
		"without added tokens": strings.Replace(string(files["tokenizer.json"].Data), `"added_tokens"`, `"x"`, 1)} {
		files["tokenizer.json"].Data = []byte(data)
		ck, err := OpenFS(files, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer ck.Close()
		want, err := tokenizer.Load(files, ".")
		if err != nil {
			t.Fatal(err)
		}
		got, _ := written(t, ck, GGUFOptions{})
		tok, err := tokenizer.Load(got.Files(), ".")
		if err != nil {
			t.Fatal(err)
		}
		ids := want.Encode(text, tokenizer.EncodeOptions{})
		if d := cmp.Diff(ids, tok.Encode(text, tokenizer.EncodeOptions{})); d != "" {
			t.Errorf("%s: tokens (-want +got):\n%s", name, d)
		}
		if a, b := want.Decode(ids, true), tok.Decode(ids, true); a != b {
			t.Errorf("%s: spoken %q, was %q", name, b, a)
		}
	}
}

// A list of ids that end a text takes no longer than it takes to read.
func TestGGUFManyStops(t *testing.T) {
	m := newGGUFMold()
	ids := make([]int32, 400_000)
	for i := range ids {
		ids[i] = int32(i)
	}
	m.set(stopKey, gguf.Words(ids))
	done := make(chan int)
	go func() {
		g, err := m.load(t, Options{})
		if err != nil {
			t.Error(err)
			done <- 0
		} else {
			done <- len(g.Generation().EOSTokenIDs)
		}
	}()
	select {
	case n := <-done:
		if n != len(ids) {
			t.Errorf("%d ids, want %d", n, len(ids))
		}
	case <-time.After(time.Minute):
		t.Fatal("still running after 20 s")
	}
}

func TestGGUFTokens(t *testing.T) {
	tokens := gguf.Texts([]string{"a", "b", "ab", "<|im_end|>", "<|end|>", "[PAD5]"})
	types := gguf.Words([]int32{1, 1, 1, 3, 3, 5})
	for name, c := range map[string]struct {
		keys    map[string]gguf.Value
		eos     []int
		files   bool
		warning string
	}{
		"falcon": {map[string]gguf.Value{"model": gguf.Text("gpt2"), "pre": gguf.Text("falcon"),
			"eos_token_id": gguf.Word(4),
			"bos_token_id": gguf.Word(math.MaxUint32)}, []int{4, 3}, true, ""},
		"end of turn": {map[string]gguf.Value{"model": gguf.Text("gpt2"), "pre": gguf.Text("gpt-2"),
			"eos_token_id": gguf.Word(4),
			"eot_token_id": gguf.Word(2), "eom_token_id": gguf.Word(99)}, []int{4, 2, 3}, true, ""},
		"no pre": {map[string]gguf.Value{"model": gguf.Text("gpt2")}, []int{3}, true, "pre is missing"},
		"unknown pre": {map[string]gguf.Value{"model": gguf.Text("gpt2"), "pre": gguf.Text("klingon")}, []int{3},
			false, `"klingon" is not known`},
		"unigram": {map[string]gguf.Value{"model": gguf.Text("llama")}, []int{3}, false, "model llama"},
		"no tokenizer": {map[string]gguf.Value{"model": gguf.Text("no_vocab"), "eos_token_id": gguf.Word(1)},
			[]int{1, 3}, false, ""},
	} {
		m := newGGUFMold()
		m.set("tokenizer.ggml.tokens", tokens)
		m.set("tokenizer.ggml.token_type", types)
		m.set("tokenizer.ggml.merges", gguf.Texts([]string{"a b"}))
		m.set("tokenizer.chat_template", gguf.Text("{{ messages }}"))
		for k, v := range c.keys {
			m.set("tokenizer.ggml."+k, v)
		}
		g, err := m.load(t, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(c.eos, g.Generation().EOSTokenIDs); d != "" {
			t.Errorf("%s: eos (-want +got):\n%s", name, d)
		}
		if w := strings.Join(g.Warnings(), "\n"); !strings.Contains(w, c.warning) || c.warning == "" && w != "" {
			t.Errorf("%s: warnings %q, want %q", name, w, c.warning)
		}
		if (g.Files() != nil) != c.files {
			t.Errorf("%s: files %v", name, g.Files())
			continue
		}
		if !c.files {
			continue
		}
		tok, err := tokenizer.Load(g.Files(), ".")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := tok.Encode("ab<|im_end|>", tokenizer.EncodeOptions{}); !slices.Equal(got, []int32{2, 3}) ||
			tok.VocabSize() != 5 {
			t.Errorf("%s: %v of %d tokens", name, got, tok.VocabSize())
		}
		if tok.Config().ChatTemplate != "{{ messages }}" {
			t.Errorf("%s: config %+v", name, tok.Config())
		}
	}
}

// Without types no token is special, which llama.cpp takes too.
func TestGGUFTokensWithoutTypes(t *testing.T) {
	m := newGGUFMold()
	m.set("tokenizer.ggml.model", gguf.Text("gpt2"))
	m.set("tokenizer.ggml.pre", gguf.Text("gpt-2"))
	m.set("tokenizer.ggml.tokens", gguf.Texts([]string{"a", "b", "ab"}))
	m.set("tokenizer.ggml.merges", gguf.Texts([]string{"a b"}))
	g, err := m.load(t, Options{})
	if err != nil || !strings.Contains(strings.Join(g.Warnings(), "\n"), "token_type is missing") {
		t.Errorf("%v, want a warning", err)
	}
}

// Without merges a model loads, for ids, and its tokenizer does not.
func TestGGUFTokensWithoutMerges(t *testing.T) {
	for what, merges := range map[string]bool{"missing": false, "empty": true} {
		m := newGGUFMold()
		m.set("tokenizer.ggml.model", gguf.Text("gpt2"))
		m.set("tokenizer.ggml.pre", gguf.Text("gpt-2"))
		m.set("tokenizer.ggml.tokens", gguf.Texts([]string{"a", "b", "ab"}))
		if merges {
			m.set("tokenizer.ggml.merges", gguf.Texts(nil))
		}
		g, err := m.load(t, Options{})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if _, err := tokenizer.Load(g.Files(), "."); err == nil ||
			!strings.Contains(err.Error(), "tokenizer.ggml.merges is "+what) {
			t.Errorf("%s: the tokenizer's error is %v", what, err)
		}
	}
}

// Merges are looked at where a tokenizer is asked for, and not behind Close.
func TestGGUFMergesAreReadLate(t *testing.T) {
	m := newGGUFMold()
	m.set("tokenizer.ggml.model", gguf.Text("gpt2"))
	m.set("tokenizer.ggml.pre", gguf.Text("gpt-2"))
	m.set("tokenizer.ggml.tokens", gguf.Texts([]string{"a", "b", "ab"}))
	m.set("tokenizer.ggml.merges", gguf.Word(3))
	g, err := m.load(t, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokenizer.Load(g.Files(), "."); err == nil ||
		!strings.Contains(err.Error(), "tokenizer.ggml.merges is uint32: want an array of strings") {
		t.Errorf("merges that are a number: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := tokenizer.Load(g.Files(), "."); !errors.Is(err, errClosed) {
		t.Errorf("behind Close: %v", err)
	}
}
