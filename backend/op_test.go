package backend_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	. "falconmamba/backend"
	"falconmamba/backend/mamba"
)

// A matrix stands for a weight where only its description matters.
type matrix struct{ desc WeightDesc }

func (m *matrix) Desc() WeightDesc { return m.desc }
func (m *matrix) Size() int64      { return int64(m.desc.Rows) * m.desc.Type.RowBytes(m.desc.Cols) }
func (m *matrix) InPlace() bool    { return false }
func (m *matrix) Close() error     { return nil }

func weightOf(rows, cols int) Weight {
	return &matrix{WeightDesc{Name: "w", Type: BF16, Rows: rows, Cols: cols}}
}

// dense returns an operand in a buffer of its own, large enough for the shapes
// that the tests make of it.
func dense(t DType, rows, cols int) Tensor {
	return Matrix(&memory{1 << 20}, 1<<10, t, rows, cols)
}

func f32(rows, cols int) Tensor { return dense(F32, rows, cols) }
func i32(rows, cols int) Tensor { return dense(I32, rows, cols) }

// states returns states of 16 bits.
func states(t DType, cols int) Tensor {
	v := dense(t, tSlots, cols)
	v.Stride = StateStride(t, cols)
	return v
}

// The sizes of the operations below: all different, so that no two can be
// mistaken for one another.
const (
	tT, tH, tD, tK, tN, tR, tV, tS, tSlots, tWindow, tOut = 7, 11, 13, 4, 5, 3, 17, 6, 9, 19, 23
)

// A spec is an operation that passes its Check, and which of its operands may
// be otherwise.
type spec struct {
	op       Op
	optional string // operands that may be absent
	rows     string // operands whose rows may be any number
	cols     string // operands whose columns may be any number
	same     string // what Dst may be, to the word
}

