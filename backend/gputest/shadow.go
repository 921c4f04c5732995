package gputest

import (
	"context"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/null"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// unreal is target with memory that is not there: buffers of package null's, and weights without their numbers, of
// which a binding reaches so many bytes.
func unreal(target gpu.Target, reach int64) *gpu.Target {
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
		most := l.MostRows(reach)
		for first := 0; first < desc.Rows; first += most {
			n := min(most, desc.Rows-first)
			own.Parts = append(own.Parts, gpu.Part{Size: l.Size(n), First: first, Rows: n})
		}
		return own, nil
	}
	return &target
}

// A Shadow has the models of a GPU in a device of package null's, where they take no memory.
type Shadow struct {
	t      testing.TB
	target *gpu.Target
	null   *null.Device
}

// NewShadow returns the shadow of a GPU, of which a binding reaches so many bytes.
func NewShadow(t testing.TB, info backend.Info, target gpu.Target, reach int64) *Shadow {
	s := &Shadow{t: t, target: unreal(target, reach)}
	s.null = null.Open(null.Options{Info: info, Supports: s.target.Supports,
		Types: []backend.DType{backend.F32, backend.F16, backend.BF16, backend.Q8_0, backend.Q4_0, backend.Q4_K,
			backend.Q6_K, backend.NF4, backend.FP4}})
	return s
}

// model lays a model out.
func (s *Shadow) model(ck checkpoint.Checkpoint, p *backend.Precision) *model.Model {
	s.t.Helper()
	m, err := model.Load(context.Background(), s.null, ck, model.LoadOptions{Precision: p})
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// tensor is memory of the shadow.
func (s *Shadow) tensor(typ backend.DType, rows, cols int) backend.Tensor {
	b, err := s.null.Alloc(int64(rows)*typ.RowBytes(cols), backend.Device)
	if err != nil {
		s.t.Fatal(err)
	}
	return backend.Matrix(b, 0, typ, rows, cols)
}

// dispatches compiles a pass of a model to the operations and dispatches that the device gets.
func (s *Shadow) dispatches(m *model.Model, p Pass) ([]backend.Op, []gpu.Dispatch) {
	s.t.Helper()
	c := m.Config()
	shape := model.Shape{Rows: p.Rows, Seqs: 1, Heads: 1, Head: p.Head, Keeps: p.Keeps}
	if p.Texts {
		shape.Seqs, shape.Heads = p.Rows, p.Rows
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
			Conv: s.tensor(p.States, slots, c.IntermediateSize*(c.ConvKernel-1)),
			SSM:  s.tensor(p.States, slots, c.IntermediateSize*c.StateSize),
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

// Each calls f with the dispatches of each pass, of models of that number of layers, or of as many as they have.
func (s *Shadow) Each(list []Pass, layers int, f func(Pass, []backend.Op, []gpu.Dispatch)) {
	type key struct {
		size, weight string
		float        bool
	}
	models := map[key]*model.Model{}
	for _, p := range list {
		k := key{p.Size, p.Weight, p.Float}
		if models[k] == nil {
			var precision *backend.Precision
			if p.Float {
				precision = new(backend.Precision) // Float
			}
			models[k] = s.model(stored(s.t, p.Size, p.Weight, layers), precision)
		}
		ops, dispatches := s.dispatches(models[k], p)
		f(p, ops, dispatches)
	}
}
