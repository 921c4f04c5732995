package checkpoint

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"falconmamba/backend"
	"falconmamba/checkpoint/tiny"
)

func TestSave(t *testing.T) {
	embedded, err := OpenFS(tiny.FS(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]Checkpoint{
		"embedded": embedded,
		"random":   open(t, "random:testdata/tiny", Options{Seed: 5, Type: backend.F16}),
	}
	for _, dir := range fixtures {
		sources[dir] = open(t, dir, Options{})
	}
	for name, from := range sources {
		for _, shard := range []int64{0, 1, 100_000} {
			dir := filepath.Join(t.TempDir(), "new", "folder")
			if err := Save(dir, from, SaveOptions{MaxShard: shard}); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			to := open(t, dir, Options{})
			if d := cmp.Diff(from.Tensors(), to.Tensors()); d != "" {
				t.Errorf("%s (-from +to):\n%s", name, d)
			}
			if d := cmp.Diff(from.Config(), to.Config(), public); d != "" {
				t.Errorf("%s (-from +to):\n%s", name, d)
			}
			if d := cmp.Diff(from.Generation(), to.Generation(), public); d != "" {
				t.Errorf("%s (-from +to):\n%s", name, d)
			}
			for _, info := range from.Tensors() {
				if !bytes.Equal(data(t, from, info.Name), data(t, to, info.Name)) {
					t.Errorf("%s: %s changed", name, info.Name)
				}
			}
			if shards := len(to.Mappings()); shards == 1 != (shard == 0) {
				t.Errorf("%s: %d files of at most %d bytes", name, shards, shard)
			}
			if shard == 1 && len(to.Mappings()) != len(to.Tensors()) {
				t.Errorf("%s: %d files for %d tensors", name, len(to.Mappings()), len(to.Tensors()))
			}
			if len(to.Warnings()) > 0 {
				t.Errorf("%s: warnings %q", name, to.Warnings())
			}
			if from.Files() != nil {
				want, _ := fs.ReadFile(from.Files(), "tokenizer.json")
				got, _ := fs.ReadFile(to.Files(), "tokenizer.json")
				if !bytes.Equal(got, want) {
					t.Errorf("%s: tokenizer.json was not taken along", name)
				}
			}
			if hidden, _ := filepath.Glob(filepath.Join(dir, ".*")); len(hidden) > 0 {
				t.Errorf("%s: left %v behind", name, hidden)
			}
		}
	}
}

func TestSaveConverts(t *testing.T) {
	from := open(t, "testdata/tiny", Options{})
	for _, typ := range []backend.DType{backend.F16, backend.BF16, backend.F32} {
		dir := t.TempDir()
		if err := Save(dir, from, SaveOptions{Type: typ}); err != nil {
			t.Fatal(err)
		}
		to := open(t, dir, Options{})
		if to.Config().Type != typ {
			t.Errorf("config.json says %v, want %v", to.Config().Type, typ)
		}
		for _, info := range from.Tensors() {
			x, err := from.Read(info.Name)
			if err != nil {
				t.Fatal(err)
			}
			v, err := x.Float32()
			if err != nil {
				t.Fatal(err)
			}
			want := make([]byte, len(v)*typ.Size())
			if err := Narrow(want, v, typ); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(data(t, to, info.Name), want) {
				t.Errorf("%v: %s is not rounded to nearest", typ, info.Name)
			}
		}
	}
}

func TestSaveErrors(t *testing.T) {
	from := open(t, "testdata/tiny", Options{})
	dir := t.TempDir()
	if err := Save(dir, from, SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	before := names(t, dir)
	closed := open(t, "testdata/tiny", Options{})
	closed.Close()
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		dir  string
		from Checkpoint
		o    SaveOptions
		want string
	}{
		{"over a model", dir, from, SaveOptions{}, "config.json is there already"},
		{"type", t.TempDir(), from, SaveOptions{Type: backend.I32}, "i32"},
		{"negative shard", t.TempDir(), from, SaveOptions{MaxShard: -1}, "-1"},
		{"source fails", t.TempDir(), closed, SaveOptions{MaxShard: 100_000}, "closed"},
		{"into a file", blocked, from, SaveOptions{}, blocked},
	} {
		err := Save(c.dir, c.from, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line with %q", c.name, err, c.want)
		}
		if c.dir != dir && c.dir != blocked && len(names(t, c.dir)) > 0 {
			t.Errorf("%s: left %v behind", c.name, names(t, c.dir))
		}
	}
	if d := cmp.Diff(before, names(t, dir)); d != "" {
		t.Errorf("a refused save changed the folder:\n%s", d)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
