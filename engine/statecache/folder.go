package statecache

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"falconmamba/internal/disk"
	"falconmamba/internal/regular"
)

// A Folder is a store whose values are files. Several processes may share it, on one machine or, as
// far as its file system renames as one does, on several.
type Folder struct {
	path   string
	suffix string
	budget int64
	keep   time.Duration
	sum    bool
}

// maxValue bounds a file that is read, in bytes. Redis has no longer values either.
const maxValue = 512 << 20

// FolderOptions say what a folder keeps.
type FolderOptions struct {
	Suffix string        // ends the names of files: what has another is left alone
	Budget int64         // bytes of all files together; beyond it those go that were of no use for the longest
	Keep   time.Duration // since a file was of use; 0: as long as there is room
	Sum    bool          // files end with a checksum, which values of a form that has none need
}

// OpenFolder returns the folder path, which is made if it is not there, and which its owner alone
// may read.
func OpenFolder(path string, o FolderOptions) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the folder for cached states: %w", err)
	}
	f := &Folder{path: path, suffix: o.Suffix, budget: o.Budget, keep: o.Keep, sum: o.Sum}
	disk.RemoveAbandoned(path, func(file string) bool { // what killed processes have left
		_, ok := f.nameOf(file)
		return ok
	})
	if err := f.trim(); err != nil {
		return nil, fmt.Errorf("the folder for cached states: %w", err)
	}
	return f, nil
}

// fileOf returns the file of a name.
func (f *Folder) fileOf(name string) string { return filepath.Join(f.path, name+f.suffix) }

// nameOf returns the name of a file, if it is one of a value.
func (f *Folder) nameOf(file string) (name string, ok bool) {
	name, ok = strings.CutSuffix(file, f.suffix)
	return name, ok && CheckName(name) == nil
}

// Put is Store's.
func (f *Folder) Put(_ context.Context, name string, value []byte) error {
	if err := CheckName(name); err != nil {
		return err
	}
	d, err := disk.NewDraft(f.fileOf(name), 0o600)
	if err != nil {
		return err
	}
	defer d.Discard()
	if _, err := d.Write(value); err != nil {
		return err
	}
	if f.sum {
		if _, err := d.Write(binary.LittleEndian.AppendUint32(nil, Checksum(name, value))); err != nil {
			return err
		}
	}
	if err := d.Publish(true); err != nil {
		return err
	}
	return f.trim()
}

// Get is Store's.
func (f *Folder) Get(_ context.Context, name string) ([]byte, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	path := f.fileOf(name)
	st, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || f.over(st) { // a pipe would never come to its end
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	if st.Size() > maxValue {
		return nil, f.damaged(path, fmt.Sprintf("%d bytes, more than the %d of any value", st.Size(), maxValue))
	}
	data, err := regular.Read(path, maxValue)
	if err != nil {
		return nil, err
	}
	if f.sum {
		end := len(data) - 4
		if end < 0 || binary.LittleEndian.Uint32(data[end:]) != Checksum(name, data[:end]) {
			return nil, f.damaged(path, "its checksum is wrong")
		}
		data = data[:end:end]
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // it was of use; who may not say so goes on as well
	return data, nil
}

// damaged removes a file that holds no value as it was put.
func (f *Folder) damaged(path, why string) error {
	return errors.Join(fmt.Errorf("%s is removed: %w: %s", path, ErrDamaged, why), os.Remove(path))
}

// over reports whether a file was of no use for too long.
func (f *Folder) over(st fs.FileInfo) bool { return f.keep > 0 && time.Since(st.ModTime()) > f.keep }

// fewNames are looked for one by one, more in a list of all files.
const fewNames = 16

// First is Store's.
func (f *Folder) First(_ context.Context, names []string) (int, error) {
	there := func(name string) bool {
		st, err := os.Lstat(f.fileOf(name))
		return err == nil && st.Mode().IsRegular() && !f.over(st)
	}
	if len(names) > fewNames {
		entries, err := os.ReadDir(f.path)
		if err != nil {
			return -1, err
		}
		files := make(map[string]bool, len(entries))
		for _, e := range entries {
			if name, ok := f.nameOf(e.Name()); ok && e.Type().IsRegular() {
				files[name] = true
			}
		}
		each := there
		there = func(name string) bool { return files[name] && each(name) }
	}
	return slices.IndexFunc(names, there), nil
}

// Remove is Store's.
func (f *Folder) Remove(_ context.Context, name string) (bool, error) {
	if err := CheckName(name); err != nil {
		return false, err
	}
	err := os.Remove(f.fileOf(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// trim removes what was of no use for too long, and the oldest files beyond the budget.
func (f *Folder) trim() error {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	sum := int64(0)
	for _, e := range entries {
		if _, ok := f.nameOf(e.Name()); !ok {
			continue
		}
		if st, err := e.Info(); err == nil && st.Mode().IsRegular() {
			files = append(files, st)
			sum += st.Size()
		}
	}
	huge := func(st fs.FileInfo) int { // it goes first, lest it takes all others along
		if st.Size() > f.budget {
			return 0
		}
		return 1
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(huge(a)-huge(b), a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, st := range files {
		if sum <= f.budget && !f.over(st) {
			continue
		}
		// What another process removes, or holds open where that keeps it, is not ours to mind.
		_ = os.Remove(filepath.Join(f.path, st.Name()))
		sum -= st.Size()
	}
	return nil
}
