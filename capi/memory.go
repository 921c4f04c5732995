package main

// #include "cgo.h"
import "C"

import (
	"unicode/utf8"
	"unsafe"
)

// text returns the text that C passed as an argument called name; "" for NULL.
func text(name string, s *C.fm_utf8) (string, error) {
	if s == nil {
		return "", nil
	}
	t := C.GoString((*C.char)(s))
	if !utf8.ValidString(t) {
		at := 0
		for at < len(t) {
			r, n := utf8.DecodeRuneInString(t[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return "", invalid("%s is not UTF-8 at byte %d", name, at)
	}
	return t, nil
}

// want is text for what must be there.
func want(name string, s *C.fm_utf8) (string, error) {
	if s == nil {
		return "", invalid("%s is NULL", name)
	}
	return text(name, s)
}

// array returns a copy of what C passed as an array called name.
func array[T, U any](name string, p *U, count C.size_t) ([]T, error) {
	if p == nil && count > 0 {
		return nil, invalid("%s is NULL, and there are %d", name, count)
	}
	if count > 1<<30 {
		return nil, invalid("%s has %d elements: want at most %d", name, count, 1<<30)
	}
	return append([]T(nil), unsafe.Slice((*T)(unsafe.Pointer(p)), int(count))...), nil
}

// tokens returns the ids that C passed.
func tokens(name string, ids *C.fm_ids, count C.size_t) ([]int32, error) {
	return array[int32](name, (*C.int32_t)(ids), count)
}

// zero empties an out parameter, which so stays where the call fails.
func zero[T any](out *T) {
	if out != nil {
		*out = *new(T)
	}
}

// give stores a copy of v, which C frees, at *out, and how long it is at *count.
func give[T, U any](out **U, count *C.size_t, v []T) {
	var b block
	p := put(&b, v)
	b.make()
	*out, *count = (*U)(b.at(p)), C.size_t(len(v))
}

// giveText stores a copy of s, which C frees, at *out.
func giveText(out **C.char, s string) {
	var b block
	p := b.text(s)
	b.make()
	*out = (*C.char)(b.at(p))
}

// A block is memory that C frees in one go: values one behind the other, of which some point to others. They are
// put first, as bytes, then the memory is made, then the pointers are set.
type block struct {
	data []byte
	base unsafe.Pointer
}

// An offset is where in its block a value is.
type offset int

const align = 8

// put adds a copy of v.
func put[T any](b *block, v []T) offset {
	for len(b.data)%align != 0 {
		b.data = append(b.data, 0)
	}
	at := offset(len(b.data))
	size := len(v) * int(unsafe.Sizeof(*new(T)))
	if size == 0 {
		b.data = append(b.data, make([]byte, align)...) // so that it is a place of its own
		return at
	}
	b.data = append(b.data, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), size)...)
	return at
}

// text adds a copy of s and a 0.
func (b *block) text(s string) offset { return put(b, append([]byte(s), 0)) }

// make makes the memory.
func (b *block) make() {
	b.base = C.malloc(C.size_t(len(b.data)))
	copy(unsafe.Slice((*byte)(b.base), len(b.data)), b.data)
}

// at returns where a value is.
func (b *block) at(o offset) unsafe.Pointer { return unsafe.Add(b.base, o) }

// str returns where a text is.
func (b *block) str(o offset) *C.char { return (*C.char)(b.at(o)) }

// options returns a copy of a struct that C filled, whose fields behind those that its program knows are 0, or an error
// if fields that are set are not known here. Its pointers are C's: it lies in C's memory, and done frees it.
func options[T, U any](name string, p *U) (o *T, done func(), err error) {
	const header = 4
	known := int(unsafe.Sizeof(*new(T)))
	o = (*T)(C.calloc(1, C.size_t(known)))
	done = func() { C.free(unsafe.Pointer(o)) }
	if p == nil {
		return o, done, nil
	}
	size := int(*(*uint32)(unsafe.Pointer(p)))
	switch {
	case size < header:
		done()
		return nil, nil, invalid("%s has struct_size %d: set it to sizeof the struct", name, size)
	case size > 1<<16:
		done()
		return nil, nil, invalid("%s has struct_size %d: set it to sizeof the struct, which is %d", name, size, known)
	}
	given := unsafe.Slice((*byte)(unsafe.Pointer(p)), size)
	for i := known; i < size; i++ {
		if given[i] != 0 {
			done()
			return nil, nil, unsupportedError(name + " has fields that this version of the library does not know: " +
				"leave them 0, or take a later version")
		}
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(o)), known), given)
	return o, done, nil
}
