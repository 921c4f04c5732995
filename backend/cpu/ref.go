package cpu

import (
	"falconmamba/backend"
)

func init() { backend.Register("ref", refDriver{}) }

// refDriver has one device.
type refDriver struct{}

func (refDriver) Devices() ([]backend.Info, error) { return []backend.Info{refInfo()}, nil }

func (refDriver) Open(n int, _ backend.Options) (backend.Backend, error) {
	if err := onlyDevice("ref", n); err != nil {
		return nil, err
	}
	return &reference{newHost("ref")}, nil
}

func refInfo() backend.Info {
	info := hostInfo("ref")
	info.Driver = "reference: float64, one thread"
	info.Rank = backend.RankReference
	info.Threads = 1
	info.ChunkRows = 64
	return info
}

// A reference runs primitives, one row and one element after another. Values
// are float64 from the operands to the result, which is rounded once; only what
// goes through memory between operations is float32.
type reference struct{ *host }

var (
	_ backend.Backend  = (*reference)(nil)
	_ backend.Importer = (*reference)(nil)
	_ backend.Profiler = (*reference)(nil)
)

func (*reference) Info() backend.Info { return refInfo() }

func (r *reference) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	w, err := r.newWeight(desc, src, nil)
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (r *reference) Supports(op backend.Op) bool {
	_, err := refStep(op)
	return err == nil
}

func (r *reference) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	p, err := r.compile(name, ops, refStep)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// refStep returns the function that runs a primitive.
func refStep(op backend.Op) (func() error, error) {
	switch o := op.(type) {
	case backend.Embed:
		return func() error { return refEmbed(o) }, nil
	case backend.Gather:
		return func() error { refGather(o); return nil }, nil
	case backend.RMSNorm:
		return func() error { refRMSNorm(o); return nil }, nil
	case backend.MatMul:
		return func() error { return refMatMul(o) }, nil
	case backend.Conv1D:
		return func() error { refConv1D(o); return nil }, nil
	case backend.SelectiveScan:
		return func() error { refSelectiveScan(o); return nil }, nil
	case backend.Gate:
		return func() error { refGate(o); return nil }, nil
	case backend.Add:
		return func() error { refAdd(o); return nil }, nil
	case backend.Copy:
		return func() error { refCopy(o); return nil }, nil
	case backend.ArgMax:
		return func() error { refArgMax(o); return nil }, nil
	case backend.Bias:
		return func() error { refBias(o); return nil }, nil
	case backend.Sample:
		return func() error { refSample(o); return nil }, nil
	case backend.LogProbs:
		return func() error { refLogProbs(o); return nil }, nil
	case backend.Advance:
		return func() error { refAdvance(o); return nil }, nil
	}
	return nil, backend.ErrUnsupported
}
