package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/internal/quantity"
	"falconmamba/internal/words"
)

// LoadOptions say how a checkpoint is laid out on a device.
type LoadOptions struct {
	// Precision is what passes of many rows may round their activations to; where
	// matrices are packed in blocks, passes of few rows too. nil is as precise as
	// the weights are: Int8 where some matrices are stored in blocks, else Float where
	// some are stored as float32, else Half.
	Precision *backend.Precision

	// Progress, if not nil, is called after each tensor with the bytes done and
	// those of all.
	Progress func(done, total int64)
}

// Load lays ck out on b, tensor by tensor: what is live besides is at most the
// largest of them. Mappings of the checkpoint that the device can use in place
// are not copied: ck must then stay open until the model is closed.
//
// A NaN in a small parameter, of a norm, the convolution or the scan, or a bias, is an error that
// names the tensor. Matrices are not looked through: a NaN there shows in the logits alone.
func Load(ctx context.Context, b backend.Backend, ck checkpoint.Checkpoint, o LoadOptions) (*Model, error) {
	cfg := ck.Config()
	act, err := backend.ParseActivation(cfg.HiddenAct)
	if err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, b: b, act: act, bcdtNorm: cfg.FalconMamba(), halfRows: b.Info().HalfRows,
		normEps: float32(cfg.LayerNormEpsilon), mixerEps: float32(cfg.MixerRMSEps)}
	l := loader{ctx: ctx, m: m, ck: ck, progress: o.Progress}
	single, blocks := l.stored()
	m.precision = precision(o.Precision, single, blocks)
	// Few rows are bound by the bytes of plain weights, and rounding gains them
	// nothing. Unpacking blocks takes arithmetic, which integers halve.
	if blocks {
		m.decodePrecision = m.precision
	}
	l.halves = b.Info().Float16 && m.precision != backend.Float
	for _, t := range ck.Tensors() {
		l.total += t.Bytes
	}
	l.importMappings()
	l.fits()
	l.model()
	if errors.Is(l.err, backend.ErrOutOfMemory) {
		l.err = fmt.Errorf("the weights need %s: try --quant or a smaller model: %w", quantity.Bytes(l.total), l.err)
	}
	if l.err != nil {
		return nil, errors.Join(l.err, m.Close())
	}
	m.notes = append(l.widenings.notes(b.Info().Name), l.halvings(b.Info().Name)...)
	if l.copied > 0 {
		m.notes = append(m.notes, fmt.Sprintf("%s has copied %s of the file's weights, to read them faster",
			b.Info().Name, quantity.Bytes(l.copied)))
	}
	return m, nil
}

// A loader moves tensors from a checkpoint to a device; its first error sticks.
type loader struct {
	ctx         context.Context
	m           *Model
	ck          checkpoint.Checkpoint
	imports     []backend.Buffer // of the checkpoint's mappings; nil where not imported
	small       []smallTensor    // of the block being read
	widenings   widenings
	halves      bool  // matrices of bfloat16 may be kept as float16
	plain       int   // matrices of bfloat16 that might
	halved      int   // and are
	copied      int64 // bytes of weights that could be used in place and are not, on the processor
	done, total int64
	progress    func(done, total int64)
	err         error
}

// stored reports whether a matrix of the model is stored as float32, and whether one is of a block type.
func (l *loader) stored() (single, blocks bool) {
	for _, t := range l.ck.Tensors() {
		switch {
		case strings.HasSuffix(t.Name, "_proj.weight"), t.Name == "backbone.embeddings.weight",
			t.Name == "lm_head.weight" && !l.m.cfg.Tied():
			single = single || t.Type == backend.F32
			blocks = blocks || t.Type.Block() > 1
		}
	}
	return single, blocks
}

// precision is what was asked for, or what the types of the weights suggest.
func precision(asked *backend.Precision, single, blocks bool) backend.Precision {
	switch {
	case asked != nil:
		return *asked
	case blocks: // their own rounding is coarser
		return backend.Int8
	case single: // beside blocks llama.cpp leaves the small matrices in float32
		return backend.Float
	}
	return backend.Half
}

// importMappings offers the checkpoint's memory to the device.
func (l *loader) importMappings() {
	im, ok := l.m.b.(backend.Importer)
	if !ok {
		return
	}
	for _, mem := range l.ck.Mappings() {
		buf, err := im.Import(mem)
		if err != nil {
			if !errors.Is(err, backend.ErrUnsupported) {
				l.err = err
				return
			}
			buf = nil
		} else {
			l.m.bufs = append(l.m.bufs, buf)
		}
		l.imports = append(l.imports, buf)
	}
}

// fits refuses a model that a GPU has no room for, before minutes are spent on
// loading most of it. What the mappings may save is not known before, nor what
// the processor's own memory can be made to hold.
func (l *loader) fits() {
	info := l.m.b.Info()
	for _, buf := range l.imports {
		if buf != nil {
			return
		}
	}
	if l.err == nil && info.Class != backend.Host && info.MemoryFree > 0 && l.total > info.MemoryFree {
		l.err = fmt.Errorf("%s has %s free: %w", info.Name, quantity.Bytes(info.MemoryFree), backend.ErrOutOfMemory)
	}
}

