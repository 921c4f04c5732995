package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"falconmamba/cmd/internal/cli"
)

// hubOf is a hub on the loopback with one model, org/name, whose files are those of folders. sent is what it sent of
// each.
func hubOf(t *testing.T, folders ...string) (sent func(name string) int) {
	t.Helper()
	const commit = "0123456789abcdef0123456789abcdef01234567"
	files := map[string][]byte{}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if files[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	var mu sync.Mutex
	bytes := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			var all []any
			for name, data := range files {
				hash := fmt.Sprintf("%x", sha256.Sum256(data))
				all = append(all, map[string]any{"rfilename": name, "size": len(data),
					"lfs": map[string]any{"sha256": hash, "size": len(data)}})
			}
			json.NewEncoder(w).Encode(map[string]any{"sha": commit, "siblings": all})
			return
		}
		name := strings.TrimPrefix(r.URL.Path, "/org/name/resolve/"+commit+"/")
		http.ServeContent(counting{w, func(n int) {
			mu.Lock()
			bytes[name] += n
			mu.Unlock()
		}}, r, "", time.Time{}, strings.NewReader(string(files[name])))
	}))
	t.Cleanup(server.Close)
	t.Setenv("HF_ENDPOINT", server.URL)
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	return func(name string) int {
		mu.Lock()
		defer mu.Unlock()
		return bytes[name]
	}
}

type counting struct {
	http.ResponseWriter
	wrote func(n int)
}

func (c counting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.wrote(n)
	return n, err
}

// What a model of the hub is, and its tokens, is said without its weights, as of the model itself; a model that is
// there is used as it is.
func TestHubModelsAreNotDownloadedToLookAt(t *testing.T) {
	const tiny = "../../checkpoint/tiny"
	gguf := t.TempDir()
	ok(t, "convert", "-o", filepath.Join(gguf, "m.gguf"))
	for _, c := range []struct{ folder, local, weights string }{
		{tiny, tiny, "model.safetensors"}, {gguf, filepath.Join(gguf, "m.gguf"), "m.gguf"},
	} {
		sent := hubOf(t, c.folder)
		facts := func(model string) (f map[string]any) {
			if err := json.Unmarshal([]byte(ok(t, "inspect", "--json", "--tensors", model)), &f); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"name", "fits"} { // its own, and what is free now
				delete(f, name)
			}
			return f
		}
		got, want := fmt.Sprint(facts("org/name")), fmt.Sprint(facts(c.local))
		if got != want {
			t.Errorf("%s: inspect says\n%s\nwant\n%s", c.weights, got, want)
		}
		if got, want := ok(t, "tokenize", "-m", "org/name", "ROMEO: good night"),
			ok(t, "tokenize", "-m", c.local, "ROMEO: good night"); got != want {
			t.Errorf("%s: tokens %q, want %q", c.weights, got, want)
		}
		if n := sent(c.weights); n == 0 || n > 2<<20 { // of 5 MB
			t.Errorf("%d bytes of %s were sent", n, c.weights)
		}
		if o := fmgen(t, "", "inspect", "org/name", "--offline"); o.status != cli.Failed ||
			!strings.Contains(o.stderr, "nothing is downloaded") {
			t.Errorf("%s, offline: status %d, %q", c.weights, o.status, o.stderr)
		}
		if o := fmgen(t, "", "-m", "org/name", "-p", "a", "-n", "1"); o.status != cli.OK {
			t.Fatalf("the model: status %d, %q", o.status, o.stderr)
		}
		before := sent(c.weights)
		if got := fmt.Sprint(facts("org/name")); got != want || sent(c.weights) != before {
			t.Errorf("%s, downloaded: %d bytes were sent, and inspect says\n%s\nwant\n%s", c.weights,
				sent(c.weights)-before, got, want)
		}
	}
}
