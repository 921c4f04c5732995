package gguf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"falconmamba/backend"
)

// raw builds files byte by byte, so that they can be wrong.
type raw []byte

func (b raw) u32(n uint32) raw    { return binary.LittleEndian.AppendUint32(b, n) }
func (b raw) u64(n uint64) raw    { return binary.LittleEndian.AppendUint64(b, n) }
func (b raw) str(s string) raw    { return append(b.u64(uint64(len(s))), s...) }
func (b raw) bytes(p ...byte) raw { return append(b, p...) }

func (b raw) tensor(name string, typ uint32, offset uint64, dims ...uint64) raw {
	b = b.str(name).u32(uint32(len(dims)))
	for _, d := range dims {
		b = b.u64(d)
	}
	return b.u32(typ).u64(offset)
}

// data pads the header and appends n bytes.
func (b raw) data(n int) raw {
	for len(b)%32 != 0 {
		b = append(b, 0)
	}
	for i := range n {
		b = append(b, byte(i))
	}
	return b
}

func head(version uint32, tensors, keys uint64) raw {
	return raw(Magic).u32(version).u64(tensors).u64(keys)
}

// good has every kind of value and tensors out of order, with a hole.
func good(version uint32) raw {
	return head(version, 3, 14).
		str("u8").u32(0).bytes(200).
		str("i8").u32(1).bytes(0xfe).
		str("u16").u32(2).bytes(1, 0x80).
		str("i16").u32(3).bytes(0xfe, 0xff).
		str("u32").u32(4).u32(4e9).
		str("i32").u32(5).u32(math.MaxUint32).
		str("f32").u32(6).u32(math.Float32bits(1e-5)).
		str("yes").u32(7).bytes(1).
		str("text").u32(8).str("Ġthe").
		str("list").u32(9).u32(8).u64(3).str("a").str("").str("ccc").
		str("ints").u32(9).u32(5).u64(2).u32(7).u32(math.MaxUint32).
		str("u64").u32(10).u64(math.MaxUint64).
		str("i64").u32(11).u64(math.MaxUint64).
		str("f64").u32(12).u64(math.Float64bits(0.1)).
		tensor("b", 0, 64, 2, 3).
		tensor("a", 8, 0, 32).
		tensor("c", 30, 128, 1, 1, 5, 1).
		data(128 + 10)
}

