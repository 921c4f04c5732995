package gguf

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"falconmamba/backend"
	"falconmamba/internal/mmap"
)

// A Tensor is one entry of the tensor table.
type Tensor struct {
	Name   string
	Type   backend.DType
	Shape  []int // slowest dimension first, as elsewhere: the file has them reversed
	Offset int64 // of its first byte in the file
	Size   int64 // in bytes
}

// A File is an open file whose tensors are slices of memory.
type File struct {
	Version int
	Keys    []Key    // in the order of the file
	Tensors []Tensor // in the order of the table

	data    []byte
	keys    map[string]int
	tensors map[string]int
	m       *mmap.Map // nil for Parse
}

// types maps ggml's numbers to the types that are read.
var types = map[uint32]backend.DType{
	0: backend.F32, 1: backend.F16, 30: backend.BF16, 26: backend.I32,
	2: backend.Q4_0, 3: backend.Q4_1, 6: backend.Q5_0, 7: backend.Q5_1, 8: backend.Q8_0,
	10: backend.Q2_K, 11: backend.Q3_K, 12: backend.Q4_K, 13: backend.Q5_K, 14: backend.Q6_K,
	20: backend.IQ4_NL, 23: backend.IQ4_XS,
}

// unsupported names the types that are not read (enum ggml_type of ggml.h).
var unsupported = map[uint32]string{
	4: "q4_2", 5: "q4_3", 9: "q8_1", 15: "q8_K", 16: "iq2_xxs", 17: "iq2_xs", 18: "iq3_xxs", 19: "iq1_s",
	21: "iq3_s", 22: "iq2_s", 24: "i8", 25: "i16", 27: "i64", 28: "f64", 29: "iq1_m",
	31: "q4_0_4_4", 32: "q4_0_4_8", 33: "q4_0_8_8", 34: "tq1_0", 35: "tq2_0",
	36: "iq4_nl_4_4", 37: "iq4_nl_4_8", 38: "iq4_nl_8_8", 39: "mxfp4", 40: "nvfp4", 41: "q1_0", 42: "q2_0",
}

// number is the inverse of types.
func number(t backend.DType) (uint32, bool) {
	for n, u := range types {
		if u == t {
			return n, true
		}
	}
	return 0, false
}

// Open maps the file at path and checks it.
func Open(path string) (*File, error) { return open(path, mmap.Open) }

// Read is Open that copies the file into memory.
func Read(path string) (*File, error) { return open(path, mmap.Read) }

