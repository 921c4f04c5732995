package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"strings"

	"falconmamba/backend"
)

// The model types: what config.json says under model_type.
const (
	FalconMamba = "falcon_mamba"
	Mamba       = "mamba" // the same blocks without the norms on dt, B and C
)

// A Config is a checkpoint's config.json: the shape of the model, how its
// weights were initialised, and its special tokens. Field by field it is
// transformers' FalconMambaConfig. Keys that are not fields are kept as they
// are and written back.
type Config struct {
	ModelType string // FalconMamba or Mamba

	VocabSize        int // rows of the embedding and of the head
	HiddenSize       int // width of the residual stream: H
	NumHiddenLayers  int
	IntermediateSize int // d_inner: D; wins over expand, which released checkpoints get wrong
	StateSize        int // d_state: N
	ConvKernel       int // d_conv: K
	TimeStepRank     int // dt_rank: R; "auto" is ⌈H/16⌉

	UseBias     bool   // in_proj and out_proj have biases
	UseConvBias bool   // the convolution has one
	HiddenAct   string // what follows the convolution, see backend.ParseActivation

	LayerNormEpsilon float64 // of the blocks' norms and norm_f
	MixerRMSEps      float64 // of the norms on dt, B and C

	// ResidualInFP32 and the use_… switches of the reference choose between ways
	// to compute the same thing: this implementation needs none of them, and
	// keeps residuals in float32 always.
	ResidualInFP32 bool

	// TieWordEmbeddings is nil where the file does not say. A checkpoint's
	// Config always says, see Checkpoint.
	TieWordEmbeddings *bool

	// Type is what dtype (or torch_dtype) names of the types that weights can have
	// here, or 0. Tensors have types of their own, which count.
	Type backend.DType

	PadTokenID  int   // -1 for none
	BOSTokenID  int   // -1 for none
	EOSTokenIDs []int // the file has a number or a list

	// How the reference initialises weights, see OpenRandom. Stored weights are
	// what they are.
	InitializerRange       float64
	TimeStepScale          float64
	TimeStepMin            float64
	TimeStepMax            float64
	TimeStepFloor          float64
	TimeStepInitScheme     string // "random" or "constant"
	RescalePrenormResidual bool

	expand int
	raw    map[string]json.RawMessage // the file, key by key
}

// defaultConfig has the defaults of FalconMambaConfig; sizes that follow from
// others are zero.
func defaultConfig() *Config {
	return &Config{
		VocabSize: 50280, HiddenSize: 768, NumHiddenLayers: 32, StateSize: 16, ConvKernel: 4,
		UseConvBias: true, HiddenAct: "silu",
		LayerNormEpsilon: 1e-5, MixerRMSEps: 1e-6, ResidualInFP32: true,
		EOSTokenIDs:      []int{0},
		InitializerRange: 0.1, TimeStepScale: 1, TimeStepMin: 0.001, TimeStepMax: 0.1,
		TimeStepFloor: 1e-4, TimeStepInitScheme: "random",
		expand: 2,
	}
}

// A field ties a key of config.json to where its value lives.
type field struct {
	key string
	to  any
}

// fields lists the keys whose JSON is a plain value. The others are in
// resolve and JSON: they may have several forms.
func (c *Config) fields() []field {
	return []field{
		{"vocab_size", &c.VocabSize},
		{"hidden_size", &c.HiddenSize},
		{"num_hidden_layers", &c.NumHiddenLayers},
		{"intermediate_size", &c.IntermediateSize},
		{"expand", &c.expand},
		{"state_size", &c.StateSize},
		{"conv_kernel", &c.ConvKernel},
		{"use_bias", &c.UseBias},
		{"use_conv_bias", &c.UseConvBias},
		{"hidden_act", &c.HiddenAct},
		{"layer_norm_epsilon", &c.LayerNormEpsilon},
		{"residual_in_fp32", &c.ResidualInFP32},
		{"tie_word_embeddings", &c.TieWordEmbeddings},
		{"initializer_range", &c.InitializerRange},
		{"time_step_scale", &c.TimeStepScale},
		{"time_step_min", &c.TimeStepMin},
		{"time_step_max", &c.TimeStepMax},
		{"time_step_floor", &c.TimeStepFloor},
		{"time_step_init_scheme", &c.TimeStepInitScheme},
		{"rescale_prenorm_residual", &c.RescalePrenormResidual},
	}
}

