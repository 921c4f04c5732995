package backendtest

import (
	"fmt"
	"math"

	"falconmamba/backend"
)

// liveCases have a Live word outside of the rows: below zero it is none, above
// them it is all.
func liveCases() (cases []Case) {
	const rows, cols = 7, 33
	for _, c := range []struct {
		word int32
		live int // of rows
	}{{-1, 0}, {math.MinInt32, 0}, {rows + 1, rows}, {math.MaxInt32, rows}} {
		for kind, op := range liveOps {
			cases = append(cases, Case{
				Name: fmt.Sprintf("rows=%d/live is %d", rows, c.word), Kind: liveKinds[kind], Tolerance: float32s,
				build: func(f *fixture) backend.Op {
					typ, width := backend.F32, cols
					if liveKinds[kind] == backend.KindArgMax {
						typ, width = backend.I32, 1
					}
					dst := f.output("Dst", typ, rows, width)
					f.writes(dst, below(c.live))
					return op(f, dst, f.normal("Src", rows, cols), f.ints("Live", 1, c.word))
				},
			})
		}
	}
	return cases
}

// liveOps make an operation of each of liveKinds.
var (
	liveKinds = []backend.Kind{backend.KindCopy, backend.KindAdd, backend.KindGate, backend.KindRMSNorm,
		backend.KindMatMul, backend.KindArgMax}
	liveOps = []func(f *fixture, dst, src, live backend.Tensor) backend.Op{
		func(_ *fixture, dst, src, live backend.Tensor) backend.Op {
			return backend.Copy{Dst: dst, Src: src, Live: live}
		},
		func(_ *fixture, dst, src, live backend.Tensor) backend.Op {
			return backend.Add{Dst: dst, A: src, B: src, Live: live}
		},
		func(_ *fixture, dst, src, live backend.Tensor) backend.Op {
			return backend.Gate{Dst: dst, Y: src, Z: src, Live: live}
		},
		func(_ *fixture, dst, src, live backend.Tensor) backend.Op {
			return backend.RMSNorm{Dst: dst, Src: src, Eps: 1e-5, Live: live}
		},
		func(f *fixture, dst, src, live backend.Tensor) backend.Op {
			return backend.MatMul{Dst: dst, Src: src, Weight: f.weight("Weight", backend.F32, src.Cols, src.Cols),
				Live: live}
		},
		func(_ *fixture, dst, src, live backend.Tensor) backend.Op {
			return backend.ArgMax{Dst: dst, Src: src, Live: live}
		},
	}
)

func embedCases() (cases []Case) {
	for i, s := range spans {
		for j, typ := range weightTypes {
			size := [][2]int{{131, 67}, {257, 33}, {7, 1}, {50, 64}, {19, 257}}[(i+j)%5]
			cases = append(cases, plainAndOdd(Case{
				Name:      title(typ, fmt.Sprintf("table=%dx%d", size[0], size[1]), liveName(s.rows, s.live)),
				Kind:      backend.KindEmbed,
				Tolerance: copied,
				typ:       typ, rows: s.rows,
				build: func(f *fixture) backend.Op { return buildEmbed(f, typ, size[0], size[1], s, i%2 == 0) },
			})...)
		}
	}
	for _, typ := range weightTypes {
		for _, fed := range []bool{false, true} {
			cases = append(cases, plainAndOdd(Case{
				Name: title(typ, "ids outside", pickName(fed, "fed")), Kind: backend.KindEmbed, Tolerance: copied,
				build: func(f *fixture) backend.Op { return buildEmbedOutside(f, typ, fed) },
			})...)
		}
	}
	return append(cases, Case{
		Name: "bf16/table=65024x4096/rows=70", Kind: backend.KindEmbed, Tolerance: copied, Wide: true,
		build: func(f *fixture) backend.Op { return buildEmbed(f, backend.BF16, 65024, 4096, span{70, -1}, true) },
	})
}

// buildEmbed takes every third token from its slot's last, if fed.
func buildEmbed(f *fixture, typ backend.DType, v, h int, s span, fed bool) backend.Op {
	const slots = 9
	o := backend.Embed{Dst: f.output("Dst", backend.F32, s.rows, h), Table: f.weight("Table", typ, v, h),
		Live: f.live(s.live)}
	var last []int32
	for range slots {
		last = append(last, int32(f.rng.IntN(v)))
	}
	ids := make([]int32, s.rows)
	for i := range ids {
		ids[i] = int32(f.rng.IntN(v))
		switch {
		case fed && i%3 == 0:
			ids[i] = -1 - int32(f.rng.IntN(slots))
		case i == 1:
			ids[i] = int32(v - 1)
		case i == 2:
			ids[i] = 0
		}
	}
	o.IDs = f.ints("IDs", 1, ids...)
	if fed {
		o.Last = f.ints("Last", 1, last...)
	}
	f.writes(o.Dst, below(s.live))
	return o
}

