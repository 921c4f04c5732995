package backend

import (
	"fmt"
	"strings"
)

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

// The block types, for weights only. Blocks follow one another along a row and
// never straddle two. The bytes of a block are those of ggml (ggml-common.h,
// and so of GGUF), scales in binary16; package quant has the arithmetic.
const (
	Q8_0   DType = iota + I32 + 1 // 32 × 8 bits, scale
	Q4_0                          // 32 × 4 bits, scale
	Q4_1                          // 32 × 4 bits, scale and minimum
	Q5_0                          // 32 × 5 bits, scale
	Q5_1                          // 32 × 5 bits, scale and minimum
	Q2_K                          // 256 × 2 bits, 4-bit scales and minima for 16
	Q3_K                          // 256 × 3 bits, 6-bit scales for 16
	Q4_K                          // 256 × 4 bits, 6-bit scales and minima for 32
	Q5_K                          // 256 × 5 bits, 6-bit scales and minima for 32
	Q6_K                          // 256 × 6 bits, 8-bit scales for 16
	IQ4_NL                        // 32 × 4 bits that index a fixed codebook, scale
	IQ4_XS                        // 256 of the same, 6-bit scales for 32

	// The 4-bit types of bitsandbytes: 64 codes, the first of two in the high
	// nibble. Scales and codebook are apart, in WeightDesc.Aux: Aux[0] is a
	// float32 for each block, row after row; Aux[1] the float32 values of the 16
	// codes. An element is Aux[1][code]·Aux[0][block], rounded to float32.
	NF4
	FP4
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

	Q8_0: {"q8_0", 32, 34}, Q4_0: {"q4_0", 32, 18}, Q4_1: {"q4_1", 32, 20},
	Q5_0: {"q5_0", 32, 22}, Q5_1: {"q5_1", 32, 24},
	Q2_K: {"q2_K", 256, 84}, Q3_K: {"q3_K", 256, 110}, Q4_K: {"q4_K", 256, 144},
	Q5_K: {"q5_K", 256, 176}, Q6_K: {"q6_K", 256, 210},
	IQ4_NL: {"iq4_nl", 32, 18}, IQ4_XS: {"iq4_xs", 256, 136},
	NF4: {"nf4", 64, 32}, FP4: {"fp4", 64, 32},
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

// ParseDType returns the type called name, whatever the case of its letters.
func ParseDType(name string) (DType, error) {
	for t := F32; t.Valid(); t++ {
		if strings.EqualFold(dtypes[t].name, name) {
			return t, nil
		}
	}
	names := make([]string, 0, len(dtypes))
	for t := F32; t.Valid(); t++ {
		if t != I32 {
			names = append(names, dtypes[t].name)
		}
	}
	return 0, fmt.Errorf("unknown element type %q: want one of %s", name, strings.Join(names, ", "))
}
