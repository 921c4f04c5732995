package sampling

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"
)

// The sorted tokens and their probabilities in float64 are what the words tell,
// whatever the record says of filters.
func TestLogProbs(t *testing.T) {
	inf := float32(math.Inf(1))
	holes := Logits(41, 300, 2)
	for i := range holes {
		if i%37 != 5 {
			holes[i] = -inf
		}
	}
	var p Picker
	for _, c := range []struct {
		name   string
		logits []float32
		within float64 // of the exact logarithm
	}{
		{"flat", Logits(36, 512, 0.1), 3e-7},
		{"normal", Logits(37, 65024, 2), 1e-6},
		{"peaked", Logits(38, 65024, 6), 3e-6},
		{"ties", coarse(Logits(39, 2049, 1)), 3e-7},
		{"all equal", make([]float32, 1000), 1e-9},
		{"far apart", []float32{100, 3, -250, 99, 80, 60.5}, 1e-7},
		{"few that can be picked", holes, 1e-6},
		{"one", []float32{-3}, 0},
		{"infinities", []float32{1, inf, -inf, inf, 3}, 1e-7},
	} {
		score := func(i int) float64 { return min(float64(c.logits[i]), math.MaxFloat32) }
		order := make([]int, 0, len(c.logits))
		for i := range c.logits {
			order = append(order, i)
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case score(a) > score(b):
				return -1
			case score(a) < score(b):
				return 1
			}
			return 0
		})
		sum := 0.0
		for i := range c.logits {
			sum += math.Exp(score(i) - score(order[0]))
		}
		exact := func(i int) float64 { return score(i) - score(order[0]) - math.Log(sum) }
		near := func(l LogProb, i int) error {
			want := exact(i)
			if int(l.ID) != i || l.LogProb != want && !(math.Abs(l.LogProb-want) <= c.within) {
				return fmt.Errorf("token %d: %v, want %d: %v", l.ID, l.LogProb, i, want)
			}
			return nil
		}
		for _, top := range []int{0, 1, 5, 20} {
			r, err := Encode(Params{Temperature: 0.3, TopK: 2, RepetitionPenalty: 2, PresencePenalty: 1}, 0, 0, nil)
			if err == nil {
				err = r.AskLogProbs(top)
			}
			if err != nil {
				t.Fatal(err)
			}
			words := slices.Repeat([]int32{-5}, LogProbWords)
			drawn := (top * 7) % len(c.logits)
			if !p.LogProbs(words, c.logits, int32(drawn), &r) {
				t.Fatalf("%s: nothing was told", c.name)
			}
			token, likeliest, ok := ReadLogProbs(words)
			if !ok {
				t.Fatalf("%s: broken", c.name)
			}
			if err := near(token, drawn); err != nil {
				t.Errorf("%s, top %d: drawn %v", c.name, top, err)
			}
			for len(order) > 0 && score(order[len(order)-1]) == math.Inf(-1) {
				order = order[:len(order)-1]
			}
			if len(likeliest) != min(top, len(order)) {
				t.Fatalf("%s: %d tokens, want %d of %d", c.name, len(likeliest), top, len(order))
			}
			for i, l := range likeliest {
				if err := near(l, order[i]); err != nil {
					t.Errorf("%s, top %d: place %d: %v", c.name, top, i, err)
				}
			}
			for i := 6 + 2*len(likeliest); i < LogProbWords; i++ {
				if words[i] != 0 {
					t.Errorf("%s: word %d is %d, want 0", c.name, i, words[i])
				}
			}
		}
	}
}

