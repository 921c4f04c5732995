package sampling

import (
	"fmt"
	"math"
)

// Probs writes to dst, (V), the probabilities of the tokens in order of ids
// after all filters: those of transformers' processors followed by a softmax.
// logits and counts are as for [Picker.Pick]. The same filters keep the same
// tokens as in Pick; the probabilities are computed in float64 from scores
// rounded as transformers rounds them, so that they are exact where Pick's
// weights are rounded. Greedy parameters give one token all of it.
func Probs(dst, logits []float32, counts []int32, params Params) error {
	r, err := Encode(params, 0, 0, nil)
	if err != nil {
		return err
	}
	if err := checkRows(len(logits), counts, len(dst)); err != nil {
		return err
	}
	var p Picker
	if !p.filter(logits, counts, &r) {
		return ErrNoToken
	}
	clear(dst)
	if params.Greedy() {
		dst[p.ids[0]] = 1
		return nil
	}

	score := func(i int) float64 {
		s := logits[i]
		if counts != nil && counts[i] > 0 {
			if s < 0 {
				s *= params.penalty()
			} else {
				s /= params.penalty()
			}
			if finite(s) {
				s = float32(s - r.taken(counts[i]))
				s = float32(s - r.Float(WordPresence))
			}
		}
		y := float64(scoreOf(keyOf(s))) / float64(params.Temperature)
		if z := float64(float32(y)); !math.IsInf(z, 0) {
			return z
		}
		return y
	}
	greatest := score(int(p.ids[p.best]))
	for _, id := range p.ids {
		greatest = max(greatest, score(int(id)))
	}
	sum := 0.0
	for _, id := range p.ids {
		sum += math.Exp(score(int(id)) - greatest)
	}
	for _, id := range p.ids {
		dst[id] = float32(math.Exp(score(int(id))-greatest) / sum)
	}
	return nil
}

// checkRows compares the lengths of a row of logits, its counts and vocab.
func checkRows(logits int, counts []int32, vocab int) error {
	if logits != vocab || counts != nil && len(counts) != vocab {
		return fmt.Errorf("sampling: %d logits and %d counts for a vocabulary of %d", logits, len(counts), vocab)
	}
	return nil
}
