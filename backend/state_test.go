package backend_test

import (
	"math"
	"strings"
	"testing"

	. "falconmamba/backend"
)

// States may be of 16 bits where their rows are whole words.
func TestCheckStates(t *testing.T) {
	scan := func(alter func(*Tensor)) error {
		o := SelectiveScan{Dst: f32(tT, tD), X: f32(tT, tD), DT: f32(tT, tD), A: f32(tD, tN), B: f32(tT, tN),
			C: f32(tT, tN), D: f32(1, tD), State: dense(F16, tSlots, tD*tN), Batch: i32(1+tS, BatchWords)}
		o.State.Stride = StateStride(F16, tD*tN)
		alter(&o.State)
		return o.Check()
	}
	for _, c := range []struct {
		what  string
		alter func(*Tensor)
		want  string
	}{
		{"as it is", func(*Tensor) {}, ""},
		{"bfloat16", func(s *Tensor) { s.Type = BF16 }, ""},
		{"dense float32", func(s *Tensor) { *s = f32(tSlots, tD*tN) }, ""},
		{"packed", func(s *Tensor) { s.Type = Q8_0 }, "want f32, f16 or bf16"},
		{"of another width", func(s *Tensor) { s.Cols-- }, "want f16 [any 65]"},
		{"at an odd stride", func(s *Tensor) { s.Stride++ }, "want whole 32-bit words"},
		{"within a word", func(s *Tensor) { s.Off += 2 }, "want whole 32-bit words"},
		{"to the end of its buffer", func(s *Tensor) { s.Buf = &memory{1<<10 + tSlots*66*2} }, ""},
		{"to a word's middle", func(s *Tensor) { s.Buf = &memory{1<<10 + tSlots*66*2 - 2} }, "ends within"},
	} {
		err := scan(c.alter)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("states %s: %v, want %q", c.what, err, c.want)
		}
	}
}

func TestStateWords(t *testing.T) {
	v := dense(BF16, 3, 7)
	v.Stride = StateStride(BF16, 7)
	if w := StateWords(v); w.Type != I32 || w.Rows != 3 || w.Cols != 4 || w.Stride != 4 || w.Off != v.Off {
		t.Errorf("the words of %v at stride %d are %v at stride %d", v, v.Stride, w, w.Stride)
	}
	if w := f32(3, 7); StateWords(w) != w {
		t.Errorf("the words of %v are %v", w, StateWords(w))
	}
}

func TestNarrowState(t *testing.T) {
	values := []float32{1, 1 + 0x1p-11, 1e6, float32(math.Inf(-1)), 0x1p-24, -0.1}
	for typ, want := range map[DType][]float32{
		F32:  values,
		F16:  {1, 1, 65504, -65504, 0x1p-24, -0.099975586},
		BF16: {1, 1, 999424, -0x1.fep127, 0x1p-24, -0.100097656},
	} {
		if IsStateType(Q8_0) || IsStateType(I32) || !IsStateType(typ) {
			t.Errorf("which types states may have is not known: %v", typ)
		}
		b, got := make([]byte, typ.Size()*len(values)), make([]float32, len(values))
		NarrowState(b, values, typ)
		WidenState(got, b, typ)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%v: %g is kept as %g, want %g", typ, values[i], got[i], want[i])
			}
		}
		if p, err := ParseStateType(typ.String()); p != typ || err != nil {
			t.Errorf("%v is read as %v: %v", typ, p, err)
		}
	}
	if _, err := ParseStateType("q8_0"); err == nil {
		t.Error("states of q8_0 are no error")
	}
}
