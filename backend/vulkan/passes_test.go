//go:build cgo && !darwin

package vulkan

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/null"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// A pass is a plan that programs make of a model, for a number of rows.
type pass struct {
	size, weight string // see checkpoint.Preset and weightsOf
	float        bool   // activations are not rounded, as with --precision f32
	rows         int
	texts        bool // each row is another text's, else all are one's
	head         model.Head
	states       backend.DType
	keeps        bool // the state after each row may be kept
}

// what says how many rows there are of what.
func (p pass) what() string {
	switch {
	case p.rows == 1:
		return "1 text"
	case p.texts:
		return fmt.Sprintf("%d texts", p.rows)
	}
	return fmt.Sprintf("%d tokens of a prompt", p.rows)
}

func (p pass) String() string {
	s := fmt.Sprintf("%s %s, %s", p.size, p.weight, p.what())
	if p.float {
		s += " in float32"
	}
	return s
}

// passes lists the passes of models of sizes, stored in the ways named.
func passes(sizes, weights []string, rows []int) (list []pass) {
	for _, size := range sizes {
		for _, weight := range weights {
			for _, float := range []bool{false, true} {
				for _, n := range rows {
					for _, texts := range []bool{true, false} {
						if texts && n > 64 || !texts && n == 1 {
							continue
						}
						list = append(list, pass{size: size, weight: weight, float: float, rows: n, texts: texts,
							head: model.Sample, states: backend.F32})
					}
				}
			}
		}
	}
	return list
}

// unusual are the passes of what few programs ask for: greedy texts, logits, states of 16 bits and states that are
// kept.
func unusual(sizes, weights []string, rows []int) (list []pass) {
	for _, p := range passes(sizes, weights, rows) {
		if p.float {
			continue
		}
		greedy, half, brain, keeping := p, p, p, p
		greedy.head, half.states, brain.states, keeping.keeps = model.ArgMax, backend.F16, backend.BF16, true
		list = append(list, greedy, half, brain, keeping)
	}
	return list
}

// zeros is a checkpoint whose matrices have no data, and whose other tensors are zeros.
type zeros struct{ checkpoint.Checkpoint }

func (z zeros) Read(name string) (*checkpoint.Tensor, error) {
	info, ok := z.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("no tensor %q", name)
	}
	t := &checkpoint.Tensor{TensorInfo: info, Mapping: -1}
	if matrix := len(info.Shape) == 2 && strings.HasSuffix(name, ".weight"); !matrix {
		t.Data = make([]byte, info.Bytes)
	}
	return t, nil
}

// others is a checkpoint that stores x_proj and dt_proj in a type of their own, as programs but this one do.
type others struct {
	checkpoint.Checkpoint
	typ backend.DType
}

func (o others) Lookup(name string) (checkpoint.TensorInfo, bool) {
	info, ok := o.Checkpoint.Lookup(name)
	return o.changed(info), ok
}

func (o others) changed(info checkpoint.TensorInfo) checkpoint.TensorInfo {
	if strings.HasSuffix(info.Name, "x_proj.weight") || strings.HasSuffix(info.Name, "dt_proj.weight") {
		if n := int(info.Elements()); info.Shape[1]%o.typ.Block() == 0 {
			info.Type, info.Bytes = o.typ, o.typ.RowBytes(n)
		}
	}
	return info
}

// weightsOf are the ways in which checkpoints store weights that kernels read as they are: a type, what
// --quant makes of it, and then what bitsandbytes and llama.cpp do with the small matrices.
var weightsOf = []struct {
	name       string
	typ, small backend.DType
}{
	{"f32", backend.F32, 0}, {"f16", backend.F16, 0}, {"bf16", backend.BF16, 0},
	{"q8_0", backend.Q8_0, 0}, {"q4_0", backend.Q4_0, 0}, {"q4_K", backend.Q4_K, 0}, {"q6_K", backend.Q6_K, 0},
	{"nf4", backend.NF4, 0}, {"nf4 of bitsandbytes", backend.NF4, backend.NF4},
	{"q4_K of llama.cpp", backend.Q4_K, backend.F32},
}

// stored is a model of a size as checkpoints store it, without its numbers and with that many layers.
func stored(t testing.TB, size, weight string, layers int) checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.Preset(size)
	if err != nil {
		t.Fatal(err)
	}
	if layers > 0 {
		c.NumHiddenLayers = layers
	}
	for _, w := range weightsOf {
		if w.name != weight {
			continue
		}
		plain := w.typ
		if plain.Block() > 1 {
			plain = backend.F32
		}
		ck, err := checkpoint.NewRandom(c, checkpoint.Options{Type: plain})
		if err == nil && w.typ.Block() > 1 {
			ck, err = checkpoint.Quantized(ck, w.typ)
		}
		if err != nil {
			t.Fatal(err)
		}
		if w.small != 0 {
			ck = others{ck, w.small}
		}
		return zeros{ck}
	}
	t.Fatalf("no weights %q", weight)
	return nil
}

