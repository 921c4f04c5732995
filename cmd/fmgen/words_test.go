package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/cli/clitest"
)

// written is what clitest runs the program by.
func written(t *testing.T) func(args ...string) (int, string) {
	return func(args ...string) (int, string) {
		o := fmgen(t, "", args...)
		return o.status, o.stdout
	}
}

func TestManual(t *testing.T) { clitest.Manual(t, manual, written(t)) }

func TestCompletion(t *testing.T) {
	clitest.Completion(t, program, written(t), map[string]string{"fmgen tok": "tokenize",
		"fmgen convert --fo": "--force", "fmgen --chat-te": "--chat-template-file", "fmgen man --vers": "--version",
		"fmgen models re": "remove"})
	if got := ok(t, "completion", "fish"); !strings.Contains(got, "-l chat-template-file -d 'FILE") {
		t.Errorf("for fish: %q", got)
	}
}

func TestInspect(t *testing.T) {
	text := ok(t, "inspect", "../../checkpoint/testdata/half", "--tensors")
	for _, want := range []string{"falcon_mamba", "4 layers of width 128, 256 channels", "the head is the embedding",
		"  f16 ", "backbone.layers.3.mixer.in_proj.weight   [512 128]", "none: give token ids", "on cpu (", "fits"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var facts struct {
		Config     map[string]any
		Parameters int64
		Fits       []struct{ Device, Verdict string }
		Tokenizer  struct{ Tokens int }
	}
	if err := json.Unmarshal([]byte(ok(t, "inspect", "--json")), &facts); err != nil {
		t.Fatal(err)
	}
	if facts.Config["model_type"] != "falcon_mamba" || facts.Parameters < 2e6 || facts.Tokenizer.Tokens != 1024 ||
		len(facts.Fits) == 0 {
		t.Errorf("the facts are %+v", facts)
	}
	for args, want := range map[string]string{"a b": "one model too many", "a -m b": "stands beside -m"} {
		o := fmgen(t, "", append([]string{"inspect"}, strings.Fields(args)...)...)
		if o.status != cli.WrongUsage || !strings.Contains(o.stderr, want) {
			t.Errorf("inspect %s: status %d, %q", args, o.status, o.stderr)
		}
	}
}

func TestTokenize(t *testing.T) {
	ids := strings.TrimSpace(ok(t, "tokenize", "--only-ids", "ROMEO: good night"))
	if got := ok(t, "tokenize", "--ids", ids); got != "ROMEO: good night\n" {
		t.Errorf("tokens %s are %q", ids, got)
	}
	if o := fmgen(t, "ROMEO: good night\n", "tokenize", "-f", "-", "--count"); o.stdout !=
		strings.TrimSpace(o.stdout)+"\n" || len(strings.Split(ids, ",")) == 0 || o.status != 0 {
		t.Errorf("--count: %+v", o)
	}
	for line := range strings.Lines(ok(t, "tokenize", "--json", "a b")) {
		var token struct {
			ID   *int
			Text string
		}
		if err := json.Unmarshal([]byte(line), &token); err != nil || token.ID == nil || token.Text == "" {
			t.Errorf("the line is %q", line)
		}
	}
	for args, want := range map[string]string{"a b": "put quotes around", "a --ids 1": "want one of",
		"--ids 99999": "has no token 99999", "-m ../../checkpoint/testdata/half a": "tokenizer"} {
		if o := fmgen(t, "", append([]string{"tokenize"}, strings.Fields(args)...)...); o.status == 0 ||
			!strings.Contains(o.stderr, want) {
			t.Errorf("tokenize %s: status %d, %q", args, o.status, o.stderr)
		}
	}
}

func TestModels(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("HF_HUB_CACHE", cache)
	if o := fmgen(t, "", "models"); o.status != 0 || o.stdout != "" || !strings.Contains(o.stderr, "no models") {
		t.Errorf("of nothing: %+v", o)
	}
	at := filepath.Join(cache, "models--org--name", "snapshots", strings.Repeat("0", 40))
	if err := os.MkdirAll(at, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "config.json"), make([]byte, 2048), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := ok(t, "models"); !strings.HasPrefix(got, "org/name  2.00 KiB  ") {
		t.Errorf("models: %q", got)
	}
	if got := ok(t, "models", "show", "org/name"); !strings.Contains(got, "\n  config.json\n") {
		t.Errorf("show: %q", got)
	}
	if o := fmgen(t, "y\n", "models", "remove", "org/name"); o.status != cli.WrongUsage ||
		!strings.Contains(o.stderr, "say --yes") {
		t.Errorf("remove without --yes: %+v", o)
	}
	if o := fmgen(t, "", "models", "remove", "--yes", "org/name", "org/other"); o.status != cli.Failed ||
		!strings.Contains(ok(t, "models"), "org/name") {
		t.Errorf("one of two that is not there: %+v", o)
	}
	if got := ok(t, "models", "remove", "--yes", "org/name"); got != "removed org/name: 2.00 KiB\n" {
		t.Errorf("remove: %q", got)
	}
	if left, _ := os.ReadDir(cache); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if o := fmgen(t, "", "models", "drop", "x"); o.status != cli.WrongUsage || !strings.Contains(o.stderr, "want list, show") {
		t.Errorf("drop: %+v", o)
	}
}