var specs = []spec{
	{op: Embed{Dst: f32(tT, tH), Table: weightOf(tV, tH), IDs: i32(tT, 1), Last: i32(tSlots, 1), Live: i32(1, 1)},
		optional: "Last Live", rows: "Last"},
	{op: Gather{Dst: f32(tT, tH), Src: f32(tV, tH), From: i32(tS, 1), To: i32(tS, 1), Live: i32(1, 1)},
		optional: "Live", rows: "Dst Src", same: "Src"},
	{op: Gather{Dst: f32(tT, tH), Src: f32(tV, tH), From: i32(tT, 1)}, optional: "To Live", rows: "Src", same: "Src"},
	{op: RMSNorm{Dst: f32(tT, tH), Src: f32(tT, tH), Weight: f32(1, tH), Eps: 1e-5, Live: i32(1, 1)},
		optional: "Weight Live", same: "Src"},
	{op: MatMul{Dst: f32(tT, tD), Src: f32(tT, tH), Weight: weightOf(tD, tH), Bias: f32(1, tD), Live: i32(1, 1)},
		optional: "Bias Live"},
	{op: Conv1D{Dst: f32(tT, tD), Src: f32(tT, tD), Weight: f32(tD, tK), Bias: f32(1, tD),
		State: f32(tSlots, tD*(tK-1)),
		Batch: i32(1+tS, BatchWords), Act: SiLU}, optional: "Bias", rows: "State Batch"},
	{op: Conv1D{Dst: f32(tT, tD), Src: f32(tT, tD), Weight: f32(tD, 1), Batch: i32(1+tS, BatchWords)},
		optional: "Bias State", rows: "Batch"},
	{op: SelectiveScan{Dst: f32(tT, tD), X: f32(tT, tD), DT: f32(tT, tD), A: f32(tD, tN), B: f32(tT, tN),
		C: f32(tT, tN),
		D: f32(1, tD), State: f32(tSlots, tD*tN), Batch: i32(1+tS, BatchWords)}, rows: "State Batch", same: "X"},
	{op: Conv1D{Dst: f32(tT, tD), Src: f32(tT, tD), Weight: f32(tD, tK), State: states(F16, tD*(tK-1)),
		Batch: i32(1+tS, BatchWords)}, optional: "Bias", rows: "State Batch"},
	{op: SelectiveScan{Dst: f32(tT, tD), X: f32(tT, tD), DT: f32(tT, tD), A: f32(tD, tN), B: f32(tT, tN),
		C: f32(tT, tN), D: f32(1, tD), State: states(BF16, tD*tN), Batch: i32(1+tS, BatchWords)},
		rows: "State Batch", same: "X"},
	{op: Gate{Dst: f32(tT, tD), Y: f32(tT, tD), Z: f32(tT, tD), Live: i32(1, 1)}, optional: "Live", same: "Y"},
	{op: Add{Dst: f32(tT, tD), A: f32(tT, tD), B: f32(tT, tD), Live: i32(1, 1)}, optional: "Live", same: "A B"},
	{op: Copy{Dst: f32(tT, tD), Src: f32(tT, tD), Live: i32(1, 1)}, optional: "Live"},
	{op: ArgMax{Dst: i32(tS, 1), Src: f32(tS, tV), Live: i32(1, 1)}, optional: "Live", cols: "Src"},
	{op: Bias{Dst: f32(tS, tV), Logits: f32(tS, tV), Records: i32(tSlots, RecordWords),
		Biases: i32(tSlots, 2*tR), Allowed: i32(tSlots, 1), Batch: i32(1+tS, BatchWords)},
		optional: "Biases Allowed", rows: "Batch", cols: "Biases", same: "Logits"},
	{op: Sample{Dst: i32(tS, 1), Logits: f32(tS, tV), Records: i32(tSlots, RecordWords), Counts: i32(tSlots, tV),
		Probs: i32(tSlots, 2*LogProbWords), Batch: i32(1+tS, BatchWords)},
		optional: "Counts Probs", rows: "Batch"},
	{op: LogProbs{Dst: i32(tSlots, 2*LogProbWords), Tokens: i32(tS, 1), Logits: f32(tS, tV),
		Records: i32(tSlots, RecordWords), Batch: i32(1+tS, BatchWords)}, rows: "Batch", cols: "Logits"},
	{op: Advance{Tokens: i32(tS, 1), Batch: i32(1+tS, BatchWords), Records: i32(tSlots, RecordWords),
		Counts: i32(tSlots, tV),
		Ring:   i32(tSlots, tWindow), Last: i32(tSlots, 1), Out: i32(tSlots, tOut)}, optional: "Counts Ring",
		rows: "Tokens Batch", cols: "Counts Ring Out"},
	{op: mamba.InProjConv{Dst: f32(tT, tD), XZ: f32(tT, 2*tD), Src: f32(tT, tH), Norm: f32(1, tH), NormEps: 1e-5,
		InProj: weightOf(2*tD, tH),
		InBias: f32(1, 2*tD), Conv: f32(tD, tK), ConvBias: f32(1, tD), ConvState: f32(tSlots, tD*(tK-1)),
		Batch: i32(1+tS, BatchWords), Act: SiLU},
		optional: "InBias ConvBias", rows: "ConvState Batch"},
	{op: mamba.SSM{Dst: f32(tT, tD), X: f32(tT, tD), Z: f32(tT, tD), XProj: weightOf(tR+2*tN, tD), BCDTNorm: true,
		NormEps: 1e-6,
		DTProj:  weightOf(tD, tR), DTBias: f32(1, tD), A: f32(tD, tN), D: f32(1, tD), State: f32(tSlots, tD*tN),
		Batch: i32(1+tS, BatchWords)},
		optional: "DTBias", rows: "State Batch"},
	{op: mamba.OutProjAdd{Dst: f32(tT, tH), Residual: f32(tT, tH), Src: f32(tT, tD), OutProj: weightOf(tH, tD),
		Bias: f32(1, tH), Batch: i32(1+tS, BatchWords)},
		optional: "Bias", rows: "Batch", same: "Residual"},
	{op: Head{Logits: f32(tS, tV), Src: f32(tT, tH), Rows: i32(tS, 1), Norm: f32(1, tH), NormEps: 1e-5,
		Weight: weightOf(tV, tH), Batch: i32(1+tS, BatchWords)},
		rows: "Src Batch"},
	{op: HeadArgMax{Dst: i32(tS, 1), Src: f32(tT, tH), Rows: i32(tS, 1), Norm: f32(1, tH), NormEps: 1e-5,
		Weight: weightOf(tV, tH), Batch: i32(1+tS, BatchWords)},
		rows: "Src Batch"},
}

