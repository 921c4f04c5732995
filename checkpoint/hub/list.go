package hub

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"falconmamba/internal/regular"
)

// A Cached is a repository of models in the cache, whoever downloaded it.
type Cached struct {
	Name      string    // ORG/NAME
	Folder    string    // of the whole repository
	Bytes     int64     // that it takes on the disk, with what is not whole yet
	Partial   int64     // of these, in files that are not whole
	Used      time.Time // when something was last added
	Revisions []Revision
}

// A Revision is a commit that the cache has files of.
type Revision struct {
	Commit string
	Refs   []string // branches and tags that are there
	Folder string
	Files  []string // with slashes, sorted
}

// List returns the repositories of models that the cache has, by name. A cache that is not there has none.
func List(o Options) ([]Cached, error) {
	o, err := o.resolve()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(o.Cache)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var all []Cached
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), "models--")
		name, err := Parse(strings.Replace(rest, "--", "/", 1))
		if !ok || !e.IsDir() || err != nil {
			continue
		}
		c := Cached{Name: name.repo(), Folder: filepath.Join(o.Cache, e.Name())}
		c.look()
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Cached) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// look finds what a repository has. What cannot be read is as good as not there.
func (c *Cached) look() {
	seen := map[int64][]fs.FileInfo{} // by size, as those of another size are other files
	filepath.WalkDir(c.Folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		st, err := d.Info()
		if err != nil {
			return nil
		}
		size := st.Size()
		if slices.ContainsFunc(seen[size], func(other fs.FileInfo) bool { return os.SameFile(st, other) }) {
			return nil // a hard link, which stands for a symbolic one where there are none
		}
		seen[size] = append(seen[size], st)
		c.Bytes += size
		if strings.HasSuffix(path, partial) {
			c.Partial += size
		}
		if st.ModTime().After(c.Used) {
			c.Used = st.ModTime()
		}
		return nil
	})
	refs := map[string][]string{}
	at := filepath.Join(c.Folder, "refs")
	filepath.WalkDir(at, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		name, err := filepath.Rel(at, path)
		if text, readErr := regular.Read(path, 4096); err == nil && readErr == nil {
			commit := strings.TrimSpace(string(text))
			refs[commit] = append(refs[commit], filepath.ToSlash(name))
		}
		return nil
	})
	snapshots := filepath.Join(c.Folder, "snapshots")
	entries, _ := os.ReadDir(snapshots)
	for _, e := range entries {
		r := Revision{Commit: e.Name(), Refs: refs[e.Name()], Folder: filepath.Join(snapshots, e.Name())}
		filepath.WalkDir(r.Folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				if name, err := filepath.Rel(r.Folder, path); err == nil {
					r.Files = append(r.Files, filepath.ToSlash(name))
				}
			}
			return nil
		})
		c.Revisions = append(c.Revisions, r)
	}
}

// Find returns the repository that is called ORG/NAME in the cache.
func Find(name string, o Options) (Cached, error) {
	n, err := Parse(name)
	if err != nil {
		return Cached{}, err
	}
	all, err := List(o)
	if err != nil {
		return Cached{}, err
	}
	for _, c := range all {
		if c.Name == n.repo() {
			return c, nil
		}
	}
	return Cached{}, explain(ErrNotFound, "%s is not in the cache", n.repo())
}

// Remove takes a repository that List or Find returned out of the cache, with all its revisions. Programs that have its
// files open keep them, but on Windows, where they are not removed then.
func (c Cached) Remove() error {
	if !strings.HasPrefix(filepath.Base(c.Folder), "models--") {
		return fmt.Errorf("%s is no repository of a cache", c.Folder)
	}
	// The refs first: what is left by an error is no model then, and is downloaded anew.
	return errors.Join(os.RemoveAll(filepath.Join(c.Folder, "refs")), os.RemoveAll(c.Folder),
		os.RemoveAll(filepath.Join(filepath.Dir(c.Folder), ".locks", filepath.Base(c.Folder))))
}
