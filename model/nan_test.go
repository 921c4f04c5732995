package model

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/null"
	"falconmamba/checkpoint"
)

// spoilt is a checkpoint with a NaN as the second element of one tensor.
type spoilt struct {
	checkpoint.Checkpoint
	name string
}

func (s spoilt) Read(name string) (*checkpoint.Tensor, error) {
	t, err := s.Checkpoint.Read(name)
	if err != nil || name != s.name {
		return t, err
	}
	values, err := t.Float32()
	if err != nil {
		return nil, err
	}
	values[1] = float32(math.NaN())
	bad := *t
	bad.Type, bad.Mapping, bad.Data = backend.F32, -1, make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(bad.Data[4*i:], math.Float32bits(v))
	}
	return &bad, nil
}

// A small parameter with a NaN is refused by its name.
func TestLoadRefusesNaN(t *testing.T) {
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	for _, name := range []string{
		"backbone.norm_f.weight", "backbone.layers.0.norm.weight", "backbone.layers.1.mixer.A_log",
		"backbone.layers.0.mixer.D", "backbone.layers.0.mixer.conv1d.weight", "backbone.layers.1.mixer.conv1d.bias",
		"backbone.layers.0.mixer.dt_proj.bias",
	} {
		b := null.Open(null.Options{})
		_, err := Load(context.Background(), b, spoilt{ck, name}, LoadOptions{})
		if err == nil || !strings.Contains(err.Error(), name+" has a NaN at element 1 of ") {
			t.Errorf("%s: error %v, want one that names it", name, err)
		}
		if s := b.Stats(); s.Live != 0 {
			t.Errorf("%s: %d bytes stay live", name, s.Live)
		}
		b.Close()
	}
}
