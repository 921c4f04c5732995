// Package null is a backend that runs nothing. It counts memory and checks
// operations as a device would, and keeps what was compiled: for dry runs that
// ask what a model would take, and for tests of a graph.
//
// It is not registered: [Open] it. Buffers have no memory behind them, but for
// Readback, whose Bytes are zeros for ever: uploads are dropped, and downloads
// are zeros.
package null

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"falconmamba/backend"
)

// Options say what the device pretends to be.
type Options struct {
	// Fused says that it supports every fused operation; else it has the
	// primitives only, and graphs are lowered to them.
	Fused bool
	// Supports, where not nil, decides instead of Fused for fused operations.
	Supports func(op backend.Op) bool
	// Types are the weight types that it keeps; nil takes all.
	Types []backend.DType
	// Memory is what it has in all, in bytes; 0 is no limit. Of a Discrete device it is its own memory,
	// where Readback buffers do not lie.
	Memory int64
	// Info describes it. ChunkRows is 256, HalfRows 4 and InFlight 1 where they
	// are 0.
	Info backend.Info
}

// A Device implements backend.Backend, and backend.Importer.
type Device struct {
	options Options

	mu     sync.Mutex
	stats  backend.Stats
	hosted int64 // of stats.Live, in the memory of the host
	plans  []*Plan
	last   backend.Ticket
	closed bool
}

var (
	_ backend.Backend  = (*Device)(nil)
	_ backend.Importer = (*Device)(nil)
	_ backend.Buffer   = (*buffer)(nil)
	_ backend.Weight   = (*weight)(nil)
	_ backend.Plan     = (*Plan)(nil)
)

// Open returns a device that holds nothing.
func Open(o Options) *Device {
	if o.Info.Name == "" {
		o.Info.Name = "null"
	}
	if o.Info.ChunkRows == 0 {
		o.Info.ChunkRows = 256
	}
	if o.Info.HalfRows == 0 {
		o.Info.HalfRows = 4
	}
	o.Info.InFlight = max(1, o.Info.InFlight)
	return &Device{options: o}
}

// Info implements backend.Backend.
func (d *Device) Info() backend.Info {
	d.mu.Lock()
	defer d.mu.Unlock()
	info := d.options.Info
	info.MaxBuffer = math.MaxInt64
	if m := d.options.Memory; m > 0 {
		info.MaxBuffer, info.MemoryTotal, info.MemoryFree = m, m, m-d.own()
	}
	return info
}

// Plans returns what was compiled and not yet closed, in order.
func (d *Device) Plans() []*Plan {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.plans)
}

// own is how much of the device's memory is taken. The lock is held.
func (d *Device) own() int64 { return d.stats.Live - d.hosted }

// take counts size bytes, of the host's memory or the device's own. The lock is held.
func (d *Device) take(call string, size int64, hosted bool) error {
	switch m := d.options.Memory; {
	case d.closed:
		return fmt.Errorf("null: %s: %w", call, backend.ErrClosed)
	case size < 0:
		return fmt.Errorf("null: %s: %d bytes", call, size)
	case !hosted && m > 0 && size > m-d.own() || size > math.MaxInt64-d.stats.Live:
		return fmt.Errorf("null: %s: %d bytes beside %d: %w", call, size, d.stats.Live, backend.ErrOutOfMemory)
	}
	d.stats.Live += size
	if hosted {
		d.hosted += size
	}
	d.stats.Peak = max(d.stats.Peak, d.stats.Live)
	return nil
}

// A part is what buffers and weights have in common: bytes that are counted
// until they are closed.
type part struct {
	d        *Device
	size     int64
	imported bool
	hosted   bool // in the host's memory
	closed   bool
}

// A holder is a buffer or a weight of this package.
type holder interface{ holds() *part }

func (p *part) holds() *part { return p }

// Close implements backend.Buffer and backend.Weight.
func (p *part) Close() error {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	switch {
	case p.closed:
	case p.imported:
		p.d.stats.Imported -= p.size
	default:
		p.d.stats.Live -= p.size
		if p.hosted {
			p.d.hosted -= p.size
		}
	}
	p.closed = true
	return nil
}

type buffer struct {
	part
	bytes []byte // with Readback
}

// Alloc implements backend.Backend.
func (d *Device) Alloc(size int64, use backend.Usage) (backend.Buffer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	const most = 1 << 30 // bytes that the host keeps for it: a readback buffer is small
	if use == backend.Readback && size > most {
		return nil, fmt.Errorf("null: Alloc: %d bytes of readback memory: %w", size, backend.ErrOutOfMemory)
	}
	hosted := use == backend.Readback && d.options.Info.Class == backend.Discrete
	if err := d.take("Alloc", size, hosted); err != nil {
		return nil, err
	}
	b := &buffer{part: part{d: d, size: size, hosted: hosted}}
	if use == backend.Readback {
		b.bytes = make([]byte, size)
	}
	return b, nil
}

// Import implements backend.Importer.
func (d *Device) Import(mem []byte) (backend.Buffer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.take("Import", 0, false); err != nil {
		return nil, err
	}
	d.stats.Imported += int64(len(mem))
	return &buffer{part: part{d: d, size: int64(len(mem)), imported: true}}, nil
}

func (b *buffer) Size() int64 { return b.size }

func (b *buffer) Bytes() []byte { return b.bytes }

func (b *buffer) Upload(off int64, src []byte) error { return b.transfer("Upload", off, src) }