// buildEmbedOutside has ids that no table has, and slots of Last that are not
// there or hold such ids. Two rows are sound.
func buildEmbedOutside(f *fixture, typ backend.DType, fed bool) backend.Op {
	const v, h = 131, 67
	ids := []int32{v, 5, v + 1, math.MaxInt32, math.MinInt32, -6, -4, -5, -1, v - 1}
	o := backend.Embed{
		Dst: f.output("Dst", backend.F32, len(ids), h), Table: f.weight("Table", typ, v, h),
		IDs:  f.ints("IDs", 1, ids...),
		Live: f.live(len(ids) + 7),
	}
	if fed {
		o.Last = f.ints("Last", 1, v, -1, math.MinInt32, math.MaxInt32, -3)
	}
	f.writes(o.Dst, func(row int) bool { return row == 1 || row == len(ids)-1 })
	return o
}

func pickName(cond bool, name string) string {
	if cond {
		return name
	}
	return ""
}

func gatherCases() (cases []Case) {
	for i, s := range spans {
		for _, typ := range []backend.DType{backend.F32, backend.I32} {
			cols := []int{33, 1, 257, 64, 5, 131, 67}[i]
			for _, to := range []bool{false, true} {
				name := title(typ, fmt.Sprintf("cols=%d", cols), liveName(s.rows, s.live))
				if to {
					name = title(name, "to")
				}
				cases = append(cases, plainAndOdd(Case{
					Name: name, Kind: backend.KindGather, Tolerance: copied,
					build: func(f *fixture) backend.Op { return buildGather(f, typ, cols, s, to) },
				})...)
			}
		}
	}
	for _, typ := range []backend.DType{backend.F32, backend.I32} {
		cases = append(cases, plainAndOdd(Case{
			Name: title(typ, "indices outside"), Kind: backend.KindGather, Tolerance: copied,
			build: func(f *fixture) backend.Op {
				o := backend.Gather{
					Dst: f.output("Dst", typ, 7, 33), Src: f.normal("Src", 9, 33),
					From: f.ints("From", 1, 9, -1, math.MaxInt32, math.MinInt32, 8, 0, 3, 4, 5),
					Live: f.live(math.MaxInt32),
				}
				if typ == backend.I32 {
					o.Src = f.tensor("Src", typ, 9, 33, func(int, int) uint32 { return f.rng.Uint32() })
				}
				o.To = f.ints("To", 1, 0, 1, 2, 3, 4, 7, -1, math.MaxInt32, math.MinInt32)
				f.writes(o.Dst, func(row int) bool { return row == 4 })
				return o
			},
		})...)
	}
	return append(cases, plainAndOdd(Case{
		Name: "in place", Kind: backend.KindGather, Tolerance: copied,
		build: func(f *fixture) backend.Op {
			m := f.normal("Dst", 9, 67)
			f.writes(m, func(row int) bool { return row == 1 || row == 5 || row == 8 })
			return backend.Gather{Dst: m, Src: m, From: f.ints("From", 1, 0, 0, 7), To: f.ints("To", 1, 8, 1, 5)}
		},
	})...)
}

func buildGather(f *fixture, typ backend.DType, cols int, s span, to bool) backend.Op {
	const sources = 41
	n := s.rows
	rows := n
	if to {
		rows = 2*n + 3
	}
	from, dest := make([]int32, n), make([]int32, n)
	order := f.rng.Perm(rows)
	written := map[int]bool{}
	for i := range n {
		from[i], dest[i] = int32(f.rng.IntN(sources)), int32(i)
		if to {
			dest[i] = int32(order[i])
		}
		written[int(dest[i])] = s.live < 0 || i < s.live
	}
	o := backend.Gather{
		Dst: f.output("Dst", typ, rows, cols),
		Src: f.tensor("Src", typ, sources, cols, func(row, col int) uint32 {
			switch {
			case typ == backend.I32:
				return f.rng.Uint32() // NaN and subnormal patterns among them: a copy of words, not of numbers
			case col%11 == 3:
				return math.Float32bits(float32(math.Inf(1 - 2*(row%2))))
			}
			return math.Float32bits(float32(f.rng.NormFloat64()))
		}),
		From: f.ints("From", 1, from...),
		Live: f.live(s.live),
	}
	if to {
		o.To = f.ints("To", 1, dest...)
	}
	f.writes(o.Dst, func(row int) bool { return written[row] })
	return o
}

