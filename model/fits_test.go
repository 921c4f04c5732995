package model

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/null"
	"falconmamba/checkpoint"
)

// A model that a GPU has no room for is refused before its first tensor is read;
// what the processor's memory can be made to hold is its own affair.
func TestLoadFits(t *testing.T) {
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	total := int64(0)
	for _, x := range ck.Tensors() {
		total += x.Bytes
	}
	for _, c := range []struct {
		name   string
		memory int64
		class  backend.Class
		read   bool // some of it, before there is no room
	}{
		{"a GPU with less", total - 1, backend.Discrete, false},
		{"a GPU with much less", 1 << 10, backend.Integrated, false},
		{"a processor with less", 1 << 10, backend.Host, true},
	} {
		b := null.Open(null.Options{Memory: c.memory, Info: backend.Info{Name: "dev:0", Class: c.class}})
		read := false
		_, err := Load(context.Background(), b, ck, LoadOptions{Progress: func(int64, int64) { read = true }})
		if !errors.Is(err, backend.ErrOutOfMemory) || !strings.Contains(err.Error(), "the weights need ") ||
			!strings.Contains(err.Error(), "try --quant or a smaller model") {
			t.Errorf("%s: %v", c.name, err)
		}
		if read != c.read {
			t.Errorf("%s: read %t, want %t", c.name, read, c.read)
		}
		if s := b.Stats(); s.Live != 0 {
			t.Errorf("%s: %d bytes stay live", c.name, s.Live)
		}
		b.Close()
	}
}
