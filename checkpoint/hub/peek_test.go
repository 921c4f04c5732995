package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
)

// asked is how many requests were for a file.
func (h *fakeHub) asked(name string) (n int) {
	for _, r := range h.requests() {
		if strings.Contains(r, "/"+name) {
			n++
		}
	}
	return n
}

// Of a model that the cache does not have what lies beside the weights is downloaded, and of these what is read.
func TestPeek(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	o.Confirm = func(Plan) error { return errors.New("nobody is asked where no weights come") }
	path, d, err := Peek(context.Background(), "org/name", o)
	if err != nil || path != "" || d.GGUF != "" {
		t.Fatalf("%q, %+v, %v", path, d, err)
	}
	const shard = "model-00002-of-00002.safetensors"
	if h.asked(shard) != 0 {
		t.Errorf("weights were asked for before anybody read them: %q", h.requests())
	}
	if text, err := fs.ReadFile(d, "config.json"); err != nil || string(text) != modelFiles()["config.json"] {
		t.Errorf("config.json is %q, %v", text, err)
	}
	if _, err := d.Open("README.md"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("README.md: %v", err)
	}
	want := modelFiles()[shard]
	st, err := fs.Stat(d, shard)
	if err != nil || st.Size() != int64(len(want)) || !st.Mode().IsRegular() || st.Name() != shard {
		t.Errorf("%+v, %v", st, err)
	}
	f, err := d.Open(shard)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := f.(io.ReaderAt)
	for _, c := range []struct{ off, n, requests int }{{0, 8, 1}, {8, 1000, 1}, {300_000, 5, 1}, {len(want) - 3, 9, 1},
		{len(want), 1, 1}, {len(want) + 1, 1, 1}} {
		p := make([]byte, c.n)
		got, err := r.ReadAt(p, int64(c.off))
		rest := want[min(c.off, len(want)):min(c.off+c.n, len(want))]
		if string(p[:got]) != rest || (err == io.EOF) != (len(rest) < c.n) || err != nil && err != io.EOF ||
			h.asked(shard) != c.requests {
			t.Errorf("%d bytes at %d: %d, %v, %d requests; want %d", c.n, c.off, got, err, h.asked(shard), len(rest))
		}
	}
	if _, err := r.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("before its beginning there is something")
	}
	if text, err := io.ReadAll(f); err != nil || string(text) != want {
		t.Errorf("read from its beginning it has %d bytes, %v", len(text), err)
	}
	off := o
	off.Offline = true
	if _, _, err := Peek(context.Background(), "org/name", off); !errors.Is(err, ErrOffline) {
		t.Errorf("offline: %v", err)
	}
	// Nothing of that is in the way of the model itself, which is what Peek has then.
	o.Confirm = nil
	dir, err := Fetch(context.Background(), "org/name", o)
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, dir, h, "config.json", shard)
	if path, d, err := Peek(context.Background(), "org/name", off); err != nil || path != dir || d != nil {
		t.Errorf("of the cache: %q, %v, %v", path, d, err)
	}
}

// A piece of a large file is asked for by its place, again where it does not come whole, and taken for nothing else.
func TestPeekPieces(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 3*pieceSize/16)
	at := func(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, nth int) bool, off int64) (string, error) {
		h := newFakeHub(t, map[string]string{"a.gguf": big})
		h.intercept = func(w http.ResponseWriter, r *http.Request, nth int) bool {
			return strings.HasSuffix(r.URL.Path, ".gguf") && answer(w, r, nth)
		}
		_, d, err := Peek(context.Background(), "org/name", h.options())
		if err != nil {
			t.Fatal(err)
		}
		f, err := d.Open("a.gguf")
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 5)
		_, err = f.(io.ReaderAt).ReadAt(p, off)
		return string(p), err
	}
	const off = pieceSize + 3
	none := func(http.ResponseWriter, *http.Request, int) bool { return false }
	if got, err := at(t, none, off); got != "34567" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	short := func(w http.ResponseWriter, r *http.Request, nth int) bool {
		if nth > 0 {
			return false
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", off, off+pieceSize-1, len(big)))
		w.WriteHeader(http.StatusPartialContent)
		io.WriteString(w, big[:10])
		return true
	}
	if got, err := at(t, short, off); got != "34567" || err != nil {
		t.Errorf("behind a piece that was cut off: %q, %v", got, err)
	}
	whole := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		io.WriteString(w, big)
		return true
	}
	if got, err := at(t, whole, 0); got != "01234" || err != nil {
		t.Errorf("of a server without ranges: %q, %v", got, err)
	}
	if _, err := at(t, whole, off); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "all of a.gguf") {
		t.Errorf("of a server without ranges, from the middle: %v", err)
	}
	other := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		w.Header().Set("Content-Range", "bytes 0-1048575/9999999")
		w.WriteHeader(http.StatusPartialContent)
		return true
	}
	if _, err := at(t, other, off); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "0-1048575/9999999") {
		t.Errorf("another piece: %v", err)
	}
	if _, err := at(t, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	}, off); !errors.Is(err, ErrAccess) {
		t.Errorf("refused: %v", err)
	}
}

// A split GGUF file is downloaded: its keys and tensors are in several.
func TestPeekSplit(t *testing.T) {
	h := newFakeHub(t, map[string]string{"a-00001-of-00002.gguf": "GGUF", "a-00002-of-00002.gguf": "GGUF too"})
	path, d, err := Peek(context.Background(), "org/name", h.options())
	if err != nil || d != nil || !strings.HasSuffix(path, "a-00001-of-00002.gguf") {
		t.Errorf("%q, %v, %v", path, d, err)
	}
}
