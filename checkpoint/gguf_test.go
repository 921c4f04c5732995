package checkpoint

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"falconmamba/backend"
	"falconmamba/checkpoint/gguf"
	"falconmamba/text/tokenizer"
)

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
