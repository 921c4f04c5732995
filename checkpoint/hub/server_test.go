package hub

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const testCommit = "0123456789abcdef0123456789abcdef01234567"

// A fakeHub is a server on the loopback with one repository, org/name.
type fakeHub struct {
	*httptest.Server
	t     *testing.T
	files map[string][]byte
	lfs   map[string]bool
	bare  bool   // the listing says names alone, as some mirrors do
	token string // what it wants, if not empty

	// intercept may answer in place of the server. nth counts the requests for
	// the same path from 0.
	intercept func(w http.ResponseWriter, r *http.Request, nth int) bool

	mu   sync.Mutex
	seen []string // "METHOD path [range]"
	nth  map[string]int
}

func newFakeHub(t *testing.T, files map[string]string) *fakeHub {
	h := &fakeHub{t: t, files: map[string][]byte{}, lfs: map[string]bool{}, nth: map[string]int{}}
	for name, text := range files {
		h.files[name] = []byte(text)
		h.lfs[name] = strings.HasSuffix(name, ".safetensors") || strings.HasSuffix(name, ".gguf")
	}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

// modelFiles are those of a small model in two shards, with things that are not
// wanted beside them.
func modelFiles() map[string]string {
	return map[string]string{
		"config.json":                      `{"model_type":"falcon_mamba"}`,
		"generation_config.json":           `{"eos_token_id":[11,10]}`,
		"tokenizer.json":                   `{"version":"1.0"}`,
		"tokenizer_config.json":            `{}`,
		"chat_template.jinja":              `{{ messages }}`,
		"model.safetensors.index.json":     `{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}`,
		"model-00001-of-00002.safetensors": strings.Repeat("0123456789abcdef", 40_000),
		"model-00002-of-00002.safetensors": strings.Repeat("fedcba9876543210", 30_000),
		"README.md":                        "# a model",
		"pytorch_model.bin":                "pickle",
		"original/model.safetensors":       "another",
	}
}

func hashOf(data []byte, lfs bool) string {
	if lfs {
		return fmt.Sprintf("%x", sha256.Sum256(data))
	}
	return fmt.Sprintf("%x", sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(data)), data...)))
}

func (h *fakeHub) requests() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.seen...)
}

func (h *fakeHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	nth := h.nth[r.URL.Path]
	h.nth[r.URL.Path]++
	h.seen = append(h.seen, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
	h.mu.Unlock()
	if h.intercept != nil && h.intercept(w, r, nth) {
		return
	}
	if h.token != "" && r.Header.Get("Authorization") != "Bearer "+h.token {
		w.Header().Set("X-Error-Code", "GatedRepo")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if rev, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api/models/org/name/revision/"); ok {
		h.list(w, rev)
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, "/org/name/resolve/"+testCommit+"/"); ok {
		h.serve(w, r, name)
		return
	}
	w.Header().Set("X-Error-Code", "RepoNotFound")
	w.WriteHeader(http.StatusUnauthorized)
}

func (h *fakeHub) list(w http.ResponseWriter, rev string) {
	if rev != "main" && rev != "v2%2Fnext" && rev != testCommit {
		w.Header().Set("X-Error-Code", "RevisionNotFound")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var siblings []any
	for name, data := range h.files {
		s := map[string]any{"rfilename": name}
		if !h.bare {
			s["size"], s["blobId"] = len(data), hashOf(data, false)
			if h.lfs[name] {
				s["lfs"] = map[string]any{"sha256": hashOf(data, true), "size": len(data), "pointerSize": 130}
			}
		}
		siblings = append(siblings, s)
	}
	json.NewEncoder(w).Encode(map[string]any{"id": "org/name", "sha": testCommit, "siblings": siblings})
}

func (h *fakeHub) serve(w http.ResponseWriter, r *http.Request, name string) {
	data, ok := h.files[name]
	if !ok {
		w.Header().Set("X-Error-Code", "EntryNotFound")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("ETag", `"`+hashOf(data, h.lfs[name])+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
}

// begin sends the start of a file with the headers of the whole, then hangs up.
func begin(w http.ResponseWriter, r *http.Request, data []byte, n int) {
	from := 0
	if text, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
		from, _ = strconv.Atoi(strings.TrimSuffix(text, "-"))
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	w.Write(data[from:min(len(data), from+n)])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// options are for the fake: nothing of the environment counts.
func (h *fakeHub) options() Options {
	for _, name := range []string{"HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN",
		"HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH",
		"HF_ENDPOINT", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "XDG_CACHE_HOME"} {
		h.t.Setenv(name, "")
	}
	h.t.Setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
	return Options{Cache: h.t.TempDir(), Endpoint: h.URL, Stall: 5 * time.Second, backoff: time.Millisecond}
}
