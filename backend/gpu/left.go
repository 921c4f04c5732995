package gpu

import "falconmamba/backend"

// What an operation can tell the next one. A plan runs its operations in order,
// so a kernel that writes a tensor may write beside it what the kernel that
// reads it would have to find out, or would rather read.

// A leftover lies in scratch.
type leftover struct {
	op    int            // that is to use it
	about backend.Tensor // that the one before writes and this one reads
	value backend.Tensor
}

// begin turns to operation i. Scratch is free for it but for what was left.
func (c *compiler) begin(i int) {
	c.op, c.temp = i, 0
	if v := c.left.value; c.left.op == i && !v.IsZero() {
		c.temp = alignUp(v.Off+v.Bytes(), 256)
	}
}

// leave leaves value to the next operation, which reads about.
func (c *compiler) leave(about, value backend.Tensor) {
	c.left = leftover{op: c.op + 1, about: about, value: value}
}

// found returns what the operation before left about a tensor.
func (c *compiler) found(about backend.Tensor) backend.Tensor {
	if c.left.op != c.op || c.left.about != about {
		return backend.Tensor{}
	}
	return c.left.value
}

// next returns the operation behind the one that is being compiled, or nil.
func (c *compiler) next() backend.Op {
	if c.op+1 < len(c.ops) {
		return c.ops[c.op+1]
	}
	return nil
}
