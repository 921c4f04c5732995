package checkpoint

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/internal/words"
)

// A bnbSpec says how a weight of a mold is stored.
type bnbSpec struct {
	kind   string // nf4 or fp4
	block  int
	nested int // block of the double quantisation; 0 for none
}

// pack stores a weight as bitsandbytes would, of codes and scales made up here,
// and returns its values by the definition.
func (m *mold) pack(name string, s bnbSpec) []float32 {
	shape := m.tensor(name).Shape
	n := int(elements(shape))
	blocks := (n + s.block - 1) / s.block
	book := map[string][16]float32{"nf4": quant.NF4, "fp4": quant.FP4}[s.kind]
	codes := make([]byte, (n+1)/2)
	for i := range codes {
		codes[i] = byte(i*37 + i/5)
	}
	scales := make([]float32, blocks)
	m.remove(name)
	m.add(name, "U8", len(codes), 1)
	m.data[name] = codes
	m.add(name+".quant_map", "F32", 16)
	m.data[name+".quant_map"] = words.Bytes(book[:])
	state := map[string]any{"quant_type": s.kind, "blocksize": s.block, "dtype": "bfloat16", "shape": shape}
	if s.nested == 0 {
		for b := range scales {
			scales[b] = 0.01 * float32(b%7+1)
		}
		m.add(name+".absmax", "F32", blocks)
		m.data[name+".absmax"] = words.Bytes(scales)
	} else {
		outer := make([]float32, (blocks+s.nested-1)/s.nested)
		values := make([]float32, 256)
		inner := make([]byte, blocks)
		const offset = float32(0.25)
		for i := range outer {
			outer[i] = 0.1 / float32(i+1)
		}
		for i := range values {
			values[i] = float32(i-128) / 128
		}
		for b := range inner {
			inner[b] = byte(b * 11)
			scales[b] = float32(values[inner[b]]*outer[b/s.nested]) + offset // rounded twice, on Arm too
		}
		m.add(name+".absmax", "U8", blocks)
		m.data[name+".absmax"] = inner
		m.add(name+".nested_absmax", "F32", len(outer))
		m.data[name+".nested_absmax"] = words.Bytes(outer)
		m.add(name+".nested_quant_map", "F32", 256)
		m.data[name+".nested_quant_map"] = words.Bytes(values)
		state["nested_blocksize"], state["nested_dtype"], state["nested_offset"] = s.nested, "float32", offset
	}
	m.describe(name, s.kind, state)
	want := make([]float32, n)
	for i := range want {
		want[i] = book[codes[i/2]>>(4*(1-i%2))&15] * scales[i/s.block]
	}
	return want
}

// describe stores a weight's quant_state.
func (m *mold) describe(name, kind string, state map[string]any) {
	key := name + ".quant_state.bitsandbytes__" + kind
	m.remove(key)
	m.data[key] = m.text(state)
	m.add(key, "U8", len(m.data[key]))
}

const outProj = "backbone.layers.0.mixer.out_proj.weight"

func TestBitsAndBytes(t *testing.T) {
	for _, s := range []bnbSpec{{"nf4", 64, 0}, {"fp4", 64, 0}, {"nf4", 64, 256}, {"fp4", 64, 16}, {"nf4", 128, 0},
		{"fp4", 256, 32}, {"nf4", 32, 0}} {
		m := newMold(t)
		want := map[string][]float32{inProj: m.pack(inProj, s), outProj: m.pack(outProj, s)}
		fsys, dir := m.build()
		streamed, err := OpenFS(fsys, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for where, ck := range map[string]Checkpoint{"mapped": open(t, dir, Options{}), "streamed": streamed} {
			if w := ck.Warnings(); len(w) > 0 {
				t.Errorf("%+v %s: warnings %q", s, where, w)
			}
			for name, want := range want {
				info, _ := ck.Lookup(name)
				packed := info.Shape[1]%64 == 0 && s.block%64 == 0
				if typ := map[bool]string{true: s.kind, false: "f32"}[packed]; info.Type.String() != typ {
					t.Errorf("%+v %s: %s %v is %v, want %s", s, where, name, info.Shape, info.Type, typ)
				}
				tensor, err := ck.Read(name)
				if err != nil {
					t.Fatal(err)
				}
				if int64(len(tensor.Data)) != info.Bytes {
					t.Errorf("%+v %s: %s has %d bytes, want %d", s, where, name, len(tensor.Data), info.Bytes)
				}
				p := make([]byte, info.Bytes/2)
				if err := ck.ReadAt(name, p, info.Bytes/4); err != nil ||
					!bytes.Equal(p, tensor.Data[info.Bytes/4:][:len(p)]) {
					t.Errorf("%+v %s: %s: ReadAt differs from Read (%v)", s, where, name, err)
				}
				got, err := tensor.Float32()
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%+v %s: %s has other values", s, where, name)
				}
				tensor.Release()
			}
		}
		streamed.Close()
	}
}

