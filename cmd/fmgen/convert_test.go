package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"falconmamba/checkpoint"
	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/disk"
)

const wideConfig = `{"model_type":"falcon_mamba","hidden_size":96,"intermediate_size":192,"num_hidden_layers":2,"vocab_size":300,"time_step_rank":20}`

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.json")
	if err := os.WriteFile(config, []byte(wideConfig), 0o644); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "plain.gguf")
	for _, c := range []struct {
		args string
		want string // a regular expression in the report
	}{
		{"-o " + plain, `4.83 MiB of bf16 became 4.95 MiB, 16\.38 bits`},
		{"--quant q4_K -o " + filepath.Join(dir, "a.gguf"), `(?m)^  q4_K .* in_proj, out_proj$`},
		{"--quant Q4_K_M -o " + filepath.Join(dir, "b.gguf"), `(?m)^  q6_K .* embeddings, out_proj$`},
		{"--quant q8_0 -m " + plain + " -o " + filepath.Join(dir, "c.gguf"), `(?m)^  q8_0 .* 21 tensors`},
		{"--quant q4_K -m random:" + config + " -o " + filepath.Join(dir, "d.gguf"),
			`mixer.in_proj.weight \(2 of them\) is stored as q5_0: its rows of 96 are no whole blocks of q4_K`},
		{"--quant q6_K -m random:" + config + " -o " + filepath.Join(dir, "e.gguf"),
			`mixer.dt_proj.weight \(2 of them\) is stored as bf16: its rows of 20 are no whole blocks of q8_0`},
		{"--quant f32 -m ../../checkpoint/testdata/tiny -o " + filepath.Join(dir, "f.gguf"), `f32 became `},
	} {
		got := ok(t, append([]string{"convert"}, strings.Fields(c.args)...)...)
		if !regexp.MustCompile(c.want).MatchString(got) || !strings.Contains(got, "it took ") {
			t.Errorf("%s: %s\nwant %s", c.args, got, c.want)
		}
	}
	// The same text from the file as from the model, and from one that was quantised
	// while it was loaded.
	text := func(args ...string) string {
		return ok(t, append([]string{"-p", "ROMEO:", "-n", "6", "--temp", "0", "--backend", "ref"}, args...)...)
	}
	if a, b := text(), text("-m", plain); a != b {
		t.Errorf("from the file comes %q, from the model %q", b, a)
	}
	if a, b := text("-m", filepath.Join(dir, "a.gguf")), text("--quant", "q4_K"); a != b {
		t.Errorf("from the file comes %q, of the model quantised %q", a, b)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// A program that is killed while it writes leaves a file without a name of its own, which the next that writes the
// same removes.
func TestKilledBefore(t *testing.T) {
	dir := t.TempDir()
	for path, args := range map[string]string{
		"a.gguf":  "convert --quant q8_0 -o ",
		"a.state": "--temp 0 -p ROMEO: -n 1 --state-save ",
	} {
		path = filepath.Join(dir, path)
		killed, err := disk.NewDraft(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		killed.Close()
		ok(t, append(strings.Fields(args), path)...)
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
			t.Errorf("%s leaves %q", args, left)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.gguf")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"", cli.WrongUsage, "Give -o FILE.gguf"},
		{"x -o a", cli.WrongUsage, `"x" is not a flag`},
		{"-o a --quant q9", cli.WrongUsage, `--quant: "q9" is no type`},
		{"-o a --type f32", cli.WrongUsage, "only random:"},
		{"-o a --mixer-eps 1e-5", cli.WrongUsage, "the embedded model"},
		{"-m random:130m -o a --mixer-eps -1", cli.WrongUsage, "--mixer-eps -1"},
		{"-o " + mine, cli.Failed, "mine.gguf is there already"},
		{"-o " + dir, cli.Failed, "is there already"},
		{"--force -o " + dir, cli.Failed, "is not a regular file"},
		{"-o " + filepath.Join(dir, "no", "a.gguf"), cli.Failed, whyNot(filepath.Join(dir, "no", "a.gguf"))},
		{"-o " + filepath.Join(dir, "a.gguf") + " --quant nf4", cli.Failed, "writing nf4 is not supported"},
		{"-o " + filepath.Join(dir, "a.gguf") + " -m " + mine, cli.Failed, "is a file, but not GGUF"},
		{"-o " + filepath.Join(dir, "a.gguf") + " -m none", cli.Failed, "no model at none"},
	} {
		o := fmgen(t, "", append([]string{"convert"}, strings.Fields(c.args)...)...)
		if o.status != c.status || !strings.Contains(o.stderr, c.want) || strings.Count(o.stderr, "\n") != 1 ||
			o.stdout != "" {
			t.Errorf("%s: status %d, stdout %q, stderr %q; want %d and one line with %q",
				c.args, o.status, o.stdout, o.stderr, c.status, c.want)
		}
	}
	if text, _ := os.ReadFile(mine); string(text) != "mine" {
		t.Errorf("the file that was there is %q", text)
	}
	ok(t, "convert", "--force", "-o", mine)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	status := run(ended, []string{"convert", "-o", filepath.Join(dir, "b.gguf")}, strings.NewReader(""), &stderr,
		&stderr)
	if status != cli.Interrupted || stderr.String() != "fmgen: interrupted\n" {
		t.Errorf("interrupted: status %d, %q", status, &stderr)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%d files were left", len(left))
	}
	if help := ok(t, "convert", "--help"); !strings.Contains(help, "--force") {
		t.Errorf("--help is %q", help)
	}
}

// A model of the hub is looked for in its cache and on its server.
func TestConvertHubName(t *testing.T) {
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path
		http.NotFound(w, r)
	}))
	defer server.Close()
	t.Setenv("HF_ENDPOINT", server.URL)
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	out := filepath.Join(t.TempDir(), "a.gguf")
	o := fmgen(t, "", "convert", "-m", "some/model:Q4_K_M", "-o", out)
	if o.status != cli.Failed || !strings.Contains(asked, "some/model") || strings.Count(o.stderr, "\n") != 1 {
		t.Errorf("status %d, stderr %q, asked for %q", o.status, o.stderr, asked)
	}
	asked = ""
	o = fmgen(t, "", "convert", "-m", "some/model", "-o", out, "--offline")
	if o.status != cli.Failed || asked != "" || !strings.Contains(o.stderr, "nothing is downloaded") {
		t.Errorf("offline: status %d, stderr %q, asked for %q", o.status, o.stderr, asked)
	}
}

