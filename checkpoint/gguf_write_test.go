package checkpoint

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"falconmamba/backend"
)

// written is ck as a GGUF file, open.
func written(t *testing.T, ck Checkpoint, o GGUFOptions) (Checkpoint, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.gguf")
	notes, err := WriteGGUF(t.Context(), path, ck, o)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, path, Options{}), notes
}

func floats(t testing.TB, ck Checkpoint, name string) []float32 {
	t.Helper()
	tensor, err := ck.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	defer tensor.Release()
	x, err := tensor.Float32()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// A checkpoint that went through GGUF holds the same numbers under the same
// names, and computes with the same parameters.
func TestGGUFRoundTrip(t *testing.T) {
	for _, dir := range fixtures {
		ck := open(t, dir, Options{})
		got, _ := written(t, ck, GGUFOptions{})
		want, have := *ck.Config(), *got.Config()
		for _, v := range [][2]any{
			{want.ModelType, have.ModelType}, {want.VocabSize, have.VocabSize}, {want.HiddenSize, have.HiddenSize},
			{want.NumHiddenLayers, have.NumHiddenLayers}, {want.IntermediateSize, have.IntermediateSize},
			{want.StateSize, have.StateSize}, {want.ConvKernel, have.ConvKernel},
			{want.TimeStepRank, have.TimeStepRank},
			{want.UseBias, have.UseBias}, {want.HiddenAct, have.HiddenAct}, {want.Tied(), have.Tied()},
			{want.LayerNormEpsilon, have.LayerNormEpsilon}, {want.MixerRMSEps, have.MixerRMSEps},
			{want.Type, have.Type},
			{ck.Generation().EOSTokenIDs, got.Generation().EOSTokenIDs},
			{ck.Generation().BOSTokenID, got.Generation().BOSTokenID},
			{ck.Generation().PadTokenID, got.Generation().PadTokenID},
		} {
			if d := cmp.Diff(v[0], v[1]); d != "" {
				t.Errorf("%s: config (-want +got):\n%s", dir, d)
			}
		}
		if w := got.Warnings(); len(w) > 0 {
			t.Errorf("%s: warnings %q", dir, w)
		}
		for _, info := range ck.Tensors() {
			name := decayName(info.Name)
			have, ok := got.Lookup(name)
			if !ok || !slices.Equal(have.Shape, info.Shape) {
				t.Fatalf("%s: %s is %v, want %v", dir, name, have, info)
			}
			if isMatrix(name) && have.Type != info.Type || !isMatrix(name) && have.Type != backend.F32 {
				t.Errorf("%s: %s is %v, was %v", dir, name, have.Type, info.Type)
			}
			want := floats(t, ck, info.Name)
			if name != info.Name {
				for i, v := range want {
					want[i] = float32(-math.Exp(float64(v)))
				}
			}
			if !slices.Equal(floats(t, got, name), want) {
				t.Errorf("%s: %s has other values", dir, name)
			}
			mem := make([]byte, min(100, have.Bytes))
			if err := got.ReadAt(name, mem, have.Bytes-int64(len(mem))); err != nil ||
				!bytes.HasSuffix(data(t, got, name), mem) {
				t.Errorf("%s: %s: ReadAt differs from Read (%v)", dir, name, err)
			}
			tensor, err := got.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Mappings()[tensor.Mapping][tensor.Offset:][:have.Bytes], tensor.Data) {
				t.Errorf("%s: %s: Mapping and Offset name other bytes", dir, name)
			}
		}
		if !ck.Config().UseConvBias {
			bias := floats(t, got, "backbone.layers.0.mixer.conv1d.bias")
			if slices.ContainsFunc(bias, func(v float32) bool { return v != 0 }) {
				t.Errorf("%s: a convolution without bias got one", dir)
			}
		}
	}
}

