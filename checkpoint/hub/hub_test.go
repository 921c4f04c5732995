package hub

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const shard1, shard2 = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"

// tree lists a folder's files, links as "name -> target".
func tree(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, p)
		name = filepath.ToSlash(name)
		if d.Type()&fs.ModeSymlink != 0 {
			to, _ := os.Readlink(p)
			name += " -> " + filepath.ToSlash(to)
		}
		all = append(all, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func mustFetch(t *testing.T, name string, o Options) string {
	t.Helper()
	p, err := Fetch(context.Background(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func checkFiles(t *testing.T, dir string, h *fakeHub, names ...string) {
	t.Helper()
	for _, name := range names {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != string(h.files[name]) {
			t.Errorf("%s: %d bytes, %v; want the %d that were sent", name, len(got), err, len(h.files[name]))
		}
	}
}

func TestFetch(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	var last, total int64
	o.Progress = func(d, n int64) {
		if d < last || d > n {
			t.Errorf("progress went from %d to %d of %d", last, d, n)
		}
		last, total = d, n
	}
	dir := mustFetch(t, "org/name", o)
	if want := filepath.Join(o.Cache, "models--org--name", "snapshots", testCommit); dir != want {
		t.Errorf("got %s, want %s", dir, want)
	}
	wanted := []string{"chat_template.jinja", "config.json", "generation_config.json", shard1, shard2,
		"model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json"}
	checkFiles(t, dir, h, wanted...)
	var want []string
	links := follows(t)
	for _, name := range wanted {
		if links {
			name += " -> ../../blobs/" + hashOf(h.files[name], h.lfs[name])
		}
		want = append(want, name)
	}
	if got := tree(t, dir); !slices.Equal(got, want) {
		t.Errorf("the snapshot has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, _ := os.ReadFile(filepath.Join(o.Cache, "models--org--name", "refs", "main")); string(got) != testCommit {
		t.Errorf("refs/main is %q, want %s", got, testCommit)
	}
	if size := int64(len(h.files[shard1]) + len(h.files[shard2])); last != size || total != size {
		t.Errorf("progress ended at %d of %d, want %d", last, total, size)
	}

	// What is in the cache is used without a request, offline or not.
	before := len(h.requests())
	for _, offline := range []bool{false, true} {
		o.Offline = offline
		if got := mustFetch(t, "org/name", o); got != dir {
			t.Errorf("from the cache: %s, want %s", got, dir)
		}
		if got := mustFetch(t, "org/name@"+testCommit, o); got != dir {
			t.Errorf("by commit: %s, want %s", got, dir)
		}
	}
	if n := len(h.requests()); n != before {
		t.Errorf("%d requests for a model in the cache", n-before)
	}
}

// isCached reports whether the cache has a model.
func isCached(name string, o Options) bool {
	o.Offline = true
	_, err := Fetch(context.Background(), name, o)
	return err == nil
}

func TestFetchRevision(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	dir := mustFetch(t, "org/name@v2/next", o)
	checkFiles(t, dir, h, "config.json", shard2)
	if got, _ := os.ReadFile(filepath.Join(o.Cache, "models--org--name", "refs", "v2",
		"next")); string(got) != testCommit {
		t.Errorf("refs/v2/next is %q, want %s", got, testCommit)
	}
	if isCached("org/name", o) {
		t.Error("main is cached though it was never asked for")
	}
}

// A snapshot that another program has begun is completed.
func TestFetchCompletes(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	dir := mustFetch(t, "org/name", o)
	for _, name := range []string{shard2, "tokenizer.json"} {
		os.Remove(filepath.Join(dir, name))
		h.mu.Lock()
		h.seen = nil
		h.mu.Unlock()
		mustFetch(t, "org/name", o)
		checkFiles(t, dir, h, name)
		if got := h.requests(); len(got) != 1 {
			t.Errorf("requests %q: want the list alone, since the blob is there", got)
		}
	}
}

func TestFetchGGUF(t *testing.T) {
	h := newFakeHub(t, map[string]string{
		"m-Q4_K.gguf": "q4_k", "m-Q4_K_M.gguf": "q4_k_m", "deep/m-Q8_0.gguf": "q8_0", "config.json": "{}",
	})
	for _, tc := range []struct{ name, want, err string }{
		{"org/name:m-Q4_K.gguf", "m-Q4_K.gguf", ""},
		{"org/name:Q4_K", "m-Q4_K.gguf", ""},
		{"org/name:q4_k_m", "m-Q4_K_M.gguf", ""},
		{"org/name:q8_0", "deep/m-Q8_0.gguf", ""},
		{"org/name:deep/m-Q8_0.gguf", "deep/m-Q8_0.gguf", ""},
		{"org/name:K", "", "no GGUF file K: it has deep/m-Q8_0.gguf, m-Q4_K.gguf, m-Q4_K_M.gguf"},
		{"org/name:x.gguf", "", "no GGUF file x.gguf"},
		{"org/name", "", "several GGUF files"},
	} {
		o := h.options()
		p, err := Fetch(context.Background(), tc.name, o)
		if tc.err != "" {
			if err == nil || !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: got %v, want %q", tc.name, err, tc.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if want := filepath.Join(o.Cache, "models--org--name", "snapshots", testCommit,
			filepath.FromSlash(tc.want)); p != want {
			t.Errorf("%s: got %s, want %s", tc.name, p, want)
		}
		o.Offline = true
		if again := mustFetch(t, tc.name, o); again != p {
			t.Errorf("%s: offline %s, want %s", tc.name, again, p)
		}
	}
}

// Of a split file all parts are wanted, and none is another file.
func TestFetchSplitGGUF(t *testing.T) {
	h := newFakeHub(t, map[string]string{
		"m-Q4_K-00001-of-00003.gguf": "one", "m-Q4_K-00002-of-00003.gguf": "two", "m-Q4_K-00003-of-00003.gguf": "three",
		"Q8_0/m-Q8_0-00001-of-00002.gguf": "1", "Q8_0/m-Q8_0-00002-of-00002.gguf": "2",
		"m-Q6_K-00001-of-00002.gguf": "lonely",
	})
	for name, want := range map[string][]string{
		"org/name:q4_k": {"m-Q4_K-00001-of-00003.gguf", "m-Q4_K-00002-of-00003.gguf",
			"m-Q4_K-00003-of-00003.gguf"},
		"org/name:m-Q4_K-00002-of-00003.gguf": {"m-Q4_K-00002-of-00003.gguf", "m-Q4_K-00001-of-00003.gguf",
			"m-Q4_K-00003-of-00003.gguf"},
		"org/name:Q8_0": {"Q8_0/m-Q8_0-00001-of-00002.gguf", "Q8_0/m-Q8_0-00002-of-00002.gguf"},
	} {
		o := h.options()
		dir := filepath.Join(o.Cache, "models--org--name", "snapshots", testCommit)
		p := mustFetch(t, name, o)
		if p != filepath.Join(dir, filepath.FromSlash(want[0])) {
			t.Errorf("%s: got %s, want %s", name, p, want[0])
		}
		checkFiles(t, dir, h, want...)
		if n := len(tree(t, dir)); n != len(want) {
			t.Errorf("%s: %d files came, want %d", name, n, len(want))
		}
		o.Offline = true
		if again := mustFetch(t, name, o); again != p {
			t.Errorf("%s: offline %s, want %s", name, again, p)
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(want[1]))); err != nil {
			t.Fatal(err)
		}
		if p, err := Fetch(context.Background(), name, o); err == nil {
			t.Errorf("%s: offline without %s: %s", name, want[1], p)
		}
		o.Offline = false
		mustFetch(t, name, o)
		checkFiles(t, dir, h, want...)
	}
	for name, want := range map[string]string{
		"org/name:Q6_K": "m-Q6_K-00001-of-00002.gguf is part of a split file, and the repository has no " +
			"m-Q6_K-00002-of-00002.gguf",
		"org/name": "several GGUF files: name one behind a colon, of Q8_0/m-Q8_0-00001-of-00002.gguf, " +
			"m-Q4_K-00001-of-00003.gguf, m-Q6_K-00001-of-00002.gguf",
	} {
		if _, err := Fetch(context.Background(), name, h.options()); !errors.Is(err, ErrNotFound) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// Servers that fail for a time: the file comes in the end, and nothing is
// fetched twice that was there.
func TestFetchThroughFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		stall     time.Duration
		intercept func(h *fakeHub, w http.ResponseWriter, r *http.Request, nth int) bool
		want      []string // requests for shard 1
	}{
		"errors of the server": {0, func(h *fakeHub, w http.ResponseWriter, r *http.Request, nth int) bool {
			if nth < 3 {
				w.WriteHeader([]int{500, 503, 429}[nth])
			}
			return nth < 3
		}, []string{"", "", "", ""}},
		"cut": {0, func(h *fakeHub, w http.ResponseWriter, r *http.Request, nth int) bool {
			if nth < 2 && strings.HasSuffix(r.URL.Path, shard1) {
				begin(w, r, h.files[shard1], 300_000)
			}
			return false
		}, []string{"", "bytes=300000-", "bytes=600000-"}},
		"cut before the answer": {0, func(h *fakeHub, w http.ResponseWriter, r *http.Request, nth int) bool {
			if nth == 0 {
				panic(http.ErrAbortHandler)
			}
			return false
		}, []string{"", ""}},
		"stalls": {time.Second, func(h *fakeHub, w http.ResponseWriter, r *http.Request, nth int) bool {
			if nth == 0 && strings.HasSuffix(r.URL.Path, shard1) {
				w.Header().Set("Content-Length", strconv.Itoa(len(h.files[shard1])))
				w.Write(h.files[shard1][:100_000])
				w.(http.Flusher).Flush()
				<-r.Context().Done()
				return true
			}
			if nth == 0 && strings.HasSuffix(r.URL.Path, shard2) {
				<-r.Context().Done()
				return true
			}
			return false
		}, []string{"", "bytes=100000-"}},
		"no ranges": {0, func(h *fakeHub, w http.ResponseWriter, r *http.Request, nth int) bool {
			if strings.HasSuffix(r.URL.Path, shard1) {
				if nth == 0 {
					begin(w, r, h.files[shard1], 200_000)
				}
				w.Write(h.files[shard1])
				return true
			}
			return false
		}, []string{"", "bytes=200000-"}},
		"a broken byte, once": {0, func(h *fakeHub, w http.ResponseWriter, r *http.Request, nth int) bool {
			if nth == 0 && strings.HasSuffix(r.URL.Path, shard1) {
				bad := slices.Clone(h.files[shard1])
				bad[1000] ^= 1
				w.Write(bad)
				return true
			}
			return false
		}, []string{"", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t, modelFiles())
			h.intercept = func(w http.ResponseWriter, r *http.Request,
				nth int) bool {
				return tc.intercept(h, w, r, nth)
			}
			o := h.options()
			if tc.stall > 0 {
				o.Stall = tc.stall
			}
			var last, total int64
			o.Progress = func(d, n int64) { last, total = d, n }
			dir := mustFetch(t, "org/name", o)
			checkFiles(t, dir, h, "config.json", "tokenizer.json", shard1, shard2)
			var got []string
			for _, r := range h.requests() {
				if _, after, ok := strings.Cut(r, shard1); ok {
					got = append(got, strings.TrimSpace(after))
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("requests for the first shard had ranges %q, want %q", got, tc.want)
			}
			if size := int64(len(h.files[shard1]) + len(h.files[shard2])); last != size || total != size {
				t.Errorf("progress ended at %d of %d, want %d", last, total, size)
			}
			for _, f := range tree(t, o.Cache) {
				if strings.HasSuffix(f, partial) || strings.HasSuffix(f, ".tmp") {
					t.Errorf("%s is left behind", f)
				}
			}
		})
	}
}

// Servers that do not get better, and lie: one line, and nothing in the snapshot.
func TestFetchErrors(t *testing.T) {
	isShard := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, shard1) }
	isList := func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }
	answer := func(w http.ResponseWriter, text string) bool { w.Write([]byte(text)); return true }
	for _, tc := range []struct {
		name, model string
		intercept   func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool
		is          error
		want        string
	}{
		{"unknown model", "org/other", nil, ErrAccess, "no such model"},
		{"unknown revision", "org/name@nope", nil, ErrNotFound, `no revision "nope"`},
		{"gated", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("X-Error-Code", "GatedRepo")
			w.WriteHeader(403)
			return true
		}, ErrAccess, "accept its terms at"},
		{"404", "org/name", func(h *fakeHub, w http.ResponseWriter,
			r *http.Request) bool {
			w.WriteHeader(404)
			return true
		}, ErrNotFound, "not found"},
		{"500 for ever", "org/name", func(h *fakeHub, w http.ResponseWriter,
			r *http.Request) bool {
			w.WriteHeader(500)
			return true
		}, nil, "500"},
		{"418", "org/name", func(h *fakeHub, w http.ResponseWriter,
			r *http.Request) bool {
			w.WriteHeader(418)
			return true
		}, nil, "418"},
		{"not a hub", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			return answer(w, "<html>log in to the network</html>")
		}, nil, "does not answer as a hub does"},
		{"no commit", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			return answer(w, `{"sha":"../../../../etc","siblings":[]}`)
		}, nil, "want a commit"},
		{"another commit", "org/name@" + strings.Repeat("ab", 20),
			func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
				return answer(w, `{"sha":"`+testCommit+`","siblings":[]}`)
			}, ErrCorrupt, "answers with commit " + testCommit},
		{"negative size", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			return answer(w, `{"sha":"`+testCommit+`","siblings":[{"rfilename":"config.json","size":-5}]}`)
		}, nil, "-5 bytes"},
		{"nothing to use", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			return answer(w, `{"sha":"`+testCommit+`","siblings":[{"rfilename":"../config.json"},{"rfilename":"pytorch_model.bin"}]}`)
		}, ErrNotFound, "pickle"},
		{"more than any disk holds", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			return isList(r) && answer(w,
				`{"sha":"`+testCommit+`","siblings":[{"rfilename":"config.json","size":9000000000000000000,"blobId":"`+testCommit+`"},{"rfilename":"model.safetensors"}]}`)
		}, ErrDiskFull, "are free"},
		{"more than a number holds", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			f := `","size":9000000000000000000,"blobId":"` + testCommit + `"}`
			return isList(r) && answer(w,
				`{"sha":"`+testCommit+`","siblings":[{"rfilename":"config.json`+f+`,{"rfilename":"tokenizer.json`+f+`,{"rfilename":"model.safetensors"}]}`)
		}, ErrCorrupt, "more bytes than there can be"},
		{"redirects in a ring", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.Path+"?blobs=true", http.StatusFound)
			return true
		}, nil, "more than 5 redirects"},
		{"redirect to a file", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			if isShard(r) {
				http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
				return true
			}
			return false
		}, nil, "redirect to a file address"},
		{"wrong hash for ever", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			return isShard(r) && answer(w, strings.Repeat("x", len(h.files[shard1])))
		}, ErrCorrupt, "its hash is"},
		{"wrong hash of a small file", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/config.json") &&
				answer(w, strings.Repeat("x", len(h.files["config.json"])))
		}, ErrCorrupt, "config.json"},
		{"too long", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			if isShard(r) {
				w.Header().Set("Content-Length", "640001")
				return answer(w, string(h.files[shard1])+"x")
			}
			return false
		}, ErrCorrupt, "has 640001 bytes to come, want 640000"},
		{"too long, length not said", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			if isShard(r) {
				w.(http.Flusher).Flush()
				return answer(w, string(h.files[shard1])+"x")
			}
			return false
		}, ErrCorrupt, "more bytes than the 640000"},
		{"too short", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			return isShard(r) && answer(w, "x")
		}, ErrCorrupt, "want 640000"},
		{"ends early, length not said", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			if isShard(r) {
				w.(http.Flusher).Flush()
				return true
			}
			return false
		}, nil, "ended after 0 of 640000 bytes"},
		{"another range", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			if isShard(r) {
				w.Header().Set("Content-Range", "bytes 5-639999/640000")
				w.WriteHeader(206)
				return true
			}
			return false
		}, ErrCorrupt, "bytes 5-639999"},
		{"an index that leaves the folder", "org/name", func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
			if isList(r) {
				h.files["model.safetensors.index.json"] = []byte(`{"weight_map":{"a":"../../../../evil.safetensors"}}`)
			}
			return false
		}, nil, "want the name of a file in the same folder"},
		{"an index of files that are not there", "org/name",
			func(h *fakeHub, w http.ResponseWriter, r *http.Request) bool {
				if isList(r) {
					h.files["model.safetensors.index.json"] = []byte(`{"weight_map":{"a":"gone.safetensors"}}`)
				}
				return false
			}, ErrNotFound, "names gone.safetensors"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newFakeHub(t, modelFiles())
			if tc.intercept != nil {
				h.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool { return tc.intercept(h, w, r) }
			}
			o := h.options()
			_, err := Fetch(context.Background(), tc.model, o)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v, want one line with %q", err, tc.want)
			}
			if tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%v is no %v", err, tc.is)
			}
			if isCached(tc.model, o) {
				t.Error("the model counts as cached")
			}
			for _, f := range tree(t, o.Cache) {
				if strings.Contains(f, shard1) {
					t.Errorf("%s is in the cache", f)
				}
			}
		})
	}
}

