package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// measuredEnv has TestMain be the program, whose last line is then the most memory that it had, in kB.
const measuredEnv = "FMGEN_TEST_MEASURED"

// measured runs the program and says how much memory it had.
func measured() int {
	status := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	text, _ := os.ReadFile("/proc/self/status")
	_, line, _ := strings.Cut(string(text), "VmHWM:")
	line, _, _ = strings.Cut(line, "kB")
	fmt.Fprintf(os.Stderr, "%s\n", strings.TrimSpace(line))
	return status
}

// A template that wants all the memory there is ends when the program has 100 MB.
func TestMemoryOfTemplates(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("the race detector takes memory of its own, and other systems tell it otherwise")
	}
	file := filepath.Join(t.TempDir(), "a.jinja")
	for _, text := range []string{
		"{% set n = namespace(x=[1]) %}{% for i in range(22) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson(indent=64) }}",
		"{% set n = namespace(x='a' * 1000) %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
		"{% set n = namespace(x=[]) %}{% for i in range(9999) %}{% for j in range(9999) %}{% set n.x = [n.x, [[],[],[],[],[]]] %}" +
			"{% endfor %}{% endfor %}",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command(os.Args[0], "--chat", "-st", "-p", "hi", "-n", "1", "--backend", "cpu", "--chat-template-file", file)
		c.Env = append(os.Environ(), measuredEnv+"=1")
		out, _ := c.CombinedOutput()
		said, most, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		kB, err := strconv.Atoi(most)
		if err != nil || !strings.Contains(said, "too much text") {
			t.Errorf("%s: %q", text, out)
		}
		if kB > 100_000 {
			t.Errorf("%s: the program had %d kB, want at most 100 MB", text, kB)
		}
		t.Logf("%d kB", kB)
	}
}
