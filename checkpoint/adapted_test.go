package checkpoint

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/checkpoint/peft/pefttest"
	"falconmamba/internal/words"
)

// adaptAll returns an adapter of every matrix of ck: of several ranks and types of numbers.
func adaptAll(ck Checkpoint) *pefttest.Adapter {
	a := pefttest.New(4, 8)
	a.Config["rank_pattern"] = map[string]int{"in_proj": 5, "layers.1.mixer.out_proj": 1}
	a.Config["alpha_pattern"] = map[string]float64{`^backbone\.layers\.[02]\.mixer\.(x|dt)_proj`: 3}
	for i, info := range ck.Tensors() {
		if !isMatrix(info.Name) {
			continue
		}
		module := strings.TrimSuffix(info.Name, ".weight")
		rank, dtype := 4, []string{"F32", "F16", "BF16"}[i%3]
		switch {
		case info.Name == embeddingName:
			a.AddEmbedding(module, info.Shape, rank, dtype)
			continue
		case strings.HasSuffix(module, "in_proj"):
			rank = 5
		case strings.HasSuffix(module, "layers.1.mixer.out_proj"):
			rank = 1
		}
		a.Add(module, info.Shape, rank, dtype)
	}
	return a
}

// scaleOf is the scale of a module of adaptAll, by the text of its config.
func scaleOf(module string) float64 {
	switch {
	case strings.HasSuffix(module, "in_proj"):
		return 8. / 5
	case strings.HasSuffix(module, "layers.1.mixer.out_proj"):
		return 8
	case (strings.HasSuffix(module, "x_proj") || strings.HasSuffix(module, "dt_proj")) &&
		(strings.Contains(module, ".0.") || strings.Contains(module, ".2.")):
		return 3. / 4
	}
	return 2
}

// adaptable are models of every kind of storage.
func adaptable(t *testing.T) map[string]Checkpoint {
	all := map[string]Checkpoint{}
	for _, dir := range []string{"testdata/tiny", "testdata/half", "testdata/sharded", "testdata/mamba", "testdata/odd"} {
		all[dir] = open(t, dir, Options{})
	}
	all["read"] = open(t, "testdata/half", Options{NoMap: true})
	all["random"] = open(t, "random:testdata/tiny", Options{Seed: 5, Type: backend.F16})
	for _, typ := range []backend.DType{backend.Q8_0, backend.Q4_K, backend.Q6_K} {
		path := filepath.Join(t.TempDir(), "a.gguf")
		if _, err := WriteGGUF(context.Background(), path, all["testdata/sharded"], GGUFOptions{Type: typ}); err != nil {
			t.Fatal(err)
		}
		all["GGUF "+typ.String()] = open(t, path, Options{})
	}
	for _, kind := range []string{"nf4", "fp4"} {
		m := newMold(t)
		m.pack("backbone.layers.0.mixer.in_proj.weight", bnbSpec{kind, 64, 0})
		m.pack("backbone.layers.0.mixer.out_proj.weight", bnbSpec{kind, 64, 256})
		m.pack("backbone.layers.0.mixer.dt_proj.weight", bnbSpec{kind, 64, 0}) // its rows are no blocks
		_, dir := m.build()
		all["bitsandbytes "+kind] = open(t, dir, Options{})
	}
	return all
}

