package regular

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// soon runs f, which is not to wait for what never comes.
func soon(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan bool)
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatalf("%s for ever: nobody writes to it", what)
	}
}

// What is no file is refused at once.
func TestPipesAndDevices(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"zero": "/dev/zero", "link": "file", "link to a pipe": "pipe"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"pipe": "not a regular", "zero": "not a regular", "link": "",
		"link to a pipe": "not a regular", "file": "", ".": "not a regular"} {
		var text, again []byte
		var err, errFS error
		soon(t, name+" is read", func() { text, err = Read(filepath.Join(dir, name), 4) })
		soon(t, name+" of a folder is read", func() { again, errFS = ReadFS(os.DirFS(dir), name, 4) })
		for _, e := range []error{err, errFS} {
			if (e == nil) != (want == "") || e != nil && !strings.Contains(e.Error(), want) {
				t.Errorf("%s: error %v, want %q", name, e, want)
			}
		}
		if want == "" && (string(text) != "text" || string(again) != "text") {
			t.Errorf("%s: %q and %q", name, text, again)
		}
	}
	if _, err := Read(filepath.Join(dir, "file"), 3); err == nil || !strings.Contains(err.Error(), "more than the 3 bytes") {
		t.Errorf("a long file: %v", err)
	}
	absent := filepath.Join(dir, "absent")
	_, err := Read(absent, 3)
	_, errFS := ReadFS(os.DirFS(dir), "absent", 3)
	if !errors.Is(err, fs.ErrNotExist) || !errors.Is(errFS, fs.ErrNotExist) ||
		!strings.HasPrefix(err.Error(), "open "+absent+": ") || !strings.HasPrefix(errFS.Error(), "open absent: ") {
		t.Errorf("an absent file: %v, and of a folder %v", err, errFS)
	}
}

// made counts how often its file is opened.
type made struct {
	fstest.MapFS
	opened int
}

func (m *made) Open(name string) (fs.File, error) {
	m.opened++
	return m.MapFS.Open(name)
}

// A file of a system without a Stat of its own is opened once: it may be made for each.
func TestOpenedOnce(t *testing.T) {
	m := &made{MapFS: fstest.MapFS{"file": {Data: []byte("text")}, "pipe": {Mode: fs.ModeNamedPipe}}}
	plain := struct{ fs.FS }{m}
	if text, err := ReadFS(plain, "file", 4); err != nil || string(text) != "text" || m.opened != 1 {
		t.Errorf("%q (%v), opened %d times, want once", text, err, m.opened)
	}
	if _, err := ReadFS(plain, "pipe", 4); err == nil || !strings.Contains(err.Error(), "pipe: not a regular") {
		t.Errorf("a pipe: %v", err)
	}
}