func TestBitsAndBytesErrors(t *testing.T) {
	good := map[string]any{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16"}
	with := func(key string, v any) func(*mold) {
		return func(m *mold) {
			state := maps.Clone(good)
			state["shape"] = []int{int(elements(m.tensor(inProj).Shape)) * 2 / 64, 64}
			c, _ := ParseConfig(m.text(m.config))
			state["shape"] = []int{2 * c.IntermediateSize, c.HiddenSize}
			state[key] = v
			m.describe(inProj, "nf4", state)
		}
	}
	resize := func(suffix, dtype string, n int) func(*mold) {
		return func(m *mold) {
			*m.tensor(inProj + suffix) = *m.tensor(inProj + suffix)
			x := m.tensor(inProj + suffix)
			x.DType, x.Shape = dtype, []int{n}
			delete(m.data, inProj+suffix)
		}
	}
	for name, c := range map[string]struct {
		nested int
		change func(*mold)
		want   string
	}{
		"both types": {0, func(m *mold) {
			with("blocksize", 64)(m)
			state := maps.Clone(good)
			state["quant_type"] = "fp4"
			m.describe(inProj, "fp4", state)
		}, "as both nf4 and fp4"},
		"type":          {0, with("quant_type", "fp4"), "quant_type is fp4"},
		"shape":         {0, with("shape", []int{1, 2}), "its shape is [1 2]"},
		"shape is text": {0, with("shape", "x"), "quant_state"},
		"block":         {0, with("blocksize", 0), "blocksize is 0"},
		"odd block":     {0, with("blocksize", 100), "blocksize is 100"},
		"huge block":    {0, with("blocksize", 1<<30), "blocksize is"},
		"no JSON": {0, func(m *mold) { m.data[inProj+".quant_state.bitsandbytes__nf4"][0] = '[' },
			"quant_state"},
		"long description": {0, resize(".quant_state.bitsandbytes__nf4", "U8", 1<<17), "at most 65536"},
		"no absmax":        {0, func(m *mold) { m.remove(inProj + ".absmax") }, "its absmax is missing"},
		"no quant_map": {0, func(m *mold) { m.remove(inProj + ".quant_map") },
			"its quant_map is missing"},
		"short quant_map": {0, resize(".quant_map", "F32", 15), "its quant_map is F32 [15]: want 16"},
		"short absmax":    {0, resize(".absmax", "F32", 3), "its absmax is F32 [3]"},
		"half absmax":     {0, resize(".absmax", "F16", 3), "its absmax is F16 [3]"},
		"short codes":     {0, resize("", "U8", 3), "3 bytes of codes"},
		"nested block": {256, func(m *mold) { with("nested_blocksize", 3)(m) },
			"nested_blocksize is 3"},
		"no nested_absmax": {256, func(m *mold) { m.remove(inProj + ".nested_absmax") },
			"its nested_absmax is missing"},
		"nested map": {256, resize(".nested_quant_map", "F32", 255),
			"its nested_quant_map is F32 [255]: want 256"},
		"nested absmax":                 {256, resize(".nested_absmax", "F32", 99), "its nested_absmax"},
		"description of a whole number": {0, with("blocksize", 1.5), "quant_state"},
	} {
		m := newMold(t)
		m.pack(inProj, bnbSpec{"nf4", 64, c.nested})
		c.change(m)
		_, dir := m.build()
		_, err := Open(dir, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), inProj) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q in one line", name, err, c.want)
		}
	}
	// Eight bits are another format, which is not read.
	m := newMold(t)
	m.tensor(inProj).DType = "I8"
	m.config["quantization_config"] = json.RawMessage(`{"quant_method":"bitsandbytes","load_in_8bit":true}`)
	_, dir := m.build()
	if _, err := Open(dir, Options{}); err == nil ||
		!strings.Contains(err.Error(), "whose 8 bits are not read") {
		t.Errorf("eight bits: %v", err)
	}
}

// What bitsandbytes makes of numbers is what Quantized does.
func TestBitsAndBytesGGUF(t *testing.T) {
	m := newMold(t)
	want := m.pack(inProj, bnbSpec{"nf4", 64, 256})
	_, dir := m.build()
	got, _ := written(t, open(t, dir, Options{}), GGUFOptions{Type: backend.F32})
	if !slices.Equal(floats(t, got, inProj), want) {
		t.Error("a packed weight has other values in GGUF")
	}
}

func FuzzBitsAndBytes(f *testing.F) {
	for _, s := range []string{
		`{"quant_type":"nf4","blocksize":64,"dtype":"bfloat16","shape":[2,64]}`,
		`{"quant_type":"nf4","blocksize":32,"shape":[2,64],"nested_blocksize":16,"nested_offset":0.5}`,
		`{"quant_type":"nf4","blocksize":-64,"shape":[]}`, `[]`, `null`, `{"shape":[9223372036854775807,2]}`,
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, state []byte, nested bool) {
		fl := fakeBNB(state, nested)
		spec := TensorSpec{Name: "x.weight", Shape: []int{2, 64}}
		w, err := fl.bnb(spec)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		tensor, err := fl.readBNB(w)
		if err != nil {
			t.Fatal(err)
		}
		if x, err := tensor.Float32(); err != nil || len(x) != 128 {
			t.Fatalf("%d values (%v)", len(x), err)
		}
		tensor.Release()
	})
}

// fakeBNB is a folder that holds one weight of [2, 64] with the given
// description.
func fakeBNB(state []byte, nested bool) *folder {
	f := &folder{stored: map[string]storedTensor{}}
	var data []byte
	add := func(name, dtype string, n, size int) {
		f.stored[name] = storedTensor{safetensors.Tensor{Name: name, DType: dtype, Shape: []int{n},
			Offset: int64(len(data)), Size: int64(n * size)}, 0}
		data = append(data, bytes.Repeat([]byte{0x3c}, n*size)...)
	}
	add("x.weight", "U8", 64, 1)
	add("x.weight.quant_map", "F32", 16, 4)
	if nested {
		add("x.weight.absmax", "U8", 4, 1)
		add("x.weight.nested_absmax", "F32", 1, 4)
		add("x.weight.nested_quant_map", "F32", 256, 4)
	} else {
		add("x.weight.absmax", "F32", 2, 4)
	}
	add("x.weight.quant_state.bitsandbytes__nf4", "U8", len(state), 1)
	copy(data[len(data)-len(state):], state)
	f.shards = []*shard{{name: "x.safetensors", reader: bytes.NewReader(data)}}
	return f
}
