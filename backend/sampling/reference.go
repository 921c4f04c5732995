package sampling

import (
	"math/big"
	"slices"
)

// The definition in the plainest code: sorted tokens and exact integers. It
// shares with [Picker] only the arithmetic of single tokens.

// A token is one that may yet be picked.
type token struct {
	id     int32
	y      float32
	weight *big.Int
}

// filtered is steps 1 to 5: the tokens that stay, in order of ids. Greedy
// leaves one. There is none where a logit is NaN or nothing can be picked.
func filtered(logits []float32, counts []int32, r *Record) []token {
	// 1. Penalise, and sort by descending score, then ascending id.
	if counts == nil {
		counts = make([]int32, len(logits))
	}
	var tokens []token
	for i, s := range logits {
		if s != s {
			return nil
		}
		if k := keyOf(r.penalised(s, counts[i])); k != noKey {
			tokens = append(tokens, token{id: int32(i), y: scoreOf(k)})
		}
	}
	if len(tokens) == 0 {
		return nil
	}
	slices.SortStableFunc(tokens, func(a, b token) int {
		switch {
		case a.y > b.y:
			return -1
		case a.y < b.y:
			return 1
		}
		return 0
	})
	scale := r.Float(WordScale)
	if scale == 0 {
		tokens[0].weight = big.NewInt(1)
		return tokens[:1]
	}

	// 2. Top-k with its ties.
	if k := int(r[WordTopK]); k > 0 && k < len(tokens) {
		n := k
		for n < len(tokens) && tokens[n].y == tokens[k-1].y {
			n++
		}
		tokens = tokens[:n]
	}

	// 3. Weights.
	for i := range tokens {
		d := float32(tokens[0].y - tokens[i].y)
		tokens[i].weight = new(big.Int).SetUint64(uint64(Weight(float32(d * scale))))
	}

	// 4. Top-p: a token stays while those before it sum to less than the
	// fraction of the total.
	if f := r[WordTopPFraction]; f != 0 {
		least := new(big.Int).Mul(mass(tokens), big.NewInt(int64(f))) // in units of 2^-32
		before := new(big.Int)
		n := 0
		for n < len(tokens) && new(big.Int).Lsh(before, 32).Cmp(least) < 0 {
			before.Add(before, tokens[n].weight)
			n++
		}
		tokens = tokens[:n]
	}

	// 5. Min-p.
	tokens = slices.DeleteFunc(tokens, func(t token) bool {
		return t.weight.Cmp(big.NewInt(int64(r[WordMinWeight]))) < 0
	})

	slices.SortFunc(tokens, func(a, b token) int { return int(a.id) - int(b.id) })
	return tokens
}

// drawn is step 6: the inverse of the cumulative distribution, NoToken of none.
func drawn(tokens []token, r *Record) int32 {
	target := new(big.Int).Mul(mass(tokens), big.NewInt(int64(r.Uniform())))
	target.Rsh(target, 32)
	before := new(big.Int)
	for _, t := range tokens {
		if before.Add(before, t.weight).Cmp(target) > 0 {
			return t.id
		}
	}
	return NoToken
}

func mass(tokens []token) *big.Int {
	total := new(big.Int)
	for _, t := range tokens {
		total.Add(total, t.weight)
	}
	return total
}
