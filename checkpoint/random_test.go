package checkpoint

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
)

// values returns a tensor's numbers.
func values(t *testing.T, c Checkpoint, name string) []float64 {
	t.Helper()
	tensor, err := c.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	defer tensor.Release()
	x, err := tensor.Float32()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// randomOf writes a config and opens random weights for it.
func randomOf(t *testing.T, config string, o Options) Checkpoint {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	return open(t, "random:"+path, o)
}

const randomConfig = `{"model_type": "falcon_mamba", "vocab_size": 500, "hidden_size": 320, "num_hidden_layers": 4,
	"state_size": 5, "time_step_rank": 7, "use_bias": true, "initializer_range": 0.3, "tie_word_embeddings": false,
	"time_step_scale": 1.5, "time_step_floor": 0.002`

func TestRandomRules(t *testing.T) {
	for _, c := range []struct {
		name, more string
		outProj    float64 // bound of out_proj
		dtProj     float64 // constant, or 0
	}{
		{"plain", ``, 1 / math.Sqrt(640), 0},
		{"rescaled", `, "rescale_prenorm_residual": true`, 1 / math.Sqrt(640) / 2, 0},
		{"constant", `, "time_step_init_scheme": "constant"`, 1 / math.Sqrt(640), 1.5 / math.Sqrt(7)},
		{"plain Mamba", `, "model_type": "mamba"`, 1 / math.Sqrt(640), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ck := randomOf(t, randomConfig+c.more+"}", Options{Seed: 3, Type: backend.F32})
			mixer := func(name string) []float64 { return values(t, ck, "backbone.layers.1.mixer."+name) }

			for i, v := range mixer("A_log") {
				if want := float64(float32(math.Log(float64(i%5 + 1)))); v != want {
					t.Fatalf("A_log[%d] = %g, want %g", i, v, want)
				}
			}
			for name, want := range map[string]float64{
				"backbone.layers.1.mixer.D": 1, "backbone.layers.1.norm.weight": 1, "backbone.norm_f.weight": 1,
				"backbone.layers.1.mixer.conv1d.bias": 0, "backbone.layers.1.mixer.in_proj.bias": 0,
				"backbone.layers.1.mixer.out_proj.bias": 0,
			} {
				for _, v := range values(t, ck, name) {
					if v != want {
						t.Fatalf("%s has %g, want %g", name, v, want)
					}
				}
			}
			isUniform(t, "conv1d.weight", mixer("conv1d.weight"), 0.5)
			isUniform(t, "out_proj.weight", mixer("out_proj.weight"), c.outProj)
			if c.dtProj != 0 {
				for _, v := range mixer("dt_proj.weight") {
					if v != float64(float32(c.dtProj)) {
						t.Fatalf("dt_proj.weight has %g, want %g", v, c.dtProj)
					}
				}
			} else {
				isUniform(t, "dt_proj.weight", mixer("dt_proj.weight"), 1.5/math.Sqrt(7))
			}
			isNormal(t, "in_proj.weight", mixer("in_proj.weight"), 0.3)
			isNormal(t, "x_proj.weight", mixer("x_proj.weight"), 0.3)
			isNormal(t, "embedding", values(t, ck, "backbone.embeddings.weight"), 0.3)
			isNormal(t, "lm_head", values(t, ck, "lm_head.weight"), 0.3)

			// softplus of the bias is spread evenly in its logarithm over
			// [0.001, 0.1], with what is below the floor raised to it.
			floored := 0
			var logs []float64
			for _, v := range mixer("dt_proj.bias") {
				dt := backend.Softplus(v)
				if dt < 0.002*(1-1e-5) || dt > 0.1*(1+1e-5) {
					t.Fatalf("time step %g is outside [0.002, 0.1]", dt)
				}
				if dt < 0.002*(1+1e-5) {
					floored++
				} else {
					logs = append(logs, math.Log(dt))
				}
			}
			isEven(t, "dt_proj.bias", logs, math.Log(0.002), math.Log(0.1))
			if want := math.Log(2) / math.Log(100) * 640; math.Abs(float64(floored)-want) > 5*math.Sqrt(want) {
				t.Errorf("%d of 640 time steps are at the floor, want about %.0f", floored, want)
			}
		})
	}
}

