package gpu

import (
	"slices"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// Where a matrix's elements lie in the lanes of a subgroup is the driver's affair,
// but it is the same for all matrices of a shape. A device is asked once, by
// lanes.comp. Where the answer is regular, a kernel may set elements one by one: a
// sum does not care for the order of its inputs, so a lane may take any of them
// for those that it holds, if both factors take the same. Those that follow one
// another in a row of memory are one load then.

// Lanes says how the lanes of a subgroup hold the factors of a product M×K · K×N.
// The K inputs are Sets sets of Run, and a lane has one set, of several rows of the
// first factor and of several columns of the second.
type Lanes struct {
	Sets, Run int
	A, B      Held
}

// Held is how a lane holds one factor. Rows are the second factor's columns.
type Held struct {
	Rows           int // that a lane has
	Div, Mod, Step int // lane l has rows l/Div%Mod + i·Step, for each i below Rows
	SetDiv         int // and the set l/SetDiv%Sets

	// Input j of the set is element i·RowStep + j/2·PairStep + j%2 of row i.
	RowStep, PairStep int
}

// lanesMost is the most elements of a factor that a lane has for all that is known.
const lanesMost = 64

// kindLanes is the kind of LanesProbe.
const kindLanes backend.Kind = "lanes"

// A LanesProbe asks a device for the elements that lanes hold of a fragment. Drivers
// compile it as an operation; no model has it.
type LanesProbe struct {
	Dst      backend.Tensor // (2·lanes, 2+64) i32: see lanes.comp
	Fragment Fragment
}

// LanesShape is the rows and columns of the Dst of probes on the device.
func (d *Target) LanesShape() (rows, cols int) { return 2 * d.SubgroupSize, 2 + lanesMost }

// Kind implements backend.Op.
func (LanesProbe) Kind() backend.Kind { return kindLanes }

// Check implements backend.Op.
func (o LanesProbe) Check() error {
	c := backend.NewChecker(kindLanes)
	c.View("Dst", o.Dst, backend.I32, -1, 2+lanesMost)
	return c.Err()
}

// Operands implements backend.Op.
func (o LanesProbe) Operands() (reads, writes []backend.Tensor, weights []backend.Weight) {
	return nil, []backend.Tensor{o.Dst}, nil
}

// words is how many words of float16 the larger factor has.
func (f Fragment) words() int { return max(f.M, f.N) * f.K / 2 }

// supportsLanes: elements have numbers, which are exact in float16 up to 2048.
func supportsLanes(d *Target, o LanesProbe) forms {
	f := o.Fragment
	return forms{decode: d.runs(shaders.LanesKernel, shaders.Types{}) && f.K%2 == 0 && 2*f.words() <= 2048 &&
		o.Dst.Rows == 2*d.SubgroupSize && d.SubgroupSize <= d.Invocations}
}

func decodeLanes(c *compiler, o LanesProbe) {
	f := o.Fragment
	c.run([3]int{1, 1, 1}, shaders.Lanes[Operand]{
		Params: shaders.LanesParams{Cols: uint32(o.Dst.Cols)},
		Constants: shaders.LanesConstants{Size: uint32(c.target.SubgroupSize), TM: uint32(f.M), TN: uint32(f.N),
			TK: uint32(f.K), Words: uint32(f.words())},
		Dst: c.view(o.Dst),
	}.Lanes())
}

// LanesOf tells what a probe's answer, rows of cols words, says of a fragment. It
// returns false where lanes do not hold inputs in a way that Lanes has words for.
func LanesOf(f Fragment, answer []int32, cols int) (l Lanes, ok bool) {
	half := len(answer) / 2
	first, ok1 := heldElements(answer[:half], cols, f.M*f.K)
	second, ok2 := heldElements(answer[half:], cols, f.N*f.K)
	if !ok1 || !ok2 {
		return Lanes{}, false
	}
	for _, a := range splits(len(first[0])) {
		l = Lanes{Run: len(first[0]) / a.Rows, A: a}
		if l.Sets = f.K / l.Run; l.Sets*l.Run != f.K {
			continue
		}
		rows, inputs, fits := l.A.arrange(first, f)
		if !fits || !l.A.findRows(rows, f.M) {
			continue
		}
		sets, fits := l.A.findSets(inputs, rows, nil, l.Sets, f.M*f.K)
		if !fits {
			continue
		}
		for _, b := range splits(len(second[0])) {
			if b.Rows*l.Run != len(second[0]) {
				continue
			}
			l.B = b
			rows, inputs, fits := l.B.arrange(second, f)
			if !fits || !l.B.findRows(rows, f.N) {
				continue
			}
			if _, fits := l.B.findSets(inputs, rows, sets, l.Sets, f.N*f.K); fits {
				return l, true
			}
		}
	}
	return Lanes{}, false
}

// heldElements returns the numbers of each lane's elements, below most, as many to a lane.
func heldElements(answer []int32, cols, most int) (table [][]int, ok bool) {
	lanes := len(answer) / cols
	for i := range lanes {
		line := answer[i*cols:][:cols]
		n := int(line[1])
		if int(line[0]) != lanes || n < 2 || n > cols-2 || n != int(answer[1]) {
			return nil, false
		}
		var own []int
		for _, e := range line[2 : 2+n] {
			if e < 0 || int(e) >= most {
				return nil, false
			}
			own = append(own, int(e))
		}
		table = append(table, own)
	}
	return table, lanes > 0
}

// splits lists how n elements may be rows of pairs: row after row, or pair after pair.
// It may also be a row to an element.
func splits(n int) (list []Held) {
	for rows := 1; rows <= n/2; rows *= 2 {
		if run := n / rows; run*rows == n && run%2 == 0 {
			list = append(list, Held{Rows: rows, RowStep: run, PairStep: 2},
				Held{Rows: rows, RowStep: 2, PairStep: 2 * rows})
		}
	}
	return append(list, Held{Rows: n, RowStep: 1, PairStep: 2})
}

// arrange takes the lanes' elements in h's order. It returns the first row and the
// inputs of each lane, and sets Step; false if a lane's rows differ in their inputs
// or in their distance.
func (h *Held) arrange(table [][]int, f Fragment) (rows []int, inputs [][]int, ok bool) {
	run := len(table[0]) / h.Rows
	for lane, own := range table {
		row, list := own[0]/f.K, []int{}
		for j := range run {
			list = append(list, own[j/2*h.PairStep+j%2]%f.K)
		}
		if h.Rows > 1 && lane == 0 {
			h.Step = own[h.RowStep]/f.K - row
		}
		for i := range h.Rows {
			for j, input := range list {
				if own[i*h.RowStep+j/2*h.PairStep+j%2] != (row+i*h.Step)*f.K+input {
					return nil, nil, false
				}
			}
		}
		rows, inputs = append(rows, row), append(inputs, list)
	}
	return rows, inputs, true
}

// findRows finds Div and Mod, from the first row of each lane, for rows in all.
func (h *Held) findRows(first []int, rows int) bool {
	for h.Div = 1; h.Div <= len(first); h.Div *= 2 {
		for h.Mod = 1; h.Mod <= rows; h.Mod *= 2 {
			fits := true
			for lane, row := range first {
				fits = fits && lane/h.Div%h.Mod == row
			}
			if fits {
				return true
			}
		}
	}
	return false
}

// findSets finds SetDiv, and the inputs of each of n sets: sets, where these are known.
// All elements must be somewhere.
func (h *Held) findSets(inputs [][]int, first []int, sets [][]int, n, elements int) ([][]int, bool) {
	for h.SetDiv = 1; h.SetDiv <= len(inputs); h.SetDiv *= 2 {
		own, fits := make([][]int, n), true
		copy(own, sets)
		there := map[[2]int]bool{}
		for lane, list := range inputs {
			set := lane / h.SetDiv % n
			if own[set] == nil {
				own[set] = list
			}
			fits = fits && slices.Equal(own[set], list)
			for i := range h.Rows {
				for _, input := range list {
					there[[2]int{first[lane] + i*h.Step, input}] = true
				}
			}
		}
		if fits && len(there) == elements {
			return own, true
		}
	}
	return nil, false
}
