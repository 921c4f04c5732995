package backendtest

import (
	"fmt"
	"math"

	"falconmamba/backend"
)

// States of 16 bits: in every operation that has states, over ragged batches, in rows
// of odd and even widths; and to the bit, numbers that are rounded, that have no room,
// and increments that are too small.

// stateTypes are the types of states but float32.
var stateTypes = []backend.DType{backend.F16, backend.BF16}

// stateBatches are one row, several and many, forked and in place, outside and ended.
var stateBatches = []string{"one token", "fork", "decode of 11", "ragged", "out of order", "ended",
	"prompt and decode", "prompts", "outside", "kept", "kept around", "kept prompt"}

func convStateCases() (cases []Case) {
	for _, typ := range stateTypes {
		for i, name := range stateBatches {
			taps, d := []int{4, 2, 3}[i%3], []int{33, 67, 64, 257, 5}[i%5]
			c := convStateCase(batchNamed(name), d, taps, backend.SiLU, i%2 == 0, typ)
			c.Name = title(c.Name, "state", typ)
			cases = append(cases, plainAndOdd(c)...)
		}
		cases = append(cases, plainAndOdd(convRounds(typ, 1))...)
		cases = append(cases, plainAndOdd(convRounds(typ, 40))...)
	}
	return cases
}

func scanStateCases() (cases []Case) {
	for _, typ := range stateTypes {
		for i, name := range stateBatches {
			states, d := []int{16, 5, 8, 32, 1}[i%5], []int{67, 33, 64, 131}[i%4]
			c := scanCase(title(name, fmt.Sprintf("channels=%d", d), fmt.Sprintf("states=%d", states), "state", typ),
				batchNamed(name), d, states, usualDT, scanOf{a: 1, inPlace: i%2 == 1, state: typ})
			cases = append(cases, plainAndOdd(c)...)
		}
		for _, states := range []int{16, 1} {
			for _, rows := range []int{1, 64} {
				cases = append(cases, plainAndOdd(scanRounds(typ, states, rows))...)
				cases = append(cases, scanAdds(typ, states, rows, false), scanAdds(typ, states, rows, true))
			}
		}
	}
	return cases
}

func inProjStateCases() (cases []Case) {
	for i, typ := range stateTypes {
		for j, name := range []string{"one token", "decode of 11", "ragged", "prompt and decode", "kept",
			"kept behind a prompt"} {
			p := precisions[(i+j)%2]
			c := inProjStateCase(batchNamed(name), p, weightTypes[(i+j)%3], 64, []int{33, 64}[j%2], 4-j%2, false,
				true, typ)
			c.Precision, c.Tolerance = p, rounded(p, true)
			c.Name = title(c.Name, "state", typ)
			cases = append(cases, plainAndOdd(c)...)
		}
	}
	return cases
}

func ssmStateCases() (cases []Case) {
	for i, typ := range stateTypes {
		for j, name := range []string{"one token", "decode of 11", "ragged", "prompt and decode", "kept",
			"kept behind a prompt"} {
			p := precisions[(i+j)%2]
			c := ssmStateCase(batchNamed(name), p, weightTypes[(i+j)%3], []int{33, 64}[j%2], []int{16, 5, 8}[j%3], 16,
				true, true, typ)
			if c.Precision, c.Tolerance = p, rounded(p, true); c.keeps {
				c.Tolerance = c.Tolerance.carried(typ)
			}
			c.Name = title(c.Name, "state", typ)
			cases = append(cases, plainAndOdd(c)...)
		}
	}
	return cases
}

// A stored number is what a state of a type makes of a float32.
type stored struct {
	x    float64
	bits int32
}

