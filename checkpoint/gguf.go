package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/checkpoint/gguf"
	"falconmamba/internal/regular"
)

// A ggufModel is a checkpoint in a GGUF file of architecture mamba, as
// llama.cpp has it: mamba.ssm.dt_b_c_rms tells FalconMamba from plain Mamba.
type ggufModel struct {
	path       string
	file       gguf.Set // several where it is split
	config     *Config
	generation *GenerationConfig
	files      fs.FS // nil without a tokenizer

	tensors  []TensorInfo
	entries  []ggufEntry // beside tensors
	byName   map[string]int
	warnings []string
	notes    []string
	head     bool // the file's beginning alone is there
	closed   atomic.Bool
}

// A ggufEntry is where a tensor lies.
type ggufEntry struct {
	part int // which of the files
	gguf.Tensor
}

// OpenGGUF opens a GGUF file, mapped. Of a split one any part may be named.
func OpenGGUF(path string, o Options) (Checkpoint, error) {
	open := gguf.Open
	if o.NoMap {
		open = gguf.Read
	}
	file, err := gguf.OpenSet(path, open)
	if err != nil {
		return nil, err
	}
	g := &ggufModel{path: path, file: file}
	if err := g.load(o); err != nil {
		g.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return g, nil
}

// maxHead bounds what is read of a file for its header, in bytes: that of FalconMamba has 5 MB.
const maxHead = 256 << 20

// OpenGGUFHead opens a GGUF file of size bytes, of which r reads the beginning: what the file is can be asked for, and
// no tensor can be read. path is how errors call it. One part of a split file is refused.
func OpenGGUFHead(path string, r io.ReaderAt, size int64, o Options) (Checkpoint, error) {
	var head []byte
	var file *gguf.File
	for n := int64(1 << 20); ; n *= 2 {
		there := len(head)
		head = append(head, make([]byte, min(n, size)-int64(there))...)
		if got, err := r.ReadAt(head[there:], int64(there)); got < len(head)-there {
			return nil, fmt.Errorf("%s: reading its header: %w", path, err)
		}
		var err error
		if file, err = gguf.ParseHead(head, size); err == nil {
			break
		} else if errors.Is(err, gguf.ErrHead) && n < maxHead {
			continue
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	g := &ggufModel{path: path, file: gguf.Set{file}, head: true}
	err := g.file.Check()
	if err == nil {
		err = g.load(o)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), g.Close())
	}
	return o.packed(g, nil)
}

// isGGUF reports whether a file begins as one.
func isGGUF(path string) bool {
	f, err := regular.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [len(gguf.Magic)]byte
	_, err = io.ReadFull(f, magic[:])
	return err == nil && string(magic[:]) == gguf.Magic
}

// load checks that keys and tensors fit together.
func (g *ggufModel) load(o Options) error {
	k := &ggufKeys{f: g.file}
	if arch := k.text("general.architecture"); arch != "mamba" && k.err == nil {
		return fmt.Errorf("general.architecture is %q: want mamba, which FalconMamba is in GGUF", excerpt([]byte(arch)))
	}
	g.configure(k)
	g.mixerEps(k, o)
	g.tokens(k)
	if g.generation != nil {
		g.sampling(k)
	}
	if k.err != nil {
		return k.err
	}
	if err := g.config.Validate(); err != nil {
		return err
	}
	g.warnings = append(g.config.Warnings(), g.warnings...)
	return g.match()
}

// configure reads the model's shape.
func (g *ggufModel) configure(k *ggufKeys) {
	c := defaultConfig()
	c.ModelType = Mamba
	if k.truth("mamba.ssm.dt_b_c_rms") {
		c.ModelType = FalconMamba
	}
	c.HiddenSize = k.required("mamba.embedding_length")
	c.NumHiddenLayers = k.required("mamba.block_count")
	c.ConvKernel = k.required("mamba.ssm.conv_kernel")
	c.IntermediateSize = k.required("mamba.ssm.inner_size")
	c.StateSize = k.required("mamba.ssm.state_size")
	c.TimeStepRank = k.required("mamba.ssm.time_step_rank")
	c.LayerNormEpsilon = k.float("mamba.attention.layer_norm_rms_epsilon", c.LayerNormEpsilon)

	_, embedding, ok := g.file.Lookup("token_embd.weight")
	if !ok || len(embedding.Shape) < 2 {
		k.fail("tensor token_embd.weight is missing")
		return
	}
	c.VocabSize = embedding.Shape[len(embedding.Shape)-2]
	if torchNames[embedding.Type] != "" {
		c.Type = embedding.Type
	}
	_, _, hasHead := g.file.Lookup("output.weight")
	tied := !hasHead
	c.TieWordEmbeddings = &tied
	_, _, c.UseBias = g.file.Lookup("blk.0.ssm_in.bias")
	_, _, c.UseConvBias = g.file.Lookup("blk.0.ssm_conv1d.bias")
	g.config = c
}

// Keys of this project's own, for what GGUF has no keys for.
const (
	mixerEpsKey = "falconmamba.mixer_rms_eps"
	stopKey     = "falconmamba.eos_token_ids" // all that end a text
)

// mixerEps decides the epsilon of the norms on dt, B and C. llama.cpp takes the
// epsilon of the other norms, which is right for Falcon3-Mamba alone.
func (g *ggufModel) mixerEps(k *ggufKeys, o Options) {
	if k.err != nil || !g.config.FalconMamba() {
		return
	}
	c := g.config
	if o.MixerRMSEps != 0 {
		c.MixerRMSEps = o.MixerRMSEps
		g.notes = append(g.notes, fmt.Sprintf("mixer_rms_eps is %g, as was asked for", c.MixerRMSEps))
		return
	}
	if _, ok := g.file.Key(mixerEpsKey); ok {
		c.MixerRMSEps = k.float(mixerEpsKey, 0)
		g.notes = append(g.notes, fmt.Sprintf("mixer_rms_eps is %g: %s says so", c.MixerRMSEps, mixerEpsKey))
		return
	}
	for _, key := range []string{"general.name", "general.basename"} {
		name := strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(k.text(key)))
		if strings.Contains(name, "falcon3") {
			c.MixerRMSEps = c.LayerNormEpsilon
			g.notes = append(g.notes, fmt.Sprintf("mixer_rms_eps is %g: GGUF has no key for it, and %s says Falcon3",
				c.MixerRMSEps, key))
			return
		}
	}
	g.notes = append(g.notes, fmt.Sprintf("mixer_rms_eps is %g, falcon-mamba-7b's: GGUF has no key for it, "+
		"and general.name does not say Falcon3, whose is 1e-05", c.MixerRMSEps))
}

