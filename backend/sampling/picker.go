package sampling

import "math/bits"

// A Picker picks tokens; it holds the scratch of one row of logits. The zero
// value is ready, and allocates only when a row is longer than all before. It
// is not safe for concurrent use.
type Picker struct {
	keys    []uint32
	weights []uint32
	sums    [1 << digitBits]uint64

	// What the filters keep: keys above floor, of the keys at floor the ids up
	// to last, and of these the weights from least on.
	floor uint32
	last  int
	least uint32

	// Of the latest pick: the likeliest token, and the sum of the weights that the filters left.
	best  int
	total uint64
}

// Pick returns the token that record r draws from logits, (V); counts, (V), are
// occurrences in the penalties' window, and nil where none is applied. Where a
// logit is NaN or no token can be picked it returns [NoToken] and false. The step
// stays as it is: that is [Advance]'s.
func (p *Picker) Pick(logits []float32, counts []int32, r *Record) (id int32, ok bool) {
	best, live := p.score(logits, counts, r)
	if live == 0 {
		return NoToken, false
	}
	p.best, p.total = best, 1<<31
	scale := r.Float(WordScale)
	if scale == 0 {
		return int32(best), true
	}
	p.total = p.filter(p.keys[best], live, scale, r)
	target := scaled(p.total, r.Uniform())
	sum := uint64(0)
	for i, w := range p.weights {
		if sum += uint64(w); sum > target {
			return int32(i), true
		}
	}
	return int32(best), true // not reached: target < total
}

// score is step 1: it fills keys, and returns the lowest id of the greatest key
// and the number of tokens that can be picked: 0 where a logit is NaN.
func (p *Picker) score(logits []float32, counts []int32, r *Record) (best, live int) {
	if cap(p.keys) < len(logits) {
		p.keys = make([]uint32, len(logits))
		p.weights = make([]uint32, len(logits))
	}
	p.keys, p.weights = p.keys[:len(logits)], p.weights[:len(logits)]
	if counts == nil || !r.countsMatter() {
		for i, s := range logits {
			p.keys[i] = keyOf(s)
		}
	} else {
		for i, s := range logits {
			p.keys[i] = r.penalised(s, counts[i])
		}
	}
	greatest := uint32(0)
	for i, k := range p.keys {
		if k > greatest {
			greatest, best = k, i
		}
		if k != noKey {
			live++
		}
	}
	if greatest == nanKey {
		live = 0
	}
	return best, live
}

// filter is steps 2 to 5: it leaves in weights those of the tokens that stay,
// and zeros, and returns their sum.
func (p *Picker) filter(greatest uint32, live int, scale float32, r *Record) (total uint64) {
	p.floor, p.last, p.least = 1, len(p.keys)-1, r[WordMinWeight]
	if k := int(r[WordTopK]); k > 0 && k < live {
		p.floor, _ = p.search(uint64(k), false)
	}
	for i, k := range p.keys {
		p.weights[i] = 0
		if k >= p.floor {
			p.weights[i] = weight(greatest, k, scale)
			total += uint64(p.weights[i])
		}
	}
	if f := r[WordTopPFraction]; f != 0 {
		p.topP(total, f)
	} else if p.least == 0 {
		return total
	}
	total = 0
	for i := range p.weights {
		if !p.kept(i) {
			p.weights[i] = 0
		}
		total += uint64(p.weights[i])
	}
	return total
}

func (p *Picker) topP(total uint64, fraction uint32) {
	target := scaled(total, fraction)
	if uint32(total)*fraction != 0 { // the lower word of the product: round up
		target++
	}
	var sum uint64
	p.floor, sum = p.search(target, true)
	for i, k := range p.keys {
		if k != p.floor {
			continue
		}
		if sum += uint64(p.weights[i]); sum >= target {
			p.last = i
			return
		}
	}
}

// kept reports whether token i passed every filter.
func (p *Picker) kept(i int) bool {
	k := p.keys[i]
	return (k > p.floor || k == p.floor && i <= p.last) && p.weights[i] >= p.least
}

// Digits of a key, in the order in which search settles them. The first holds
// sign, exponent and two bits of the mantissa.
const digitBits = 11

var digits = [...]struct{ shift, bits int }{{21, 11}, {10, 11}, {0, 10}}

// search returns the greatest key for which the sum over the keys from it
// upwards reaches target, of ones or of weights, and the sum above it. The sum
// over all keys must reach target.
func (p *Picker) search(target uint64, weighted bool) (key uint32, above uint64) {
	mask := uint32(0)
	for _, digit := range digits {
		top := uint32(1)<<digit.bits - 1
		clear(p.sums[:])
		for i, k := range p.keys {
			if k&mask != key {
				continue
			}
			v := uint64(1)
			if weighted {
				v = uint64(p.weights[i])
			}
			p.sums[k>>digit.shift&top] += v
		}
		d := top
		for d > 0 && above+p.sums[d] < target {
			above += p.sums[d]
			d--
		}
		key |= d << digit.shift
		mask |= top << digit.shift
	}
	return key, above
}

// scaled returns ⌊total × fraction / 2^32⌋.
func scaled(total uint64, fraction uint32) uint64 {
	hi, lo := bits.Mul64(total, uint64(fraction))
	return hi<<32 | lo>>32
}