// What --verbose says of a model whose weights are packed, and of the epsilon
// that GGUF does not say.
func TestVerboseNotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.gguf")
	ok(t, "convert", "-o", path)
	for args, want := range map[string]string{
		"--quant q4_K":                     "\nq4_K ",
		"--quant none":                     "\nbf16 ",
		"-m " + path:                       "mixer_rms_eps is 1e-06: falconmamba.mixer_rms_eps says so",
		"-m " + path + " --mixer-eps 3e-5": "mixer_rms_eps is 3e-05, as was asked for",
	} {
		o := fmgen(t, "", append(strings.Fields(args), "-p", "a", "-n", "1", "--verbose", "--backend", "ref")...)
		if o.status != cli.OK || !strings.Contains(o.stderr, want) || !strings.Contains(o.stderr, "\nnorms ") {
			t.Errorf("%s: status %d, stderr %q; want %q", args, o.status, o.stderr, want)
		}
	}
	o := fmgen(t, "", "-p", "a", "--quant", "f16")
	if o.status != cli.WrongUsage || !strings.Contains(o.stderr, "quantising to f16 is not supported: want one of") {
		t.Errorf("f16: status %d, %q", o.status, o.stderr)
	}
}

// FuzzConvert gives the program a config or a GGUF file, either perhaps broken: it
// writes a file that opens, or says one line and leaves nothing.
func FuzzConvert(f *testing.F) {
	config, err := os.ReadFile("../../checkpoint/testdata/tiny/config.json")
	if err != nil {
		f.Fatal(err)
	}
	const small = `{"model_type":"falcon_mamba","hidden_size":32,"num_hidden_layers":1,"vocab_size":9,"time_step_rank":2}`
	f.Add([]byte(wideConfig), uint8(0))
	f.Add(config, uint8(7))
	f.Add([]byte(`{"model_type":"mamba","hidden_size":32,"num_hidden_layers":1,"vocab_size":9,"hidden_act":"gelu"}`),
		uint8(3))
	dir := f.TempDir()
	path, file := filepath.Join(dir, "config.json"), filepath.Join(dir, "m.gguf")
	if err := os.WriteFile(path, []byte(small), 0o644); err != nil {
		f.Fatal(err)
	}
	for i, quant := range []string{"", "q8_0"} {
		var out bytes.Buffer
		if status := run(f.Context(), []string{"convert", "-m", "random:" + path, "-o", file, "--force",
			"--quant=" + quant}, nil, &out, &out); status != cli.OK {
			f.Fatal(out.String())
		}
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint8(4+i))
	}
	types := []string{"", "f32", "f16", "q8_0", "q4_0", "q6_K", "q4_K", "q4_K_M", "q5_1", "nf4"}
	f.Fuzz(func(t *testing.T, data []byte, typ uint8) {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out.gguf")
		source := in
		if !bytes.HasPrefix(data, []byte("GGUF")) {
			source = "random:" + in
			if c, err := checkpoint.ParseConfig(data); err == nil && c.Parameters() > 1<<18 {
				t.Skip("too large")
			}
		}
		if err := os.WriteFile(in, data, 0o644); err != nil {
			t.Fatal(err)
		}
		o := fmgen(t, "", "convert", "-m", source, "-o", out, "--quant="+types[int(typ)%len(types)])
		ck, err := checkpoint.Open(out, checkpoint.Options{})
		switch o.status {
		case cli.OK:
			if err != nil {
				t.Fatalf("the file does not open: %v", err)
			}
			ck.Close()
		case cli.Failed:
			lines := strings.Split(strings.TrimSuffix(o.stderr, "\n"), "\n")
			if err == nil || !strings.HasPrefix(lines[len(lines)-1], "fmgen: ") || o.stdout != "" {
				t.Errorf("stdout %q, stderr %q", o.stdout, o.stderr)
			}
			for _, l := range lines[:len(lines)-1] {
				if !strings.HasPrefix(l, "fmgen: warning: ") {
					t.Errorf("stderr %q", o.stderr)
				}
			}
		default:
			t.Errorf("status %d, %q", o.status, o.stderr)
		}
		if left, _ := os.ReadDir(dir); len(left) > 2 || o.status != cli.OK && len(left) > 1 {
			t.Errorf("%d files were left behind", len(left))
		}
	})
}
