package gpu

import "falconmamba/backend"

// What an operation hands over to the next one. A plan runs its operations in
// order, so a kernel that writes a tensor may write beside it what the kernel
// that reads it would have to find out, or would rather read.

// A handover lies in scratch.
type handover struct {
	op    int            // that is to use it
	about backend.Tensor // that the one before writes and this one reads
	value backend.Tensor
	rows  backend.Tensor // behind value, or absent
}

// begin turns to operation i. Scratch is free for it but for what was handed over.
func (c *compiler) begin(i int) {
	c.op, c.temp = i, 0
	for _, v := range []backend.Tensor{c.handed.value, c.handed.rows} {
		if c.handed.op == i && !v.IsZero() {
			c.temp = AlignUp(v.Off+v.Bytes(), 256)
		}
	}
}

// handOver hands value over to the next operation, which reads about.
func (c *compiler) handOver(about, value backend.Tensor) {
	c.handed = handover{op: c.op + 1, about: about, value: value}
}

// takeOver returns what the operation before handed over about a tensor.
func (c *compiler) takeOver(about backend.Tensor) backend.Tensor {
	if c.handed.op != c.op || c.handed.about != about {
		return backend.Tensor{}
	}
	return c.handed.value
}

// takeOverRows returns the rows that came with it: float16, or integers (ready.go).
func (c *compiler) takeOverRows(about backend.Tensor) backend.Tensor {
	if c.handed.op != c.op || c.handed.about != about {
		return backend.Tensor{}
	}
	return c.handed.rows
}

// next returns the operation behind the one that is being compiled, or nil.
func (c *compiler) next() backend.Op {
	if c.op+1 < len(c.ops) {
		return c.ops[c.op+1]
	}
	return nil
}
