package gpu

import (
	"slices"
	"testing"
)

// An answer is what lanes.comp writes where at says which row and input of a factor
// is element e of a lane.
func answer(lanes, elements int, f Fragment, a, b func(lane, e int) (row, input int)) []int32 {
	cols := 2 + lanesMost
	out := make([]int32, 2*lanes*cols)
	for i, at := range []func(int, int) (int, int){a, b} {
		for lane := range lanes {
			line := out[(i*lanes+lane)*cols:]
			line[0], line[1] = int32(lanes), int32(elements)
			if i == 1 {
				line[1] = int32(elements * f.N / f.M)
			}
			for e := range int(line[1]) {
				row, input := at(lane, e)
				line[2+e] = int32(row*f.K + input)
			}
		}
	}
	return out
}

// Layouts of known matrix units are recognised, and what has no regular one is left alone.
func TestLanesOf(t *testing.T) {
	// Eight lanes of two rows, four lanes to a row, pairs of inputs eight apart.
	rowsOfPairs := func(lane, e int) (int, int) { return lane/4 + e/2%2*8, lane%4*2 + e/4*8 + e%2 }
	pairsOfRows := func(lane, e int) (int, int) { return lane/4 + e/4*8, lane%4*2 + e/2%2*8 + e%2 }
	// A row to a lane, twice or in two halves.
	whole := func(lane, e int) (int, int) { return lane % 16, e }
	halves := func(lane, e int) (int, int) { return lane % 16, lane/16*8 + e }
	columns := func(lane, e int) (int, int) { return e, lane }
	across := func(lane, e int) (int, int) { return e, lane % 16 }
	reversed := func(lane, e int) (int, int) { return lane % 16, 15 - e }
	for _, c := range []struct {
		name            string
		f               Fragment
		lanes, elements int
		a, b            func(lane, e int) (int, int)
		want            Lanes
	}{
		{"16×16×16 in quads", Fragment{16, 16, 16}, 32, 8, rowsOfPairs, pairsOfRows, Lanes{4, 4,
			Held{2, 4, 8, 8, 1, 2, 4}, Held{2, 4, 8, 8, 1, 4, 2}}},
		{"16×8×16 in quads", Fragment{16, 8, 16}, 32, 8, rowsOfPairs, pairsOfRows, Lanes{4, 4,
			Held{2, 4, 8, 8, 1, 2, 4}, Held{1, 4, 8, 0, 1, 4, 2}}},
		{"16×16×16, rows twice", Fragment{16, 16, 16}, 32, 16, whole, whole, Lanes{1, 16,
			Held{1, 1, 16, 0, 1, 16, 2}, Held{1, 1, 16, 0, 1, 16, 2}}},
		{"16×16×16, rows in halves", Fragment{16, 16, 16}, 32, 8, halves, halves, Lanes{2, 8,
			Held{1, 1, 16, 0, 16, 8, 2}, Held{1, 1, 16, 0, 16, 8, 2}}},
		{"both reversed", Fragment{16, 16, 16}, 16, 16, reversed, reversed, Lanes{1, 16,
			Held{1, 1, 16, 0, 1, 16, 2}, Held{1, 1, 16, 0, 1, 16, 2}}},
		{"one reversed", Fragment{16, 16, 16}, 16, 16, whole, reversed, Lanes{}},
		{"8×8×8 in columns", Fragment{8, 8, 8}, 8, 8, columns, columns, Lanes{8, 1,
			Held{8, 1, 1, 1, 1, 1, 2}, Held{8, 1, 1, 1, 1, 1, 2}}},
		{"one in columns", Fragment{16, 16, 16}, 16, 16, across, whole, Lanes{}},
		{"one row only", Fragment{16, 16, 16}, 16, 16, func(_, e int) (int, int) { return 3, e }, whole, Lanes{}},
		{"outside", Fragment{16, 16, 16}, 16, 16, whole, func(lane, e int) (int, int) { return lane + 1, e }, Lanes{}},
	} {
		got, ok := LanesOf(c.f, answer(c.lanes, c.elements, c.f, c.a, c.b), 2+lanesMost)
		if ok != (c.want != Lanes{}) || ok && normal(got) != normal(c.want) {
			t.Errorf("%s: %+v, %t, want %+v", c.name, got, ok, c.want)
		}
	}
	lines := answer(16, 16, Fragment{16, 16, 16}, whole, whole)
	for _, at := range []int{0, 1} { // another size of the subgroup, another number of elements
		wrong := slices.Clone(lines)
		wrong[5*(2+lanesMost)+at]++
		if l, ok := LanesOf(Fragment{16, 16, 16}, wrong, 2+lanesMost); ok {
			t.Errorf("word %d of a lane is another: %+v", at, l)
		}
	}
}

// normal leaves out what has no meaning with one row, one pair or one set.
func normal(l Lanes) Lanes {
	for _, h := range []*Held{&l.A, &l.B} {
		if h.Rows == 1 {
			h.Step, h.RowStep = 0, 0
		}
		if l.Run <= 2 {
			h.PairStep = 0
		}
		if l.Sets == 1 {
			h.SetDiv = 0
		}
	}
	return l
}