func TestParse(t *testing.T) {
	for _, version := range []uint32{2, 3} {
		f, err := Parse(good(version))
		if err != nil {
			t.Fatal(err)
		}
		if f.Version != int(version) || len(f.Keys) != 14 {
			t.Errorf("version %d with %d keys", f.Version, len(f.Keys))
		}
		start := f.Tensors[1].Offset
		want := []Tensor{
			{"b", backend.F32, []int{3, 2}, start + 64, 24},
			{"a", backend.Q8_0, []int{32}, start, 34},
			{"c", backend.BF16, []int{1, 5, 1, 1}, start + 128, 10},
		}
		if d := cmp.Diff(want, f.Tensors); d != "" {
			t.Errorf("tensors (-want +got):\n%s", d)
		}
		if c, ok := f.Lookup("c"); !ok ||
			!bytes.Equal(f.Bytes(c), []byte{128, 129, 130, 131, 132, 133, 134, 135, 136, 137}) {
			t.Errorf("c is % x", f.Bytes(c))
		}
		if _, ok := f.Lookup("d"); ok {
			t.Error("found a tensor that is not there")
		}
		for key, want := range map[string]int64{"u8": 200, "i8": -2, "u16": 0x8001, "i16": -2, "u32": 4e9, "i32": -1,
			"i64": -1} {
			v, _ := f.Key(key)
			if got, err := v.Int(); got != want || err != nil {
				t.Errorf("%s is %d (%v), want %d", key, got, err, want)
			}
		}
		for key, want := range map[string]float64{"f32": 1e-5, "f64": 0.1} {
			v, _ := f.Key(key)
			if got, err := v.Float(); got != want || err != nil {
				t.Errorf("%s is %v (%v), want %v", key, got, err, want)
			}
		}
		text, _ := f.Key("text")
		if s, err := text.Text(); s != "Ġthe" || err != nil {
			t.Errorf("text is %q (%v)", s, err)
		}
		yes, _ := f.Key("yes")
		if b, err := yes.Bool(); !b || err != nil {
			t.Errorf("yes is %v (%v)", b, err)
		}
		list, _ := f.Key("list")
		texts, err := list.Texts()
		if d := cmp.Diff([]string{"a", "", "ccc"}, texts); d != "" || err != nil {
			t.Errorf("list: %v\n%s", err, d)
		}
		ints, _ := f.Key("ints")
		numbers, err := ints.Ints()
		if d := cmp.Diff([]int64{7, -1}, numbers); d != "" || err != nil {
			t.Errorf("ints: %v\n%s", err, d)
		}
		// Values of another kind say what they are.
		u64, _ := f.Key("u64")
		for _, err := range []error{
			second(u64.Int()), second(text.Int()), second(list.Int()), second(yes.Text()), second(text.Bool()),
			second(text.Float()), second(ints.Texts()), second(list.Ints()), second(text.Ints()),
		} {
			if err == nil || !strings.Contains(err.Error(), "want") {
				t.Errorf("a value of another kind: %v", err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

var broken = []struct {
	name string
	file raw
	want string // in the error
}{
	{"empty", nil, "truncated"},
	{"short", raw("GGUF"), "truncated"},
	{"another format", raw(strings.Repeat("x", 64)), "no GGUF file"},
	{"pointer", raw("version https://git-lfs.github.com/spec/v1\n"), "no GGUF file"},
	{"big endian", raw(Magic).bytes(0, 0, 0, 3).data(64), "big-endian file (version 3)"},
	{"version 0", head(0, 0, 0), "version 0"},
	{"version 1", head(1, 0, 0), "version 1"},
	{"version 4", head(4, 0, 0), "version 4"},
	{"too many keys", head(3, 0, 1<<40).data(64), "keys do not fit"},
	{"too many tensors", head(3, math.MaxUint64, 0).data(64), "tensors do not fit"},
	{"long name", head(3, 0, 1).u64(1 << 30).data(1 << 17), "name of 1073741824 bytes"},
	{"name beyond the file", head(3, 0, 1).u64(200).data(64), "truncated"},
	{"no value", head(3, 0, 1).str("a key of some length").u32(4), "truncated"},
	{"unknown kind", head(3, 0, 1).str("k").u32(13).data(64), "unknown kind 13"},
	{"string beyond the file", head(3, 0, 1).str("k").u32(8).u64(1 << 60).data(64), `"k": the file ends`},
	{"array of arrays", head(3, 0, 1).str("k").u32(9).u32(9).u64(1).data(64), "array of array"},
	{"array of unknown", head(3, 0, 1).str("k").u32(9).u32(99).u64(1).data(64), "array of kind 99"},
	{"long array", head(3, 0, 1).str("k").u32(9).u32(0).u64(1 << 62).data(64), "more than the file holds"},
	{"long array of strings", head(3, 0, 1).str("k").u32(9).u32(8).u64(1 << 61).data(64), "more than the file holds"},
	{"cut array of strings", head(3, 0, 1).str("k").u32(9).u32(8).u64(3).str("a").u64(99).data(32), "truncated"},
	{"key twice", head(3, 0, 2).str("k").u32(7).bytes(1).str("k").u32(7).bytes(1).data(64), `key "k" is there twice`},
	{"alignment of text", head(3, 0, 1).str("general.alignment").u32(8).str("32"), "general.alignment is string"},
	{"alignment 0", head(3, 0, 1).str("general.alignment").u32(4).u32(0), "power of two"},
	{"alignment 24", head(3, 0, 1).str("general.alignment").u32(4).u32(24), "power of two"},
	{"no dimensions", head(3, 1, 0).tensor("t", 0, 0).data(64), "0 dimensions"},
	{"five dimensions", head(3, 1, 0).tensor("t", 0, 0, 1, 1, 1, 1, 1).data(64), "5 dimensions"},
	{"empty dimension", head(3, 1, 0).tensor("t", 0, 0, 4, 0).data(64), "dimension of 0"},
	{"overflow", head(3, 1, 0).tensor("t", 0, 0, 1<<32, 1<<32).data(64), "too large"},
	{"huge", head(3, 1, 0).tensor("t", 0, 0, math.MaxUint64).data(64), "too large"},
	{"unknown type", head(3, 1, 0).tensor("t", 77, 0, 4).data(64), "stored as type 77"},
	{"known but not read", head(3, 1, 0).tensor("t", 16, 0, 256).data(64), "stored as iq2_xxs"},
	{"half a block", head(3, 1, 0).tensor("t", 12, 0, 128).data(144), "blocks of 256"},
	{"beyond the file", head(3, 1, 0).tensor("t", 0, 0, 17).data(64), "truncated"},
	{"offset beyond the file", head(3, 1, 0).tensor("t", 0, 96, 1).data(64), "truncated"},
	{"huge offset", head(3, 1, 0).tensor("t", 0, math.MaxUint64-31, 1).data(64), "damaged"},
	{"odd offset", head(3, 1, 0).tensor("t", 0, 4, 1).data(64), "not a multiple of 32"},
	{"overlap", head(3, 2, 0).tensor("s", 0, 0, 9).tensor("t", 0, 32, 1).data(64), `"s" and "t" overlap`},
	{"same place", head(3, 2, 0).tensor("s", 0, 32, 1).tensor("t", 0, 32, 1).data(64), "overlap"},
	{"tensor twice", head(3, 2, 0).tensor("t", 0, 0, 1).tensor("t", 0, 32, 1).data(64), `"t" is there twice`},
	{"many keys", append(head(3, 0, maxKeys+1), make([]byte, 13*(maxKeys+1))...), "no model has more than 16384"},
	{"many tensors", append(head(3, maxTensors+1, 0), make([]byte, 32*(maxTensors+1))...), "and 65537 tensors"},
	{"long names", longNames(), "together the names have more than 8388608"},
	{"cut table", head(3, 1, 0).str(strings.Repeat("n", 40)).u32(2), "truncated"},
}

// longNames has 200 keys whose names are as long as they may be.
func longNames() raw {
	b := head(3, 0, 200)
	for i := range byte(200) {
		b = b.str(string('a'+rune(i)) + strings.Repeat("n", maxName-2)).u32(0).bytes(0)
	}
	return b
}

func TestBroken(t *testing.T) {
	for _, c := range broken {
		_, err := Parse(c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q in one line", c.name, err, c.want)
		}
	}
	whole := good(3)
	for n := range len(whole) {
		if _, err := Parse(whole[:n]); err == nil {
			t.Fatalf("a file cut to %d of %d bytes was taken", n, len(whole))
		}
	}
}

// Of the beginning of a file its header is read, once it is all there, as of the whole; what is broken there is no
// reason to read on.
func TestParseHead(t *testing.T) {
	file := good(3)
	size := int64(len(file))
	header := int64(len(file)) - 128 - 10
	whole, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range size {
		f, err := ParseHead(file[:n:n], size)
		if first := header - 31; n < first { // where the data begins is aligned
			if err != ErrHead {
				t.Fatalf("%d of %d bytes: %v, want that the header goes on", n, size, err)
			}
			continue
		}
		if err == ErrHead && n < header {
			continue
		}
		if err != nil || !reflect.DeepEqual(f.Tensors, whole.Tensors) || !reflect.DeepEqual(f.Keys, whole.Keys) {
			t.Fatalf("%d of %d bytes: %v, %+v", n, size, err, f)
		}
	}
	plain := map[string]bool{"another format": true, "version 4": true, "unknown kind": true, "long name": true,
		"no dimensions": true, "string beyond the file": true, "long array": true}
	for _, c := range broken {
		size := int64(len(c.file))
		if _, err := ParseHead(c.file, size); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if _, err := ParseHead(c.file, size+1000); plain[c.name] && (err == nil || err == ErrHead) {
			t.Errorf("%s, the beginning of a file: error %v, want what is wrong", c.name, err)
		}
	}
}

// What is decoded is no longer than a model's can be.
func TestLongValues(t *testing.T) {
	texts, numbers := Value{kind: Array, elem: String, count: maxList + 1}, Value{kind: Array, elem: Uint8, count: maxList + 1}
	texts.raw, numbers.raw = make([]byte, 8*texts.count), make([]byte, numbers.count)
	long := Texts([]string{strings.Repeat("a", maxRaw)})
	for want, err := range map[string]error{
		"is an array of 524289 string, 4194312 bytes: want at most 524288": second(texts.Texts()),
		"is an array of 524289 uint8, 524289 bytes":                        second(numbers.Ints()),
		"is an array of 1 string, 12582920 bytes":                          second(long.Texts()),
		"has 33554440 bytes: want at most 33554432":                        second(Text(strings.Repeat("a", maxText)).Text()),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestAlignment(t *testing.T) {
	b := head(3, 2, 1).str("general.alignment").u32(4).u32(8).tensor("s", 0, 0, 1).tensor("t", 0, 8, 1)
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	f, err := Parse(append(b, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if x, _ := f.Lookup("t"); f.Bytes(x)[0] != 2 {
		t.Errorf("t is % x", f.Bytes(x))
	}
}

func TestWrite(t *testing.T) {
	keys := []Key{
		{"general.architecture", Text("mamba")}, {"n", Word(7)}, {"eps", Single(1e-5)}, {"exact", Double(1e-6)},
		{"yes", Truth(true)}, {"no", Truth(false)}, {"tokens", Texts([]string{"a", "", "ü"})},
		{"types", Words([]int32{1, -3})},
	}
	tensors := []Tensor{
		{Name: "x", Type: backend.F32, Shape: []int{3, 5}},
		{Name: "y", Type: backend.Q4_K, Shape: []int{2, 256}},
		{Name: "z", Type: backend.BF16, Shape: []int{1}},
	}
	fill := map[string]byte{"x": 1, "y": 2, "z": 3}
	data := func(w io.Writer, t Tensor) error {
		_, err := w.Write(bytes.Repeat([]byte{fill[t.Name]}, int(t.Size)))
		return err
	}
	path := filepath.Join(t.TempDir(), "m.gguf")
	if err := WriteFile(path, false, keys, tensors, data); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, k := range keys {
		if f.Keys[i].Name != k.Name || f.Keys[i].Value.String() != k.Value.String() ||
			!bytes.Equal(f.Keys[i].Value.raw, k.Value.raw) {
			t.Errorf("key %d is %v, want %v", i, f.Keys[i], k)
		}
	}
	for i, want := range tensors {
		got := f.Tensors[i]
		if got.Name != want.Name || got.Type != want.Type || !cmp.Equal(got.Shape, want.Shape) || got.Offset%32 != 0 {
			t.Errorf("tensor %d is %v, want %v", i, got, want)
		}
		if b := f.Bytes(got); int64(len(b)) != got.Type.RowBytes(product(want.Shape)) || b[0] != fill[want.Name] ||
			b[len(b)-1] != fill[want.Name] {
			t.Errorf("tensor %s is % x", want.Name, b)
		}
	}
	f.Drop(f.Tensors[0])
	if err := WriteFile(path, false, keys, tensors[:1], data); !errors.Is(err, fs.ErrExist) ||
		!strings.Contains(err.Error(), path) {
		t.Errorf("over a file that is there: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, f.Data()) {
		t.Errorf("the file that was there is another: %v", err)
	}
	was := len(f.Data())
	err = WriteFile(path, true, keys, tensors[:1], data)
	if err != nil && runtime.GOOS == "windows" { // which keeps what is mapped
		if got, readErr := os.ReadFile(path); !bytes.Equal(got, f.Data()) || !strings.Contains(err.Error(), path) {
			t.Errorf("over a mapped file: %v, and %d bytes of %d are there, %v", err, len(got), was, readErr)
		}
		f.Close()
		err = WriteFile(path, true, keys, tensors[:1], data)
	} else if f.Bytes(f.Tensors[2])[0] != fill["z"] {
		t.Error("the file that was replaced cannot be read on")
	}
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Size() >= int64(was) {
		t.Errorf("the file was not replaced: %v, %v", st, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files are there, want one", len(left))
	}
	late := filepath.Join(t.TempDir(), "late.gguf")
	err = WriteFile(late, false, keys, tensors, func(w io.Writer, t Tensor) error {
		return errors.Join(os.WriteFile(late, []byte("mine"), 0o600), data(w, t))
	})
	if got, _ := os.ReadFile(late); !errors.Is(err, fs.ErrExist) || string(got) != "mine" {
		t.Errorf("a file that came meanwhile is %q, error %v", got, err)
	}

	for name, c := range map[string]struct {
		keys    []Key
		tensors []Tensor
		data    func(io.Writer, Tensor) error
	}{
		"key twice":    {keys: []Key{{"k", Word(1)}, {"k", Word(1)}}},
		"no such type": {tensors: []Tensor{{Name: "t", Type: backend.NF4, Shape: []int{64}}}},
		"half a block": {tensors: []Tensor{{Name: "t", Type: backend.Q8_0, Shape: []int{2, 16}}}},
		"long name":    {tensors: []Tensor{{Name: strings.Repeat("t", 64), Type: backend.F32, Shape: []int{1}}}},
		"name twice":   {tensors: []Tensor{tensors[0], tensors[0]}},
		"no shape":     {tensors: []Tensor{{Name: "t", Type: backend.F32}}},
		"short data":   {tensors: tensors, data: func(w io.Writer, _ Tensor) error { return nil }},
		"failing data": {tensors: tensors, data: func(io.Writer, Tensor) error { return errors.New("no") }},
	} {
		if c.data == nil {
			c.data = data
		}
		dir := t.TempDir()
		if err := WriteFile(filepath.Join(dir, "m.gguf"), false, c.keys, c.tensors, c.data); err == nil {
			t.Errorf("%s: no error", name)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: %v was left behind", name, left[0].Name())
		}
	}
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good(3)))
	f.Add([]byte(good(2)))
	for _, c := range broken {
		f.Add([]byte(c.file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		for _, n := range []int{len(data) / 4, len(data) / 2, max(0, len(data)-1)} {
			head, errHead := ParseHead(data[:n:n], int64(len(data)))
			if errHead == nil && (err != nil || !reflect.DeepEqual(head.Tensors, file.Tensors)) {
				t.Fatalf("the first %d of %d bytes are taken for %v, the whole for %v, %v", n, len(data), head, file, err)
			}
			if err == nil && errHead != nil && errHead != ErrHead {
				t.Fatalf("the first %d of %d bytes: %v", n, len(data), errHead)
			}
		}
		if err != nil {
			return
		}
		for _, x := range file.Tensors {
			if int64(len(file.Bytes(x))) != x.Size {
				t.Fatalf("tensor %v has %d bytes", x, len(file.Bytes(x)))
			}
		}
		for _, k := range file.Keys {
			k.Value.Int()
			k.Value.Float()
			k.Value.Bool()
			k.Value.Text()
			if texts, err := k.Value.Texts(); err == nil && len(texts) != k.Value.count {
				t.Fatalf("%d texts in an array of %d", len(texts), k.Value.count)
			}
			k.Value.Ints()
		}
	})
}