// storedAs has numbers halfway between two, beside that, without room, and subnormal.
var storedAs = map[backend.DType][]stored{
	backend.F16: {
		{0x1p0, 0x3c00}, {0x1p0 + 0x1p-11, 0x3c00}, {0x1p0 + 0x3p-11, 0x3c02}, {0x1p0 + 0x1p-11 + 0x1p-20, 0x3c01},
		{-0x1p0 - 0x3p-11, 0xbc02}, {0.1, 0x2e66}, {-1. / 3, 0xb555},
		{65504, 0x7bff}, {65519, 0x7bff}, {65520, 0x7bff}, {-65520, 0xfbff}, {1e30, 0x7bff}, {-1e5, 0xfbff},
		{0x1p-14, 0x0400}, {0x1p-14 - 0x1p-25, 0x0400}, {0x1p-14 - 0x1p-24, 0x03ff}, {-0x1p-15, 0x8200},
		{0x1p-24, 0x0001}, {0x1p-25, 0}, {0x3p-25, 0x0002}, {0x1p-25 + 0x1p-40, 0x0001}, {-0x3p-26, 0x8001},
		{0x5p-25, 0x0002}, {1e-20, 0}, {2049, 0x6800}, {2051, 0x6802},
	},
	backend.BF16: {
		{0x1p0, 0x3f80}, {0x1p0 + 0x1p-8, 0x3f80}, {0x1p0 + 0x3p-8, 0x3f82}, {0x1p0 + 0x1p-8 + 0x1p-16, 0x3f81},
		{-0x1p0 - 0x3p-8, 0xbf82}, {0.1, 0x3dcd}, {-1. / 3, 0xbeab},
		{3.3895e38, 0x7f7f}, {3.4e38, 0x7f7f}, {-3.4e38, 0xff7f}, {math.MaxFloat32, 0x7f7f},
		{65504, 0x4780}, {257, 0x4380}, {259, 0x4382}, {1e-20, 0x1e3d}, {0x1p-120, 0x0380},
	},
}

// convRounds stores inputs as they come, infinities and NaN among them.
func convRounds(typ backend.DType, rows int) Case {
	list := append([]stored{{math.Copysign(0, -1), 0x8000}}, storedAs[typ]...)
	most := map[backend.DType]int32{backend.F16: 0x7bff, backend.BF16: 0x7f7f}[typ]
	list = append(list, stored{math.Inf(1), most}, stored{math.Inf(-1), most | 0x8000})
	d := len(list) + 1 // and a NaN
	return Case{
		Name: title("rounded", fmt.Sprintf("rows=%d", rows), "state", typ), Kind: backend.KindConv1D,
		Tolerance: copied, state: typ,
		build: func(f *fixture) backend.Op {
			col := -1
			o := backend.Conv1D{
				Dst: f.output("Dst", backend.F32, rows, d),
				Src: f.floats("Src", rows, d, func() float64 {
					if col = (col + 1) % d; col < len(list) {
						return list[col].x
					}
					return math.NaN()
				}),
				Weight: f.normal("Weight", d, 2),
				State:  f.stateFrom("State", typ, 2, d, f.rng.NormFloat64),
				Batch:  f.ints("Batch", backend.BatchWords, oneSequence(0, 1, rows)...),
			}
			f.mark(free, o.Dst, nil)
			f.expectsStored(o.State, 1, list, 1)
			f.writes(o.State.RowRange(1, 2).Columns(len(list), d), nil)
			return o
		},
	}
}

// scanRounds has states that are one product, as it stands, however many rows end in it.
func scanRounds(typ backend.DType, states, rows int) Case {
	list := storedAs[typ]
	return Case{
		Name: title("rounded", fmt.Sprintf("states=%d", states), fmt.Sprintf("rows=%d", rows), "state", typ),
		Kind: backend.KindSelectiveScan, Tolerance: copied, state: typ,
		build: func(f *fixture) backend.Op {
			// Of all rows but the last X is 0, and so is the state.
			row, col := 0, -1
			x := func() float64 {
				if col++; col == len(list) {
					row, col = row+1, 0
				}
				if row < rows-1 {
					return 0
				}
				return list[col].x / 64
			}
			return f.scanOfOnes(typ, len(list), states, rows, false, func() float64 { return 0 }, x, list)
		},
	}
}

