package falconmamba

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"falconmamba/backend/sampling"
	"falconmamba/checkpoint/tiny"
	"falconmamba/text/chat"
)

// TestFingerprint has two models that differ in nothing but their weights.
// A generation_config.json with a top_p of 0 asks for the most probable token.
func TestDefaultsTakeTopPOfNothing(t *testing.T) {
	m := openWith(t, "generation_config.json", `{"do_sample": true, "top_p": 0, "temperature": 1}`)
	o := m.Defaults()
	o.MaxTokens = 8
	drawn, _ := collect(t, session(t, m), romeo, o)
	o.Sampling = sampling.Params{}
	if greedy, _ := collect(t, session(t, m), romeo, o); !slices.Equal(drawn, greedy) {
		t.Errorf("drew %v, want %v", drawn, greedy)
	}
}

// openWith loads the embedded model with another file in place of its own.
func openWith(t *testing.T, name, text string) *Model {
	t.Helper()
	files := fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}
	for _, name := range []string{"config.json", "tokenizer.json", "model.safetensors"} {
		text, err := fs.ReadFile(tiny.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	m, err := OpenFS(t.Context(), files, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// A checkpoint's stop strings end its texts.
func TestStopStringsOfTheCheckpoint(t *testing.T) {
	m := openWith(t, "generation_config.json", `{"stop_strings": [" far"]}`)
	o := m.Defaults()
	o.MaxTokens = 60
	_, stopped := collect(t, session(t, m), romeo, o)
	o.Stop = nil
	_, whole := collect(t, session(t, m), romeo, o)
	before, _, found := strings.Cut(whole, " far")
	if !found || stopped != before {
		t.Errorf("%q, want %q", stopped, before)
	}
}

// A tokenizer that cannot be used stops texts alone.
func TestUnusableTokenizer(t *testing.T) {
	files := fstest.MapFS{"tokenizer.json": &fstest.MapFile{Data: []byte(`{"model": {"type": "Unigram"}}`)}}
	for _, name := range []string{"config.json", "model.safetensors"} {
		text, err := fs.ReadFile(tiny.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	const want = "has a tokenizer that cannot be used: tokenizer.json: "
	m, err := OpenFS(t.Context(), files, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if w := strings.Join(m.Warnings(), "\n"); !strings.Contains(w, want) {
		t.Errorf("warnings %q, want %q", w, want)
	}
	if _, err := m.Encode("a"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a text: error %v, want %q", err, want)
	}
	if err := session(t, m).Append(5, 6, 7); err != nil {
		t.Error(err)
	}
	if _, err := OpenFS(t.Context(), files, &Options{Text: true}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("opened for texts: error %v, want %q", err, want)
	}
	// Before any weights are made.
	if _, err := Open(t.Context(), "random:7b", &Options{Text: true}); err == nil ||
		!strings.Contains(err.Error(), "random:7b has no tokenizer: give token ids") {
		t.Errorf("random weights for texts: error %v", err)
	}
}

// A token that the model has no row for stops no text but its own, as in transformers.
func TestTokenBeyondTheModel(t *testing.T) {
	m := openWith(t, "tokenizer_config.json", `{"additional_special_tokens": ["<tool>"]}`)
	s := session(t, m)
	want, err := open(t, Options{}).Encode(romeo)
	if got, e := m.Encode(romeo); err != nil || e != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v: want %v", got, e, want)
	}
	_, chatErr := m.EncodeSegments([]chat.Segment{{Text: "<tool>", Source: chat.FromTemplate}})
	_, textErr := m.Encode("a <tool>")
	for _, err := range []error{chatErr, textErr, s.AppendText("<tool>")} {
		if err == nil || !strings.Contains(err.Error(), `"<tool>", which is id 1024: the model's vocab_size is 1024`) {
			t.Errorf("error %v, want one that names the token", err)
		}
	}
}

// Tokens that generation_config.json suppresses are never drawn, by default.
func TestSuppressedTokens(t *testing.T) {
	first := func(m *Model) int32 {
		t.Helper()
		for x, err := range session(t, m).Generate(context.Background(), romeo, nil) {
			if err != nil {
				t.Fatal(err)
			}
			return x.ID
		}
		return -1
	}
	id := first(open(t, Options{}))
	for _, text := range []string{`{"suppress_tokens": [%d, -1, 99999]}`, `{"bad_words_ids": [[%d], [1, 2]]}`} {
		m := openWith(t, "generation_config.json", fmt.Sprintf(text, id))
		if got := first(m); got == id {
			t.Errorf("%s: token %d was drawn", fmt.Sprintf(text, id), got)
		}
	}
}
