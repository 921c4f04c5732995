package checkpoint

import (
	"fmt"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// Quantized returns ck with its matrices packed as t, one by one as they are
// read. Parts of a model that a few bits would ruin keep more: the head six or
// more, x_proj and dt_proj eight; norms, A, D, convolutions and biases stay as
// they are. Rows that are no whole blocks fall back as quant.Fit says. What is
// stored in no more bits already is left alone.
//
// Closing what is returned closes ck.
func Quantized(ck Checkpoint, t backend.DType) (Checkpoint, error) {
	return quantizedAs(ck, QuantMix{Type: t})
}

func quantizedAs(ck Checkpoint, mix QuantMix) (Checkpoint, error) {
	for _, t := range []backend.DType{mix.Type, mix.More} {
		if (t != 0 || mix.Type == 0) && (t.Block() == 1 || !quant.Encodes(t)) {
			return nil, noQuant(t.String())
		}
	}
	q := &quantized{Checkpoint: ck, to: mix.Type, byName: map[string]int{}, notes: slices.Clone(Notes(ck))}
	var fallback fallbacks
	var twice backend.DType
	for _, info := range ck.Tensors() {
		to := info.Type
		if isMatrix(info.Name) {
			to = matrixType(info, ck.Config().Tied(), mix.typeOf(info.Name, ck.Config().NumHiddenLayers), &fallback)
		}
		if losesTwice(info.Type, to) {
			twice = info.Type
		}
		if to != info.Type {
			info.Type, info.Bytes = to, to.RowBytes(int(info.Elements()))
			q.packs = true
		}
		q.byName[info.Name] = len(q.tensors)
		q.tensors = append(q.tensors, info)
	}
	q.notes = append(append(q.notes, fallback.notes()...), twiceNote(twice)...)
	return q, nil
}

// losesTwice reports whether a tensor is packed that was packed as another type before.
func losesTwice(from, to backend.DType) bool { return from.Block() > 1 && to.Block() > 1 && from != to }

func twiceNote(from backend.DType) []string {
	if from == 0 {
		return nil
	}
	return []string{fmt.Sprintf("weights were %v already: what is packed twice loses twice, so take the unquantised "+
		"model where there is one", from)}
}

// ParseQuant returns the type that Quantized takes, by its name.
func ParseQuant(name string) (backend.DType, error) {
	t, err := backend.ParseDType(name)
	if err != nil || t.Block() == 1 || !quant.Encodes(t) {
		return 0, noQuant(name)
	}
	return t, nil
}

func noQuant(name string) error {
	return fmt.Errorf("quantising to %s is not supported: want one of %s", name, strings.Join(quantNames(), ", "))
}

func quantNames() []string {
	var names []string
	for t := backend.F32; t.Valid(); t++ {
		if t.Block() > 1 && quant.Encodes(t) {
			names = append(names, t.String())
		}
	}
	return names
}

// isMatrix reports whether a matrix product or the embedding reads a tensor.
func isMatrix(name string) bool {
	return strings.HasSuffix(name, "_proj.weight") || name == "lm_head.weight" || name == "backbone.embeddings.weight"
}

// matrixType returns the type that a matrix is packed as where a block type is
// asked for.
func matrixType(info TensorInfo, tied bool, ask backend.DType, f *fallbacks) backend.DType {
	t := ask
	switch {
	case strings.HasSuffix(info.Name, "x_proj.weight") || strings.HasSuffix(info.Name, "dt_proj.weight"):
		if quant.Bits(t) < 8 {
			t = backend.Q8_0
		}
	case info.Name == "lm_head.weight" || tied && info.Name == "backbone.embeddings.weight":
		if quant.Bits(t) < 6 {
			t = backend.Q6_K
		}
	}
	fit := quant.Fit(t, info.Shape[1])
	if quant.Bits(info.Type) <= quant.Bits(fit) {
		fit = info.Type
	}
	if fit != t && quant.Bits(info.Type) > quant.Bits(t) {
		f.add(info, t, fit)
	}
	return fit
}

// fallbacks collects what did not fit, for one line of each kind.
type fallbacks struct {
	order []fallback
	count map[fallback]int
}

type fallback struct {
	part     string // of the tensor's name
	cols     int
	from, to backend.DType
}

func (f *fallbacks) add(info TensorInfo, from, to backend.DType) {
	part := info.Name
	if i := strings.LastIndex(part, "mixer."); i >= 0 {
		part = part[i:]
	}
	k := fallback{part, info.Shape[1], from, to}
	if f.count == nil {
		f.count = map[fallback]int{}
	}
	if f.count[k] == 0 {
		f.order = append(f.order, k)
	}
	f.count[k]++
}

func (f *fallbacks) notes() []string {
	var lines []string
	for _, k := range f.order {
		lines = append(lines, fmt.Sprintf("%s (%d of them) is stored as %v: its rows of %d are no whole blocks of %v",
			k.part, f.count[k], k.to, k.cols, k.from))
	}
	return lines
}

// quantized is a checkpoint seen through a quantiser.
type quantized struct {
	Checkpoint
	to      backend.DType
	tensors []TensorInfo
	byName  map[string]int
	notes   []string
	packs   bool // something is not as it is stored
}

// Mappings offers the files to a device only where all matrices stay as they are. Else
// most of a file is read once, and a device that keeps host memory would keep all of it.
func (q *quantized) Mappings() [][]byte {
	if q.packs {
		return nil
	}
	return q.Checkpoint.Mappings()
}

func (q *quantized) Tensors() []TensorInfo { return q.tensors }
func (q *quantized) Notes() []string       { return q.notes }

func (q *quantized) Lookup(name string) (TensorInfo, bool) {
	i, ok := q.byName[name]
	if !ok {
		return TensorInfo{}, false
	}
	return q.tensors[i], true
}

func (q *quantized) Read(name string) (*Tensor, error) {
	info, _ := q.Lookup(name)
	if stored, ok := q.Checkpoint.Lookup(name); ok && stored.Type != info.Type {
		return q.pack(info)
	}
	src, err := q.Checkpoint.Read(name)
	if err == nil && q.packs {
		src.Mapping = -1
	}
	return src, err
}

// pack reads a tensor that is stored as another type.
func (q *quantized) pack(info TensorInfo) (*Tensor, error) {
	dst, err := newPacked(info)
	if err != nil {
		return nil, err
	}
	n := int(info.Elements())
	if m := mergerOf(q.Checkpoint, info.Name); m != nil {
		err = m.merge(dst.Packed(), info.Name, 0, n)
	} else {
		err = q.convert(dst.Packed(), info.Name, n)
	}
	if err != nil {
		dst.Release()
		return nil, err
	}
	return dst, nil
}

// convert stores a tensor of n elements in dst.
func (q *quantized) convert(dst quant.Packed, name string, n int) error {
	src, err := q.Checkpoint.Read(name)
	if err != nil {
		return err
	}
	defer src.Release()
	if err := quant.Convert(dst, src.Packed(), n); err != nil {
		return fmt.Errorf("tensor %s: %w", name, err)
	}
	return nil
}

// ReadAt packs only what is asked for, so that a fingerprint is cheap. What is
// stored with its scales apart is never packed again: nothing is smaller.
func (q *quantized) ReadAt(name string, p []byte, off int64) error {
	info, ok := q.Lookup(name)
	from, _ := q.Checkpoint.Lookup(name)
	if !ok || from.Type == info.Type {
		return q.Checkpoint.ReadAt(name, p, off)
	}
	if err := checkRange(info, len(p), off); err != nil {
		return err
	}
	return readBlocks(info, p, off, func(dst quant.Packed, first, n int) error {
		if m := mergerOf(q.Checkpoint, name); m != nil {
			return m.merge(dst, name, first, n)
		}
		src := quant.Packed{Type: from.Type, Data: make([]byte, from.Type.RowBytes(n))}
		if err := q.Checkpoint.ReadAt(name, src.Data, from.Type.RowBytes(first)); err != nil {
			return err
		}
		if err := quant.Convert(dst, src, n); err != nil {
			return fmt.Errorf("tensor %s: %w", name, err)
		}
		return nil
	})
}
