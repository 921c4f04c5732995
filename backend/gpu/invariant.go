package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
)

// Batch invariance (see package backend) is a matter of which kernels are taken.
// Those that decode sum a row's products in an order that follows from the widths
// and the device, whatever the rows of the pass are; those of prompts in others, and
// in parts if there are few rows. So what is exact decodes, however many rows it has.
// There is one order more that follows from the rows of a block, the norms' in
// matvec.glsl: see its ALIKE.

// inFloat reports whether an operation is to be in float32 throughout.
func inFloat(op backend.Op) bool {
	switch o := op.(type) {
	case backend.MatMul:
		return o.Precision == backend.Float
	case backend.Head:
		return o.Precision == backend.Float
	case mamba.InProjConv:
		return o.Precision == backend.Float
	case mamba.SSM:
		return o.Precision == backend.Float
	case mamba.OutProjAdd:
		return o.Precision == backend.Float
	}
	return true
}
