package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// raw is a file with the given header text and n bytes of data.
func raw(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range n {
		b = append(b, byte(i))
	}
	return b
}

func TestParse(t *testing.T) {
	// Out of order in the header, odd offsets, an empty tensor, a single number,
	// metadata, padding.
	f, err := Parse(raw(`{"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]},"__metadata__":{"format":"pt"},`+
		`"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"e":{"dtype":"BF16","shape":[0,7],"data_offsets":[9,9]},`+
		`"s":{"dtype":"F16","shape":[],"data_offsets":[9,11],"new":true}}     `, 11))
	if err != nil {
		t.Fatal(err)
	}
	start := f.Tensors[0].Offset
	want := []Tensor{
		{"a", "U8", []int{1}, start, 1},
		{"b", "F32", []int{2}, start + 1, 8},
		{"e", "BF16", []int{0, 7}, start + 9, 0},
		{"s", "F16", []int{}, start + 9, 2},
	}
	if d := cmp.Diff(want, f.Tensors); d != "" {
		t.Errorf("tensors (-want +got):\n%s", d)
	}
	if f.Metadata["format"] != "pt" {
		t.Errorf("metadata is %v", f.Metadata)
	}
	b, _ := f.Lookup("b")
	if got := f.Bytes(b); !bytes.Equal(got, []byte{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("b is % x", got)
	}
	if _, ok := f.Lookup("c"); ok {
		t.Error("found a tensor that is not there")
	}
	if _, _, err := f.Floats("a"); err == nil || !strings.Contains(err.Error(), "U8") {
		t.Errorf("Floats of bytes: %v", err)
	}
}

// one is the entry of a tensor.
func one(name, dtype, shape string, from, to int) string {
	return fmt.Sprintf(`"%s":{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, name, dtype, shape, from, to)
}

// many is a list of n things.
func many(n int, thing func(i int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = thing(i)
	}
	return strings.Join(all, ",")
}

var broken = []struct {
	name string
	file []byte
	want string // in the error
}{
	{"empty", nil, "truncated"},
	{"short", []byte{1, 2, 3}, "truncated"},
	{"length beyond file", raw(`{}`, 0)[:9], "truncated"},
	{"length far beyond file", append(binary.LittleEndian.AppendUint64(nil, 8_000_000), `{}`...), "truncated"},
	{"length above limit", append(binary.LittleEndian.AppendUint64(nil, MaxHeader+1), `{}`...), "above the limit"},
	{"length of all ones", bytes.Repeat([]byte{255}, 64), "above the limit"},
	{"pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00"), "git lfs pull"},
	{"no header", raw(``, 4), "broken JSON"},
	{"not an object", raw(`[]`, 0), "not with an object"},
	{"not JSON", raw(`{"a":`, 0), "unexpected EOF"},
	{"cut JSON", raw(`{"a":{"dtype":"U8"`, 0), "unexpected EOF"},
	{"entry is a number", raw(`{"a":1}`, 0), `tensor "a"`},
	{"text after the object", raw(`{} {}`, 0), "follow the object"},
	{"metadata is a list", raw(`{"__metadata__":[]}`, 0), "__metadata__"},
	{"no offsets", raw(`{"a":{"dtype":"U8","shape":[0]}}`, 0), "data_offsets"},
	{"three offsets", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}`, 1), "data_offsets"},
	{"no shape", raw(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, 1), "no shape"},
	{"negative offset", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`, 1), `tensor "a"`},
	{"offset backwards", raw(`{`+one("a", "U8", "[1]", 1, 0)+`}`, 1), "no range"},
	{"offset above int64", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}}`, 1),
		"no range"},
	{"negative dimension", raw(`{`+one("a", "U8", "[-1]", 0, 1)+`}`, 1), "negative"},
	{"overflowing shape", raw(`{`+one("a", "F32", "[4294967296,4294967296,4]", 0, 0)+`}`, 0), "overflows"},
	{"huge dimension", raw(`{`+one("a", "F32", "[99999999999999999999]", 0, 0)+`}`, 0), `tensor "a"`},
	{"many dimensions", raw(`{`+one("a", "F32", "["+strings.Repeat("1,", 1<<20)+"1]", 0, 4)+`}`, 4),
		"1048577 numbers where at most 64 can be"},
	{"a dimension in many bytes", raw(`{`+one("a", "F32", "["+strings.Repeat("1", 1<<20)+"]", 0, 4)+`}`, 4),
		"1048578 bytes where at most 64 numbers can be"},
	{"many tensors", raw(`{`+many(1<<16+1, func(i int) string { return one(strconv.Itoa(i), "U8", "[0]", 0, 0) })+`}`, 0),
		"more than 65536 tensors"},
	{"much metadata", raw(`{"__metadata__":{`+many(5000, func(i int) string { return fmt.Sprintf(`"%d":""`, i) })+`}}`, 0),
		"more than 4096 entries"},
	{"metadata holds a list", raw(`{"__metadata__":{"a":[]}}`, 0), `"a" is not a string`},
	{"long dtype", raw(`{`+one("a", strings.Repeat("U", 1<<20), "[1]", 0, 1)+`}`, 1), `UUU…" is not known`},
	{"unknown dtype", raw(`{`+one("a", "Q9", "[1]", 0, 1)+`}`, 1), `dtype "Q9"`},
	{"no dtype", raw(`{"a":{"shape":[1],"data_offsets":[0,1]}}`, 1), "dtype"},
	{"half a byte", raw(`{`+one("a", "F4", "[3]", 0, 1)+`}`, 1), "whole number of bytes"},
	{"size against shape", raw(`{`+one("a", "F32", "[2]", 0, 4)+`}`, 4), "takes 8 bytes"},
	{"beyond the file", raw(`{`+one("a", "U8", "[9]", 0, 9)+`}`, 4), "5 bytes beyond the file"},
	{"overlap", raw(`{`+one("a", "U8", "[4]", 0, 4)+`,`+one("b", "U8", "[4]", 2, 6)+`}`, 6), "overlap"},
	{"same place", raw(`{`+one("a", "U8", "[4]", 0, 4)+`,`+one("b", "U8", "[4]", 0, 4)+`}`, 4), "overlap"},
	{"hole", raw(`{`+one("a", "U8", "[1]", 0, 1)+`,`+one("b", "U8", "[1]", 2, 3)+`}`, 3), "belong to none"},
	{"hole in front", raw(`{`+one("a", "U8", "[1]", 1, 2)+`}`, 2), "belong to none"},
	{"rest", raw(`{`+one("a", "U8", "[1]", 0, 1)+`}`, 5), "4 bytes after the last tensor"},
	{"duplicate", raw(`{`+one("a", "U8", "[1]", 0, 1)+`,`+one("a", "U8", "[1]", 1, 2)+`}`, 2), "twice"},
}

func TestParseErrors(t *testing.T) {
	for _, c := range broken {
		_, err := Parse(c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") ||
			len(err.Error()) > 400 {
			t.Errorf("%s: got error %v, want one line with %q", c.name, err, c.want)
		}
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if _, err := Open(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
	if err := os.WriteFile(path, raw(`{}`, 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("broken file: error %v does not name it", err)
	}
}

// A lying length must not be believed before the file was looked at.
func TestHeaderAllocation(t *testing.T) {
	file := append(binary.LittleEndian.AppendUint64(nil, MaxHeader), `{}`...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		Parse(file)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("reading a file of %d bytes ten times allocated %d", len(file), got)
	}
}

// The worst headers that are read at all take less than 100 MB in all, and not even half of that for long.
func TestHeaderMemory(t *testing.T) {
	const room = MaxHeader - 200
	for name, header := range map[string]string{
		"tensors": `{` + many(1<<16, func(i int) string { return one(strconv.Itoa(i), "U8", "[0]", 0, 0) }) + `}`,
		"metadata": `{"__metadata__":{` + many(1<<12, func(i int) string {
			return fmt.Sprintf(`"%d":"%s"`, i, strings.Repeat("a", room>>12-20))
		}) + `}}`,
		"name":       `{` + one(strings.Repeat("a", room), "U8", "[0]", 0, 0) + `}`,
		"dimensions": `{` + one("a", "U8", "["+strings.Repeat("1,", room/2)+"1]", 0, 0) + `}`,
		"fields":     `{"a":{` + strings.Repeat(`"b":0,`, room/6) + `"c":0}}`,
		"spaces":     `{` + strings.Repeat(" ", room) + `}`,
	} {
		file := raw(header, 0)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := Parse(file)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 80<<20 {
			t.Errorf("%s: reading %d bytes allocated %d (error %v)", name, len(file), got, err)
		}
		runtime.KeepAlive(f)
	}
}

func TestRoundTrip(t *testing.T) {
	tensors := []Tensor{
		{Name: "bytes", DType: "U8", Shape: []int{3}},
		{Name: `quoted "name" \ é`, DType: "BF16", Shape: []int{2, 1, 3}},
		{Name: "number", DType: "F32"},
		{Name: "none", DType: "F32", Shape: []int{0, 5}},
		{Name: "long", DType: "I64", Shape: []int{2}},
	}
	content := func(t Tensor) []byte {
		n, err := byteSize(t.DType, t.Shape)
		if err != nil {
			panic(err)
		}
		return bytes.Repeat([]byte(t.Name[:1]), int(n))
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	err := WriteFile(path, 0o644, map[string]string{"format": "pt"}, tensors, func(w io.Writer, t Tensor) error {
		_, err := w.Write(content(t))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if len(f.Tensors) != len(tensors) || f.Metadata["format"] != "pt" {
		t.Errorf("got %d tensors and metadata %v", len(f.Tensors), f.Metadata)
	}
	for _, want := range tensors {
		got, ok := f.Lookup(want.Name)
		if !ok || got.DType != want.DType || fmt.Sprint(got.Shape) != fmt.Sprint(append([]int{}, want.Shape...)) {
			t.Errorf("%s: got %+v, want %+v", want.Name, got, want)
			continue
		}
		if !bytes.Equal(f.Bytes(got), content(want)) {
			t.Errorf("%s: wrong bytes", want.Name)
		}
		if got.Size > 0 && got.Offset%(bits[got.DType]/8) != 0 {
			t.Errorf("%s: offset %d is not aligned", want.Name, got.Offset)
		}
		f.Drop(got)
	}
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Error(err)
	}
}

func TestWriteErrors(t *testing.T) {
	full := errors.New("disk full")
	good := func(w io.Writer, t Tensor) error { _, err := w.Write(make([]byte, 4)); return err }
	for _, c := range []struct {
		name    string
		tensors []Tensor
		data    func(io.Writer, Tensor) error
		want    string
	}{
		{"duplicate", []Tensor{{Name: "a", DType: "F32"}, {Name: "a", DType: "F32"}}, good, "taken"},
		{"reserved", []Tensor{{Name: "__metadata__", DType: "F32"}}, good, "taken"},
		{"dtype", []Tensor{{Name: "a", DType: "f32"}}, good, "dtype"},
		{"negative", []Tensor{{Name: "a", DType: "F32", Shape: []int{-1}}}, good, "negative"},
		{"too little", []Tensor{{Name: "a", DType: "F32", Shape: []int{2}}}, good, "4 bytes were written"},
		{"too much", []Tensor{{Name: "a", DType: "U8", Shape: []int{2}}}, good, "4 bytes were written"},
		{"many", make([]Tensor, maxTensors+1), good, "65537 tensors"},
		{"source", []Tensor{{Name: "a", DType: "F32"}}, func(io.Writer, Tensor) error { return full }, "disk full"},
	} {
		dir := t.TempDir()
		err := WriteFile(filepath.Join(dir, "x"), 0o644, nil, c.tensors, c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: left %v behind", c.name, left)
		}
	}
}

func TestFloats(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, nil, []Tensor{{Name: "f32", DType: "F32", Shape: []int{2}},
		{Name: "f16", DType: "F16", Shape: []int{1, 2}}, {Name: "bf16", DType: "BF16", Shape: []int{2}}},
		func(w io.Writer, t Tensor) error {
			_, err := w.Write(map[string][]byte{"f32": {0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0}, "f16": {0, 0x3e, 0, 0xc0},
				"bf16": {0xc0, 0x3f, 0, 0xc0}}[t.Name])
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"f32", "f16", "bf16"} {
		x, _, err := f.Floats(name)
		if d := cmp.Diff([]float32{1.5, -2}, x); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
		}
	}
	if _, _, err := f.Floats("absent"); err == nil {
		t.Error("an absent tensor is no error")
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range broken {
		f.Add(c.file)
	}
	f.Add(raw(`{`+one("a", "U8", "[4]", 0, 4)+`,`+one("b", "F32", "[2,1]", 4, 12)+`}`, 12))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		// What was accepted can be read, and written again, with nothing lost.
		total := int64(0)
		for _, e := range file.Tensors {
			total += int64(len(file.Bytes(e)))
		}
		var b bytes.Buffer
		err = Write(&b, file.Metadata, file.Tensors, func(w io.Writer, e Tensor) error {
			from, _ := file.Lookup(e.Name)
			_, err := w.Write(file.Bytes(from))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range file.Tensors {
			g, ok := again.Lookup(e.Name)
			if !ok || !bytes.Equal(again.Bytes(g), file.Bytes(e)) {
				t.Fatalf("%q was lost or changed", e.Name)
			}
			total -= g.Size
		}
		if total != 0 {
			t.Fatalf("%d bytes differ", total)
		}
	})
}
