package hub

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want Name
	}{
		{"tiiuae/falcon-mamba-7b", Name{"tiiuae", "falcon-mamba-7b", "main", ""}},
		{"a/b@v1.0", Name{"a", "b", "v1.0", ""}},
		{"a/b@refs/pr/1:x/y.gguf", Name{"a", "b", "refs/pr/1", "x/y.gguf"}},
		{"a/b:Q4_K_M", Name{"a", "b", "main", "Q4_K_M"}},
	} {
		got, err := Parse(tc.in)
		if err != nil || got != tc.want {
			t.Errorf("%s: got %+v, %v", tc.in, got, err)
		}
		if got.String() != tc.in {
			t.Errorf("%s: as a string %s", tc.in, got)
		}
	}
	for address, want := range map[string]string{
		"https://huggingface.co/a/b": "a/b", "hf.co/a/b:Q4_K_M": "a/b:Q4_K_M", "huggingface.co/a/b/": "a/b",
		"https://huggingface.co/a/b/tree/v1": "a/b@v1", "http://hf.co/a/b/blob/main/x/y.gguf?download=true": "a/b:x/y.gguf",
		"https://huggingface.co/a/b/resolve/c/y.GGUF": "a/b@c:y.GGUF", "https://huggingface.co/a/b/blob/main/config.json": "a/b",
	} {
		if got, err := Parse(address); err != nil || got.String() != want {
			t.Errorf("%s is taken as %s (%v), want %s", address, got, err, want)
		}
	}
	for _, bad := range []string{"", "name", "https://other/a/b", "hf.co/a", "https://huggingface.co/a/b/discussions/1", "/etc/passwd", "./a/b", "../a", "a/b/c", "~/a", `C:\a`, "a/..", "a/.b",
		"a--b/c", "a/b@", "a/b:",
		"a/b@../x", "a/b:../x.gguf", "a/b:/x.gguf", "a/b:x/../../y.gguf", `a/b:x\y.gguf`, "a/b@x\x00", "random:7b",
		"a/b:c:d.gguf", "a /b", "ä/b",
		"a/b@x/", "a/b:con.", strings.Repeat("a", 97) + "/b"} {
		if got, err := Parse(bad); err == nil {
			t.Errorf("%q is taken as %+v", bad, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a/b", "a/b@c:d.gguf", "../..", "a/b:../../x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err != nil {
			return
		}
		r := repository{Name: n, cache: "cache"}
		for _, p := range []string{r.dir(), r.ref(), filepath.Join(r.snapshot("c"), filepath.FromSlash(n.File))} {
			rel, err := filepath.Rel("cache", p)
			if err != nil || !filepath.IsLocal(rel) || rel == "." {
				t.Errorf("%q leads to %s", s, p)
			}
		}
	})
}

func FuzzParseListing(f *testing.F) {
	f.Add([]byte(`{"sha":"` + testCommit + `","siblings":[{"rfilename":"a","size":1,"blobId":"` + testCommit +
		`","lfs":{"sha256":"x","size":2}}]}`))
	f.Add([]byte(`{"sha":"` + testCommit +
		`","siblings":[{"rfilename":"../a"},{"rfilename":"/a"},{"rfilename":"a\\b"}]}`))
	f.Add([]byte(`{"weight_map":{"a":"b"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if l, err := parseListing(text); err == nil {
			for name, file := range l.files {
				if !filepath.IsLocal(name) || file.hash != "" && !isHex(file.hash, len(file.hash)) {
					t.Errorf("%q gives %+v", text, file)
				}
			}
		}
		if shards, err := parseIndex(text); err == nil {
			for _, s := range shards {
				if filepath.Base(s) != s {
					t.Errorf("%q gives %q", text, s)
				}
			}
		}
	})
}
