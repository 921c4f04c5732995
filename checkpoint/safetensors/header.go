// Package safetensors reads and writes files of named tensors in the format of
// the same name (github.com/huggingface/safetensors): eight bytes of header
// length, little endian, a JSON object of that length, then the tensors'
// bytes, each beginning where the one before ends.
//
// A file is not trusted. What its header says is checked before anything of
// that size is allocated: the length against the file, shapes against
// overflow, every tensor's place against the others'. A header has limits far
// above what models need, so that the worst is read in less than a second and 100 MB.
package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Limits of a header. A model of a thousand layers in 4 bits has some 30,000 tensors, and 130 bytes
// for each. The reference takes 100 MB of text, and any number of tensors.
const (
	MaxHeader   = 8 << 20 // bytes
	maxTensors  = 1 << 16
	maxMetadata = 1 << 12 // entries
	maxNumbers  = 64      // as many dimensions as PyTorch's tensors may have
)

// A Tensor is one entry of a header.
type Tensor struct {
	Name   string
	DType  string // "F32", "F16", "BF16", "I64", "U8" …
	Shape  []int  // empty for a single number
	Offset int64  // of its first byte in the file
	Size   int64  // in bytes
}

// A Header is what a file says of itself.
type Header struct {
	Tensors  []Tensor // in the order of their data
	Metadata map[string]string
}

// bits is the size of one element.
var bits = map[string]int64{
	"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
	"BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
	"U16": 16, "I16": 16, "F16": 16, "BF16": 16,
	"U32": 32, "I32": 32, "F32": 32,
	"U64": 64, "I64": 64, "F64": 64, "C64": 64,
}

// byteSize returns the bytes that a dense tensor takes.
func byteSize(dtype string, shape []int) (int64, error) {
	n, ok := bits[dtype]
	if !ok {
		return 0, fmt.Errorf("dtype %s is not known", quote(dtype))
	}
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if d != 0 && n > math.MaxInt64/int64(d) {
			return 0, fmt.Errorf("shape %v overflows", shape)
		}
		n *= int64(d)
	}
	if n%8 != 0 {
		return 0, fmt.Errorf("shape %v of %s is no whole number of bytes", shape, dtype)
	}
	return n / 8, nil
}

// ReadHeader reads and checks the header of the file r of size bytes.
func ReadHeader(r io.ReaderAt, size int64) (*Header, error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, fmt.Errorf("%d bytes are too few for a safetensors file: it is truncated", size)
	}
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return nil, fmt.Errorf("reading the header's length: %w", noEOF(err))
	}
	if string(prefix[:]) == "version " {
		return nil, errors.New("is a Git LFS pointer, not the file itself: fetch it with git lfs pull")
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	switch rest := size - int64(len(prefix)); {
	case n > MaxHeader:
		return nil, fmt.Errorf("header length %d is above the limit of %d bytes: not a safetensors file, "+
			"or one of more tensors than any model has", n, MaxHeader)
	case int64(n) > rest:
		return nil, fmt.Errorf("header length %d is more than the %d bytes that follow: the file is truncated, "+
			"or not safetensors", n, rest)
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, int64(len(prefix))); err != nil {
		return nil, fmt.Errorf("reading a header of %d bytes: %w", n, noEOF(err))
	}
	h, err := parseHeader(text)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	start := int64(len(prefix)) + int64(n)
	return h, h.place(start, size-start)
}

