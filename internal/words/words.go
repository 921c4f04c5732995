// Package words shows 32-bit numbers as the bytes that devices and files take.
package words

import "unsafe"

// Bytes is the memory of w, 4 bytes a word, not a copy. Every platform that Go
// has a GPU driver for is little endian, like the devices and the file formats.
func Bytes[T int32 | uint32 | float32](w []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), 4*len(w))
}

// Floats is the memory of b as float32, len(b)/4 of them, not a copy. b begins at
// a multiple of 4 bytes.
func Floats(b []byte) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}
