package backendtest

import (
	"cmp"
	"fmt"
	"math"

	"falconmamba/backend"
)

func convCases() (cases []Case) {
	for i, b := range batches {
		for _, taps := range []int{1, 2, 3, 4} {
			if taps == 1 && len(b.lies) > 0 {
				continue // no states to be outside of
			}
			d := []int{33, 67, 5, 257, 1, 64}[(i+taps)%6]
			cases = append(cases, plainAndOdd(convCase(b, d, taps, backend.SiLU, (i+taps)%2 == 0))...)
		}
	}
	for a := backend.Identity; a <= backend.Mish; a++ {
		cases = append(cases, convCase(batchNamed("ragged"), 67, 4, a, true))
	}
	cases = append(cases, convCase(batchNamed("prompt and decode"), 33, 7, backend.SiLU, true))
	for _, b := range []batch{
		{name: "prompt of 300", rows: 300, seqs: []backend.Sequence{{From: 0, To: 1, Rows: 300}}},
		{name: "decode of 8", rows: 8, seqs: decodeSequences(8)},
	} {
		c := convCase(b, 8192, 4, backend.SiLU, true)
		c.Wide = true
		cases = append(cases, c)
	}
	return append(cases, convStateCases()...)
}

func convCase(b batch, d, taps int, act backend.Activation, biased bool) Case {
	return convStateCase(b, d, taps, act, biased, 0)
}

// convStateCase is convCase with states of a type; 0 is float32.
func convStateCase(b batch, d, taps int, act backend.Activation, biased bool, typ backend.DType) Case {
	name := title(b.name, act, fmt.Sprintf("channels=%d", d), fmt.Sprintf("taps=%d", taps))
	if biased {
		name = title(name, "bias")
	}
	return Case{
		Name: name, Kind: backend.KindConv1D, Tolerance: float32s, state: typ, keeps: b.keeps(),
		build: func(f *fixture) backend.Op {
			o := backend.Conv1D{
				Dst: f.output("Dst", backend.F32, b.rows, d),
				// The left half of in_proj's output; large enough for every
				// branch of an activation.
				Src:    f.floats("Src", b.rows, 2*d, func() float64 { return 6 * f.rng.NormFloat64() }).Columns(0, d),
				Weight: f.normal("Weight", d, taps),
				Batch:  f.batch(b, 0),
				Act:    act,
				Keeps:  b.looks(),
			}
			if taps > 1 {
				o.State = f.stateOf("State", typ, b, d*(taps-1))
			}
			if biased {
				o.Bias = f.normal("Bias", 1, d)
			}
			f.writes(o.Dst, below(b.live()))
			return o
		},
	}
}

// A draw makes the inputs of a scan.
type draw func(f *fixture) float64

// usual deltas: softplus of it is about 1e-3 to 1.
func usualDT(f *fixture) float64 { return -3 + 2*f.rng.NormFloat64() }