// fields calls f with every operand of an operation.
func fields[T any](op Op, f func(name string, operand T)) {
	v := reflect.ValueOf(op)
	for i := range v.NumField() {
		if x, ok := v.Field(i).Interface().(T); ok {
			f(v.Type().Field(i).Name, x)
		}
	}
}

// set returns op with another field.
func set(op Op, name string, value any) Op {
	v := reflect.New(reflect.TypeOf(op)).Elem()
	v.Set(reflect.ValueOf(op))
	v.FieldByName(name).Set(reflect.ValueOf(value))
	return v.Interface().(Op)
}

func listed(names, name string) bool { return slices.Contains(strings.Fields(names), name) }

func TestSpecsPass(t *testing.T) {
	kinds := map[Kind]bool{}
	for _, s := range specs {
		kinds[s.op.Kind()] = true
		if err := s.op.Check(); err != nil {
			t.Error(err)
		}
		for _, name := range strings.Fields(s.optional) {
			if err := set(s.op, name, Tensor{}).Check(); err != nil {
				t.Errorf("without %s: %v", name, err)
			}
		}
		for _, name := range strings.Fields(s.same) {
			if !fitsAs(s.op, "Dst", name) {
				continue
			}
			dst := reflect.ValueOf(s.op).FieldByName("Dst").Interface()
			if err := set(s.op, name, dst).Check(); err != nil {
				t.Errorf("%s with Dst as %s: %v", s.op.Kind(), name, err)
			}
		}
	}
	if len(kinds) != 19 {
		t.Errorf("%d kinds are tested, want 19", len(kinds))
	}
}

// fitsAs reports whether two operands have one shape.
func fitsAs(op Op, a, b string) bool {
	v := reflect.ValueOf(op)
	x, y := v.FieldByName(a).Interface().(Tensor), v.FieldByName(b).Interface().(Tensor)
	return x.Rows == y.Rows && x.Cols == y.Cols
}

// wantCheck wants op to fail, and to say so in the name of its kind.
func wantCheck(t *testing.T, op Op, what string) {
	t.Helper()
	err := op.Check()
	if err == nil {
		t.Errorf("%s: %s passes", op.Kind(), what)
	} else if !strings.HasPrefix(err.Error(), string(op.Kind())+": ") {
		t.Errorf("%s: %s: %q does not name the operation", op.Kind(), what, err)
	}
}

func TestCheckOperands(t *testing.T) {
	for _, s := range specs {
		fields(s.op, func(name string, x Tensor) {
			if x.IsZero() {
				return
			}
			change := func(what string, alter func(*Tensor)) {
				y := x
				alter(&y)
				wantCheck(t, set(s.op, name, y), name+" "+what)
			}
			if !listed(s.optional, name) {
				change("absent", func(x *Tensor) { *x = Tensor{} })
			}
			other := I32
			if x.Type == I32 {
				other = F32
			}
			change("of another type", func(x *Tensor) { x.Type = other })
			if !strings.HasSuffix(name, "State") {
				change("of 16 bits", func(x *Tensor) { x.Type = F16 })
			}
			change("of no type", func(x *Tensor) { x.Type = 0 })
			change("at an odd byte", func(x *Tensor) { x.Off++ })
			change("before its buffer", func(x *Tensor) { x.Off = -4 })
			change("beyond its buffer", func(x *Tensor) { x.Off = x.Buf.Size() })
			change("in a buffer one word too small", func(x *Tensor) { x.Buf = &memory{x.Off + x.Bytes() - 4} })
			change("with -1 rows", func(x *Tensor) { x.Rows = -1 })
			change("without columns", func(x *Tensor) { x.Cols = 0 })
			if !listed(s.rows, name) {
				change("with one row more", func(x *Tensor) { x.Rows++ })
				change("with one row less", func(x *Tensor) { x.Rows-- })
			}
			if !listed(s.cols, name) {
				change("with one column more", func(x *Tensor) { x.Cols++; x.Stride++ })
				change("with one column less", func(x *Tensor) { x.Cols-- })
			}
			if x.Rows > 1 {
				change("at a stride below its columns", func(x *Tensor) { x.Stride = x.Cols - 1 })
			}
		})
	}
}