func open(path string, take func(path string) (*mmap.Map, error)) (*File, error) {
	m, err := take(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(m.Bytes())
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.m = m
	return f, nil
}

// Magic is what a file begins with.
const Magic = "GGUF"

// Parse takes a file that is in memory. data is used in place.
func Parse(data []byte) (*File, error) {
	return parse(&reader{data: data, size: int64(len(data))})
}

// ErrHead says that the header goes on behind what there is of it.
var ErrHead = errors.New("the header goes on")

// ParseHead takes the beginning of a file of size bytes: keys and entries of tensors, which have no bytes. It returns
// ErrHead where more of it is wanted.
func ParseHead(head []byte, size int64) (*File, error) {
	r := &reader{data: head, size: size}
	f, err := parse(r)
	if int64(len(head)) < size && (r.short || len(head) < leastFile) {
		return nil, ErrHead
	}
	return f, err
}

// leastFile is how many bytes a file has with neither keys nor tensors.
const leastFile = 24

func parse(r *reader) (*File, error) {
	data := r.data
	if len(data) < leastFile {
		return nil, fmt.Errorf("%d bytes are too few for a GGUF file: it is truncated", len(data))
	}
	if magic := string(r.take(4)); magic != Magic {
		return nil, fmt.Errorf("begins with %q, not with %s: no GGUF file", magic, Magic)
	}
	version := r.uint32()
	switch {
	case version == 2 || version == 3:
	case version != 0 && version&0xffff == 0:
		return nil, fmt.Errorf("is a big-endian file (version %d): convert it again for little-endian machines",
			bits.ReverseBytes32(version))
	case version == 1:
		return nil, errors.New("is of GGUF version 1, of 2023: want 2 or 3, convert it again")
	default:
		return nil, fmt.Errorf("is of GGUF version %d: want 2 or 3", version)
	}
	tensors, keys := r.uint64(), r.uint64()
	f := &File{Version: int(version), data: data, keys: map[string]int{}, tensors: map[string]int{}}
	// A key is at least an empty name, a kind and a byte; a tensor at least an
	// empty name, two counts, a dimension and an offset.
	if most := r.follow() / 13; keys > uint64(most) {
		return nil, fmt.Errorf("%d keys do not fit the %d bytes that follow: the file is truncated or damaged",
			keys, r.follow())
	}
	if most := r.follow() / 32; tensors > uint64(most) {
		return nil, fmt.Errorf("%d tensors do not fit the %d bytes that follow: the file is truncated or damaged",
			tensors, r.follow())
	}
	if keys > maxKeys || tensors > maxTensors {
		return nil, fmt.Errorf("%d keys and %d tensors: no model has more than %d and %d; the file is damaged",
			keys, tensors, maxKeys, maxTensors)
	}
	for i := range keys {
		k, err := r.key()
		if err != nil {
			return nil, fmt.Errorf("key %d of %d: %w", i+1, keys, err)
		}
		if _, dup := f.keys[k.Name]; dup {
			return nil, fmt.Errorf("key %s is there twice", quote(k.Name))
		}
		f.keys[k.Name] = len(f.Keys)
		f.Keys = append(f.Keys, k)
	}
	for i := range tensors {
		t, err := r.tensor()
		if err != nil {
			return nil, fmt.Errorf("tensor %d of %d: %w", i+1, tensors, err)
		}
		if _, dup := f.tensors[t.Name]; dup {
			return nil, fmt.Errorf("tensor %s is there twice", quote(t.Name))
		}
		f.tensors[t.Name] = len(f.Tensors)
		f.Tensors = append(f.Tensors, t)
	}
	alignment, err := f.alignment()
	if err != nil {
		return nil, err
	}
	return f, f.place(int64(r.at), r.size, alignment)
}

// defaultAlignment is the alignment in files without general.alignment, in bytes.
const defaultAlignment = 32

func (f *File) alignment() (int64, error) {
	v, ok := f.Key("general.alignment")
	if !ok {
		return defaultAlignment, nil
	}
	n, err := v.Int()
	if err != nil {
		return 0, fmt.Errorf("general.alignment %w", err)
	}
	if n < 1 || n > 1<<20 || n&(n-1) != 0 {
		return 0, fmt.Errorf("general.alignment is %d: want a power of two up to %d", n, 1<<20)
	}
	return n, nil
}

// place makes the tensors' offsets those in the file, and checks that they lie
// in it, aligned, without overlaps. Holes are allowed.
func (f *File) place(header, size, alignment int64) error {
	start := (header + alignment - 1) / alignment * alignment
	room := size - start
	order := make([]int, len(f.Tensors))
	for i := range order {
		order[i] = i
		t := &f.Tensors[i]
		switch {
		case t.Offset%alignment != 0:
			return fmt.Errorf("tensor %s begins at byte %d of the data, not a multiple of %d",
				quote(t.Name), t.Offset, alignment)
		case t.Offset > room || t.Size > room-t.Offset:
			return fmt.Errorf("tensor %s ends beyond the file's %d bytes: the file is truncated",
				quote(t.Name), size)
		}
		t.Offset += start
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(f.Tensors[a].Offset, f.Tensors[b].Offset) })
	for i := 1; i < len(order); i++ {
		if a, b := f.Tensors[order[i-1]], f.Tensors[order[i]]; a.Offset+a.Size > b.Offset {
			return fmt.Errorf("tensors %s and %s overlap", quote(a.Name), quote(b.Name))
		}
	}
	return nil
}

// A reader walks the header. Its methods return zeros past the end, and set
// short.
type reader struct {
	data  []byte // of the file, or the beginning of it
	size  int64  // of the file
	at    int
	names int // bytes of names so far
	short bool
}

// left is how many bytes are left to read, follow how many the file has.
func (r *reader) left() int     { return len(r.data) - r.at }
func (r *reader) follow() int64 { return r.size - int64(r.at) }

var errShort = errors.New("the file ends within it: it is truncated")

