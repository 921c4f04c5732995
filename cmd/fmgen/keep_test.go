package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"falconmamba/cmd/internal/cli"
)

// What was packed once is opened the next time, and writes the same.
func TestKeepQuant(t *testing.T) {
	cache := t.TempDir()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, cache)
	}
	args := func(more ...string) []string {
		return append([]string{"-p", "ROMEO:", "-n", "12", "--temp", "0", "--backend", "ref"}, more...)
	}
	kept := func() []string {
		dir, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "falconmamba", "quant", "*"))
		return files
	}
	want := ok(t, args("--quant", "q8_0")...)
	first := fmgen(t, "", args("--quant", "q8_0", "--keep-quant")...)
	if first.stdout != want || !strings.Contains(first.stderr, "kept as ") || len(kept()) != 1 {
		t.Fatalf("the first time: %+v, want %q; kept are %q", first, want, kept())
	}
	before, err := os.Stat(kept()[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := ok(t, args("--quant", "q8_0", "--keep-quant")...); got != want {
		t.Errorf("the second time: %q, want %q", got, want)
	}
	if after, err := os.Stat(kept()[0]); err != nil || !os.SameFile(before, after) {
		t.Error("the file was written again")
	}
	fmgen(t, "", args("--quant", "q4_K", "--keep-quant")...)
	fmgen(t, "", args("--quant", "q8_0", "--keep-quant", "-m", "random:../../checkpoint/testdata/tiny", "--ids", "1")[2:]...)
	if n := len(kept()); n != 3 {
		t.Errorf("%d files are kept of two types and another model, want 3: %q", n, kept())
	}
	listed(t, kept())
	for more, want := range map[string]string{"--keep-quant": "without --quant",
		"--keep-quant --quant nf4": "GGUF, in which it is kept, has no nf4"} {
		if o := fmgen(t, "", args(strings.Fields(more)...)...); o.status != cli.WrongUsage || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: %+v", more, o)
		}
	}
}

// listed has models list, show and remove the files of --keep-quant.
func listed(t *testing.T, kept []string) {
	t.Helper()
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	list := ok(t, "models")
	for _, path := range kept {
		name := strings.TrimSuffix(filepath.Base(path), ".gguf")
		if !strings.Contains(list, name+"  ") || !strings.Contains(list, "by --keep-quant, of ") {
			t.Errorf("%s is not in the list:\n%s", name, list)
		}
		if got := ok(t, "models", "show", name); !strings.Contains(got, path) {
			t.Errorf("show %s: %q", name, got)
		}
	}
	for args, want := range map[string]string{"show nothing": "neither ORG/NAME nor a file of --keep-quant",
		"remove --yes nothing": "neither ORG/NAME", "show ": "neither ORG/NAME"} {
		if o := fmgen(t, "", append([]string{"models"}, strings.Split(args, " ")...)...); o.status != cli.Failed ||
			!strings.Contains(o.stderr, want) {
			t.Errorf("models %s: %+v", args, o)
		}
	}
	first := strings.TrimSuffix(filepath.Base(kept[0]), ".gguf")
	if other := strings.TrimSuffix(filepath.Base(kept[1]), ".gguf"); other[:8] == first[:8] { // of the same model
		if o := fmgen(t, "", "models", "show", first[:8]); o.status != cli.Failed || !strings.Contains(o.stderr, "want one") {
			t.Errorf("a name that two begin with: %+v", o)
		}
	}
	if got := ok(t, "models", "remove", "--yes", first); !strings.HasPrefix(got, "removed "+first+": ") {
		t.Errorf("remove: %q", got)
	}
	if list := ok(t, "models"); strings.Contains(list, first) {
		t.Errorf("it is still there:\n%s", list)
	}
}
