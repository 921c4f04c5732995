package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "falconmamba/backend/cpu"
	"falconmamba/checkpoint/hub"
)

// What is said before a download: how much, what fits, what is suggested. Nobody is asked where no one types.
func TestDownload(t *testing.T) {
	folder := t.TempDir()
	config := `{"model_type":"falcon_mamba","hidden_size":65536,"intermediate_size":131072,"num_hidden_layers":64,` +
		`"vocab_size":65024,"torch_dtype":"bfloat16"}`
	if err := os.WriteFile(filepath.Join(folder, "config.json"), []byte(config), 0o666); err != nil {
		t.Fatal(err)
	}
	plan := hub.Plan{Name: "org/name", Folder: folder, Cache: "/cache", Files: []string{"a.safetensors", "b.safetensors"},
		Total: 5e9, Need: 4e9, GGUF: []string{"name-Q4_K_M.gguf"}}
	for _, c := range []struct {
		quant string
		want  []string
		not   string
	}{
		{"", []string{"fmgen: org/name: 4.0 GB in 2 files are to be downloaded into /cache\n", "the rest of its 5.0 GB",
			"on cpu (", "as it is stored", "--quant q4_K", "does not fit", "suggested: a smaller model",
			"-m org/name:name-Q4_K_M.gguf"}, "(asked for)"},
		{"q4_K", []string{"(asked for)"}, "suggested"},
	} {
		var out bytes.Buffer
		d := Download{Program: "fmgen", Stderr: &out, Stdin: strings.NewReader("n\n"), Backend: "cpu", Quant: c.quant}
		if err := d.Confirm(context.Background())(plan); err != nil {
			t.Errorf("%q: %v", c.quant, err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q: %q is not in\n%s", c.quant, want, &out)
			}
		}
		if strings.Contains(out.String(), c.not) {
			t.Errorf("%q: %q is in\n%s", c.quant, c.not, &out)
		}
	}
}

func TestAsk(t *testing.T) {
	for answer, want := range map[string]bool{"\n": true, "y\n": true, " YES \n": true, "yes": true, "n\n": false, "": false,
		"what\n": false} {
		ok, err := Ask(context.Background(), strings.NewReader(answer), io.Discard, "?", true)
		if ok != want || err != nil {
			t.Errorf("%q: %v, %v", answer, ok, err)
		}
	}
	if ok, _ := Ask(context.Background(), strings.NewReader("\n"), io.Discard, "?", false); ok {
		t.Error("an empty line is a yes where it is not to be")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close() // before r, whose Close waits on Windows for the read that goes on
	if _, err := Ask(ctx, r, io.Discard, "?", true); err != context.Canceled {
		t.Errorf("interrupted: %v", err)
	}
}
