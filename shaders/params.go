package shaders

// The parameters of the kernels: one struct per source, with the fields of its
// push_constant block in order. Offsets and strides are in elements; an
// operand that is not there has the offset Absent.

// Absent is the offset of an operand that is not there.
const Absent = 0xffffffff

// Elementwise is for add.comp and gate.comp.
type Elementwise struct {
	Rows, Cols        uint32
	DstOff, DstStride uint32
	AOff, AStride     uint32
	BOff, BStride     uint32
	LiveOff           uint32
}

// Copy is for copy.comp.
type Copy struct {
	Rows, Cols        uint32
	DstOff, DstStride uint32
	SrcOff, SrcStride uint32
	LiveOff           uint32
}

// Gather is for gather.comp. Rows counts the indices.
type Gather struct {
	Rows, Cols                 uint32
	DstOff, DstStride, DstRows uint32
	SrcOff, SrcStride, SrcRows uint32
	FromOff, FromStride        uint32
	ToOff, ToStride            uint32
	LiveOff                    uint32
}

// Embed is for embed.comp. Pitch is the 16-byte words of a table row; this
// part of the table has Count ids from First.
type Embed struct {
	Rows, Cols                    uint32
	DstOff, DstStride             uint32
	Pitch                         uint32
	First, Count                  uint32
	IdsOff, IdsStride             uint32
	LastOff, LastStride, LastRows uint32
	LiveOff                       uint32
}

// RMSNorm is for rmsnorm.comp.
type RMSNorm struct {
	Rows, Cols        uint32
	DstOff, DstStride uint32
	SrcOff, SrcStride uint32
	WeightOff         uint32
	LiveOff           uint32
	Eps               float32
}

// MatMul is for matmul.comp. Pitch is the 16-byte words of a weight row.
type MatMul struct {
	Rows, Cols, Outs  uint32
	DstOff, DstStride uint32
	SrcOff, SrcStride uint32
	Pitch             uint32
	BiasOff           uint32
	LiveOff           uint32
}

// Conv1D is for conv1d.comp. Act is a backend.Activation.
type Conv1D struct {
	Rows, Cols, Taps, Act               uint32
	DstOff, DstStride                   uint32
	SrcOff, SrcStride                   uint32
	WeightOff, WeightStride             uint32
	BiasOff                             uint32
	StateOff, StateStride, Slots        uint32
	BatchOff, BatchStride, BatchRecords uint32
}

// Scan is for scan.comp.
type Scan struct {
	Rows, Cols, States                  uint32
	DstOff, DstStride                   uint32
	XOff, XStride                       uint32
	DtOff, DtStride                     uint32
	AOff, AStride                       uint32
	BOff, BStride                       uint32
	COff, CStride                       uint32
	DOff                                uint32
	StateOff, StateStride, Slots        uint32
	BatchOff, BatchStride, BatchRecords uint32
}

// ArgMax is for argmax.comp.
type ArgMax struct {
	Rows, Cols        uint32
	DstOff, DstStride uint32
	SrcOff, SrcStride uint32
	LiveOff           uint32
}

// Sample is for sample.comp. Keys is scratch of the logits' shape.
type Sample struct {
	Tokens                              uint32
	DstOff, DstStride                   uint32
	LogitsOff, LogitsStride             uint32
	RecordsOff, RecordsStride, Slots    uint32
	CountsOff, CountsStride             uint32
	KeysOff, KeysStride                 uint32
	BatchOff, BatchStride, BatchRecords uint32
}

// Advance is for advance.comp.
type Advance struct {
	TokensOff, TokensStride             uint32
	RecordsOff, RecordsStride, Slots    uint32
	CountsOff, CountsStride, CountsCols uint32
	RingOff, RingStride, RingCols       uint32
	LastOff, LastStride                 uint32
	OutOff, OutStride, OutCols          uint32
	BatchOff, BatchStride, BatchRecords uint32
}