// A packed file is saved again as numbers, with A_log in place of A.
func TestSaveGGUF(t *testing.T) {
	ck := open(t, "testdata/tiny", Options{})
	got, _ := written(t, ck, GGUFOptions{Type: backend.Q8_0})
	if err := Save(filepath.Join(t.TempDir(), "m"), got, SaveOptions{}); err == nil ||
		!strings.Contains(err.Error(), "q8_0 is not saved: ask for f32") {
		t.Errorf("saving q8_0: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "m")
	if err := Save(dir, got, SaveOptions{Type: backend.F32}); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, Options{})
	for _, info := range again.Tensors() {
		have := floats(t, again, info.Name)
		if strings.HasSuffix(info.Name, "A_log") {
			for i, v := range floats(t, ck, info.Name) {
				if d := math.Abs(float64(have[i] - v)); !(d <= 1e-6*(1+math.Abs(float64(v)))) {
					t.Fatalf("%s: element %d is %g, was %g", info.Name, i, have[i], v)
				}
			}
		} else if !slices.Equal(have, floats(t, got, info.Name)) {
			t.Errorf("%s has other values", info.Name)
		}
	}
}

func TestWriteGGUFRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.gguf")
	tiny := open(t, "testdata/tiny", Options{})
	for _, typ := range []backend.DType{backend.NF4, backend.FP4, backend.I32, 99} {
		if _, err := WriteGGUF(t.Context(), path, tiny, GGUFOptions{Type: typ}); err == nil ||
			!strings.Contains(err.Error(), "want f32, f16, bf16 or one of q8_0") {
			t.Errorf("%v: error %v", typ, err)
		}
	}
	nf4, err := Quantized(tiny, backend.NF4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WriteGGUF(t.Context(), path, nf4, GGUFOptions{}); err == nil ||
		!strings.Contains(err.Error(), "which GGUF does not have") {
		t.Errorf("a checkpoint of nf4: error %v", err)
	}
	again, _ := written(t, nf4, GGUFOptions{Type: backend.Q4_0})
	if info, _ := again.Lookup(inProj); info.Type != backend.Q4_0 {
		t.Errorf("nf4 became %v, want q4_0", info.Type)
	}
	c := *tiny.Config()
	c.HiddenAct = "gelu"
	gelu, err := NewRandom(&c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WriteGGUF(t.Context(), path, gelu, GGUFOptions{}); err == nil ||
		!strings.Contains(err.Error(), "gelu") {
		t.Errorf("gelu: error %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s was left behind", left[0].Name())
	}
	odd := open(t, "testdata/odd", Options{})
	_, notes := written(t, odd, GGUFOptions{})
	for _, want := range []string{"inner size", "biases"} {
		if !strings.Contains(strings.Join(notes, "\n"), want) {
			t.Errorf("notes %q do not say %q", notes, want)
		}
	}
}

// Files of every type hold what Quantized makes of the same checkpoint.
func TestWriteGGUFTypes(t *testing.T) {
	c := wide(t)
	for _, typ := range []backend.DType{backend.F32, backend.F16, backend.BF16, backend.Q8_0, backend.Q4_0,
		backend.Q4_1,
		backend.Q5_0, backend.Q5_1, backend.Q2_K, backend.Q3_K, backend.Q4_K, backend.Q5_K, backend.Q6_K, backend.IQ4_NL, backend.IQ4_XS} {
		ck, err := NewRandom(c, Options{Type: backend.F32, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		var seen int64
		got, _ := written(t, ck, GGUFOptions{Type: typ, Progress: func(done, total int64) {
			if done <= seen || done > total {
				t.Errorf("%v: progress %d after %d of %d", typ, done, seen, total)
			}
			seen = done
		}})
		var want Checkpoint
		if typ.Block() > 1 {
			if want, err = Quantized(ck, typ); err != nil {
				t.Fatal(err)
			}
		} else if want, err = NewRandom(c, Options{Type: typ, Seed: 3}); err != nil {
			t.Fatal(err)
		}
		for _, info := range want.Tensors() {
			if !isMatrix(info.Name) {
				continue
			}
			if have, _ := got.Lookup(info.Name); have.Type != info.Type {
				t.Errorf("%v: %s is %v, want %v", typ, info.Name, have.Type, info.Type)
			}
			if !bytes.Equal(data(t, got, info.Name), data(t, want, info.Name)) {
				t.Errorf("%v: %s differs", typ, info.Name)
			}
		}
	}
}

// wide is a config whose rows are whole blocks of 256 but for dt_proj's.
func wide(t *testing.T) *Config {
	t.Helper()
	c, err := ParseConfig(fmt.Appendf(nil,
		`{"model_type":"falcon_mamba","hidden_size":256,"intermediate_size":512,"num_hidden_layers":2,`+
			`"vocab_size":300,"time_step_rank":20,"tie_word_embeddings":false}`))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
