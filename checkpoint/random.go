package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/internal/parallel"
)

// A randomCheckpoint has the weights with which transformers would begin to train a
// config, but drawn from another generator than torch's. A tensor is made when it is
// read, so the model never exists whole.
//
// Every number is a function of the seed, the tensor's name and the number's place. It
// is the same on any number of cores, whatever is read first.
type randomCheckpoint struct {
	config   *Config
	seed     uint64
	tensors  []TensorInfo
	byName   map[string]int
	warnings []string
	closed   atomic.Bool
}

// OpenRandom returns random weights for a config. spec is the name of a known size (see
// Preset), or the path of a config.json or its folder. The weights are stored as
// o.Type, else as the config's type, else as bf16.
func OpenRandom(spec string, o Options) (Checkpoint, error) {
	c, err := Preset(spec)
	if _, statErr := os.Stat(spec); err != nil && (statErr == nil || strings.ContainsAny(spec, `/\.`)) {
		c, err = readConfig(spec)
	}
	if err != nil {
		return nil, fmt.Errorf("random:%s: %w", spec, err)
	}
	return NewRandom(c, o)
}

func readConfig(path string) (*Config, error) {
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		path = filepath.Join(path, configFile)
	}
	f := &folder{fsys: os.DirFS(filepath.Dir(path)), dir: filepath.Dir(path)}
	text, err := f.text(filepath.Base(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no file %s", path)
	} else if err != nil {
		return nil, err
	}
	c, err := ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// NewRandom returns random weights for c, as OpenRandom does.
func NewRandom(c *Config, o Options) (Checkpoint, error) {
	if err := errors.Join(c.Validate(), c.validateInitial()); err != nil {
		return nil, err
	}
	own := *c
	own.Type = backend.BF16
	if c.Type != 0 {
		own.Type = c.Type
	}
	if o.Type != 0 {
		own.Type = o.Type
	}
	if o.MixerRMSEps != 0 {
		own.MixerRMSEps = o.MixerRMSEps
	}
	if torchNames[own.Type] == "" {
		return nil, fmt.Errorf("random weights of type %v: want f32, f16 or bf16", own.Type)
	}
	tied := c.Tied()
	own.TieWordEmbeddings = &tied
	r := &randomCheckpoint{config: &own, seed: o.Seed, byName: map[string]int{}, warnings: own.Warnings()}
	for _, s := range own.Tensors() {
		r.byName[s.Name] = len(r.tensors)
		r.tensors = append(r.tensors, TensorInfo{Name: s.Name, Type: own.Type, Shape: s.Shape,
			Bytes: elements(s.Shape) * int64(own.Type.Size())})
	}
	return r, nil
}

func (r *randomCheckpoint) Config() *Config               { return r.config }
func (r *randomCheckpoint) Generation() *GenerationConfig { return defaultGeneration(r.config) }
func (r *randomCheckpoint) Files() fs.FS                  { return nil }
func (r *randomCheckpoint) Tensors() []TensorInfo         { return r.tensors }
func (r *randomCheckpoint) Mappings() [][]byte            { return nil }
func (r *randomCheckpoint) Warnings() []string            { return r.warnings }

func (r *randomCheckpoint) Close() error {
	r.closed.Store(true)
	return nil
}

func (r *randomCheckpoint) Lookup(name string) (TensorInfo, bool) {
	i, ok := r.byName[name]
	if !ok {
		return TensorInfo{}, false
	}
	return r.tensors[i], true
}

func (r *randomCheckpoint) find(name string) (TensorInfo, error) {
	info, ok := r.Lookup(name)
	if !ok {
		return info, fmt.Errorf("the checkpoint has no tensor %q", name)
	}
	if r.closed.Load() {
		return info, fmt.Errorf("tensor %s: %w", name, errClosed)
	}
	return info, nil
}

func (r *randomCheckpoint) Read(name string) (*Tensor, error) {
	info, err := r.find(name)
	if err != nil {
		return nil, err
	}
	t, err := NewTensor(info)
	if err != nil {
		return nil, err
	}
	r.fill(t.Data, info, 0)
	return t, nil
}

func (r *randomCheckpoint) ReadAt(name string, p []byte, off int64) error {
	info, err := r.find(name)
	if err != nil {
		return err
	}
	if err := checkRange(info, len(p), off); err != nil {
		return err
	}
	// Whole elements that cover the range.
	size := int64(info.Type.Size())
	first, last := off/size, (off+int64(len(p))+size-1)/size
	if off%size == 0 && int64(len(p))%size == 0 {
		r.fill(p, info, first)
		return nil
	}
	whole := make([]byte, (last-first)*size)
	r.fill(whole, info, first)
	copy(p, whole[off-first*size:])
	return nil
}

// chunk is how many elements a worker takes at a time.
const chunk = 1 << 14

// fill makes the elements of a tensor from number first on, as many as dst
// holds, on all cores.
func (r *randomCheckpoint) fill(dst []byte, info TensorInfo, first int64) {
	rule := r.rule(info)
	size := info.Type.Size()
	n := len(dst) / size
	parallel.Ranges(n, chunk, func() func(from, to int) {
		scratch := make([]float32, min(n, chunk))
		return func(from, to int) {
			x := scratch[:to-from]
			rule(x, uint64(first)+uint64(from))
			if err := Narrow(dst[from*size:], x, info.Type); err != nil {
				panic(err) // NewRandom has checked the type
			}
		}
	})
}

// rule returns a function that makes a tensor's elements from number first on, as
// _init_weights does in transformers' modeling_falcon_mamba.py.
func (r *randomCheckpoint) rule(info TensorInfo) func(x []float32, first uint64) {
	c, g := r.config, newRNG(r.seed, info.Name)
	_, name, inLayer := strings.Cut(info.Name, ".mixer.")
	if !inLayer {
		name = info.Name
	}
	switch {
	case name == "A_log":
		n := uint64(c.StateSize)
		row := make([]float32, n)
		for i := range row {
			row[i] = float32(math.Log(float64(i + 1)))
		}
		return func(x []float32, first uint64) {
			for i := range x {
				x[i] = row[(first+uint64(i))%n]
			}
		}
	case name == "D" || strings.HasSuffix(name, "norm.weight") || strings.HasSuffix(name, "norm_f.weight"):
		return constant(1)
	case name == "dt_proj.weight":
		std := math.Pow(float64(c.TimeStepRank), -0.5) * c.TimeStepScale
		if c.TimeStepInitScheme == "constant" {
			return constant(float32(std))
		}
		return g.uniform(std)
	case name == "dt_proj.bias":
		return g.dtBias(c)
	case name == "conv1d.weight":
		return g.uniform(kaiming(c.ConvKernel))
	case name == "out_proj.weight":
		bound := kaiming(c.IntermediateSize)
		if c.RescalePrenormResidual {
			// Once, when the weights are made. The reference does it again each
			// time it loads them.
			bound /= math.Sqrt(float64(c.NumHiddenLayers))
		}
		return g.uniform(bound)
	case strings.HasSuffix(name, ".bias"):
		return constant(0)
	}
	return g.normal(c.InitializerRange)
}

func constant(v float32) func([]float32, uint64) {
	return func(x []float32, _ uint64) {
		for i := range x {
			x[i] = v
		}
	}
}

// kaiming is the bound of torch's kaiming_uniform_ with a = √5:
// √(6 / ((1 + a²)·fanIn)).
func kaiming(fanIn int) float64 { return 1 / math.Sqrt(float64(fanIn)) }

// dtBias draws time steps evenly in their logarithm and inverts softplus:
// dt + log(−expm1(−dt)).
func (g rng) dtBias(c *Config) func([]float32, uint64) {
	lo, hi := math.Log(c.TimeStepMin), math.Log(c.TimeStepMax)
	return func(x []float32, first uint64) {
		for i := range x {
			dt := math.Exp(lo + unit(g.bits(first+uint64(i)))*(hi-lo))
			dt = max(dt, c.TimeStepFloor)
			x[i] = float32(dt + math.Log(-math.Expm1(-dt)))
		}
	}
}
