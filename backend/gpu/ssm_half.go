package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// How ssm_half.comp is limited: the slices of x_proj, the rows of a block, and rows times
// an invocation's fours of states, which are in flight together. More rows are more code,
// and the kernels of a block of the model must fit a core's cache of instructions together:
// with 16 rows an NVIDIA H200 took 125 µs for a block of 16 texts, with 8 it takes 102.
const (
	ssmHalfSlices = 8
	ssmHalfRows   = 8
	ssmHalfHeld   = 16
)

// An ssmHalfShape is how ssm_half.comp goes about its channels.
type ssmHalfShape struct {
	Fragment     // channels × rows
	size     int // invocations of a workgroup
	rows     int // in a block
	quads    int // fours of states of an invocation
	bk       int // inputs of dt_proj at a time
	lanes    int // of a subgroup
	run      int // inputs that an invocation loads together
	inputs   int // of dt_proj: R, to whole times of bk
	states   int // N
}

func (s ssmHalfShape) channels() int { return s.size / ssmLanes }

// dtWords, stepWords, bcWords and sums are the lengths of the kernel's shared arrays.
func (s ssmHalfShape) dtWords() int { return s.rows * (s.inputs/8 + 1) }

func (s ssmHalfShape) stepWords() int { return s.channels() * (s.bk/8 + 1) }

func (s ssmHalfShape) bcWords() int { return s.rows * s.states / 2 }

func (s ssmHalfShape) sums() int { return s.rows * (s.channels() + 4) }

func (s ssmHalfShape) shared() int {
	return Word*(s.dtWords()+s.stepWords()+s.bcWords()) + 4*s.sums() + halfFixed
}

func (s ssmHalfShape) constants() shaders.SSMConstants {
	return shaders.SSMConstants{
		Size: uint32(s.size), Rows: uint32(s.rows), Quads: uint32(s.quads),
		TM: uint32(s.M), TN: uint32(s.N), TK: uint32(s.K), Channels: uint32(s.channels()), BK: uint32(s.bk),
		DTWords: uint32(s.dtWords()), StepSpan: uint32(s.stepWords()), BCWords: uint32(s.bcWords()),
		Sums:  uint32(s.sums()),
		Loads: uint32(over(s.channels()*s.bk/s.run, s.size)), Spread: uint32(over(s.inputs/4+s.states/2, s.lanes)),
		Products: uint32(over(s.channels()/s.M*(s.rows/s.N), s.size/s.lanes)),
	}
}

// ssmHalfShape chooses for o and its dt_proj; none where the kernel does not run here, or
// where rows are those of few sequences, which wait for each other.
func (d *Target) ssmHalfShape(o mamba.SSM, w *Weight) (s ssmHalfShape, ok bool) {
	rank, states := w.Desc.Cols, o.A.Cols
	_, packed := formats[w.Type]
	if o.Precision == backend.Float || o.Dst.Rows < halfLeast || o.Batch.Rows <= o.Dst.Rows ||
		rank%8 != 0 || states%4 != 0 || states > ssmStates || !packed && w.Type.Size() != 2 ||
		!d.runs(shaders.SSMKernels, w.types(shaders.TypeF16)) || d.SubgroupMin < 2*ssmLanes || d.scarce() {
		return s, false
	}
	f, ok := d.halfFragment(min(o.Dst.Rows, ssmHalfRows))
	s = ssmHalfShape{Fragment: f, lanes: d.SubgroupSize, quads: over(states, 4*ssmLanes), states: states, run: 8,
		rows: over(min(o.Dst.Rows, ssmHalfRows), max(1, f.N)) * f.N, size: min(d.Invocations, 512), bk: 128}
	if packed {
		s.run = 16
	}
	// Each workgroup adds up x_proj's slices for itself, so large ones that leave a few cores
	// idle are faster than twice as many.
	for s.size > 64 && over(o.Dst.Cols, s.channels())*over(o.Dst.Rows, max(1, s.rows)) < 3*d.Cores/4 {
		s.size /= 2
	}
	for ; s.bk >= 64; s.bk /= 2 {
		if s.inputs = over(rank, s.bk) * s.bk; s.shared() <= d.groupShared() {
			break
		}
	}
	return s, ok && s.bk >= 64 && s.bk%f.K == 0 && s.rows%ssmLanes == 0 && s.rows*s.quads <= ssmHalfHeld &&
		s.channels()%f.M == 0 && s.size%s.lanes == 0
}

// ssmHalf emits what follows x_proj, whose sums over slices are given, if ssm_half.comp can
// make it.
func (c *compiler) ssmHalf(o mamba.SSM, w *Weight, sums backend.Tensor, slices int) bool {
	s, ok := c.target.ssmHalfShape(o, w)
	dbc, state := c.view(sums), c.view(o.State)
	if !ok || slices > ssmHalfSlices || !dbc.wide() || !state.wide() {
		return false
	}
	var half backend.Tensor
	strip := 0
	if len(w.Parts) == 1 {
		half, strip = c.packed(o.Dst)
	}
	constants := s.constants()
	constants.Slices, constants.StateType, constants.Keep = uint32(slices), stateType(o.State), o.Keeps
	constants.BlocksConstants = w.blocks()
	constants.Strip, constants.StripRows = uint32(strip), stripRows(half, strip)
	for i := range w.Parts {
		p := &w.Parts[i]
		c.run([3]int{over(p.Rows, s.channels()), over(o.Dst.Rows, s.rows), 1}, shaders.SSM[Operand]{
			Params: ssmParams(o, w, p), Constants: constants,
			Dst: c.view(o.Dst), X: c.view(o.X), Z: c.view(o.Z), DBC: dbc, Weight: c.weight(p), Bias: c.view(o.DTBias),
			A: c.view(o.A), D: c.view(o.D), State: state, Batch: c.view(o.Batch), Packed: c.view(half),
		}.SSM(w.types(shaders.TypeF16)))
	}
	return true
}
