package falconmamba

import (
	"context"
	"math"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/tiny"
	"falconmamba/model"
)

// What rounding may cost packed models, by decoding and by reading: rms of the
// difference of logits by their deviation, and mean divergence of predictions.
func TestRoundedActivations(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes on a GPU driver that runs on the processor")
	}
	c, err := checkpoint.ParseConfig([]byte(`{"model_type":"falcon_mamba","hidden_size":512,"intermediate_size":1024,"num_hidden_layers":8,` +
		`"vocab_size":1000,"time_step_rank":32,"tie_word_embeddings":false}`))
	if err != nil {
		t.Fatal(err)
	}
	deep, err := checkpoint.NewRandom(c, checkpoint.Options{Seed: 6, Type: backend.F32})
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range []backend.DType{backend.Q4_K, backend.Q8_0, backend.NF4} {
		for _, m := range []struct {
			name string
			open func(o Options) *Model
			kl   float64
		}{
			{"trained", func(o Options) *Model {
				o.Checkpoint.Quant = typ
				m, err := OpenFS(context.Background(), tiny.FS(), &o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { m.Close() })
				return m
			}, 1e-3},
			{"random", func(o Options) *Model {
				ck, err := checkpoint.Quantized(deep, typ)
				if err != nil {
					t.Fatal(err)
				}
				return load(t, ck, o)
			}, 5e-3},
		} {
			for _, dev := range devices {
				exact := backend.Float
				want := someLogits(t, m.open(Options{Backend: dev, Load: model.LoadOptions{Precision: &exact}}))
				for _, p := range []backend.Precision{backend.Half, backend.Int8} {
					got := someLogits(t, m.open(Options{Backend: dev, Load: model.LoadOptions{Precision: &p}}))
					rms, kl := 0.0, 0.0
					for i := range got {
						rms += deviation(got[i], want[i]) / deviation(centred(want[i]), nil) / float64(len(got))
						kl += divergence(want[i], got[i]) / float64(len(got))
					}
					t.Logf("%s, %v, %s, %v: rms/σ %.2g, mean KL %.2g", m.name, typ, dev, p, rms, kl)
					if !(rms <= 6e-2 && kl <= m.kl) {
						t.Errorf("%s, %v, %s, %v: rms/σ %.2g, mean KL %.2g: want at most 0.06 and %g",
							m.name, typ, dev, p, rms, kl, m.kl)
					}
				}
			}
		}
	}
}

// someLogits are those after texts that were read at once and one by one.
func someLogits(t *testing.T, m *Model) (all [][]float32) {
	t.Helper()
	var ids []int32
	for i := range 40 {
		ids = append(ids, int32(7*i*i+i)%250)
	}
	for _, n := range []int{1, 2, 5, 19, 33, 40} {
		all = append(all, logitsAfter(t, m, ids[:n]))
	}
	return all
}

func centred(x []float32) []float32 {
	mean := 0.0
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = v - float32(mean)
	}
	return y
}

// divergence is Σ p·log(p/q) of the distributions of two rows of logits.
func divergence(p, q []float32) float64 {
	logs := func(x []float32) []float64 {
		sum := 0.0
		for _, v := range x {
			sum += math.Exp(float64(v - x[0]))
		}
		l := make([]float64, len(x))
		for i, v := range x {
			l[i] = float64(v-x[0]) - math.Log(sum)
		}
		return l
	}
	a, b, kl := logs(p), logs(q), 0.0
	for i := range a {
		kl += math.Exp(a[i]) * (a[i] - b[i])
	}
	return kl
}
