package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"falconmamba/internal/disk"
)

// Write writes a file of the given tensors. It takes the Name, DType and Shape of a
// tensor. Tensors with larger elements come first, so that all are aligned; otherwise
// the order is kept. data is called for each tensor in the order of the file and writes
// exactly its bytes; Offset is where they go.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor, data func(w io.Writer, t Tensor) error) error {
	tensors = slices.Clone(tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int { return int(bits[b.DType] - bits[a.DType]) })
	header, err := layout(metadata, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range tensors {
		c := &counter{w: w}
		if err := data(c, t); err != nil {
			return err
		}
		if c.n != t.Size {
			return fmt.Errorf("tensor %s: %d bytes were written, %s %v takes %d",
				quote(t.Name), c.n, t.DType, t.Shape, t.Size)
		}
	}
	return nil
}

// layout gives the tensors their places and returns the length and the header.
func layout(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	if len(metadata) > maxMetadata || len(tensors) > maxTensors {
		return nil, fmt.Errorf("%d tensors and %d entries of metadata: a header has at most %d and %d",
			len(tensors), len(metadata), maxTensors, maxMetadata)
	}
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	sep := "{"
	put := func(name string, value any) error {
		k, err := json.Marshal(name)
		if err != nil {
			return err
		}
		v, err := json.Marshal(value)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s%s:%s", sep, k, v)
		sep = ","
		return nil
	}
	if len(metadata) > 0 {
		if err := put("__metadata__", metadata); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{"__metadata__": true}
	at := int64(0)
	for i := range tensors {
		t := &tensors[i]
		if seen[t.Name] {
			return nil, fmt.Errorf("tensor %s: the name is taken", quote(t.Name))
		}
		seen[t.Name] = true
		var err error
		if t.Size, err = byteSize(t.DType, t.Shape); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", quote(t.Name), err)
		}
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		err = put(t.Name, struct {
			DType   string   `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{t.DType, shape, [2]int64{at, at + t.Size}})
		if err != nil {
			return nil, err
		}
		at += t.Size
	}
	if sep == "{" {
		b.WriteString(sep)
	}
	b.WriteString("}")
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	n := b.Len() - 8
	if n > MaxHeader {
		return nil, fmt.Errorf("a header of %d bytes is above the limit of %d", n, MaxHeader)
	}
	for i := range tensors {
		tensors[i].Offset = int64(b.Len())
		if i > 0 {
			tensors[i].Offset = tensors[i-1].Offset + tensors[i-1].Size
		}
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(n))
	return b.Bytes(), nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// WriteFile writes a file as Write does, with the permissions perm, less the umask. It
// appears at path when it is complete and on the disk, or not at all.
func WriteFile(
	path string, perm fs.FileMode, metadata map[string]string, tensors []Tensor, data func(w io.Writer, t Tensor) error,
) error {
	f, err := disk.NewDraft(path, perm)
	if err != nil {
		return err
	}
	defer f.Discard()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := Write(w, metadata, tensors, data); err != nil {
		return disk.About(path, err)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Publish(true)
}
