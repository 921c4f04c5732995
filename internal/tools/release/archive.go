package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// archive writes the folder dir to w, in order of names, each file of nobody's and of the same time. Windows knows
// no links: a zip file has what they lead to.
func archive(w io.Writer, name, dir string, at time.Time) error {
	if strings.HasSuffix(name, ".zip") {
		z := zip.NewWriter(w)
		err := each(dir, func(name, path string, st fs.FileInfo) error { return zipped(z, name, path, st, at) })
		if err != nil {
			return err
		}
		return z.Close()
	}
	g := gzip.NewWriter(w) // without a name or a time
	t := tar.NewWriter(g)
	err := each(dir, func(name, path string, st fs.FileInfo) error { return tarred(t, name, path, st, at) })
	if err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return err
	}
	return g.Close()
}

// each calls f for each file and link below dir.
func each(dir string, f func(name, path string, st fs.FileInfo) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		below, err := filepath.Rel(filepath.Dir(filepath.Clean(dir)), path)
		if err != nil {
			return err
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		return f(filepath.ToSlash(below), path, st)
	})
}

// mode returns the permissions that a file has in archives, whatever the umask was.
func mode(st fs.FileInfo) fs.FileMode {
	if st.Mode()&0o100 != 0 {
		return 0o755
	}
	return 0o644
}

func tarred(t *tar.Writer, name, path string, st fs.FileInfo, at time.Time) error {
	h := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: int64(mode(st)), Size: st.Size(), ModTime: at}
	switch {
	case st.Mode()&fs.ModeSymlink != 0:
		to, err := os.Readlink(path)
		if err != nil {
			return err
		}
		h.Typeflag, h.Linkname, h.Mode, h.Size = tar.TypeSymlink, to, 0o777, 0
		return t.WriteHeader(h)
	case !st.Mode().IsRegular():
		return fmt.Errorf("%s is no file", path)
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	return content(t, path)
}

func zipped(z *zip.Writer, name, path string, st fs.FileInfo, at time.Time) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at}
	h.SetMode(mode(st))
	w, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	return content(w, path)
}

// content copies a file's bytes.
func content(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
