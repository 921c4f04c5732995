package checkpoint

import (
	"bytes"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
)

func TestQuantizedTypes(t *testing.T) {
	c := wide(t)
	tied := *c
	yes := true
	tied.TieWordEmbeddings = &yes
	const (
		in, x, dt, out  = inProj, "backbone.layers.1.mixer.x_proj.weight", "backbone.layers.0.mixer.dt_proj.weight", "backbone.layers.1.mixer.out_proj.weight"
		embedding, head = "backbone.embeddings.weight", "lm_head.weight"
	)
	for _, k := range []struct {
		config *Config
		typ    backend.DType
		want   map[string]backend.DType
	}{
		{c, backend.Q4_K, map[string]backend.DType{in: backend.Q4_K, x: backend.Q8_0, dt: backend.F16,
			out: backend.Q4_K, embedding: backend.Q4_K, head: backend.Q6_K}},
		{&tied, backend.Q4_0, map[string]backend.DType{in: backend.Q4_0, x: backend.Q8_0, dt: backend.F16,
			out: backend.Q4_0, embedding: backend.Q6_K}},
		{c, backend.Q6_K, map[string]backend.DType{in: backend.Q6_K, x: backend.Q8_0, dt: backend.F16,
			out: backend.Q6_K, embedding: backend.Q6_K, head: backend.Q6_K}},
		{c, backend.Q8_0, map[string]backend.DType{in: backend.Q8_0, x: backend.Q8_0, dt: backend.F16,
			out: backend.Q8_0, embedding: backend.Q8_0, head: backend.Q8_0}},
		{c, backend.NF4, map[string]backend.DType{in: backend.NF4, x: backend.Q8_0, dt: backend.F16, out: backend.NF4,
			embedding: backend.NF4, head: backend.Q6_K}},
		{c, backend.FP4, map[string]backend.DType{in: backend.FP4, head: backend.Q6_K}},
	} {
		ck, err := NewRandom(k.config, Options{Type: backend.F32})
		if err != nil {
			t.Fatal(err)
		}
		q, err := Quantized(ck, k.typ)
		if err != nil {
			t.Fatal(err)
		}
		for i, info := range q.Tensors() {
			if want, ok := k.want[info.Name]; ok && info.Type != want {
				t.Errorf("%v: %s is %v, want %v", k.typ, info.Name, info.Type, want)
			}
			if !isMatrix(info.Name) && info.Type != backend.F32 {
				t.Errorf("%v: %s is %v, want f32", k.typ, info.Name, info.Type)
			}
			if again, ok := q.Lookup(info.Name); !ok || again.Type != info.Type || again.Bytes != info.Bytes ||
				ck.Tensors()[i].Name != info.Name {
				t.Errorf("%v: Lookup(%s) = %v", k.typ, info.Name, again)
			}
			tensor, err := q.Read(info.Name)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(tensor.Data)) != info.Bytes {
				t.Errorf("%v: %s has %d bytes, want %d", k.typ, info.Name, len(tensor.Data), info.Bytes)
			}
			if err := tensor.Packed().Check(int(info.Elements())); err != nil {
				t.Errorf("%v: %s: %v", k.typ, info.Name, err)
			}
			got, err := tensor.Float32()
			if err != nil {
				t.Fatal(err)
			}
			checkLoss(t, info, got, floats(t, ck, info.Name))
			whole := bytes.Clone(tensor.Data)
			tensor.Release()
			for _, r := range [][2]int64{{0, 1}, {0, min(4096, info.Bytes)}, {info.Bytes - 1, 1},
				{info.Bytes / 3, min(300, info.Bytes/2)}, {info.Bytes, 0}} {
				p := make([]byte, r[1])
				if err := q.ReadAt(info.Name, p, r[0]); err != nil || !bytes.Equal(p, whole[r[0]:][:r[1]]) {
					t.Errorf("%v: %s: bytes %d to %d differ (%v)", k.typ, info.Name, r[0], r[0]+r[1], err)
				}
			}
			if err := q.ReadAt(info.Name, make([]byte, 2), info.Bytes-1); err == nil {
				t.Errorf("%v: %s: bytes beyond the end were read", k.typ, info.Name)
			}
		}
		if notes := strings.Join(Notes(q), "\n"); !strings.Contains(notes,
			"mixer.dt_proj.weight (2 of them) is stored as f16") {
			t.Errorf("%v: notes %q", k.typ, notes)
		}
		if err := q.Close(); err != nil {
			t.Error(err)
		}
		if _, err := q.Read(in); err == nil {
			t.Errorf("%v: a closed checkpoint was read", k.typ)
		}
	}
}

