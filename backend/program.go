package backend

import (
	"errors"
	"fmt"
)

// A Scratch hands out temporaries. Those of one block are free again after
// Reset, so that all layers share the memory of one. Its first failure sticks until
// Begin, and is reported by Err and by Program.Compile; until then the tensors it
// returns are well-formed but absent. Whoever made it closes it, after the
// plans that use it.
type Scratch struct {
	b    Backend
	bufs []scratchBuf
	err  error
}

type scratchBuf struct {
	Buffer
	used bool
}

// NewScratch returns an empty Scratch on b. Programs of one backend may share
// it: the queue runs one plan at a time.
func NewScratch(b Backend) *Scratch { return &Scratch{b: b} }

// F32 returns a temporary matrix of float32, not cleared.
func (s *Scratch) F32(rows, cols int) Tensor { return s.Tensor(F32, rows, cols) }

// Tensor returns a temporary dense matrix, not cleared.
func (s *Scratch) Tensor(t DType, rows, cols int) Tensor {
	size := int64(rows) * t.RowBytes(cols)
	best := -1
	for i, b := range s.bufs {
		if !b.used && b.Size() >= size && (best < 0 || b.Size() < s.bufs[best].Size()) {
			best = i
		}
	}
	if best < 0 && s.err == nil {
		buf, err := s.b.Alloc(size, Device)
		if err != nil {
			s.err = fmt.Errorf("scratch of %d bytes: %w", size, err)
		} else {
			s.bufs = append(s.bufs, scratchBuf{Buffer: buf})
			best = len(s.bufs) - 1
		}
	}
	if best < 0 {
		return Tensor{Type: t, Rows: rows, Cols: cols, Stride: cols}
	}
	s.bufs[best].used = true
	return Matrix(s.bufs[best].Buffer, 0, t, rows, cols)
}

// Begin frees all temporaries for another program, which earlier failures are none of.
func (s *Scratch) Begin() {
	s.Reset()
	s.err = nil
}

// Reset frees all temporaries for those that follow.
func (s *Scratch) Reset() {
	for i := range s.bufs {
		s.bufs[i].used = false
	}
}

// Err returns the first failure since Begin.
func (s *Scratch) Err() error { return s.err }

// Close frees the memory.
func (s *Scratch) Close() error {
	var errs []error
	for _, b := range s.bufs {
		errs = append(errs, b.Close())
	}
	s.bufs = nil
	return errors.Join(errs...)
}

// A Program gathers the operations of a plan.
type Program struct {
	*Scratch // temporaries of the block being written

	name string
	ops  []Op
	err  error
}

// NewProgram begins an empty program whose temporaries come from s.
func NewProgram(name string, s *Scratch) *Program {
	s.Begin()
	return &Program{Scratch: s, name: name}
}

// Do appends operations, lowered as far as the backend needs. The first error
// sticks and is Compile's.
func (p *Program) Do(ops ...Op) {
	if p.err != nil || p.Scratch.err != nil {
		return
	}
	lowered, err := Lower(p.b, p.Scratch, ops)
	if err != nil {
		p.err = fmt.Errorf("%s: %w", p.name, err)
		return
	}
	p.ops = append(p.ops, lowered...)
}

// Ops returns the operations so far, as they will be compiled.
func (p *Program) Ops() []Op { return p.ops }

// Compile makes the plan.
func (p *Program) Compile() (Plan, error) {
	if p.Scratch.err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, p.Scratch.err)
	}
	if p.err != nil {
		return nil, p.err
	}
	return p.b.Compile(p.name, p.ops)
}

// Lower replaces every fused operation that b does not support by what it
// means, down to primitives. It is the only pass over a list of operations.
// Options.Unfused has it replace them all.
func Lower(b Backend, s *Scratch, ops []Op) ([]Op, error) {
	var out []Op
	for _, op := range ops {
		if s.err != nil {
			return nil, s.err
		}
		if err := op.Check(); err != nil {
			return nil, err
		}
		f, fused := op.(Fused)
		switch {
		case b.Supports(op):
			out = append(out, op)
		case fused:
			parts := f.Lower(s)
			if s.err != nil {
				return nil, s.err
			}
			lowered, err := Lower(b, s, parts)
			if err != nil {
				return nil, err
			}
			out = append(out, lowered...)
		default:
			return nil, fmt.Errorf("%s: %w", Describe(op), ErrUnsupported)
		}
	}
	return out, nil
}

// Describe names an operation with the shape of what it writes, for errors and
// profiles: "matmul f32 [3 300]".
func Describe(op Op) string {
	_, writes, _ := op.Operands()
	if len(writes) == 0 {
		return string(op.Kind())
	}
	return fmt.Sprintf("%s %s", op.Kind(), writes[0])
}