// What a redirect may not do is not tried again.
func TestFetchForbiddenRedirect(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	h.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		http.Redirect(w, r, "ftp://other/file", http.StatusFound)
		return true
	}
	_, err := Fetch(t.Context(), "org/name", h.options())
	if err == nil || !strings.Contains(err.Error(), "redirect to a ftp") {
		t.Errorf("error %v", err)
	}
	if got := len(h.requests()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

// A blob that was cut is fetched again, and what another has put in the place of a part is not
// written through.
func TestFetchMendsTheCache(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	dir := mustFetch(t, "org/name", o)
	if err := os.Truncate(filepath.Join(dir, shard1), 0); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(o.Cache, "models--org--name", "blobs", hashOf(h.files[shard1], true)+partial)
	if err := os.Symlink(outside, part); err != nil {
		t.Skip(err)
	}
	checkFiles(t, mustFetch(t, "org/name", o), h, shard1)
	if text, err := os.ReadFile(outside); err != nil || string(text) != "mine" {
		t.Errorf("the file behind the link is %.20q (%v)", text, err)
	}
}

func TestFetchSaysWhatTheServerSays(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	h.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		w.Header().Set("X-Error-Message", "Invalid credentials\u009b2J")
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	o := h.options()
	o.Token = "hf_wrong"
	_, err := Fetch(t.Context(), "org/name", o)
	if err == nil || !strings.Contains(err.Error(), "refuses the token") ||
		!strings.Contains(err.Error(), `the server says: "Invalid credentials`) || strings.Contains(err.Error(), "\u009b") {
		t.Errorf("error %q", err)
	}
}

func TestFetchCanceled(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	ctx, cancel := context.WithCancel(context.Background())
	h.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if !strings.HasSuffix(r.URL.Path, shard1) {
			return false
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(h.files[shard1])))
		w.Write(h.files[shard1][:50_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
	o := h.options()
	o.Parallel = 1 // so that what comes is of the first shard
	o.Progress = func(done, _ int64) {
		if done >= 50_000 {
			cancel()
		}
	}
	if _, err := Fetch(ctx, "org/name", o); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want a cancellation", err)
	}
	// Another run goes on from there.
	h.intercept, o.Progress = nil, nil
	dir := mustFetch(t, "org/name", o)
	checkFiles(t, dir, h, shard1, shard2)
	for _, r := range h.requests() {
		if strings.HasSuffix(r, "bytes=50000-") {
			return
		}
	}
	t.Errorf("requests %q: none goes on from byte 50000", h.requests())
}

// What an earlier run has left broken is found out and fetched anew.
func TestFetchBrokenPart(t *testing.T) {
	for name, left := range map[string]string{"wrong bytes": strings.Repeat("x", 1000),
		"too long": strings.Repeat("0123456789abcdef", 50_000)} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t, modelFiles())
			o := h.options()
			blobs := filepath.Join(o.Cache, "models--org--name", "blobs")
			os.MkdirAll(blobs, 0o777)
			if err := os.WriteFile(filepath.Join(blobs, hashOf(h.files[shard1], true)+partial), []byte(left),
				0o666); err != nil {
				t.Fatal(err)
			}
			checkFiles(t, mustFetch(t, "org/name", o), h, shard1)
		})
	}
}

