package mmap

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// resident returns how many bytes of mapped files are in this process's
// memory.
func resident(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc/self/status: ", err)
	}
	_, rest, ok := bytes.Cut(status, []byte("RssFile:"))
	var kb int64
	if _, err := fmt.Sscan(string(rest), &kb); !ok || err != nil {
		t.Skip("/proc/self/status has no RssFile")
	}
	return kb << 10
}

func TestDropLeavesMemory(t *testing.T) {
	const size = 64 << 20
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, size), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	before, sum := resident(t), 0
	for i := 0; i < size; i += 512 {
		sum += int(m.Bytes()[i])
	}
	touched := resident(t)
	if touched-before < size/2 {
		t.Skipf("this system does not count mapped files: %d bytes after touching %d, sum %d",
			touched-before, size, sum)
	}
	m.Drop(0, size)
	if left := resident(t) - before; left > size/8 {
		t.Errorf("%d bytes of %d are still in memory", left, size)
	}
}
