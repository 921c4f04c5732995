package gpu

import (
	"fmt"

	"falconmamba/backend"
)

// A Machine is what plans need of a device, whose memory is of the driver's type
// M: what it allocates, and what the Memory of its weights' parts is.
type Machine[M any] struct {
	Target  *Target
	Scratch *ScratchPool[M]
	Class   backend.Class
	Nothing M                      // what absent operands are bound to, Word bytes at least
	Buffer  func(backend.Buffer) M // of a buffer that Target.Own takes
	Piece   float64                // seconds that a piece takes at most as a rule: PieceSeconds
	Slower  float64                // times as long as guessed that plans took, as far as that is known; else 0
	Spans   bool                   // barriers by all that bindings reach, see Dispatch.Conflicts

	// Prepare makes the pipelines of a plan's dispatches, or says which one failed. It may be nil.
	Prepare func(list []Dispatch) (failed int, err error)
}

// A Plan is what the plans of all drivers have in common: the dispatches, where
// barriers stand and what operands lie in, and the pieces that it is submitted in.
type Plan[M any] struct {
	Name string
	Ops  []backend.Op
	List []Launch[M]

	// Piece i is the launches from Starts[i] to Starts[i+1], and takes Seconds[i],
	// as guessed or measured.
	Starts  []int
	Seconds []float64

	scratch *Scratch[M]
	cost    Cost
	guess   float64 // seconds, by Guess alone
	most    float64
}

// A Launch is a dispatch in a plan.
type Launch[M any] struct {
	Dispatch
	Memory  []M  // that each operand lies in
	Barrier bool // stands before it
}

// NewPlan compiles ops. Release gives back what the plan takes.
func (m *Machine[M]) NewPlan(name string, ops []backend.Op) (*Plan[M], error) {
	list, bytes, err := Compile(m.Target, ops)
	if err != nil {
		return nil, err
	}
	return m.Arrange(name, ops, list, bytes)
}

// Arrange makes a plan of list, dispatches of ops that want that number of bytes of
// scratch: of what Compile returned, or of a part of it to measure that.
func (m *Machine[M]) Arrange(name string, ops []backend.Op, list []Dispatch, bytes int64) (*Plan[M], error) {
	if m.Prepare != nil {
		if i, err := m.Prepare(list); err != nil {
			return nil, fmt.Errorf("%s: %w", backend.Describe(ops[list[i].Op]), err)
		}
	}
	p := &Plan[M]{Name: name, Ops: ops, cost: Guess(list, ops, m.Class), most: m.Piece}
	p.guess = p.cost.Sum()
	if m.Slower > 0 {
		p.cost.Scale(m.Slower)
	}
	var err error
	if p.scratch, err = m.Scratch.Take(bytes); err != nil {
		return nil, err
	}
	var order HazardTracker
	for _, x := range list {
		l := Launch[M]{Dispatch: x, Barrier: order.Next(x.Conflicts(m.Spans))}
		for _, o := range x.Operands {
			l.Memory = append(l.Memory, m.memory(p, o))
		}
		p.List = append(p.List, l)
	}
	p.Divide(p.cost.Sum())
	return p, nil
}

// memory is what an operand lies in.
func (m *Machine[M]) memory(p *Plan[M], o Operand) M {
	switch {
	case o.Part != nil:
		return o.Part.Memory.(M)
	case o.Scratch:
		return p.scratch.Memory
	case o.Tensor.IsZero():
		return m.Nothing
	}
	return m.Buffer(o.Tensor.Buf)
}

// Release gives the plan's scratch back once its runs are complete.
func (m *Machine[M]) Release(p *Plan[M]) {
	m.Scratch.Release(p.scratch)
	p.scratch = nil
}

// Divide divides the plan into pieces for a run that lasts seconds.
func (p *Plan[M]) Divide(seconds float64) {
	p.Starts = p.cost.Pieces(seconds, p.most)
	p.Seconds = nil
	scale := seconds / max(p.cost.Sum(), 1e-9)
	for i := range p.Starts[1:] {
		p.Seconds = append(p.Seconds, p.cost[p.Starts[i]:p.Starts[i+1]].Sum()*scale)
	}
}

// Measured takes what the pieces of a run took, in seconds. It divides the plan
// anew, and reports so, where that is far from what it was divided for.
func (p *Plan[M]) Measured(took []float64) bool {
	copy(p.Seconds, took)
	if !p.cost.Learn(p.Starts, took, p.most) {
		return false
	}
	p.Divide(p.cost.Sum())
	return true
}

// Slower returns how many times as long as guessed a run took whose pieces took took.
func (p *Plan[M]) Slower(took []float64) float64 { return Cost(took).Sum() / max(p.guess, 1e-9) }

// Barriers counts the barriers between the plan's launches.
func (p *Plan[M]) Barriers() (n int) {
	for _, x := range p.List {
		if x.Barrier {
			n++
		}
	}
	return n
}

// Times returns the operations and their kernels for a profile, the time still 0.
func (p *Plan[M]) Times() []backend.OpTime {
	times := make([]backend.OpTime, len(p.Ops))
	for i, op := range p.Ops {
		times[i].Op = op
	}
	for _, x := range p.List {
		times[x.Op].Kernels = append(times[x.Op].Kernels, x.Kernel.Name)
	}
	return times
}
