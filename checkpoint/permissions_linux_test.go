package checkpoint

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"falconmamba/backend"
)

// Files have the permissions that the user's umask leaves, or those of the file they replace.
func TestPermissions(t *testing.T) {
	ck := open(t, "testdata/tiny", Options{})
	before := syscall.Umask(0)
	defer syscall.Umask(before)
	mode := func(path string) fs.FileMode {
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return st.Mode().Perm()
	}
	for umask, want := range map[int]fs.FileMode{0o022: 0o644, 0o077: 0o600, 0o002: 0o664} {
		syscall.Umask(umask)
		dir := t.TempDir()
		file := filepath.Join(dir, "m.gguf")
		if _, err := WriteGGUF(t.Context(), file, ck, GGUFOptions{Type: backend.F32}); err != nil {
			t.Fatal(err)
		}
		if got := mode(file); got != want {
			t.Errorf("umask %o: the GGUF file has %o, want %o", umask, got, want)
		}
		if err := os.Chmod(file, 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := WriteGGUF(t.Context(), file, ck, GGUFOptions{Type: backend.F32, Replace: true}); err != nil {
			t.Fatal(err)
		}
		if got := mode(file); got != 0o640 {
			t.Errorf("umask %o: the replaced file has %o, want 640", umask, got)
		}
		folder := filepath.Join(dir, "m")
		if err := Save(folder, ck, SaveOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{configFile, weightsFile} {
			if got := mode(filepath.Join(folder, name)); got != want {
				t.Errorf("umask %o: %s has %o, want %o", umask, name, got, want)
			}
		}
	}
}
