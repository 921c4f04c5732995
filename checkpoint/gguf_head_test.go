package checkpoint

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"falconmamba/checkpoint/gguf"
	"falconmamba/text/tokenizer"
)

// counted is how much of a file was read.
type counted struct {
	io.ReaderAt
	bytes, calls int
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	c.calls++
	c.bytes += len(p)
	return c.ReaderAt.ReadAt(p, off)
}

// The beginning of a file says what the whole says, and has no tensors. It is read as far as the header goes.
func TestOpenGGUFHead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.gguf")
	stored, err := Open("tiny", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer stored.Close()
	if _, err := WriteGGUF(t.Context(), path, stored, GGUFOptions{}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Behind it tensors that nobody reads, as those of a large model.
	const size = 1 << 40
	whole, err := OpenGGUF(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	r := &counted{ReaderAt: bytes.NewReader(data)}
	head, err := OpenGGUFHead("m.gguf", r, size, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer head.Close()
	if r.bytes != 1<<20 || r.calls != 1 {
		t.Errorf("%d bytes were read in %d calls", r.bytes, r.calls)
	}
	if !reflect.DeepEqual(head.Config(), whole.Config()) || !reflect.DeepEqual(head.Tensors(), whole.Tensors()) ||
		!reflect.DeepEqual(head.Generation(), whole.Generation()) {
		t.Errorf("it says %+v, %+v", head.Config(), head.Generation())
	}
	a, err := tokenizer.Load(head.Files(), ".")
	if err != nil {
		t.Fatal(err)
	}
	b, err := tokenizer.Load(whole.Files(), ".")
	if err != nil {
		t.Fatal(err)
	}
	if x, y := a.Encode("ROMEO: good night", tokenizer.EncodeOptions{}), b.Encode("ROMEO: good night",
		tokenizer.EncodeOptions{}); !reflect.DeepEqual(x, y) || len(x) == 0 {
		t.Errorf("tokens %v, want %v", x, y)
	}
	const name = "backbone.norm_f.weight"
	_, err = head.Read(name)
	err2 := head.ReadAt(name, make([]byte, 4), 0)
	for _, err := range []error{err, err2} {
		if err == nil || !strings.Contains(err.Error(), "m.gguf: tensor "+name+" cannot be read") {
			t.Errorf("a tensor: %v", err)
		}
	}
	if m := head.Mappings(); m != nil {
		t.Errorf("%d mappings of what is not there", len(m))
	}
}

// A long header is read on, and what is wrong is said with the file's name.
func TestOpenGGUFHeadOn(t *testing.T) {
	m := newGGUFMold()
	m.set("general.description", gguf.Text(strings.Repeat("x", 5<<20)))
	data := m.bytes(t)
	r := &counted{ReaderAt: bytes.NewReader(data)}
	head, err := OpenGGUFHead("m.gguf", r, int64(len(data)), Options{})
	if err != nil || r.calls != 4 || r.bytes != len(data) { // 1, 2, 4 MiB, and all
		t.Fatalf("%v, %d calls", err, r.calls)
	}
	if err := head.Close(); err != nil {
		t.Error(err)
	}

	split := newGGUFMold()
	split.set("split.count", gguf.Word(2))
	for what, c := range map[string]struct {
		r    io.ReaderAt
		size int64
		want string
	}{
		"no GGUF":      {strings.NewReader(strings.Repeat("x", 100)), 100, "m.gguf: begins with"},
		"cut":          {bytes.NewReader(data[:len(data)-1]), int64(len(data)) - 1, "truncated"},
		"shorter":      {bytes.NewReader(data[:100]), int64(len(data)), "m.gguf: reading its header: EOF"},
		"not readable": {failing{}, 1 << 30, "m.gguf: reading its header: " + iotest.ErrTimeout.Error()},
		"a part":       {bytes.NewReader(split.bytes(t)), int64(len(split.bytes(t))), "m.gguf: what should be part 1 of 1"},
	} {
		if _, err := OpenGGUFHead("m.gguf", c.r, c.size, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, iotest.ErrTimeout }
