package statecache

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"falconmamba/internal/disk"
)

// A Dir is a folder of states, one file each, that several processes share and that outlives
// them. What is in it is known by the names alone: a key, the number of tokens and a hash of
// them. A file is taken for what its name says only once it was read whole and its text
// compared. It is safe for concurrent use.
type Dir[S any] struct {
	path   string
	key    string
	budget int64
	format Format[S]
}

// A Format writes states to files and reads them.
type Format[S any] struct {
	// Write writes a file that appears at path when it is complete, or not at all.
	Write func(path string, text []int32, state S) error
	// Read returns what Write wrote, or an error where that is damaged or of another key.
	Read func(data []byte) (text []int32, state S, err error)
}

// stateSuffix ends the names of states.
const stateSuffix = ".state"

// OpenDir returns the folder path, which is made if it is not there. Key is the fingerprint
// of all that computes the states, in hexadecimal: those of other keys are left alone, but for
// the budget, so many bytes for all files together.
func OpenDir[S any](path, key string, budget int64, f Format[S]) (*Dir[S], error) {
	if key == "" || strings.Trim(key, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("a cache of states under the key %q: want one in hexadecimal", key)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the folder for cached states: %w", err)
	}
	d := &Dir[S]{path: path, key: key, budget: budget, format: f}
	d.sweep()
	return d, nil
}

// A digest is a rolling hash of tokens.
type digest uint64

// add returns the hash of a text that goes on with id (FNV-1a, byte by byte).
func (d digest) add(id int32) digest {
	for shift := 0; shift < 32; shift += 8 {
		d = (d ^ digest(byte(uint32(id)>>shift))) * 1099511628211
	}
	return d
}

const emptyDigest digest = 14695981039346656037

// name returns the file of a text.
func (d *Dir[S]) name(text []int32) string {
	h := emptyDigest
	for _, id := range text {
		h = h.add(id)
	}
	return nameOf(d.key, len(text), h)
}

func nameOf(key string, n int, h digest) string {
	return fmt.Sprintf("%s-%010d-%016x%s", key, n, uint64(h), stateSuffix)
}

// parseName returns what the name of a file says.
func parseName(name string) (key string, n int, h digest, ok bool) {
	rest, ok := strings.CutSuffix(name, stateSuffix)
	parts := strings.Split(rest, "-")
	if !ok || len(parts) != 3 {
		return "", 0, 0, false
	}
	n, err := strconv.Atoi(parts[1])
	hash, err2 := strconv.ParseUint(parts[2], 16, 64)
	if err != nil || err2 != nil || n < 1 || nameOf(parts[0], n, digest(hash)) != name {
		return "", 0, 0, false
	}
	return parts[0], n, digest(hash), true
}

// Find returns the state after the longest beginning of text, of least to most tokens, that the
// folder has, and how many tokens it has seen: 0 for none. Files that are damaged are
// removed, and err says so beside what was found.
func (d *Dir[S]) Find(text []int32, least, most int) (n int, state S, err error) {
	type file struct {
		n int
		h digest
	}
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return 0, state, err
	}
	var files []file
	for _, e := range entries {
		key, n, h, ok := parseName(e.Name())
		if ok && e.Type().IsRegular() && key == d.key && n >= least && n <= min(most, len(text)) {
			files = append(files, file{n, h})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return a.n - b.n })
	h, at := emptyDigest, 0
	files = slices.DeleteFunc(files, func(f file) bool {
		for ; at < f.n; at++ {
			h = h.add(text[at])
		}
		return f.h != h
	})
	var errs []error
	for _, f := range slices.Backward(files) {
		state, err := d.read(nameOf(d.key, f.n, f.h), text[:f.n])
		if err == nil {
			return f.n, state, errors.Join(errs...)
		}
		if !errors.Is(err, fs.ErrNotExist) { // another process may have removed it
			errs = append(errs, err)
		}
	}
	return 0, state, errors.Join(errs...)
}

// read reads the state after text.
func (d *Dir[S]) read(name string, text []int32) (state S, err error) {
	path := filepath.Join(d.path, name)
	data, err := os.ReadFile(path)
	if err != nil {
		return state, err
	}
	got, state, err := d.format.Read(data)
	if err == nil && !slices.Equal(got, text) {
		err = errors.New("it is the state of another text than its name says")
	}
	if err != nil {
		return state, errors.Join(fmt.Errorf("%s is removed: %w", path, err), os.Remove(path))
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // it was of use; who may not say so goes on as well
	return state, nil
}

// Has reports whether the folder has a file for text.
func (d *Dir[S]) Has(text []int32) bool {
	_, err := os.Lstat(filepath.Join(d.path, d.name(text)))
	return err == nil
}

// Put writes the state after text, unless there is one, and removes the files that were of no use
// for the longest, as far as the budget is spent.
func (d *Dir[S]) Put(text []int32, state S) error {
	if d.Has(text) {
		return nil
	}
	if err := d.format.Write(filepath.Join(d.path, d.name(text)), text, state); err != nil {
		return err
	}
	return d.trim()
}

// trim removes the oldest files beyond the budget, of whatever key.
func (d *Dir[S]) trim() error {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	sum := int64(0)
	for _, e := range entries {
		if _, _, _, ok := parseName(e.Name()); !ok {
			continue
		}
		if st, err := e.Info(); err == nil && st.Mode().IsRegular() {
			files = append(files, st)
			sum += st.Size()
		}
	}
	huge := func(f fs.FileInfo) int { // it goes first, lest it takes all others along
		if f.Size() > d.budget {
			return 0
		}
		return 1
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(huge(a)-huge(b), a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, f := range files {
		if sum <= d.budget {
			break
		}
		// What another process removes, or holds open where that keeps it, is not ours to mind.
		_ = os.Remove(filepath.Join(d.path, f.Name()))
		sum -= f.Size()
	}
	return nil
}

// sweep removes what killed processes have left of files.
func (d *Dir[S]) sweep() {
	disk.RemoveAbandoned(d.path, func(name string) bool {
		_, _, _, ok := parseName(name)
		return ok
	})
}
