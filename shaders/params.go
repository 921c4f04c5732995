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

// InProjConv is for in_proj_conv.comp. Pitch is the 16-byte words of a weight
// row; this part of the weight has Outs channels from First. Act is a
// backend.Activation.
type InProjConv struct {
	Rows, Cols, Outs                    uint32
	First, Channels                     uint32
	DstOff, DstStride                   uint32
	ZOff, ZStride                       uint32
	SrcOff, SrcStride                   uint32
	NormOff                             uint32
	Eps                                 float32
	Pitch                               uint32
	BiasOff                             uint32
	ConvOff, ConvStride, Taps           uint32
	ConvBiasOff                         uint32
	StateOff, StateStride, Slots        uint32
	BatchOff, BatchStride, BatchRecords uint32
	Act                                 uint32
	SquaresOff, SquaresStride, Squares  uint32
}

// XProj is for x_proj.comp. Dst has the rows of one slice after another.
type XProj struct {
	Rows, Cols, Outs  uint32
	DstOff, DstStride uint32
	SrcOff, SrcStride uint32
	Pitch             uint32
	LiveOff           uint32
}

// SSM is for ssm.comp. Dbc has the sums of x_proj.comp; this part of dt_proj
// has Cols channels from First.
type SSM struct {
	Rows, Cols                          uint32
	First                               uint32
	Rank, States                        uint32
	Norm                                uint32
	Eps                                 float32
	DstOff, DstStride                   uint32
	XOff, XStride                       uint32
	ZOff, ZStride                       uint32
	DbcOff, DbcStride                   uint32
	Pitch                               uint32
	BiasOff                             uint32
	AOff, AStride                       uint32
	DOff                                uint32
	StateOff, StateStride, Slots        uint32
	BatchOff, BatchStride, BatchRecords uint32
	PackedOff, PackedStride             uint32
}

// OutProj is for out_proj.comp.
type OutProj struct {
	Rows, Cols, Outs            uint32
	DstOff, DstStride           uint32
	ResidualOff, ResidualStride uint32
	SrcOff, SrcStride           uint32
	Pitch                       uint32
	BiasOff                     uint32
	LiveOff                     uint32
	SquaresOff, SquaresStride   uint32
	PackedOff, PackedStride     uint32
}

// Head is for head.comp; this part of the weight has Outs channels from First.
type Head struct {
	Rows, Cols, Outs           uint32
	First                      uint32
	DstOff, DstStride          uint32
	SrcOff, SrcStride, SrcRows uint32
	FromOff, FromStride        uint32
	NormOff                    uint32
	Eps                        float32
	Pitch                      uint32
	LiveOff                    uint32
}

// HeadPick is for head_pick.comp.
type HeadPick struct {
	Rows, Pairs       uint32
	DstOff, DstStride uint32
	SrcOff, SrcStride uint32
	LiveOff           uint32
}

// GemmHalf is for gemm_half.comp. Pitch is the 16-byte words of a weight row.
type GemmHalf struct {
	Rows, Outs                  uint32
	Steps, Span, Part           uint32
	DstOff, DstStride           uint32
	SrcOff, SrcPitch            uint32
	Pitch                       uint32
	BiasOff                     uint32
	ResidualOff, ResidualStride uint32
	LiveOff                     uint32
}

// Gemm is for gemm.comp. Pitch is the 16-byte words of a weight row.
type Gemm struct {
	Rows, Cols, Outs            uint32
	Span, Part                  uint32
	DstOff, DstStride           uint32
	SrcOff, SrcStride           uint32
	Pitch                       uint32
	BiasOff                     uint32
	ResidualOff, ResidualStride uint32
	LiveOff                     uint32
}

// GemmSum is for gemm_sum.comp.
type GemmSum struct {
	Rows, Cols                  uint32
	Parts, Part                 uint32
	DstOff, DstStride           uint32
	SrcOff, SrcStride           uint32
	BiasOff                     uint32
	ResidualOff, ResidualStride uint32
	LiveOff                     uint32
}

// Pack is for pack_f16.comp. Pitch is the 8-byte words of a row of the result.
type Pack struct {
	Rows, Cols                 uint32
	Tile, Pitch                uint32
	SrcOff, SrcStride, SrcRows uint32
	FromOff, FromStride        uint32
	WeightOff                  uint32
	LiveOff                    uint32
	Eps                        float32
}

// DBC is for dbc.comp.
type DBC struct {
	Rows, Rank, States, Norm uint32
	Parts, Part              uint32
	SrcOff, SrcStride        uint32
	Tile                     uint32
	DtOff, DtPitch           uint32
	BcOff, BcStride          uint32
	LiveOff                  uint32
	Eps                      float32
}

// ScanLanes is for scan_lanes.comp.
type ScanLanes struct {
	Rows, Cols, States                  uint32
	DstOff, DstStride                   uint32
	XOff, XStride                       uint32
	ZOff, ZStride                       uint32
	DtOff, DtStride                     uint32
	AOff, AStride                       uint32
	BOff, BStride                       uint32
	COff, CStride                       uint32
	DOff                                uint32
	StateOff, StateStride, Slots        uint32
	BatchOff, BatchStride, BatchRecords uint32
}

// ConvRows is for conv1d_rows.comp.
type ConvRows struct {
	Rows, Cols, Steps                   uint32
	DstOff, DstStride                   uint32
	SrcOff, SrcStride                   uint32
	WeightOff, WeightStride             uint32
	BiasOff                             uint32
	StateOff, StateStride, Slots        uint32
	BatchOff, BatchStride, BatchRecords uint32
}