// checkLoss wants an error that suits the type: constants and uniform weights
// lose a little less than normal ones.
func checkLoss(t *testing.T, info TensorInfo, got, want []float32) {
	t.Helper()
	most := map[backend.DType]float64{backend.F32: 0, backend.F16: 5e-4, backend.Q8_0: 0.008, backend.Q6_K: 0.02,
		backend.Q4_K: 0.08, backend.Q4_0: 0.09, backend.NF4: 0.12, backend.FP4: 0.16}[info.Type]
	var e, s float64
	for i := range want {
		d := float64(got[i]) - float64(want[i])
		e += d * d
		s += float64(want[i]) * float64(want[i])
	}
	if loss := math.Sqrt(e / max(s, 1e-30)); !(loss <= most) {
		t.Errorf("%s as %v lost %.4f, want at most %.4f", info.Name, info.Type, loss, most)
	}
}

// What is small already stays, bit by bit, and larger blocks are packed again.
// Who packs what was packed is told so.
func TestPackedTwiceIsNoted(t *testing.T) {
	ck := open(t, "tiny", Options{})
	once, notes := written(t, ck, GGUFOptions{Type: backend.Q8_0})
	const want = "weights were q8_0 already"
	if strings.Contains(strings.Join(notes, "\n"), want) {
		t.Errorf("packed once: notes %q", notes)
	}
	if _, notes = written(t, once, GGUFOptions{Type: backend.Q4_0}); !strings.Contains(strings.Join(notes, "\n"), want) {
		t.Errorf("packed twice: notes %q, want %q", notes, want)
	}
	q, err := Quantized(once, backend.Q4_0)
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(Notes(q), "\n"); !strings.Contains(notes, want) {
		t.Errorf("packed while loading: notes %q, want %q", notes, want)
	}
}

func TestQuantizedTwice(t *testing.T) {
	ck, err := NewRandom(wide(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		first, second, in, head backend.DType
	}{
		{backend.Q4_K, backend.Q8_0, backend.Q4_K, backend.Q6_K},
		{backend.Q8_0, backend.Q4_K, backend.Q4_K, backend.Q6_K},
		{backend.NF4, backend.Q4_0, backend.NF4, backend.Q6_K},
		{backend.Q6_K, backend.NF4, backend.NF4, backend.Q6_K},
		{backend.NF4, backend.NF4, backend.NF4, backend.Q6_K},
	} {
		once, err := Quantized(ck, k.first)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := Quantized(once, k.second)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]backend.DType{inProj: k.in, "lm_head.weight": k.head} {
			info, _ := twice.Lookup(name)
			if info.Type != want {
				t.Errorf("%v, then %v: %s is %v, want %v", k.first, k.second, name, info.Type, want)
			}
			a := data(t, twice, name)
			b := make([]byte, len(a))
			if err := twice.ReadAt(name, b, 0); err != nil || !slices.Equal(a, b) {
				t.Errorf("%v, then %v: %s: ReadAt differs from Read (%v)", k.first, k.second, name, err)
			}
		}
	}
	for _, typ := range []backend.DType{backend.F32, backend.BF16, backend.I32, 0} {
		if _, err := Quantized(ck, typ); err == nil || !strings.Contains(err.Error(), "want one of q8_0") {
			t.Errorf("quantising to %v: error %v", typ, err)
		}
	}
}

// A device gets the files to use in place where they stay as they are, and only
// there.
func TestQuantizedMappings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.gguf")
	ck, err := NewRandom(wide(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WriteGGUF(t.Context(), path, ck, GGUFOptions{Type: backend.Q4_0}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		typ               backend.DType
		mappings, mapping int
	}{{backend.Q8_0, 1, 0}, {backend.NF4, 1, 0}, {backend.IQ4_XS, 0, -1}} {
		q, err := Quantized(open(t, path, Options{}), c.typ)
		if err != nil {
			t.Fatal(err)
		}
		norm, err := q.Read("backbone.norm_f.weight")
		if err != nil {
			t.Fatal(err)
		}
		if len(q.Mappings()) != c.mappings || norm.Mapping != c.mapping {
			t.Errorf("q4_0 as %v: %d mappings, a tensor in number %d; want %d and %d",
				c.typ, len(q.Mappings()), norm.Mapping, c.mappings, c.mapping)
		}
	}
}

// A number that a type cannot hold is named with its tensor.
func TestQuantizedNaN(t *testing.T) {
	m := newMold(t)
	m.data[inProj] = bytes.Repeat([]byte{0xff}, int(elements(m.tensor(inProj).Shape)*4))
	_, dir := m.build()
	ck := open(t, dir, Options{})
	q, err := Quantized(ck, backend.Q8_0)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := q.Lookup(inProj); info.Type != backend.Q8_0 {
		t.Fatalf("in_proj is %v", info.Type)
	}
	if _, err := q.Read(inProj); err == nil || !strings.Contains(err.Error(), inProj) ||
		!strings.Contains(err.Error(), "NaN") {
		t.Errorf("NaN: error %v", err)
	}
}