// ggufKeys reads keys; its first error sticks.
type ggufKeys struct {
	f   gguf.Set
	err error
}

func (k *ggufKeys) fail(format string, args ...any) {
	if k.err == nil {
		k.err = fmt.Errorf(format, args...)
	}
}

// value sets *to to what read makes of a key, and reports whether it is there.
func value[T any](k *ggufKeys, name string, to *T, read func(gguf.Value) (T, error)) bool {
	v, ok := k.f.Key(name)
	if !ok {
		return false
	}
	x, err := read(v)
	if err != nil {
		k.fail("%s %w", name, err)
		return false
	}
	*to = x
	return true
}

func (k *ggufKeys) text(name string) (s string) {
	value(k, name, &s, gguf.Value.Text)
	return s
}

func (k *ggufKeys) truth(name string) (b bool) {
	value(k, name, &b, gguf.Value.Bool)
	return b
}

func (k *ggufKeys) float(name string, x float64) float64 {
	value(k, name, &x, gguf.Value.Float)
	return x
}

func (k *ggufKeys) number(name string, n int64) int64 {
	value(k, name, &n, gguf.Value.Int)
	return n
}

// required reads a size.
func (k *ggufKeys) required(name string) int {
	n := int64(-1)
	if !value(k, name, &n, gguf.Value.Int) {
		k.fail("key %s is missing", name)
		return 0
	}
	if n < 1 || n > maxVocab {
		k.fail("%s is %d: want 1 to %d", name, n, maxVocab)
		return 0
	}
	return int(n)
}

// ggufNames are the tensors of a block: the part after "mixer.", and after
// "blk.N.".
var ggufNames = map[string]string{
	"norm.weight":           "attn_norm.weight",
	"mixer.in_proj.weight":  "ssm_in.weight",
	"mixer.in_proj.bias":    "ssm_in.bias",
	"mixer.conv1d.weight":   "ssm_conv1d.weight",
	"mixer.conv1d.bias":     "ssm_conv1d.bias",
	"mixer.x_proj.weight":   "ssm_x.weight",
	"mixer.dt_proj.weight":  "ssm_dt.weight",
	"mixer.dt_proj.bias":    "ssm_dt.bias",
	"mixer.A":               "ssm_a",
	"mixer.D":               "ssm_d",
	"mixer.out_proj.weight": "ssm_out.weight",
	"mixer.out_proj.bias":   "ssm_out.bias",
}

// ggufName returns what a GGUF file calls a tensor of the Hugging Face name.
func ggufName(name string) string {
	switch name {
	case "backbone.embeddings.weight":
		return "token_embd.weight"
	case "backbone.norm_f.weight":
		return "output_norm.weight"
	case "lm_head.weight":
		return "output.weight"
	}
	layer, part, _ := strings.Cut(strings.TrimPrefix(name, "backbone.layers."), ".")
	return "blk." + layer + "." + ggufNames[part]
}

