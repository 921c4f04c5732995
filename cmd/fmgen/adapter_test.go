package main

import (
	"path/filepath"
	"strings"
	"testing"

	"falconmamba/checkpoint"
	"falconmamba/checkpoint/peft/pefttest"
	"falconmamba/checkpoint/tiny"
)

// fmgen --adapter writes the text of the model that fmgen convert --adapter has merged.
func TestAdapter(t *testing.T) {
	ck, err := checkpoint.OpenFS(tiny.FS(), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	a := pefttest.New(4, 6)
	for _, module := range []string{"backbone.layers.0.mixer.in_proj", "backbone.layers.1.mixer.out_proj"} {
		info, _ := ck.Lookup(module + ".weight")
		a.Add(module, info.Shape, 4, "F32")
	}
	dir := a.Write(t)
	text := func(args ...string) string {
		return ok(t, append([]string{"-p", "ROMEO:", "-n", "12", "--temp", "0", "--backend", "ref"}, args...)...)
	}
	plain, file := text(), filepath.Join(t.TempDir(), "a.gguf")
	for _, c := range []struct{ adapt, quant []string }{
		{[]string{"--adapter", dir}, nil},
		{[]string{"--adapter", dir + "=-0.5", "--adapter", dir}, nil},
		{[]string{"--adapter", dir + "=2"}, []string{"--quant", "q8_0"}},
	} {
		report := ok(t, append(append([]string{"convert", "-o", file, "--force"}, c.adapt...), c.quant...)...)
		if !strings.Contains(report, "note: adapter "+dir+" (of org/base) at scale ") ||
			!strings.Contains(report, "is added to 1 in_proj, 1 out_proj") {
			t.Errorf("convert %q reports %q", c.adapt, report)
		}
		adapted := text(append(c.adapt, c.quant...)...)
		if merged := text("-m", file); merged != adapted {
			t.Errorf("%q: from the file comes %q, from the model %q", c.adapt, merged, adapted)
		}
		if adapted == plain {
			t.Errorf("%q: the text is that of the model alone", c.adapt)
		}
	}
	for arg, want := range map[string]string{"x=y": "want NAME or NAME=SCALE", "x=0": "not 0", "=1": "want the folder"} {
		if o := fmgen(t, "", "-p", "a", "--adapter", arg); o.status != 2 || !strings.Contains(o.stderr, want) {
			t.Errorf("--adapter %s: status %d, %q", arg, o.status, o.stderr)
		}
	}
	if o := fmgen(t, "", "-p", "a", "--adapter", "nowhere"); o.status != 1 ||
		!strings.Contains(o.stderr, "no adapter at nowhere") {
		t.Errorf("an adapter that is not there: status %d, %q", o.status, o.stderr)
	}
}