func (b *buffer) Download(off int64, dst []byte) error {
	if err := b.transfer("Download", off, dst); err != nil {
		return err
	}
	clear(dst)
	return nil
}

func (b *buffer) transfer(call string, off int64, data []byte) error {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if b.closed || b.d.closed {
		return fmt.Errorf("null: %s: %w", call, backend.ErrClosed)
	}
	if off < 0 || off > b.size || int64(len(data)) > b.size-off {
		return fmt.Errorf("null: %s: %d bytes at %d of a buffer of %d", call, len(data), off, b.size)
	}
	return nil
}

type weight struct {
	part
	desc    backend.WeightDesc
	inPlace bool
}

// NewWeight implements backend.Backend. src may be nil: it is not looked at.
func (d *Device) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	call := fmt.Sprintf("NewWeight %q", desc.Name)
	if !desc.Type.Valid() || desc.Rows < 1 || desc.Cols < 1 || desc.Cols%desc.Type.Block() != 0 ||
		int64(desc.Cols) > math.MaxInt64/int64(desc.Type.Size())/int64(desc.Rows) {
		return nil, fmt.Errorf("null: %s: %s [%d %d]", call, desc.Type, desc.Rows, desc.Cols)
	}
	if desc.Type == backend.I32 || d.options.Types != nil && !slices.Contains(d.options.Types, desc.Type) {
		return nil, fmt.Errorf("null: %s: a weight of %s: %w", call, desc.Type, backend.ErrUnsupported)
	}
	size := int64(desc.Rows) * desc.Type.RowBytes(desc.Cols)
	for _, a := range desc.Aux {
		size += int64(len(a))
	}
	desc.Aux = nil
	from, inPlace := desc.From.(*buffer)
	inPlace = inPlace && from.d == d && from.imported
	d.mu.Lock()
	defer d.mu.Unlock()
	taken := size
	if inPlace {
		taken = 0
		if desc.Off < 0 || desc.Off > from.size || size > from.size-desc.Off {
			return nil, fmt.Errorf("null: %s: %d bytes at %d of a buffer of %d", call, size, desc.Off, from.size)
		}
	}
	if err := d.take(call, taken, false); err != nil {
		return nil, err
	}
	return &weight{part: part{d: d, size: taken}, desc: desc, inPlace: inPlace}, nil
}

func (w *weight) Desc() backend.WeightDesc { return w.desc }

func (w *weight) Size() int64 { return int64(w.desc.Rows) * w.desc.Type.RowBytes(w.desc.Cols) }

func (w *weight) InPlace() bool { return w.inPlace }

// Supports implements backend.Backend.
func (d *Device) Supports(op backend.Op) bool {
	if _, fused := op.(backend.Fused); !fused {
		return true
	}
	if d.options.Supports != nil {
		return d.options.Supports(op)
	}
	return d.options.Fused
}

// A Plan keeps the operations that it was compiled from.
type Plan struct {
	Name string
	Ops  []backend.Op

	d      *Device
	runs   int
	closed bool
}

// Compile implements backend.Backend.
func (d *Device) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, fmt.Errorf("null: Compile %s: %w", name, backend.ErrClosed)
	}
	for i, op := range ops {
		if err := d.check(op); err != nil {
			return nil, fmt.Errorf("null: Compile %s: operation %d: %w", name, i, err)
		}
	}
	p := &Plan{Name: name, Ops: slices.Clone(ops), d: d}
	d.plans = append(d.plans, p)
	return p, nil
}

func (d *Device) check(op backend.Op) error {
	if op == nil {
		return fmt.Errorf("is nil")
	}
	if err := op.Check(); err != nil {
		return err
	}
	if !d.Supports(op) {
		return fmt.Errorf("%s: %w", backend.Describe(op), backend.ErrUnsupported)
	}
	reads, writes, weights := op.Operands()
	var operands []any
	for _, t := range append(reads, writes...) {
		operands = append(operands, t.Buf)
	}
	for _, w := range weights {
		operands = append(operands, w)
	}
	for _, o := range operands {
		held, ok := o.(holder)
		if !ok || held.holds().d != d {
			return fmt.Errorf("%s: an operand is another backend's", op.Kind())
		}
		if held.holds().closed {
			return fmt.Errorf("%s: an operand: %w", op.Kind(), backend.ErrClosed)
		}
	}
	return nil
}

// Submit implements backend.Plan.
func (p *Plan) Submit() (backend.Ticket, error) {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	if p.closed || p.d.closed {
		return 0, fmt.Errorf("null: Submit %s: %w", p.Name, backend.ErrClosed)
	}
	p.runs++
	p.d.last++
	return p.d.last, nil
}

// Runs returns how often the plan was submitted.
func (p *Plan) Runs() int {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	return p.runs
}

// Close implements backend.Plan.
func (p *Plan) Close() error {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.closed = true
	p.d.plans = slices.DeleteFunc(p.d.plans, func(q *Plan) bool { return q == p })
	return nil
}

// Wait implements backend.Backend.
func (d *Device) Wait(_ context.Context, t backend.Ticket) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return fmt.Errorf("null: Wait: %w", backend.ErrClosed)
	case t > d.last:
		return fmt.Errorf("null: Wait: ticket %d was never given: the last is %d", t, d.last)
	}
	return nil
}

// Stats implements backend.Backend.
func (d *Device) Stats() backend.Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stats
}

// Close implements backend.Backend.
func (d *Device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	return nil
}
