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
		{"dtype", func(m *mold) { m.config["dtype"] = "int3" }, []string{"config.json", `"int3"`}},
		{"broken generation config", func(m *mold) { m.files[generationFile] = file(`{"top_k": []}`) },
			[]string{"generation_config.json: top_k is []"}},
		{"no weights", func(m *mold) { m.files[weightsFile] = nil },
			[]string{"no ", "model.safetensors", "index.json"}},
		{"pickle", func(m *mold) { m.files[weightsFile] = nil; m.files["pytorch_model.bin"] = file("") },
			[]string{"pytorch_model.bin", "pickle"}},
		{"truncated", func(m *mold) { m.files[weightsFile] = file("\x02\x00\x00\x00\x00\x00\x00\x00{") },
			[]string{"model.safetensors", "truncated"}},
		{"missing tensor", func(m *mold) { m.remove(inProj) }, []string{"model.safetensors", inProj, "missing"}},
		{"missing tensors", func(m *mold) { m.remove(inProj); m.remove("lm_head.weight"); m.remove("backbone.norm_f.weight") }, []string{inProj + " and 2 more"}},
		{"wrong shape", func(m *mold) { m.tensor(inProj).Shape = []int{64, 256} },
			[]string{"model.safetensors", inProj, "[64 256]", "[256 64]"}},
		{"flat shape", func(m *mold) { m.tensor(inProj).Shape = []int{256 * 64} }, []string{inProj, "[16384]"}},
		{"config of another size", func(m *mold) { m.config["state_size"] = 8 },
			[]string{"x_proj.weight", "[36 128]", "[20 128]"}},
		{"float64", func(m *mold) { m.tensor(inProj).DType = "F64" }, []string{inProj, "F64", "want F32, F16 or BF16"}},
		{"quantised", func(m *mold) {
			m.tensor(inProj).DType = "U8"
			m.config["quantization_config"] = map[string]string{"quant_method": "bitsandbytes"}
		}, []string{inProj, "U8 (quantised by bitsandbytes)"}},
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
		{"absent tensor", func(m *mold) { m.shard(map[string]string{"backbone.x": "a.safetensors"}) },
			[]string{"index.json", "backbone.x", "a.safetensors"}},
		{"tensor in another shard", func(m *mold) { m.shard(map[string]string{"lm_head.weight": "a.safetensors"}) },
			[]string{"index.json", "lm_head.weight", "a.safetensors"}},
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
		`{"quantization_config": {"quant_method": "gptq", "bits": 4}}`: "quantised by gptq",
		`{"quantization_config": {"bits": 4}}`:                         "(quantised)",
		`{"quantization": {"group_size": 64, "bits": 4}}`:              "quantised by MLX",
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
