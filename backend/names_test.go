package backend

import (
	"math"
	"strings"
	"testing"
)

func TestParseActivation(t *testing.T) {
	for name, want := range map[string]Activation{
		"silu": SiLU, "swish": SiLU, "gelu": GELU, "gelu_new": GELUTanh, "gelu_pytorch_tanh": GELUTanh,
		"quick_gelu": QuickGELU,
		"relu":       ReLU, "relu2": ReLU2, "relu6": ReLU6, "sigmoid": Sigmoid, "tanh": Tanh, "mish": Mish,
		"linear": Identity,
	} {
		if got, err := ParseActivation(name); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", name, got, err, want)
		}
	}
	for a := Identity; a < activations; a++ {
		if got, err := ParseActivation(a.String()); err != nil || got != a {
			t.Errorf("%v does not parse its own name: %v, %v", a, got, err)
		}
	}
	_, err := ParseActivation("selu")
	if err == nil || !strings.Contains(err.Error(), `hidden_act "selu"`) || !strings.Contains(err.Error(), "silu") {
		t.Errorf("an unknown name: %v", err)
	}
}

// Values of torch.nn.functional in float64.
func TestApply(t *testing.T) {
	for _, c := range []struct {
		a       Activation
		x, want float64
	}{
		{Identity, -1.5, -1.5},
		{SiLU, 1, 0.7310585786300049}, {SiLU, -2, -0.2384058440442351}, {SiLU, 1000, 1000}, {SiLU, -1000, 0},
		{GELU, 1, 0.8413447460685429}, {GELU, -0.5, -0.15426876936299344}, {GELU, -40, 0},
		{GELUTanh, 1, 0.8411919906082768}, {GELUTanh, -0.5, -0.15428599017485606},
		{QuickGELU, 1, 0.8457957659328212},
		{ReLU, -3, 0}, {ReLU, 3, 3}, {ReLU2, 3, 9}, {ReLU2, -3, 0}, {ReLU6, 7, 6}, {ReLU6, 5, 5}, {ReLU6, -1, 0},
		{Sigmoid, 0, 0.5}, {Sigmoid, -1000, 0},
		{Tanh, 0.5, 0.46211715726000975},
		{Mish, 1, 0.8650983882673103}, {Mish, -1000, 0}, {Mish, 100, 100},
	} {
		if got := c.a.Apply(c.x); !(math.Abs(got-c.want) <= 1e-14*max(1, math.Abs(c.want))) {
			t.Errorf("%v(%v) is %v, want %v", c.a, c.x, got, c.want)
		}
	}
}

func TestSoftplus(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{
		{0, math.Ln2}, {1000, 1000}, {-1000, 0}, {-30, 9.357622968839737e-14}, {30, 30.000000000000093},
		{1, 1.3132616875182228},
	} {
		if got := Softplus(c.x); !(math.Abs(got-c.want) <= 1e-15*c.want) {
			t.Errorf("softplus(%v) is %v, want %v", c.x, got, c.want)
		}
	}
}

func TestDTypes(t *testing.T) {
	for d := F32; d.Valid(); d++ {
		if got, err := ParseDType(d.String()); err != nil || got != d {
			t.Errorf("%v does not parse its own name: %v, %v", d, got, err)
		}
		if d.Size() < 1 || d.Block() < 1 || d.RowBytes(d.Block()*3) != int64(3*d.Size()) {
			t.Errorf("%v: %d bytes for %d elements, %d for three blocks",
				d, d.Size(), d.Block(), d.RowBytes(d.Block()*3))
		}
	}
	if _, err := ParseDType("f64"); err == nil || !strings.Contains(err.Error(), "bf16") {
		t.Errorf("an unknown name: %v", err)
	}
	if none := DType(0); none.Valid() || none.Size() != 0 || none.String() != "dtype(0)" {
		t.Errorf("the zero type is %v", none)
	}
}

func TestPrecisions(t *testing.T) {
	for p := Float; p <= Int8; p++ {
		if got, err := ParsePrecision(p.String()); err != nil || got != p {
			t.Errorf("%v does not parse its own name: %v, %v", p, got, err)
		}
	}
	if _, err := ParsePrecision("f16"); err == nil || !strings.Contains(err.Error(), "half") {
		t.Errorf("an unknown name: %v", err)
	}
}
