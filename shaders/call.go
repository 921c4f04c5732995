package shaders

import "encoding/binary"

// Absent is the offset of an operand that is not there.
const Absent = 0xffffffff

// An Operand is what whoever calls a kernel binds to it: a view of a buffer.
// Elements are those of the binding's type.
type Operand interface {
	// Elements returns the elements from the start of the binding to the view's
	// first, Absent where there is no view, and those from row to row.
	Elements() (off, stride uint32)
}

// A Call is a kernel with all that a launch of it takes but for the grid.
type Call[O Operand] struct {
	Name     string
	Kernel   *Kernel // nil where the source has none of that name
	Params   []byte  // the push_constant block
	Settings []Setting
	Operands []O // one for each of the kernel's bindings
}

// A Setting is the value of a specialization constant. That of ID 0 is the
// workgroup's size.
type Setting struct{ ID, Value uint32 }

// A Type is what a kernel reads weights or activations as.
type Type uint8

const (
	NoType    Type = iota
	TypeF32        // float32
	TypeF16        // float16
	TypeBF16       // bfloat16
	TypeBlock      // blocks, of the type that the constant FORMAT says
	TypeI16        // integers of 16 bits and a scale
)

var typeNames = [...]string{
	NoType: "", TypeF32: "f32", TypeF16: "f16", TypeBF16: "bf16", TypeBlock: "block", TypeI16: "i16",
}

func (t Type) String() string { return typeNames[t] }

// Types are those of a kernel's weight, and those that it takes activations as.
type Types struct{ Weight, Activations Type }

// A Family is the kernels of one operation, one for each of some Types, or one
// that has none.
type Family string

// Kernel returns the kernel for types, or nil.
func (f Family) Kernel(t Types) *Kernel { return Lookup(f.name(t)) }

func (f Family) name(t Types) string {
	if t == (Types{}) {
		return string(f)
	}
	return string(f) + "_" + t.Weight.String() + "_" + t.Activations.String()
}

// call makes a Call of a source's kernel, with parameters in the order of the
// block. It sets all constants that the kernel has, but for a workgroup's size of
// 0.
func call[O Operand](
	source string, f Family, t Types, constants interface{ value(name string) uint32 }, operands []O, params ...uint32,
) Call[O] {
	c := Call[O]{Name: f.name(t), Operands: operands}
	for _, p := range params {
		c.Params = binary.LittleEndian.AppendUint32(c.Params, p)
	}
	k := f.Kernel(t)
	if k == nil || k.Source != source {
		return c
	}
	c.Kernel = k
	for _, x := range k.Constants {
		if v := constants.value(x.Name); v != 0 || x.Name != "" {
			c.Settings = append(c.Settings, Setting{uint32(x.ID), v})
		}
	}
	return c
}

// truth is a Go bool as kernels have it.
func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
