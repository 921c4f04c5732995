package gpu

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// memory is a buffer that only has a size.
type memory struct {
	backend.Buffer
	size int64
}

func (m *memory) Size() int64 { return m.size }

// weight is one that only has a description.
type weight struct{ backend.Weight }

func (weight) Desc() backend.WeightDesc {
	return backend.WeightDesc{Name: "w", Type: backend.F32, Rows: 7, Cols: 5}
}

func target() *Target {
	return &Target{
		Align: 64, MaxBuffer: 1 << 30, Groups: [3]int{4, 3, 2}, Invocations: 256, Shared: 32 << 10, Cores: 4,
		SubgroupMin: 32, SubgroupMax: 32, SubgroupSize: 32,
		Own:    func(backend.Buffer) error { return nil },
		Weight: func(backend.Weight) (*Weight, error) { return nil, errors.New("is another's") },
	}
}

func matrix(off int64, rows, cols int) backend.Tensor {
	return backend.Matrix(&memory{size: 1 << 20}, off, backend.F32, rows, cols)
}

func TestCompile(t *testing.T) {
	dst, a, b := matrix(64+20, 50, 1000), matrix(0, 50, 1000), matrix(128, 50, 1000)
	list, scratch, err := Compile(target(),
		[]backend.Op{backend.Add{Dst: dst, A: a, B: b}, backend.RMSNorm{Dst: a, Src: dst, Eps: 0.5}})
	if err != nil || len(list) != 2 || scratch != 0 {
		t.Fatalf("%d dispatches, %d bytes of scratch, %v", len(list), scratch, err)
	}
	x := list[0]
	if x.Groups != [3]int{4, 3, 1} {
		t.Errorf("the grid is %v, want it cut to 4 × 3", x.Groups)
	}
	if o := x.Operands[0]; o.At != 64 || o.Off != 5 || o.Stride != 1000 || o.Size%Word != 0 || o.Size < 20+4*50*1000 {
		t.Errorf("Dst is %+v, want byte 64 and 5 elements", o)
	}
	if o := x.Operands[3]; o.Off != shaders.Absent || !o.Tensor.IsZero() || o.Size != Word {
		t.Errorf("Live is %+v, want it absent", o)
	}
	reads, writes := x.Conflicts(false)
	if len(reads) != 2 || !slices.Equal(writes, []backend.Tensor{dst}) {
		t.Errorf("it reads %v and writes %v", reads, writes)
	}
	if _, writes := x.Conflicts(true); len(writes) != 1 || writes[0].Off != 64 ||
		writes[0].Bytes() != x.Operands[0].Size {
		t.Errorf("with spans it writes %v, want all that the binding reaches", writes)
	}
	if list[1].Op != 1 || list[1].Kernel.Name != "rmsnorm_f32" || list[1].Workgroup() != [3]int{64, 1, 1} {
		t.Errorf("the second is %d, %s with %v", list[1].Op, list[1].Kernel.Name, list[1].Workgroup())
	}
}

func TestCompileErrors(t *testing.T) {
	x := matrix(0, 2, 5)
	closed := target()
	closed.Own = func(backend.Buffer) error { return backend.ErrClosed }
	open := target()
	open.Weight = func(w backend.Weight) (*Weight, error) {
		return &Weight{Desc: w.Desc(), Layout: layoutOf(backend.F32, 5)}, nil
	}
	which := backend.Matrix(x.Buf, 0, backend.I32, 2, 1)
	head := backend.HeadArgMax{Dst: backend.Matrix(x.Buf, 1024, backend.I32, 2, 1), Src: x, Rows: which,
		Norm: matrix(0, 1, 5), NormEps: 1e-5,
		Weight: weight{}, Batch: backend.Matrix(x.Buf, 2048, backend.I32, 3, backend.BatchWords)}
	for _, c := range []struct {
		name   string
		target *Target
		op     backend.Op
		want   string
	}{
		{"nil", target(), nil, "nil operation"},
		{"no operands", target(), backend.Add{}, "add: Dst is missing"},
		{"a closed buffer", closed, backend.Add{Dst: x, A: x, B: x}, "an operand's buffer closed"},
		{"a weight that the driver has not", target(), head, `weight "w" is another's`},
		{"a kernel that is not there", open, head, "not supported"},
	} {
		if _, _, err := Compile(c.target, []backend.Op{c.op}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestUnfused(t *testing.T) {
	d := target()
	d.Has = ^shaders.Feature(0)
	d.Weight = func(w backend.Weight) (*Weight, error) {
		return &Weight{Desc: w.Desc(), Layout: layoutOf(backend.F32, 5)}, nil
	}
	head := backend.HeadArgMax{Dst: matrix(0, 2, 1), NormEps: 1e-5, Weight: weight{}}
	add := backend.Add{Dst: matrix(0, 3, 5), A: matrix(0, 3, 5), B: matrix(64, 3, 5)}
	for _, d.Unfused = range []bool{false, true} {
		if d.Supports(head) == d.Unfused || !d.Supports(add) {
			t.Errorf("unfused %v: a fused operation is supported: %v, a primitive: %v",
				d.Unfused, d.Supports(head), d.Supports(add))
		}
	}
}

// Temporaries of one operation do not overlap, and those of the next begin
// anew.
func TestScratch(t *testing.T) {
	c := &compiler{target: target(), private: &private{}}
	a, b := c.tensor(backend.F32, 3, 5), c.tensor(backend.F32, 2, 2)
	if a.Overlaps(b) || b.Off%256 != 0 || c.scratch < b.Off+b.Bytes() {
		t.Errorf("%+v and %+v in %d bytes", a, b, c.scratch)
	}
	if o := c.view(b); !o.Scratch || o.At != b.Off {
		t.Errorf("the view is %+v", o)
	}

	// But what is handed over to the next is kept for that one, and for none after it.
	about := matrix(0, 1, 1)
	c.handOver(about, b)
	c.begin(1)
	if x := c.tensor(backend.F32, 3, 5); c.takeOver(about) != b || x.Overlaps(b) {
		t.Errorf("%+v was handed over, %+v taken over beside %+v", b, c.takeOver(about), x)
	}
	if x := c.takeOver(matrix(0, 1, 1)); !x.IsZero() {
		t.Errorf("%+v is taken over about a tensor that nothing was handed over about", x)
	}
	c.begin(2)
	if x := c.tensor(backend.F32, 3, 5); x.Off != 0 || !c.takeOver(about).IsZero() {
		t.Errorf("an operation later: %+v, and %+v is taken over", x, c.takeOver(about))
	}
}
