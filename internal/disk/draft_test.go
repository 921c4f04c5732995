package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestDraft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	first, err := NewDraft(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	second, err := NewDraft(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.WriteString("first"); err != nil {
		t.Fatal(err)
	}
	if err := first.Publish(false); err != nil {
		t.Fatalf("the draft that was held: %v", err)
	}
	if err := second.Publish(false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the name is taken: error %v", err)
	}
	second.Discard()
	first.Discard()
	if text, err := os.ReadFile(path); err != nil || string(text) != "first" {
		t.Errorf("%q, %v", text, err)
	}

	absent := filepath.Join(path+"-folder", "file")
	var p *fs.PathError
	if _, err := NewDraft(absent, 0o600); !errors.As(err, &p) || p.Path != absent {
		t.Errorf("error %v, want one about %s", err, absent)
	}

	// What a killed process leaves, and what only looks like it.
	others := []string{".file.more.1.part", ".file.1", ".other.1.part"}
	for _, name := range append(others, ".file.abc.part") {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	third, err := NewDraft(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Publish(true); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != len(others)+1 {
		t.Errorf("%v, %v: want %q and the file", entries, err, others)
	}
}

// Errors of a draft are about the file that it is to be.
func TestErrorsNameTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for what, f := range map[string]func(d *Draft) error{
		"Write":       func(d *Draft) error { _, err := d.Write([]byte("x")); return err },
		"WriteString": func(d *Draft) error { _, err := d.WriteString("x"); return err },
		"ReadFrom":    func(d *Draft) error { _, err := d.ReadFrom(strings.NewReader("x")); return err },
		"Publish":     func(d *Draft) error { return d.Publish(true) },
		"a name":      func(d *Draft) error { return errors.Join(os.Mkdir(path, 0o700), d.Publish(true), os.Remove(path)) },
	} {
		d, err := NewDraft(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if what != "a name" {
			d.Close()
		}
		var p *fs.PathError
		if err := f(d); !errors.As(err, &p) || p.Path != path || strings.Contains(err.Error(), draftSuffix) {
			t.Errorf("%s: error %v, want one about %s", what, err, path)
		}
		d.Discard()
	}
}

// What a killed process leaves of a draft is found by the next one of the file. Its lock is gone with its file.
func TestAbandonedDraft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.b.state")
	for range 2 {
		killed, err := NewDraft(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		killed.Close()
	}
	last, err := NewDraft(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer last.Discard()
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: want the last draft alone", entries, err)
	}
}

// Drafts of one file that are begun together do not take each other for abandoned.
func TestDraftsTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range rounds {
				d, err := NewDraft(path, 0o600)
				if err == nil {
					err = d.Publish(true)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func readShared(path string) ([]byte, error) {
	f, err := OpenShared(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// What is published may have a path longer than the 260 characters of old Windows, and letters of all kinds.
func TestLongPaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with spaces and ümläuts", strings.Repeat("long", 40), strings.Repeat("länger", 30))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "file")
	for _, text := range []string{"first", "second"} {
		d, err := NewDraft(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		d.WriteString(text)
		if err := d.Publish(true); err != nil {
			t.Fatal(err)
		}
		if got, err := readShared(path); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: want the file alone", entries, err)
	}
}

// What is published is on the disk before it has its name: else a power cut leaves an empty file in the place of a good one.
func TestSyncedBeforeNamed(t *testing.T) {
	defer func(f func(*os.File) error) { syncFile = f }(syncFile)
	path := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"first", "second"} {
		before, _ := os.ReadFile(path)
		var synced []string
		syncFile = func(f *os.File) error {
			at, err := readShared(f.Name())
			if now, _ := os.ReadFile(path); string(now) != string(before) {
				t.Errorf("%q is there before it is on the disk", now)
			}
			synced = append(synced, string(at))
			return err
		}
		d, err := NewDraft(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := d.Publish(true); err != nil {
			t.Fatal(err)
		}
		if len(synced) != 1 || synced[0] != text {
			t.Errorf("%q went to the disk, want %q", synced, text)
		}
	}
}