// scanAdds adds to states what is too small for their type in one row, and not in 64;
// and, to states without room for more, more. Where the state after every row is kept, it is
// too small in 64 rows too.
func scanAdds(typ backend.DType, states, rows int, keeps bool) Case {
	type sum struct{ from, add float64 }
	sums, one, many := []sum{{1, 0x1p-12}, {1, -0x1p-13}, {-2048, -0.5}, {65504, 500}, {-65504, -5e5}},
		[]int32{0x3c00, 0x3c00, 0xe800, 0x7bff, 0xfbff}, []int32{0x3c10, 0x3bf0, 0xe810, 0x7bff, 0xfbff}
	if typ == backend.BF16 {
		sums, one, many = []sum{{1, 0x1p-9}, {1, -0x1p-10}, {-256, -0.5}, {0x1.fep127, 0x1p119},
			{-0x1.fep127, -0x1p118}}, []int32{0x3f80, 0x3f80, 0xc380, 0x7f7f, 0xff7f},
			[]int32{0x3f90, 0x3f70, 0xc390, 0x7f7f, 0xff7f}
	}
	bits := one
	if rows > 1 && !keeps {
		bits = many
	}
	list := make([]stored, len(sums))
	for i := range list {
		list[i].bits = bits[i]
	}
	name := title("increments", fmt.Sprintf("states=%d", states), fmt.Sprintf("rows=%d", rows), "state", typ)
	if keeps {
		name = title(name, "kept")
	}
	return Case{
		Name: name, Kind: backend.KindSelectiveScan, Tolerance: copied, state: typ, keeps: keeps && rows > 1,
		build: func(f *fixture) backend.Op {
			at, col := -1, -1
			from := func() float64 { at++; return sums[at/states%len(sums)].from }
			x := func() float64 { col++; return sums[col%len(sums)].add / 64 }
			return f.scanOfOnes(typ, len(sums), states, rows, keeps, from, x, list)
		},
	}
}

// scanOfOnes returns a scan that adds 64·X to states, which do not decay, and declares
// what slot 1 holds afterwards, for every state of a channel. The states of rows before the last
// may be kept in the slots that follow.
func (f *fixture) scanOfOnes(typ backend.DType, d, states, rows int, keeps bool, from, x func() float64,
	list []stored) backend.Op {
	seq := backend.Sequence{To: 1, Rows: rows, Ring: 2, RingLen: rows, Keep: keeps}
	batch := make([]int32, 2*backend.BatchWords)
	backend.EncodeBatch(batch, []backend.Sequence{seq}, 0)
	slots := 2
	if keeps {
		slots += rows
	}
	always := func(v float64) func() float64 { return func() float64 { return v } }
	o := backend.SelectiveScan{
		Dst: f.output("Dst", backend.F32, rows, d), X: f.floats("X", rows, d, x),
		DT: f.floats("DT", rows, d, always(64)), A: f.floats("A", d, states, always(0)),
		B: f.floats("B", rows, states, always(1)), C: f.floats("C", rows, states, always(0)),
		D: f.floats("D", 1, d, always(0)), State: f.stateFrom("State", typ, slots, d*states, from),
		Batch: f.ints("Batch", backend.BatchWords, batch...), Keeps: keeps,
	}
	f.mark(free, o.Dst, nil)
	f.writes(o.State, func(slot int) bool { return slot > 1 && slot < 1+rows })
	f.expectsStored(o.State, 1, list, states)
	return o
}

// expectsStored declares a slot of each number of list, times over.
func (f *fixture) expectsStored(state backend.Tensor, slot int, list []stored, times int) {
	bits := make([]int32, len(list)*times)
	for i := range bits {
		bits[i] = list[i/times].bits
	}
	f.expects(state, slot, bits...)
}

// oneSequence is a batch of rows that go from a slot to another.
func oneSequence(from, to, rows int) []int32 {
	words := make([]int32, 2*backend.BatchWords)
	backend.EncodeBatch(words, []backend.Sequence{{From: from, To: to, Rows: rows}}, 0)
	return words
}
