package backendtest

import (
	"fmt"
	"math"

	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/backend/sampling"
)

// Fused operations: every batch in every precision, with the types, widths and
// options in turn, so that each meets each somewhere.

// fusedCases calls make for every batch and precision, with a number that
// counts up.
func fusedCases(make func(b batch, p backend.Precision, typ backend.DType, i int) Case) (cases []Case) {
	for i, b := range batches {
		for j, p := range precisions {
			n := len(precisions)*i + j
			c := make(b, p, weightTypes[(i+2*j)%3], n)
			c.Precision = p
			c.Tolerance = rounded(p, true)
			cases = append(cases, plainAndOdd(c)...)
		}
	}
	return cases
}

// wideCases calls make for the batches that real devices are measured with.
func wideCases(make func(b batch, p backend.Precision, typ backend.DType) Case) (cases []Case) {
	for _, b := range []batch{
		{name: "decode of 1", rows: 1, seqs: decodeSequences(1)},
		{name: "decode of 5", rows: 5, seqs: decodeSequences(5)},
		{name: "prompt of 40", rows: 40, seqs: []backend.Sequence{{From: 0, To: 0, Rows: 40}}},
	} {
		for _, p := range precisions {
			c := make(b, p, backend.BF16)
			c.Precision, c.Tolerance, c.Wide = p, rounded(p, true), true
			cases = append(cases, c)
		}
	}
	return cases
}

func inProjCases() []Case {
	return append(append(fusedCases(func(b batch, p backend.Precision, typ backend.DType, i int) Case {
		size := [][2]int{{33, 67}, {64, 128}, {67, 131}, {131, 33}, {257, 5}}[i%5]
		taps := 1 + i%4
		if taps == 1 && len(b.lies) > 0 {
			taps = 2 // one tap has no states to be outside of
		}
		return inProjCase(b, p, typ, size[0], size[1], taps, i%2 == 0, i%3 == 0)
	}), wideCases(func(b batch, p backend.Precision, typ backend.DType) Case {
		return inProjCase(b, p, typ, 4096, 8192, 4, false, true)
	})...), inProjStateCases()...)
}

func inProjCase(b batch, p backend.Precision, typ backend.DType, h, d, taps int, inBias, convBias bool) Case {
	return inProjStateCase(b, p, typ, h, d, taps, inBias, convBias, 0)
}

// inProjStateCase is inProjCase with states of a type; 0 is float32.
func inProjStateCase(b batch, p backend.Precision, typ backend.DType, h, d, taps int, inBias, convBias bool,
	state backend.DType) Case {
	return Case{
		Name: title(b.name, p, typ, fmt.Sprintf("hidden=%d", h), fmt.Sprintf("channels=%d", d),
			fmt.Sprintf("taps=%d", taps)),
		Kind: mamba.KindInProjConv, typ: typ, rows: b.rows, state: state, keeps: b.keeps(),
		build: func(f *fixture) backend.Op {
			o := mamba.InProjConv{
				Dst:     f.output("Dst", backend.F32, b.rows, d),
				XZ:      f.output("XZ", backend.F32, b.rows, 2*d),
				Src:     f.normal("Src", b.rows, h),
				Norm:    f.floats("Norm", 1, h, func() float64 { return 1 + f.rng.NormFloat64()/4 }),
				NormEps: 1e-5,
				InProj:  f.weight("InProj", typ, 2*d, h),
				Conv: f.floats("Conv", d, taps,
					func() float64 { return f.rng.NormFloat64() / math.Sqrt(float64(taps)) }),
				Batch:     f.batch(b, len(b.seqs)),
				Act:       backend.SiLU,
				Keeps:     b.looks(),
				Precision: p,
			}
			if taps > 1 {
				o.ConvState = f.stateOf("ConvState", state, b, d*(taps-1))
			}
			if inBias {
				o.InBias = f.normal("InBias", 1, 2*d)
			}
			if convBias {
				o.ConvBias = f.normal("ConvBias", 1, d)
			}
			live := below(b.live())
			f.writes(o.Dst, live)
			f.writes(o.XZ.Columns(d, 2*d), live)
			f.mark(free, o.XZ.Columns(0, d), live)
			return o
		},
	}
}

func ssmCases() []Case {
	return append(append(fusedCases(func(b batch, p backend.Precision, typ backend.DType, i int) Case {
		d, n, r := []int{33, 64, 67, 131, 5}[i%5], []int{16, 5, 8, 32}[i%4], []int{7, 1, 3, 256, 16}[(i+i/5)%5]
		// The norm of a single number is its sign, which rounding may turn.
		norm := i%3 != 2 && (r > 1 || p == backend.Float)
		return ssmCase(b, p, typ, d, n, r, norm, i%2 == 0)
	}), wideCases(func(b batch, p backend.Precision, typ backend.DType) Case {
		return ssmCase(b, p, typ, 8192, 16, 256, true, true)
	})...), ssmStateCases()...)
}

