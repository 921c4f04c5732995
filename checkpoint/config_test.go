package checkpoint

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"falconmamba/backend"
)

var public = cmpopts.IgnoreUnexported(Config{}, GenerationConfig{})

func ptr[T any](v T) *T { return &v }

func TestConfigDefaults(t *testing.T) {
	got, err := ParseConfig([]byte(`{"model_type": "falcon_mamba"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		ModelType: FalconMamba,
		VocabSize: 50280, HiddenSize: 768, NumHiddenLayers: 32, IntermediateSize: 1536,
		StateSize: 16, ConvKernel: 4, TimeStepRank: 48,
		UseConvBias: true, HiddenAct: "silu", LayerNormEpsilon: 1e-5, MixerRMSEps: 1e-6,
		ResidualInFP32: true, EOSTokenIDs: []int{0}, InitializerRange: 0.1,
		TimeStepScale: 1, TimeStepMin: 0.001, TimeStepMax: 0.1, TimeStepFloor: 1e-4, TimeStepInitScheme: "random",
	}
	if d := cmp.Diff(want, got, public); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestParseConfig(t *testing.T) {
	for _, c := range []struct {
		name string
		text string // keys besides model_type
		got  func(*Config) any
		want any
	}{
		{"intermediate_size wins", `"hidden_size": 4096, "expand": 16, "intermediate_size": 8192`,
			func(c *Config) any { return c.IntermediateSize }, 8192},
		{"expand", `"hidden_size": 48, "expand": 3`, func(c *Config) any { return c.IntermediateSize }, 144},
		{"null is absent", `"intermediate_size": null, "expand": null, "hidden_size": 10`,
			func(c *Config) any { return c.IntermediateSize }, 20},
		{"rank auto", `"hidden_size": 49, "time_step_rank": "auto"`, func(c *Config) any { return c.TimeStepRank }, 4},
		{"rank absent", `"hidden_size": 48`, func(c *Config) any { return c.TimeStepRank }, 3},
		{"rank", `"time_step_rank": 5`, func(c *Config) any { return c.TimeStepRank }, 5},
		{"eos list", `"eos_token_id": [11, 10]`, func(c *Config) any { return c.EOSTokenIDs }, []int{11, 10}},
		{"eos", `"eos_token_id": 11`, func(c *Config) any { return c.EOSTokenIDs }, []int{11}},
		{"eos null", `"eos_token_id": null`, func(c *Config) any { return c.EOSTokenIDs }, []int(nil)},
		{"pad null", `"pad_token_id": null`, func(c *Config) any { return c.PadTokenID }, -1},
		{"pad negative", `"pad_token_id": -7`, func(c *Config) any { return c.PadTokenID }, -1},
		{"pad absent", ``, func(c *Config) any { return c.PadTokenID }, 0},
		{"bos", `"bos_token_id": 8`, func(c *Config) any { return c.BOSTokenID }, 8},
		{"dtype", `"dtype": "bfloat16"`, func(c *Config) any { return c.Type }, backend.BF16},
		{"torch_dtype", `"torch_dtype": "float16"`, func(c *Config) any { return c.Type }, backend.F16},
		{"dtype with prefix", `"dtype": "torch.float32"`, func(c *Config) any { return c.Type }, backend.F32},
		{"dtype beats torch_dtype", `"dtype": "float32", "torch_dtype": "float16"`,
			func(c *Config) any { return c.Type }, backend.F32},
		{"dtype auto", `"dtype": "auto"`, func(c *Config) any { return c.Type }, backend.DType(0)},
		{"tie absent", ``, func(c *Config) any { return c.TieWordEmbeddings }, (*bool)(nil)},
		{"tie false", `"tie_word_embeddings": false`, func(c *Config) any { return c.TieWordEmbeddings }, ptr(false)},
		{"eps as Python writes it", `"layer_norm_epsilon": 1e-05`, func(c *Config) any { return c.LayerNormEpsilon },
			1e-5},
	} {
		text := `{"model_type": "falcon_mamba"`
		if c.text != "" {
			text += ", " + c.text
		}
		cfg, err := ParseConfig([]byte(text + "}"))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := c.got(cfg); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestParseConfigErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "unexpected end"},
		{`null`, "found null"},
		{`[]`, "found array where an object was expected"},
		{"{\n  \"model_type\": \"mamba\",\n  \"hidden_size\": 3x\n}", "line 3, column 19"},
		{`{"model_type": "mamba", "layer_norm_epsilon": NaN}`, `layer_norm_epsilon is "NaN": want a number`},
		{`{"model_type": "mamba"} {}`, "after top-level value"},
		{`{}`, "model_type is missing"},
		{`{"model_type": "llama"}`, `model_type "llama" is not supported: want falcon_mamba or mamba`},
		{`{"model_type": 7}`, "model_type is 7: want a string"},
		{`{"model_type": "mamba", "hidden_size": "big"}`, `hidden_size is "big": want a whole number`},
		{`{"model_type": "mamba", "hidden_size": 1.5}`, `hidden_size is 1.5: want a whole number`},
		{`{"model_type": "mamba", "hidden_size": 99999999999999999999}`, `want a whole number`},
		{`{"model_type": "mamba", "hidden_size": 0}`, "hidden_size is 0: want 1 to"},
		{`{"model_type": "mamba", "hidden_size": -4}`, "hidden_size is -4"},
		{`{"model_type": "mamba", "hidden_size": 2000000000, "intermediate_size": 1}`, "hidden_size is 2000000000"},
		{`{"model_type": "mamba", "expand": 9000000000000000000}`, "expand is"},
		{`{"model_type": "mamba", "expand": 0}`, "expand is 0"},
		{`{"model_type": "mamba", "intermediate_size": -1}`, "intermediate_size is -1"},
		{`{"model_type": "mamba", "state_size": 0}`, "state_size is 0"},
		{`{"model_type": "mamba", "conv_kernel": 100000}`, "conv_kernel is 100000"},
		{`{"model_type": "mamba", "vocab_size": 0}`, "vocab_size is 0"},
		{`{"model_type": "mamba", "num_hidden_layers": 0}`, "num_hidden_layers is 0"},
		{`{"model_type": "mamba", "time_step_rank": "manual"}`,
			`time_step_rank is "manual": want a whole number or "auto"`},
		{`{"model_type": "mamba", "time_step_rank": 0}`, "time_step_rank is 0"},
		{`{"model_type": "mamba", "use_bias": "yes"}`, "use_bias is \"yes\": want true or false"},
		{`{"model_type": "mamba", "tie_word_embeddings": 1}`, "tie_word_embeddings is 1: want true or false"},
		{`{"model_type": "mamba", "layer_norm_epsilon": -1}`, "layer_norm_epsilon is -1"},
		{`{"model_type": "falcon_mamba", "mixer_rms_eps": -1e-9}`, "mixer_rms_eps is -1e-09"},
		{`{"model_type": "mamba", "hidden_act": "swoosh"}`, `hidden_act "swoosh" is not known: want one of`},
		{`{"model_type": "mamba", "dtype": 16}`, "dtype is 16: want a string"},
		{`{"model_type": "mamba", "eos_token_id": "</s>"}`, "eos_token_id"},
		{`{"model_type": "mamba", "eos_token_id": [1, "x"]}`, "eos_token_id"},
		{`{"model_type": "mamba", "hidden_size": [` + strings.Repeat("1,", 500) + `1]}`, "…"},
	} {
		_, err := ParseConfig([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") ||
			len(err.Error()) > 250 {
			t.Errorf("%.80s: got error %v, want one line with %q", c.text, err, c.want)
		}
	}
}

// What only new weights are made by is looked at when they are made.
func TestInitialValues(t *testing.T) {
	for text, want := range map[string]string{
		`"time_step_min": 0`:               "time_step_min is 0",
		`"time_step_min": 0.2`:             "time_step_max is 0.1: want 0.2",
		`"time_step_init_scheme": "magic"`: "time_step_init_scheme",
	} {
		c, err := ParseConfig([]byte(`{"model_type": "mamba", ` + text + `}`))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, err := NewRandom(c, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// What no JSON can say, a program can.
func TestValidateNaN(t *testing.T) {
	for _, set := range []func(*Config){
		func(c *Config) { c.LayerNormEpsilon = math.NaN() },
		func(c *Config) { c.MixerRMSEps = math.Inf(1) },
		func(c *Config) { c.TimeStepMax = math.NaN() },
		func(c *Config) { c.TimeStepScale = math.Inf(1) },
		func(c *Config) { c.InitializerRange = math.NaN() },
		func(c *Config) { c.Type = backend.I32 },
		func(c *Config) { c.ModelType = "" },
	} {
		c, err := Preset("130m")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		set(c)
		if _, err := NewRandom(c, Options{}); err == nil {
			t.Errorf("%+v is valid", *c)
		}
	}
}

func TestConfigRoundTrip(t *testing.T) {
	text := `{"model_type": "falcon_mamba", "layer_norm_epsilon": 1.00e-05, "time_step_rank": "auto",
		"a<b": {"x": [1.50, "<&>", 1e400]}, "transformers_version": "5.17.0", "torch_dtype": "bfloat16",
		"hidden_size": 64, "pad_token_id": null, "eos_token_id": [3, 4], "quantization_config": {"bits":   4}}`
	c, err := ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var was, is map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &was); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &is); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	for key, v := range was {
		if string(is[key]) != string(v) {
			t.Errorf("%s: %s became %s", key, v, is[key])
		}
	}
	for key, want := range map[string]string{"vocab_size": "50280", "intermediate_size": "128",
		"mixer_rms_eps": "0.000001",
		"architectures": `["FalconMambaForCausalLM"]`, "bos_token_id": "0"} {
		if string(is[key]) != want {
			t.Errorf("%s is %s, want %s", key, is[key], want)
		}
	}
	if _, ok := is["tie_word_embeddings"]; ok {
		t.Error("tie_word_embeddings was written, though it is not known")
	}
	again, err := ParseConfig(out)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c, again, public); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestConfigChange(t *testing.T) {
	c, err := ParseConfig([]byte(`{"model_type": "mamba", "dtype": "float16", "torch_dtype": "float16", "time_step_rank": "auto", "eos_token_id": 5}`))
	if err != nil {
		t.Fatal(err)
	}
	c.ModelType, c.Type, c.TimeStepRank, c.UseBias = FalconMamba, backend.BF16, 7, true
	c.TieWordEmbeddings, c.EOSTokenIDs, c.PadTokenID = ptr(false), []int{1, 2}, -1
	out, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseConfig(out)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c, again, public); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if strings.Count(string(out), "dtype") != 1 {
		t.Errorf("want the type once:\n%s", out)
	}
}

func TestConfigFixtures(t *testing.T) {
	for _, dir := range []string{"testdata/tiny", "testdata/odd", "testdata/sharded", "testdata/half", "testdata/mamba",
		"tiny"} {
		text, err := os.ReadFile(filepath.Join(dir, "config.json"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := ParseConfig(text)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		out, err := c.JSON()
		if err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		// The files have every key, sorted, as this package writes them.
		if d := cmp.Diff(strings.TrimSpace(string(text)), strings.TrimSpace(string(out))); d != "" {
			t.Errorf("%s (-want +got):\n%s", dir, d)
		}
	}
}

func TestPresets(t *testing.T) {
	for name, want := range map[string]struct {
		tensors int
		params  int64
		inner   int
		rank    int
	}{
		"7b":   {643, 7_272_665_088, 8192, 256},
		"1.4b": {482, 0, 4096, 128},
		"130m": {242, 0, 1536, 48},
	} {
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := len(c.Tensors()); got != want.tensors {
			t.Errorf("%s: %d tensors, want %d", name, got, want.tensors)
		}
		if got := c.Parameters(); want.params != 0 && got != want.params {
			t.Errorf("%s: %d parameters, want %d", name, got, want.params)
		}
		if c.IntermediateSize != want.inner || c.TimeStepRank != want.rank {
			t.Errorf("%s: inner %d, rank %d; want %d, %d",
				name, c.IntermediateSize, c.TimeStepRank, want.inner, want.rank)
		}
	}
	if _, err := Preset("13b"); err == nil || !strings.Contains(err.Error(), "130m") {
		t.Errorf("unknown size: error %v does not name those known", err)
	}
}

func TestConfigWarnings(t *testing.T) {
	for _, c := range []struct {
		text string
		want string
	}{
		{`{"model_type": "mamba", "num_hidden_layers": 64, "hidden_size": 4096, "vocab_size": 65024}`,
			"falcon-mamba-7b"},
		{`{"model_type": "falcon_mamba", "num_hidden_layers": 64, "hidden_size": 4096, "vocab_size": 65024}`, ""},
		{`{"model_type": "mamba", "num_hidden_layers": 64, "hidden_size": 2560, "vocab_size": 50280}`, ""},
		{`{"model_type": "mamba", "vocab_size": 10, "eos_token_id": [3, 10]}`, "eos_token_id 10"},
	} {
		cfg, err := ParseConfig([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(cfg.Warnings(), "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: warnings %q, want %q", c.text, got, c.want)
		}
	}
}

func TestStopStrings(t *testing.T) {
	c, err := Preset("130m")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{`"a"`: {"a"}, `["a", "", "b"]`: {"a", "b"}, `null`: nil, `[]`: nil, `""`: nil} {
		g, err := ParseGenerationConfig([]byte(`{"stop_strings": `+text+`}`), c)
		if err != nil || len(g.Warnings()) > 0 || strings.Join(g.StopStrings, "|") != strings.Join(want, "|") {
			t.Errorf("%s: %q (%v), warnings %q", text, g.StopStrings, err, g.Warnings())
		}
	}
	if _, err := ParseGenerationConfig([]byte(`{"stop_strings": 7}`), c); err == nil ||
		!strings.Contains(err.Error(), "stop_strings is 7: want a text") {
		t.Errorf("error %v", err)
	}
}

// Values that cannot be have a warning and no effect.
func TestImpossibleSampling(t *testing.T) {
	c, err := Preset("130m")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{`"top_k": -1`: "top_k is -1, which is ignored", `"top_p": 1.5`: "top_p is 1.5",
		`"temperature": -1`: "temperature is -1", `"min_p": -0.1`: "min_p is -0.1"} {
		g, err := ParseGenerationConfig([]byte(`{"do_sample": true, `+text+`}`), c)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if w := strings.Join(g.Warnings(), "\n"); !strings.Contains(w, "generation_config.json: "+want) {
			t.Errorf("%s: warnings %q, want %q", text, w, want)
		}
		if g.TopK != nil || g.TopP != nil || g.Temperature != nil || g.MinP != nil {
			t.Errorf("%s: %+v", text, g)
		}
	}
}

func TestGenerationConfig(t *testing.T) {
	c, err := ParseConfig([]byte(`{"model_type": "falcon_mamba", "eos_token_id": 11, "bos_token_id": 8, "pad_token_id": null}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		text string
		want GenerationConfig
	}{
		{`{}`, GenerationConfig{EOSTokenIDs: []int{11}, BOSTokenID: 8, PadTokenID: -1}},
		{`{"eos_token_id": [11, 10], "bos_token_id": null, "pad_token_id": 3}`,
			GenerationConfig{EOSTokenIDs: []int{11, 10}, BOSTokenID: -1, PadTokenID: 3}},
		{`{"do_sample": true, "temperature": 0.7, "top_k": 0, "top_p": 0.9, "min_p": 0.05, "repetition_penalty": 1.1, "max_new_tokens": 5, "max_length": 20}`,
			GenerationConfig{DoSample: ptr(true), Temperature: ptr(0.7), TopK: ptr(0), TopP: ptr(0.9), MinP: ptr(0.05),
				RepetitionPenalty: ptr(1.1),
				MaxNewTokens:      ptr(5), MaxLength: ptr(20), EOSTokenIDs: []int{11}, BOSTokenID: 8, PadTokenID: -1}},
	} {
		got, err := ParseGenerationConfig([]byte(k.text), c)
		if err != nil {
			t.Errorf("%s: %v", k.text, err)
			continue
		}
		if d := cmp.Diff(&k.want, got, public); d != "" {
			t.Errorf("%s (-want +got):\n%s", k.text, d)
		}
		out, err := got.JSON()
		if err != nil {
			t.Errorf("%s: %v", k.text, err)
		}
		again, err := ParseGenerationConfig(out, &Config{BOSTokenID: 99, PadTokenID: 99})
		if err != nil {
			t.Errorf("%s: %v", out, err)
			continue
		}
		if d := cmp.Diff(got, again, public); d != "" {
			t.Errorf("%s written and read (-want +got):\n%s", k.text, d)
		}
	}
	for _, bad := range []string{`{"temperature": "hot"}`, `{"top_k": 1.5}`, `{"eos_token_id": true}`,
		`{"repetition_penalty": 0}`, `{"repetition_penalty": 1e-60}`, `{`, `7`} {
		if _, err := ParseGenerationConfig([]byte(bad), c); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", bad, err)
		}
	}
}

// What a generation_config.json asks for and does not get has a warning.
func TestGenerationWarnings(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "",
		`{"no_repeat_ngram_size": 0, "suppress_tokens": [], "typical_p": 1.0, "num_beams": 1, "bad_words_ids": null}`: "",
		`{"typical_p": 0.5, "eta_cutoff": 0.1}`:                        "",
		`{"typical_p": 0.5, "do_sample": true}`:                        "asks for typical_p,",
		`{"no_repeat_ngram_size": 3, "num_beams": 4, "min_length": 3}`: "asks for no_repeat_ngram_size, min_length, num_beams,",
		`{"suppress_tokens": [1], "forced_eos_token_id": 0}`:           "asks for forced_eos_token_id,",
		`{"suppress_tokens": "none"}`:                                  "suppress_tokens",
		`{"bad_words_ids": [1, 2]}`:                                    "asks for bad_words_ids,",
		`{"bad_words_ids": [[1], [2]]}`:                                "",
		`{"bad_words_ids": [[1], [2, 3]]}`:                             "asks for bad_words_ids,",
		`{"max_time": 2.5, "token_healing": true}`:                     "asks for max_time, token_healing,",
		`{"max_time": null, "token_healing": false, "num_beam_groups": 1, "force_words_ids": [], "constraints": null}`: "",
		`{"num_beam_groups": 2, "penalty_alpha": 0.6, "force_words_ids": [[1]], "constraints": [{}]}`: "asks for " +
			"num_beam_groups, force_words_ids, constraints, penalty_alpha,",
		`{"begin_suppress_tokens": [1], "min_new_tokens": 2}`: "asks for begin_suppress_tokens, min_new_tokens,",
	} {
		g, err := ParseGenerationConfig([]byte(text), &Config{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(g.Warnings(), "\n"); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func FuzzConfig(f *testing.F) {
	for _, name := range []string{"tiny", "odd", "mamba"} {
		text, err := os.ReadFile(filepath.Join("testdata", name, "config.json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"model_type":"falcon_mamba","expand":1000,"hidden_size":1000000,"eos_token_id":[1,-2],"x":{"y":[1e999]}}`))
	f.Add([]byte(`{"model_type":"mamba","time_step_rank":"auto","pad_token_id":null,"torch_dtype":"half"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseConfig(text)
		if err != nil {
			return
		}
		if c.NumHiddenLayers < 100 {
			for _, s := range c.Tensors() {
				if n := elements(s.Shape); n <= 0 || n > 1<<45 {
					t.Fatalf("%s has %d elements", s.Name, n)
				}
			}
		}
		out, err := c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseConfig(out)
		if err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		if d := cmp.Diff(c, again, public, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
		c.Warnings()
	})
}

func FuzzGenerationConfig(f *testing.F) {
	f.Add([]byte(`{"do_sample": true, "temperature": 0.7, "top_k": 50, "eos_token_id": [11, 10], "pad_token_id": null}`))
	f.Add([]byte(`{"min_p": 1e-3, "eos_token_id": -1, "bos_token_id": 3}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := &Config{BOSTokenID: 1, PadTokenID: -1, EOSTokenIDs: []int{2}}
		g, err := ParseGenerationConfig(text, c)
		if err != nil {
			return
		}
		out, err := g.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseGenerationConfig(out, c)
		if err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		if d := cmp.Diff(g, again, public, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
	})
}

// What an index may name is a file of its own folder.
func FuzzIndex(f *testing.F) {
	text, err := os.ReadFile("testdata/sharded/model.safetensors.index.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"weight_map": {"a": "../x", "b": "/etc/passwd", "c": "C:\\x"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseIndex(text)
		if err != nil {
			return
		}
		for _, name := range m {
			if filepath.Base(name) != name || name == ".." || name == "." || name == "" {
				t.Fatalf("accepted the shard name %q", name)
			}
		}
	})
}
