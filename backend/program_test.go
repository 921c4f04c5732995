package backend_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	. "falconmamba/backend"
	"falconmamba/backend/mamba"
)

// A device allocates and supports what it is told, and compiles nothing.
type device struct {
	info     Info
	supports func(Op) bool
	failAt   int // the number of the Alloc that fails; 0: none
	allocs   []*scrap
	compiled []Op
}

type scrap struct {
	memory
	closed int
}

func (s *scrap) Close() error { s.closed++; return nil }

func (d *device) Info() Info { return d.info }

func (d *device) Alloc(size int64, _ Usage) (Buffer, error) {
	if len(d.allocs)+1 == d.failAt {
		return nil, ErrOutOfMemory
	}
	s := &scrap{memory: memory{size}}
	d.allocs = append(d.allocs, s)
	return s, nil
}

func (d *device) NewWeight(WeightDesc, []byte) (Weight, error) { return nil, ErrUnsupported }

func (d *device) Supports(op Op) bool {
	if _, fused := op.(Fused); fused || d.supports != nil {
		return d.supports != nil && d.supports(op)
	}
	return true
}

func (d *device) Compile(_ string, ops []Op) (Plan, error) { d.compiled = ops; return nil, nil }
func (d *device) Wait(context.Context, Ticket) error       { return nil }
func (d *device) Stats() Stats                             { return Stats{} }
func (d *device) Close() error                             { return nil }

func kindsOf(ops []Op) (kinds []Kind) {
	for _, op := range ops {
		kinds = append(kinds, op.Kind())
	}
	return kinds
}

// fusedSpecs returns a fused operation of every kind.
func fusedSpecs() (ops []Op) {
	for _, s := range specs {
		if _, ok := s.op.(Fused); ok {
			ops = append(ops, s.op)
		}
	}
	return ops
}

func TestLower(t *testing.T) {
	want := map[Kind][]Kind{
		mamba.KindInProjConv: {KindRMSNorm, KindMatMul, KindConv1D},
		mamba.KindSSM: {KindMatMul, KindRMSNorm, KindRMSNorm, KindRMSNorm, KindMatMul, KindSelectiveScan,
			KindGate},
		mamba.KindOutProjAdd: {KindMatMul, KindAdd},
		KindHead:             {KindGather, KindRMSNorm, KindMatMul},
		KindHeadArgMax:       {KindGather, KindRMSNorm, KindMatMul, KindArgMax},
	}
	for _, op := range fusedSpecs() {
		d := &device{}
		ops, err := Lower(d, NewScratch(d), []Op{op})
		if err != nil {
			t.Fatal(err)
		}
		if got := kindsOf(ops); !slices.Equal(got, want[op.Kind()]) {
			t.Errorf("%s is lowered to %v, want %v", op.Kind(), got, want[op.Kind()])
		}
		for _, part := range ops {
			if err := part.Check(); err != nil {
				t.Errorf("%s is lowered to what fails: %v", op.Kind(), err)
			}
		}
	}
	mamba := specOf(mamba.KindSSM).(mamba.SSM)
	mamba.BCDTNorm = false
	d := &device{}
	ops, err := Lower(d, NewScratch(d), []Op{mamba})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kindsOf(ops), []Kind{KindMatMul, KindMatMul, KindSelectiveScan, KindGate}; !slices.Equal(got,
		want) {
		t.Errorf("ssm without norms is lowered to %v, want %v", got, want)
	}
}

func specOf(kind Kind) Op {
	for _, s := range specs {
		if s.op.Kind() == kind {
			return s.op
		}
	}
	return nil
}

// What is written by a fused operation is written by its parts, and state of
// the parts is the fused operation's own.
func TestLowerWritesTheSame(t *testing.T) {
	for _, op := range fusedSpecs() {
		d := &device{}
		ops, err := Lower(d, NewScratch(d), []Op{op})
		if err != nil {
			t.Fatal(err)
		}
		_, writes, _ := op.Operands()
		for _, w := range writes {
			found := false
			for _, part := range ops {
				_, parts, _ := part.Operands()
				found = found || slices.Contains(parts, w)
			}
			if !found {
				t.Errorf("%s: nothing writes %s", op.Kind(), w)
			}
		}
	}
}

