package launch

import (
	"slices"
	"testing"

	"falconmamba/backend"
)

func TestCut(t *testing.T) {
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
	for seconds, most := range map[float64]int{0: 1, 0.9 * PieceSeconds: 1, 3 * PieceSeconds: 3, 1000: n} {
		cuts := Cut(list, ops, seconds)
		if len(cuts)-1 != most || cuts[0] != 0 || cuts[len(cuts)-1] != n || !slices.IsSorted(cuts) {
			t.Errorf("cuts for %v s are %v, want %d pieces of %d", seconds, cuts, most, n)
		}
	}
	if got := Cut(nil, nil, 1); !slices.Equal(got, []int{0, 0}) {
		t.Errorf("cuts of nothing are %v", got)
	}
	slow, fast := Guess(list, ops, backend.Integrated), Guess(list, ops, backend.Discrete)
	if !(slow > fast && fast > 0 && slow < PieceSeconds) {
		t.Errorf("a run is guessed to take %v s, and %v s on a fast device", slow, fast)
	}
	for _, c := range []struct {
		pieces  int
		seconds float64
		want    bool
	}{{1, 0, true}, {1, 0.09, true}, {1, 0.11, false}, {4, 0.2, true}, {4, 0.01, false}, {4, 0.5, false}} {
		if Suits(c.pieces, c.seconds) != c.want {
			t.Errorf("%d pieces suit %v s: want %t", c.pieces, c.seconds, c.want)
		}
	}
}
