package hub

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func adapterRepository() map[string]string {
	return map[string]string{
		"adapter_config.json":       `{"peft_type":"LORA"}`,
		"adapter_model.safetensors": strings.Repeat("0123456789abcdef", 1000),
		"tokenizer.json":            `{}`,
		"checkpoint-500/optim.pt":   "pickle",
	}
}

// Of an adapter's repository the two files are downloaded, and used from the cache.
func TestFetchAdapter(t *testing.T) {
	h := newFakeHub(t, adapterRepository())
	o := h.options()
	dir, err := FetchAdapter(context.Background(), "org/name", o)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(o.Cache, "models--org--name", "snapshots", testCommit); dir != want {
		t.Errorf("got %s, want %s", dir, want)
	}
	checkFiles(t, dir, h, "adapter_config.json", "adapter_model.safetensors")
	if n := len(tree(t, dir)); n != 2 {
		t.Errorf("the snapshot has %d files", n)
	}
	before := len(h.requests())
	o.Offline = true
	for _, name := range []string{"org/name", "org/name@" + testCommit} {
		if got, err := FetchAdapter(context.Background(), name, o); err != nil || got != dir {
			t.Errorf("%s offline: %s, %v", name, got, err)
		}
	}
	if len(h.requests()) != before {
		t.Error("requests for an adapter in the cache")
	}
	if _, err := Fetch(context.Background(), "org/name", o); !errors.Is(err, ErrOffline) {
		t.Errorf("the adapter as a model: %v", err)
	}
}

func TestFetchAdapterErrors(t *testing.T) {
	for name, c := range map[string]struct {
		bend func(files map[string]string)
		call func(context.Context, string, Options) (string, error)
		of   string
		want string
	}{
		"pickle": {func(f map[string]string) {
			f["adapter_model.bin"] = f["adapter_model.safetensors"]
			delete(f, "adapter_model.safetensors")
		}, FetchAdapter, "org/name", "adapter_model.bin, which is not read"},
		"a model":    {func(f map[string]string) { clear(f); maps.Copy(f, modelFiles()) }, FetchAdapter, "org/name", "it is a model"},
		"nothing":    {func(f map[string]string) { clear(f); f["README.md"] = "x" }, FetchAdapter, "org/name", "it is no adapter"},
		"as a model": {func(map[string]string) {}, Fetch, "org/name", "name its model, and this one as an adapter"},
		"a file":     {func(map[string]string) {}, FetchAdapter, "org/name:x.gguf", "names a file"},
	} {
		files := adapterRepository()
		c.bend(files)
		h := newFakeHub(t, files)
		_, err := c.call(context.Background(), c.of, h.options())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line with %q", name, err, c.want)
		}
		if got := h.requests(); slices.ContainsFunc(got, func(r string) bool { return strings.Contains(r, ".bin") }) {
			t.Errorf("%s: pickle was asked for", name)
		}
	}
}
