package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/tiny"
)

// ggufOf writes the embedded model as a GGUF file.
func ggufOf(t *testing.T, typ backend.DType) string {
	t.Helper()
	ck, err := checkpoint.OpenFS(tiny.FS(), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	path := filepath.Join(t.TempDir(), typ.String()+".gguf")
	if _, err := checkpoint.WriteGGUF(t.Context(), path, ck, checkpoint.GGUFOptions{Type: typ}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSpeedOverFormats(t *testing.T) {
	all := rows(t, 0, "-m", tinyDir+","+ggufOf(t, backend.Q8_0), "--quant", "none,q4_0", "--backend", "ref", "-p", "4",
		"-n", "0", "-r", "1", "--compare", "4")
	var got []string
	for _, row := range all {
		if row["table"] == "speed" {
			got = append(got, row["model"].(string)+" "+row["type"].(string))
		}
	}
	if want := []string{"tiny f32", "tiny q4_0", "q8_0.gguf q8_0", "q8_0.gguf q4_0"}; !slices.Equal(got, want) {
		t.Errorf("rows are %q, want %q", got, want)
	}
	for i, e := range column(all, "numerics", "max_error") {
		if e != 0.0 {
			t.Errorf("row %d of numerics: ref differs from itself by %v", i, e)
		}
	}
	if n := column(all, "numerics", "type"); len(n) != 4 || n[3] != "q4_0" {
		t.Errorf("numerics are of %v", n)
	}
}

func TestPPLOverFormats(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(text, []byte("ROMEO:\nBut soft, what light?\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	all := rows(t, 0, "ppl", "-f", text, "--quant", "none,q8_0,q4_0", "--backend", "ref")
	if len(all) != 3 {
		t.Fatalf("rows are %v", all)
	}
	kl := column(all, "ppl", "kl")
	if kl[0] != 0.0 || !(kl[1].(float64) > 0 && kl[2].(float64) > 10*kl[1].(float64)) {
		t.Errorf("KL are %v", kl)
	}
	if bits := column(all, "ppl", "bits"); bits[0] != 16.0 || !(bits[1].(float64) > bits[2].(float64)) {
		t.Errorf("bits are %v", bits)
	}
	if top := column(all, "ppl", "top1"); top[0] != 1.0 {
		t.Errorf("top-1 are %v", top)
	}
	// A file against the model that it was made of is what packing while loading is.
	file := rows(t, 0, "ppl", "-f", text, "-m", ggufOf(t, backend.Q4_0), "--against=", "--backend", "ref")
	if len(file) != 1 || file[0]["kl"] != kl[2] {
		t.Errorf("from a file: %v, want a KL of %v", file, kl[2])
	}
	// One format alone is compared all the same; the model as it is has nothing to be
	// compared with.
	if one := rows(t, 0, "ppl", "-f", text, "--quant", "q4_0", "--backend", "ref"); len(one) != 1 ||
		one[0]["kl"] != kl[2] {
		t.Errorf("q4_0 alone: %v", one)
	}
	if bare := rows(t, 0, "ppl", "-f", text, "--backend", "ref"); bare[0]["kl"] != nil ||
		bare[0]["loss"] != all[0]["loss"] {
		t.Errorf("alone: %v, want no KL and a loss of %v", bare, all[0]["loss"])
	}
}

// A model of the hub is looked for in its cache and on its server.
func TestHubNames(t *testing.T) {
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path
		http.NotFound(w, r)
	}))
	defer server.Close()
	t.Setenv("HF_ENDPOINT", server.URL)
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	for _, args := range []string{"-m some/model", "ppl -f options.go -m some/model", "load -m some/model"} {
		asked = ""
		o := fmbench(t, "", strings.Fields(args)...)
		if o.status != 1 || !strings.Contains(asked, "some/model") || !strings.Contains(o.stderr, "some/model") ||
			strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%s: status %d, stderr %q, asked for %q", args, o.status, o.stderr, asked)
		}
	}
	o := fmbench(t, "", "-m", "some/model", "--offline")
	if o.status != 1 || !strings.Contains(o.stderr, "is not in") {
		t.Errorf("offline: status %d, %q", o.status, o.stderr)
	}
}

func TestVerboseNotes(t *testing.T) {
	o := fmbench(t, "", "logits", "--ids", "1", "-m", ggufOf(t, backend.Q4_0), "--mixer-eps", "2e-5", "--verbose",
		"--backend", "ref")
	for _, want := range []string{"mixer_rms_eps is 2e-05, as was asked for", "\nq4_0 ", "mixer_rms_eps 2e-05\n"} {
		if o.status != 0 || !strings.Contains(o.stderr, want) {
			t.Errorf("status %d, stderr %q, want %q", o.status, o.stderr, want)
		}
	}
	for args, want := range map[string]string{
		"logits --ids 1 -m a,b":            "--model has several values",
		"logits --ids 1 --quant q8_0,none": "--quant has several values",
		"--quant q9":                       "quantising to q9 is not supported",
		"--mixer-eps -3 -m random:130m":    "--mixer-eps -3",
	} {
		o := fmbench(t, "", strings.Fields(args)...)
		if o.status != 2 || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: status %d, %q; want %q", args, o.status, o.stderr, want)
		}
	}
}
