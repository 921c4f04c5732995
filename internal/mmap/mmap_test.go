package mmap

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	want := bytes.Repeat([]byte("falcon mamba\n"), 5000)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, want, 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range [][2]int64{{0, int64(len(want))}, {5000, 1}, {4095, 4098}, {-1, 5}, {5, -1}, {10, math.MaxInt64},
		{int64(len(want)), 1}} {
		m.Drop(r[0], r[1])
		if !bytes.Equal(m.Bytes(), want) {
			t.Fatalf("after Drop(%d, %d) the mapping is not the file", r[0], r[1])
		}
	}
	for range 2 {
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if m.Bytes() != nil {
		t.Error("Bytes after Close is not nil")
	}
	m.Drop(0, 1)
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "absent")); !os.IsNotExist(err) {
		t.Errorf("absent file: %v", err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("folder: %v", err)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Open(empty)
	if err != nil || len(m.Bytes()) != 0 {
		t.Errorf("empty file: %d bytes, %v", len(m.Bytes()), err)
	}
	m.Close()
}

func TestAlloc(t *testing.T) {
	m, err := Alloc(3 << 20)
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bytes()
	if len(b) != 3<<20 || b[0] != 0 || b[len(b)-1] != 0 {
		t.Fatalf("got %d bytes, want 3 MiB of zeros", len(b))
	}
	b[0], b[len(b)-1] = 1, 2
	m.Drop(0, int64(len(b)))
	if b[0] != 1 || b[len(b)-1] != 2 {
		t.Error("Drop lost what was written")
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	for _, size := range []int64{-1, math.MaxInt64} {
		if _, err := Alloc(size); err == nil {
			t.Errorf("Alloc(%d) succeeded", size)
		}
	}
}