func TestFetchToken(t *testing.T) {
	// Files come from another host, which must not see the token.
	var leaked, fetched bool
	h := newFakeHub(t, modelFiles())
	other := newFakeHub(t, modelFiles())
	other.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		fetched = true
		leaked = leaked || r.Header.Get("Authorization") != ""
		return false
	}
	h.token = "hf_secret"
	h.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if strings.HasSuffix(r.URL.Path, shard1) && r.Header.Get("Authorization") != "" {
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
			return true
		}
		return false
	}
	o := h.options()
	o.Parallel = 1
	_, err := Fetch(context.Background(), "org/name", o)
	if err == nil || !errors.Is(err, ErrAccess) || !strings.Contains(err.Error(), "set HF_TOKEN") {
		t.Errorf("without a token: %v", err)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("hf_secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "")
	t.Setenv("TOKENS", filepath.Dir(file))
	t.Setenv("HF_TOKEN_PATH", "${TOKENS}/token") // as between quotes of a shell
	checkFiles(t, mustFetch(t, "org/name", o), h, shard1)
	if !fetched || leaked {
		t.Errorf("the other host was asked: %v, and saw the token: %v", fetched, leaked)
	}
	t.Setenv("HF_TOKEN", "hf_wrong")
	o.Cache = t.TempDir()
	if _, err := Fetch(context.Background(), "org/name", o); err == nil || strings.Contains(err.Error(), "hf_wrong") {
		t.Errorf("with a wrong token: %v", err)
	}
}

// A mirror that lists names alone is asked about each file.
func TestFetchBareListing(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	h.bare = true
	checkFiles(t, mustFetch(t, "org/name", h.options()), h, "config.json", shard1, shard2)
}

func TestFetchOffline(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	t.Setenv("HF_HUB_OFFLINE", "1")
	if _, err := Fetch(context.Background(), "org/name", o); !errors.Is(err, ErrOffline) {
		t.Errorf("got %v", err)
	}
	if got := h.requests(); len(got) > 0 {
		t.Errorf("requests %q", got)
	}
	// A server that cannot be reached is no obstacle where the model would run.
	t.Setenv("HF_HUB_OFFLINE", "")
	dir := mustFetch(t, "org/name", o)
	os.Remove(filepath.Join(dir, "tokenizer.json"))
	h.Close()
	if got := mustFetch(t, "org/name", o); got != dir {
		t.Errorf("got %s, want %s", got, dir)
	}
	os.Remove(filepath.Join(dir, shard1))
	if _, err := Fetch(context.Background(), "org/name", o); err == nil ||
		!strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("got %v", err)
	}
}

