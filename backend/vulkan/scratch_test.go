//go:build cgo && !darwin

package vulkan

import (
	"testing"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// detour copies by way of private scratch.
type detour struct{ backend.Copy }

func (detour) Kind() backend.Kind { return "detour" }

func emitDetour(c *compiler, o detour) {
	c.tensor(backend.F32, 1, 1) // so that the next one does not begin at 0
	t := c.tensor(backend.F32, o.Dst.Rows, o.Dst.Cols)
	for _, m := range [][2]backend.Tensor{{t, o.Src}, {o.Dst, t}} {
		d, s, l := c.view(m[0]), c.view(m[1]), c.view(backend.Tensor{})
		c.run("copy_u32", [3]int{over(t.Cols, width), t.Rows, 1}, shaders.Copy{
			Rows: uint32(t.Rows), Cols: uint32(t.Cols),
			DstOff: d.off, DstStride: d.stride, SrcOff: s.off, SrcStride: s.stride, LiveOff: l.off,
		}, nil, d, s, l)
	}
}

// Operations of one plan, and plans of one device, share private scratch: each
// waits for the last to be done with it, and it grows under older plans.
func TestPrivateScratch(t *testing.T) {
	emitters["detour"] = emit(emitDetour)
	defer delete(emitters, "detour")
	d := openTest(t)

	const rows, cols = 3, 5
	a, b := noise(rows*cols, 1), noise(rows*cols, 2)
	x, y := matrix(t, d, rows, cols, a), matrix(t, d, rows, cols, b)
	u, v := matrix(t, d, rows, cols, b), matrix(t, d, rows, cols, a)
	small, err := d.Compile("small", []backend.Op{
		detour{backend.Copy{Dst: u, Src: x}},
		detour{backend.Copy{Dst: v, Src: y}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := small.(*plan).barriers(); n != 3 {
		t.Errorf("%d barriers, want 3: the scratch is written, read, written, read", n)
	}
	old := d.scratch
	big := matrix(t, d, 200, 300, noise(200*300, 3))
	copied := matrix(t, d, 200, 300, noise(200*300, 4))
	large, err := d.Compile("large", []backend.Op{detour{backend.Copy{Dst: copied, Src: big}}})
	if err != nil {
		t.Fatal(err)
	}
	if d.scratch == old || small.(*plan).scratch != old {
		t.Error("the scratch did not grow beside the one in use")
	}
	for _, p := range []backend.Plan{small, large, small} {
		if _, err := p.Submit(); err != nil {
			t.Fatal(err)
		}
	}
	wide := func(x []float32) []float64 {
		out := make([]float64, len(x))
		for i := range x {
			out[i] = float64(x[i])
		}
		return out
	}
	near(t, "first", values(t, u), wide(a))
	near(t, "second", values(t, v), wide(b))
	near(t, "large", values(t, copied), wide(noise(200*300, 3)))
	with := d.Stats().Live
	for _, p := range []backend.Plan{small, large} {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !old.buf.closed || d.scratch != nil {
		t.Error("a scratch outlived its last plan")
	}
	if got := with - d.Stats().Live; got < 200*300*4 {
		t.Errorf("closing the plans freed %d bytes", got)
	}
}
