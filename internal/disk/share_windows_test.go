package disk

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// A file that others read is replaced: at once if they share that, or once they have closed it.
func TestReplacedWhileOpen(t *testing.T) {
	defer func() { pause = time.Sleep }()
	for what, open := range map[string]func(string) (*os.File, error){"OpenShared": OpenShared, "os.Open": os.Open} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte("first"), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			pause = func(time.Duration) {
				if text, err := io.ReadAll(f); err == nil && string(text) != "first" {
					t.Errorf("a reader has %q while the file is not replaced", text)
				}
				f.Close()
			}
			d, err := NewDraft(path, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Discard()
			d.WriteString("second")
			if err := d.Publish(true); err != nil {
				t.Fatal(err)
			}
			if text, err := os.ReadFile(path); err != nil || string(text) != "second" {
				t.Errorf("%q, %v", text, err)
			}
		})
	}
}

// A draft that is being written is not removed, and one that was abandoned is, whatever share modes say.
func TestDraftIsHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	d, err := NewDraft(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Discard()
	removeAbandoned(path)
	if _, err := os.Lstat(d.Name()); err != nil {
		t.Errorf("a draft that is held: %v", err)
	}
	other, err := openDraft(d.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if free, err := TryLock(other); free || err != nil {
		t.Errorf("the lock of a draft that is held: %t, %v", free, err)
	}
}

func TestBusyErrors(t *testing.T) {
	tries := 0
	pause = func(time.Duration) { tries++ }
	defer func() { pause = time.Sleep }()
	for _, want := range []error{windows.ERROR_SHARING_VIOLATION, windows.ERROR_ACCESS_DENIED, windows.ERROR_USER_MAPPED_FILE} {
		tries = 0
		n := 0
		err := patiently(func() error {
			if n++; n < 3 {
				return &os.LinkError{Op: "rename", Old: "a", New: "b", Err: want}
			}
			return nil
		})
		if err != nil || tries != 2 {
			t.Errorf("%v: %v after %d pauses, want none after 2", want, err, tries)
		}
	}
	tries = 0
	if err := patiently(func() error { return windows.ERROR_DISK_FULL }); err != windows.ERROR_DISK_FULL || tries != 0 {
		t.Errorf("a full disk: %v after %d pauses, want it at once", err, tries)
	}
}