func scanCases() (cases []Case) {
	for i, b := range batches {
		for j, states := range []int{5, 8, 16, 32} {
			d := []int{33, 67, 5, 257, 1, 64}[(i+j)%6]
			c := scanCase(title(b.name, fmt.Sprintf("channels=%d", d), fmt.Sprintf("states=%d", states)), b, d, states,
				usualDT, scanOf{a: 1, inPlace: i%2 == 1})
			cases = append(cases, plainAndOdd(c)...)
		}
	}
	one := batchNamed("prompt and decode")
	for _, e := range []struct {
		name string
		dt   draw
		of   scanOf
	}{
		// log(1+exp(x)) in float32 has lost half its digits there.
		{"delta=1e-4", func(f *fixture) float64 { return -9.2 + f.rng.Float64()/2 }, scanOf{a: 1, bare: true}},
		{"delta=1e-3", func(f *fixture) float64 { return -6.9 + f.rng.Float64()/2 }, scanOf{a: 1, bare: true}},
		{"delta=1e-2", func(f *fixture) float64 { return -4.6 + f.rng.Float64()/2 }, scanOf{a: 1, bare: true}},
		{"dt=±30", func(f *fixture) float64 { return 30 * sign(f) }, scanOf{a: 1}},
		{"dt=±90", func(f *fixture) float64 { return 90 * sign(f) }, scanOf{a: 1, within: cancelled}},
		{"dt=-20 to 20", func(f *fixture) float64 { return 40*f.rng.Float64() - 20 }, scanOf{a: 1}},
		{"A=-1e6", usualDT, scanOf{a: 1e6}},
		{"A=-1e-6", usualDT, scanOf{a: 1e-6}},
		{"A=0", usualDT, scanOf{a: 0}},
		{"A=-1e30", usualDT, scanOf{a: 1e30}},
	} {
		cases = append(cases, scanCase(e.name, one, 67, 16, e.dt, e.of),
			scanCase(title(e.name, "states=1"), one, 33, 1, e.dt, e.of))
	}
	long := batch{name: "slow decay", rows: 300, seqs: []backend.Sequence{{From: 0, To: 1, Rows: 299}}}
	cases = append(cases, scanCase("slow decay over 299 rows", long, 33, 16,
		func(f *fixture) float64 { return -7 + f.rng.NormFloat64() }, scanOf{a: 0.1, inPlace: true}))
	for _, b := range []batch{
		{name: "prompt of 300", rows: 300, seqs: []backend.Sequence{{From: 0, To: 1, Rows: 300}}},
		{name: "decode of 8", rows: 8, seqs: decodeSequences(8)},
	} {
		c := scanCase(title(b.name, "channels=8192/states=16"), b, 8192, 16, usualDT, scanOf{a: 1})
		c.Wide = true
		cases = append(cases, c)
	}
	return append(cases, scanStateCases()...)
}

func sign(f *fixture) float64 { return float64(1 - 2*f.rng.IntN(2)) }

// scanOf is what else is special about a scan.
type scanOf struct {
	a       float64 // factor of A
	bare    bool    // no D and no state to begin with: all that is left goes with delta
	inPlace bool
	state   backend.DType // of the state; 0 is float32
	within  Tolerance     // float32s where it is not given
}

// cancelled is for sums near 1 of terms near 100, each of them rounded to 6e-6.
var cancelled = Tolerance{Max: 1e-4, NMSE: 1e-10, Why: "float32 sums of terms near 100"}

func scanCase(name string, b batch, d, states int, dt draw, of scanOf) Case {
	if of.inPlace {
		name = title(name, "in place")
	}
	within := cmp.Or(of.within, float32s)
	if b.keeps() {
		within = within.carried(of.state)
	}
	return Case{
		Name: name, Kind: backend.KindSelectiveScan, Tolerance: within, state: of.state, keeps: b.keeps(),
		build: func(f *fixture) backend.Op {
			rest := f.rng.NormFloat64
			if of.bare {
				rest = func() float64 { return 0 }
			}
			bc := f.normal("dt, B and C", b.rows, 3+2*states) // as x_proj leaves them, with a dt_rank of 3
			o := backend.SelectiveScan{
				X:     f.normal("X", b.rows, d),
				DT:    f.floats("DT", b.rows, d, func() float64 { return dt(f) }),
				A:     f.channelDecay("A", d, states, of.a),
				B:     bc.Columns(3, 3+states),
				C:     bc.Columns(3+states, 3+2*states),
				D:     f.floats("D", 1, d, rest),
				State: f.stateFrom("State", cmp.Or(of.state, backend.F32), b.slots(), d*states, rest),
				Batch: f.batch(b, 0),
				Keeps: b.looks(),
			}
			f.writes(o.State, b.written)
			o.Dst = o.X
			if !of.inPlace {
				o.Dst = f.output("Dst", backend.F32, b.rows, d)
			}
			f.writes(o.Dst, below(b.live()))
			return o
		},
	}
}

// channelDecay returns A as models begin with it, -1 to -states in every
// channel, not quite even, times factor.
func (f *fixture) channelDecay(name string, d, states int, factor float64) backend.Tensor {
	return f.tensor(name, backend.F32, d, states, func(_, n int) uint32 {
		return math.Float32bits(float32(-float64(n+1) * factor * (0.8 + 0.4*f.rng.Float64())))
	})
}
