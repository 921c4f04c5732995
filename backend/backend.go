package backend

import "context"

// A Backend is one open device with one in-order queue. It allocates buffers
// and dispatches kernels. The package comment has the contract.
type Backend interface {
	// Info describes the device. Its memory figures are as of the call.
	Info() Info

	// Alloc returns a buffer of size bytes, all zero.
	Alloc(size int64, use Usage) (Buffer, error)

	// NewWeight lays a matrix out as this device wants it: repacked, or used in
	// place. src holds desc.Rows × desc.Cols elements of desc.Type, dense; it is
	// not retained. A type that the device cannot keep is ErrUnsupported: the
	// caller widens it and tries again.
	NewWeight(desc WeightDesc, src []byte) (Weight, error)

	// Supports reports whether Compile takes this operation as it stands, with
	// its types, shapes, alignment and precision. It must be true of every
	// primitive whose Check passes.
	Supports(op Op) bool

	// Compile turns ops, in order, into a plan. The name is for profiles and
	// errors. It runs Check on each.
	Compile(name string, ops []Op) (Plan, error)

	// Wait returns once t and all earlier submissions are complete, with the
	// error that one of them met, or when ctx ends, with ctx's error: the work
	// then goes on.
	Wait(ctx context.Context, t Ticket) error

	// Stats counts the memory held now.
	Stats() Stats

	// Close waits for the queue, then frees the device. Everything made from it
	// must have been closed before.
	Close() error
}

// A Buffer is a range of device memory.
type Buffer interface {
	Size() int64
	// Upload copies src to offset off, ordered after earlier submissions.
	Upload(off int64, src []byte) error
	// Download copies from offset off to dst, after all earlier submissions.
	Download(off int64, dst []byte) error
	// Bytes is the buffer's memory as the host sees it, or nil. It is never nil
	// for a buffer allocated with Readback.
	Bytes() []byte
	Close() error
}

// A Plan is a compiled list of operations with fixed parameters.
type Plan interface {
	// Submit queues one run and returns without waiting for it.
	Submit() (Ticket, error)
	Close() error
}

// A Ticket names a submission. Tickets of a backend increase and complete in
// order; the zero Ticket is complete.
type Ticket uint64

// Usage says what a buffer is for.
type Usage uint8

const (
	Device   Usage = iota // read and written by plans
	Readback              // also visible to the host, see Buffer.Bytes
)

// A Class says what a device is.
type Class uint8

const (
	Host       Class = iota // the processor this program runs on
	Software                // a GPU driver that runs on the processor: only by name
	Virtual                 // a GPU of a virtual machine
	Integrated              // a GPU that shares the host's memory
	Discrete                // a GPU with memory of its own
)

func (c Class) String() string {
	switch c {
	case Host:
		return "host"
	case Software:
		return "software"
	case Virtual:
		return "virtual"
	case Integrated:
		return "integrated"
	case Discrete:
		return "discrete"
	}
	return "unknown"
}

// Rank returns the band of Info.Rank that devices of a class are in.
func (c Class) Rank() int {
	switch c {
	case Software:
		return RankSoftware
	case Virtual:
		return RankVirtual
	case Integrated:
		return RankIntegrated
	case Discrete:
		return RankDiscrete
	}
	return RankHost
}

// The bands of Info.Rank. Numbers between them are free for a driver that knows
// more of its devices.
const (
	RankReference  = 0  // exact and slow: for comparisons; just slow is a number above
	RankSoftware   = 10 // a GPU driver that runs on the processor
	RankHost       = 20 // the processor
	RankVirtual    = 30
	RankIntegrated = 40
	RankDiscrete   = 50
	RankNative     = 60 // a GPU by its maker's own interface, before the same by another
)

// Info describes a device.
type Info struct {
	Name     string   // what Open takes to get this device: "cpu", "vulkan:1"
	Device   string   // the hardware's own name
	Driver   string   // the driver's name and version, where there is one
	Class    Class    //
	Rank     int      // Open("") takes the highest, of equals the first by driver's name; Class.Rank() as a rule
	Unified  bool     // device memory is host memory
	Threads  int      // workers of a host device, else 0
	Features []string // what kernels are chosen by, for people
	Warning  string   // what makes the device slow and can be helped, in one line for people

	MaxBuffer   int64 // largest Alloc in bytes
	MemoryTotal int64 // bytes of the device's memory, 0 if unknown
	MemoryFree  int64 // bytes that this process may still take, 0 if unknown

	// ChunkRows is how many rows of a prompt suit the device in one plan.
	ChunkRows int
	// HalfRows is the rows from which products of plain weights gain by rounded
	// activations, as where matrix units take them. With fewer, the weights' bytes
	// bound a product, and a graph asks for Float.
	HalfRows int
	// Float16 says that products of many rows with rounded activations are quicker with weights in float16 than in
	// bfloat16.
	Float16 bool
	// InFlight is how many submissions keep the device busy while the host
	// prepares the next: 1 on a device that runs on the host's own cores.
	InFlight int

	// BatchInvariant says that with Precision Float the bytes of a row do not depend on
	// the other rows of a pass, see the package comment.
	BatchInvariant bool
}

// Reference reports whether the device is one that others are compared with: it sums in float64
// and rounds nothing, whatever an operation allows, and takes its time.
func (i Info) Reference() bool { return i.Class == Host && i.Rank == RankReference }

// Stats counts memory, in bytes.
type Stats struct {
	Live     int64 // held now by buffers, weights and private scratch
	Peak     int64 // the most that was ever live
	Imported int64 // host memory used in place, not in Live
}

// An Importer is a Backend that can use host memory in place, such as the
// mapping of a checkpoint. mem must stay valid, and unchanged, until the buffer
// is closed. ErrUnsupported says that this memory does not suit: copy instead.
type Importer interface {
	Import(mem []byte) (Buffer, error)
}

// A Profiler is a Backend that can time a plan's operations on the device.
type Profiler interface {
	// Profile runs p once and returns the device time of each operation, in
	// order.
	Profile(ctx context.Context, p Plan) ([]OpTime, error)
}

// An OpTime is one operation's share of a profiled run.
type OpTime struct {
	Op      Op
	Kernels []string // the dispatches it became
	Seconds float64
}
