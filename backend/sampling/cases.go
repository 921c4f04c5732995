package sampling

import (
	"fmt"
	"math"
	"strings"
)

// A Case is a row of logits, what its slot says, and the tokens that must be
// drawn from it: by the host, and to the bit by every backend's Sample.
type Case struct {
	Name   string
	Params Params
	Step   uint32    // of the first draw
	Logits []float32 // (V)
	Counts []int32   // (V), or nil: no penalty is applied
	Want   []int32   // tokens of Step, Step+1, …: all from these Logits and Counts
}

// Record returns the record of draw i, for Want[i].
func (c Case) Record(i int) (Record, error) {
	return Encode(c.Params, c.Step+uint32(i), 0, nil)
}

// Cases returns the table that host and devices share. Its expectations come
// from the plainest code: sorts, and integers of any size.
func Cases() ([]Case, error) {
	inf := float32(math.Inf(1))
	minusZero := float32(math.Copysign(0, -1))
	all := Params{Temperature: 0.8, TopK: 40, TopP: 0.9, MinP: 0.02, RepetitionPenalty: 1.2, Seed: 11}
	most := all
	most.PresencePenalty, most.FrequencyPenalty = 0.4, 0.2
	cases := []Case{
		{Name: "greedy", Logits: Logits(1, 1000, 3)},
		{Name: "greedy/wide", Logits: Logits(2, 65024, 2)},
		{Name: "greedy/tie", Logits: []float32{1, 3, -2, 3, 3}},
		{Name: "greedy/one", Logits: []float32{-5}},
		{Name: "greedy/negative", Logits: []float32{-5, -3, -4, -3}},
		{Name: "greedy/zeros", Logits: []float32{-1, minusZero, 1e-40, 0, 2e-40}},
		{Name: "greedy/holes", Logits: []float32{-inf, -7, -inf, -6, -inf}},
		{Name: "greedy/inf", Logits: []float32{1, inf, 3e38, inf}},
		{Name: "greedy/penalty", Params: Params{RepetitionPenalty: 1.3}, Logits: Logits(3, 320, 3),
			Counts: Counts(3, 320, 200)},
		{Name: "greedy/penalty below one", Params: Params{RepetitionPenalty: 0.7}, Logits: Logits(4, 320, 3),
			Counts: Counts(4, 320, 9)},
		{Name: "greedy/penalty changes sign of nothing", Params: Params{RepetitionPenalty: 1.5},
			Logits: []float32{-1, -1.2, -1.4}, Counts: []int32{1, 0, 0}},
		{Name: "greedy/penalty of inf", Params: Params{RepetitionPenalty: 2},
			Logits: []float32{-3e38, inf, -inf, -3e38}, Counts: []int32{1, 3, 1, 0}},

		{Name: "greedy/presence", Params: Params{PresencePenalty: 1.5}, Logits: Logits(31, 320, 2),
			Counts: Counts(31, 320, 200)},
		{Name: "greedy/presence below zero", Params: Params{PresencePenalty: -2}, Logits: Logits(31, 320, 1),
			Counts: Counts(31, 320, 3)},
		{Name: "greedy/frequency", Params: Params{FrequencyPenalty: 0.5}, Logits: Logits(32, 320, 2),
			Counts: Counts(32, 320, 900)},
		{Name: "greedy/frequency below zero", Params: Params{FrequencyPenalty: -0.3}, Logits: Logits(32, 320, 2),
			Counts: Counts(32, 320, 900)},
		{Name: "greedy/frequency of many", Params: Params{FrequencyPenalty: 2},
			Logits: []float32{9, -3e7, -3.5e7, -4e7}, Counts: []int32{math.MaxInt32, 1, 0, 0}},
		// 3 × 0.1 rounds up to the first logit: fused, more than the second is left.
		{Name: "greedy/frequency rounds by itself", Params: Params{FrequencyPenalty: 0.1},
			Logits: []float32{0.3, 1e-9}, Counts: []int32{3, 0}},
		// Each penalty is lost in the last place of 1, the two together are not.
		{Name: "greedy/penalties round one after another",
			Params: Params{FrequencyPenalty: 0x1p-25, PresencePenalty: 0x1p-25},
			Logits: []float32{1 - 0x1p-24, 1}, Counts: []int32{0, 1}},
		{Name: "greedy/all penalties of inf",
			Params: Params{RepetitionPenalty: 2, PresencePenalty: 2, FrequencyPenalty: 2},
			Logits: []float32{-3e38, inf, -inf, -3e38, inf}, Counts: []int32{1, 3, 1, 0, 0}},
		{Name: "greedy/presence of what is nearly zero", Params: Params{PresencePenalty: -0x1p-100},
			Logits: []float32{1e-40, -1e-40, 0x1p-101}, Counts: []int32{0, 1, 0}},

		{Name: "one token", Params: Params{Temperature: 1}, Logits: []float32{4}},
		{Name: "two tokens", Params: Params{Temperature: 1, Seed: 5}, Logits: []float32{0, 0.5}},
		{Name: "all equal", Params: Params{Temperature: 1, Seed: 1}, Logits: make([]float32, 37)},
		{Name: "all equal, top_k keeps ties", Params: Params{Temperature: 1, TopK: 3, Seed: 2},
			Logits: make([]float32, 37)},
		{Name: "all equal, top_p keeps low ids", Params: Params{Temperature: 1, TopP: 0.25, Seed: 3},
			Logits: make([]float32, 37)},
		{Name: "holes", Params: Params{Temperature: 1, Seed: 4},
			Logits: []float32{-inf, 1, -inf, 1.5, -inf, 0.5, -inf}},
		{Name: "holes, top_k above the rest", Params: Params{Temperature: 1, TopK: 5, Seed: 4},
			Logits: []float32{-inf, 1, -inf, 1.5, -inf, 0.5, -inf}},
		{Name: "last only", Params: Params{Temperature: 2, TopP: 0.5, Seed: 4},
			Logits: []float32{-inf, -inf, -inf, -80}},
		{Name: "inf", Params: Params{Temperature: 1, Seed: 8}, Logits: []float32{inf, 4, -inf, inf, 1e30}},

		{Name: "temperature", Params: Params{Temperature: 0.7, Seed: 42}, Logits: Logits(5, 512, 2)},
		{Name: "temperature/cold", Params: Params{Temperature: 1e-30, Seed: 42}, Logits: Logits(6, 64, 2)},
		{Name: "temperature/hot", Params: Params{Temperature: 1e30, Seed: 42}, Logits: Logits(6, 64, 2)},
		{Name: "temperature/wide", Params: Params{Temperature: 1.3, Seed: 43}, Logits: Logits(7, 65024, 2)},
		{Name: "seed of two words", Params: Params{Temperature: 1, Seed: 0xfedcba9876543210},
			Logits: Logits(8, 999, 1)},
		{Name: "late steps", Params: Params{Temperature: 1, Seed: 44}, Step: 0xfffffff0, Logits: Logits(9, 257, 1)},
		// u = 0
		{Name: "lowest draw", Params: Params{Temperature: 1, Seed: 1}, Step: 91093890,
			Logits: []float32{-inf, -40, 1, 0}},
		// u = 1
		{Name: "draw of one", Params: Params{Temperature: 1, Seed: 1}, Step: 370482782,
			Logits: []float32{-inf, -40, 1, -inf}},
		// u = 2^32 − 1
		{Name: "highest draw", Params: Params{Temperature: 1, Seed: 1}, Step: 1711450034,
			Logits: []float32{3, -17, -inf}},
		{Name: "top_k", Params: Params{Temperature: 1, TopK: 10, Seed: 6}, Logits: Logits(10, 512, 2)},
		{Name: "top_k/one", Params: Params{Temperature: 1, TopK: 1, Seed: 6}, Logits: Logits(10, 512, 2)},
		{Name: "top_k/above vocabulary", Params: Params{Temperature: 1, TopK: 600, Seed: 6},
			Logits: Logits(10, 512, 2)},
		{Name: "top_k/ties", Params: Params{Temperature: 1, TopK: 20, Seed: 6}, Logits: coarse(Logits(11, 512, 2))},
		{Name: "top_k/wide", Params: Params{Temperature: 1.5, TopK: 1000, Seed: 6}, Logits: Logits(12, 65024, 1)},
		{Name: "top_p", Params: Params{Temperature: 1, TopP: 0.8, Seed: 7}, Logits: Logits(13, 512, 2)},
		{Name: "top_p/tiny", Params: Params{Temperature: 1, TopP: 1e-12, Seed: 7}, Logits: Logits(13, 512, 2)},
		{Name: "top_p/ties", Params: Params{Temperature: 1, TopP: 0.7, Seed: 7}, Logits: coarse(Logits(14, 512, 2))},
		{Name: "top_p/exactly reached", Params: Params{Temperature: 1, TopP: 0.5, Seed: 7}, Logits: make([]float32, 4)},
		{Name: "top_p/wide", Params: Params{Temperature: 1, TopP: 0.95, Seed: 7}, Logits: Logits(15, 65024, 1)},
		{Name: "min_p", Params: Params{Temperature: 1, MinP: 0.1, Seed: 9}, Logits: Logits(16, 512, 2)},
		{Name: "min_p/one", Params: Params{Temperature: 1, MinP: 1, Seed: 9}, Logits: coarse(Logits(16, 512, 2))},
		{Name: "min_p/wide", Params: Params{Temperature: 1, MinP: 0.05, Seed: 9}, Logits: Logits(17, 65024, 1)},
		{Name: "penalty", Params: Params{Temperature: 1, RepetitionPenalty: 1.3, Seed: 10}, Logits: Logits(18, 512, 2),
			Counts: Counts(18, 512, 300)},
		{Name: "penalty/absent counts", Params: Params{Temperature: 1, RepetitionPenalty: 1.3, Seed: 10},
			Logits: Logits(18, 512, 2)},
		{Name: "presence and frequency", Params: Params{Temperature: 1, PresencePenalty: 0.7, FrequencyPenalty: 0.3,
			Seed: 12}, Logits: Logits(33, 512, 2), Counts: Counts(33, 512, 700)},
		{Name: "presence and frequency/absent counts", Params: Params{Temperature: 1, PresencePenalty: 0.7,
			FrequencyPenalty: 0.3, Seed: 12}, Logits: Logits(33, 512, 2)},
		{Name: "all filters and penalties", Params: most, Logits: Logits(34, 512, 2), Counts: Counts(34, 512, 300)},
		{Name: "all filters and penalties/wide", Params: most, Logits: Logits(35, 65024, 2),
			Counts: Counts(35, 65024, 9000)},
		{Name: "all filters", Params: all, Logits: Logits(19, 512, 2), Counts: Counts(19, 512, 41)},
		{Name: "all filters/wide", Params: all, Logits: Logits(20, 65024, 2), Counts: Counts(20, 65024, 4000)},
		{Name: "all filters/ties", Params: all, Logits: coarse(Logits(21, 2049, 2)), Counts: Counts(21, 2049, 500)},
	}
	cases = append(cases, crowds()...)
	cases = append(cases, broken()...)
	for i := range cases {
		c := &cases[i]
		draws := 16
		switch {
		case c.Params.Greedy():
			draws = 2
		case strings.HasPrefix(c.Name, "crowd/"):
			draws = 3
		}
		r, err := c.Record(0)
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", c.Name, err)
		}
		left := filtered(c.Logits, c.Counts, &r)
		for range draws {
			c.Want = append(c.Want, drawn(left, &r))
			r[WordStep]++
		}
	}
	return cases, nil
}

