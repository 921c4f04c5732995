package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint/gguf"
)

func TestParseMix(t *testing.T) {
	for name, want := range map[string]QuantMix{
		"q4_K": {Type: backend.Q4_K}, "Q4_K_S": {Type: backend.Q4_K}, "Q4_K_M": {backend.Q4_K, backend.Q6_K},
		"q5_k_m": {backend.Q5_K, backend.Q6_K}, "Q3_K_L": {backend.Q3_K, backend.Q5_K}, "BF16": {Type: backend.BF16},
		"nf4": {Type: backend.NF4},
	} {
		if got, err := ParseQuantMix(name); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", name, got, err, want)
		}
	}
	for _, name := range []string{"", "i32", "iq2_xs", "q4", "q4_K_L"} {
		if _, err := ParseQuantMix(name); err == nil || !strings.Contains(err.Error(), "q4_K_M") {
			t.Errorf("%q: error %v", name, err)
		}
	}
}

// The layers that llama.cpp's mixes give more bits to, of 32 and of 5.
func TestMoreBits(t *testing.T) {
	for layers, want := range map[int][]int{
		32: {0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31},
		5:  {2, 4},
	} {
		var got []int
		for i := range layers {
			if moreBits(i, layers) {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("of %d layers %v, want %v", layers, got, want)
		}
	}
}

func TestWriteGGUFMix(t *testing.T) {
	c := wide(t)
	c.NumHiddenLayers = 5
	ck, err := NewRandom(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := written(t, ck, GGUFOptions{Type: backend.Q4_K, More: backend.Q6_K})
	for i := range 5 {
		for part, want := range map[string]backend.DType{"in_proj": backend.Q4_K, "out_proj": backend.Q4_K,
			"x_proj": backend.Q8_0} {
			if part == "out_proj" && (i == 2 || i == 4) {
				want = backend.Q6_K
			}
			if info, _ := got.Lookup(fmt.Sprintf("backbone.layers.%d.mixer.%s.weight", i, part)); info.Type != want {
				t.Errorf("layer %d: %s is %v, want %v", i, part, info.Type, want)
			}
		}
	}
	// llama.h, LLAMA_FTYPE_MOSTLY_Q4_K_M and others.
	small, err := NewRandom(wide(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{"q4_K_M": 15, "q4_K": 14, "q5_K_M": 17, "q3_K": 11, "q3_K_L": 13,
		"q2_K": 10, "bf16": 32, "q8_0": 7} {
		mix, err := ParseQuantMix(name)
		if err != nil {
			t.Fatal(err)
		}
		ck, _ := written(t, small, GGUFOptions{Type: mix.Type, More: mix.More})
		v, _ := ck.(*ggufModel).file.Key("general.file_type")
		if n, err := v.Int(); err != nil || n != want {
			t.Errorf("%s: general.file_type is %d, want %d", name, n, want)
		}
	}
	shares := Summarize(got.Tensors())
	var all int
	for i, s := range shares {
		all += s.Tensors
		if i > 0 && s.Bytes > shares[i-1].Bytes {
			t.Errorf("shares are out of order: %v", shares)
		}
		if s.Type == backend.Q6_K && !slices.Equal(s.Parts, []string{"out_proj", "lm_head"}) {
			t.Errorf("q6_K are %v", s.Parts)
		}
	}
	if all != len(got.Tensors()) {
		t.Errorf("the shares have %d of %d tensors", all, len(got.Tensors()))
	}
	nf4, err := Quantized(ck, backend.NF4)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Summarize(nf4.Tensors()) {
		// in_proj [1024, 256], out_proj [256, 512], five of each, and the embedding
		// [300, 256]: half a byte an element, and a float32 for 64 of them.
		if n := int64(5*(1024*256+256*512) + 300*256); s.Type == backend.NF4 && s.Bytes != n/2+n/16 {
			t.Errorf("nf4 has %d bytes, want %d", s.Bytes, n/2+n/16)
		}
	}
}

// A file that is there stays; one that was not finished is not there.
func TestWriteGGUFKeepsFiles(t *testing.T) {
	ck := open(t, "testdata/tiny", Options{})
	path := filepath.Join(t.TempDir(), "m.gguf")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteGGUF(t.Context(), path, ck, GGUFOptions{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := WriteGGUF(ctx, path, ck, GGUFOptions{Replace: true, Progress: func(done, total int64) {
		if done > total/2 {
			cancel()
		}
	}})
	if text, _ := os.ReadFile(path); !errors.Is(err, context.Canceled) || string(text) != "mine" {
		t.Errorf("interrupted: %v, the file is %q", err, text)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files were left behind", len(left)-1)
	}
	if _, err := WriteGGUF(t.Context(), path, ck, GGUFOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	// A model may take its own file's place.
	own := open(t, path, Options{})
	if _, err := WriteGGUF(t.Context(), path, own, GGUFOptions{Type: backend.F16, Replace: true}); err != nil {
		// Windows may keep what is mapped from being replaced: then it stays whole.
		if runtime.GOOS != "windows" {
			t.Fatal(err)
		}
		whole(t, path)
		return
	}
	if info, _ := open(t, path, Options{}).Lookup(inProj); info.Type != backend.F16 {
		t.Errorf("in_proj is %v, want f16", info.Type)
	}
	whole(t, path)
}

// whole fails where a GGUF file cannot be opened.
func whole(t *testing.T, path string) {
	t.Helper()
	f, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// A mix is the same while a model is loaded as in a file.
func TestMixWhileLoading(t *testing.T) {
	mix, err := ParseQuantMix("Q4_K_M")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(config, []byte(`{"model_type": "falcon_mamba", "hidden_size": 256, "num_hidden_layers": 8,
		"vocab_size": 256}`), 0o600); err != nil {
		t.Fatal(err)
	}
	name := "random:" + config
	file := filepath.Join(t.TempDir(), "m.gguf")
	ck := open(t, name, Options{})
	if _, err := WriteGGUF(t.Context(), file, ck, GGUFOptions{Type: mix.Type, More: mix.More}); err != nil {
		t.Fatal(err)
	}
	got := open(t, name, Options{Quant: mix.Type, QuantMore: mix.More})
	more := 0
	for _, info := range open(t, file, Options{}).Tensors() {
		have, ok := got.Lookup(info.Name)
		if !ok {
			continue // A for A_log
		}
		if isMatrix(info.Name) && have.Type != info.Type {
			t.Errorf("%s is %v, in a file %v", info.Name, have.Type, info.Type)
		}
		if strings.HasSuffix(info.Name, "out_proj.weight") && have.Type == mix.More {
			more++
		}
	}
	if more == 0 {
		t.Error("no out_proj has more bits")
	}
}
