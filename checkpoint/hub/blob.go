package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"falconmamba/internal/disk"
)

// partial is what the beginning of a blob is called at the end.
const partial = ".incomplete"

// fill makes the blob of a file be there, whole. Other processes that want it
// wait.
func (f *fetch) fill(ctx context.Context, file remote) error {
	if f.filled(file) {
		return nil
	}
	unlock, err := acquire(ctx, f.lock(file.hash))
	if err != nil {
		return err
	}
	defer unlock()
	if f.filled(file) {
		return nil // by the process that held the lock
	}
	p, err := openPart(f.blob(file.hash)+partial, file)
	if err != nil {
		return err
	}
	defer p.file.Close()
	f.progress(p.at, 0)
	if err := f.complete(ctx, p); err != nil {
		return err
	}
	if err := errors.Join(p.file.Sync(), p.file.Close()); err != nil {
		return err
	}
	return disk.Rename(p.path, f.blob(file.hash))
}

func (f *fetch) filled(file remote) bool {
	st, err := os.Stat(f.blob(file.hash))
	if err != nil || st.Size() != file.size {
		return false
	}
	f.progress(file.size, 0)
	return true
}

// A portion is the beginning of a blob.
type portion struct {
	remote
	path string
	file *os.File
	at   int64     // bytes that are there
	sum  hash.Hash // of these
}

// openPart opens what an earlier try has left, or nothing.
func openPart(path string, r remote) (*portion, error) {
	// A link would be written through, to wherever it goes.
	if st, err := os.Lstat(path); err == nil && !st.Mode().IsRegular() {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	p := &portion{remote: r, path: path, file: file}
	p.sum = p.newSum()
	p.at, err = io.Copy(p.sum, io.LimitReader(file, r.size+1))
	if err == nil && p.at > r.size {
		err = p.restart()
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return p, nil
}

// newSum returns the hash that blobs go by: SHA-256 for those in large file
// storage, git's own for the others (git hash-object).
func (p *portion) newSum() hash.Hash {
	if len(p.hash) == 64 {
		return sha256.New()
	}
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", p.size)
	return h
}

func (p *portion) restart() error {
	p.at, p.sum = 0, p.newSum()
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	_, err := p.file.Seek(0, io.SeekStart)
	return err
}

func (p *portion) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.at += int64(n)
	p.sum.Write(b[:n])
	return n, err
}

// complete downloads the rest of a part and checks the whole. A part that was
// begun earlier may be broken, and so may a download: the whole is fetched once
// more before that is an error.
func (f *fetch) complete(ctx context.Context, p *portion) error {
	for second := false; ; second = true {
		if err := f.again(ctx, func() (int64, error) { return f.resume(ctx, p) }); err != nil {
			return err
		}
		got := fmt.Sprintf("%x", p.sum.Sum(nil))
		if got == p.hash {
			return nil
		}
		f.progress(0, p.at)
		if err := p.restart(); err != nil {
			return err
		}
		if second {
			p.file.Close()
			os.Remove(p.path)
			return explain(ErrCorrupt, "%s: %s from %s is broken: its hash is %s, want %s",
				f.Name, p.name, f.Endpoint, got, p.hash)
		}
	}
}

// resume asks for what is missing of a part.
func (f *fetch) resume(ctx context.Context, p *portion) (brought int64, err error) {
	if p.at == p.size {
		return 0, nil
	}
	header := http.Header{}
	if p.at > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", p.at))
	}
	r, err := f.send(ctx, http.MethodGet, f.address(f.Name, f.sha(), p.name), header)
	if err != nil {
		return 0, f.unreachable(f.Name, err)
	}
	defer r.Body.Close()
	restart := func() error {
		f.progress(0, p.at)
		return p.restart()
	}
	switch r.StatusCode {
	case http.StatusOK:
		if err := restart(); err != nil {
			return 0, err
		}
	case http.StatusPartialContent:
		got, want := r.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/", p.at, p.size-1)
		if !strings.HasPrefix(got, want) {
			return 0, explain(ErrCorrupt, "%s: %s answers with %.80q of %s, want %s%d",
				f.Name, f.Endpoint, got, p.name, want, p.size)
		}
	case http.StatusRequestedRangeNotSatisfiable:
		if err := restart(); err != nil {
			return 0, err
		}
		return 0, &passing{error: f.status(r, f.Name, p.name)}
	default:
		return 0, f.status(r, f.Name, p.name)
	}
	left := p.size - p.at
	if r.ContentLength >= 0 && r.ContentLength != left {
		return 0, explain(ErrCorrupt, "%s: %s from %s has %d bytes to come, want %d",
			f.Name, p.name, f.Endpoint, r.ContentLength, left)
	}
	buf := make([]byte, 256<<10)
	for {
		n, err := r.Body.Read(buf)
		if n > 0 {
			if int64(n) > p.size-p.at {
				return brought, explain(ErrCorrupt, "%s: %s from %s has more bytes than the %d that it should",
					f.Name, p.name, f.Endpoint, p.size)
			}
			if _, err := p.Write(buf[:n]); err != nil {
				return brought, err
			}
			brought += int64(n)
			f.progress(int64(n), 0)
		}
		switch {
		case err == io.EOF && p.at == p.size:
			return brought, nil
		case err == io.EOF:
			return brought, f.unreachable(f.Name, fmt.Errorf("%s ended after %d of %d bytes", p.name, p.at, p.size))
		case err != nil:
			return brought, f.unreachable(f.Name, err)
		}
	}
}

// acquire takes the lock of a file, the Python client's too, in turn with other
// processes. Where the file system has no locks it does without: a file that two
// have written fails its hash.
func acquire(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	for {
		switch held, err := disk.TryLock(file); {
		case err != nil, held:
			// Closing gives the lock back. The file stays: another process may be
			// waiting on it.
			return func() { file.Close() }, nil
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