// crowds are cases of devices that list the tokens near a filter's edge, in
// groups by their ids: too many tokens there, as many as are likely to fit and
// one more, or all in one group.
func crowds() (cases []Case) {
	inf := float32(math.Inf(1))
	const v = 3001
	raised := func(n, step int, to float32) []float32 {
		logits := Logits(22, v, 1)
		for i := range n {
			logits[(7+i*step)%v] = to
		}
		return logits
	}
	add := func(name string, p Params, logits []float32) {
		p.Seed = uint64(100 + len(cases))
		cases = append(cases, Case{Name: "crowd/" + name, Params: p, Logits: logits})
	}
	topK, topP := Params{Temperature: 1, TopK: 40}, Params{Temperature: 1, TopP: 0.6}
	both := Params{Temperature: 2, TopK: 40, TopP: 0.6, MinP: 0.01}
	for _, p := range []Params{topK, topP, both} {
		name := fmt.Sprintf(", top_k %d, top_p %v", p.TopK, p.TopP)
		add("all equal"+name, p, make([]float32, v))
		for _, n := range []int{255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2048} {
			add(fmt.Sprintf("%d largest%s", n, name), p, raised(n, 2, 5))
		}
		add("every 1024th"+name, p, raised(2, 1024, 9))
		few := raised(64, 128, 9)
		for i := range few {
			if i%128 == 7 {
				few[i] += float32(i) / v
			}
		}
		add("every 128th"+name, p, few)
		add("of two values"+name, p, coarse(Logits(23, v, 0.2)))
		one := make([]float32, v)
		for i := range one {
			one[i] = -inf
		}
		one[v-2] = -70
		add("one that can be picked"+name, p, one)
		some := raised(30, 90, 4)
		for i := range some {
			if some[i] != 4 {
				some[i] = -inf
			}
		}
		add("30 that can be picked"+name, p, some)
		add("infinities"+name, p, raised(1200, 1, inf))
		hot := p
		hot.Temperature = 1e30
		add("hot"+name, hot, Logits(24, v, 3))
		cold := p
		cold.Temperature = 1e-30
		add("cold"+name, cold, Logits(24, v, 3))
	}
	for _, k := range []int{1, 2, 255, 256, 257, 511, 513, 1023, 1024, 1025, v - 1, v, v + 1} {
		add(fmt.Sprintf("top_k %d", k), Params{Temperature: 3, TopK: k, TopP: 0.99}, Logits(25, v, 1))
	}
	holes := Logits(28, v, 1)
	for i := range holes {
		if i%3 == 0 {
			holes[i] = -inf
		}
	}
	for _, k := range []int{1999, 2000, 2001, 2500, math.MaxInt32} { // 2,000 can be picked
		add(fmt.Sprintf("holes, top_k %d", k), Params{Temperature: 3, TopK: k}, holes)
	}
	for _, p := range []float32{1e-12, 0.01, 0.5, 0.999, 0.9999999} {
		add(fmt.Sprintf("top_p %v", p), Params{Temperature: 1, TopP: p}, Logits(26, v, 2))
		add(fmt.Sprintf("top_p %v, far apart", p), Params{Temperature: 1, TopP: p}, Logits(26, v, 1e30))
	}
	for _, n := range []int{1, 2, 255, 256, 257, 1023, 1024, 1025} {
		add(fmt.Sprintf("%d tokens", n), both, Logits(27, n, 2))
	}
	return cases
}

