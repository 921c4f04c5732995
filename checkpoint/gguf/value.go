package gguf

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A Kind is the type of a value.
type Kind uint32

// The kinds, as they are numbered in a file.
const (
	Uint8 Kind = iota
	Int8
	Uint16
	Int16
	Uint32
	Int32
	Float32
	Bool
	String
	Array
	Uint64
	Int64
	Float64
)

var kinds = [...]struct {
	name string
	size int // 0: as long as it says
}{
	{"uint8", 1}, {"int8", 1}, {"uint16", 2}, {"int16", 2}, {"uint32", 4}, {"int32", 4}, {"float32", 4},
	{"bool", 1}, {"string", 0}, {"array", 0}, {"uint64", 8}, {"int64", 8}, {"float64", 8},
}

func (k Kind) String() string {
	if int(k) >= len(kinds) {
		return fmt.Sprintf("kind %d", uint32(k))
	}
	return kinds[k].name
}

// A Value is what a key stands for. It refers to the file's memory, and is
// decoded when it is asked for.
type Value struct {
	kind  Kind
	elem  Kind // of an array
	count int  // of an array
	raw   []byte
}

// A Key is a name with its value.
type Key struct {
	Name  string
	Value Value
}

// Kind returns the value's kind.
func (v Value) Kind() Kind { return v.kind }

// String describes the value's kind for errors: "an array of 3 string".
func (v Value) String() string {
	if v.kind == Array {
		return fmt.Sprintf("an array of %d %v", v.count, v.elem)
	}
	return v.kind.String()
}

func (v Value) mismatch(want string) error { return fmt.Errorf("is %v: want %s", v, want) }

// Text returns a string.
func (v Value) Text() (string, error) {
	if v.kind != String {
		return "", v.mismatch("a string")
	}
	if len(v.raw) > maxText {
		return "", fmt.Errorf("has %d bytes: want at most %d", len(v.raw), maxText)
	}
	return string(v.raw[8:]), nil
}

// Bool returns a truth value.
func (v Value) Bool() (bool, error) {
	if v.kind != Bool {
		return false, v.mismatch("a bool")
	}
	return v.raw[0] != 0, nil
}

// Int returns a whole number of any width.
func (v Value) Int() (int64, error) {
	n, ok := integer(v.kind, v.raw)
	if !ok {
		return 0, v.mismatch("a whole number below 2⁶³")
	}
	return n, nil
}

func integer(k Kind, b []byte) (int64, bool) {
	switch k {
	case Uint8:
		return int64(b[0]), true
	case Int8:
		return int64(int8(b[0])), true
	case Uint16:
		return int64(binary.LittleEndian.Uint16(b)), true
	case Int16:
		return int64(int16(binary.LittleEndian.Uint16(b))), true
	case Uint32:
		return int64(binary.LittleEndian.Uint32(b)), true
	case Int32:
		return int64(int32(binary.LittleEndian.Uint32(b))), true
	case Uint64, Int64:
		n := int64(binary.LittleEndian.Uint64(b))
		return n, k == Int64 || n >= 0
	}
	return 0, false
}

// Float returns a number with a fraction. A float32 becomes the float64 that
// has the shortest decimal in common with it: 1e-05, not 9.999999747378752e-06.
func (v Value) Float() (float64, error) {
	switch v.kind {
	case Float32:
		return widen(math.Float32frombits(binary.LittleEndian.Uint32(v.raw))), nil
	case Float64:
		return math.Float64frombits(binary.LittleEndian.Uint64(v.raw)), nil
	}
	return 0, v.mismatch("a float32 or float64")
}

// Texts returns an array of strings.
func (v Value) Texts() ([]string, error) {
	if v.kind != Array || v.elem != String {
		return nil, v.mismatch("an array of strings")
	}
	if err := v.tooLong(); err != nil {
		return nil, err
	}
	out := make([]string, 0, v.count)
	for rest := string(v.raw); len(out) < v.count; { // one text for all of them
		n := binary.LittleEndian.Uint64(v.raw[len(v.raw)-len(rest):]) // Parse has walked them
		out = append(out, rest[8:8+n])
		rest = rest[8+n:]
	}
	return out, nil
}

// Limits of what is decoded. A tokenizer.json, the longest text that is put into a key, has 28 MB,
// and the longest list, the merges of 250,000 tokens, 450,000 strings and 8 MB.
const (
	maxText = 32 << 20 // bytes
	maxList = 1 << 19  // elements
	maxRaw  = 12 << 20 // bytes of a list
)

func (v Value) tooLong() error {
	if v.count > maxList || len(v.raw) > maxRaw {
		return fmt.Errorf("is %v, %d bytes: want at most %d, and %d bytes", v, len(v.raw), maxList, maxRaw)
	}
	return nil
}

// Ints returns an array of whole numbers.
func (v Value) Ints() ([]int64, error) {
	if v.kind != Array || v.elem >= Kind(len(kinds)) {
		return nil, v.mismatch("an array of whole numbers")
	}
	if err := v.tooLong(); err != nil {
		return nil, err
	}
	size := kinds[v.elem].size
	out := make([]int64, 0, v.count)
	for i := range v.count {
		n, ok := integer(v.elem, v.raw[i*size:])
		if !ok {
			return nil, v.mismatch("an array of whole numbers")
		}
		out = append(out, n)
	}
	return out, nil
}

// Text makes a string.
func Text(s string) Value {
	return Value{kind: String, raw: appendString(nil, s)}
}

// Word makes a uint32.
func Word(n uint32) Value {
	return Value{kind: Uint32, raw: binary.LittleEndian.AppendUint32(nil, n)}
}

// Integer makes an int32.
func Integer(n int32) Value {
	return Value{kind: Int32, raw: binary.LittleEndian.AppendUint32(nil, uint32(n))}
}

// Single makes a float32.
func Single(x float32) Value {
	return Value{kind: Float32, raw: binary.LittleEndian.AppendUint32(nil, math.Float32bits(x))}
}

// Double makes a float64.
func Double(x float64) Value {
	return Value{kind: Float64, raw: binary.LittleEndian.AppendUint64(nil, math.Float64bits(x))}
}

// Truth makes a bool.
func Truth(b bool) Value {
	v := Value{kind: Bool, raw: []byte{0}}
	if b {
		v.raw[0] = 1
	}
	return v
}

// Texts makes an array of strings.
func Texts(list []string) Value {
	v := Value{kind: Array, elem: String, count: len(list)}
	for _, s := range list {
		v.raw = appendString(v.raw, s)
	}
	return v
}

// Words makes an array of int32.
func Words(list []int32) Value {
	v := Value{kind: Array, elem: Int32, count: len(list)}
	for _, n := range list {
		v.raw = binary.LittleEndian.AppendUint32(v.raw, uint32(n))
	}
	return v
}

func appendString(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}
