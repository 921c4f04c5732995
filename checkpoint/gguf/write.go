package gguf

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"falconmamba/internal/disk"
	"falconmamba/internal/quantity"
)

// Write writes a file of version 3 with the given keys and tensors, in their order. It
// takes the Name, Type and Shape of a tensor. data is called for each tensor in turn
// and writes exactly its bytes.
func Write(w io.Writer, keys []Key, tensors []Tensor, data func(w io.Writer, t Tensor) error) error {
	header, err := layout(keys, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	var padding [defaultAlignment]byte
	for _, t := range tensors {
		t.Size = size(t)
		c := &counter{w: w}
		if err := data(c, t); err != nil {
			return err
		}
		if c.n != t.Size {
			return fmt.Errorf("tensor %s: %d bytes were written, %v %v takes %d",
				quote(t.Name), c.n, t.Type, t.Shape, t.Size)
		}
		if _, err := w.Write(padding[:aligned(c.n)-c.n]); err != nil {
			return err
		}
	}
	return nil
}

func aligned(n int64) int64 { return (n + defaultAlignment - 1) &^ (defaultAlignment - 1) }

func size(t Tensor) int64 {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return t.Type.RowBytes(n)
}

// layout is everything before the data.
func layout(keys []Key, tensors []Tensor) ([]byte, error) {
	if len(keys) > maxKeys || len(tensors) > maxTensors {
		return nil, fmt.Errorf("%d keys and %d tensors: a file has at most %d and %d",
			len(keys), len(tensors), maxKeys, maxTensors)
	}
	b := []byte(Magic)
	b = binary.LittleEndian.AppendUint32(b, 3)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(tensors)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(keys)))
	seen := map[string]bool{}
	for _, k := range keys {
		if seen[k.Name] || len(k.Name) > maxName {
			return nil, fmt.Errorf("key %s: the name is taken or too long", quote(k.Name))
		}
		seen[k.Name] = true
		b = appendString(b, k.Name)
		b = binary.LittleEndian.AppendUint32(b, uint32(k.Value.kind))
		if k.Value.kind == Array {
			b = binary.LittleEndian.AppendUint32(b, uint32(k.Value.elem))
			b = binary.LittleEndian.AppendUint64(b, uint64(k.Value.count))
		}
		b = append(b, k.Value.raw...)
	}
	clear(seen)
	at := int64(0)
	for _, t := range tensors {
		id, ok := number(t.Type)
		switch {
		case !ok:
			return nil, fmt.Errorf("tensor %s: GGUF has no type %v", quote(t.Name), t.Type)
		case seen[t.Name] || len(t.Name) > maxTensorName:
			return nil, fmt.Errorf("tensor %s: the name is taken or longer than %d bytes", quote(t.Name), maxTensorName)
		case len(t.Shape) < 1 || len(t.Shape) > maxDims:
			return nil, fmt.Errorf("tensor %s: has shape %v: want 1 to %d dimensions", quote(t.Name), t.Shape, maxDims)
		case t.Shape[len(t.Shape)-1]%t.Type.Block() != 0:
			return nil, fmt.Errorf("tensor %s: rows of %d elements are no whole blocks of %v",
				quote(t.Name), t.Shape[len(t.Shape)-1], t.Type)
		}
		seen[t.Name] = true
		b = appendString(b, t.Name)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(t.Shape)))
		for i := range t.Shape {
			b = binary.LittleEndian.AppendUint64(b, uint64(t.Shape[len(t.Shape)-1-i]))
		}
		b = binary.LittleEndian.AppendUint32(b, id)
		b = binary.LittleEndian.AppendUint64(b, uint64(at))
		at += aligned(size(t))
	}
	return append(b, make([]byte, aligned(int64(len(b)))-int64(len(b)))...), nil
}

// maxTensorName is ggml's GGML_MAX_NAME less the final zero.
const maxTensorName = 63

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// WriteFile writes a file as Write does. It appears at path when it is
// complete, or not at all. A file that is there already is an error that wraps
// fs.ErrExist, unless replace is set: then it stays as it is until the new one
// takes its place, with the permissions of the old.
func WriteFile(
	path string, replace bool, keys []Key, tensors []Tensor, data func(w io.Writer, t Tensor) error,
) (err error) {
	st, err := os.Lstat(path)
	switch {
	case err == nil && !replace:
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	case err == nil && !st.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: it is not replaced", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	need := int64(0)
	for _, t := range tensors {
		need += aligned(size(t))
	}
	if free, ok := disk.Free(filepath.Dir(path)); ok && uint64(need) > free {
		return fmt.Errorf("%s will have %v, and %v are free there", path, quantity.Bytes(need), quantity.Bytes(free))
	}
	perm := fs.FileMode(0o666)
	if st != nil {
		perm = st.Mode().Perm()
	}
	f, err := disk.NewDraft(path, perm)
	if err != nil {
		return disk.About(path, err)
	}
	defer func() {
		if err != nil {
			f.Discard()
			err = disk.About(path, err)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := Write(w, keys, tensors, data); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if st != nil {
		if err := f.Chmod(perm); err != nil {
			return err
		}
	}
	return f.Publish(replace)
}