func ssmCase(b batch, p backend.Precision, typ backend.DType, d, n, r int, norm, bias bool) Case {
	return ssmStateCase(b, p, typ, d, n, r, norm, bias, 0)
}

// ssmStateCase is ssmCase with states of a type; 0 is float32.
func ssmStateCase(b batch, p backend.Precision, typ backend.DType, d, n, r int, norm, bias bool,
	state backend.DType) Case {
	name := title(b.name, p, typ, fmt.Sprintf("channels=%d", d), fmt.Sprintf("states=%d", n), fmt.Sprintf("rank=%d", r))
	if norm {
		name = title(name, "norm")
	}
	return Case{
		Name: name, Kind: mamba.KindSSM, typ: typ, rows: b.rows, state: state, keeps: b.keeps(),
		build: func(f *fixture) backend.Op {
			live := below(b.live())
			o := mamba.SSM{
				Dst:       f.output("Dst", backend.F32, b.rows, d),
				X:         f.normal("X", b.rows, d),
				Z:         f.normal("XZ", b.rows, 2*d).Columns(d, 2*d),
				XProj:     f.weight("XProj", typ, r+2*n, d),
				BCDTNorm:  norm,
				NormEps:   1e-6,
				DTProj:    f.weight("DTProj", typ, d, r),
				A:         f.channelDecay("A", d, n, 1),
				D:         f.normal("D", 1, d),
				State:     f.stateOf("State", state, b, d*n),
				Batch:     f.batch(b, len(b.seqs)),
				Keeps:     b.looks(),
				Precision: p,
			}
			if bias {
				o.DTBias = f.floats("DTBias", 1, d, func() float64 { return usualDT(f) })
			}
			f.writes(o.Dst, live)
			return o
		},
	}
}

func outProjCases() []Case {
	return append(append(fusedCases(func(b batch, p backend.Precision, typ backend.DType, i int) Case {
		size := [][2]int{{67, 33}, {64, 128}, {131, 257}, {33, 131}, {5, 64}}[i%5]
		return outProjCase(b, p, typ, size[0], size[1], i%2 == 0, i%3 == 1)
	}), wideCases(func(b batch, p backend.Precision, typ backend.DType) Case {
		return outProjCase(b, p, typ, 4096, 8192, true, false)
	})...), outProjInPlaceCases()...)
}

// outProjInPlaceCases are many rows of many columns that are added to where they stand, in the types and precisions
// for which a driver has kernels of its own: those that store a sum in parts must not lose what was there.
func outProjInPlaceCases() (cases []Case) {
	for _, typ := range []backend.DType{backend.BF16, backend.Q8_0, backend.Q4_K} {
		for _, p := range precisions {
			c := outProjCase(batchNamed("ragged"), p, typ, 150, 768, true, true)
			c.Precision, c.Tolerance = p, rounded(p, true)
			cases = append(cases, plainAndOdd(c)...)
		}
	}
	return cases
}

func outProjCase(b batch, p backend.Precision, typ backend.DType, h, d int, inPlace, bias bool) Case {
	name := title(b.name, p, typ, fmt.Sprintf("hidden=%d", h), fmt.Sprintf("channels=%d", d))
	if inPlace {
		name = title(name, "in place")
	}
	return Case{
		Name: name, Kind: mamba.KindOutProjAdd, typ: typ, rows: b.rows,
		build: func(f *fixture) backend.Op {
			o := mamba.OutProjAdd{
				Residual:  f.normal("Residual", b.rows, h),
				Src:       f.normal("Src", b.rows, d),
				OutProj:   f.weight("OutProj", typ, h, d),
				Batch:     f.batch(b, len(b.seqs)),
				Precision: p,
			}
			o.Dst = o.Residual
			if !inPlace {
				o.Dst = f.output("Dst", backend.F32, b.rows, h)
			}
			if bias {
				o.Bias = f.normal("Bias", 1, h)
			}
			f.writes(o.Dst, below(b.live()))
			return o
		},
	}
}

