package verify

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/checkpoint"
)

// WithDecays returns ck with the decays of other: each channel of a layer has A and the bias
// of dt of a channel of other, drawn from all of its layers. Both have as many states to a
// channel. It owns ck from here on, and reads other now.
func WithDecays(ck, other checkpoint.Checkpoint, seed uint64) (checkpoint.Checkpoint, error) {
	c, o := ck.Config(), other.Config()
	if c.StateSize != o.StateSize {
		return nil, fmt.Errorf("a channel has %d states, and %d where its decays come from", c.StateSize, o.StateSize)
	}
	d := &decays{Checkpoint: ck, seed: seed}
	for i := range o.NumHiddenLayers {
		for name, to := range map[string]*[]float32{"A_log": &d.rates, "dt_proj.bias": &d.shifts} {
			t, err := other.Read(fmt.Sprintf("backbone.layers.%d.mixer.%s", i, name))
			if err != nil {
				return nil, err
			}
			v, err := t.Float32()
			if err != nil {
				return nil, err
			}
			*to = slices.Concat(*to, v)
			t.Release()
		}
	}
	return d, nil
}

// decays is a checkpoint with the decays of another.
type decays struct {
	checkpoint.Checkpoint
	seed   uint64
	rates  []float32 // A_log of all channels of the other
	shifts []float32 // and the biases of dt
}

func (d *decays) Read(name string) (*checkpoint.Tensor, error) {
	_, of, _ := strings.Cut(name, ".mixer.")
	from, width := d.rates, d.Config().StateSize
	switch of {
	case "A_log":
	case "dt_proj.bias":
		from, width = d.shifts, 1
	default:
		return d.Checkpoint.Read(name)
	}
	info, _ := d.Lookup(name)
	info.Type, info.Bytes = backend.F32, 4*info.Elements()
	t, err := checkpoint.NewTensor(info)
	if err != nil {
		return nil, err
	}
	rng := d.rngOf(strings.TrimSuffix(name, of))
	var values []float32
	for range info.Shape[0] {
		i := rng.IntN(len(d.shifts))
		values = append(values, from[i*width:(i+1)*width]...)
	}
	return t, checkpoint.Narrow(t.Data, values, backend.F32)
}

// rngOf draws the channels of a layer: the same for each of its tensors.
func (d *decays) rngOf(layer string) *rand.Rand {
	h := uint64(0)
	for _, b := range []byte(layer) {
		h = h*1000003 + uint64(b)
	}
	return rand.New(rand.NewPCG(d.seed, h))
}
