package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/internal/mmap"
)

// A folder is a checkpoint in safetensors files: mapped where they lie on disk,
// read tensor by tensor from any other file system.
type folder struct {
	fsys       fs.FS
	dir        string // for errors; empty for a file system without a path
	open       func(f *folder, name string) (*shard, error)
	config     *Config
	generation *GenerationConfig

	shards   []*shard
	stored   map[string]storedTensor // everything in the files, by canonical name
	tensors  []TensorInfo            // what the config asks for, in its order
	byName   map[string]int          // index into tensors
	packed   map[string]*bnbWeight   // matrices in bitsandbytes' 4 bits
	warnings []string
	closed   atomic.Bool
}

// A shard is one open safetensors file.
type shard struct {
	name   string
	header *safetensors.Header
	file   *safetensors.File // mapped, or nil
	reader io.ReaderAt       // where file is nil
	close  func() error
}

type storedTensor struct {
	safetensors.Tensor
	shard int
}

// canonical is the name under which the graph looks a tensor up. The first Mamba checkpoints had
// the embedding in the singular, and one that was saved without its head lacks the prefix.
func canonical(name string) string {
	for _, part := range []string{"embeddings.", "embedding.", "layers.", "norm_f."} {
		if strings.HasPrefix(name, part) {
			name = "backbone." + name
		}
	}
	if name == "backbone.embedding.weight" {
		return "backbone.embeddings.weight"
	}
	return name
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func openMapped(f *folder, name string) (*shard, error) {
	file, err := safetensors.Open(f.path(name))
	if err != nil {
		return nil, err
	}
	return &shard{name: name, header: &file.Header, file: file, close: file.Close}, nil
}

func openReader(f *folder, name string) (*shard, error) {
	if st, err := fs.Stat(f.fsys, name); err == nil && !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	file, err := f.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	st, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r, ok := file.(io.ReaderAt)
	if !ok {
		// A file that only streams (a zip's, say) is kept whole.
		file.Close()
		data, err := fs.ReadFile(f.fsys, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		whole, err := safetensors.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return &shard{name: name, header: &whole.Header, file: whole, close: whole.Close}, nil
	}
	h, err := safetensors.ReadHeader(r, st.Size())
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &shard{name: name, header: h, reader: r, close: file.Close}, nil
}

// addShard opens a file and takes its tensors in.
func (f *folder) addShard(name string) error {
	s, err := f.open(f, name)
	if err != nil {
		return err
	}
	f.shards = append(f.shards, s)
	if f.stored == nil {
		f.stored = map[string]storedTensor{}
	}
	for _, t := range s.header.Tensors {
		key := canonical(t.Name)
		if first, dup := f.stored[key]; dup {
			return fmt.Errorf("%s: tensor %q is also in %s", f.path(name), t.Name, f.shards[first.shard].name)
		}
		f.stored[key] = storedTensor{t, len(f.shards) - 1}
	}
	return nil
}

var storedTypes = map[string]backend.DType{"F32": backend.F32, "F16": backend.F16, "BF16": backend.BF16}

// check compares what is stored with what the config asks for.
func (f *folder) check() error {
	f.warnings = append(f.config.Warnings(), f.generation.Warnings()...)
	if err := f.resolveHead(); err != nil {
		return err
	}
	specs := f.config.Tensors()
	f.byName = make(map[string]int, len(specs))
	f.packed = map[string]*bnbWeight{}
	var missing []string
	for _, spec := range specs {
		t, ok := f.stored[spec.Name]
		if !ok {
			missing = append(missing, spec.Name)
			continue
		}
		switch packed, err := f.bnb(spec); {
		case err != nil:
			return err
		case packed != nil:
			f.packed[spec.Name] = packed
			f.byName[spec.Name] = len(f.tensors)
			f.tensors = append(f.tensors, packed.info)
			continue
		}
		where := f.path(f.shards[t.shard].name)
		if !slices.Equal(t.Shape, spec.Shape) && !sameConv(t.Shape, spec) {
			return f.foreign(where, fmt.Errorf("tensor %s has shape %v, %s asks for %v",
				spec.Name, t.Shape, configFile, spec.Shape))
		}
		typ, ok := storedTypes[t.DType]
		if !ok {
			return f.foreign(where, fmt.Errorf("tensor %s is stored as %s: want F32, F16 or BF16", spec.Name, t.DType))
		}
		f.byName[spec.Name] = len(f.tensors)
		f.tensors = append(f.tensors, TensorInfo{Name: spec.Name, Type: typ, Shape: spec.Shape, Bytes: t.Size})
	}
	if len(missing) > 0 {
		return f.foreign(f.path(f.shards[0].name),
			fmt.Errorf("tensor %s is missing%s%s", missing[0], andMore(len(missing)-1), f.unlisted()))
	}
	var extra []string
	for _, name := range sortedKeys(f.stored) {
		if _, ok := f.byName[name]; !ok && !f.belongs(name) {
			extra = append(extra, name)
		}
	}
	if w := unused(extra); w != "" {
		f.warnings = append(f.warnings, w)
	}
	return nil
}

// belongs reports whether a tensor is a part of a packed one.
func (f *folder) belongs(name string) bool {
	weight, _, found := strings.Cut(name, ".weight.")
	return found && f.packed[weight+".weight"] != nil
}

// resolveHead decides whether the head is tied, as transformers 5 does: a
// config that says so, or says nothing, is believed unless the files hold two
// matrices that differ; and where only the head is there, it is the embedding.
func (f *folder) resolveHead() error {
	const embedding, head = "backbone.embeddings.weight", "lm_head.weight"
	tie := f.config.TieWordEmbeddings
	tied := tie == nil || *tie
	h, hasHead := f.stored[head]
	if tied && hasHead {
		e, hasEmbedding := f.stored[embedding]
		if !hasEmbedding {
			f.stored[embedding] = h
		} else {
			same, err := f.equal(e, h)
			if err != nil {
				return err
			}
			if tied = same; !same && tie != nil {
				f.warnings = append(f.warnings, "config.json ties the head to the embedding, "+
					"but lm_head.weight is there and differs: it is used; set tie_word_embeddings to false")
			}
		}
		if tied {
			delete(f.stored, head)
		}
	}
	f.config.TieWordEmbeddings = &tied
	return nil
}

// equal reports whether two tensors are the same, bit by bit.
func (f *folder) equal(a, b storedTensor) (bool, error) {
	if a.DType != b.DType || !slices.Equal(a.Shape, b.Shape) {
		return false, nil
	}
	const block = 1 << 18
	var p, q [block]byte
	for off := int64(0); off < a.Size; off += block {
		n := min(block, a.Size-off)
		err := errors.Join(f.shards[a.shard].readAt(p[:n], a.Offset+off), f.shards[b.shard].readAt(q[:n], b.Offset+off))
		if err != nil {
			return false, fmt.Errorf("%s: comparing %s with %s: %w",
				f.path(f.shards[a.shard].name), a.Name, b.Name, err)
		}
		if !bytes.Equal(p[:n], q[:n]) {
			return false, nil
		}
	}
	for _, t := range []storedTensor{a, b} {
		if s := f.shards[t.shard]; s.file != nil {
			s.file.Drop(t.Tensor)
		}
	}
	return true, nil
}

func andMore(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

func (f *folder) Config() *Config               { return f.config }
func (f *folder) Generation() *GenerationConfig { return f.generation }
func (f *folder) Files() fs.FS                  { return f.fsys }
func (f *folder) Tensors() []TensorInfo         { return f.tensors }
func (f *folder) Warnings() []string            { return f.warnings }

func (f *folder) Lookup(name string) (TensorInfo, bool) {
	i, ok := f.byName[name]
	if !ok {
		return TensorInfo{}, false
	}
	return f.tensors[i], true
}

var errClosed = errors.New("the checkpoint is closed")

// find returns where a tensor lies.
func (f *folder) find(name string) (TensorInfo, storedTensor, *shard, error) {
	info, ok := f.Lookup(name)
	if !ok {
		return info, storedTensor{}, nil, fmt.Errorf("the checkpoint has no tensor %q", name)
	}
	if f.closed.Load() {
		return info, storedTensor{}, nil, fmt.Errorf("tensor %s: %w", name, errClosed)
	}
	t := f.stored[name]
	return info, t, f.shards[t.shard], nil
}

func (f *folder) Read(name string) (*Tensor, error) {
	info, t, _, err := f.find(name)
	if err != nil {
		return nil, err
	}
	if w := f.packed[name]; w != nil {
		return f.readBNB(w)
	}
	out, err := f.bytes(t)
	if err != nil {
		return nil, err
	}
	out.TensorInfo = info
	return out, nil
}

// bytes returns a stored tensor's bytes, in place where they are mapped.
func (f *folder) bytes(t storedTensor) (*Tensor, error) {
	s := f.shards[t.shard]
	info := TensorInfo{Name: t.Name, Bytes: t.Size}
	if s.file != nil {
		return &Tensor{TensorInfo: info, Data: s.file.Bytes(t.Tensor), Mapping: t.shard, Offset: t.Offset,
			release: func() { s.file.Drop(t.Tensor) }}, nil
	}
	out, err := NewTensor(info)
	if err != nil {
		return nil, err
	}
	if err := s.readAt(out.Data, t.Offset); err != nil {
		out.Release()
		return nil, fmt.Errorf("%s: tensor %s: %w", f.path(s.name), t.Name, err)
	}
	return out, nil
}

func (f *folder) ReadAt(name string, p []byte, off int64) error {
	info, t, s, err := f.find(name)
	if err != nil {
		return err
	}
	if err := checkRange(info, len(p), off); err != nil {
		return err
	}
	if w := f.packed[name]; w != nil && w.info.Type == backend.F32 {
		whole, err := f.readBNB(w)
		if err != nil {
			return err
		}
		defer whole.Release()
		copy(p, whole.Data[off:])
		return nil
	}
	if err := s.readAt(p, t.Offset+off); err != nil {
		return fmt.Errorf("%s: tensor %s: %w", f.path(s.name), name, err)
	}
	return nil
}

// readAt fills p from byte off of the file.
func (s *shard) readAt(p []byte, off int64) error {
	if s.file != nil {
		copy(p, s.file.Data()[off:])
		return nil
	}
	n, err := s.reader.ReadAt(p, off)
	if n == len(p) {
		return nil // a ReaderAt may return io.EOF with the last bytes
	}
	return err
}

func checkRange(info TensorInfo, n int, off int64) error {
	if off < 0 || off > info.Bytes || int64(n) > info.Bytes-off {
		return fmt.Errorf("tensor %s: bytes %d to %d are outside its %d", info.Name, off, off+int64(n), info.Bytes)
	}
	return nil
}

// NewTensor returns a tensor with memory of its own. Large ones come from the
// system and go back to it at Release: the heap would keep them.
func NewTensor(info TensorInfo) (*Tensor, error) {
	t := &Tensor{TensorInfo: info, Mapping: -1}
	const large = 1 << 20
	if info.Bytes < large {
		t.Data = make([]byte, info.Bytes)
		return t, nil
	}
	m, err := mmap.Alloc(info.Bytes)
	if err != nil {
		return nil, fmt.Errorf("tensor %s: %w", info.Name, err)
	}
	t.Data, t.release = m.Bytes(), func() { m.Close() }
	return t, nil
}

func (f *folder) Mappings() [][]byte {
	var all [][]byte
	for _, s := range f.shards {
		if s.file == nil {
			return nil
		}
		all = append(all, s.file.Data())
	}
	return all
}

func (f *folder) Close() error {
	if f.closed.Swap(true) {
		return nil
	}
	var errs []error
	for _, s := range f.shards {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}
