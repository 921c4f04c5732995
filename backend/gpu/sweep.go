package gpu

// A Sweep is how a kernel goes along the rows of its channels.
type Sweep struct {
	Size  int // invocations of a workgroup, at most: a power of two
	Steps int // rows of a tile, a multiple of 4
}

var (
	convSweep = Sweep{256, 32}
	scanSweep = Sweep{128, 32}
)