// broken are rows of which nothing is drawn.
func broken() (cases []Case) {
	inf := float32(math.Inf(1))
	for _, p := range []struct {
		name string
		Params
	}{
		{"greedy", Params{}},
		{"greedy, penalty", Params{RepetitionPenalty: 1.3}},
		{"greedy, presence", Params{PresencePenalty: 1}},
		{"drawn", Params{Temperature: 1}},
		{"all filters", Params{Temperature: 0.8, TopK: 40, TopP: 0.9, MinP: 0.02, RepetitionPenalty: 1.2}},
	} {
		add := func(name string, logits []float32) {
			c := Case{Name: "broken/" + p.name + "/" + name, Params: p.Params, Logits: logits}
			if p.Penalised() {
				c.Counts = Counts(29, len(logits), len(logits))
			}
			cases = append(cases, c)
		}
		for _, bits := range []uint32{0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff} {
			logits := Logits(29, 3001, 2)
			logits[2987] = math.Float32frombits(bits)
			add(fmt.Sprintf("NaN %#x", bits), logits)
		}
		add("NaN before the largest", []float32{float32(math.NaN()), inf})
		add("-Inf", []float32{-inf, -inf, -inf})
	}
	return cases
}

// Logits returns v logits that depend on seed only: sums of four uniform
// numbers, near a normal distribution of the given deviation.
func Logits(seed uint64, v int, deviation float32) []float32 {
	const unit = 1 / 37837.0 // of four 16-bit numbers: √(4 × 2^32 / 12) is one deviation
	logits := make([]float32, v)
	for i := range logits {
		w := Philox([4]uint32{uint32(i), 0, 0, 1}, [2]uint32{uint32(seed), uint32(seed >> 32)})
		sum := int32(w[0]>>16+w[1]>>16+w[2]>>16+w[3]>>16) - 131070
		logits[i] = float32(float64(sum) * unit * float64(deviation))
	}
	return logits
}

// Counts returns the occurrences of n tokens drawn evenly from v.
func Counts(seed uint64, v, n int) []int32 {
	counts := make([]int32, v)
	for i := range n {
		w := Philox([4]uint32{uint32(i), 0, 0, 2}, [2]uint32{uint32(seed), uint32(seed >> 32)})
		counts[int(uint64(w[0])*uint64(v)>>32)]++
	}
	return counts
}

// coarse rounds logits to quarters, so that many are equal.
func coarse(logits []float32) []float32 {
	for i, s := range logits {
		logits[i] = float32(int32(s*4)) / 4
	}
	return logits
}
