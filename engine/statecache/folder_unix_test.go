//go:build unix && !solaris && !aix

package statecache

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What has a state's name and is no regular file is not opened: a pipe would never come to its end.
func TestOnlyRegularFiles(t *testing.T) {
	text := ids(50, 0)
	for what, put := range map[string]func(path string) error{
		"a pipe":   func(p string) error { return unix.Mkfifo(p, 0o600) },
		"a link":   func(p string) error { return os.Symlink("/dev/tty", p) },
		"a folder": func(p string) error { return os.Mkdir(p, 0o700) },
		"nothing":  func(p string) error { return os.Symlink(p+".not", p) },
	} {
		d := openDir(t, t.TempDir(), "1a", 1<<20)
		if err := d.Put(t.Context(), text[:10], "ten"); err != nil {
			t.Fatal(err)
		}
		if err := put(d.file(text[:40])); err != nil {
			t.Fatal(err)
		}
		done := make(chan bool)
		go func() {
			defer close(done)
			if n, state, err := d.Find(t.Context(), text, 1, 50); n != 10 || state != "ten" || err != nil {
				t.Errorf("%s: %d, %q, %v", what, n, state, err)
			}
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatalf("%s is read for ever", what)
		}
	}
}
