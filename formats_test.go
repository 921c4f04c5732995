package falconmamba

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/tiny"
	"falconmamba/model"
)

// packable are the block types that weights are packed as here.
var packable = []backend.DType{backend.Q8_0, backend.Q4_0, backend.Q4_1, backend.Q5_0, backend.Q5_1,
	backend.Q4_K, backend.Q5_K, backend.Q6_K, backend.NF4, backend.FP4}

// readable are those that are random bits here, as packing would hardly make them.
var readable = []backend.DType{backend.Q2_K, backend.Q3_K, backend.IQ4_NL, backend.IQ4_XS}

// wideRandom is a random checkpoint whose rows are whole blocks of 256.
func wideRandom(t *testing.T) checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.ParseConfig([]byte(`{"model_type":"falcon_mamba","hidden_size":256,"intermediate_size":512,"num_hidden_layers":1,` +
		`"vocab_size":300,"time_step_rank":32,"tie_word_embeddings":false}`))
	if err != nil {
		t.Fatal(err)
	}
	ck, err := checkpoint.NewRandom(c, checkpoint.Options{Seed: 5, Type: backend.F32})
	if err != nil {
		t.Fatal(err)
	}
	return ck
}

// remade is a checkpoint whose tensors are changed as they are read.
type remade struct {
	checkpoint.Checkpoint
	change func(*checkpoint.Tensor) *checkpoint.Tensor
}

func (r remade) Read(name string) (*checkpoint.Tensor, error) {
	t, err := r.Checkpoint.Read(name)
	if err != nil {
		return nil, err
	}
	return r.change(t), nil
}

// dequantized has every tensor in float32.
func dequantized(t *testing.T, ck checkpoint.Checkpoint) checkpoint.Checkpoint {
	return remade{ck, func(in *checkpoint.Tensor) *checkpoint.Tensor {
		x, err := in.Float32()
		if err != nil {
			t.Error(err)
		}
		info := in.TensorInfo
		info.Type, info.Bytes = backend.F32, 4*info.Elements()
		out := &checkpoint.Tensor{TensorInfo: info, Mapping: -1}
		for _, v := range x {
			out.Data = binary.LittleEndian.AppendUint32(out.Data, math.Float32bits(v))
		}
		return out
	}}
}

// scrambled has in_proj and out_proj as typ, of random bits with scales that
// suit.
func scrambled(ck checkpoint.Checkpoint, typ backend.DType) checkpoint.Checkpoint {
	scales := map[backend.DType][]int{backend.Q2_K: {80, 82}, backend.Q3_K: {108}, backend.IQ4_NL: {0},
		backend.IQ4_XS: {0}}[typ]
	scale := map[backend.DType]uint16{backend.Q2_K: 0x1800, backend.Q3_K: 0x1000, backend.IQ4_NL: 0x0c00,
		backend.IQ4_XS: 0x0200}[typ]
	return remade{ck, func(in *checkpoint.Tensor) *checkpoint.Tensor {
		if !strings.HasSuffix(in.Name, "in_proj.weight") && !strings.HasSuffix(in.Name, "out_proj.weight") {
			return in
		}
		info := in.TensorInfo
		info.Type, info.Bytes = typ, typ.RowBytes(int(info.Elements()))
		out := &checkpoint.Tensor{TensorInfo: info, Mapping: -1, Data: make([]byte, info.Bytes)}
		state := uint64(len(in.Name))
		for i := range out.Data {
			state = state*6364136223846793005 + 1442695040888963407
			out.Data[i] = byte(state >> 56)
		}
		for b := 0; b < len(out.Data); b += typ.Size() {
			for _, at := range scales {
				binary.LittleEndian.PutUint16(out.Data[b+at:], scale)
			}
		}
		return out
	}}
}