// targetOf is what plans for d are compiled for, with memory that is not there: buffers of package null's, and
// weights without their numbers.
func targetOf(d *device) *gpu.Target {
	target := d.target
	target.Own = func(backend.Buffer) error { return nil }
	target.Weight = func(w backend.Weight) (*gpu.Weight, error) {
		desc := w.Desc()
		row := desc
		row.Rows, row.From = 1, nil
		src := make([]byte, desc.Type.RowBytes(desc.Cols))
		if desc.Type == backend.NF4 || desc.Type == backend.FP4 {
			row.Aux = [][]byte{make([]byte, 4*(desc.Cols/desc.Type.Block())), make([]byte, 64)}
		}
		l, err := gpu.NewLayout(row, src)
		if err != nil {
			return nil, err
		}
		own := &gpu.Weight{Desc: desc, Layout: l}
		most := l.MostRows(d.reach)
		for first := 0; first < desc.Rows; first += most {
			n := min(most, desc.Rows-first)
			own.Parts = append(own.Parts, gpu.Part{Size: l.Size(n), First: first, Rows: n})
		}
		return own, nil
	}
	return &target
}

// A shadow has the models of a device in a device of package null's, where they take no memory.
type shadow struct {
	t      testing.TB
	d      *device
	target *gpu.Target
	null   *null.Device
}

func newShadow(t testing.TB, d *device) *shadow {
	s := &shadow{t: t, d: d, target: targetOf(d)}
	s.null = null.Open(null.Options{Info: d.info, Supports: s.target.Supports,
		Types: []backend.DType{backend.F32, backend.F16, backend.BF16, backend.Q8_0, backend.Q4_0, backend.Q4_K,
			backend.Q6_K, backend.NF4, backend.FP4}})
	return s
}

// model lays a model out.
func (s *shadow) model(ck checkpoint.Checkpoint, p *backend.Precision) *model.Model {
	s.t.Helper()
	m, err := model.Load(context.Background(), s.null, ck, model.LoadOptions{Precision: p})
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// tensor is memory of the shadow.
func (s *shadow) tensor(typ backend.DType, rows, cols int) backend.Tensor {
	b, err := s.null.Alloc(int64(rows)*typ.RowBytes(cols), backend.Device)
	if err != nil {
		s.t.Fatal(err)
	}
	return backend.Matrix(b, 0, typ, rows, cols)
}

// dispatches compiles a pass of a model to the operations and dispatches that the device gets.
func (s *shadow) dispatches(m *model.Model, p pass) ([]backend.Op, []gpu.Dispatch) {
	s.t.Helper()
	c := m.Config()
	shape := model.Shape{Rows: p.rows, Seqs: 1, Heads: 1, Head: p.head, Keeps: p.keeps}
	if p.texts {
		shape.Seqs, shape.Heads = p.rows, p.rows
	}
	slots := shape.Seqs
	o := model.Operands{
		Batch: s.tensor(backend.I32, 1+shape.Seqs, backend.BatchWords), Heads: s.tensor(backend.I32, shape.Heads, 1),
		IDs: s.tensor(backend.I32, shape.Rows, 1), Tokens: s.tensor(backend.I32, shape.Heads, 1),
		Records: s.tensor(backend.I32, slots, backend.RecordWords), Counts: s.tensor(backend.I32, slots, c.VocabSize),
		Ring: s.tensor(backend.I32, slots, 64), Last: s.tensor(backend.I32, slots, 1),
		Out: s.tensor(backend.I32, slots, 64),
	}
	for range c.NumHiddenLayers {
		o.States = append(o.States, model.LayerState{
			Conv: s.tensor(p.states, slots, c.IntermediateSize*(c.ConvKernel-1)),
			SSM:  s.tensor(p.states, slots, c.IntermediateSize*c.StateSize),
		})
	}
	plan, err := m.Compile(shape, o, backend.NewScratch(s.null), backend.NewScratch(s.null))
	if err != nil {
		s.t.Fatalf("%v: %v", p, err)
	}
	defer plan.Close()
	ops := plan.(*null.Plan).Ops
	list, _, err := gpu.Compile(s.target, ops)
	if err != nil {
		s.t.Fatalf("%v: %v", p, err)
	}
	return ops, list
}

// each calls f with the dispatches of each pass, of models of that number of layers, or of as many as they have.
func (s *shadow) each(list []pass, layers int, f func(pass, []backend.Op, []gpu.Dispatch)) {
	type key struct {
		size, weight string
		float        bool
	}
	models := map[key]*model.Model{}
	for _, p := range list {
		k := key{p.size, p.weight, p.float}
		if models[k] == nil {
			var precision *backend.Precision
			if p.float {
				precision = new(backend.Precision) // Float
			}
			models[k] = s.model(stored(s.t, p.size, p.weight, layers), precision)
		}
		ops, dispatches := s.dispatches(models[k], p)
		f(p, ops, dispatches)
	}
}
