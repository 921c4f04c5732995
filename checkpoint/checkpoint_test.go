package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"falconmamba/backend"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/checkpoint/tiny"
)

var fixtures = []string{"testdata/tiny", "testdata/odd", "testdata/sharded", "testdata/half", "testdata/mamba", "tiny"}

// open is Open for a test.
func open(t *testing.T, name string, o Options) Checkpoint {
	t.Helper()
	c, err := Open(name, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// data returns a copy of a tensor's bytes.
func data(t *testing.T, c Checkpoint, name string) []byte {
	t.Helper()
	tensor, err := c.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	defer tensor.Release()
	return bytes.Clone(tensor.Data)
}

// What transformers loads.
func TestOpenOtherForms(t *testing.T) {
	_, dir := newMold(t).build()
	want := data(t, open(t, dir, Options{}), "backbone.layers.0.mixer.conv1d.weight")
	for name, c := range map[string]struct {
		bend    func(m *mold)
		warning string
	}{
		"a base model": {func(m *mold) {
			m.config["tie_word_embeddings"] = true
			m.remove("lm_head.weight")
			for _, s := range m.shards {
				for i := range s {
					m.data[strings.TrimPrefix(s[i].Name, "backbone.")] = bytes.Repeat([]byte{byte(len(s[i].Name))}, 4*int(elements(s[i].Shape)))
					s[i].Name = strings.TrimPrefix(s[i].Name, "backbone.")
				}
			}
		}, ""},
		"convolutions of MLX": {func(m *mold) {
			m.tensor("backbone.layers.0.mixer.conv1d.weight").Shape = []int{128, 4, 1}
		}, ""},
		"a tensor that no shard has":  {func(m *mold) { m.shard(map[string]string{"backbone.x": "a.safetensors"}) }, ""},
		"a tensor that is in another": {func(m *mold) { m.shard(map[string]string{"lm_head.weight": "a.safetensors"}) }, ""},
		"keys of how weights begin":   {func(m *mold) { m.config["time_step_min"] = 0; m.config["time_step_init_scheme"] = "magic" }, ""},
		"a type that no tensor has":   {func(m *mold) { m.config["dtype"] = "float64" }, ""},
		"an adapter beside it":        {func(m *mold) { m.files["adapter_config.json"] = file("{}") }, "a PEFT adapter lies beside the model"},
		"numbers that only Python spells": {func(m *mold) {
			text := m.text(m.config)
			m.files[configFile] = file(string(text[:len(text)-1]) + `, "time_step_limit": [0.0, Infinity, -Infinity, NaN, "a \"NaN\""]}`)
		}, ""},
	} {
		m := newMold(t)
		c.bend(m)
		_, dir := m.build()
		ck, err := Open(dir, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		defer ck.Close()
		if got := data(t, ck, "backbone.layers.0.mixer.conv1d.weight"); !bytes.Equal(got, want) {
			t.Errorf("%s: the convolution has other weights", name)
		}
		if w := strings.Join(ck.Warnings(), "\n"); !strings.Contains(w, c.warning) || w != "" && c.warning == "" {
			t.Errorf("%s: warnings %q", name, w)
		}
		text, err := ck.Config().JSON()
		if err != nil || !json.Valid(text) {
			t.Errorf("%s: the config is %s (%v)", name, text, err)
		}
		if name == "numbers that only Python spells" && !strings.Contains(string(text), `[0.0, 1e999, -1e999, "NaN", "a \"NaN\""]`) {
			t.Errorf("%s: the config is %s", name, text)
		}
	}
}

// Files that are read, not mapped, may be truncated while the model is open.
func TestNoMap(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "m")
	if err := os.CopyFS(dir, os.DirFS("testdata/tiny")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "m.gguf")
	ck := open(t, dir, Options{NoMap: true})
	if _, err := WriteGGUF(t.Context(), file, ck, GGUFOptions{}); err != nil {
		t.Fatal(err)
	}
	const name = "backbone.layers.0.norm.weight"
	want := data(t, open(t, "testdata/tiny", Options{}), name)
	if ck.Mappings() != nil || !bytes.Equal(data(t, ck, name), want) {
		t.Error("the folder is mapped, or is not as it was")
	}
	g := open(t, file, Options{NoMap: true})
	for _, path := range []string{file, filepath.Join(dir, weightsFile)} {
		if err := os.Truncate(path, 0); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(data(t, g, name), want) {
		t.Error("the GGUF file is not as it was")
	}
	if _, err := ck.Read(name); err == nil {
		t.Error("a tensor that is gone was read")
	}
}

func TestOpenFixtures(t *testing.T) {
	for _, dir := range fixtures {
		c := open(t, dir, Options{})
		if w := c.Warnings(); len(w) > 0 {
			t.Errorf("%s: warnings %q", dir, w)
		}
		mappings := c.Mappings()
		if len(mappings) == 0 {
			t.Errorf("%s: no mappings", dir)
		}
		specs := c.Config().Tensors()
		if len(specs) != len(c.Tensors()) {
			t.Errorf("%s: %d tensors, want %d", dir, len(c.Tensors()), len(specs))
		}
		for i, spec := range specs {
			info, ok := c.Lookup(spec.Name)
			if !ok || !slices.Equal(info.Shape, spec.Shape) || info.Type != c.Config().Type ||
				c.Tensors()[i].Name != spec.Name {
				t.Errorf("%s: %s: got %+v, want %+v", dir, spec.Name, info, spec)
			}
			tensor, err := c.Read(spec.Name)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(tensor.Data)) != info.Bytes || info.Bytes != info.Elements()*int64(info.Type.Size()) {
				t.Errorf("%s: %s: %d bytes of data, want %d", dir, spec.Name, len(tensor.Data), info.Bytes)
			}
			if !bytes.Equal(mappings[tensor.Mapping][tensor.Offset:][:info.Bytes], tensor.Data) {
				t.Errorf("%s: %s: Mapping and Offset name other bytes", dir, spec.Name)
			}
			if values, err := tensor.Float32(); err != nil || int64(len(values)) != info.Elements() {
				t.Errorf("%s: %s: %d values, %v", dir, spec.Name, len(values), err)
			}
			tensor.Release()
			tensor.Release()
		}
	}
}

// An embedded folder, one in memory and the mapped one hold the same.
func TestOpenFS(t *testing.T) {
	embedded, err := OpenFS(tiny.FS(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	inMemory, err := OpenFS(streams{os.DirFS("tiny")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mapped := open(t, "tiny", Options{})
	for _, c := range []Checkpoint{embedded, inMemory} {
		if d := cmp.Diff(mapped.Tensors(), c.Tensors()); d != "" {
			t.Errorf("(-mapped +got):\n%s", d)
		}
		for _, info := range mapped.Tensors() {
			want := data(t, mapped, info.Name)
			if !bytes.Equal(data(t, c, info.Name), want) {
				t.Errorf("%s differs", info.Name)
			}
			part := make([]byte, 7)
			if err := c.ReadAt(info.Name, part, info.Bytes-9); err != nil ||
				!bytes.Equal(part, want[len(want)-9:len(want)-2]) {
				t.Errorf("%s: ReadAt: % x, %v", info.Name, part, err)
			}
		}
		if _, err := fs.ReadFile(c.Files(), "tokenizer.json"); err != nil {
			t.Error(err)
		}
		if err := errors.Join(c.Close(), c.Close()); err != nil {
			t.Error(err)
		}
	}
	if embedded.Mappings() != nil {
		t.Error("an embedded checkpoint has mappings")
	}
}

// streams hides that a file can be read at an offset, as in a zip.
type streams struct{ fs.FS }

func (s streams) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return struct{ fs.File }{f}, nil
}

func TestReadErrors(t *testing.T) {
	for _, name := range []string{"testdata/tiny", "random:testdata/tiny/config.json"} {
		c := open(t, name, Options{})
		info := c.Tensors()[0]
		if _, err := c.Read("backbone.layers.99.norm.weight"); err == nil ||
			!strings.Contains(err.Error(), "layers.99") {
			t.Errorf("%s: absent tensor: %v", name, err)
		}
		for _, r := range []struct {
			n   int
			off int64
		}{{1, -1}, {1, info.Bytes}, {2, info.Bytes - 1}, {0, info.Bytes + 1}, {1, 1<<63 - 1}} {
			if err := c.ReadAt(info.Name, make([]byte, r.n), r.off); err == nil {
				t.Errorf("%s: ReadAt of %d bytes at %d succeeded", name, r.n, r.off)
			}
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if _, err := c.Read(info.Name); !errors.Is(err, errClosed) {
			t.Errorf("%s: Read after Close: %v", name, err)
		}
		if err := c.ReadAt(info.Name, make([]byte, 1), 0); !errors.Is(err, errClosed) {
			t.Errorf("%s: ReadAt after Close: %v", name, err)
		}
	}
}

func TestConcurrentReads(t *testing.T) {
	fsys, err := OpenFS(os.DirFS("testdata/half"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	for _, c := range []Checkpoint{open(t, "testdata/half", Options{}), fsys,
		open(t, "random:testdata/half/config.json", Options{})} {
		want := map[string][]byte{}
		for _, info := range c.Tensors() {
			want[info.Name] = data(t, c, info.Name)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for _, info := range c.Tensors() {
					tensor, err := c.Read(info.Name)
					if err != nil {
						t.Error(err)
						return
					}
					if !bytes.Equal(tensor.Data, want[info.Name]) {
						t.Errorf("%s changed", info.Name)
					}
					tensor.Release()
				}
			})
		}
		wg.Wait()
	}
}

// mold is a checkpoint folder to be bent: testdata/tiny cut to one layer, with
// numbers that tell the tensors apart.
type mold struct {
	t      *testing.T
	config map[string]any
	shards map[string][]safetensors.Tensor
	data   map[string][]byte // of tensors that are not as fill makes them
	files  fstest.MapFS      // written last
}

func newMold(t *testing.T) *mold {
	text, err := os.ReadFile("testdata/tiny/config.json")
	if err != nil {
		t.Fatal(err)
	}
	m := &mold{t: t, data: map[string][]byte{}, files: fstest.MapFS{}}
	if err := json.Unmarshal(text, &m.config); err != nil {
		t.Fatal(err)
	}
	m.config["num_hidden_layers"] = 1
	c, err := ParseConfig(m.text(m.config))
	if err != nil {
		t.Fatal(err)
	}
	var all []safetensors.Tensor
	for _, s := range c.Tensors() {
		all = append(all, safetensors.Tensor{Name: s.Name, DType: "F32", Shape: s.Shape})
	}
	m.shards = map[string][]safetensors.Tensor{weightsFile: all}
	return m
}

func (m *mold) text(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		m.t.Fatal(err)
	}
	return text
}

// tensor returns the entry of a name, in whichever shard it is.
func (m *mold) tensor(name string) *safetensors.Tensor {
	for _, s := range m.shards {
		for i := range s {
			if s[i].Name == name {
				return &s[i]
			}
		}
	}
	m.t.Fatalf("no tensor %s", name)
	return nil
}

func (m *mold) add(name, dtype string, shape ...int) {
	m.shards[weightsFile] = append(m.shards[weightsFile], safetensors.Tensor{Name: name, DType: dtype, Shape: shape})
}

func (m *mold) remove(name string) {
	for k, s := range m.shards {
		m.shards[k] = slices.DeleteFunc(s, func(t safetensors.Tensor) bool { return t.Name == name })
	}
}

// shard splits the file in two and writes an index.
func (m *mold) shard(weightMap map[string]string) {
	all := m.shards[weightsFile]
	m.shards = map[string][]safetensors.Tensor{"a.safetensors": all[:4], "b.safetensors": all[4:]}
	index := map[string]string{}
	for name, s := range m.shards {
		for _, t := range s {
			index[t.Name] = name
		}
	}
	maps.Copy(index, weightMap)
	m.files[indexFile] = &fstest.MapFile{Data: m.text(map[string]any{"weight_map": index})}
}

// build writes everything and returns the folder, in memory and on disk.
func (m *mold) build() (fs.FS, string) {
	out := fstest.MapFS{configFile: {Data: m.text(m.config)}}
	for name, tensors := range m.shards {
		var b bytes.Buffer
		err := safetensors.Write(&b, nil, tensors, func(w io.Writer, t safetensors.Tensor) error {
			p, ok := m.data[t.Name]
			if !ok {
				p = bytes.Repeat([]byte{byte(len(t.Name))}, int(t.Size))
			}
			_, err := w.Write(p)
			return err
		})
		if err != nil {
			m.t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: b.Bytes()}
	}
	for name, f := range m.files {
		out[name] = f
		if f == nil {
			delete(out, name)
		}
	}
	dir := m.t.TempDir()
	if err := os.CopyFS(dir, out); err != nil {
		m.t.Fatal(err)
	}
	return out, dir
}

const inProj = "backbone.layers.0.mixer.in_proj.weight"

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestOpenErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		bend func(m *mold)
		want []string // in the error
	}{
		{"no config", func(m *mold) { m.files[configFile] = nil }, []string{"no ", "config.json"}},
		{"broken config", func(m *mold) { m.files[configFile] = file("{\n\"model_type\": }") },
			[]string{"config.json: line 2, column 15"}},
		{"model_type", func(m *mold) { m.config["model_type"] = "mamba2" }, []string{"config.json", `"mamba2"`}},
		{"a long config", func(m *mold) { m.files[configFile] = file(strings.Repeat(" ", maxJSON) + "{}") },
			[]string{"config.json", "more than the 1048576 bytes"}},
		{"broken generation config", func(m *mold) { m.files[generationFile] = file(`{"top_k": []}`) },
			[]string{"generation_config.json: top_k is []"}},
		{"no weights", func(m *mold) { m.files[weightsFile] = nil },
			[]string{"no ", "model.safetensors", "index.json"}},
		{"pickle", func(m *mold) { m.files[weightsFile] = nil; m.files["pytorch_model.bin"] = file("") },
			[]string{"pytorch_model.bin", "pickle"}},
		{"truncated", func(m *mold) { m.files[weightsFile] = file("\x02\x00\x00\x00\x00\x00\x00\x00{") },
			[]string{"model.safetensors", "truncated"}},
		{"missing tensor", func(m *mold) { m.remove(inProj) }, []string{"model.safetensors", inProj, "missing"}},
		{"missing tensors", func(m *mold) { m.remove(inProj); m.remove("lm_head.weight"); m.remove("backbone.norm_f.weight") }, []string{inProj + " is missing and 2 more"}},
		{"wrong shape", func(m *mold) { m.tensor(inProj).Shape = []int{64, 256} },
			[]string{"model.safetensors", inProj, "[64 256]", "[256 64]"}},
		{"flat shape", func(m *mold) { m.tensor(inProj).Shape = []int{256 * 64} }, []string{inProj, "[16384]"}},
		{"config of another size", func(m *mold) { m.config["state_size"] = 8 },
			[]string{"x_proj.weight", "[36 128]", "[20 128]"}},
		{"float64", func(m *mold) { m.tensor(inProj).DType = "F64" }, []string{inProj, "F64", "want F32, F16 or BF16"}},
		{"quantised", func(m *mold) {
			m.tensor(inProj).DType = "U8"
			m.config["quantization_config"] = map[string]string{"quant_method": "bitsandbytes"}
		}, []string{inProj, "stored as U8", "quantised by bitsandbytes", "quant_state"}},
		{"both embeddings", func(m *mold) { m.add("backbone.embedding.weight", "F32", 320, 64) },
			[]string{"embedding.weight", "also in"}},
		{"broken index", func(m *mold) { m.shard(nil); m.files[indexFile] = file(`{"weight_map": {`) },
			[]string{"index.json: line 1"}},
		{"index without map", func(m *mold) { m.shard(nil); m.files[indexFile] = file(`{}`) },
			[]string{"index.json", "no weight_map"}},
		{"index with empty map", func(m *mold) { m.shard(nil); m.files[indexFile] = file(`{"weight_map": {}}`) },
			[]string{"index.json", "empty"}},
		{"index with numbers", func(m *mold) { m.shard(nil); m.files[indexFile] = file(`{"weight_map": {"a": 1}}`) },
			[]string{"index.json", "weight_map is"}},
		{"absent shard", func(m *mold) { m.shard(map[string]string{inProj: "c.safetensors"}) },
			[]string{"index.json", "c.safetensors", "not there"}},
		{"stale index", func(m *mold) {
			m.shard(nil)
			m.files[indexFile] = file(`{"weight_map": {"a": "a.safetensors"}}`)
			m.files["model-2.safetensors"] = file("x")
		}, []string{" is missing and ", "model-2.safetensors lies there too", "fetch the index anew"}},
		{"shards without an index", func(m *mold) {
			m.files[weightsFile] = nil
			m.files["model-1.safetensors"], m.files["model-2.safetensors"] = file(""), file("")
		}, []string{"no ", indexFile, "model-1.safetensors and 1 more"}},
		{"weights by another name", func(m *mold) {
			m.files[weightsFile] = nil
			m.files["weights.safetensors"] = file("")
		}, []string{"weights.safetensors", "under that name"}},
		{"an adapter", func(m *mold) {
			m.files[configFile] = nil
			m.files["adapter_config.json"] = file(`{"base_model_name_or_path": "org/base"}`)
		}, []string{"is a PEFT adapter of org/base, not a model", "--adapter"}},
		{"a GGUF file alone", func(m *mold) { m.files[configFile] = nil; m.files["x.gguf"] = file("") },
			[]string{"config.json", "x.gguf: give that file"}},
		{"a GGUF file for weights", func(m *mold) { m.files[weightsFile] = nil; m.files["x.gguf"] = file("") },
			[]string{"model.safetensors", "x.gguf: give that file"}},
		{"shards of pickle", func(m *mold) { m.files[weightsFile] = nil; m.files["pytorch_model-1.bin"] = file("") },
			[]string{"pytorch_model-1.bin", "pickle"}},
		{"a pointer", func(m *mold) { m.files[configFile] = file("version https://git-lfs.github.com/spec/v1\n") },
			[]string{"config.json", "git lfs pull"}},
		{"a byte order mark", func(m *mold) { m.files[configFile] = file("\ufeff{}") },
			[]string{"config.json", "byte order mark"}},
		{"UTF-16", func(m *mold) { m.files[configFile] = file("\xff\xfe{\x00}\x00") }, []string{"config.json", "UTF-16"}},
		{"UTF-16LE without a mark", func(m *mold) { m.files[configFile] = file("{\x00}\x00") },
			[]string{"config.json", "UTF-16"}},
		{"UTF-16BE without a mark", func(m *mold) { m.files[configFile] = file("\x00{\x00}") },
			[]string{"config.json", "UTF-16"}},
		{"the first Mamba's keys", func(m *mold) { m.files[configFile] = file(`{"model_type": "mamba", "d_model": 64}`) },
			[]string{"config.json: d_model is a key of the original Mamba format"}},
		{"GPTQ", func(m *mold) {
			m.remove(inProj)
			m.config["quantization_config"] = map[string]string{"quant_method": "gptq"}
		}, []string{"quantised by GPTQ, which is not read", inProj, "take the unquantised model"}},
		{"MLX", func(m *mold) {
			m.tensor(inProj).Shape = []int{256, 8}
			m.config["quantization"] = map[string]int{"bits": 4}
		}, []string{"quantised by MLX, which is not read", "[256 8]"}},
		{"tensor in two shards", func(m *mold) {
			m.shard(nil)
			m.shards["a.safetensors"] = append(slices.Clone(m.shards["a.safetensors"]), *m.tensor("lm_head.weight"))
		}, []string{"b.safetensors", "lm_head.weight", "also in a.safetensors"}},
		{"escape", func(m *mold) { m.shard(map[string]string{inProj: "../secret"}) },
			[]string{"index.json", "../secret", "same folder"}},
		{"absolute", func(m *mold) { m.shard(map[string]string{inProj: "/etc/passwd"}) },
			[]string{"index.json", "same folder"}},
		{"backslash", func(m *mold) { m.shard(map[string]string{inProj: `..\secret`}) },
			[]string{"index.json", "same folder"}},
		{"drive", func(m *mold) { m.shard(map[string]string{inProj: `C:secret`}) },
			[]string{"index.json", "same folder"}},
		{"nameless shard", func(m *mold) { m.shard(map[string]string{inProj: ""}) },
			[]string{"index.json", "same folder"}},
		{"folder as shard", func(m *mold) { m.shard(map[string]string{inProj: "."}) },
			[]string{"index.json", "same folder"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMold(t)
			c.bend(m)
			fsys, dir := m.build()
			_, err := Open(dir, Options{})
			_, fsErr := OpenFS(fsys, Options{})
			for _, err := range []error{err, fsErr} {
				for _, want := range c.want {
					if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
						t.Errorf("got error %v, want one line with %q", err, want)
					}
				}
			}
			if err != nil && !strings.Contains(err.Error(), dir) {
				t.Errorf("error %v does not name the folder", err)
			}
		})
	}
}

func TestOpenNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{
		{filepath.Join(dir, "absent"), "no model at"},
		{filepath.Join(dir, "file"), "is a file"},
		{dir, "config.json"},
		{"", "no model at"},
		{"random:", "no model size"},
		{"random:13b", `no model size "13b": want one of 1.4b, 130m, 7b`},
		{"random:" + dir, "no file " + filepath.Join(dir, "config.json")},
		{"random:" + filepath.Join(dir, "absent.json"), "no file"},
		{"random:" + filepath.Join(dir, "file"), "unexpected end"},
	} {
		_, err := Open(c.name, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got error %v, want one line with %q", c.name, err, c.want)
		}
		if missing := c.want == "no model at"; errors.Is(err, fs.ErrNotExist) != missing && c.want != "config.json" {
			t.Errorf("%q: fs.ErrNotExist is %v", c.name, !missing)
		}
	}
}

func TestExtraTensors(t *testing.T) {
	m := newMold(t)
	m.add("backbone.layers.7.norm.weight", "F32", 64)
	m.add("rotary.inv_freq", "F64", 3) // a type that is not read does not matter where it is not used
	_, dir := m.build()
	c := open(t, dir, Options{})
	want := "tensors that the model has no use for are ignored: backbone.layers.7.norm.weight, rotary.inv_freq"
	if got := strings.Join(c.Warnings(), "\n"); got != want {
		t.Errorf("warnings %q, want %q", got, want)
	}
	if _, ok := c.Lookup("rotary.inv_freq"); ok {
		t.Error("an extra tensor is offered")
	}
}

func TestOldEmbeddingName(t *testing.T) {
	m := newMold(t)
	m.tensor("backbone.embeddings.weight").Name = "backbone.embedding.weight"
	m.data["backbone.embedding.weight"] = bytes.Repeat([]byte{77}, 320*64*4)
	_, dir := m.build()
	c := open(t, dir, Options{})
	if got := data(t, c, "backbone.embeddings.weight"); got[0] != 77 {
		t.Errorf("the embedding begins with %d, want 77", got[0])
	}
	if len(c.Warnings()) > 0 {
		t.Errorf("warnings %q", c.Warnings())
	}
}

func TestTiedHead(t *testing.T) {
	const embedding, head = "backbone.embeddings.weight", "lm_head.weight"
	same := bytes.Repeat([]byte{9}, 320*64*4)
	late := append(slices.Clone(same[1:]), 8) // differs in its last byte
	for _, c := range []struct {
		name            string
		tie             any // absent, true or false
		embedding, head []byte
		tied            bool
		warn, err       string
	}{
		{"said", true, same, nil, true, "", ""},
		{"said, both alike", true, same, same, true, "", ""},
		{"said, both differ", true, same, late, false, "tie_word_embeddings", ""},
		{"said, only the head", true, nil, same, true, "", ""},
		{"unsaid", "absent", same, nil, true, "", ""},
		{"unsaid, both alike", "absent", same, same, true, "", ""},
		{"unsaid, both differ", "absent", same, late, false, "", ""},
		{"denied", false, same, late, false, "", ""},
		{"denied, both alike", false, same, same, false, "", ""},
		{"denied, no head", false, same, nil, false, "", "lm_head.weight is missing"},
		{"denied, only the head", false, nil, same, false, "", "embeddings.weight is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMold(t)
			if m.config["tie_word_embeddings"] = c.tie; c.tie == "absent" {
				delete(m.config, "tie_word_embeddings")
			}
			for name, p := range map[string][]byte{embedding: c.embedding, head: c.head} {
				if m.data[name] = p; p == nil {
					m.remove(name)
				}
			}
			_, dir := m.build()
			ck, err := Open(dir, Options{})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer ck.Close()
			_, hasHead := ck.Lookup(head)
			if got := ck.Config().Tied(); got != c.tied || hasHead == c.tied || ck.Config().TieWordEmbeddings == nil {
				t.Errorf("tied %v, head %v, want tied %v", got, hasHead, c.tied)
			}
			if got := data(t, ck, embedding); !bytes.Equal(got, same) {
				t.Error("not the embedding that was stored")
			}
			if got := strings.Join(ck.Warnings(), "; "); c.warn == "" && got != "" || !strings.Contains(got, c.warn) {
				t.Errorf("warnings %q, want %q", got, c.warn)
			}
		})
	}
}

