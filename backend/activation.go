package backend

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// An Activation is the function that follows the convolution: hidden_act of a
// checkpoint's config. The gate is always SiLU.
type Activation uint8

// The activations, as transformers' ACT2FN defines them.
const (
	Identity    Activation = iota // x
	SiLU                          // x·sigmoid(x)
	GELU                          // x·Φ(x), by erf
	GELUTanh                      // x·Φ(x), by the tanh approximation
	QuickGELU                     // x·sigmoid(1.702·x)
	ReLU                          // max(x, 0)
	ReLU2                         // max(x, 0)²
	ReLU6                         // min(max(x, 0), 6)
	Sigmoid                       // 1/(1+exp(−x))
	Tanh                          // tanh(x)
	Mish                          // x·tanh(softplus(x))
	activations                   // how many there are
)

// activationNames has every spelling of ACT2FN that means one of the above;
// the first spelling of each is the one that String gives.
var activationNames = [activations][]string{
	Identity:  {"linear"},
	SiLU:      {"silu", "swish"},
	GELU:      {"gelu", "gelu_python"},
	GELUTanh:  {"gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate"},
	QuickGELU: {"quick_gelu"},
	ReLU:      {"relu"},
	ReLU2:     {"relu2"},
	ReLU6:     {"relu6"},
	Sigmoid:   {"sigmoid"},
	Tanh:      {"tanh"},
	Mish:      {"mish"},
}

// ParseActivation returns the activation that a config calls name.
func ParseActivation(name string) (Activation, error) {
	var known []string
	for a, names := range activationNames {
		for _, n := range names {
			if n == name {
				return Activation(a), nil
			}
		}
		known = append(known, names[0])
	}
	sort.Strings(known)
	return 0, fmt.Errorf("hidden_act %q is not known: want one of %s", name, strings.Join(known, ", "))
}

// String returns a's name in a config.
func (a Activation) String() string {
	if a >= activations {
		return fmt.Sprintf("activation(%d)", uint8(a))
	}
	return activationNames[a][0]
}

// Apply returns a(x) in float64: the definition that kernels are tested
// against.
func (a Activation) Apply(x float64) float64 {
	switch a {
	case SiLU:
		return x * sigmoid(x)
	case GELU:
		return 0.5 * x * (1 + math.Erf(x/math.Sqrt2))
	case GELUTanh:
		return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	case QuickGELU:
		return x * sigmoid(1.702*x)
	case ReLU:
		return max(x, 0)
	case ReLU2:
		return max(x, 0) * max(x, 0)
	case ReLU6:
		return min(max(x, 0), 6)
	case Sigmoid:
		return sigmoid(x)
	case Tanh:
		return math.Tanh(x)
	case Mish:
		return x * math.Tanh(Softplus(x))
	}
	return x
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Softplus returns log(1+exp(x)), exact for large |x| as well.
func Softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}