// What has no log-probability says so, and nobody who did not ask is told.
func TestNoLogProbs(t *testing.T) {
	inf := float32(math.Inf(1))
	var p Picker
	var r Record
	words := slices.Repeat([]int32{-5}, LogProbWords)
	if p.LogProbs(words, []float32{1, 2}, 0, &r) || !slices.Equal(words, slices.Repeat([]int32{-5}, LogProbWords)) {
		t.Errorf("nobody asked: %v", words)
	}
	for _, top := range []int{-1, 21} {
		if err := r.AskLogProbs(top); err == nil {
			t.Errorf("the %d likeliest can be asked for", top)
		}
	}
	if err := r.AskLogProbs(20); err != nil {
		t.Fatal(err)
	}
	for _, logits := range [][]float32{{1, float32(math.NaN())}, {-inf, -inf}} {
		p.LogProbs(words, logits, NoToken, &r)
		if token, likeliest, ok := ReadLogProbs(words); ok || likeliest != nil || token.ID != NoToken {
			t.Errorf("%v: %v, %v, %v", logits, token, likeliest, ok)
		}
	}
	for id, logits := range map[int32][]float32{-1: {1, 2}, 2: {1, 2}, 0: {-inf, 2}} {
		p.LogProbs(words, logits, id, &r)
		if token, _, ok := ReadLogProbs(words); !ok || token.ID != id || !math.IsInf(token.LogProb, -1) {
			t.Errorf("token %d of %v: %v, %v", id, logits, token, ok)
		}
	}
	r[WordLogProbs] = math.MaxUint32 // what nobody writes: no more than there is room for
	p.LogProbs(words, make([]float32, 100), 0, &r)
	if _, likeliest, ok := ReadLogProbs(words); !ok || len(likeliest) != MaxLogProbs {
		t.Errorf("%d tokens, %v, of a record that asks for all", len(likeliest), ok)
	}
}

// What the filters leave, as the plainest code has it, is what the words tell, of every case of the table.
func TestFiltered(t *testing.T) {
	cases, err := table()
	if err != nil {
		t.Fatal(err)
	}
	close := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*(1+math.Abs(b)) }
	var p Picker
	for _, c := range cases {
		for i, want := range c.Want[:min(1+2000/len(c.Logits), 3, len(c.Want))] {
			r, err := c.Record(i)
			if err != nil {
				t.Fatal(err)
			}
			words := slices.Repeat([]int32{-5}, LogProbWords)
			id, ok := p.Pick(c.Logits, c.Counts, &r)
			if p.Filtered(words, id, &r) || words[0] != -5 {
				t.Fatalf("%s: told, and nobody has asked", c.Name)
			}
			top := (7*i + len(c.Name)) % (MaxLogProbs + 1)
			if err := r.AskFiltered(top); err != nil {
				t.Fatal(err)
			}
			if again, _ := p.Pick(c.Logits, c.Counts, &r); again != want || !p.Filtered(words, again, &r) {
				t.Fatalf("%s: %d is drawn, want %d", c.Name, again, want)
			}
			own, likeliest, told := ReadLogProbs(words)
			if told != ok || own.ID != want {
				t.Fatalf("%s: token %d, told %t", c.Name, own.ID, told)
			}
			if !ok {
				continue
			}
			left := filtered(c.Logits, c.Counts, &r)
			total, _ := new(big.Float).SetInt(mass(left)).Float64()
			slices.SortStableFunc(left, func(a, b token) int { return cmp.Compare(b.y, a.y) })
			exact := func(x token) float64 {
				if r.Float(WordScale) == 0 {
					return 0
				}
				d := float64(x.y) - float64(left[0].y)
				return d*float64(r.Float(WordScale))*math.Ln2 - math.Log(total/(1<<31))
			}
			if len(likeliest) != min(top, len(left)) {
				t.Fatalf("%s: %d likeliest of %d that are left, want %d", c.Name, len(likeliest), len(left), top)
			}
			for j, l := range likeliest {
				if l.ID != left[j].id || !close(l.LogProb, exact(left[j])) {
					t.Errorf("%s: likeliest %d is %+v, want %d: %v", c.Name, j, l, left[j].id, exact(left[j]))
				}
			}
			at := slices.IndexFunc(left, func(x token) bool { return x.id == want })
			if at < 0 || !close(own.LogProb, exact(left[at])) {
				t.Errorf("%s: the token's is %v", c.Name, own.LogProb)
			}
			// They are probabilities: of few that are left they add up to one.
			if sum := 0.0; len(left) <= top {
				for _, l := range likeliest {
					sum += math.Exp(l.LogProb)
				}
				if math.Abs(sum-1) > 1e-6 {
					t.Errorf("%s: the probabilities add up to %v", c.Name, sum)
				}
			}
		}
	}
	var r Record
	if r.AskFiltered(-1) == nil || r.AskFiltered(MaxLogProbs+1) == nil {
		t.Error("a number of tokens outside of the range is taken")
	}
}
