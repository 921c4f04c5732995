package verify

import (
	"math"

	"falconmamba/backend"
	"falconmamba/checkpoint"
)

// Limits say how far a backend may be from a golden. Errors are |e|/(1+|x|).
type Limits struct {
	Values float64 // of logits, hidden states and states
	Loss   float64
	KL     float64 // mean over the rows, in nats; +Inf where Values is enough
	// Margin is the least margin of the best logit over all others for which the greedy token
	// is certain.
	Margin float64
}

// The goldens themselves are within 1e-5 of a computation in float64. The cost of rounded
// activations was measured with a simulation on the models of checkpoint/testdata.
var (
	limitsRef   = Limits{Values: 2e-5, Loss: 1e-5, KL: math.Inf(1)}
	limitsFloat = Limits{Values: 1e-4, Loss: 1e-5, KL: math.Inf(1)}
	limitsF16   = Limits{Values: 2e-2, Loss: 2e-2, KL: 1e-5, Margin: 0.1}
	limitsBF16  = Limits{Values: 1e-1, Loss: 1e-1, KL: 5e-4, Margin: 0.2}
	limitsInt8  = Limits{Values: 6e-2, Loss: 6e-2, KL: 5e-3, Margin: 0.2}
)

// LimitsOf returns the limits of a device at a precision. Half is float16, or bfloat16 where
// the checkpoint's matrices are: activations are rounded to the type of the weights that they
// meet.
func LimitsOf(info backend.Info, p backend.Precision, ck checkpoint.Checkpoint) Limits {
	if info.Reference() {
		return limitsRef
	}
	switch p {
	case backend.Float:
		return limitsFloat
	case backend.Int8:
		return limitsInt8
	}
	for _, t := range ck.Tensors() {
		if len(t.Shape) == 2 && t.Type == backend.BF16 {
			return limitsBF16
		}
	}
	return limitsF16
}
