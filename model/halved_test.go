package model

import (
	"context"
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/null"
	"falconmamba/checkpoint"
	"falconmamba/internal/half"
)

// filled is a checkpoint in which one row of each named matrix of bfloat16 has one number throughout.
type filled struct {
	checkpoint.Checkpoint
	with map[string]float32
}

func (f filled) Read(name string) (*checkpoint.Tensor, error) {
	t, err := f.Checkpoint.Read(name)
	x, ok := f.with[name]
	if err != nil || !ok {
		return t, err
	}
	other := *t
	other.Mapping, other.Data = -1, append([]byte(nil), t.Data...)
	for i := range t.Shape[1] {
		binary.LittleEndian.PutUint16(other.Data[2*(t.Shape[1]+i):], half.BF16Bits(x))
	}
	return &other, nil
}

// Of bfloat16 a device whose matrix units take float16 gets products' matrices as float16, each unless a row would lose
// too much; other devices, and those that are to compute in float32, get what is stored.
func TestHalved(t *testing.T) {
	tiny, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer tiny.Close()
	random, err := checkpoint.NewRandom(tiny.Config(), checkpoint.Options{Type: backend.BF16})
	if err != nil {
		t.Fatal(err)
	}
	const layer = "backbone.layers.0.mixer."
	ck := filled{random, map[string]float32{
		layer + "in_proj.weight":                  0x1p-30,    // float16 has 0 for it
		layer + "x_proj.weight":                   0x1p17,     // beyond its range
		layer + "out_proj.weight":                 0x1p-14,    // its smallest normal number
		"backbone.layers.1.mixer.out_proj.weight": 0x1.82p-20, // a bit less than its last is lost
		"backbone.layers.1.mixer.in_proj.weight":  -0x1.fep15, // the most of bfloat16 that it holds
		"backbone.layers.1.mixer.x_proj.weight":   0x1p-24,    // its smallest number
	}}
	float := backend.Float
	for _, c := range []struct {
		name    string
		float16 bool
		asked   *backend.Precision
		want    string // of in_proj, x_proj, out_proj, dt_proj, layer by layer
		note    string
	}{
		{"a device for float16", true, nil, "bf16 bf16 f16 bf16 f16 f16 bf16 bf16",
			"keeps 6 of 9 bf16 matrices of products as f16"},
		{"the same in float32", true, &float, "bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16", ""},
		{"another device", false, nil, "bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16", ""},
	} {
		b := null.Open(null.Options{Info: backend.Info{Name: "dev:0", Class: backend.Discrete, Float16: c.float16}})
		m, err := Load(context.Background(), b, ck, LoadOptions{Precision: c.asked})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var got []string
		for _, x := range m.blocks[:2] {
			for _, w := range []backend.Weight{x.inProj, x.xProj, x.outProj, x.dtProj} {
				got = append(got, w.Desc().Type.String())
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: matrices are %s, want %s", c.name, s, c.want)
		}
		if notes := strings.Join(m.Notes(), "\n"); !strings.Contains(notes, c.note) ||
			c.note == "" && strings.Contains(notes, "as f16") {
			t.Errorf("%s: notes %q, want %q", c.name, notes, c.note)
		}
		m.Close()
		b.Close()
	}
}