// decayName is the name under which A = −exp(A_log) is offered.
func decayName(name string) string {
	if p, ok := strings.CutSuffix(name, ".mixer.A_log"); ok {
		return p + ".mixer.A"
	}
	return name
}

// squeeze leaves out dimensions of 1: [D, 1, K] here is [D, K] there.
func squeeze(shape []int) []int {
	return slices.DeleteFunc(slices.Clone(shape), func(d int) bool { return d == 1 })
}

// match finds a tensor for each that the config asks for.
func (g *ggufModel) match() error {
	g.byName = map[string]int{}
	used := map[string]bool{}
	for _, spec := range g.config.Tensors() {
		name := decayName(spec.Name)
		stored := ggufName(name)
		part, t, ok := g.file.Lookup(stored)
		switch {
		case !ok:
			return fmt.Errorf("tensor %s is missing", stored)
		case !slices.Equal(squeeze(t.Shape), squeeze(spec.Shape)):
			return fmt.Errorf("tensor %s has shape %v, the keys ask for %v", stored, t.Shape, squeeze(spec.Shape))
		case t.Type == backend.I32:
			return fmt.Errorf("tensor %s is stored as i32: want numbers with a fraction", stored)
		}
		used[stored] = true
		g.byName[name] = len(g.tensors)
		g.tensors = append(g.tensors, TensorInfo{Name: name, Type: t.Type, Shape: spec.Shape, Bytes: t.Size})
		g.entries = append(g.entries, ggufEntry{part, t})
	}
	var extra []string
	for _, f := range g.file {
		for _, t := range f.Tensors {
			if !used[t.Name] {
				extra = append(extra, t.Name)
			}
		}
	}
	if w := unused(extra); w != "" {
		g.warnings = append(g.warnings, w)
	}
	return nil
}

// unused is the warning for tensors that nothing reads.
func unused(names []string) string {
	if len(names) == 0 {
		return ""
	}
	const most = 8
	return fmt.Sprintf("tensors that the model has no use for are ignored: %s%s",
		strings.Join(names[:min(len(names), most)], ", "), andMore(len(names)-most))
}

func (g *ggufModel) Config() *Config               { return g.config }
func (g *ggufModel) Generation() *GenerationConfig { return g.generation }
func (g *ggufModel) Files() fs.FS                  { return g.files }
func (g *ggufModel) Tensors() []TensorInfo         { return g.tensors }
func (g *ggufModel) Warnings() []string            { return g.warnings }
func (g *ggufModel) Notes() []string               { return g.notes }

func (g *ggufModel) Mappings() [][]byte {
	if g.head {
		return nil
	}
	var all [][]byte
	for _, f := range g.file {
		all = append(all, f.Data())
	}
	return all
}

func (g *ggufModel) Lookup(name string) (TensorInfo, bool) {
	i, ok := g.byName[name]
	if !ok {
		return TensorInfo{}, false
	}
	return g.tensors[i], true
}

func (g *ggufModel) find(name string) (int, error) {
	i, ok := g.byName[name]
	if !ok {
		return 0, fmt.Errorf("the checkpoint has no tensor %q", name)
	}
	if g.closed.Load() {
		return 0, fmt.Errorf("tensor %s: %w", name, errClosed)
	}
	if g.head {
		return 0, fmt.Errorf("%s: tensor %s cannot be read: the file's header alone is there", g.path, name)
	}
	return i, nil
}

func (g *ggufModel) Read(name string) (*Tensor, error) {
	i, err := g.find(name)
	if err != nil {
		return nil, err
	}
	e := g.entries[i]
	f := g.file[e.part]
	return &Tensor{TensorInfo: g.tensors[i], Data: f.Bytes(e.Tensor), Mapping: e.part, Offset: e.Offset,
		release: func() { f.Drop(e.Tensor) }}, nil
}

func (g *ggufModel) ReadAt(name string, p []byte, off int64) error {
	i, err := g.find(name)
	if err != nil {
		return err
	}
	if err := checkRange(g.tensors[i], len(p), off); err != nil {
		return err
	}
	e := g.entries[i]
	copy(p, g.file[e.part].Bytes(e.Tensor)[off:])
	return nil
}

func (g *ggufModel) Close() error {
	if g.closed.Swap(true) {
		return nil
	}
	return g.file.Close()
}

// A Noter is a Checkpoint that had to decide something and can say what.
type Noter interface {
	Notes() []string
}

// Notes returns what ck has decided: lines for people who ask for details.
func Notes(ck Checkpoint) []string {
	if n, ok := ck.(Noter); ok {
		return n.Notes()
	}
	return nil
}
