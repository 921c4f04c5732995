package backend

import "fmt"

// A Checker gathers the first fault of an operation's operands, for the Check
// method of an operation, here or in another package. Every method wants
// something of an operand and does nothing once there is a fault. The name that
// it takes is that of the operation's field, for the error: "add: B is f32 [3 5],
// want f32 [3 7]".
//
// A Check wants, in this order: the view of what is written, whose shape the
// others follow from; the views, weights and parameters that are read; and that
// nothing is written over what is read (Apart, ApartOrSame). An operation that
// passes must be one that every backend can run without a look at its operands.
type Checker struct {
	kind Kind
	err  error
}

// NewChecker returns a Checker that has found nothing yet.
func NewChecker(k Kind) *Checker { return &Checker{kind: k} }

// Err returns the first fault, which begins with the operation's kind.
func (c *Checker) Err() error { return c.err }

// Failf records a fault that the other methods do not know. The format begins
// with the field's name; arguments may be wrapped with %w.
func (c *Checker) Failf(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s: "+format, append([]any{c.kind}, args...)...)
	}
}

// View wants t to be there, to lie in its buffer, and to be of type typ with the
// given rows and columns; a negative number takes any.
func (c *Checker) View(name string, t Tensor, typ DType, rows, cols int) {
	if err := t.Check(); err != nil {
		c.Failf("%s %w", name, err)
		return
	}
	if t.Type != typ || rows >= 0 && t.Rows != rows || cols >= 0 && t.Cols != cols {
		c.Failf("%s is %s, want %s [%s %s]", name, t, typ, dim(rows), dim(cols))
	}
}

// Optional is View for an operand that may be absent.
func (c *Checker) Optional(name string, t Tensor, typ DType, rows, cols int) {
	if !t.IsZero() {
		c.View(name, t, typ, rows, cols)
	}
}

// Weight wants w to be there with rows output and cols input channels; a negative
// number takes any. Its type is the backend's to support.
func (c *Checker) Weight(name string, w Weight, rows, cols int) {
	if w == nil {
		c.Failf("%s is missing", name)
		return
	}
	if d := w.Desc(); rows >= 0 && d.Rows != rows || cols >= 0 && d.Cols != cols {
		c.Failf("%s %q is %s [%d %d], want [%s %s]", name, d.Name, d.Type, d.Rows, d.Cols, dim(rows), dim(cols))
	}
}

// Live wants an absent operand or one int32 word, such as BatchWord's.
func (c *Checker) Live(t Tensor) { c.Optional("Live", t, I32, 1, 1) }

// Batch wants a header and the record of at least one sequence, of BatchWords
// int32 each. What they say is data.
func (c *Checker) Batch(t Tensor) {
	c.View("Batch", t, I32, -1, BatchWords)
	if c.err == nil && t.Rows < 2 {
		c.Failf("Batch has %d rows, want a header and at least one sequence", t.Rows)
	}
}

// State wants states of a type that they may have, with the given columns and any
// rows. Rows of 16-bit states are whole words, the last one too.
func (c *Checker) State(name string, t Tensor, cols int) {
	if c.err == nil && t.Buf != nil && !IsStateType(t.Type) {
		c.Failf("%s is %s, want f32, f16 or bf16 [any %s]", name, t, dim(cols))
	}
	c.View(name, t, t.Type, -1, cols)
	if c.err != nil || t.Type == F32 {
		return
	}
	if t.Off%4 != 0 || t.Stride%2 != 0 {
		c.Failf("%s of %s begins at byte %d, at stride %d: want whole 32-bit words", name, t.Type, t.Off, t.Stride)
	} else if w := StateWords(t); w.Check() != nil {
		c.Failf("%s of %s ends within a 32-bit word of its buffer", name, t.Type)
	}
}

// Apart wants dst, the operand name, to share nothing with src. Absent operands
// share nothing.
func (c *Checker) Apart(name string, dst Tensor, src ...Tensor) {
	for _, s := range src {
		if dst.Overlaps(s) {
			c.Failf("%s overlaps an operand that is read", name)
		}
	}
}

// ApartOrSame wants dst to share nothing with src, unless they are one view.
func (c *Checker) ApartOrSame(name string, dst Tensor, src ...Tensor) {
	for _, s := range src {
		if dst != s {
			c.Apart(name, dst, s)
		}
	}
}

// Eps wants an epsilon of a norm: 0 ≤ e < 1.
func (c *Checker) Eps(name string, e float32) {
	if !(e >= 0 && e < 1) {
		c.Failf("%s is %v, want 0 ≤ %s < 1", name, e, name)
	}
}

// Precision wants one of the constants.
func (c *Checker) Precision(p Precision) {
	if p > Int8 {
		c.Failf("Precision is %v", p)
	}
}

func dim(n int) string {
	if n < 0 {
		return "any"
	}
	return fmt.Sprint(n)
}

// Present drops the absent operands from ts, which it reuses: for Operands.
func Present(ts ...Tensor) []Tensor {
	out := ts[:0]
	for _, t := range ts {
		if !t.IsZero() {
			out = append(out, t)
		}
	}
	return out
}