func load(t *testing.T, ck checkpoint.Checkpoint, o Options) *Model {
	t.Helper()
	m, err := openCheckpoint(context.Background(), ck, "the model", &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

var someIDs = []int32{5, 250, 17, 17, 299, 0, 42}

// A packed checkpoint computes what its numbers do when they are unpacked
// before: to the bit on ref, which uses them one by one, and within what float32
// sums differ elsewhere.
func TestPackedWeights(t *testing.T) {
	exact := backend.Float
	for _, typ := range slices.Concat(packable, readable) {
		ck := scrambled(wideRandom(t), typ)
		if slices.Contains(packable, typ) {
			var err error
			if ck, err = checkpoint.Quantized(wideRandom(t), typ); err != nil {
				t.Fatal(err)
			}
		}
		want := logitsAfter(t, load(t, dequantized(t, ck), Options{Backend: "ref"}), someIDs)
		if slices.ContainsFunc(want, func(v float32) bool { return v != v || v > 1e3 || v < -1e3 }) {
			t.Fatalf("%v: the weights are no model's: logits %v", typ, want[:5])
		}
		ref := load(t, ck, Options{Backend: "ref"})
		if got := logitsAfter(t, ref, someIDs); !slices.Equal(got, want) {
			t.Errorf("%v: ref differs between packed and unpacked weights", typ)
		}
		for _, w := range ref.m.Notes() {
			t.Errorf("%v: ref widens: %s", typ, w)
		}
		for _, dev := range devices {
			got := logitsAfter(t, load(t, ck, Options{Backend: dev, Load: model.LoadOptions{Precision: &exact}}), someIDs)
			for i := range got {
				if d := math.Abs(float64(got[i] - want[i])); !(d <= 1e-3*(1+math.Abs(float64(want[i])))) {
					t.Errorf("%v on %s: logit %d is %g, want %g", typ, dev, i, got[i], want[i])
					break
				}
			}
		}
	}
}

// The trained model, packed while it is loaded or before, in a file.
func TestQuant(t *testing.T) {
	want := logitsAfter(t, open(t, Options{Backend: "ref"}), someIDs)
	sigma := deviation(want, nil)
	for typ, most := range map[backend.DType]float64{backend.Q8_0: 0.02, backend.Q6_K: 0.04, backend.Q4_K: 0.12,
		backend.Q4_0: 0.12, backend.NF4: 0.15, backend.FP4: 0.2,
		backend.IQ4_NL: 0.12, backend.IQ4_XS: 0.12, backend.Q3_K: 0.25, backend.Q2_K: 0.4} {
		m := open(t, Options{Backend: "ref", Checkpoint: checkpoint.Options{Quant: typ}})
		got := logitsAfter(t, m, someIDs)
		d := deviation(got, want) / sigma
		t.Logf("%v: rms/σ %.4f", typ, d)
		if !(d <= most && d > 0) {
			t.Errorf("%v: rms/σ %.4f, want at most %g", typ, d, most)
		}
		if typ == backend.NF4 || typ == backend.FP4 {
			continue
		}
		path := filepath.Join(t.TempDir(), "m.gguf")
		if _, err := checkpoint.WriteGGUF(t.Context(), path, m.Checkpoint(), checkpoint.GGUFOptions{}); err != nil {
			t.Fatal(err)
		}
		again, err := Open(context.Background(), path, &Options{Backend: "ref"})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(logitsAfter(t, again, someIDs), got) {
			t.Errorf("%v: a GGUF file has other logits", typ)
		}
		if text, _ := again.Encode(romeo); len(text) == 0 {
			t.Errorf("%v: the file has no tokenizer", typ)
		}
		again.Close()
	}
	if _, err := OpenFS(context.Background(), tiny.FS(),
		&Options{Checkpoint: checkpoint.Options{Quant: backend.F16}}); err == nil {
		t.Error("f16 was taken for a block type")
	}
}

// What the processor copies from a file to read it faster is told; the reference copies nothing.
func TestCopiedWeightsAreTold(t *testing.T) {
	m := open(t, Options{Backend: "ref", Checkpoint: checkpoint.Options{Quant: backend.Q8_0}})
	path := filepath.Join(t.TempDir(), "m.gguf")
	if _, err := checkpoint.WriteGGUF(t.Context(), path, m.Checkpoint(), checkpoint.GGUFOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ref", "cpu"} {
		b, err := backend.Open(name, backend.Options{})
		if err != nil {
			t.Fatal(err)
		}
		info := b.Info()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if name == "cpu" && info.MemoryFree < info.MemoryTotal/2 {
			t.Skipf("%d of %d bytes of memory are free: too few to copy weights", info.MemoryFree, info.MemoryTotal)
		}
		want := slices.Contains(info.Features, "avx512vnni") || slices.Contains(info.Features, "avx512bf16")
		m, err := Open(context.Background(), path, &Options{Backend: name})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		notes := strings.Join(m.m.Notes(), "\n")
		if strings.Contains(notes, name+" has copied ") != want {
			t.Errorf("%s with %v has the notes %q; copied weights in them: want %v", name, info.Features, notes, want)
		}
	}
}

// deviation is the root mean square of x, or of its distance from y.
func deviation(x, y []float32) float64 {
	sum := 0.0
	for i, v := range x {
		d := float64(v)
		if y != nil {
			d -= float64(y[i])
		}
		sum += d * d
	}
	return math.Sqrt(sum / float64(len(x)))
}

// picky is ref without some types.
type picky struct {
	backend.Backend
	takes []backend.DType
	laid  map[backend.DType]int
}

func (p *picky) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	if !slices.Contains(p.takes, desc.Type) {
		return nil, fmt.Errorf("picky: %v: %w", desc.Type, backend.ErrUnsupported)
	}
	p.laid[desc.Type]++
	return p.Backend.NewWeight(desc, src)
}

// What a device does not keep is widened to the smallest type that holds it.
func TestWidening(t *testing.T) {
	for _, c := range []struct {
		stored backend.DType
		takes  []backend.DType
		want   backend.DType
	}{
		{backend.Q5_0, []backend.DType{backend.F32, backend.Q8_0}, backend.Q8_0},
		{backend.Q4_0, []backend.DType{backend.F32, backend.Q8_0, backend.F16}, backend.Q8_0},
		{backend.IQ4_NL, []backend.DType{backend.F32, backend.Q8_0}, backend.Q8_0},
		{backend.Q3_K, []backend.DType{backend.F32, backend.Q8_0, backend.Q6_K}, backend.Q6_K},
		{backend.Q3_K, []backend.DType{backend.F32, backend.Q8_0}, backend.F32},
		{backend.Q4_K, []backend.DType{backend.F32, backend.F16, backend.BF16, backend.Q8_0}, backend.F32},
		{backend.NF4, []backend.DType{backend.F32, backend.Q8_0}, backend.F32},
	} {
		ck := scrambled(wideRandom(t), c.stored)
		if slices.Contains(packable, c.stored) {
			var err error
			if ck, err = checkpoint.Quantized(wideRandom(t), c.stored); err != nil {
				t.Fatal(err)
			}
		}
		want := logitsAfter(t, load(t, ck, Options{Backend: "ref"}), someIDs)
		ref, err := backend.Open("ref", backend.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := &picky{ref, append(c.takes, backend.Q6_K), map[backend.DType]int{}}
		if c.want == backend.F32 {
			p.takes = c.takes
		}
		m := load(t, ck, Options{Device: p})
		if got := logitsAfter(t, m, someIDs); !slices.Equal(got, want) {
			t.Errorf("%v as %v: other logits", c.stored, c.want)
		}
		line := fmt.Sprintf("ref does not keep %v: ", c.stored)
		notes := strings.Join(m.m.Notes(), "\n")
		if i := strings.Index(notes, line); i < 0 ||
			!strings.Contains(notes[i:], fmt.Sprintf("matrices are %v there", c.want)) {
			t.Errorf("%v: notes %q, want %q and %v", c.stored, notes, line, c.want)
		}
		if p.laid[c.want] == 0 || p.laid[c.stored] != 0 {
			t.Errorf("%v: laid out as %v, want %v", c.stored, p.laid, c.want)
		}
		m.Close()
		ref.Close()
	}
	// A device that takes nothing says so itself.
	ref, err := backend.Open("ref", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Close()
	if _, err := openCheckpoint(context.Background(), wideRandom(t), "the model",
		&Options{Device: &picky{Backend: ref}}); err == nil || !strings.Contains(err.Error(), "picky: f32") {
		t.Errorf("a device without any type: %v", err)
	}
}
