package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

// An outcome is what a command left behind, without what no two runs have in
// common.
type outcome struct {
	status         int
	stdout, stderr string
	files          map[string]string // mode, size and hash
}

// seconds bounds a command; timeout makes its status 124.
const seconds = "60"

// run runs a command in dir with the programs of a build. work is for all.
func (c command) run(ctx context.Context, build, work, dir string) (outcome, error) {
	cmd := exec.CommandContext(ctx, "timeout", "-k", "1", seconds, "bash", "-o", "pipefail", "-c", c.text)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // which timeout passes on
	cmd.Dir = dir
	home := filepath.Join(work, "home")
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "FM_") && !strings.HasPrefix(v, "HF_") && !strings.HasPrefix(v, "HUGGING") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "PATH="+build+":"+os.Getenv("PATH"), "LC_ALL=C", "FM_BACKEND=cpu", "backend="+c.backend,
		"HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache"), "HF_HUB_OFFLINE=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		return outcome{}, err
	}
	o := outcome{status: cmd.ProcessState.ExitCode()}
	if c.input {
		o.stderr = stderr.String()
		return o, nil
	}
	o.stdout, o.stderr = mask(stdout.String()), mask(stderr.String())
	var err error
	o.files, err = written(dir)
	return o, err
}

// written describes the files in dir.
func written(dir string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files[name] = fmt.Sprintf("%v %d bytes %.8x", info.Mode(), len(data), sha256.Sum256(data))
		return err
	})
	return files, err
}

// difference describes what two outcomes do not have in common, a line each.
func difference(old, new outcome) string {
	var said strings.Builder
	say := func(what, old, new string) {
		if old != new {
			fmt.Fprintf(&said, "\t%s\n\t\told %s\n\t\tnew %s\n", what, old, new)
		}
	}
	say("status", fmt.Sprint(old.status), fmt.Sprint(new.status))
	for _, s := range []struct{ name, old, new string }{{"stdout", old.stdout, new.stdout},
		{"stderr", old.stderr, new.stderr}} {
		a, b := strings.SplitAfter(s.old, "\n"), strings.SplitAfter(s.new, "\n")
		n := 0
		for n < min(len(a), len(b)) && a[n] == b[n] {
			n++
		}
		if n == len(a) && n == len(b) {
			continue
		}
		a, b = append(a, ""), append(b, "") // where one is longer
		at := common(a[n], b[n])
		say(fmt.Sprintf("%s, line %d, of %d and %d", s.name, n+1, len(a)-2, len(b)-2), short(a[n], at), short(b[n], at))
	}
	names := map[string]bool{}
	for name := range old.files {
		names[name] = true
	}
	for name := range new.files {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		say("file "+name, old.files[name], new.files[name])
	}
	return said.String()
}

// common is how many bytes two texts begin with.
func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// short is the part of a text around the byte at.
func short(text string, at int) string {
	const before, after = 40, 80
	from, to := max(0, at-before), min(len(text), at+after)
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	part := fmt.Sprintf("%q", text[from:to])
	if from > 0 {
		part = "…" + part
	}
	if to < len(text) {
		part += "…"
	}
	return part
}
