// Outside is a driver for a GPU API that falconmamba does not know: an imaginary
// one, whose device is a few kernels in Go. It shows, and the test of package gpu
// checks, that what that package exports is enough for a driver.
package main

import (
	"context"
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/shaders"
)

func init() { backend.Register("outside", driver{}) }

type driver struct{}

func (driver) Devices() ([]backend.Info, error) { return []backend.Info{info}, nil }

func (driver) Open(int, backend.Options) (backend.Backend, error) { return open(), nil }

var info = backend.Info{
	Name: "outside:0", Device: "Go", Class: backend.Software, Unified: true, MaxBuffer: 1 << 20, ChunkRows: 16,
	InFlight: 1,
}

// A memory is what the API allocates.
type memory struct{ bytes []byte }

type device struct {
	target  gpu.Target
	machine gpu.Machine[*memory]
	scratch gpu.ScratchPool[*memory]
	live    int64
	last    backend.Ticket
}

func open() *device {
	d := &device{}
	d.target = gpu.Target{
		Align: 64, MaxBuffer: info.MaxBuffer, Groups: [3]int{1024, 1024, 1024}, Invocations: 256, Shared: 32 << 10,
		Has: shaders.Subgroup | shaders.SubgroupArithmetic, Cores: 4, SubgroupMin: 32, SubgroupMax: 32,
		SubgroupSize: 32,
		Own: func(b backend.Buffer) error {
			if x, ok := b.(*buffer); !ok || x.d != d {
				return errors.New("is another backend's")
			}
			return nil
		},
		Weight: func(w backend.Weight) (*gpu.Weight, error) {
			x, ok := w.(*weight)
			if !ok || x.d != d {
				return nil, errors.New("is another backend's")
			}
			return x.rows, nil
		},
	}
	d.scratch = gpu.ScratchPool[*memory]{
		Alloc: func(n int64) (*memory, error) { return d.alloc(n), nil },
		Free:  d.free,
	}
	d.machine = gpu.Machine[*memory]{
		Target: &d.target, Scratch: &d.scratch, Class: info.Class, Piece: gpu.PieceSeconds,
		Nothing: &memory{make([]byte, gpu.Word)},
		Buffer:  func(b backend.Buffer) *memory { return b.(*buffer).memory },
		Prepare: gpu.NewPipelines(prepare).Prepare,
	}
	return d
}

// prepare is where a driver compiles Kernel.SPIRV or MSL with the constants.
func prepare(x *gpu.Dispatch) (none struct{}, err error) {
	if _, err := x.Kernel.SPIRV(); err != nil {
		return none, err
	}
	known := map[uint32]bool{}
	for _, c := range x.Kernel.Constants {
		known[uint32(c.ID)] = true
	}
	for _, c := range x.Constants {
		if !known[c.ID] {
			return none, fmt.Errorf("kernel %s has no constant %d", x.Kernel.Name, c.ID)
		}
	}
	if size := x.Workgroup(); size[0]*size[1]*size[2] > 256 {
		return none, fmt.Errorf("kernel %s has workgroups of %v", x.Kernel.Name, size)
	}
	return none, nil
}

func (d *device) alloc(n int64) *memory {
	n = gpu.AlignUp(max(n, 1), gpu.Word)
	d.live += n
	return &memory{make([]byte, n)}
}

func (d *device) free(m *memory) { d.live -= int64(len(m.bytes)) }

func (d *device) Info() backend.Info                               { return info }
func (d *device) Stats() backend.Stats                             { return backend.Stats{Live: d.live} }
func (d *device) Supports(op backend.Op) bool                      { return d.target.Supports(op) }
func (d *device) Wait(ctx context.Context, _ backend.Ticket) error { return ctx.Err() }
func (d *device) Close() error                                     { return nil }

type buffer struct {
	d      *device
	memory *memory
	size   int64
}

func (d *device) Alloc(n int64, _ backend.Usage) (backend.Buffer, error) {
	return &buffer{d, d.alloc(n), n}, nil
}

func (b *buffer) Size() int64                          { return b.size }
func (b *buffer) Bytes() []byte                        { return b.memory.bytes[:b.size] }
func (b *buffer) Upload(off int64, src []byte) error   { copy(b.Bytes()[off:], src); return nil }
func (b *buffer) Download(off int64, dst []byte) error { copy(dst, b.Bytes()[off:]); return nil }
func (b *buffer) Close() error                         { b.d.free(b.memory); return nil }

// store implements gpu.WeightStore. Parts are small, so that there are several.
type store struct{ d *device }

func (store) Reach() int64                                        { return 64 }
func (store) Find(backend.Buffer, int64, int64) (any, int64, int) { return nil, 0, 0 }
func (s store) Free(m any)                                        { s.d.free(m.(*memory)) }

func (s store) Add(n int64, fill func(dst []byte, at int64)) (any, error) {
	m := s.d.alloc(n)
	fill(m.bytes[:n], 0)
	return m, nil
}

type weight struct {
	d    *device
	rows *gpu.Weight
}

func (d *device) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	rows, err := gpu.NewWeight(store{d}, desc, src)
	if err != nil {
		return nil, fmt.Errorf("outside: weight %q: %w", desc.Name, err)
	}
	return &weight{d, rows}, nil
}

func (w *weight) Desc() backend.WeightDesc { return w.rows.Desc }
func (w *weight) Size() int64              { return w.rows.Bytes() }
func (w *weight) InPlace() bool            { return w.rows.InPlace }
func (w *weight) Close() error             { w.rows.Free(store{w.d}); return nil }

type plan struct {
	*gpu.Plan[*memory]
	d *device
}

func (d *device) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	p, err := d.machine.NewPlan(name, ops)
	if err != nil {
		return nil, fmt.Errorf("outside: plan %q: %w", name, err)
	}
	return &plan{p, d}, nil
}

// Submit runs the pieces one after another. Where a launch has a Barrier, an API
// that runs launches side by side would need one.
func (p *plan) Submit() (backend.Ticket, error) {
	took := make([]float64, len(p.Seconds))
	for i := range took {
		for _, x := range p.List[p.Starts[i]:p.Starts[i+1]] {
			if err := run(x); err != nil {
				return 0, err
			}
		}
		took[i] = 1e-3
	}
	p.Measured(took)
	p.d.last++
	return p.d.last, nil
}

func (p *plan) Close() error {
	p.d.machine.Release(p.Plan)
	return nil
}
