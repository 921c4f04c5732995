package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeAdd(c *compiler, o backend.Add) {
	c.run(c.elements(o.Dst), shaders.Add[Operand]{
		Params: shaders.AddParams{Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols)},
		Dst:    c.view(o.Dst), A: c.view(o.A), B: c.view(o.B), Live: c.view(o.Live),
	}.AddF32())
}

func decodeGate(c *compiler, o backend.Gate) {
	c.run(c.elements(o.Dst), shaders.Gate[Operand]{
		Params: shaders.GateParams{Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols)},
		Dst:    c.view(o.Dst), A: c.view(o.Y), B: c.view(o.Z), Live: c.view(o.Live),
	}.GateF32())
}

// elements is the grid of an invocation to each element.
func (c *compiler) elements(t backend.Tensor) [3]int { return [3]int{over(t.Cols, width), t.Rows, 1} }