// What is read is W + scale·B·A, computed in float64 and rounded once to the type of the tensor, or packed as it.
func TestAdaptedIsTheFormula(t *testing.T) {
	for name, ck := range adaptable(t) {
		a := adaptAll(ck)
		const asked = -0.75
		got, err := Adapted(ck, []Adapter{{Path: a.Write(t), Scale: asked}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Cleanup(func() { got.Close() })
		for _, info := range got.Tensors() {
			base := info.Name
			if _, ok := ck.Lookup(base); !ok {
				base = embeddingName
			}
			want := make([]float64, info.Elements())
			for i, v := range floats(t, ck, base) {
				want[i] = float64(v)
			}
			module := strings.TrimSuffix(info.Name, ".weight")
			size := make([]float64, len(want)) // of what was added up
			if isMatrix(info.Name) && info.Name != headName || info.Name == base && info.Name == headName {
				for i, v := range a.Product(module, asked*scaleOf(module)) {
					size[i] = math.Abs(want[i]) + math.Abs(v) + 0.1
					want[i] += v
				}
			}
			compare(t, name, info, floats(t, got, info.Name), want, size)
		}
	}
}

// compare compares what is stored as info.Type with numbers that were computed from terms of that size.
func compare(t *testing.T, model string, info TensorInfo, got []float32, want, size []float64) {
	t.Helper()
	if info.Type.Block() > 1 {
		exact := make([]float32, len(want))
		for i, v := range want {
			exact[i] = float32(v)
		}
		packed := quant.New(info.Type, len(want))
		if err := quant.Convert(packed, quant.Packed{Type: backend.F32, Data: words.Bytes(exact)}, len(want)); err != nil {
			t.Fatal(err)
		}
		x := make([]float32, len(want))
		if err := packed.Decode(x, 0); err != nil {
			t.Fatal(err)
		}
		// A sum that differs in its last bit may fall on the other side of a step.
		var off, all float64
		for i := range x {
			off += math.Pow(float64(got[i]-x[i]), 2)
			all += math.Pow(float64(x[i]), 2)
		}
		if off > 1e-4*all {
			t.Errorf("%s: %s in %v is %g of its size off", model, info.Name, info.Type, math.Sqrt(off/all))
		}
		return
	}
	step := map[backend.DType]float64{backend.F32: 0x1p-24, backend.F16: 0x1p-11, backend.BF16: 0x1p-8}[info.Type]
	for i, v := range want {
		if off := math.Abs(float64(got[i]) - v); off > step*math.Abs(v)*1.0001+4e-7*size[i]+0x1p-25 {
			t.Fatalf("%s: %s[%d] is %g, want %g", model, info.Name, i, got[i], v)
		}
	}
}

// Two adapters are added, each at its own scale, and rslora divides by the root of the rank.
func TestAdaptersAddUp(t *testing.T) {
	ck := open(t, "testdata/tiny", Options{})
	const module = "backbone.layers.2.mixer.x_proj"
	info, _ := ck.Lookup(module + ".weight")
	one, two := pefttest.New(3, 6), pefttest.New(9, 6)
	one.Add(module, info.Shape, 3, "F32")
	two.Config["use_rslora"] = true
	two.Add(module, info.Shape, 9, "BF16")
	got := open(t, "testdata/tiny", Options{Adapters: []Adapter{{Path: one.Write(t)}, {Path: two.Write(t), Scale: 0.25}}})
	want, size := make([]float64, info.Elements()), make([]float64, info.Elements())
	first, second := one.Product(module, 2), two.Product(module, 0.25*6/3)
	for i, v := range floats(t, ck, info.Name) {
		want[i] = float64(v) + first[i] + second[i]
		size[i] = math.Abs(float64(v)) + math.Abs(first[i]) + math.Abs(second[i])
	}
	compare(t, "two", info, floats(t, got, info.Name), want, size)
	for _, other := range ck.Tensors() {
		if other.Name != info.Name && !bytes.Equal(data(t, ck, other.Name), data(t, got, other.Name)) {
			t.Errorf("%s changed, which no adapter names", other.Name)
		}
	}
}

// What an adapter has whole takes the tensor's place, and products are added to that.
func TestAdaptedWhole(t *testing.T) {
	ck := open(t, "testdata/half", Options{})
	info, _ := ck.Lookup("backbone.layers.1.mixer.out_proj.weight")
	norm, _ := ck.Lookup("backbone.norm_f.weight")
	a := pefttest.New(2, 2)
	a.Config["modules_to_save"] = []string{"norm_f", "out_proj"}
	module := strings.TrimSuffix(info.Name, ".weight")
	a.Add(module, info.Shape, 2, "F32")
	a.AddWhole("backbone.layers.1.mixer.out_proj.base_layer.weight", info.Shape, "F32")
	a.AddWhole("backbone.norm_f.modules_to_save.default.weight", norm.Shape, "F32")
	dir := a.Write(t)
	got := open(t, "testdata/half", Options{Adapters: []Adapter{{Path: dir}}})
	want := make([]float64, info.Elements())
	product := a.Product(module, 1)
	for i, v := range a.Tensors["base_model.model.backbone.layers.1.mixer.out_proj.base_layer.weight"].Values {
		want[i] = float64(v) + product[i]
	}
	compare(t, "whole", info, floats(t, got, info.Name), want, slices.Repeat([]float64{1}, len(want)))
	for i, v := range a.Tensors["base_model.model.backbone.norm_f.modules_to_save.default.weight"].Values {
		if x := floats(t, got, norm.Name)[i]; math.Abs(float64(x-v)) > 1e-3*math.Abs(float64(v)) {
			t.Fatalf("norm_f[%d] is %g, want %g", i, x, v)
		}
	}
	for _, scale := range []float64{0.5, -1} {
		if _, err := Adapted(ck, []Adapter{{Path: dir, Scale: scale}}); err == nil ||
			!strings.Contains(err.Error(), "no scale but 1") {
			t.Errorf("at scale %g: %v", scale, err)
		}
	}
	if _, err := Adapted(ck, []Adapter{{Path: dir}, {Path: dir}}); err == nil ||
		!strings.Contains(err.Error(), "another adapter does already") {
		t.Errorf("twice: %v", err)
	}
}

// A head that was tied is a tensor of its own once the embedding or the head is adapted.
func TestAdaptedUnties(t *testing.T) {
	for _, what := range []string{"embedding", "head", "both"} {
		ck := open(t, "testdata/half", Options{})
		info, _ := ck.Lookup(embeddingName)
		a := pefttest.New(2, 2)
		embedding, head := "backbone.embeddings", "lm_head"
		if what != "head" {
			a.AddEmbedding(embedding, info.Shape, 2, "F32")
		}
		if what != "embedding" {
			a.Add(head, info.Shape, 2, "F32")
		}
		got := open(t, "testdata/half", Options{Adapters: []Adapter{{Path: a.Write(t)}}})
		if got.Config().Tied() || !ck.Config().Tied() || len(got.Tensors()) != len(ck.Tensors())+1 {
			t.Errorf("%s: tied %v, %d tensors", what, got.Config().Tied(), len(got.Tensors()))
		}
		for name, module := range map[string]string{embeddingName: embedding, headName: head} {
			adapted := what == "both" || (what == "head") == (name == headName)
			if same := bytes.Equal(data(t, got, name), data(t, ck, embeddingName)); same == adapted {
				t.Errorf("%s: %s unchanged: %v", what, name, same)
			}
			if !adapted {
				continue
			}
			want := make([]float64, info.Elements())
			for i, v := range floats(t, ck, embeddingName) {
				want[i] = float64(v)
			}
			for i, v := range a.Product(module, 1) {
				want[i] += v
			}
			compare(t, what, info, floats(t, got, name), want, slices.Repeat([]float64{1}, len(want)))
		}
		if notes := strings.Join(Notes(got), "\n"); !strings.Contains(notes, "was tied") {
			t.Errorf("%s: notes %q do not say that it was tied", what, notes)
		}
		// What is saved opens as it was.
		dir := t.TempDir()
		if err := Save(dir, got, SaveOptions{}); err != nil {
			t.Fatal(err)
		}
		if saved := open(t, dir, Options{}); !bytes.Equal(data(t, saved, headName), data(t, got, headName)) {
			t.Errorf("%s: the head was saved otherwise", what)
		}
	}
}

// ReadAt is a part of Read wherever it begins, also where what is adapted is packed.
func TestAdaptedReadAt(t *testing.T) {
	for name, ck := range adaptable(t) {
		adapted, err := Adapted(ck, []Adapter{{Path: adaptAll(ck).Write(t)}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { adapted.Close() })
		packed, err := Quantized(adapted, backend.Q4_K)
		if err != nil {
			t.Fatal(err)
		}
		for _, view := range []Checkpoint{adapted, packed} {
			for _, info := range view.Tensors() {
				whole := data(t, view, info.Name)
				for _, r := range [][2]int64{{0, 1}, {info.Bytes - 1, 1}, {0, min(700, info.Bytes)},
					{info.Bytes / 3, min(999, info.Bytes/3)}, {info.Bytes, 0}} {
					p := make([]byte, r[1])
					if err := view.ReadAt(info.Name, p, r[0]); err != nil {
						t.Fatalf("%s: %s: %v", name, info.Name, err)
					}
					if !bytes.Equal(p, whole[r[0]:r[0]+r[1]]) {
						t.Fatalf("%s: %s in %v: bytes %d to %d are not those of Read",
							name, info.Name, info.Type, r[0], r[0]+r[1])
					}
				}
				if err := view.ReadAt(info.Name, make([]byte, 2), info.Bytes-1); err == nil {
					t.Errorf("%s: %s: reads beyond its end", name, info.Name)
				}
			}
		}
	}
}

// What is adapted and packed at once is rounded once: not to bfloat16 in between, in which the model is stored.
func TestAdaptedIsRoundedOnce(t *testing.T) {
	ck := open(t, "testdata/sharded", Options{})
	const module = "backbone.layers.3.mixer.in_proj"
	info, _ := ck.Lookup(module + ".weight")
	a := pefttest.New(2, 2)
	a.Add(module, info.Shape, 2, "F32")
	n := int(info.Elements())
	want, twice := quant.New(backend.Q8_0, n), quant.New(backend.Q8_0, n)
	sum := floats(t, ck, info.Name)
	for i, v := range a.Product(module, 1) {
		sum[i] = float32(float64(sum[i]) + v)
	}
	rounded := make([]byte, 2*n)
	if err := Narrow(rounded, sum, backend.BF16); err != nil {
		t.Fatal(err)
	}
	for dst, src := range map[*quant.Packed]quant.Packed{
		&want: {Type: backend.F32, Data: words.Bytes(sum)}, &twice: {Type: backend.BF16, Data: rounded}} {
		if err := quant.Convert(*dst, src, n); err != nil {
			t.Fatal(err)
		}
	}
	options := Options{Adapters: []Adapter{{Path: a.Write(t)}}, Quant: backend.Q8_0}
	path := filepath.Join(t.TempDir(), "a.gguf")
	adapted := open(t, "testdata/sharded", Options{Adapters: options.Adapters})
	if _, err := WriteGGUF(context.Background(), path, adapted, GGUFOptions{Type: backend.Q8_0}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := Save(dir, adapted, SaveOptions{Type: backend.F32}); err != nil {
		t.Fatal(err)
	}
	differ := func(a, b []byte) (n int) {
		for i := range a {
			if a[i] != b[i] {
				n++
			}
		}
		return n
	}
	far := differ(twice.Data, want.Data)
	for name, got := range map[string][]byte{
		"while it is loaded": data(t, open(t, "testdata/sharded", options), info.Name),
		"in a GGUF file":     data(t, open(t, path, Options{}), info.Name),
		"saved and packed":   data(t, open(t, dir, Options{Quant: backend.Q8_0}), info.Name),
	} {
		// The sums here are of float32, and may differ in their last bit from those in float64.
		if off := differ(got, want.Data); off > far/20 {
			t.Errorf("%s: %d bytes differ from what is rounded once; if it were rounded twice, %d would", name, off, far)
		}
	}
}

// Files are not written to: what is adapted lies elsewhere, and what is not stays in place.
func TestAdaptedLeavesMappingsAlone(t *testing.T) {
	ck := open(t, "testdata/tiny", Options{})
	before, err := os.ReadFile("testdata/tiny/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	const module = "backbone.layers.0.mixer.dt_proj"
	info, _ := ck.Lookup(module + ".weight")
	a := pefttest.New(2, 2)
	a.Add(module, info.Shape, 2, "F32")
	got := open(t, "testdata/tiny", Options{Adapters: []Adapter{{Path: a.Write(t)}}})
	if len(got.Mappings()) != 1 {
		t.Fatalf("%d mappings", len(got.Mappings()))
	}
	mapping := got.Mappings()[0]
	for _, info := range got.Tensors() {
		tensor, err := got.Read(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		at := uintptr(unsafe.Pointer(&tensor.Data[0])) - uintptr(unsafe.Pointer(&mapping[0]))
		inside := at < uintptr(len(mapping))
		if adapted := strings.HasPrefix(info.Name, module+".w"); inside == adapted || tensor.Mapping >= 0 == adapted {
			t.Errorf("%s: in the mapping %v, Mapping %d", info.Name, inside, tensor.Mapping)
		} else if inside && tensor.Offset != int64(at) {
			t.Errorf("%s: offset %d, want %d", info.Name, tensor.Offset, at)
		}
		tensor.Release()
	}
	if !bytes.Equal(mapping, before) {
		t.Error("the mapping changed")
	}
	// Where most is adapted, a device is not to keep all of the file too.
	most := open(t, "testdata/tiny", Options{Adapters: []Adapter{{Path: adaptAll(ck).Write(t)}}})
	if tensor, err := most.Read("backbone.norm_f.weight"); err != nil || tensor.Mapping != -1 || most.Mappings() != nil {
		t.Errorf("%d mappings where most is adapted, norm_f in %d, %v", len(most.Mappings()), tensor.Mapping, err)
	}
}

func TestAdaptedFingerprint(t *testing.T) {
	ck := open(t, "testdata/tiny", Options{})
	const module = "backbone.layers.1.mixer.in_proj"
	info, _ := ck.Lookup(module + ".weight")
	a := pefttest.New(2, 2)
	a.Add(module, info.Shape, 2, "F32")
	one := a.Write(t)
	// Numbers in the middle, which no end of the matrix shows.
	left := a.Tensors["base_model.model."+module+".lora_B.weight"].Values
	left[len(left)/2] += 0.5
	other := a.Write(t)
	seen := map[string]string{}
	for name, o := range map[string]Options{
		"none":            {},
		"one":             {Adapters: []Adapter{{Path: one}}},
		"half of it":      {Adapters: []Adapter{{Path: one, Scale: 0.5}}},
		"nearly it":       {Adapters: []Adapter{{Path: one, Scale: 1 + 1e-12}}},
		"other":           {Adapters: []Adapter{{Path: other}}},
		"both":            {Adapters: []Adapter{{Path: one}, {Path: other}}},
		"one, packed":     {Adapters: []Adapter{{Path: one}}, Quant: backend.Q8_0},
		"other, packed":   {Adapters: []Adapter{{Path: other}}, Quant: backend.Q8_0},
		"nothing, packed": {Quant: backend.Q8_0},
	} {
		p, err := Fingerprint(open(t, "testdata/tiny", o))
		if err != nil {
			t.Fatal(err)
		}
		if was, dup := seen[p]; dup {
			t.Errorf("%s and %s have the same fingerprint", was, name)
		}
		seen[p] = name
	}
	again, err := Fingerprint(open(t, "testdata/tiny", Options{Adapters: []Adapter{{Path: one, Scale: 1}}}))
	if err != nil || seen[again] != "one" {
		t.Errorf("scale 1 has the fingerprint of %q, %v", seen[again], err)
	}
}