func TestWidenNarrow(t *testing.T) {
	x := []float32{0, 1.5, -2, 65504, 1e-7}
	for typ, want := range map[backend.DType][]float32{
		backend.F32:  x,
		backend.F16:  {0, 1.5, -2, 65504, 1.1920929e-07},
		backend.BF16: {0, 1.5, -2, 65536, 1.0011718e-07},
	} {
		p := make([]byte, len(x)*typ.Size())
		got := make([]float32, len(x))
		if err := errors.Join(Narrow(p, x, typ), Widen(got, p, typ)); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v (-want +got):\n%s", typ, d)
		}
		if Narrow(p[1:], x, typ) == nil || Widen(got, p[1:], typ) == nil {
			t.Errorf("%v: too little memory is no error", typ)
		}
	}
	for _, typ := range []backend.DType{0, backend.I32, 200} {
		if Narrow(make([]byte, 100), x, typ) == nil || Widen(x, make([]byte, 100), typ) == nil {
			t.Errorf("%v converts", typ)
		}
	}
}

// A checkpoint that another program has quantised is refused with the method's name.
func TestForeignQuantisation(t *testing.T) {
	for config, want := range map[string]string{
		`{"quantization_config": {"quant_method": "gptq", "bits": 4}}`: "quantised by GPTQ",
		`{"quantization_config": {"bits": 4}}`:                         "quantised by a method",
		`{"quantization": {"group_size": 64, "bits": 4}}`:              "quantised by MLX",
		`{"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true}}`: "has its quant_state beside it: " +
			"save the model again",
		`{"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": true}}`: "whose 8 bits are not read",
	} {
		for what, change := range map[string]func(*mold){
			"missing": func(m *mold) { m.remove(inProj) },
			"shape":   func(m *mold) { m.tensor(inProj).Shape = []int{4, 4} },
		} {
			m := newMold(t)
			if err := json.Unmarshal([]byte(config), &m.config); err != nil {
				t.Fatal(err)
			}
			change(m)
			fsys, _ := m.build()
			if _, err := OpenFS(fsys, Options{}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: error %v, want %q", config, what, err, want)
			}
		}
	}
}

