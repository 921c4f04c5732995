// Package backend is the seam between the model and the devices it runs on.
//
// The model describes its work as operations: plain values that name their
// operands and parameters ([MatMul], [SelectiveScan], …). A [Backend] compiles
// a list of them once into a [Plan] and replays the plan for every step. What
// changes from run to run (token ids, which rows belong to which sequence) is
// data in buffers, never a parameter of a plan. An operation is at the same
// time a test case, a benchmark and a row of the support matrix.
//
// # Writing a backend
//
// Implement [Backend], [Buffer], [Weight] and [Plan], call [Register] in an
// init function, and run the conformance suite of package backendtest over it.
// Only the primitive operations of ops.go and draw.go are needed; every fused operation
// has a Lower method that says what it means in primitives, and [Lower]
// rewrites what a backend does not support. Package backend/cpu's ref driver
// is the shortest complete example, and docs/writing-a-backend.md has the order
// of work and the common mistakes.
//
// # Contract
//
// Ownership. Whoever calls Alloc, NewWeight, Compile or Import closes what
// came back. Close is idempotent. Buffers and weights must outlive the plans
// that name them. A device that was handed in by the caller stays open.
//
// Order. A backend has one queue. Upload, Download and Submit take effect in
// the order in which they are called, and every plan begins ordered after all
// earlier submissions, whatever it shares with them: the second replay of a
// plan sees what the first one wrote. Tickets increase and complete in order.
// Upload has copied its source when it returns and need not wait for the
// device; Download waits for what was submitted before it.
//
// Within a plan, an operation runs after every earlier one that writes what it
// reads or writes, or reads what it writes. Ranges are rectangles of rows and
// columns (see [Tensor]): the two halves of one matrix do not conflict.
//
// Readback. A buffer allocated with [Readback] has Bytes on every backend:
// after Wait(t) the host may read there what t wrote, while later plans run
// that do not write the same bytes.
//
// Concurrency. All methods of a Backend, and Submit, may be called from
// several goroutines; the calls then take effect in some order. Two goroutines
// must not use the same Buffer's Upload, Download or Close at once.
//
// Row bounds. A plan is compiled for an upper bound of rows. Row-wise
// operations take the rows that are live from a word of an int32 buffer (their
// Live operand, see [BatchWord]) and write nothing beyond. Conv1D, SelectiveScan
// and the sampling operations take them from the sequences of the batch: they read
// BatchSeqs and the records, never BatchRows. The pass that a sequence must lie
// within is the rows of Dst. Only the first sequences of a batch draw a token, as
// many as BatchHeads says; the others are read and no more.
//
// Bad data. Token ids, row indices, state slots and the batch are data, which
// Compile cannot check. Data outside of its range is no error and does no harm:
// it is left out, and nothing is read or written beyond the operands. Counts
// (Live, BatchRows, BatchSeqs, BatchHeads) below zero are zero, and those above
// what there is room for are that. Embed and Gather leave a row of Dst alone
// whose id, slot of Last or index lies outside. A sequence that is not within
// the pass and the state slots ([Sequence.Within]) is one without rows, as is one
// whose SeqRows is below 0; where an operation has no state, only the rows count.
// Sample and Advance, which do not know the pass, take every sequence that draws
// and has rows, but for one whose SeqSlot is outside of the tables. What two sequences share, rows or a state
// that one of them writes, is unspecified afterwards, and so is what a fused
// operation computes from a row that was left out. [DecodeBatch] finds such
// batches on the host. What lies in a record of package sampling is not checked.
//
// Precision. MatMul and the fused operations carry a [Precision]: the least
// that the operation allows its activations to be rounded to. Sums, and states
// while they are worked on, are always float32 or better. A backend may always be
// more exact.
//
// States. What Conv1D, SelectiveScan and the operations that fuse them keep is
// float32, or float16 or bfloat16, as the type of the State operand says. Whatever
// it is, arithmetic is float32: a state is widened where a sequence begins, and
// what is left after its last row is rounded once, as [NarrowState] defines it.
// A sequence without rows leaves its state to the bit. Where an operation Keeps, one may also
// keep the state after every row, each in a slot of its own (Sequence.Keep): it is then its
// rows one after another, and states of 16 bits are rounded in each. Rows of 16-bit states are
// whole 32-bit words, which [StateStride] pads them to. A backend may refuse
// 16-bit states, with false from Supports and ErrUnsupported from Compile; the
// drivers of this module take them all.
//
// Batch invariance. Where Info.BatchInvariant is true, a row of an operation of
// Precision Float, or of one without a precision, has the same bytes whatever else is
// in the pass: how many rows there are and there is room for, where among them
// the row stands, which slots its sequence has, and where the sequence is cut into passes.
// The order of every sum then follows from the operation's widths and types alone.
// Options.BatchInvariant asks for it; what costs a device nothing it has always.
// Nothing is promised of other precisions, nor of where a sequence is cut whose states are
// of 16 bits.
//
// Fusion. A fused operation may be any number of dispatches with private
// scratch that the backend owns. [Lower] replaces one only when Supports says
// no; a kernel that was claimed and then fails to compile is an error, never a
// silent fallback.
//
// Errors. Compile runs every operation's Check, so kernels may trust their
// operands. Errors name the driver, the call and the sizes ("vulkan:
// vkAllocateMemory: 512 MiB of weights: out of device memory") and wrap
// [ErrUnsupported], [ErrOutOfMemory], [ErrDeviceLost] or [ErrClosed] where one
// of them fits. After ErrDeviceLost every call returns it. Nothing panics for
// what a caller or a file can cause.
package backend