// ParseConfig reads the text of a config.json and validates it.
func ParseConfig(text []byte) (*Config, error) {
	raw, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	c := defaultConfig()
	if err := c.decode(raw); err != nil {
		return nil, err
	}
	return c, c.Validate()
}

func (c *Config) decode(raw map[string]json.RawMessage) error {
	c.raw = raw
	if err := decode(raw, "model_type", &c.ModelType); err != nil {
		return err
	}
	switch c.ModelType {
	case FalconMamba, Mamba:
	case "":
		return fmt.Errorf("model_type is missing: want %s or %s", FalconMamba, Mamba)
	default:
		return fmt.Errorf("model_type %q is not supported: want %s or %s", c.ModelType, FalconMamba, Mamba)
	}
	// The first Mamba code's names of sizes. What is not named has a default, which would be
	// of another model.
	for _, old := range [][2]string{{"d_model", "hidden_size"}, {"n_layer", "num_hidden_layers"}} {
		if given(raw, old[0]) && !given(raw, old[1]) {
			return fmt.Errorf("%s is a key of the original Mamba format, and %s is missing: convert the model to "+
				"the format of transformers (convert_mamba_ssm_checkpoint_to_pytorch.py)", old[0], old[1])
		}
	}
	for _, f := range c.fields() {
		if err := decode(raw, f.key, f.to); err != nil {
			return err
		}
	}
	if c.FalconMamba() {
		if err := decode(raw, "mixer_rms_eps", &c.MixerRMSEps); err != nil {
			return err
		}
	}
	return c.resolve()
}

// resolve reads the keys that have several forms and the sizes that follow
// from others.
func (c *Config) resolve() error {
	raw := c.raw
	if given(raw, "time_step_rank") && string(raw["time_step_rank"]) != `"auto"` {
		if err := decode(raw, "time_step_rank", &c.TimeStepRank); err != nil {
			return fmt.Errorf(`%w or "auto"`, err)
		}
	} else if c.HiddenSize > 0 {
		c.TimeStepRank = (c.HiddenSize-1)/16 + 1
	}
	if !given(raw, "intermediate_size") {
		if err := within("expand", c.expand, 1, maxInner); err != nil {
			return err
		}
		if err := within("hidden_size", c.HiddenSize, 1, maxHidden); err != nil {
			return err
		}
		c.IntermediateSize = int(min(int64(c.expand)*int64(c.HiddenSize), math.MaxInt32))
	}
	for _, key := range []string{"torch_dtype", "dtype"} {
		var name string
		if err := decode(raw, key, &name); err != nil {
			return err
		}
		if name == "" || name == "auto" {
			continue
		}
		c.Type = torchTypes[strings.TrimPrefix(name, "torch.")] // another is that of no tensor here
	}
	var err error
	if c.PadTokenID, err = decodeID(raw, "pad_token_id", 0); err != nil {
		return err
	}
	if c.BOSTokenID, err = decodeID(raw, "bos_token_id", 0); err != nil {
		return err
	}
	c.EOSTokenIDs, err = decodeIDs(raw, "eos_token_id", c.EOSTokenIDs)
	return err
}

var torchTypes = map[string]backend.DType{
	"float32": backend.F32, "float": backend.F32,
	"float16": backend.F16, "half": backend.F16,
	"bfloat16": backend.BF16,
}

var torchNames = map[backend.DType]string{
	backend.F32: "float32", backend.F16: "float16", backend.BF16: "bfloat16",
}

// Upper limits of what a config may ask for: far above any model, and low
// enough that no size computed from them overflows an int64.
const (
	maxVocab  = 1 << 24
	maxHidden = 1 << 20
	maxInner  = 1 << 22
	maxLayers = 1 << 12
	maxState  = 1 << 12
	maxConv   = 1 << 10
)

