//go:build cgo && !darwin

package vulkan

import (
	"context"
	"fmt"
	"testing"

	"falconmamba/backend"
	"falconmamba/internal/half"
)

// tileCandidates are the tiles that are taken, and others to measure beside
// them.
var tileCandidates = append(warps[:len(warps):len(warps)],
	warp{4, 4, 2, 4, 16, 2},
	warp{4, 4, 4, 2, 32, 1},
	warp{4, 4, 4, 2, 16, 2},
	warp{4, 4, 2, 4, 32, 1},
	warp{4, 2, 2, 4, 32, 2},
	warp{2, 4, 4, 2, 32, 2},
	warp{4, 2, 2, 2, 32, 2},
	warp{2, 4, 2, 4, 32, 1},
)

// perform runs what emit adds to a compiler, times over, and returns the plan.
func perform(d *device, times int, op backend.Op, emit func(*compiler)) (*plan, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := &compiler{d: d}
	p := &plan{d: d, name: "test"}
	for i := range times {
		c.op, c.temp = i, 0
		emit(c)
		p.ops = append(p.ops, op)
	}
	if c.err != nil {
		return nil, c.err
	}
	p.list = c.list
	if err := p.build(c.scratch); err != nil {
		p.free()
		return nil, err
	}
	return p, nil
}

// Every tile, with its inputs in one part and in several, gives what float64
// does: the numbers are float16 to begin with.
func TestTiles(t *testing.T) {
	d := openTest(t)
	f, ok := d.fragment()
	if !ok {
		t.Skipf("%s has no cooperative matrices of float16", d.info.Device)
	}
	ran := map[tile]bool{}
	for _, w := range tileCandidates {
		for w.rows*w.cols > d.maxFragments() {
			w.rows, w.cols = (w.rows+1)/2, (w.cols+1)/2
		}
		tl, fits := d.tileOf(f, w)
		if !fits {
			t.Logf("%+v: not on %s", w, d.info.Device)
			continue
		}
		if ran[tl] {
			continue
		}
		if len(ran) == 0 { // each shape is another pipeline
			testTile(t, d, tl, 17, 8, 3*tl.bk, 3)
			testTile(t, d, tl, tl.bm(), tl.bn(), tl.bk, 1)
		}
		ran[tl] = true
		testTile(t, d, tl, tl.bm()+3, tl.bn()+5, 71, 2)
	}
	if len(ran) == 0 {
		t.Errorf("%s has matrices of %v, which no tile fits", d.info.Device, f)
	}
}

func testTile(t *testing.T, d *device, tl tile, rows, outs, inputs, parts int) {
	t.Helper()
	weight, wv := testWeight(t, d, backend.F16, outs, inputs)
	xv, bv, rv := noise(rows*inputs, 6), noise(outs, 7), noise(rows*outs, 8)
	for i, x := range xv {
		xv[i] = half.F16(half.F16Bits(x))
	}
	const live = 2 // rows that are not
	x, bias, residual := matrix(t, d, rows, inputs, xv), matrix(t, d, 1, outs, bv), matrix(t, d, rows, outs, rv)
	count := matrix(t, d, 1, 1, []int32{int32(rows - live)})
	p, err := perform(d, 1, backend.MatMul{Dst: residual, Src: x, Weight: weight}, func(c *compiler) {
		p := product{dst: residual, inputs: inputs, weight: c.layout(weight), bias: bias, residual: residual, tile: tl, parts: parts}
		p.input(c, x, count)
		c.multiply(p)
	})
	p = own(t, p, err)
	ticket, err := p.Submit()
	if err == nil {
		err = d.Wait(context.Background(), ticket)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, rows*outs)
	for r := range rows {
		for m := range outs {
			i := r*outs + m
			want[i] = float64(rv[i])
			for k := 0; k < inputs && r < rows-live; k++ {
				want[i] += float64(xv[r*inputs+k]) * float64(wv[m*inputs+k])
			}
			if r < rows-live {
				want[i] += float64(bv[m])
			}
		}
	}
	near(t, fmt.Sprintf("%+v of %d rows, %d × %d, %d parts", tl, rows, outs, inputs, parts), values(t, residual), want)
}

// A product is divided so that no part is empty, and none is too small.
func TestDivide(t *testing.T) {
	d := openTest(t)
	for groups := 0; groups < 600; groups += 7 {
		for steps := 1; steps < 300; steps++ {
			n := d.divide(groups, steps, 1)
			span := over(steps, n)
			if n < 1 || n > maxParts || (n-1)*span >= steps {
				t.Fatalf("%d groups, %d steps: %d parts of %d", groups, steps, n, span)
			}
		}
	}
}