func normCases() (cases []Case) {
	for i, cols := range []int{1, 3, 5, 7, 8, 16, 33, 64, 67, 131, 257, 1031} {
		s := spans[i%len(spans)]
		for _, weighted := range []bool{false, true} {
			name := title(fmt.Sprintf("cols=%d", cols), liveName(s.rows, s.live))
			if weighted {
				name = title(name, "weight")
			}
			cases = append(cases, plainAndOdd(normCase(name, cols, s, 1, 1e-5, weighted, i%2 == 1))...)
		}
	}
	for _, m := range []struct {
		cols       int
		scale, eps float64
	}{
		{67, 1e-20, 1e-5}, {257, 1e-20, 1e-12}, {33, 1e-3, 1e-6}, {67, 1e-3, 0}, {131, 1e-3, 1e-5}, {33, 1e18, 1e-5},
		{257, 1e18, 1e-6}, {1031, 1e18, 1e-5}, {67, 3e-6, 1e-12}, {67, 1, 0.5},
	} {
		cases = append(cases, normCase(fmt.Sprintf("cols=%d/scale=%g/eps=%g", m.cols, m.scale, m.eps), m.cols,
			span{7, -1}, m.scale, float32(m.eps), true, false))
	}
	// dt, B and C of FalconMamba: columns of one matrix, each normalised in place.
	for _, c := range [][2]int{{0, 7}, {7, 15}, {15, 23}} {
		cases = append(cases, Case{
			Name: fmt.Sprintf("columns=%d:%d of 23", c[0], c[1]), Kind: backend.KindRMSNorm, Tolerance: float32s,
			odd: c[0] == 7,
			build: func(f *fixture) backend.Op {
				v := f.normal("Dst", 7, 23).Columns(c[0], c[1])
				f.writes(v, below(5))
				return backend.RMSNorm{Dst: v, Src: v, Eps: 1e-6, Live: f.live(5)}
			},
		})
	}
	cases = append(cases, Case{
		Name: "rows of zeros", Kind: backend.KindRMSNorm, Tolerance: copied,
		build: func(f *fixture) backend.Op {
			o := backend.RMSNorm{Dst: f.output("Dst", backend.F32, 3, 67),
				Src: f.floats("Src", 3, 67, func() float64 { return 0 }), Eps: 1e-5}
			f.writes(o.Dst, nil)
			return o
		},
	})
	wide := normCase("cols=4096/rows=70/weight", 4096, span{70, -1}, 1, 1e-5, true, false)
	wide.Wide = true
	return append(cases, wide)
}

func normCase(name string, cols int, s span, scale float64, eps float32, weighted, inPlace bool) Case {
	if inPlace {
		name = title(name, "in place")
	}
	return Case{
		Name: name, Kind: backend.KindRMSNorm, Tolerance: float32s,
		build: func(f *fixture) backend.Op {
			o := backend.RMSNorm{Eps: eps, Live: f.live(s.live)}
			o.Src = f.floats("Src", s.rows, cols, func() float64 { return scale * f.rng.NormFloat64() })
			o.Dst = o.Src
			if !inPlace {
				o.Dst = f.output("Dst", backend.F32, s.rows, cols)
			}
			if weighted {
				o.Weight = f.floats("Weight", 1, cols, func() float64 { return 1 + f.rng.NormFloat64()/2 })
			}
			f.writes(o.Dst, below(s.live))
			return o
		},
	}
}

