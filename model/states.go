package model

import "falconmamba/backend"

// CheckStates reports why the device does not run the model on states like s, a layer's:
// backend.ErrUnsupported where it does not store their type. Temporaries are as for
// Compile.
func (m *Model) CheckStates(s LayerState, block, stream *backend.Scratch) error {
	stream.Begin()
	x, batch := stream.F32(1, m.cfg.HiddenSize), stream.F32(2, backend.BatchWords)
	batch.Type = backend.I32
	if err := stream.Err(); err != nil {
		return err
	}
	p := backend.NewProgram("a block", block)
	m.blocks[0].forward(p, m, x, batch, s, false, m.precisionOf(Shape{}, 1))
	plan, err := p.Compile()
	if err != nil {
		return err
	}
	return plan.Close()
}