// noEOF makes the end of the file an error that says what it is.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// parseHeader reads the JSON. Offsets are from the data's start, as in the
// file, until place.
func parseHeader(text []byte) (*Header, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("broken JSON: %w", noEOF(err))
	} else if t != json.Delim('{') {
		return nil, fmt.Errorf("begins with %v, not with an object", t)
	}
	h := &Header{}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("broken JSON at byte %d: %w", dec.InputOffset(), noEOF(err))
		}
		name, _ := t.(string) // keys of an object are strings, or Token fails
		if seen[name] {
			return nil, fmt.Errorf("%s is there twice", quote(name))
		}
		seen[name] = true
		if name == "__metadata__" {
			if h.Metadata, err = parseMetadata(dec); err != nil {
				return nil, fmt.Errorf("__metadata__: %w", noEOF(err))
			}
			continue
		}
		if len(h.Tensors) == maxTensors {
			return nil, fmt.Errorf("more than %d tensors: no model has so many", maxTensors)
		}
		var e struct {
			DType   string          `json:"dtype"`
			Shape   numbers[int]    `json:"shape"`
			Offsets numbers[uint64] `json:"data_offsets"`
		}
		if err := dec.Decode(&e); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", quote(name), noEOF(err))
		}
		if len(e.Offsets) != 2 || e.Offsets[0] > e.Offsets[1] || e.Offsets[1] > math.MaxInt64 {
			return nil, fmt.Errorf("tensor %s: data_offsets %v are no range", quote(name), e.Offsets)
		}
		if e.Shape == nil {
			return nil, fmt.Errorf("tensor %s: has no shape", quote(name))
		}
		h.Tensors = append(h.Tensors, Tensor{Name: name, DType: e.DType, Shape: e.Shape,
			Offset: int64(e.Offsets[0]), Size: int64(e.Offsets[1] - e.Offsets[0])})
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("broken JSON at byte %d: %w", dec.InputOffset(), noEOF(err))
	}
	// Writers pad with spaces so that the data is aligned.
	if rest := bytes.TrimRight(text[dec.InputOffset():], " \t\r\n\x00"); len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes follow the object", len(rest))
	}
	return h, nil
}

// parseMetadata reads an object of strings.
func parseMetadata(dec *json.Decoder) (map[string]string, error) {
	if t, err := dec.Token(); err != nil || t == nil {
		return nil, err // null is as good as none
	} else if t != json.Delim('{') {
		return nil, errors.New("is not an object of strings")
	}
	m := map[string]string{}
	for dec.More() {
		if len(m) == maxMetadata {
			return nil, fmt.Errorf("has more than %d entries: want at most that", maxMetadata)
		}
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		value, err := dec.Token()
		if err != nil {
			return nil, err
		}
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("%s is not a string", quote(key.(string))) // keys are, or Token fails
		}
		m[key.(string)] = text
	}
	_, err := dec.Token()
	return m, err
}

// numbers is a list that a file may not make of any length.
type numbers[T int | uint64] []T

func (n *numbers[T]) UnmarshalJSON(b []byte) error {
	const most = 32 * maxNumbers // bytes
	if found := bytes.Count(b, []byte(",")) + 1; found > maxNumbers {
		return fmt.Errorf("%d numbers where at most %d can be", found, maxNumbers)
	} else if len(b) > most {
		return fmt.Errorf("%d bytes where at most %d numbers can be", len(b), maxNumbers)
	}
	return json.Unmarshal(b, (*[]T)(n))
}

// place checks that the tensors fill the data's room bytes without holes or
// overlaps, and makes their offsets those in the file.
func (h *Header) place(start, room int64) error {
	slices.SortFunc(h.Tensors, func(a, b Tensor) int {
		if a.Offset != b.Offset {
			return cmp.Compare(a.Offset, b.Offset)
		}
		if a.Size != b.Size {
			return cmp.Compare(a.Size, b.Size)
		}
		return strings.Compare(a.Name, b.Name)
	})
	end, last := int64(0), ""
	for i := range h.Tensors {
		t := &h.Tensors[i]
		size, err := byteSize(t.DType, t.Shape)
		switch {
		case err != nil:
			return fmt.Errorf("tensor %s: %w", quote(t.Name), err)
		case size != t.Size:
			return fmt.Errorf("tensor %s: %s %v takes %d bytes, its data_offsets say %d",
				quote(t.Name), t.DType, t.Shape, size, t.Size)
		case t.Offset < end:
			return fmt.Errorf("tensors %s and %s overlap", quote(last), quote(t.Name))
		case t.Offset > end:
			return fmt.Errorf("%d bytes before tensor %s belong to none", t.Offset-end, quote(t.Name))
		case t.Offset+t.Size > room:
			return fmt.Errorf("tensor %s ends %d bytes beyond the file: the file is truncated",
				quote(t.Name), t.Offset+t.Size-room)
		}
		end, last = t.Offset+t.Size, t.Name
		t.Offset += start
	}
	if end != room {
		return fmt.Errorf("%d bytes after the last tensor belong to none", room-end)
	}
	return nil
}

// quote is a name that a file gave, fit for one line of an error.
func quote(name string) string {
	const most = 100
	if len(name) > most {
		name = name[:most] + "…"
	}
	return fmt.Sprintf("%q", name)
}
