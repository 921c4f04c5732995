//go:build cgo && !darwin

package vulkan

import (
	"context"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// A plan that may take long is divided into pieces, runs as if it were whole, and is made whole
// once it has shown to be quick; another is divided once it has shown to be slow.
func TestPieces(t *testing.T) {
	d := openTest(t)
	const n, ops = 5, 12
	x := matrix(t, d, 1, n, []float32{1, 2, 3, 4, 5})
	list := make([]backend.Op, ops)
	for i := range list {
		list[i] = backend.Add{Dst: x, A: x, B: x}
	}
	b, err := d.Compile("pieces", list)
	p := own(t, b, err).(*plan)
	if len(p.pieces) != 1 || p.clock != 0 {
		t.Fatalf("a plan of %d numbers is in %d pieces", n, len(p.pieces))
	}
	want := []float64{1, 2, 3, 4, 5}
	run := func() {
		t.Helper()
		ticket, err := p.Submit()
		if err == nil {
			err = d.Wait(context.Background(), ticket)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			want[i] *= 1 << ops
		}
		near(t, "after a run", values(t, x), want)
	}
	run()
	p.Divide(4 * gpu.PieceSeconds) // as if it took so long
	if err := p.write(); err != nil {
		t.Fatal(err)
	}
	if len(p.pieces) != 4 {
		t.Fatalf("%d pieces, want 4", len(p.pieces))
	}
	p.last = 0 // of the run before
	run()
	if d.physical.timestamp_bits == 0 {
		t.Skip("the device has no timestamps: a plan stays as it was divided")
	}
	run()
	if len(p.pieces) != 1 || p.clock != 0 {
		t.Errorf("a plan that is quick is in %d pieces", len(p.pieces))
	}
}