func TestLowerKeepsWhatIsSupported(t *testing.T) {
	op := specOf(KindHeadArgMax)
	for _, c := range []struct {
		name     string
		supports func(Op) bool
		want     []Kind
	}{
		{"all", func(Op) bool { return true }, []Kind{KindHeadArgMax}},
		{"the head in it", func(op Op) bool { return op.Kind() != KindHeadArgMax }, []Kind{KindHead, KindArgMax}},
	} {
		d := &device{supports: c.supports}
		ops, err := Lower(d, NewScratch(d), []Op{op})
		if err != nil || !slices.Equal(kindsOf(ops), c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, kindsOf(ops), err, c.want)
		}
	}
}

func TestLowerErrors(t *testing.T) {
	bad := specOf(KindGate).(Gate)
	bad.Z = Tensor{}
	for _, c := range []struct {
		name string
		d    *device
		op   Op
		is   error
		want string
	}{
		{"a primitive that is not supported", &device{supports: func(Op) bool { return false }}, specOf(KindAdd),
			ErrUnsupported, "add f32 [7 13]"},
		{"a part that is not supported", &device{supports: func(op Op) bool { return op.Kind() == KindMatMul }},
			specOf(mamba.KindOutProjAdd), ErrUnsupported, "add"},
		{"no memory", &device{failAt: 1}, specOf(KindHead), ErrOutOfMemory, "scratch of"},
		{"an operation that fails its check", &device{}, bad, nil, "gate: Z is missing"},
	} {
		_, err := Lower(c.d, NewScratch(c.d), []Op{c.op})
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestScratch(t *testing.T) {
	d := &device{}
	s := NewScratch(d)
	a := s.F32(3, 5)
	b := s.F32(2, 2)
	if a.Overlaps(b) || a.Buf == b.Buf {
		t.Error("two temporaries share memory")
	}
	s.Reset()
	if c := s.F32(2, 2); c.Buf != b.Buf {
		t.Error("after Reset the smallest buffer that is large enough is not taken")
	}
	if c := s.F32(2, 2); c.Buf != a.Buf {
		t.Error("after Reset a larger buffer is not taken again")
	}
	if c := s.Tensor(I32, 1, 1); c.Buf == a.Buf || c.Buf == b.Buf || len(d.allocs) != 3 {
		t.Error("a buffer in use was given again")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for i, a := range d.allocs {
		if a.closed != 1 {
			t.Errorf("buffer %d was closed %d times", i, a.closed)
		}
	}
}

// A failure is all that its program comes to, and nothing to the next.
func TestScratchErrorSticks(t *testing.T) {
	d := &device{failAt: 2}
	s := NewScratch(d)
	p := NewProgram("step", s)
	p.F32(1, 1)
	if x := p.F32(3, 4); !x.IsZero() || x.Rows != 3 || x.Cols != 4 {
		t.Errorf("after a failure a temporary is %+v", x)
	}
	d.failAt = 0
	p.Reset()
	p.F32(9, 9)
	if !errors.Is(s.Err(), ErrOutOfMemory) {
		t.Errorf("Err is %v", s.Err())
	}
	p.Do(specOf(KindAdd))
	if _, err := p.Compile(); !errors.Is(err, ErrOutOfMemory) || !strings.HasPrefix(err.Error(), "step: ") {
		t.Errorf("Compile: %v", err)
	}
	p = NewProgram("step", s)
	if x := p.F32(3, 4); x.IsZero() {
		t.Error("the next program has no temporaries")
	}
	p.Do(specOf(KindAdd))
	if _, err := p.Compile(); err != nil || s.Err() != nil {
		t.Errorf("the next program: %v, %v", err, s.Err())
	}
}

func TestProgram(t *testing.T) {
	d := &device{}
	p := NewProgram("step", NewScratch(d))
	p.Do(specOf(KindAdd))
	p.Do(specOf(mamba.KindOutProjAdd), specOf(KindCopy))
	if _, err := p.Compile(); err != nil {
		t.Fatal(err)
	}
	want := []Kind{KindAdd, KindMatMul, KindAdd, KindCopy}
	if !slices.Equal(kindsOf(d.compiled), want) || !slices.Equal(kindsOf(p.Ops()), want) {
		t.Errorf("compiled %v, Ops %v, want %v", kindsOf(d.compiled), kindsOf(p.Ops()), want)
	}

	bad := specOf(KindGate).(Gate)
	bad.Z = Tensor{}
	p = NewProgram("step", NewScratch(d))
	p.Do(bad)
	p.Do(specOf(KindAdd))
	if _, err := p.Compile(); err == nil || err.Error() != "step: gate: Z is missing" {
		t.Errorf("the first error: %v", err)
	}
}
