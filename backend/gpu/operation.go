package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
)

// operations has what each kind of operation becomes. What is not here is not
// supported.
var operations = table(
	entry(backend.KindAdd, always[backend.Add], decodeAdd, nil),
	entry(backend.KindAdvance, always[backend.Advance], decodeAdvance, nil),
	entry(backend.KindArgMax, always[backend.ArgMax], decodeArgMax, nil),
	entry(backend.KindBias, always[backend.Bias], decodeBias, nil),
	entry(backend.KindConv1D, supportsConv1D, decodeConv1D, prefillConv1D),
	entry(backend.KindCopy, always[backend.Copy], decodeCopy, nil),
	entry(backend.KindEmbed, always[backend.Embed], decodeEmbed, nil),
	entry(backend.KindGate, always[backend.Gate], decodeGate, nil),
	entry(backend.KindGather, always[backend.Gather], decodeGather, nil),
	entry(backend.KindHead, supportsHead, decodeHead, prefillHead),
	entry(backend.KindHeadArgMax, supportsHeadArgMax, decodeHeadArgMax, nil),
	entry(mamba.KindInProjConv, supportsInProjConv, decodeInProjConv, prefillInProjConv),
	entry(kindLanes, supportsLanes, decodeLanes, nil),
	entry(backend.KindLogProbs, always[backend.LogProbs], decodeLogProbs, nil),
	entry(backend.KindMatMul, supportsMatMul, decodeMatMul, prefillMatMul),
	entry(mamba.KindOutProjAdd, supportsOutProjAdd, decodeOutProjAdd, prefillOutProjAdd),
	entry(backend.KindRMSNorm, always[backend.RMSNorm], decodeRMSNorm, nil),
	entry(mamba.KindSSM, supportsSSM, decodeSSM, prefillSSM),
	entry(backend.KindSample, always[backend.Sample], decodeSample, nil),
	entry(backend.KindSelectiveScan, supportsSelectiveScan, decodeSelectiveScan, prefillSelectiveScan),
)

// An operation is what one kind of backend.Op becomes: by decode, which calls
// compiler.run for every dispatch and is right for any number of rows, or by
// prefill, which is for the many rows of a prompt.
type operation struct {
	kind     backend.Kind
	supports func(*Target, backend.Op) forms
	decode   func(*compiler, backend.Op)
	prefill  func(*compiler, backend.Op)
}

// forms says in which forms a target runs an operation as it stands. Prefill is
// taken where both are there.
type forms struct{ decode, prefill bool }

// entry makes an operation of functions for one type of backend.Op. Its prefill
// may be nil.
func entry[O backend.Op](
	kind backend.Kind, supports func(*Target, O) forms, decode, prefill func(*compiler, O),
) operation {
	return operation{
		kind: kind,
		supports: func(d *Target, op backend.Op) forms {
			o, ok := op.(O)
			if !ok {
				return forms{}
			}
			return supports(d, o)
		},
		decode:  func(c *compiler, op backend.Op) { decode(c, op.(O)) },
		prefill: func(c *compiler, op backend.Op) { prefill(c, op.(O)) },
	}
}

// always is for operations that kernels take at any shape and number of rows.
func always[O backend.Op](*Target, O) forms { return forms{decode: true} }

func table(list ...operation) map[backend.Kind]operation {
	byKind := map[backend.Kind]operation{}
	for _, o := range list {
		byKind[o.kind] = o
	}
	return byKind
}

// forms says in which forms the target runs op.
func (d *Target) forms(op backend.Op) forms {
	o, ok := operations[op.Kind()]
	if !ok {
		return forms{}
	}
	f := o.supports(d, op)
	if d.BatchInvariant && inFloat(op) {
		f.prefill = false
	}
	return f
}

// Supports reports whether op compiles as it stands.
func (d *Target) Supports(op backend.Op) bool {
	if _, fused := op.(backend.Fused); fused && d.Unfused {
		return false
	}
	return d.forms(op) != forms{}
}

// add adds what an operation becomes.
func (c *compiler) add(op backend.Op) {
	switch f := c.target.forms(op); {
	case f.prefill:
		operations[op.Kind()].prefill(c, op)
		return
	case f.decode:
		operations[op.Kind()].decode(c, op)
		return
	}
	_, _, weights := op.Operands()
	for _, w := range weights {
		c.layout(w) // a better reason, if there is no such weight
	}
	c.failf("%w", backend.ErrUnsupported)
}