// Several processes that want the same model do not spoil it, and fetch it once.
func TestFetchTogether(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			dir, err := Fetch(context.Background(), "org/name", o)
			if err != nil {
				t.Error(err)
				return
			}
			checkFiles(t, dir, h, shard1, shard2)
		})
	}
	wg.Wait()
	n := 0
	for _, r := range h.requests() {
		if strings.Contains(r, shard1) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the first shard was fetched %d times", n)
	}
}

func TestEnvironment(t *testing.T) {
	h := newFakeHub(t, nil)
	h.options() // clears the environment
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip("no home folder: ", err)
	}
	for _, tc := range []struct {
		env  [][2]string
		want string
	}{
		{nil, filepath.Join(home, ".cache", "huggingface", "hub")},
		{[][2]string{{"XDG_CACHE_HOME", "/x"}}, filepath.FromSlash("/x/huggingface/hub")},
		{[][2]string{{"XDG_CACHE_HOME", "/x"}, {"HF_HOME", "~/hf"}}, filepath.Join(home, "hf", "hub")},
		{[][2]string{{"HF_HOME", "/h"}, {"HF_HUB_CACHE", "/c"}}, "/c"},
		{[][2]string{{"DISK", "/d"}, {"HF_HOME", "$DISK/hf"}}, filepath.FromSlash("/d/hf/hub")},
		{[][2]string{{"DISK", "/d"}, {"HF_HUB_CACHE", "${DISK}/hub"}}, "/d/hub"},
		{[][2]string{{"DISK", "/d"}, {"XDG_CACHE_HOME", "$DISK"}}, filepath.FromSlash("/d/huggingface/hub")},
		{[][2]string{{"DISK", "hf"}, {"HF_HUB_CACHE", "~/$DISK"}}, home + "/hf"},
		{[][2]string{{"HF_HUB_CACHE", "/c/$NOT_SET_HERE/~/$"}}, "/c/$NOT_SET_HERE/~/$"},
	} {
		t.Run("", func(t *testing.T) {
			for _, e := range tc.env {
				t.Setenv(e[0], e[1])
			}
			if o, err := (Options{}).resolve(); err != nil || o.Cache != tc.want ||
				o.Endpoint != "https://huggingface.co" {
				t.Errorf("%v: cache %q at %s, %v; want %q", tc.env, o.Cache, o.Endpoint, err, tc.want)
			}
		})
	}
	t.Setenv("HF_ENDPOINT", "ftp://x")
	if _, err := (Options{}).resolve(); err == nil {
		t.Error("HF_ENDPOINT=ftp://x is taken")
	}
}
