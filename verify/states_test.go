package verify

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/tiny"
	"falconmamba/model"
)

// Rounding by chance gives one of the two neighbours, and x in the mean.
func TestRoundByChance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, typ := range []backend.DType{backend.F16, backend.BF16} {
		for _, x := range []float32{1, 1.0003, -1.0003, 3e-6, -3.1e-8, 0.1, 5e4} {
			const draws = 20000
			sum, gap := 0.0, 0.0
			for range draws {
				y := roundByChance(x, typ, rng.Uint32())
				var b [2]byte
				back := []float32{0}
				backend.NarrowState(b[:], []float32{y}, typ)
				if backend.WidenState(back, b[:], typ); back[0] != y {
					t.Fatalf("%v: %g is rounded to %g, which is no %v", typ, x, y, typ)
				}
				sum, gap = sum+float64(y), math.Max(gap, math.Abs(float64(y-x)))
			}
			if e := math.Abs(sum/draws - float64(x)); e > gap*0.03 {
				t.Errorf("%v: %g is %g in the mean, and off by %g at most", typ, x, sum/draws, gap)
			}
		}
		for _, x := range []float32{math.MaxFloat32, float32(math.Inf(1))} {
			if y := roundByChance(x, typ, math.MaxUint32); math.IsInf(float64(y), 0) {
				t.Errorf("%v: %g becomes %g", typ, x, y)
			}
		}
	}
}

// A drift is small, is not nothing, and is larger in fewer bits.
func TestMeasureStates(t *testing.T) {
	ck, err := checkpoint.OpenFS(tiny.FS(), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	b, err := backend.Open("cpu", backend.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	exact := backend.Float
	m, err := model.Load(context.Background(), b, ck, model.LoadOptions{Precision: &exact})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var points []StatesPoint
	if err := MeasureStates(context.Background(), m, 60, 25, 1, func(p StatesPoint) { points = append(points, p) }); err != nil {
		t.Fatal(err)
	}
	if len(points) != 3 || points[1].Tokens != 50 || points[2].Tokens != 60 {
		t.Fatalf("points %+v", points)
	}
	for _, p := range points {
		f16, bf16 := p.Drift[0], p.Drift[2]
		if !(f16.KL > 0 && f16.KL < 1e-4 && bf16.KL > f16.KL && bf16.KL < 1e-2 && p.Drift[1].KL > 0 && f16.Top1 > 0.9) {
			t.Errorf("after %d tokens: %+v", p.Tokens, p.Drift)
		}
	}
}

// A channel's decays are another model's channel's, all of them.
func TestWithDecays(t *testing.T) {
	trained, err := checkpoint.OpenFS(tiny.FS(), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer trained.Close()
	read := func(ck checkpoint.Checkpoint, layer int, name string) []float32 {
		x, err := ck.Read(fmt.Sprintf("backbone.layers.%d.mixer.%s", layer, name))
		if err != nil {
			t.Fatal(err)
		}
		defer x.Release()
		v, err := x.Float32()
		if err != nil {
			t.Fatal(err)
		}
		return slices.Clone(v)
	}
	known := map[float32][]float32{} // A of a channel by its bias of dt
	for i := range trained.Config().NumHiddenLayers {
		a := read(trained, i, "A_log")
		for d, shift := range read(trained, i, "dt_proj.bias") {
			known[shift] = append(known[shift], a[16*d:16*d+16]...)
		}
	}
	c := *trained.Config()
	random, err := checkpoint.NewRandom(&c, checkpoint.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	ck, err := WithDecays(random, trained, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	a, first := read(ck, 2, "A_log"), read(ck, 1, "A_log")
	for d, shift := range read(ck, 2, "dt_proj.bias") {
		found := false
		for all := known[shift]; len(all) > 0 && !found; all = all[16:] {
			found = slices.Equal(all[:16], a[16*d:16*d+16])
		}
		if !found {
			t.Fatalf("channel %d has the decays of no channel", d)
		}
	}
	if slices.Equal(a, first) || !slices.Equal(a, read(ck, 2, "A_log")) {
		t.Error("layers have the same decays, or one has others when it is read again")
	}
	c.StateSize = 8
	if random, err = checkpoint.NewRandom(&c, checkpoint.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := WithDecays(random, trained, 1); err == nil {
		t.Error("decays of channels of another size are no error")
	}
}
