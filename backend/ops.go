package backend

// The primitive operations; those that draw tokens are in draw.go. Every backend
// runs all of them. T is the rows of
// the pass (an upper bound; Live or the batch has the count), S its sequences.
// Everything is float32 unless it says otherwise; Weights have their own types.

// The kinds of the primitives.
const (
	KindEmbed         Kind = "embed"
	KindGather        Kind = "gather"
	KindRMSNorm       Kind = "rmsnorm"
	KindMatMul        Kind = "matmul"
	KindConv1D        Kind = "conv1d"
	KindSelectiveScan Kind = "selective_scan"
	KindGate          Kind = "gate"
	KindAdd           Kind = "add"
	KindCopy          Kind = "copy"
	KindArgMax        Kind = "argmax"
)

// Embed looks up token embeddings: Dst[t] = Table[IDs[t]]. An id below zero
// stands for the last token of slot −id−1, Last[−id−1], so that a step can take
// its input from the step before without the host.
type Embed struct {
	Dst   Tensor // (T, H)
	Table Weight // (V, H)
	IDs   Tensor // (T, 1) i32
	Last  Tensor // (slots, 1) i32; may be absent where no id is below zero
	Live  Tensor // (1, 1) i32: live rows; absent: all
}

func (Embed) Kind() Kind { return KindEmbed }

func (o Embed) Check() error {
	c := NewChecker(KindEmbed)
	c.View("Dst", o.Dst, F32, -1, -1)
	c.Weight("Table", o.Table, -1, o.Dst.Cols)
	c.View("IDs", o.IDs, I32, o.Dst.Rows, 1)
	c.Optional("Last", o.Last, I32, -1, 1)
	c.Live(o.Live)
	c.Apart("Dst", o.Dst, o.IDs, o.Last, o.Live)
	return c.Err()
}

func (o Embed) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.IDs, o.Last, o.Live), []Tensor{o.Dst}, []Weight{o.Table}
}

// Gather copies rows by index: Dst[To[i]] = Src[From[i]]. Without To, row i of
// Dst is written. Dst may be Src where no row is both read and written.
type Gather struct {
	Dst  Tensor // (any, C)
	Src  Tensor // (any, C), of Dst's type
	From Tensor // (n, 1) i32
	To   Tensor // (n, 1) i32, or absent: then n is Dst's rows
	Live Tensor // (1, 1) i32: live indices; absent: all
}

func (Gather) Kind() Kind { return KindGather }

func (o Gather) Check() error {
	c := NewChecker(KindGather)
	c.View("Dst", o.Dst, o.Dst.Type, -1, -1)
	c.View("Src", o.Src, o.Dst.Type, -1, o.Dst.Cols)
	c.View("From", o.From, I32, -1, 1)
	c.Optional("To", o.To, I32, o.From.Rows, 1)
	if c.err == nil && o.To.IsZero() && o.From.Rows != o.Dst.Rows {
		c.Failf("From has %d rows, want Dst's %d", o.From.Rows, o.Dst.Rows)
	}
	c.word32("Dst", o.Dst)
	c.Live(o.Live)
	c.ApartOrSame("Dst", o.Dst, o.Src)
	c.Apart("Dst", o.Dst, o.From, o.To, o.Live)
	return c.Err()
}

func (o Gather) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Src, o.From, o.To, o.Live), []Tensor{o.Dst}, nil
}

// RMSNorm normalises each row: Dst = Src / sqrt(mean(Src²) + Eps) · Weight
// (Zhang and Sennrich 2019). Without Weight the row is only scaled. Dst may be
// Src.
type RMSNorm struct {
	Dst    Tensor // (T, C)
	Src    Tensor // (T, C)
	Weight Tensor // (1, C) or absent
	Eps    float32
	Live   Tensor // (1, 1) i32: live rows; absent: all
}

func (RMSNorm) Kind() Kind { return KindRMSNorm }

func (o RMSNorm) Check() error {
	c := NewChecker(KindRMSNorm)
	c.View("Dst", o.Dst, F32, -1, -1)
	c.View("Src", o.Src, F32, o.Dst.Rows, o.Dst.Cols)
	c.Optional("Weight", o.Weight, F32, 1, o.Dst.Cols)
	c.Eps("Eps", o.Eps)
	c.Live(o.Live)
	c.ApartOrSame("Dst", o.Dst, o.Src)
	c.Apart("Dst", o.Dst, o.Weight, o.Live)
	return c.Err()
}

func (o RMSNorm) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Src, o.Weight, o.Live), []Tensor{o.Dst}, nil
}

