//go:build !windows

package disk

import (
	"errors"
	"io/fs"
	"os"
)

// create makes the file of a draft.
func create(path string, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
}

// openDraft opens what may be a draft that nobody writes.
func openDraft(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDWR, 0) }

// OpenShared is os.Open that does not keep others from renaming, removing and replacing the file meanwhile.
func OpenShared(path string) (*os.File, error) { return os.Open(path) }

// remove removes the file of an open draft.
func remove(f *os.File) error { return os.Remove(f.Name()) }

// rename gives the file of an open draft a name. A link, unlike a rename, fails where the name was taken meanwhile; not
// all file systems have links.
func rename(f *os.File, path string, replace bool) error {
	if replace {
		return os.Rename(f.Name(), path)
	}
	if err := os.Link(f.Name(), path); err == nil {
		return os.Remove(f.Name())
	} else if errors.Is(err, fs.ErrExist) {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	return os.Rename(f.Name(), path)
}

// Rename is os.Rename. On Windows it waits for who has a file open.
func Rename(old, path string) error { return os.Rename(old, path) }
