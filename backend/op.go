package backend

import "fmt"

// An Op is one operation: a plain struct of operands and parameters.
type Op interface {
	// Kind names the operation, as profiles and the support matrix do.
	Kind() Kind
	// Check reports the first operand or parameter that does not fit.
	Check() error
	// Operands returns the views that the operation reads and writes: what
	// order between operations follows from. Weights are not among them.
	Operands() (reads, writes []Tensor)
}

// A Fused op stands for several primitives. A backend may run it as it likes;
// Lower is its definition.
type Fused interface {
	Op
	// Lower returns the same work in simpler ops, with temporaries from s.
	Lower(s *Scratch) []Op
}

// A Kind is the name of an operation.
type Kind string

// Precision is the least that an operation lets a backend round activations to
// on their way into a matrix product. Sums are float32 whatever it says.
type Precision uint8

const (
	Float Precision = iota // float32: verification, and single-row decode
	Half                   // float16 or bfloat16: many rows on matrix units
	Int8                   // int8 with a scale per 32 elements
)

func (p Precision) String() string {
	switch p {
	case Float:
		return "f32"
	case Half:
		return "half"
	case Int8:
		return "int8"
	}
	return fmt.Sprintf("precision(%d)", uint8(p))
}

// ParsePrecision returns the precision called name.
func ParsePrecision(name string) (Precision, error) {
	for p := Float; p <= Int8; p++ {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("unknown precision %q: want f32, half or int8", name)
}

// A check gathers the first fault of an op's operands.
type check struct {
	kind Kind
	err  error
}

func (c *check) failf(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s: "+format, append([]any{c.kind}, args...)...)
	}
}

// view wants t to be of type typ with the given rows and columns; a negative
// number takes any.
func (c *check) view(name string, t Tensor, typ DType, rows, cols int) {
	if err := t.check(); err != nil {
		c.failf("%s %w", name, err)
		return
	}
	if t.Type != typ || rows >= 0 && t.Rows != rows || cols >= 0 && t.Cols != cols {
		c.failf("%s is %s, want %s [%s %s]", name, t, typ, dim(rows), dim(cols))
	}
}

// optional is view for an operand that may be absent.
func (c *check) optional(name string, t Tensor, typ DType, rows, cols int) {
	if !t.IsZero() {
		c.view(name, t, typ, rows, cols)
	}
}

// weight wants w to have rows output and cols input channels.
func (c *check) weight(name string, w Weight, rows, cols int) {
	if w == nil {
		c.failf("%s is missing", name)
		return
	}
	if d := w.Desc(); rows >= 0 && d.Rows != rows || cols >= 0 && d.Cols != cols {
		c.failf("%s %q is %s [%d %d], want [%s %s]", name, d.Name, d.Type, d.Rows, d.Cols, dim(rows), dim(cols))
	}
}

// live wants an absent operand or one word.
func (c *check) live(t Tensor) { c.optional("Live", t, I32, 1, 1) }

// batch wants a batch of at least one sequence.
func (c *check) batch(t Tensor) {
	c.view("Batch", t, I32, -1, BatchWords)
	if c.err == nil && t.Rows < 2 {
		c.failf("Batch has %d rows, want a header and at least one sequence", t.Rows)
	}
}

// apart wants dst to share nothing with src.
func (c *check) apart(name string, dst Tensor, src ...Tensor) {
	for _, s := range src {
		if dst.Overlaps(s) {
			c.failf("%s overlaps an operand that is read", name)
		}
	}
}

// apartOrSame wants dst to share nothing with src, unless they are one view.
func (c *check) apartOrSame(name string, dst Tensor, src ...Tensor) {
	for _, s := range src {
		if dst != s {
			c.apart(name, dst, s)
		}
	}
}

// eps wants a usable epsilon.
func (c *check) eps(name string, e float32) {
	if !(e >= 0 && e < 1) {
		c.failf("%s is %v, want 0 ≤ %s < 1", name, e, name)
	}
}

func (c *check) precision(p Precision) {
	if p > Int8 {
		c.failf("Precision is %v", p)
	}
}

func dim(n int) string {
	if n < 0 {
		return "any"
	}
	return fmt.Sprint(n)
}

// present drops the absent operands.
func present(ts ...Tensor) []Tensor {
	out := ts[:0]
	for _, t := range ts {
		if !t.IsZero() {
			out = append(out, t)
		}
	}
	return out
}
