// Package regular opens files that come from outside. A pipe or a device in a file's place
// would block for ever, or give bytes without end.
package regular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"falconmamba/internal/disk"
)

// Open opens a file for reading if it is a regular one, or a link to one.
func Open(path string) (*os.File, error) {
	// Opening a pipe waits for who writes to it, so this comes first.
	if err := check(os.Stat(path)); err != nil {
		return nil, named(path, err)
	}
	return disk.OpenShared(path)
}

// Read returns the contents of a regular file of at most most bytes.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	return read(f, path, most)
}

// ReadFS is Read in a file system.
func ReadFS(fsys fs.FS, name string, most int64) ([]byte, error) {
	// Without a Stat of its own a file would be opened for it, and one that is made when it is opened made twice.
	if s, ok := fsys.(fs.StatFS); ok {
		if err := check(s.Stat(name)); err != nil {
			return nil, named(name, err)
		}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	if err := check(f.Stat()); err != nil {
		f.Close()
		return nil, named(name, err)
	}
	return read(f, name, most)
}

func read(f fs.File, name string, most int64) ([]byte, error) {
	defer f.Close()
	tooLong := fmt.Errorf("%s has more than the %d bytes that such a file may have", filepath.Base(name), most)
	var text []byte
	if st, err := f.Stat(); err == nil && st.Size() > most {
		return nil, tooLong
	} else if m, ok := f.(interface{ Bytes() []byte }); ok { // in memory already
		text = m.Bytes()
	} else {
		var b bytes.Buffer
		if err == nil {
			b.Grow(int(st.Size()) + bytes.MinRead) // so that nothing is read into twice as much
		}
		if _, err := b.ReadFrom(io.LimitReader(f, most+1)); err != nil {
			return nil, err
		}
		text = b.Bytes()
	}
	if int64(len(text)) > most {
		return nil, tooLong
	}
	if bytes.HasPrefix(text, []byte("version https://git-lfs")) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errPointer}
	}
	return text, nil
}

var errPointer = errors.New("this is a Git LFS pointer, not the file itself: fetch it with git lfs pull")

// IsUTF8 returns an error that says in which other form a text is, where its first bytes do.
func IsUTF8(text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return errors.New("it begins with a byte order mark: save it as UTF-8 without one")
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")),
		len(text) > 1 && (text[0] == 0) != (text[1] == 0): // one of two bytes of an ASCII letter
		return errors.New("it is UTF-16: save it as UTF-8")
	}
	return nil
}

func check(st fs.FileInfo, err error) error {
	if err == nil && !st.Mode().IsRegular() {
		return errNotRegular
	}
	return err
}

var errNotRegular = fmt.Errorf("not a regular file: want one, or a link to one")

// named puts the file's name before an error that has none, and says of another what was to be done: people know
// nothing of the call that looks first, such as GetFileAttributesEx.
func named(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return &fs.PathError{Op: "open", Path: name, Err: err}
}