// isUniform checks that x looks drawn evenly from [-bound, bound).
func isUniform(t *testing.T, name string, x []float64, bound float64) {
	t.Helper()
	isEven(t, name, x, -bound, bound)
}

// isEven compares x with the uniform distribution by Kolmogorov's test: a good
// generator fails at this limit once in 10⁵.
func isEven(t *testing.T, name string, x []float64, lo, hi float64) {
	t.Helper()
	kolmogorov(t, name, x, func(v float64) float64 { return min(max((v-lo)/(hi-lo), 0), 1) })
	const slack = 1e-6 // rounding to float32
	if width := hi - lo; slices.Min(x) < lo-slack*width || slices.Max(x) > hi+slack*width {
		t.Errorf("%s lies in [%g, %g], want [%g, %g]", name, slices.Min(x), slices.Max(x), lo, hi)
	}
}

func isNormal(t *testing.T, name string, x []float64, sigma float64) {
	t.Helper()
	kolmogorov(t, name, x, func(v float64) float64 { return math.Erfc(-v/sigma/math.Sqrt2) / 2 })
}

func kolmogorov(t *testing.T, name string, x []float64, cdf func(float64) float64) {
	t.Helper()
	x = slices.Clone(x)
	slices.Sort(x)
	n, d := float64(len(x)), 0.0
	for i, v := range x {
		p := cdf(v)
		d = max(d, math.Abs(p-float64(i)/n), math.Abs(p-float64(i+1)/n))
	}
	if d *= math.Sqrt(n); !(d < 2.47) {
		t.Errorf("%s: Kolmogorov's statistic is %.2f over %d numbers", name, d, len(x))
	}
}

// TestNormal looks at the moments and the far tail, where a ziggurat goes
// wrong first.
func TestNormal(t *testing.T) {
	const n = 4 << 20
	x := make([]float32, n)
	newRNG(1, "normal").normal(1)(x, 0)
	var m [5]float64
	beyond := map[float64]int{2: 0, zigR: 0, 4: 0, 4.5: 0}
	for _, v := range x {
		p := 1.0
		for k := range m {
			m[k] += p / n
			p *= float64(v)
		}
		for limit := range beyond {
			if math.Abs(float64(v)) > limit {
				beyond[limit]++
			}
		}
	}
	// Five standard errors of each sample moment.
	for k, c := range map[int]struct{ want, variance float64 }{1: {0, 1}, 2: {1, 2}, 3: {0, 15}, 4: {3, 96}} {
		if e := math.Abs(m[k] - c.want); !(e < 5*math.Sqrt(c.variance/n)) {
			t.Errorf("moment %d is %.5f, want %g", k, m[k], c.want)
		}
	}
	for limit, got := range beyond {
		want := n * math.Erfc(limit/math.Sqrt2)
		if math.Abs(float64(got)-want) > 5*math.Sqrt(want) {
			t.Errorf("%d of %d lie beyond %g, want about %.0f", got, n, limit, want)
		}
	}
	wide := make([]float64, 1<<17)
	for i := range wide {
		wide[i] = float64(x[i])
	}
	isNormal(t, "normal", wide, 1)
}

// The layers of the ziggurat have equal areas, and the topmost closes it.
func TestZiggurat(t *testing.T) {
	tail := math.Sqrt(math.Pi/2) * math.Erfc(zigR/math.Sqrt2)
	if got := zigR*zigHeight[1] + tail; math.Abs(got-zigV) > 1e-12 {
		t.Errorf("the base has area %.15f, want %.15f", got, zigV)
	}
	for i := 1; i < zigN; i++ {
		if got := zigEdge[i] * (zigHeight[i+1] - zigHeight[i]); math.Abs(got-zigV) > 1e-9 {
			t.Errorf("layer %d has area %.15f, want %.15f", i, got, zigV)
		}
	}
}

