package sampling

import (
	"fmt"
	"math"
	"slices"
)

// MaxBias is the largest bias of a logit, of either sign; −Inf bans a token.
const MaxBias = 1e30

// SetBias writes biases to dst, the pairs of a slot: ids ascending, each with the
// bits of what is added to its logit. It sets the record's number of them. Those
// below 2^-100 are left out. It fails on an id outside of the vocabulary, a bias
// that is neither −Inf nor within ±MaxBias, and more than dst holds.
func (r *Record) SetBias(dst []int32, biases map[int32]float32, vocab int) error {
	ids := make([]int32, 0, len(biases))
	for id, b := range biases {
		switch {
		case id < 0 || int(id) >= vocab:
			return fmt.Errorf("logit_bias of token %d: the vocabulary has 0 to %d", id, vocab-1)
		case !(b >= -MaxBias && b <= MaxBias) && !math.IsInf(float64(b), -1):
			return fmt.Errorf("logit_bias %v of token %d: want -%g to %g, or -Inf", b, id, MaxBias, MaxBias)
		case applied(b) != 0:
			ids = append(ids, id)
		}
	}
	if len(ids) > len(dst)/2 {
		return fmt.Errorf("logit_bias of %d tokens: want at most %d", len(ids), len(dst)/2)
	}
	slices.Sort(ids)
	for i, id := range ids {
		dst[2*i], dst[2*i+1] = id, int32(math.Float32bits(biases[id]))
	}
	r[WordBiases] = uint32(len(ids))
	return nil
}

// MaskWords is the length of a mask for a vocabulary: a bit for each token, from
// the lowest of the first word on.
func MaskWords(vocab int) int { return (vocab + 31) / 32 }

// SetMask writes a mask that allows ids alone to dst, of MaskWords, and says in the
// record that it holds. It fails on an id outside of the vocabulary.
func (r *Record) SetMask(dst []int32, ids []int32, vocab int) error {
	clear(dst)
	for _, id := range ids {
		if id < 0 || int(id) >= vocab {
			return errToken(id, vocab)
		}
		dst[id/32] |= 1 << (id % 32)
	}
	r[WordMasked] = 1
	return nil
}

// Bias changes a row of logits by what a slot's record says: it adds the biases of
// pairs, as SetBias wrote them, and leaves −Inf for each token that mask does not
// allow. Pairs and mask may be nil. What is NaN stays so.
func Bias(logits []float32, pairs, mask []int32, r *Record) {
	n := min(max(int(int32(r[WordBiases])), 0), len(pairs)/2)
	for i := range n {
		if id := int(pairs[2*i]); id >= 0 && id < len(logits) {
			logits[id] = biased(logits[id], math.Float32frombits(uint32(pairs[2*i+1])))
		}
	}
	if mask == nil || r[WordMasked] == 0 {
		return
	}
	for id, s := range logits {
		if mask[id/32]>>(id%32)&1 == 0 {
			logits[id] = biased(s, float32(math.Inf(-1)))
		}
	}
}

// biased returns s + b; what is not finite stays, but for what a bias of −Inf bans.
func biased(s, b float32) float32 {
	switch {
	case s != s:
		return s
	case math.Float32bits(b) == banned:
		return b
	case !finite(s) || b == 0:
		return s
	}
	return s + b
}

// banned is the bits of −Inf.
const banned = 0xff800000
