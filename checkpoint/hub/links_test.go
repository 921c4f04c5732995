package hub

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// follows reports whether this system makes symbolic links that can be followed. Windows may make none, and
// Wine says that it did.
func follows(t *testing.T) bool {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", filepath.Join(dir, "link")); err != nil {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "link"))
	return err == nil
}

// Where no symbolic links can be made, or none that can be followed, a file of the snapshot is its blob by another
// name: it takes the disk once, and another commit with that file does not download it again.
func TestFetchWithoutLinks(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	for what, link := range map[string]func(old, new string) error{
		"none":                  func(string, string) error { return errors.New("no right to") },
		"none that is followed": func(_, new string) error { return os.WriteFile(new+".elsewhere", nil, 0o600) },
	} {
		o := h.options()
		o.link = link
		dir := mustFetch(t, "org/name", o)
		names := []string{"config.json", shard1, shard2}
		checkFiles(t, dir, h, names...)
		for _, name := range names {
			file, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			blob, err := os.Stat(filepath.Join(dir, "../../blobs", hashOf(h.files[name], h.lfs[name])))
			if err != nil || !os.SameFile(file, blob) {
				t.Errorf("links: %s: %s is another file than its blob, or there is none (%v)", what, name, err)
			}
		}
		o.Offline = true
		mustFetch(t, "org/name", o)
	}
}