func (r *reader) take(n int) []byte {
	if n > r.left() {
		r.at, r.short = len(r.data), true
		return nil
	}
	b := r.data[r.at : r.at+n : r.at+n]
	r.at += n
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Limits of a header, far above what models need: those of llama.cpp have some 60 keys, and 4,096 layers
// have 45,000 tensors.
const (
	maxKeys    = 1 << 14
	maxTensors = 1 << 16
	maxName    = 1<<16 - 1 // bytes: the format's limit for keys
	maxNames   = 8 << 20   // bytes, of all keys and tensors together
)

func (r *reader) name() (string, error) {
	n := r.uint64()
	if n > maxName {
		return "", fmt.Errorf("has a name of %d bytes: the limit is %d; the file is damaged", n, maxName)
	}
	if r.names += int(n); r.names > maxNames {
		return "", fmt.Errorf("has a name of %d bytes: together the names have more than %d; the file is damaged",
			n, maxNames)
	}
	b := r.take(int(n))
	if r.short {
		return "", errShort
	}
	return string(b), nil
}

func (r *reader) key() (Key, error) {
	name, err := r.name()
	if err != nil {
		return Key{}, err
	}
	v := Value{kind: Kind(r.uint32())}
	if v.kind == Array {
		err = r.array(&v)
	} else {
		v.raw, err = r.scalar(v.kind)
	}
	if err == nil && r.short {
		err = errShort
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", quote(name), err)
	}
	return Key{name, v}, err
}

// scalar takes the bytes of a value that is no array.
func (r *reader) scalar(k Kind) ([]byte, error) {
	if k == String {
		start := r.at
		n := r.uint64()
		if n > uint64(r.follow()) {
			return nil, errShort
		}
		r.take(int(n))
		return r.data[start:r.at:r.at], nil
	}
	if int(k) >= len(kinds) || kinds[k].size == 0 {
		return nil, fmt.Errorf("has a value of unknown %v", k)
	}
	return r.take(kinds[k].size), nil
}

func (r *reader) array(v *Value) error {
	v.elem = Kind(r.uint32())
	count := r.uint64()
	if v.elem != String && (int(v.elem) >= len(kinds) || kinds[v.elem].size == 0) {
		return fmt.Errorf("has an array of %v, which is not supported", v.elem)
	}
	least := 8
	if v.elem != String {
		least = kinds[v.elem].size
	}
	if count > uint64(r.follow())/uint64(least) {
		return fmt.Errorf("has an array of %d %v, more than the file holds: it is truncated or damaged", count, v.elem)
	}
	v.count = int(count)
	if v.elem != String {
		v.raw = r.take(v.count * least)
		return nil
	}
	start := r.at
	for range v.count {
		if _, err := r.scalar(String); err != nil || r.short {
			return errShort
		}
	}
	v.raw = r.data[start:r.at:r.at]
	return nil
}

// maxDims is ggml's GGML_MAX_DIMS.
const maxDims = 4

func (r *reader) tensor() (t Tensor, err error) {
	if t.Name, err = r.name(); err != nil {
		return t, err
	}
	fail := func(format string, args ...any) (Tensor, error) {
		return t, fmt.Errorf("%s %s", quote(t.Name), fmt.Sprintf(format, args...))
	}
	dims := r.uint32()
	if dims > maxDims || dims == 0 && !r.short {
		return fail("has %d dimensions: want 1 to %d", dims, maxDims)
	}
	t.Shape = make([]int, dims)
	elements := uint64(1)
	for i := range t.Shape {
		d := r.uint64()
		if r.short {
			return fail("is cut off: the file is truncated")
		}
		hi, lo := bits.Mul64(elements, d)
		// Eight bytes an element are more than any type's.
		if d == 0 || hi != 0 || lo > math.MaxInt/8 {
			return fail("has a dimension of %d: it is empty or too large", d)
		}
		elements = lo
		t.Shape[len(t.Shape)-1-i] = int(d)
	}
	id, offset := r.uint32(), r.uint64()
	if r.short {
		return fail("is cut off: the file is truncated")
	}
	var ok bool
	if t.Type, ok = types[id]; !ok {
		name := unsupported[id]
		if name == "" {
			name = fmt.Sprintf("type %d", id)
		}
		return fail("is stored as %s, which is not supported: want f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, "+
			"q2_K to q6_K, iq4_nl or iq4_xs", name)
	}
	row := t.Shape[len(t.Shape)-1]
	if row%t.Type.Block() != 0 {
		return fail("has rows of %d elements: %v comes in blocks of %d", row, t.Type, t.Type.Block())
	}
	t.Size = t.Type.RowBytes(int(elements))
	if offset > math.MaxInt64/2 {
		return fail("begins at byte %d: the file is damaged", offset)
	}
	t.Offset = int64(offset)
	return t, nil
}

// quote is a name that a file gave, fit for one line of an error.
func quote(name string) string {
	const most = 100
	if len(name) > most {
		name = name[:most] + "…"
	}
	return strconv.Quote(name)
}

// widen returns the float64 nearest to x's shortest decimal.
func widen(x float32) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64) // what FormatFloat wrote
	return y
}

// Key returns the value of a key.
func (f *File) Key(name string) (Value, bool) {
	i, ok := f.keys[name]
	if !ok {
		return Value{}, false
	}
	return f.Keys[i].Value, true
}

// Lookup returns the entry of a tensor.
func (f *File) Lookup(name string) (Tensor, bool) {
	i, ok := f.tensors[name]
	if !ok {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Bytes returns a tensor's data, in place, valid until Close. t is one of the
// file's entries.
func (f *File) Bytes(t Tensor) []byte { return f.data[t.Offset : t.Offset+t.Size : t.Offset+t.Size] }

// Data is the whole file, valid until Close.
func (f *File) Data() []byte { return f.data }

// Drop says that a tensor will not be needed soon: its pages leave memory and
// come back from the file when they are touched.
func (f *File) Drop(t Tensor) {
	if f.m != nil {
		f.m.Drop(t.Offset, t.Size)
	}
}

// Close unmaps the file: tensors and values must not be used again. It is
// idempotent.
func (f *File) Close() error {
	f.data, f.Keys, f.Tensors, f.keys, f.tensors = nil, nil, nil, nil, nil
	if f.m == nil {
		return nil
	}
	return f.m.Close()
}
