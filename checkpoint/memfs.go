package checkpoint

import (
	"bytes"
	"io/fs"
	"time"
)

// A memFS is a folder of files that are made when they are opened.
type memFS map[string]func() ([]byte, error)

var _ fs.ReadFileFS = memFS(nil)

func (m memFS) ReadFile(name string) ([]byte, error) {
	data, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return data()
}

func (m memFS) Open(name string) (fs.File, error) {
	data, err := m.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return memFile{bytes.NewReader(data), name, data}, nil
}

// A memFile is an open file and its own FileInfo.
type memFile struct {
	*bytes.Reader
	name string
	data []byte
}

// Bytes is the whole file, which must not be changed.
func (f memFile) Bytes() []byte { return f.data }

func (f memFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f memFile) Close() error               { return nil }
func (f memFile) Name() string               { return f.name }
func (f memFile) Mode() fs.FileMode          { return 0o444 }
func (f memFile) ModTime() time.Time         { return time.Time{} }
func (f memFile) IsDir() bool                { return false }
func (f memFile) Sys() any                   { return nil }
