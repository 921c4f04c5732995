package falconmamba

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"falconmamba/backend"
	"falconmamba/checkpoint/tiny"
)

// A text is the same with a draft model, which guesses much of it, also once its device was lost.
func TestDraftModel(t *testing.T) {
	l := &loser{}
	backend.Register("draftloser", l)
	l.passes.Store(1 << 40)
	want := text(t, session(t, open(t, Options{})), romeo, 60)
	m := open(t, Options{Backend: "draftloser", Draft: DraftOptions{FS: tiny.FS()}})
	if !m.Drafts() {
		t.Fatal("no draft model")
	}
	for range 2 {
		if got := text(t, session(t, m), romeo, 60); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		l.passes.Store(9)
	}
	if n := m.Stats().Lost; n != 1 {
		t.Errorf("%d losses, want 1", n)
	}
}

// A draft model with another token somewhere is refused by one line that names it.
func TestDraftModelOfOtherTokens(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"} {
		data, err := fs.ReadFile(tiny.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(data), "<|im_end|>", "<|im_fin|>"))}
	}
	_, err := OpenFS(context.Background(), tiny.FS(), &Options{Backend: "cpu", Draft: DraftOptions{FS: files}})
	const want = `token 2 of the draft model is "<|im_fin|>", and of the model "<|im_end|>": ` +
		`want a draft model of the same tokenizer`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	_, err = OpenFS(context.Background(), tiny.FS(), &Options{Backend: "cpu", Draft: DraftOptions{Model: "random:130m"}})
	if err == nil || !strings.Contains(err.Error(), "vocabulary of 50280 tokens") {
		t.Errorf("random weights of another vocabulary: %v", err)
	}
}
