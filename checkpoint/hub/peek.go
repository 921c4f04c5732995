package hub

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Peek is Fetch for who wants to know what a model is: its weights stay where they are. It returns the path of a model
// that the cache has, as Fetch does, and else the files of one: those beside the weights are downloaded, and of the
// weights what is read is asked for, without being kept or checked by a hash. A split GGUF file is downloaded as by
// Fetch.
func Peek(ctx context.Context, name string, o Options) (string, *Distant, error) {
	return peek(ctx, name, o, false)
}

// FetchTokenizer returns what has a model's tokenizer: the path of a folder of which nothing else need be there, or of
// a GGUF file, which has it within. Of a GGUF file that the cache does not have it returns the files where they are,
// see Peek. What else the cache does not have is downloaded, as by Fetch.
func FetchTokenizer(ctx context.Context, name string, o Options) (string, *Distant, error) {
	return peek(ctx, name, o, true)
}

func peek(ctx context.Context, name string, o Options, tokenizer bool) (string, *Distant, error) {
	n, err := Parse(name)
	if err != nil {
		return "", nil, err
	}
	if o, err = o.resolve(); err != nil {
		return "", nil, err
	}
	r := repository{Name: n, cache: o.Cache, tokenizer: tokenizer && n.File == ""}
	var d *Distant
	path, err := r.fetch(ctx, o, func(ctx context.Context, f *fetch) (path string, err error) {
		path, d, err = f.peek(ctx)
		return path, err
	})
	if path != "" {
		d = nil
	}
	return path, d, err
}

// peek is run without the weights.
func (f *fetch) peek(ctx context.Context) (string, *Distant, error) {
	w, err := f.choose(ctx)
	if err != nil {
		return "", nil, err
	}
	if f.tokenizer && w.gguf == "" {
		path, err := f.runTokenizer(ctx, w.where)
		return path, nil, err
	}
	if w.gguf != "" && (len(w.weights) > 1 || isFile(w.where)) { // one that is there needs nothing
		path, err := f.bring(ctx, w)
		return path, nil, err
	}
	if w.gguf == "" {
		if err := f.small(ctx, &w); err != nil {
			return "", nil, err
		}
		if f.repository.commit() == "" {
			if err := f.sayFull(f.point(f.sha())); err != nil {
				return "", nil, err
			}
		}
	}
	files, err := f.describeAll(ctx, w.weights)
	if err != nil {
		return "", nil, err
	}
	d := &Distant{GGUF: w.gguf, ctx: ctx, f: f, folder: os.DirFS(f.snapshot(f.sha())), weights: map[string]remote{}}
	for _, file := range files {
		d.weights[file.name] = file
	}
	return "", d, nil
}

// A Distant is the files of a model whose weights are on the hub: a file system whose files of weights have an
// io.ReaderAt. What is read of these is asked for within the context of Peek.
type Distant struct {
	GGUF string // the file that the model is, or nothing where it is a folder

	ctx     context.Context
	f       *fetch
	folder  fs.FS
	weights map[string]remote
}

// Open opens a file.
func (d *Distant) Open(name string) (fs.File, error) {
	if w, ok := d.weights[name]; ok {
		return &distantFile{of: d, remote: w}, nil
	}
	return d.folder.Open(name)
}

// Stat says what a file is, without asking for it.
func (d *Distant) Stat(name string) (fs.FileInfo, error) {
	if w, ok := d.weights[name]; ok {
		return distantInfo{w}, nil
	}
	return fs.Stat(d.folder, name)
}

// A distantFile is read in pieces, of which the last is kept.
type distantFile struct {
	of *Distant
	remote

	mu    sync.Mutex
	piece []byte
	from  int64 // where it begins in the file
	at    int64 // of Read
}

// pieceSize is what is asked for at least: the header of a file of weights has some ten thousand bytes.
const pieceSize = 1 << 20

// ReadAt reads from byte off on.
func (d *distantFile) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, &fs.PathError{Op: "read", Path: d.name, Err: fs.ErrInvalid}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if off >= d.size {
		return 0, io.EOF
	}
	want := min(int64(len(p)), d.size-off)
	if off < d.from || off+want > d.from+int64(len(d.piece)) {
		piece, err := d.of.f.span(d.of.ctx, d.remote, off, min(max(want, pieceSize), d.size-off))
		if err != nil {
			return 0, err
		}
		d.piece, d.from = piece, off
	}
	n := copy(p[:want], d.piece[off-d.from:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (d *distantFile) Read(p []byte) (int, error) {
	n, err := d.ReadAt(p, d.at)
	if d.at += int64(n); n > 0 {
		err = nil
	}
	return n, err
}

func (d *distantFile) Stat() (fs.FileInfo, error) { return distantInfo{d.remote}, nil }
func (d *distantFile) Close() error               { return nil }

type distantInfo struct{ remote }

func (i distantInfo) Name() string       { return i.name[strings.LastIndexByte(i.name, '/')+1:] }
func (i distantInfo) Size() int64        { return i.size }
func (i distantInfo) Mode() fs.FileMode  { return 0o444 }
func (i distantInfo) ModTime() time.Time { return time.Time{} }
func (i distantInfo) IsDir() bool        { return false }
func (i distantInfo) Sys() any           { return nil }

// span asks for n bytes of a file, from byte from on.
func (f *fetch) span(ctx context.Context, file remote, from, n int64) (data []byte, err error) {
	err = f.again(ctx, func() (int64, error) {
		header := http.Header{}
		header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+n-1))
		r, err := f.send(ctx, http.MethodGet, f.address(f.Name, f.sha(), file.name), header)
		if err != nil {
			return 0, f.unreachable(f.Name, err)
		}
		defer r.Body.Close()
		got, want := r.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/%d", from, from+n-1, file.size)
		switch {
		case r.StatusCode == http.StatusOK && from == 0: // the whole, of which the beginning is read
		case r.StatusCode == http.StatusOK:
			return 0, explain(ErrCorrupt, "%s: %s answers with all of %s, want %s", f.Name, f.Endpoint, file.name, want)
		case r.StatusCode != http.StatusPartialContent:
			return 0, f.status(r, f.Name, file.name)
		case got != want:
			return 0, explain(ErrCorrupt, "%s: %s answers with %.80q of %s, want %s",
				f.Name, f.Endpoint, got, file.name, want)
		}
		data = make([]byte, n)
		read, err := io.ReadFull(r.Body, data)
		if err != nil {
			return int64(read), f.unreachable(f.Name,
				fmt.Errorf("%s ended after %d of %d bytes: %w", file.name, read, n, err))
		}
		return n, nil
	})
	return data, err
}
