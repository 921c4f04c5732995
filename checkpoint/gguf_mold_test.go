package checkpoint

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint/gguf"
)

// A ggufMold is a file as another program would write it.
type ggufMold struct {
	keys    []gguf.Key
	tensors []gguf.Tensor
}

func newGGUFMold() *ggufMold {
	m := &ggufMold{keys: []gguf.Key{
		{Name: "general.architecture", Value: gguf.Text("mamba")},
		{Name: "mamba.embedding_length", Value: gguf.Word(32)},
		{Name: "mamba.block_count", Value: gguf.Word(1)},
		{Name: "mamba.ssm.conv_kernel", Value: gguf.Word(3)},
		{Name: "mamba.ssm.inner_size", Value: gguf.Word(64)},
		{Name: "mamba.ssm.state_size", Value: gguf.Word(4)},
		{Name: "mamba.ssm.time_step_rank", Value: gguf.Word(2)},
		{Name: "mamba.attention.layer_norm_rms_epsilon", Value: gguf.Single(1e-5)},
		{Name: "mamba.ssm.dt_b_c_rms", Value: gguf.Truth(true)},
	}}
	add := func(name string, t backend.DType, shape ...int) {
		m.tensors = append(m.tensors, gguf.Tensor{Name: name, Type: t, Shape: shape})
	}
	add("output.weight", backend.Q4_0, 6, 32)
	add("token_embd.weight", backend.Q8_0, 6, 32)
	add("output_norm.weight", backend.F32, 32)
	add("blk.0.attn_norm.weight", backend.F32, 32)
	add("blk.0.ssm_in.weight", backend.IQ4_NL, 128, 32)
	add("blk.0.ssm_conv1d.weight", backend.F32, 64, 3)
	add("blk.0.ssm_conv1d.bias", backend.F32, 64)
	add("blk.0.ssm_x.weight", backend.Q5_1, 10, 64)
	add("blk.0.ssm_dt.weight", backend.F16, 64, 2)
	add("blk.0.ssm_dt.bias", backend.F32, 64)
	add("blk.0.ssm_a", backend.F32, 64, 4)
	add("blk.0.ssm_d", backend.F32, 64)
	add("blk.0.ssm_out.weight", backend.BF16, 32, 64)
	return m
}

func (m *ggufMold) unset(name string) {
	m.keys = slices.DeleteFunc(m.keys, func(k gguf.Key) bool { return k.Name == name })
}

func (m *ggufMold) set(name string, v gguf.Value) {
	m.unset(name)
	m.keys = append(m.keys, gguf.Key{Name: name, Value: v})
}

func (m *ggufMold) tensor(name string) *gguf.Tensor {
	for i := range m.tensors {
		if m.tensors[i].Name == name {
			return &m.tensors[i]
		}
	}
	panic("no tensor " + name)
}

func (m *ggufMold) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	err := gguf.Write(&b, m.keys, m.tensors, func(w io.Writer, x gguf.Tensor) error {
		p := make([]byte, x.Size)
		for i := range p {
			p[i] = byte(i*7+len(x.Name)) & 0x3b // no exponent of NaN or infinity
		}
		_, err := w.Write(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// load opens the file from memory.
func (m *ggufMold) load(t testing.TB, o Options) (*ggufModel, error) {
	t.Helper()
	return loadGGUF(m.bytes(t), o)
}

func loadGGUF(data []byte, o Options) (*ggufModel, error) {
	file, err := gguf.Parse(data)
	if err != nil {
		return nil, err
	}
	g := &ggufModel{path: "m.gguf", file: gguf.Set{file}}
	if err := g.file.Check(); err != nil {
		return g, err
	}
	return g, g.load(o)
}
