package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Draft is a file that is being written and has no name of its own yet. A process holds it
// by a lock, so what a killed one has left is known.
type Draft struct {
	*os.File
	path string
}

// draftSuffix ends the names of drafts.
const draftSuffix = ".part"

// NewDraft begins the file path, with the permissions perm, less the umask. Drafts of path that
// nobody writes any more are removed.
func NewDraft(path string, perm fs.FileMode) (*Draft, error) {
	removeAbandoned(path)
	dir, base := filepath.Split(path)
	for {
		name := dir + "." + base + "." + strconv.FormatUint(rand.Uint64(), 36) + draftSuffix
		f, err := create(name, perm)
		if errors.Is(err, fs.ErrExist) {
			continue
		} else if err != nil {
			var p *fs.PathError // of a name that says nothing to people
			if errors.As(err, &p) {
				p.Path = path
			}
			return nil, err
		}
		free, err := TryLock(f)
		if err != nil {
			return &Draft{f, path}, nil // no locks here, so nobody removes it
		}
		// Somebody may have taken it for abandoned before it was locked, and may be about to remove it.
		if !free {
			f.Close()
			continue
		}
		at, err := os.Lstat(name)
		if st, e := f.Stat(); err == nil && e == nil && os.SameFile(at, st) {
			return &Draft{f, path}, nil
		}
		f.Close()
	}
}

// removeAbandoned removes the drafts of path that can be locked.
func removeAbandoned(path string) {
	dir, base := filepath.Split(path)
	RemoveAbandoned(dir, func(name string) bool { return name == base })
}

// RemoveAbandoned removes drafts in a folder that nobody writes any more: those of files
// whose names are mine.
func RemoveAbandoned(dir string, mine func(name string) bool) {
	if dir == "" {
		dir = "."
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		name, hidden := strings.CutPrefix(e.Name(), ".")
		name, part := strings.CutSuffix(name, draftSuffix)
		dot := strings.LastIndexByte(name, '.')
		if !hidden || !part || dot < 0 || !mine(name[:dot]) || !e.Type().IsRegular() {
			continue
		}
		at := filepath.Join(dir, e.Name())
		f, err := openDraft(at)
		if err != nil {
			continue
		}
		// Removed while it is locked: else who has just made it may lock it in between.
		if free, err := TryLock(f); free && err == nil {
			remove(f)
		}
		f.Close()
	}
}

// named says an error of the draft as one of the file that it is to be: its own name says nothing to people.
func (d *Draft) named(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return &fs.PathError{Op: p.Op, Path: d.path, Err: p.Err}
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return &fs.PathError{Op: "write", Path: d.path, Err: l.Err}
	}
	return err
}

// About puts a path before an error that does not name it.
func About(path string, err error) error {
	var p *fs.PathError
	if err == nil || errors.As(err, &p) && p.Path == path {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// Write is of io.Writer.
func (d *Draft) Write(b []byte) (int, error) {
	n, err := d.File.Write(b)
	return n, d.named(err)
}

// WriteString is of io.StringWriter.
func (d *Draft) WriteString(s string) (int, error) {
	n, err := d.File.WriteString(s)
	return n, d.named(err)
}

// ReadFrom is of io.ReaderFrom.
func (d *Draft) ReadFrom(r io.Reader) (int64, error) {
	n, err := d.File.ReadFrom(r)
	return n, d.named(err)
}

// Discard gives the draft up. After Publish it does nothing.
func (d *Draft) Discard() {
	if d.path != "" {
		d.Close()
		os.Remove(d.Name())
	}
}

// syncFile has the disk hold what a file holds. Tests look when that is.
var syncFile = (*os.File).Sync

// Publish gives the file its name once it is on the disk. What has the name is replaced, or if
// replace is not set, is an error that wraps fs.ErrExist.
func (d *Draft) Publish(replace bool) error {
	// What it replaces is gone with the rename.
	if err := syncFile(d.File); err != nil {
		return d.named(err)
	}
	// The lock holds until the draft has its name: else another may take it for abandoned.
	if err := rename(d.File, d.path, replace); err != nil {
		return d.named(err)
	}
	d.path = ""
	d.Close()
	return nil
}