// headCases are Head and HeadArgMax.
func headCases() []Case {
	var cases []Case
	for _, argmax := range []bool{false, true} {
		cases = append(cases, fusedCases(func(b batch, p backend.Precision, typ backend.DType, i int) Case {
			size := [][2]int{{257, 33}, {131, 67}, {1031, 64}, {67, 131}}[i%4]
			return headCase(b, p, typ, size[0], size[1], argmax)
		})...)
		cases = append(cases, wideCases(func(b batch, p backend.Precision, typ backend.DType) Case {
			return headCase(b, p, typ, 65024, 4096, argmax)
		})...)
	}
	for i, name := range []string{"one token", "ragged", "many"} {
		for j, p := range precisions {
			c := headOfNothing(batchNamed(name), p, []backend.DType{backend.BF16, backend.Q8_0, backend.F16}[(i+j)%3])
			cases = append(cases, plainAndOdd(c)...)
		}
	}
	return cases
}

// headOfNothing is HeadArgMax of rows that hold a NaN, of which no logit is a
// number.
func headOfNothing(b batch, p backend.Precision, typ backend.DType) Case {
	const v, h = 131, 64
	return Case{
		Name: title("no token", b.name, p, typ), Kind: backend.KindHeadArgMax, Precision: p, typ: typ, rows: b.heads(),
		build: func(f *fixture) backend.Op {
			live := 0
			rows := make([]int32, b.heads())
			for _, s := range b.seqs {
				if s.Rows > 0 {
					rows[live] = int32(s.First + s.Rows - 1)
					live++
				}
			}
			src := f.tensor("Src", backend.F32, b.rows, h, func(_, col int) uint32 {
				return floatBits(float32(pick(col == 50, math.NaN(), f.rng.NormFloat64())))
			})
			o := backend.HeadArgMax{Dst: f.output("Dst", backend.I32, len(rows), 1), Src: src,
				Rows: f.ints("Rows", 1, rows...), Norm: f.normal("Norm", 1, h), NormEps: 1e-5,
				Weight: f.weight("Weight", typ, v, h), Batch: f.batch(b, live), Precision: p}
			for i := range live {
				f.expects(o.Dst, i, sampling.NoToken)
			}
			return o
		},
	}
}

// headCase takes the last row of every sequence that has rows. With argmax each
// of those rows has an output that is much its own, with a twin further down
// that must lose the tie.
func headCase(b batch, p backend.Precision, typ backend.DType, v, h int, argmax bool) Case {
	c := Case{
		Name: title(b.name, p, typ, fmt.Sprintf("vocabulary=%d", v), fmt.Sprintf("hidden=%d", h)),
		Kind: backend.KindHead, typ: typ, rows: b.heads(),
	}
	if argmax {
		c.Kind = backend.KindHeadArgMax
	}
	c.build = func(f *fixture) backend.Op {
		const nowhere = 1 << 30 // rows beyond the live ones must not be followed
		rows := []int32{}
		for _, s := range b.seqs {
			if s.Rows > 0 {
				rows = append(rows, int32(s.First+s.Rows-1))
			}
		}
		live := len(rows)
		for len(rows) < b.heads() {
			rows = append(rows, nowhere)
		}

		src := make([]float64, b.rows*h)
		for i := range src {
			src[i] = float64(float32(f.rng.NormFloat64()))
		}
		next := 0
		of := f.floats("Src", b.rows, h, func() float64 { next++; return src[next-1] })
		best := make([]int32, live)
		made := map[int]int32{} // the row of Src that an output is made for
		for i := range best {
			best[i] = int32(2 * ((7*i + 3) % (v / 2)))
			made[int(best[i])], made[int(best[i])+1] = rows[i], rows[i]
		}
		scale := 1 / math.Sqrt(float64(h))
		var w backend.Weight
		if argmax {
			w = f.weightOf("Weight", typ, v, h, func(id, col int) float64 {
				if t, ok := made[id]; ok {
					return 4 * scale * src[int(t)*h+col]
				}
				return scale * f.rng.NormFloat64()
			})
		} else {
			w = f.weight("Weight", typ, v, h)
		}

		norm := f.floats("Norm", 1, h, func() float64 { return 1 + f.rng.Float64()/4 })
		fromRows, heads := f.ints("Rows", 1, rows...), f.batch(b, live)
		if argmax {
			o := backend.HeadArgMax{Dst: f.output("Dst", backend.I32, len(rows), 1), Src: of, Rows: fromRows,
				Norm: norm, NormEps: 1e-5, Weight: w, Batch: heads, Precision: p}
			for i, id := range best {
				f.expects(o.Dst, i, id)
			}
			return o
		}
		o := backend.Head{Logits: f.output("Logits", backend.F32, len(rows), v), Src: of, Rows: fromRows,
			Norm: norm, NormEps: 1e-5, Weight: w, Batch: heads, Precision: p}
		f.writes(o.Logits, below(live))
		return o
	}
	return c
}
