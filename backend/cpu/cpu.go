package cpu

import (
	"fmt"
	"runtime"

	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
	"falconmamba/backend/mamba"
)

func init() { backend.Register("cpu", cpuDriver{}) }

// cpuDriver has one device.
type cpuDriver struct{}

func (cpuDriver) Devices() ([]backend.Info, error) {
	return []backend.Info{cpuInfo(kernelsHere()[0], allCores())}, nil
}

func (cpuDriver) Open(n int, o backend.Options) (backend.Backend, error) {
	if err := onlyDevice("cpu", n); err != nil {
		return nil, err
	}
	threads := o.Threads
	switch {
	case threads == 0:
		threads = allCores()
	case threads < 0 || threads > maxThreads:
		return nil, fmt.Errorf("cpu: %d threads: want 1 to %d, or 0 for all cores", threads, maxThreads)
	}
	k, err := kernelsOf(o.Kernels)
	if err != nil {
		return nil, err
	}
	return &device{host: newHost("cpu"), k: k, unfused: o.Unfused, pool: newPool(threads)}, nil
}

// CheckKernels is backend.KernelNamer's.
func (cpuDriver) CheckKernels(name string) error {
	_, err := kernelsOf(name)
	return err
}

// maxThreads is more than any machine has, and fewer than would hurt to start.
const maxThreads = 1024

// allCores is how many workers make use of the processor: what the system, a
// container's limit and $GOMAXPROCS leave to this process.
func allCores() int { return min(runtime.GOMAXPROCS(0), maxThreads) }

func cpuInfo(k *kernels, threads int) backend.Info {
	info := hostInfo("cpu")
	info.Driver = "float32, " + k.name + " kernels"
	info.Threads = threads
	info.Features = []string{k.name}
	info.Warning = warning
	// Twice as many gain 2 %, and answer Wait half as often.
	info.ChunkRows = max(k.tileTokens, k.halfTokens)
	return info
}

// A device is all cores of the processor. It computes in float32, and rounds
// where an operation allows it.
type device struct {
	*host
	k       *kernels
	unfused bool
	pool    *pool
	shared  shared
}

var (
	_ backend.Backend  = (*device)(nil)
	_ backend.Importer = (*device)(nil)
	_ backend.Profiler = (*device)(nil)
)

func (d *device) Info() backend.Info { return cpuInfo(d.k, len(d.pool.workers)) }

// NewWeight keeps the stored type. It uses src in place where that lies in an
// imported buffer and the elements are aligned. Blocks are read by bytes and
// need not be. What is faster with its rows interleaved is copied, though, where memory has room.
func (d *device) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	if d.interleaves(desc) {
		w, err := d.newWeight(desc, src, d.interleave)
		if err != nil {
			return nil, err
		}
		return w, nil
	}
	// Import has aligned the start of the mapping; the weight's place in it decides.
	if size := int64(desc.Type.Size()); desc.Type.Block() == 1 && size > 0 && desc.Off%size != 0 {
		desc.From = nil
	}
	w, err := d.newWeight(desc, src, nil)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// interleaves reports whether a weight's rows are to be interleaved: not those of a table, which products do not read,
// and not where it would take memory that others need from a mapped file, which takes none.
func (d *device) interleaves(desc backend.WeightDesc) bool {
	if desc.Lookup || d.k.interleaves == nil || !d.k.interleaves(desc.Type, desc.Rows, desc.Cols) {
		return false
	}
	size, err := weightBytes(desc)
	return err == nil && (!d.inPlace(desc) || d.memory.roomFor(size))
}

// interleave is the kernels' by all workers: memory that was never touched takes the system longer than the rest.
func (d *device) interleave(dst, src []byte, t backend.DType, rows, cols int) error {
	s := &interleaving{d.k, dst, src, t, rows, cols, 0}
	pitch := int(t.RowBytes(cols))
	s.size = simd.Lanes * max(1, 1<<20/(simd.Lanes*pitch))
	return d.queue.do(func() error {
		d.pool.run(s, ceil(rows, s.size))
		return nil
	})
}

// An interleaving is the stage that interleaves size rows a part.
type interleaving struct {
	k          *kernels
	dst, src   []byte
	typ        backend.DType
	rows, cols int
	size       int
}

func (s *interleaving) part(_ *worker, i int) {
	from, to := i*s.size, min((i+1)*s.size, s.rows)
	pitch := int(s.typ.RowBytes(s.cols))
	s.k.interleave(s.dst[from*pitch:to*pitch], s.src[from*pitch:to*pitch], s.typ, to-from, s.cols)
}

// Supports is true of the primitives and of the one fused operation that is
// less work than its parts. The others would save the processor nothing: what
// passes between their parts stays in its caches.
func (d *device) Supports(op backend.Op) bool {
	switch op.(type) {
	case backend.Embed, backend.Gather, backend.RMSNorm, backend.MatMul, backend.Conv1D, backend.SelectiveScan,
		backend.Gate, backend.Add, backend.Copy, backend.ArgMax, backend.Bias, backend.Sample,
		backend.LogProbs, backend.Advance:
		return op.Check() == nil
	case mamba.OutProjAdd:
		return !d.unfused && op.Check() == nil
	}
	return false
}

func (d *device) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	p, err := d.compile(name, ops, d.step)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (d *device) Close() error {
	err := d.host.Close()
	d.pool.close()
	return err
}

// A task is an operation of a plan, its operands resolved.
type task interface {
	// begin reads what the run brings and returns the parts of work.
	begin() (parts int)
	stage
}

// step returns the function that runs an operation.
func (d *device) step(op backend.Op) (func() error, error) {
	t := d.task(op)
	if t == nil {
		return nil, backend.ErrUnsupported
	}
	return func() error {
		d.pool.run(t, t.begin())
		return nil
	}, nil
}

func (d *device) task(op backend.Op) task {
	switch o := op.(type) {
	case backend.Embed:
		return newEmbed(d.k, o)
	case backend.Gather:
		return newGather(o)
	case backend.RMSNorm:
		return newRMSNorm(d.k, o)
	case backend.MatMul:
		return newMatMul(d, o)
	case backend.Conv1D:
		return newConv(d, o)
	case backend.SelectiveScan:
		return newScan(d, o)
	case backend.Gate:
		return newGate(d.k, o)
	case backend.Add:
		return newAdd(o)
	case backend.Copy:
		return newCopy(o)
	case backend.ArgMax:
		return newArgMax(o)
	case backend.Bias:
		return newBias(o)
	case backend.Sample:
		return newSample(o)
	case backend.LogProbs:
		return newLogProbs(o)
	case backend.Advance:
		return newAdvance(o)
	case mamba.OutProjAdd:
		return newOutProjAdd(d, o)
	}
	return nil
}
