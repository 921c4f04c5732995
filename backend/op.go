package backend

import "fmt"

// An Op is one operation: a plain struct of operands and parameters.
type Op interface {
	// Kind names the operation, as profiles and the support matrix do.
	Kind() Kind
	// Check reports the first operand or parameter that does not fit.
	Check() error
	// Operands returns the views that the operation reads and writes, from which
	// the order between operations follows, and its weights, which nothing writes.
	// What is read and written is in both lists, what is absent in neither. What
	// the operation makes comes first of what it writes.
	Operands() (reads, writes []Tensor, weights []Weight)
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