// model reads everything, in the order of the computation.
func (l *loader) model() {
	m, c := l.m, l.m.cfg
	m.embed = l.matrix(backend.WeightDesc{Name: "backbone.embeddings.weight", Lookup: !c.Tied()})
	m.blocks = make([]block, c.NumHiddenLayers)
	for i := range m.blocks {
		l.block(&m.blocks[i], fmt.Sprintf("backbone.layers.%d.", i))
	}
	l.vector(&m.normF, "backbone.norm_f.weight", nil)
	l.place()
	m.head = m.embed
	if !c.Tied() {
		m.head = l.weight("lm_head.weight")
	}
}

func (l *loader) block(b *block, prefix string) {
	c := l.m.cfg
	l.vector(&b.norm, prefix+"norm.weight", nil)
	p := prefix + "mixer."
	b.inProj = l.product(p + "in_proj.weight")
	l.vector(&b.conv, p+"conv1d.weight", nil)
	if c.UseConvBias {
		l.vector(&b.convBias, p+"conv1d.bias", nil)
	}
	b.xProj = l.product(p + "x_proj.weight")
	b.dtProj = l.weight(p + "dt_proj.weight")
	l.vector(&b.dtBias, p+"dt_proj.bias", nil)
	if _, ok := l.ck.Lookup(p + "A_log"); ok {
		l.vector(&b.a, p+"A_log", checkpoint.Decay)
	} else {
		l.vector(&b.a, p+"A", nil)
	}
	l.vector(&b.d, p+"D", nil)
	b.outProj = l.product(p + "out_proj.weight")
	if c.UseBias {
		l.vector(&b.inBias, p+"in_proj.bias", nil)
		l.vector(&b.outBias, p+"out_proj.bias", nil)
	}
	l.place()
}

// read returns a tensor, and counts it as done.
func (l *loader) read(name string) *checkpoint.Tensor {
	if l.err == nil {
		l.err = l.ctx.Err()
	}
	if l.err != nil {
		return nil
	}
	t, err := l.ck.Read(name)
	if err != nil {
		l.err = err
		return nil
	}
	l.done += t.Bytes
	if l.progress != nil {
		l.progress(l.done, l.total)
	}
	return t
}

// weight lays a matrix out on the device.
func (l *loader) weight(name string) backend.Weight { return l.matrix(backend.WeightDesc{Name: name}) }

// matrix is weight for what more a description says than what is in the file.
func (l *loader) matrix(desc backend.WeightDesc) backend.Weight {
	t := l.read(desc.Name)
	if t == nil {
		return nil
	}
	return l.lay(desc, t)
}

// imported reports whether a tensor lies in memory that the device can use in place.
func (l *loader) imported(t *checkpoint.Tensor) bool {
	return t.Mapping >= 0 && t.Mapping < len(l.imports) && l.imports[t.Mapping] != nil
}

// lay lays a matrix that was read out on the device.
func (l *loader) lay(desc backend.WeightDesc, t *checkpoint.Tensor) backend.Weight {
	desc.Type, desc.Rows, desc.Cols, desc.Aux = t.Type, t.Shape[0], t.Shape[1], t.Aux
	if l.imported(t) {
		desc.From, desc.Off = l.imports[t.Mapping], t.Offset
	}
	w, err := l.m.b.NewWeight(desc, t.Data)
	if errors.Is(err, backend.ErrUnsupported) {
		w, err = l.widened(desc, t, err)
	}
	if err != nil {
		t.Release()
		l.err = fmt.Errorf("%s: %w", t.Name, err)
		return nil
	}
	l.m.weights = append(l.m.weights, w)
	if !w.InPlace() {
		if desc.From != nil && l.m.b.Info().Class == backend.Host {
			l.copied += w.Size()
		}
		t.Release()
	}
	return w
}

// A smallTensor waits for its place in a block's buffer.
type smallTensor struct {
	dst        *backend.Tensor
	rows, cols int
	values     []float32
}

// vector reads a small parameter as float32: a vector [C] becomes (1, C), and
// what has more dimensions a matrix of its first. It lies on the device once
// place has run.
func (l *loader) vector(dst *backend.Tensor, name string, apply func([]float32)) {
	t := l.read(name)
	if t == nil {
		return
	}
	defer t.Release()
	values, err := t.Float32()
	if err != nil {
		l.err = err
		return
	}
	// NaN differs from itself.
	if i := slices.IndexFunc(values, func(v float32) bool { return v != v }); i >= 0 {
		l.err = fmt.Errorf("%s has a NaN at element %d of %d: the file is damaged, or its training failed; "+
			"get it anew", name, i, len(values))
		return
	}
	if apply != nil {
		apply(values)
	}
	rows := 1
	if len(t.Shape) > 1 {
		rows = t.Shape[0]
	}
	l.small = append(l.small, smallTensor{dst, rows, len(values) / rows, values})
}

// place moves the small parameters read so far into one buffer.
func (l *loader) place() {
	small := l.small
	l.small = nil
	if l.err != nil {
		return
	}
	total := 0
	for _, s := range small {
		total += alignWords(len(s.values))
	}
	buf, err := l.m.b.Alloc(4*int64(total), backend.Device)
	if err != nil {
		l.err = fmt.Errorf("parameters of a block: %w", err)
		return
	}
	l.m.bufs = append(l.m.bufs, buf)
	all := make([]float32, total)
	at := 0
	for _, s := range small {
		copy(all[at:], s.values)
		*s.dst = backend.Matrix(buf, 4*int64(at), backend.F32, s.rows, s.cols)
		at += alignWords(len(s.values))
	}
	l.err = buf.Upload(0, words.Bytes(all))
}

// alignWords rounds n words up to 256 bytes, where every device lets a view
// begin.
func alignWords(n int) int { return (n + 63) &^ 63 }
