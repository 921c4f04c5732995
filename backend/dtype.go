package backend

import "fmt"

// A DType is the type of a tensor's or a weight's elements. Types that store
// several elements together (block-quantised weights) have a Block above 1.
type DType uint8

// The element types. The zero value is no type, so that a forgotten field is
// noticed.
const (
	F32  DType = iota + 1 // IEEE 754 binary32
	F16                   // IEEE 754 binary16
	BF16                  // the upper half of a binary32
	I32                   // two's complement, little endian
)

var dtypes = [...]struct {
	name  string
	block int // elements stored together
	size  int // bytes of a block
}{
	F32:  {"f32", 1, 4},
	F16:  {"f16", 1, 2},
	BF16: {"bf16", 1, 2},
	I32:  {"i32", 1, 4},
}

// Valid reports whether t is one of the types above.
func (t DType) Valid() bool { return t > 0 && int(t) < len(dtypes) }

// String returns the name by which flags, files and kernels call t.
func (t DType) String() string {
	if !t.Valid() {
		return fmt.Sprintf("dtype(%d)", uint8(t))
	}
	return dtypes[t].name
}

// Block returns how many elements are stored together: 1 but for
// block-quantised types.
func (t DType) Block() int {
	if !t.Valid() {
		return 1
	}
	return dtypes[t].block
}

// Size returns the bytes of one block.
func (t DType) Size() int {
	if !t.Valid() {
		return 0
	}
	return dtypes[t].size
}

// RowBytes returns the bytes of a dense row of cols elements; cols must be a
// multiple of Block.
func (t DType) RowBytes(cols int) int64 {
	return int64(cols/t.Block()) * int64(t.Size())
}

// ParseDType returns the type called name.
func ParseDType(name string) (DType, error) {
	for t := F32; t.Valid(); t++ {
		if dtypes[t].name == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("unknown element type %q: want one of f32, f16, bf16", name)
}
