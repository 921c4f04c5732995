package gpu

import (
	"slices"
	"testing"

	"falconmamba/backend"
)

func TestPieces(t *testing.T) {
	const n = 12
	x := matrix(0, 5, 7)
	ops := make([]backend.Op, n)
	for i := range ops {
		ops[i] = backend.Add{Dst: x, A: x, B: x}
	}
	list, _, err := Compile(target(), ops)
	if err != nil || len(list) != n {
		t.Fatalf("%d dispatches, %v", len(list), err)
	}
	cost := Guess(list, ops, backend.Integrated)
	if slow, fast := cost.Sum(), Guess(list, ops,
		backend.Discrete).Sum(); !(slow > fast && fast > 0 && slow < PieceSeconds) {
		t.Errorf("a run is guessed to take %v s, and %v s on a fast device", slow, fast)
	}
	for seconds, most := range map[float64]int{0: 1, 0.9 * PieceSeconds: 1, 3 * PieceSeconds: 3, 1000: n} {
		starts := cost.Pieces(seconds, PieceSeconds)
		if len(starts)-1 != most || starts[0] != 0 || starts[len(starts)-1] != n || !slices.IsSorted(starts) {
			t.Errorf("starts for %v s are %v, want %d pieces of %d", seconds, starts, most, n)
		}
	}
	if got := (Cost{}).Pieces(0, PieceSeconds); !slices.Equal(got, []int{0, 0}) {
		t.Errorf("starts of nothing are %v", got)
	}

	// One that is found to be long stands alone.
	for i := range cost {
		cost[i] = PieceSeconds / 3
	}
	cost[5] = 2 * PieceSeconds
	if got, want := cost.Pieces(cost.Sum(), PieceSeconds), []int{0, 2, 4, 5, 6, 8, 10, 12}; !slices.Equal(got, want) {
		t.Errorf("starts around a long dispatch are %v, want %v", got, want)
	}
}

// A plan is guessed by what others took.
func TestSlower(t *testing.T) {
	x := matrix(0, 5, 7)
	ops := []backend.Op{backend.Add{Dst: x, A: x, B: x}, backend.Add{Dst: x, A: x, B: x}}
	list, _, err := Compile(target(), ops)
	if err != nil {
		t.Fatal(err)
	}
	m := &Machine[int]{Target: target(), Scratch: &ScratchPool[int]{}, Class: backend.Software, Piece: PieceSeconds,
		Buffer: func(backend.Buffer) int { return 0 }}
	plan := func() *Plan[int] {
		p, err := m.Arrange("slower", ops, list, 0)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := plan()
	guess := first.Seconds[0]
	took := []float64{3 * guess}
	first.Measured(took)
	if m.Slower = first.Slower(took); m.Slower < 2.99 || m.Slower > 3.01 {
		t.Errorf("a plan that takes three times as long as guessed is %v times slower", m.Slower)
	}
	if got := plan().Seconds[0]; got < 2.99*guess || got > 3.01*guess {
		t.Errorf("the next plan is guessed to take %v s, want %v", got, 3*guess)
	}
}

func TestLearn(t *testing.T) {
	const most = 0.05
	for _, c := range []struct {
		starts []int
		took   []float64
		again  bool
		want   Cost
	}{
		{[]int{0, 4}, []float64{0.08}, false, Cost{0.02, 0.02, 0.02, 0.02}},
		{[]int{0, 4}, []float64{0.12}, true, Cost{0.03, 0.03, 0.03, 0.03}},
		{[]int{0, 4}, []float64{0}, false, nil},
		{[]int{0, 2, 4}, []float64{0.06, 0.02}, false, Cost{0.03, 0.03, 0.01, 0.01}},
		{[]int{0, 2, 4}, []float64{0.01, 0.01}, true, Cost{0.005, 0.005, 0.005, 0.005}},
		{[]int{0, 1, 4}, []float64{0.3, 0.03}, false, Cost{0.3, 0.01, 0.01, 0.01}}, // it cannot be divided
	} {
		cost := Cost{1, 1, 1, 1}
		if got := cost.Learn(c.starts, c.took, most); got != c.again {
			t.Errorf("%v at %v: cut again is %t", c.took, c.starts, got)
		}
		for i, w := range c.want {
			if d := cost[i] - w; d > 1e-12 || d < -1e-12 {
				t.Errorf("%v at %v: the cost is %v, want %v", c.took, c.starts, cost, c.want)
				break
			}
		}
	}
}