// MatMul is a linear layer: Dst = Src · Weightᵀ + Bias.
type MatMul struct {
	Dst       Tensor // (T, M)
	Src       Tensor // (T, K)
	Weight    Weight // (M, K)
	Bias      Tensor // (1, M) or absent
	Precision Precision
	Live      Tensor // (1, 1) i32: live rows; absent: all
}

func (MatMul) Kind() Kind { return KindMatMul }

func (o MatMul) Check() error {
	c := NewChecker(KindMatMul)
	c.View("Dst", o.Dst, F32, -1, -1)
	c.View("Src", o.Src, F32, o.Dst.Rows, -1)
	c.Weight("Weight", o.Weight, o.Dst.Cols, o.Src.Cols)
	c.Optional("Bias", o.Bias, F32, 1, o.Dst.Cols)
	c.Precision(o.Precision)
	c.Live(o.Live)
	c.Apart("Dst", o.Dst, o.Src, o.Bias, o.Live)
	return c.Err()
}

func (o MatMul) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Src, o.Bias, o.Live), []Tensor{o.Dst}, []Weight{o.Weight}
}

// Conv1D is the causal depthwise convolution of each sequence, with the
// activation that follows it:
//
//	Dst[t,d] = Act(Bias[d] + Σ_j Weight[d,j] · x[t−K+1+j, d])
//
// where x is Src, continued to the left by the sequence's conv state: the last
// K−1 inputs, oldest first, at State[slot][d·(K−1)+j]. The state after the last
// row goes to the sequence's SeqTo slot, those after others where [Sequence.Row] says.
type Conv1D struct {
	Dst    Tensor // (T, D)
	Src    Tensor // (T, D)
	Weight Tensor // (D, K)
	Bias   Tensor // (1, D) or absent
	State  Tensor // (slots, D·(K−1)) f32, f16 or bf16; absent where K is 1
	Batch  Tensor // (1+S, BatchWords) i32
	Act    Activation
	Keeps  bool // sequences may keep the state after every row; else Sequence.Keep is not looked at
}

func (Conv1D) Kind() Kind { return KindConv1D }

func (o Conv1D) Check() error {
	c := NewChecker(KindConv1D)
	c.View("Dst", o.Dst, F32, -1, -1)
	c.View("Src", o.Src, F32, o.Dst.Rows, o.Dst.Cols)
	c.Conv(o.Weight, o.Bias, o.State, o.Dst.Cols, o.Act)
	c.Batch(o.Batch)
	c.Apart("Dst", o.Dst, o.Src, o.Weight, o.Bias, o.State, o.Batch)
	c.Apart("State", o.State, o.Src, o.Weight, o.Bias, o.Batch)
	return c.Err()
}

// Conv wants the parameters of a causal convolution over d channels: a weight
// (d, K), a bias (1, d) or none, and a state (any, d·(K−1)) unless K is 1.
func (c *Checker) Conv(weight, bias, state Tensor, d int, act Activation) {
	c.View("Conv weight", weight, F32, d, -1)
	c.Optional("Conv bias", bias, F32, 1, d)
	if weight.Cols > 1 {
		c.State("Conv state", state, d*(weight.Cols-1))
	}
	if act >= activations {
		c.Failf("Act is %v", act)
	}
}

func (o Conv1D) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Src, o.Weight, o.Bias, o.State, o.Batch), Present(o.Dst, o.State), nil
}

// SelectiveScan is the selective state space recurrence of Mamba (Gu and Dao
// 2023, algorithm 2), per sequence, channel d and state n, in time order:
//
//	Δ      = softplus(DT[t,d])
//	s[d,n] = exp(Δ·A[d,n]) · s[d,n] + Δ·B[t,n]·X[t,d]
//	Dst    = Σ_n C[t,n]·s[d,n] + D[d]·X[t,d]
//
// A is negative: −exp(A_log). The state is State[slot][d·N+n], of slots as in [Conv1D]. Dst
// may be X.
type SelectiveScan struct {
	Dst   Tensor // (T, D)
	X     Tensor // (T, D)
	DT    Tensor // (T, D), before softplus, bias included
	A     Tensor // (D, N)
	B     Tensor // (T, N)
	C     Tensor // (T, N)
	D     Tensor // (1, D)
	State Tensor // (slots, D·N) f32, f16 or bf16
	Batch Tensor // (1+S, BatchWords) i32
	Keeps bool   // as in Conv1D
}

func (SelectiveScan) Kind() Kind { return KindSelectiveScan }

