package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestComplete(t *testing.T) {
	dir := t.TempDir() + string(filepath.Separator)
	for _, name := range []string{"one.state", "only.state", "two.state"} {
		if err := os.WriteFile(dir+name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir+"folder", 0o777); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"/reg": "/regenerate", "/re": "/re", "/u": "/undo", "/set": "/set ", "/x": "/x", "hello": "hello", "//s": "//s",
		"/set te": "/set temp ", "/set top": "/set top-", "/set temp 0": "/set temp 0", "": "", "/undo x": "/undo x",
		"/save " + dir + "o": "/save " + dir + "on", "/load " + dir + "t": "/load " + dir + "two.state",
		"/load " + dir + "f": "/load " + dir + "folder" + string(filepath.Separator), "/load /no/such/f": "/load /no/such/f",
	} {
		if got := complete(line); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
}

// What was typed in one run is there in the next, the last first.
func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	for _, lines := range [][]string{{"one", "two", "two", ""}, {"three"}} {
		h, err := openHistory(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			h.Add(line)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	h, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if h.Len() != 3 || h.At(0) != "three" || h.At(1) != "two" || h.At(2) != "one" {
		t.Errorf("the lines are %q", h.lines)
	}
	if st, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", st.Mode(), err)
	}
	if _, err := openHistory(t.TempDir()); err == nil {
		t.Error("a folder is taken for a history")
	}
}