func TestRandomIsAFunctionOfItsPlace(t *testing.T) {
	const name = "backbone.layers.0.mixer.in_proj.weight"
	first := randomOf(t, randomConfig+"}", Options{Seed: 1})
	want := data(t, first, name)
	if first.Tensors()[0].Type != backend.BF16 {
		t.Errorf("the default type is %v, want bf16", first.Tensors()[0].Type)
	}
	if !bytes.Equal(data(t, first, name), want) {
		t.Error("a second reading differs")
	}
	procs := runtime.GOMAXPROCS(1)
	alone := data(t, randomOf(t, randomConfig+"}", Options{Seed: 1}), name)
	runtime.GOMAXPROCS(7)
	many := data(t, randomOf(t, randomConfig+"}", Options{Seed: 1}), name)
	runtime.GOMAXPROCS(procs)
	if !bytes.Equal(alone, want) || !bytes.Equal(many, want) {
		t.Error("the number of cores changes the weights")
	}
	for what, other := range map[string][]byte{
		"seed":  data(t, randomOf(t, randomConfig+"}", Options{Seed: 2}), name),
		"layer": data(t, first, "backbone.layers.1.mixer.in_proj.weight"),
	} {
		same := 0
		for i := 0; i+1 < len(want); i += 2 {
			if want[i] == other[i] && want[i+1] == other[i+1] {
				same++
			}
		}
		if same > len(want)/2/20 {
			t.Errorf("another %s has %d of %d numbers in common", what, same, len(want)/2)
		}
	}
	for _, r := range [][2]int{{0, 1}, {1, 2}, {3, 3}, {2, 4}, {32767, 40001}, {len(want) - 1, 1}, {5, 0}} {
		p := make([]byte, r[1])
		if err := first.ReadAt(name, p, int64(r[0])); err != nil || !bytes.Equal(p, want[r[0]:r[0]+r[1]]) {
			t.Errorf("ReadAt of %d bytes at %d: %v, or other bytes", r[1], r[0], err)
		}
	}
}

// The same numbers, rounded.
func TestRandomTypes(t *testing.T) {
	const name = "backbone.layers.0.mixer.x_proj.weight"
	full := values(t, randomOf(t, randomConfig+"}", Options{Type: backend.F32}), name)
	for typ, eps := range map[backend.DType]float64{backend.F16: 0x1p-11, backend.BF16: 0x1p-8} {
		for _, c := range []Checkpoint{
			randomOf(t, randomConfig+"}", Options{Type: typ}),
			randomOf(t, randomConfig+fmt.Sprintf(`, "dtype": %q}`, torchNames[typ]), Options{}),
		} {
			if c.Config().Type != typ {
				t.Errorf("the config says %v, want %v", c.Config().Type, typ)
			}
			for i, v := range values(t, c, name) {
				if math.Abs(v-full[i]) > eps*math.Abs(full[i])+0x1p-25 {
					t.Fatalf("%v: %g became %g", typ, full[i], v)
				}
			}
		}
	}
	if _, err := OpenRandom("130m", Options{Type: backend.I32}); err == nil {
		t.Error("random weights of type i32 are no error")
	}
}

// A tensor beyond all memory is an error, and reading many large ones leaves
// nothing on the heap.
func TestRandomMemory(t *testing.T) {
	if _, err := NewTensor(TensorInfo{Name: "huge", Bytes: 1 << 62}); err == nil ||
		!strings.Contains(err.Error(), "huge") {
		t.Errorf("4 EiB: got error %v, want one that names the tensor", err)
	}
	c := randomOf(t, `{"model_type": "falcon_mamba", "vocab_size": 8192, "hidden_size": 512, "num_hidden_layers": 8}`,
		Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	total := int64(0)
	for _, info := range c.Tensors() {
		tensor, err := c.Read(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		total += tensor.Bytes
		tensor.Release()
	}
	runtime.ReadMemStats(&after)
	if got := int64(after.TotalAlloc - before.TotalAlloc); got > total/4 {
		t.Errorf("reading %d bytes of weights allocated %d on the heap", total, got)
	}
}
