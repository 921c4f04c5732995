package checkpoint

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba/checkpoint/gguf"
)

// splitUp writes a GGUF file again in n parts, as gguf-split does: the keys are in
// the first, the tensors in all. It returns their paths.
func splitUp(t testing.TB, path string, n int) []string {
	t.Helper()
	f, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dir := t.TempDir()
	p, _ := gguf.PartOf("m-00001-of-0000" + string(rune('0'+n)) + ".gguf")
	var paths []string
	for i := range n {
		var keys []gguf.Key
		if i == 0 {
			keys = slices.DeleteFunc(slices.Clone(f.Keys),
				func(k gguf.Key) bool { return strings.HasPrefix(k.Name, "split.") })
		}
		keys = append(keys, splitKeys(i, n, len(f.Tensors))...)
		tensors := f.Tensors[i*len(f.Tensors)/n : (i+1)*len(f.Tensors)/n]
		part := filepath.Join(dir, p.Path(i))
		err := gguf.WriteFile(part, false, keys, tensors, func(w io.Writer, t gguf.Tensor) error {
			t, _ = f.Lookup(t.Name)
			_, err := w.Write(f.Bytes(t))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, part)
	}
	return paths
}

func splitKeys(no, count, tensors int) []gguf.Key {
	return []gguf.Key{
		{Name: "split.no", Value: gguf.Word(uint32(no))},
		{Name: "split.count", Value: gguf.Word(uint32(count))},
		{Name: "split.tensors.count", Value: gguf.Word(uint32(tensors))},
	}
}

func TestSplitGGUF(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.gguf")
	if _, err := WriteGGUF(t.Context(), whole, open(t, "testdata/tiny", Options{}), GGUFOptions{}); err != nil {
		t.Fatal(err)
	}
	want := open(t, whole, Options{})
	parts := splitUp(t, whole, 3)
	for _, path := range parts {
		got := open(t, path, Options{})
		if len(got.Mappings()) != 3 {
			t.Errorf("%d mappings, want 3", len(got.Mappings()))
		}
		for i, info := range want.Tensors() {
			if have := got.Tensors()[i]; have.Name != info.Name || have.Type != info.Type {
				t.Fatalf("tensor %d is %v, want %v", i, have, info)
			}
			if !bytes.Equal(data(t, got, info.Name), data(t, want, info.Name)) {
				t.Errorf("%s differs", info.Name)
			}
			tensor, err := got.Read(info.Name)
			if err != nil {
				t.Fatal(err)
			}
			if m := got.Mappings()[tensor.Mapping][tensor.Offset:]; !bytes.Equal(m[:len(tensor.Data)], tensor.Data) {
				t.Errorf("%s is not where it is said to be", info.Name)
			}
			tensor.Release()
			part := make([]byte, 2)
			if err := got.ReadAt(info.Name, part, 1); err != nil || !bytes.Equal(part, data(t, want, info.Name)[1:3]) {
				t.Errorf("%s: two bytes are %x, %v", info.Name, part, err)
			}
		}
		a, err := Fingerprint(got)
		b, errWhole := Fingerprint(want)
		if err != nil || errWhole != nil || a != b {
			t.Errorf("the fingerprint is %s, want %s", a, b)
		}
		got.Close()
		if _, err := got.Read(inProj); err == nil {
			t.Error("read after Close")
		}
	}

	// What people do to such files.
	other := splitUp(t, whole, 2)
	twos := splitUp(t, parts[0], 3)
	move := func(from, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			text, err := os.ReadFile(from)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, to), text, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		open   string
		want   string
	}{
		"missing": {func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, filepath.Base(parts[1]))) },
			filepath.Base(parts[0]),
			"m-00002-of-00003.gguf is missing: "},
		"renamed": {move(parts[0], "model.gguf"), "model.gguf",
			"is part 1 of 3 by its keys: want it called NAME-00001-of-00003.gguf"},
		"swapped": {move(parts[2], filepath.Base(parts[1])), filepath.Base(parts[0]),
			"what should be part 2 of 3 is part 3 of 3"},
		"of another split": {move(other[1], filepath.Base(parts[1])), filepath.Base(parts[0]),
			"what should be part 2 of 3 is part 2 of 2"},
		"of another file": {move(twos[1], filepath.Base(parts[1])), filepath.Base(parts[0]),
			"the parts are of different files"},
		"no GGUF": {move("split_test.go", filepath.Base(parts[2])), filepath.Base(parts[1]), "no GGUF file"},
	} {
		dir := t.TempDir()
		for _, p := range parts {
			move(p, filepath.Base(p))(t, dir)
		}
		c.change(t, dir)
		ck, err := Open(filepath.Join(dir, c.open), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") ||
			!strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err == nil {
			ck.Close()
		}
	}
}

func TestPartOf(t *testing.T) {
	for path, want := range map[string]string{
		"/a/m-00002-of-00010.gguf": "/a/m-00010-of-00010.gguf", "x.Q4-00001-of-00010.GGUF": "x.Q4-00010-of-00010.GGUF",
	} {
		if p, ok := gguf.PartOf(path); !ok || p.Path(9) != want || p.Path(p.No) != path {
			t.Errorf("%s: %+v, %v", path, p, ok)
		}
	}
	for _, path := range []string{"m.gguf", "m-00000-of-00002.gguf", "m-00003-of-00002.gguf", "m-1-of-2.gguf",
		"m-00001-of-00002.bin", "00001-of-00002.gguf"} {
		if p, ok := gguf.PartOf(path); ok {
			t.Errorf("%s is taken for part %+v", path, p)
		}
	}
}

// Two files that may be parts of one: they are a model, or the error is a line.
func FuzzSplitGGUF(f *testing.F) {
	m := newGGUFMold()
	all := m.tensors
	m.keys, m.tensors = append(m.keys, splitKeys(0, 2, len(all))...), all[:6]
	first := m.bytes(f)
	m.keys, m.tensors = splitKeys(1, 2, len(all)), all[6:]
	f.Add(first, m.bytes(f))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		one, errOne := gguf.Parse(a)
		two, errTwo := gguf.Parse(b)
		if errOne != nil || errTwo != nil {
			return
		}
		g := &ggufModel{path: "m.gguf", file: gguf.Set{one, two}}
		err := g.file.Check()
		if err == nil {
			err = g.load(Options{})
		}
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		for _, info := range g.Tensors() {
			if info.Elements() > 1<<20 {
				continue
			}
			if tensor, err := g.Read(info.Name); err != nil {
				t.Fatal(err)
			} else if _, err := tensor.Float32(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