// Validate reports the first value that no model can have. ParseConfig has
// called it.
func (c *Config) Validate() error {
	if c.ModelType != FalconMamba && c.ModelType != Mamba {
		return fmt.Errorf("model_type %q is not supported: want %s or %s", c.ModelType, FalconMamba, Mamba)
	}
	for _, v := range []struct {
		key      string
		got, max int
	}{
		{"vocab_size", c.VocabSize, maxVocab},
		{"hidden_size", c.HiddenSize, maxHidden},
		{"num_hidden_layers", c.NumHiddenLayers, maxLayers},
		{"intermediate_size", c.IntermediateSize, maxInner},
		{"state_size", c.StateSize, maxState},
		{"conv_kernel", c.ConvKernel, maxConv},
		{"time_step_rank", c.TimeStepRank, maxHidden},
	} {
		if err := within(v.key, v.got, 1, v.max); err != nil {
			return err
		}
	}
	if _, err := backend.ParseActivation(c.HiddenAct); err != nil {
		return err
	}
	if c.Type != 0 && torchNames[c.Type] == "" {
		return fmt.Errorf("dtype %v is not supported: want f32, f16 or bf16", c.Type)
	}
	// Comparisons are written so that a NaN fails them.
	for _, v := range []struct {
		key           string
		got, min, max float64
	}{
		{"layer_norm_epsilon", c.LayerNormEpsilon, 0, 1},
		{"mixer_rms_eps", c.MixerRMSEps, 0, 1},
	} {
		if !(v.got >= v.min && v.got <= v.max) {
			return fmt.Errorf("%s is %g: want %g to %g", v.key, v.got, v.min, v.max)
		}
	}
	return nil
}

// validateInitial is Validate for what only new weights are made by.
func (c *Config) validateInitial() error {
	for _, v := range []struct {
		key           string
		got, min, max float64
	}{
		{"initializer_range", c.InitializerRange, 0, 1e4},
		{"time_step_scale", c.TimeStepScale, 0, 1e4},
		{"time_step_min", c.TimeStepMin, math.SmallestNonzeroFloat32, 1e4},
		{"time_step_max", c.TimeStepMax, c.TimeStepMin, 1e4},
		{"time_step_floor", c.TimeStepFloor, math.SmallestNonzeroFloat32, 1e4},
	} {
		if !(v.got >= v.min && v.got <= v.max) {
			return fmt.Errorf("%s is %g: want %g to %g", v.key, v.got, v.min, v.max)
		}
	}
	// Some documents call the reference's "random" by what it draws from.
	switch c.TimeStepInitScheme {
	case "random", "uniform", "constant":
	default:
		return fmt.Errorf("time_step_init_scheme %q is not known: want random or constant", c.TimeStepInitScheme)
	}
	return nil
}

func within(key string, got, lo, hi int) error {
	if got < lo || got > hi {
		return fmt.Errorf("%s is %d: want %d to %d", key, got, lo, hi)
	}
	return nil
}

// FalconMamba reports whether dt, B and C are normalised before they are used:
// what sets the model apart from a plain Mamba.
func (c *Config) FalconMamba() bool { return c.ModelType == FalconMamba }

// Tied reports whether the head is the embedding. Where the file does not say,
// it is: transformers' default. A checkpoint knows better, see Checkpoint.
func (c *Config) Tied() bool { return c.TieWordEmbeddings == nil || *c.TieWordEmbeddings }

// Warnings lists what is legal but looks like a mistake, for people to read.
func (c *Config) Warnings() []string {
	var w []string
	if c.ModelType == Mamba && c.NumHiddenLayers == 64 && c.HiddenSize == 4096 && c.VocabSize == 65024 {
		w = append(w, fmt.Sprintf("model_type is %q, but 64 layers of 4096 with 65024 tokens are falcon-mamba-7b: "+
			"as plain Mamba it writes nonsense; change model_type to %q in config.json", Mamba, FalconMamba))
	}
	for _, id := range c.EOSTokenIDs {
		if id >= c.VocabSize {
			w = append(w, fmt.Sprintf("eos_token_id %d is outside the vocabulary of %d: it never comes",
				id, c.VocabSize))
		}
	}
	return w
}

// A TensorSpec says what a checkpoint of a config must hold.
type TensorSpec struct {
	Name     string
	Shape    []int
	Optional bool // lm_head.weight where the head may be tied
}