func (o SelectiveScan) Check() error {
	c := NewChecker(KindSelectiveScan)
	t, d, n := o.Dst.Rows, o.Dst.Cols, o.A.Cols
	c.View("Dst", o.Dst, F32, -1, -1)
	c.View("X", o.X, F32, t, d)
	c.View("DT", o.DT, F32, t, d)
	c.View("A", o.A, F32, d, -1)
	c.View("B", o.B, F32, t, n)
	c.View("C", o.C, F32, t, n)
	c.View("D", o.D, F32, 1, d)
	c.State("State", o.State, d*n)
	c.Batch(o.Batch)
	c.ApartOrSame("Dst", o.Dst, o.X)
	c.Apart("Dst", o.Dst, o.DT, o.A, o.B, o.C, o.D, o.State, o.Batch)
	c.Apart("State", o.State, o.X, o.DT, o.A, o.B, o.C, o.D, o.Batch)
	return c.Err()
}

func (o SelectiveScan) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.X, o.DT, o.A, o.B, o.C, o.D, o.State, o.Batch), []Tensor{o.Dst, o.State}, nil
}

// Gate multiplies by the gate: Dst = Y · silu(Z). Dst may be Y.
type Gate struct {
	Dst  Tensor // (T, D)
	Y    Tensor // (T, D)
	Z    Tensor // (T, D)
	Live Tensor // (1, 1) i32: live rows; absent: all
}

func (Gate) Kind() Kind { return KindGate }

func (o Gate) Check() error {
	c := NewChecker(KindGate)
	c.elementwise(o.Dst, o.Y, o.Z, o.Live, "Y", "Z")
	c.Apart("Dst", o.Dst, o.Z)
	return c.Err()
}

// elementwise checks an operation on two matrices of one shape.
func (c *Checker) elementwise(dst, a, b, live Tensor, nameA, nameB string) {
	c.View("Dst", dst, F32, -1, -1)
	c.View(nameA, a, F32, dst.Rows, dst.Cols)
	c.View(nameB, b, F32, dst.Rows, dst.Cols)
	c.Live(live)
	c.ApartOrSame("Dst", dst, a, b)
	c.Apart("Dst", dst, live)
}

func (o Gate) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Y, o.Z, o.Live), []Tensor{o.Dst}, nil
}

// Add is the residual: Dst = A + B. Dst may be A or B.
type Add struct {
	Dst  Tensor // (T, C)
	A    Tensor // (T, C)
	B    Tensor // (T, C)
	Live Tensor // (1, 1) i32: live rows; absent: all
}

func (Add) Kind() Kind { return KindAdd }

func (o Add) Check() error {
	c := NewChecker(KindAdd)
	c.elementwise(o.Dst, o.A, o.B, o.Live, "A", "B")
	return c.Err()
}

func (o Add) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.A, o.B, o.Live), []Tensor{o.Dst}, nil
}

// Copy copies a matrix of float32 or int32: Dst = Src.
type Copy struct {
	Dst  Tensor // (T, C)
	Src  Tensor // (T, C), of Dst's type
	Live Tensor // (1, 1) i32: live rows; absent: all
}

func (Copy) Kind() Kind { return KindCopy }

func (o Copy) Check() error {
	c := NewChecker(KindCopy)
	c.View("Dst", o.Dst, o.Dst.Type, -1, -1)
	c.View("Src", o.Src, o.Dst.Type, o.Dst.Rows, o.Dst.Cols)
	c.word32("Dst", o.Dst)
	c.Live(o.Live)
	c.Apart("Dst", o.Dst, o.Src, o.Live)
	return c.Err()
}

// word32 wants elements of 32 bits.
func (c *Checker) word32(name string, t Tensor) {
	if c.err == nil && t.Type != F32 && t.Type != I32 {
		c.Failf("%s is %s, want f32 or i32", name, t)
	}
}

func (o Copy) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Src, o.Live), []Tensor{o.Dst}, nil
}

// ArgMax takes the column of each row's largest element; ties go to the lowest
// column. A row that holds a NaN, or nothing above −Inf, has none, and yields −1
// (sampling.NoToken).
type ArgMax struct {
	Dst  Tensor // (S, 1) i32
	Src  Tensor // (S, V)
	Live Tensor // (1, 1) i32: live rows; absent: all
}

func (ArgMax) Kind() Kind { return KindArgMax }

func (o ArgMax) Check() error {
	c := NewChecker(KindArgMax)
	c.View("Dst", o.Dst, I32, -1, 1)
	c.View("Src", o.Src, F32, o.Dst.Rows, -1)
	c.Live(o.Live)
	c.Apart("Dst", o.Dst, o.Src, o.Live)
	return c.Err()
}

func (o ArgMax) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Src, o.Live), []Tensor{o.Dst}, nil
}

var _ = []Op{Embed{}, Gather{}, RMSNorm{}, MatMul{}, Conv1D{}, SelectiveScan{},
	Gate{}, Add{}, Copy{}, ArgMax{}}
