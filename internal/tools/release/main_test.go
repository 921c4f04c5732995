package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// folder makes the files of a release, in an order and with times and permissions of its own.
func folder(t *testing.T, names []string, perm os.FileMode) string {
	dir := filepath.Join(t.TempDir(), "rel-1")
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if name == "lib/a.so" {
			if err := os.Symlink("a.so.1", path); err != nil {
				t.Skip("no links here:", err)
			}
			continue
		}
		mode := perm
		if strings.HasPrefix(name, "bin/") {
			mode |= 0o100
		}
		if err := os.WriteFile(path, []byte("of "+name), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// An archive depends on names, contents and which files run, and on nothing else.
func TestArchive(t *testing.T) {
	at := time.Unix(1700000000, 0).UTC()
	one := folder(t, []string{"lib/a.so.1", "lib/a.so", "bin/x", "README"}, 0o600)
	two := folder(t, []string{"README", "bin/x", "lib/a.so", "lib/a.so.1"}, 0o644)
	for _, name := range []string{"a.tar.gz", "a.zip"} {
		var a, b bytes.Buffer
		if err := errors.Join(archive(&a, name, one, at), archive(&b, name, two, at)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s: other bytes of the same files", name)
		}
		got := map[string]string{}
		if name == "a.zip" {
			z, err := zip.NewReader(bytes.NewReader(a.Bytes()), int64(a.Len()))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range z.File {
				r, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				data, _ := io.ReadAll(r)
				got[f.Name] = f.Mode().String() + " " + string(data)
			}
		} else {
			g, err := gzip.NewReader(&a)
			if err != nil {
				t.Fatal(err)
			}
			for r := tar.NewReader(g); ; {
				h, err := r.Next()
				if err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				data, _ := io.ReadAll(r)
				got[h.Name] = h.FileInfo().Mode().String() + " " + string(data) + h.Linkname
				if !h.ModTime.Equal(at) || h.Uname != "" || h.Uid != 0 {
					t.Errorf("%s: %v of %q", h.Name, h.ModTime, h.Uname)
				}
			}
		}
		want := map[string]string{"rel-1/README": "-rw-r--r-- of README", "rel-1/bin/x": "-rwxr-xr-x of bin/x",
			"rel-1/lib/a.so.1": "-rw-r--r-- of lib/a.so.1", "rel-1/lib/a.so": "Lrwxrwxrwx a.so.1"}
		if name == "a.zip" {
			delete(want, "rel-1/lib/a.so")
			delete(got, "rel-1/lib/a.so")
		}
		for file, text := range want {
			if got[file] != text {
				t.Errorf("%s: %s is %q, want %q", name, file, got[file], text)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s has %d files, want %d", name, len(got), len(want))
		}
	}
}

// The bill of this test's own program.
func TestSBOM(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := sbom(&b, time.Unix(0, 0).UTC(), []string{self}); err != nil {
		t.Fatal(err)
	}
	var got bill
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	std := got.Components[len(got.Components)-1]
	if got.Format != "CycloneDX" || got.Metadata.Component.Components[0].Hashes[0].Alg != "SHA-256" ||
		got.Metadata.Timestamp != "1970-01-01T00:00:00Z" || std.Name != "std" || !strings.HasPrefix(std.Version, "go1.") {
		t.Errorf("%s", b.String())
	}
	if err := sbom(&b, time.Unix(0, 0), []string{"main_test.go"}); err == nil {
		t.Error("a bill of no program")
	}
}