// Tensors lists the tensors of a checkpoint of c, in the order of the
// computation.
func (c *Config) Tensors() []TensorSpec {
	h, d, n, r, k := c.HiddenSize, c.IntermediateSize, c.StateSize, c.TimeStepRank, c.ConvKernel
	specs := make([]TensorSpec, 0, 3+13*c.NumHiddenLayers)
	add := func(name string, shape ...int) { specs = append(specs, TensorSpec{Name: name, Shape: shape}) }

	add("backbone.embeddings.weight", c.VocabSize, h)
	for i := range c.NumHiddenLayers {
		p := fmt.Sprintf("backbone.layers.%d.", i)
		add(p+"norm.weight", h)
		add(p+"mixer.in_proj.weight", 2*d, h)
		if c.UseBias {
			add(p+"mixer.in_proj.bias", 2*d)
		}
		add(p+"mixer.conv1d.weight", d, 1, k)
		if c.UseConvBias {
			add(p+"mixer.conv1d.bias", d)
		}
		add(p+"mixer.x_proj.weight", r+2*n, d)
		add(p+"mixer.dt_proj.weight", d, r)
		add(p+"mixer.dt_proj.bias", d)
		add(p+"mixer.A_log", d, n)
		add(p+"mixer.D", d)
		add(p+"mixer.out_proj.weight", h, d)
		if c.UseBias {
			add(p+"mixer.out_proj.bias", h)
		}
	}
	add("backbone.norm_f.weight", h)
	if c.TieWordEmbeddings == nil || !*c.TieWordEmbeddings {
		add("lm_head.weight", c.VocabSize, h)
		specs[len(specs)-1].Optional = c.TieWordEmbeddings == nil
	}
	return specs
}

// Parameters returns how many numbers a checkpoint of c holds.
func (c *Config) Parameters() int64 {
	var sum int64
	for _, s := range c.Tensors() {
		if s.Optional {
			continue
		}
		n := int64(1)
		for _, d := range s.Shape {
			n *= int64(d)
		}
		sum += n
	}
	return sum
}

// JSON returns the text of a config.json that says c: every key of the file it came from,
// and every field. A value that was not changed keeps its spelling.
func (c *Config) JSON() ([]byte, error) {
	out := map[string]json.RawMessage{}
	maps.Copy(out, c.raw)
	old := defaultConfig() // c as the file had it
	if c.raw != nil {
		if err := old.decode(c.raw); err != nil {
			return nil, err
		}
	}
	put := func(key string, was, is any) error {
		if given(c.raw, key) && reflect.DeepEqual(was, is) {
			return nil
		}
		v, err := json.Marshal(is)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		out[key] = v
		return nil
	}
	var errs []error
	oldFields := old.fields()
	for i, f := range c.fields() {
		is := reflect.ValueOf(f.to).Elem().Interface()
		if p, ok := is.(*bool); ok && p == nil {
			delete(out, f.key)
			continue
		}
		errs = append(errs, put(f.key, reflect.ValueOf(oldFields[i].to).Elem().Interface(), is))
	}
	errs = append(errs,
		put("model_type", old.ModelType, c.ModelType),
		put("time_step_rank", old.TimeStepRank, c.TimeStepRank),
		put("pad_token_id", idJSON(old.PadTokenID), idJSON(c.PadTokenID)),
		put("bos_token_id", idJSON(old.BOSTokenID), idJSON(c.BOSTokenID)),
		put("eos_token_id", idsJSON(old.EOSTokenIDs), idsJSON(c.EOSTokenIDs)))
	if c.FalconMamba() {
		errs = append(errs, put("mixer_rms_eps", old.MixerRMSEps, c.MixerRMSEps))
	}
	if !given(c.raw, "architectures") || old.ModelType != c.ModelType {
		errs = append(errs, put("architectures", nil, []string{map[string]string{
			FalconMamba: "FalconMambaForCausalLM", Mamba: "MambaForCausalLM"}[c.ModelType]}))
	}
	if c.Type != old.Type {
		// The older spelling, which every version of transformers reads.
		delete(out, "dtype")
		delete(out, "torch_dtype")
		if c.Type != 0 {
			errs = append(errs, put("torch_dtype", nil, torchNames[c.Type]))
		}
	}
	return writeObject(out), errors.Join(errs...)
}

// StateBytes returns the bytes of one sequence's state in float32.
func (c *Config) StateBytes() int64 {
	d := int64(c.IntermediateSize)
	return 4 * d * int64(c.ConvKernel-1+c.StateSize) * int64(c.NumHiddenLayers)
}
