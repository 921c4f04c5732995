package hub

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of a model's repository the tokenizer's files are downloaded, and no weights; the model itself is whole later.
func TestFetchTokenizer(t *testing.T) {
	files := modelFiles()
	files["tokenizer_config.json"], files["unknown.txt"] = `{}`, "x"
	h := newFakeHub(t, files)
	o := h.options()
	o.Confirm = func(Plan) error { return errors.New("nobody is asked for a tokenizer") }
	dir, _, err := FetchTokenizer(context.Background(), "org/name", o)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(o.Cache, "models--org--name", "snapshots", testCommit); dir != want {
		t.Errorf("got %s, want %s", dir, want)
	}
	checkFiles(t, dir, h, "tokenizer.json", "tokenizer_config.json")
	for _, name := range tree(t, dir) {
		if !strings.Contains(name, "token") && !strings.Contains(name, "template") {
			t.Errorf("%s was downloaded too", name)
		}
	}
	before := len(h.requests())
	off := o
	off.Offline = true
	if got, _, err := FetchTokenizer(context.Background(), "org/name", off); err != nil || got != dir ||
		len(h.requests()) != before {
		t.Errorf("from the cache: %s, %v, %d requests", got, err, len(h.requests())-before)
	}
	if _, err := Fetch(context.Background(), "org/name", off); !errors.Is(err, ErrOffline) {
		t.Errorf("the tokenizer as a model: %v", err)
	}
	o.Confirm = nil
	if got, err := Fetch(context.Background(), "org/name", o); err != nil || got != dir {
		t.Errorf("the model behind it: %s, %v", got, err)
	}
	checkFiles(t, dir, h, "config.json", "model-00002-of-00002.safetensors")
}

// A GGUF file has its tokenizer within, and stays where it is; weights without a tokenizer are not downloaded for it.
func TestFetchTokenizerElsewhere(t *testing.T) {
	h := newFakeHub(t, map[string]string{"a.gguf": "GGUF and so on"})
	for _, name := range []string{"org/name", "org/name:a.gguf"} {
		path, files, err := FetchTokenizer(context.Background(), name, h.options())
		if err != nil || path != "" || files.GGUF != "a.gguf" {
			t.Errorf("%s: %q, %+v, %v", name, path, files, err)
		}
	}
	files := modelFiles()
	delete(files, "tokenizer.json")
	h = newFakeHub(t, files)
	o := h.options()
	if _, _, err := FetchTokenizer(context.Background(), "org/name", o); !errors.Is(err, ErrNotFound) ||
		!strings.Contains(err.Error(), "the repository has no tokenizer.json") {
		t.Errorf("without a tokenizer: %v", err)
	}
	for _, r := range h.requests() {
		if strings.Contains(r, "safetensors") {
			t.Errorf("%s was asked for", r)
		}
	}
}

// A newer tokenizer alone takes a branch not away from the model that the cache has.
func TestFetchTokenizerLeavesTheBranch(t *testing.T) {
	files := modelFiles()
	tokenizer := files["tokenizer.json"]
	delete(files, "tokenizer.json")
	h := newFakeHub(t, files)
	o := h.options()
	dir, err := Fetch(context.Background(), "org/name", o)
	if err != nil {
		t.Fatal(err)
	}
	older := filepath.Join(filepath.Dir(dir), strings.Repeat("b", 40))
	ref := filepath.Join(o.Cache, "models--org--name", "refs", "main")
	if err := errors.Join(os.Rename(dir, older), os.WriteFile(ref, []byte(filepath.Base(older)), 0o600)); err != nil {
		t.Fatal(err)
	}
	h.files["tokenizer.json"] = []byte(tokenizer)
	if got, _, err := FetchTokenizer(context.Background(), "org/name", o); err != nil || got != dir {
		t.Errorf("the newer tokenizer: %s, %v", got, err)
	}
	o.Offline = true
	if got, err := Fetch(context.Background(), "org/name", o); err != nil || got != older {
		t.Errorf("the model that was there: %s, %v", got, err)
	}
}