func TestCheckWeights(t *testing.T) {
	for _, s := range specs {
		v := reflect.ValueOf(s.op)
		for i := range v.NumField() {
			w, ok := v.Field(i).Interface().(Weight)
			if !ok {
				continue
			}
			name, d := v.Type().Field(i).Name, w.Desc()
			clear := reflect.New(v.Type()).Elem()
			clear.Set(v)
			clear.Field(i).SetZero()
			wantCheck(t, clear.Interface().(Op), name+" absent")
			if s.op.Kind() != KindEmbed && s.op.Kind() != KindHeadArgMax { // any number of ids
				wantCheck(t, set(s.op, name, weightOf(d.Rows+1, d.Cols)), name+" with one row more")
			}
			wantCheck(t, set(s.op, name, weightOf(d.Rows, d.Cols+1)), name+" with one column more")
		}
	}
}

// What an operation writes must not be what it reads, but for the operand that
// Dst may be.
func TestCheckOverlaps(t *testing.T) {
	for _, s := range specs {
		_, writes, _ := s.op.Operands()
		fields(s.op, func(written string, w Tensor) {
			if w.IsZero() || !slices.Contains(writes, w) {
				return
			}
			fields(s.op, func(name string, x Tensor) {
				if x.IsZero() || name == written {
					return
				}
				x.Buf, x.Off = w.Buf, w.Off+w.Bytes()-4 // its first word is the other's last
				wantCheck(t, set(s.op, name, x), fmt.Sprintf("%s that begins with the last word of %s", name, written))
				if !listed(s.same, name) && fitsAs(s.op, written, name) {
					wantCheck(t, set(s.op, name, w), fmt.Sprintf("%s that is %s", name, written))
				}
			})
		})
	}
}

func TestCheckParameters(t *testing.T) {
	nan := float32(math.NaN())
	for _, s := range specs {
		fields(s.op, func(name string, _ float32) {
			for _, eps := range []float32{-1e-5, 1, nan, float32(math.Inf(1))} {
				wantCheck(t, set(s.op, name, eps), fmt.Sprintf("%s of %v", name, eps))
			}
			if err := set(s.op, name, float32(0)).Check(); err != nil {
				t.Errorf("%s of 0: %v", name, err)
			}
		})
		fields(s.op, func(name string, _ Precision) {
			wantCheck(t, set(s.op, name, Int8+1), name+" beyond the last")
		})
		fields(s.op, func(name string, _ Activation) {
			wantCheck(t, set(s.op, name, Activations), name+" beyond the last")
		})
		fields(s.op, func(name string, x Tensor) {
			if name == "Batch" {
				wantCheck(t, set(s.op, name, i32(1, BatchWords)), "Batch without a record")
			}
		})
	}
}

// Order between operations follows from Operands, and a driver checks whose they
// are: none may be forgotten.
func TestOperandsAreAll(t *testing.T) {
	for _, s := range specs {
		reads, writes, weights := s.op.Operands()
		fields(s.op, func(name string, w Weight) {
			if !slices.Contains(weights, w) {
				t.Errorf("%s: %s is no operand", s.op.Kind(), name)
			}
		})
		all := append(slices.Clone(reads), writes...)
		fields(s.op, func(name string, x Tensor) {
			if !x.IsZero() && !slices.Contains(all, x) {
				t.Errorf("%s: %s is no operand", s.op.Kind(), name)
			}
		})
		for _, x := range all {
			if x.IsZero() {
				t.Errorf("%s: an absent operand is listed", s.op.Kind())
			}
		}
		// The zero operation is what a caller forgot to fill in.
		if err := reflect.Zero(reflect.TypeOf(s.op)).Interface().(Op).Check(); err == nil {
			t.Errorf("%s: the zero operation passes", s.op.Kind())
		}
	}
}

// State is read and written; so are the tables that Advance keeps.
func TestOperandsReadAndWritten(t *testing.T) {
	for _, s := range specs {
		reads, writes, _ := s.op.Operands()
		fields(s.op, func(name string, x Tensor) {
			kept := name == "State" || name == "ConvState" ||
				s.op.Kind() == KindAdvance &&
					(name == "Batch" || name == "Records" || name == "Counts" || name == "Ring")
			if kept && !x.IsZero() && !(slices.Contains(reads, x) && slices.Contains(writes, x)) {
				t.Errorf("%s: %s is not both read and written", s.op.Kind(), name)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	if got, want := Describe(MatMul{Dst: f32(3, 300)}), "matmul f32 [3 300]"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