// Whatever lies in a folder, opening it ends, and what opens can be read.
func FuzzFolder(f *testing.F) {
	whole := fstest.MapFS{}
	for _, name := range []string{configFile, generationFile, weightsFile, "tokenizer.json"} {
		text, err := fs.ReadFile(tiny.FS(), name)
		if err != nil {
			f.Fatal(err)
		}
		whole[name] = &fstest.MapFile{Data: text}
	}
	for name, text := range map[string]string{configFile: `{"model_type": "mamba", "d_model": NaN}`,
		indexFile: `{"weight_map": {"a": "model.safetensors"}}`, "adapter_config.json": `{"base_model_name_or_path": 7}`,
		"x.gguf": "GGUF", "pytorch_model.bin": "PK", generationFile: `{"top_k": -1, "temperature": Infinity}`} {
		f.Add(name, []byte(text), false)
		f.Add(name, []byte(text), true)
	}
	f.Fuzz(func(t *testing.T, name string, text []byte, alone bool) {
		if !fs.ValidPath(name) || name == "." || len(text) > 1<<16 {
			return
		}
		files := maps.Clone(whole)
		if alone {
			delete(files, weightsFile)
		}
		files[name] = &fstest.MapFile{Data: text}
		ck, err := OpenFS(files, Options{})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: several lines", err)
			}
			return
		}
		defer ck.Close()
		for _, info := range ck.Tensors() {
			tensor, err := ck.Read(info.Name)
			if err != nil {
				t.Errorf("%s: %v", info.Name, err)
				continue
			}
			tensor.Release()
		}
		if out, err := ck.Config().JSON(); err != nil || !json.Valid(out) {
			t.Errorf("the config is %s (%v)", out, err)
		}
	})
}
