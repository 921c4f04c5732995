package backend_test

import (
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/null"
)

// A GatedMLP is an operation of a program's own: Dst = Down · (X · silu(Gate · X)).
// It needs no kernel, since it says what it means in primitives.
type GatedMLP struct {
	Dst        backend.Tensor // (T, H)
	X          backend.Tensor // (T, H)
	Gate, Down backend.Weight // (H, H) each
	Live       backend.Tensor // (1, 1) i32: live rows; absent: all
}

// Kind is a name that no other operation has.
func (GatedMLP) Kind() backend.Kind { return "gated_mlp" }

// Check begins with what is written, and ends with what must be apart.
func (o GatedMLP) Check() error {
	c := backend.NewChecker(o.Kind())
	c.View("Dst", o.Dst, backend.F32, -1, -1)
	c.View("X", o.X, backend.F32, o.Dst.Rows, o.Dst.Cols)
	c.Weight("Gate", o.Gate, o.Dst.Cols, o.Dst.Cols)
	c.Weight("Down", o.Down, o.Dst.Cols, o.Dst.Cols)
	c.Live(o.Live)
	c.Apart("Dst", o.Dst, o.X, o.Live)
	return c.Err()
}

// Operands lists every tensor and weight: order and ownership follow from it.
func (o GatedMLP) Operands() (reads, writes []backend.Tensor, weights []backend.Weight) {
	return backend.Present(o.X, o.Live), []backend.Tensor{o.Dst}, []backend.Weight{o.Gate, o.Down}
}

// Lower is the definition. A backend with a kernel for it says so in Supports.
func (o GatedMLP) Lower(s *backend.Scratch) []backend.Op {
	gate, gated := s.F32(o.Dst.Rows, o.Dst.Cols), s.F32(o.Dst.Rows, o.Dst.Cols)
	return []backend.Op{
		backend.MatMul{Dst: gate, Src: o.X, Weight: o.Gate, Live: o.Live},
		backend.Gate{Dst: gated, Y: o.X, Z: gate, Live: o.Live},
		backend.MatMul{Dst: o.Dst, Src: gated, Weight: o.Down, Live: o.Live},
	}
}

// An operation of one's own runs on every backend by its lowering.
func Example_operation() {
	b := null.Open(null.Options{})
	defer b.Close()
	buf, err := b.Alloc(2*4*3*8, backend.Device)
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := b.NewWeight(backend.WeightDesc{Name: "w", Type: backend.F32, Rows: 8, Cols: 8}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, y := backend.Matrix(buf, 0, backend.F32, 3, 8), backend.Matrix(buf, 4*3*8, backend.F32, 3, 8)

	s := backend.NewScratch(b)
	defer s.Close()
	p := backend.NewProgram("mlp", s)
	p.Do(GatedMLP{Dst: y, X: x, Gate: w, Down: w})
	plan, err := p.Compile() // and what Do refused
	if err != nil {
		fmt.Println(err)
		return
	}
	defer plan.Close()
	for _, op := range p.Ops() {
		fmt.Println(backend.Describe(op))
	}

	fmt.Println(GatedMLP{Dst: x, X: x, Gate: w, Down: w}.Check())
	// Output:
	// matmul f32 [3 8]
	// gate f32 [3 8]
	// matmul f32 [3 8]
	// gated_mlp: Dst overlaps an operand that is read
}
