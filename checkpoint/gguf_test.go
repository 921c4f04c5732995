package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"falconmamba/backend"
	"falconmamba/checkpoint/gguf"
	"falconmamba/checkpoint/tiny"
	"falconmamba/text/tokenizer"
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

func TestGGUFTokenizer(t *testing.T) {
	ck := open(t, "tiny", Options{})
	got, _ := written(t, ck, GGUFOptions{Type: backend.Q8_0})
	want, err := tokenizer.Load(ck.Files(), ".")
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(ck.Files(), "tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := fs.ReadFile(got.Files(), "tokenizer.json"); err != nil || !bytes.Equal(text, again) {
		t.Errorf("tokenizer.json is not as it was (%v)", err)
	}
	if f, err := got.Files().Open("tokenizer.json"); err != nil {
		t.Error(err)
	} else if st, err := f.Stat(); err != nil || st.Size() != int64(len(text)) {
		t.Errorf("tokenizer.json is %v (%v)", st, err)
	}
	if _, err := got.Files().Open("vocab.json"); err == nil {
		t.Error("a file that is not there was opened")
	}

	// Without the whole text, from tokens and merges.
	path := filepath.Join(t.TempDir(), "m.gguf")
	if _, err := WriteGGUF(t.Context(), path, ck, GGUFOptions{}); err != nil {
		t.Fatal(err)
	}
	file, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	keys := slices.DeleteFunc(slices.Clone(file.Keys),
		func(k gguf.Key) bool { return k.Name == "tokenizer.huggingface.json" })
	bare := filepath.Join(t.TempDir(), "bare.gguf")
	if err := gguf.WriteFile(bare, false, keys, file.Tensors, func(w io.Writer, x gguf.Tensor) error {
		x, _ = file.Lookup(x.Name)
		_, err := w.Write(file.Bytes(x))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []Checkpoint{got, open(t, bare, Options{})} {
		tok, err := tokenizer.Load(c.Files(), ".")
		if err != nil {
			t.Fatal(err)
		}
		const text = "ROMEO:\nBut, soft! what light 12345 <|im_end|> …\n"
		if d := cmp.Diff(want.Encode(text, tokenizer.EncodeOptions{}),
			tok.Encode(text, tokenizer.EncodeOptions{})); d != "" {
			t.Errorf("tokens (-want +got):\n%s", d)
		}
		if a, b := want.Config(), tok.Config(); a.ChatTemplate != b.ChatTemplate || a.EOS != b.EOS {
			t.Errorf("config is %+v, was %+v", b, a)
		}
	}
}

// What the files beside tokenizer.json say of tokens is kept, though GGUF has no room for them.
func TestGGUFNamedTokens(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{configFile, weightsFile, "tokenizer.json"} {
		text, err := fs.ReadFile(tiny.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"added_tokens_decoder":
		{"5": {"content": "ROMEO", "special": true, "rstrip": true}}, "additional_special_tokens": ["<tool>"]}`)}
	const text = "<|im_end|>ROMEO  x<tool>"
	for name, data := range map[string]string{"as it is": string(files["tokenizer.json"].Data),
		"without added tokens": strings.Replace(string(files["tokenizer.json"].Data), `"added_tokens"`, `"x"`, 1)} {
		files["tokenizer.json"].Data = []byte(data)
		ck, err := OpenFS(files, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer ck.Close()
		want, err := tokenizer.Load(files, ".")
		if err != nil {
			t.Fatal(err)
		}
		got, _ := written(t, ck, GGUFOptions{})
		tok, err := tokenizer.Load(got.Files(), ".")
		if err != nil {
			t.Fatal(err)
		}
		ids := want.Encode(text, tokenizer.EncodeOptions{})
		if d := cmp.Diff(ids, tok.Encode(text, tokenizer.EncodeOptions{})); d != "" {
			t.Errorf("%s: tokens (-want +got):\n%s", name, d)
		}
		if a, b := want.Decode(ids, true), tok.Decode(ids, true); a != b {
			t.Errorf("%s: spoken %q, was %q", name, b, a)
		}
	}
}

// A ggufMold is a file as another program would write it.
type ggufMold struct {
	keys    []gguf.Key
	tensors []gguf.Tensor
}

func newGGUFMold() *ggufMold {
	m := &ggufMold{keys: []gguf.Key{
		{Name: "general.architecture", Value: gguf.Text("mamba")},
		{Name: "mamba.embedding_length", Value: gguf.Word(32)},
		{Name: "mamba.block_count", Value: gguf.Word(1)},
		{Name: "mamba.ssm.conv_kernel", Value: gguf.Word(3)},
		{Name: "mamba.ssm.inner_size", Value: gguf.Word(64)},
		{Name: "mamba.ssm.state_size", Value: gguf.Word(4)},
		{Name: "mamba.ssm.time_step_rank", Value: gguf.Word(2)},
		{Name: "mamba.attention.layer_norm_rms_epsilon", Value: gguf.Single(1e-5)},
		{Name: "mamba.ssm.dt_b_c_rms", Value: gguf.Truth(true)},
	}}
	add := func(name string, t backend.DType, shape ...int) {
		m.tensors = append(m.tensors, gguf.Tensor{Name: name, Type: t, Shape: shape})
	}
	add("output.weight", backend.Q4_0, 6, 32)
	add("token_embd.weight", backend.Q8_0, 6, 32)
	add("output_norm.weight", backend.F32, 32)
	add("blk.0.attn_norm.weight", backend.F32, 32)
	add("blk.0.ssm_in.weight", backend.IQ4_NL, 128, 32)
	add("blk.0.ssm_conv1d.weight", backend.F32, 64, 3)
	add("blk.0.ssm_conv1d.bias", backend.F32, 64)
	add("blk.0.ssm_x.weight", backend.Q5_1, 10, 64)
	add("blk.0.ssm_dt.weight", backend.F16, 64, 2)
	add("blk.0.ssm_dt.bias", backend.F32, 64)
	add("blk.0.ssm_a", backend.F32, 64, 4)
	add("blk.0.ssm_d", backend.F32, 64)
	add("blk.0.ssm_out.weight", backend.BF16, 32, 64)
	return m
}

func (m *ggufMold) unset(name string) {
	m.keys = slices.DeleteFunc(m.keys, func(k gguf.Key) bool { return k.Name == name })
}

func (m *ggufMold) set(name string, v gguf.Value) {
	m.unset(name)
	m.keys = append(m.keys, gguf.Key{Name: name, Value: v})
}

func (m *ggufMold) tensor(name string) *gguf.Tensor {
	for i := range m.tensors {
		if m.tensors[i].Name == name {
			return &m.tensors[i]
		}
	}
	panic("no tensor " + name)
}

func (m *ggufMold) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	err := gguf.Write(&b, m.keys, m.tensors, func(w io.Writer, x gguf.Tensor) error {
		p := make([]byte, x.Size)
		for i := range p {
			p[i] = byte(i*7+len(x.Name)) & 0x3b // no exponent of NaN or infinity
		}
		_, err := w.Write(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// load opens the file from memory.
func (m *ggufMold) load(t testing.TB, o Options) (*ggufModel, error) {
	t.Helper()
	return loadGGUF(m.bytes(t), o)
}

func loadGGUF(data []byte, o Options) (*ggufModel, error) {
	file, err := gguf.Parse(data)
	if err != nil {
		return nil, err
	}
	g := &ggufModel{path: "m.gguf", file: gguf.Set{file}}
	if err := g.file.Check(); err != nil {
		return g, err
	}
	return g, g.load(o)
}

func TestGGUFForeign(t *testing.T) {
	g, err := newGGUFMold().load(t, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := g.Config()
	if !c.FalconMamba() || c.VocabSize != 6 || c.Tied() || !c.UseConvBias || c.UseBias || c.LayerNormEpsilon != 1e-5 ||
		c.MixerRMSEps != 1e-6 {
		t.Errorf("config is %+v", c)
	}
	if g.Files() != nil || len(g.Generation().EOSTokenIDs) != 0 || g.Generation().BOSTokenID != -1 {
		t.Errorf("a file without a tokenizer: files %v, generation %+v", g.Files(), g.Generation())
	}
	// conv1d: the file's [K, D] has the taps of a channel side by side, as here.
	conv, err := g.Read("backbone.layers.0.mixer.conv1d.weight")
	if err != nil || !slices.Equal(conv.Shape, []int{64, 1, 3}) {
		t.Errorf("conv1d is %v (%v)", conv.Shape, err)
	}
	for _, info := range g.Tensors() {
		if x := floats(t, g, info.Name); int64(len(x)) != info.Elements() {
			t.Errorf("%s: %d values, want %d", info.Name, len(x), info.Elements())
		}
	}
	if _, ok := g.Lookup("backbone.layers.0.mixer.A_log"); ok {
		t.Error("A is offered as A_log")
	}

	m := newGGUFMold()
	m.unset("mamba.ssm.dt_b_c_rms")
	m.tensors = m.tensors[1:]
	m.tensors = append(m.tensors, gguf.Tensor{Name: "blk.7.rope", Type: backend.F32, Shape: []int{1}})
	g, err = m.load(t, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := g.Config(); c.FalconMamba() || !c.Tied() || len(g.Notes()) != 0 {
		t.Errorf("plain mamba, tied: config is %+v, notes %q", c, g.Notes())
	}
	if len(g.Warnings()) != 1 || !strings.Contains(g.Warnings()[0], "blk.7.rope") {
		t.Errorf("warnings %q", g.Warnings())
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if _, err := g.Read("backbone.norm_f.weight"); err == nil {
		t.Error("a closed file was read")
	}
}

func TestGGUFMixerEps(t *testing.T) {
	for _, c := range []struct {
		key, name string
		own, opt  float64
		want      float64
		note      string
	}{
		{want: 1e-6, note: "does not say Falcon3"},
		{key: "general.name", name: "falcon-mamba-7b-instruct", want: 1e-6, note: "does not say Falcon3"},
		{key: "general.name", name: "Falcon3 Mamba 7B Instruct", want: 1e-5, note: "general.name says Falcon3"},
		{key: "general.name", name: "models--tiiuae--Falcon3-Mamba-7B-Base", want: 1e-5, note: "says Falcon3"},
		{key: "general.basename", name: "Falcon3-Mamba", want: 1e-5, note: "general.basename says Falcon3"},
		{key: "general.name", name: "Falcon3", own: 3e-6, want: 3e-6, note: mixerEpsKey + " says so"},
		{key: "general.name", name: "Falcon3", own: 3e-6, opt: 2e-6, want: 2e-6, note: "2e-06, as was asked for"},
		{opt: 1e-4, want: 1e-4, note: "0.0001, as was asked for"},
	} {
		m := newGGUFMold()
		if c.key != "" {
			m.set(c.key, gguf.Text(c.name))
		}
		if c.own != 0 {
			m.set(mixerEpsKey, gguf.Double(c.own))
		}
		g, err := m.load(t, Options{MixerRMSEps: c.opt})
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Config().MixerRMSEps; got != c.want {
			t.Errorf("%+v: mixer_rms_eps is %g", c, got)
		}
		if notes := strings.Join(Notes(g), "\n"); !strings.Contains(notes, c.note) {
			t.Errorf("%+v: notes %q", c, notes)
		}
	}
	ck := open(t, "testdata/tiny", Options{MixerRMSEps: 0.5})
	if ck.Config().MixerRMSEps != 0.5 {
		t.Errorf("a folder's mixer_rms_eps is %g", ck.Config().MixerRMSEps)
	}
}

// A list of ids that end a text takes no longer than it takes to read.
func TestGGUFManyStops(t *testing.T) {
	m := newGGUFMold()
	ids := make([]int32, 400_000)
	for i := range ids {
		ids[i] = int32(i)
	}
	m.set(stopKey, gguf.Words(ids))
	done := make(chan int)
	go func() {
		g, err := m.load(t, Options{})
		if err != nil {
			t.Error(err)
			done <- 0
		} else {
			done <- len(g.Generation().EOSTokenIDs)
		}
	}()
	select {
	case n := <-done:
		if n != len(ids) {
			t.Errorf("%d ids, want %d", n, len(ids))
		}
	case <-time.After(time.Minute):
		t.Fatal("still running after 20 s")
	}
}

func TestGGUFTokens(t *testing.T) {
	tokens := gguf.Texts([]string{"a", "b", "ab", "<|im_end|>", "<|end|>", "[PAD5]"})
	types := gguf.Words([]int32{1, 1, 1, 3, 3, 5})
	for name, c := range map[string]struct {
		keys    map[string]gguf.Value
		eos     []int
		files   bool
		warning string
	}{
		"falcon": {map[string]gguf.Value{"model": gguf.Text("gpt2"), "pre": gguf.Text("falcon"),
			"eos_token_id": gguf.Word(4),
			"bos_token_id": gguf.Word(math.MaxUint32)}, []int{4, 3}, true, ""},
		"end of turn": {map[string]gguf.Value{"model": gguf.Text("gpt2"), "pre": gguf.Text("gpt-2"),
			"eos_token_id": gguf.Word(4),
			"eot_token_id": gguf.Word(2), "eom_token_id": gguf.Word(99)}, []int{4, 2, 3}, true, ""},
		"no pre": {map[string]gguf.Value{"model": gguf.Text("gpt2")}, []int{3}, true, "pre is missing"},
		"unknown pre": {map[string]gguf.Value{"model": gguf.Text("gpt2"), "pre": gguf.Text("klingon")}, []int{3},
			false, `"klingon" is not known`},
		"unigram": {map[string]gguf.Value{"model": gguf.Text("llama")}, []int{3}, false, "model llama"},
		"no tokenizer": {map[string]gguf.Value{"model": gguf.Text("no_vocab"), "eos_token_id": gguf.Word(1)},
			[]int{1, 3}, false, ""},
	} {
		m := newGGUFMold()
		m.set("tokenizer.ggml.tokens", tokens)
		m.set("tokenizer.ggml.token_type", types)
		m.set("tokenizer.ggml.merges", gguf.Texts([]string{"a b"}))
		m.set("tokenizer.chat_template", gguf.Text("{{ messages }}"))
		for k, v := range c.keys {
			m.set("tokenizer.ggml."+k, v)
		}
		g, err := m.load(t, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(c.eos, g.Generation().EOSTokenIDs); d != "" {
			t.Errorf("%s: eos (-want +got):\n%s", name, d)
		}
		if w := strings.Join(g.Warnings(), "\n"); !strings.Contains(w, c.warning) || c.warning == "" && w != "" {
			t.Errorf("%s: warnings %q, want %q", name, w, c.warning)
		}
		if (g.Files() != nil) != c.files {
			t.Errorf("%s: files %v", name, g.Files())
			continue
		}
		if !c.files {
			continue
		}
		tok, err := tokenizer.Load(g.Files(), ".")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := tok.Encode("ab<|im_end|>", tokenizer.EncodeOptions{}); !slices.Equal(got, []int32{2, 3}) ||
			tok.VocabSize() != 5 {
			t.Errorf("%s: %v of %d tokens", name, got, tok.VocabSize())
		}
		if tok.Config().ChatTemplate != "{{ messages }}" {
			t.Errorf("%s: config %+v", name, tok.Config())
		}
	}
}

// Without types no token is special, which llama.cpp takes too.
func TestGGUFTokensWithoutTypes(t *testing.T) {
	m := newGGUFMold()
	m.set("tokenizer.ggml.model", gguf.Text("gpt2"))
	m.set("tokenizer.ggml.pre", gguf.Text("gpt-2"))
	m.set("tokenizer.ggml.tokens", gguf.Texts([]string{"a", "b", "ab"}))
	m.set("tokenizer.ggml.merges", gguf.Texts([]string{"a b"}))
	g, err := m.load(t, Options{})
	if err != nil || !strings.Contains(strings.Join(g.Warnings(), "\n"), "token_type is missing") {
		t.Errorf("%v, want a warning", err)
	}
}

// Without merges a model loads, for ids, and its tokenizer does not.
func TestGGUFTokensWithoutMerges(t *testing.T) {
	for what, merges := range map[string]bool{"missing": false, "empty": true} {
		m := newGGUFMold()
		m.set("tokenizer.ggml.model", gguf.Text("gpt2"))
		m.set("tokenizer.ggml.pre", gguf.Text("gpt-2"))
		m.set("tokenizer.ggml.tokens", gguf.Texts([]string{"a", "b", "ab"}))
		if merges {
			m.set("tokenizer.ggml.merges", gguf.Texts(nil))
		}
		g, err := m.load(t, Options{})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if _, err := tokenizer.Load(g.Files(), "."); err == nil ||
			!strings.Contains(err.Error(), "tokenizer.ggml.merges is "+what) {
			t.Errorf("%s: the tokenizer's error is %v", what, err)
		}
	}
}

// Merges are looked at where a tokenizer is asked for, and not behind Close.
func TestGGUFMergesAreReadLate(t *testing.T) {
	m := newGGUFMold()
	m.set("tokenizer.ggml.model", gguf.Text("gpt2"))
	m.set("tokenizer.ggml.pre", gguf.Text("gpt-2"))
	m.set("tokenizer.ggml.tokens", gguf.Texts([]string{"a", "b", "ab"}))
	m.set("tokenizer.ggml.merges", gguf.Word(3))
	g, err := m.load(t, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokenizer.Load(g.Files(), "."); err == nil ||
		!strings.Contains(err.Error(), "tokenizer.ggml.merges is uint32: want an array of strings") {
		t.Errorf("merges that are a number: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := tokenizer.Load(g.Files(), "."); !errors.Is(err, errClosed) {
		t.Errorf("behind Close: %v", err)
	}
}

func TestGGUFErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ggufMold)
		want   string
	}{
		"no architecture": {func(m *ggufMold) { m.unset("general.architecture") }, `architecture is ""`},
		"another architecture": {func(m *ggufMold) { m.set("general.architecture", gguf.Text("llama")) },
			`"llama": want mamba`},
		"architecture 3": {func(m *ggufMold) { m.set("general.architecture", gguf.Word(3)) },
			"uint32: want a string"},
		"split": {func(m *ggufMold) { m.set("split.count", gguf.Word(3)) },
			"should be part 1 of 1 is part 1 of 3"},
		"no width": {func(m *ggufMold) { m.unset("mamba.embedding_length") },
			"mamba.embedding_length is missing"},
		"no layers": {func(m *ggufMold) { m.set("mamba.block_count", gguf.Word(0)) },
			"mamba.block_count is 0"},
		"too many layers": {func(m *ggufMold) { m.set("mamba.block_count", gguf.Word(1<<20)) },
			"num_hidden_layers is 1048576"},
		"a layer is missing": {func(m *ggufMold) { m.set("mamba.block_count", gguf.Word(2)) },
			"blk.1.attn_norm.weight is missing"},
		"epsilon is text": {func(m *ggufMold) { m.set("mamba.attention.layer_norm_rms_epsilon", gguf.Text("1")) },
			"string: want a float"},
		"epsilon is NaN": {func(m *ggufMold) {
			m.set("mamba.attention.layer_norm_rms_epsilon", gguf.Single(float32(math.NaN())))
		}, "layer_norm_epsilon is NaN"},
		"no embedding": {func(m *ggufMold) { m.tensor("token_embd.weight").Name = "x" },
			"token_embd.weight is missing"},
		"flat embedding": {func(m *ggufMold) { m.tensor("token_embd.weight").Shape = []int{192} },
			"token_embd.weight is missing"},
		"shape": {func(m *ggufMold) { m.tensor("blk.0.ssm_in.weight").Shape = []int{64, 64} },
			"ssm_in.weight has shape [64 64], the keys ask for [128 32]"},
		"transposed conv": {func(m *ggufMold) { m.tensor("blk.0.ssm_conv1d.weight").Shape = []int{3, 64} },
			"shape [3 64]"},
		"integers": {func(m *ggufMold) { m.tensor("blk.0.ssm_a").Type = backend.I32 }, "stored as i32"},
		"tokens are words": {func(m *ggufMold) { m.set("tokenizer.ggml.tokens", gguf.Words([]int32{1})) },
			"array of strings"},
	} {
		m := newGGUFMold()
		c.change(m)
		if _, err := m.load(t, Options{}); err == nil || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q in one line", name, err, c.want)
		}
	}
	path := filepath.Join(t.TempDir(), "m.gguf")
	if err := os.WriteFile(path, newGGUFMold().bytes(t)[:2000], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), path) ||
		!strings.Contains(err.Error(), "truncated") {
		t.Errorf("a cut file: %v", err)
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

// How a checkpoint draws its text goes with it.
func TestGGUFSampling(t *testing.T) {
	ck := open(t, "tiny", Options{})
	want := ck.Generation()
	got, _ := written(t, ck, GGUFOptions{})
	g := got.Generation()
	if want.DoSample == nil || !*want.DoSample {
		t.Fatal("the embedded model is greedy: nothing to see")
	}
	for name, v := range map[string][2]any{
		"do_sample": {want.DoSample, g.DoSample}, "temperature": {want.Temperature, g.Temperature},
		"top_k": {want.TopK, g.TopK},
		"top_p": {want.TopP, g.TopP}, "min_p": {want.MinP, g.MinP},
		"repetition_penalty": {want.RepetitionPenalty, g.RepetitionPenalty},
	} {
		if d := cmp.Diff(v[0], v[1]); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	if greedy, _ := written(t, open(t, "testdata/tiny", Options{}),
		GGUFOptions{}); greedy.Generation().DoSample != nil {
		t.Error("a greedy checkpoint is not greedy any more")
	}
	for temp, draws := range map[float32]bool{0: false, 0.5: true, -1: false} {
		m := newGGUFMold()
		m.set("general.sampling.temp", gguf.Single(temp))
		m.set("general.sampling.top_k", gguf.Integer(40))
		ck, err := m.load(t, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if g := ck.Generation(); (g.DoSample != nil) != draws || g.TopK == nil || *g.TopK != 40 {
			t.Errorf("temperature %g: %+v", temp, g)
		}
	}
	m := newGGUFMold()
	m.set("general.sampling.penalty_repeat", gguf.Single(0))
	if ck, err := m.load(t, Options{}); err != nil || ck.Generation().RepetitionPenalty != nil ||
		!strings.Contains(strings.Join(ck.Warnings(), "\n"), "penalty_repeat is 0") {
		t.Errorf("a penalty of 0: %v", err)
	}
	m = newGGUFMold()
	m.set("general.sampling.top_p", gguf.Text("x"))
	if _, err := m.load(t, Options{}); err == nil ||
		!strings.Contains(err.Error(), "general.sampling.top_p is string") {
		t.Errorf("top_p of text: %v", err)
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

func FuzzGGUF(f *testing.F) {
	m := newGGUFMold()
	f.Add(m.bytes(f))
	m.set("tokenizer.ggml.model", gguf.Text("gpt2"))
	m.set("tokenizer.ggml.pre", gguf.Text("falcon"))
	m.set("tokenizer.ggml.tokens", gguf.Texts([]string{"a", "b", "ab", "<|im_end|>"}))
	m.set("tokenizer.ggml.token_type", gguf.Words([]int32{1, 1, 1, 3}))
	m.set("tokenizer.ggml.merges", gguf.Texts([]string{"a b"}))
	m.set("tokenizer.ggml.eos_token_id", gguf.Word(3))
	m.set("tokenizer.ggml.add_bos_token", gguf.Truth(true))
	m.set("tokenizer.ggml.bos_token_id", gguf.Word(2))
	m.set("tokenizer.chat_template", gguf.Text("x"))
	f.Add(m.bytes(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := loadGGUF(data, Options{})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		for _, info := range g.Tensors() {
			if info.Elements() > 1<<20 {
				continue
			}
			if tensor, err := g.Read(info.Name); err != nil {
				t.Fatal(err)
			} else if _, err := tensor.Float32(); err != nil {
				t.Fatal(err)
			}
		}
		if g.Files() == nil {
			return
		}
		if tok, err := tokenizer.Load(g.Files(), "."); err == nil {
			tok.Encode("ab<|im_end|> 12", tokenizer.EncodeOptions{AddSpecial: true})
		}
	})
}