// elementCases are Gate, Add and Copy.
func elementCases() (cases []Case) {
	for i, s := range spans {
		cols := []int{67, 33, 1, 257, 64, 5, 131}[i]
		name := title(fmt.Sprintf("cols=%d", cols), liveName(s.rows, s.live))
		for _, inPlace := range []bool{false, true} {
			n := name
			if inPlace {
				n = title(name, "in place")
			}
			dst := func(f *fixture, src backend.Tensor) backend.Tensor {
				d := src
				if !inPlace {
					d = f.output("Dst", backend.F32, s.rows, cols)
				}
				f.writes(d, below(s.live))
				return d
			}
			cases = append(cases, plainAndOdd(Case{
				Name: n, Kind: backend.KindGate, Tolerance: float32s,
				build: func(f *fixture) backend.Op {
					y := f.normal("Y", s.rows, cols)
					z := f.floats("Z", s.rows, cols,
						func() float64 { return []float64{2, 30, 100}[f.rng.IntN(3)] * f.rng.NormFloat64() })
					return backend.Gate{Dst: dst(f, y), Y: y, Z: z, Live: f.live(s.live)}
				},
			})...)
			cases = append(cases, plainAndOdd(Case{
				Name: n, Kind: backend.KindAdd,
				Tolerance: Tolerance{Max: 1e-6, NMSE: 1e-13, Why: "one float32 addition"},
				build: func(f *fixture) backend.Op {
					a, b := f.normal("A", s.rows, cols), f.normal("B", s.rows, cols)
					return backend.Add{Dst: dst(f, a), A: a, B: b, Live: f.live(s.live)}
				},
			})...)
		}
		cases = append(cases, Case{
			Name: title(name, "in B"), Kind: backend.KindAdd,
			Tolerance: Tolerance{Max: 1e-6, NMSE: 1e-13, Why: "one float32 addition"},
			build: func(f *fixture) backend.Op {
				a, b := f.normal("A", s.rows, cols), f.normal("B", s.rows, cols)
				f.writes(b, below(s.live))
				return backend.Add{Dst: b, A: a, B: b, Live: f.live(s.live)}
			},
		})
		for _, typ := range []backend.DType{backend.F32, backend.I32} {
			cases = append(cases, plainAndOdd(Case{
				Name: title(typ, name), Kind: backend.KindCopy, Tolerance: copied,
				build: func(f *fixture) backend.Op {
					src := f.normal("Src", s.rows, cols)
					if typ == backend.I32 {
						src = f.tensor("Src", typ, s.rows, cols, func(int, int) uint32 { return f.rng.Uint32() })
					}
					o := backend.Copy{Dst: f.output("Dst", typ, s.rows, cols), Src: src, Live: f.live(s.live)}
					f.writes(o.Dst, below(s.live))
					return o
				},
			})...)
		}
	}
	// Halves of one matrix, as z is of in_proj's output.
	return append(cases, Case{
		Name: "right half to left", Kind: backend.KindCopy, Tolerance: copied, odd: true,
		build: func(f *fixture) backend.Op {
			m := f.normal("Dst", 7, 66)
			f.writes(m.Columns(0, 33), below(6))
			return backend.Copy{Dst: m.Columns(0, 33), Src: m.Columns(33, 66), Live: f.live(6)}
		},
	})
}

func argmaxCases() (cases []Case) {
	for i, s := range spans {
		cols := []int{257, 1, 2, 33, 1031, 67, 131}[i]
		cases = append(cases, plainAndOdd(Case{
			Name: title(fmt.Sprintf("cols=%d", cols), liveName(s.rows, s.live)), Kind: backend.KindArgMax,
			build: func(f *fixture) backend.Op {
				o := backend.ArgMax{Dst: f.output("Dst", backend.I32, s.rows, 1), Src: f.normal("Src", s.rows, cols),
					Live: f.live(s.live)}
				f.writes(o.Dst, below(s.live))
				return o
			},
		})...)
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name string
		cols int
		row  func(col int) float64
		want int32
	}{
		{"tie", 131, func(c int) float64 { return float64(c % 40) }, 39},
		{"all equal", 1031, func(int) float64 { return -3 }, 0},
		{"all NaN", 67, func(int) float64 { return nan }, -1},
		{"NaN first", 67, func(c int) float64 { return pick(c == 0, nan, -float64(c)) }, -1},
		{"NaN last", 1031, func(c int) float64 { return pick(c == 1030, nan, -float64(c)) }, -1},
		{"negative NaN", 67, func(c int) float64 { return pick(c == 40, math.Copysign(nan, -1), -float64(c)) }, -1},
		{"NaN beside the largest", 300, func(c int) float64 { return pick(c == 200, nan, pick(c == 201, inf, 1)) }, -1},
		{"-Inf", 67, func(int) float64 { return -inf }, -1},
		{"-Inf after NaN", 67, func(c int) float64 { return pick(c < 33, nan, -inf) }, -1},
		{"-Inf but one", 257, func(c int) float64 { return pick(c == 255, -3e38, -inf) }, 255},
		{"+Inf twice", 257, func(c int) float64 { return pick(c == 130 || c == 200, inf, 3e38) }, 130},
		{"last", 1031, func(c int) float64 { return float64(c) }, 1030},
		{"zeros of both signs", 33, func(c int) float64 { return pick(c < 5, math.Copysign(0, -1), 0) }, 0},
		{"vocabulary", 65024, func(c int) float64 { return pick(c == 64999 || c == 65023, 1, math.Sin(float64(c))/2) },
			64999},
	} {
		cases = append(cases, Case{
			Name: c.name, Kind: backend.KindArgMax, odd: c.cols%2 == 1,
			build: func(f *fixture) backend.Op {
				o := backend.ArgMax{Dst: f.output("Dst", backend.I32, 2, 1)}
				o.Src = f.tensor("Src", backend.F32, 2, c.cols,
					func(_, col int) uint32 { return math.Float32bits(float32(c.row(col))) })
				f.expects(o.Dst, 0, c.want)
				f.expects(o.Dst, 1, c.want)
				return o
			},
		})
	}
	return cases
}

func pick(cond bool, a, b float64) float64 {
	if cond {
		return a
	}
	return b
}
