package sampling

import "math/bits"

// A Picker picks tokens; it holds the scratch of one row of logits. The zero
// value is ready, and allocates only when a row is longer than all before. It
// is not safe for concurrent use.
type Picker struct {
	// The tokens that are left, in order of ids. Few are mostly, so whatever follows top-k is of these alone.
	ids     []int32
	keys    []uint32
	weights []uint32
	sums    [1 << digitBits]uint64

	// Of the latest pick: the place of the likeliest token, and the sum of the weights that the filters left.
	best  int
	total uint64
}

// Pick returns the token that record r draws from logits, (V); counts, (V), are
// occurrences in the penalties' window, and nil where none is applied. Where a
// logit is NaN or no token can be picked it returns [NoToken] and false. The step
// stays as it is: that is [Advance]'s.
func (p *Picker) Pick(logits []float32, counts []int32, r *Record) (id int32, ok bool) {
	if !p.filter(logits, counts, r) {
		return NoToken, false
	}
	if r.Float(WordScale) == 0 {
		return p.ids[0], true
	}
	target := scaled(p.total, r.Uniform())
	sum := uint64(0)
	for i, w := range p.weights {
		if sum += uint64(w); sum > target {
			return p.ids[i], true
		}
	}
	return p.ids[p.best], true // not reached: target < total
}

// filter is steps 1 to 5: it leaves the tokens that can be drawn, the likeliest
// alone where the record is greedy, and reports whether there is any.
func (p *Picker) filter(logits []float32, counts []int32, r *Record) bool {
	scale := r.Float(WordScale)
	if scale == 0 {
		if !p.gather(logits, counts, r, 1) {
			return false
		}
		p.ids[0], p.keys[0], p.weights[0] = p.ids[p.best], p.keys[p.best], 1<<31
		p.ids, p.keys, p.weights = p.ids[:1], p.keys[:1], p.weights[:1]
		p.best, p.total = 0, 1<<31
		return true
	}
	if !p.gather(logits, counts, r, int(r[WordTopK])) {
		return false
	}
	p.weigh(scale)
	if f := r[WordTopPFraction]; f != 0 {
		p.topP(f)
	}
	if least := r[WordMinWeight]; least != 0 {
		p.keep(0, 0, least)
	}
	return true
}

// gather is steps 1 and 2: it leaves the tokens that have a key, of which with k
// above 0 the k greatest and what equals the last of these. It finds the best and
// reports whether there is one: none where a logit is NaN.
func (p *Picker) gather(logits []float32, counts []int32, r *Record, k int) bool {
	if !r.countsMatter() {
		counts = nil
	}
	if k <= 0 || k >= len(logits) {
		k = len(logits)
	}
	p.grow(len(logits))
	// From time to time those leave of which it is clear by then. That is seldom: what is not above
	// all that have left does not even get here.
	full, low := max(4*k, leastFull), lowest(noKey+1)
	n := 0
	for i, s := range logits {
		if counts != nil && counts[i] > 0 {
			s = r.penalised(s, counts[i])
		}
		if s < low { // not where s is NaN
			continue
		}
		key := keyOf(s)
		if key == nanKey {
			return false
		}
		p.ids[n], p.keys[n] = int32(i), key
		if n++; n < full {
			continue
		}
		var floor uint32
		n, floor = p.topK(n, k)
		full, low = max(full, 2*n), lowest(floor)
	}
	if n > k {
		n, _ = p.topK(n, k)
	}
	p.ids, p.keys, p.weights = p.ids[:n], p.keys[:n], p.weights[:n]
	p.best = largest(p.keys)
	return n > 0
}

// leastFull is how many tokens are gathered before the first have to leave: finding which costs as much as some
// thousands of tokens that do not get that far.
const leastFull = 512

// grow makes room for n tokens.
func (p *Picker) grow(n int) {
	if cap(p.ids) < n {
		p.ids = make([]int32, n)
		p.keys = make([]uint32, n)
		p.weights = make([]uint32, n)
	}
	p.ids, p.keys, p.weights = p.ids[:n], p.keys[:n], p.weights[:n]
}

// largest returns the first place of the greatest key, 0 where there is none.
func largest(keys []uint32) (at int) {
	greatest := uint32(0)
	for i, k := range keys {
		if k > greatest {
			greatest, at = k, i
		}
	}
	return at
}

// topK has the tokens below the k-th greatest of the first n leave, and returns how many are left, and its key.
func (p *Picker) topK(n, k int) (left int, floor uint32) {
	keys := p.keys[:n]
	floor, _ = p.search(keys, nil, uint64(k))
	for i, key := range keys {
		p.ids[left], keys[left] = p.ids[i], key
		if key >= floor {
			left++
		}
	}
	return left, floor
}

// weigh is step 3.
func (p *Picker) weigh(scale float32) {
	p.total = 0
	greatest := scoreOf(p.keys[p.best])
	weights := p.weights[:len(p.keys)]
	for i, k := range p.keys {
		w := Weight(float32(float32(greatest-scoreOf(k)) * scale))
		weights[i] = w
		p.total += uint64(w)
	}
}

// topP is step 4.
func (p *Picker) topP(fraction uint32) {
	target := scaled(p.total, fraction)
	if uint32(p.total)*fraction != 0 { // the lower word of the product: round up
		target++
	}
	// Tokens that weigh less than their share of what is not wanted do not reach it all together, so what does is
	// among the others.
	total := p.total
	p.keep(0, 0, uint32((total-target)/uint64(len(p.keys))))
	floor, sum := p.search(p.keys, p.weights, target)
	for i, k := range p.keys {
		if k != floor {
			continue
		}
		if sum += uint64(p.weights[i]); sum >= target {
			p.keep(floor, i, 0)
			return
		}
	}
}

// keep leaves tokens above floor and, up to place last, those at it, if they weigh least or more.
func (p *Picker) keep(floor uint32, last int, least uint32) {
	n, best := 0, p.best
	p.total = 0
	for i, k := range p.keys {
		w := p.weights[i]
		p.ids[n], p.keys[n], p.weights[n] = p.ids[i], k, w
		if i == best {
			p.best = n
		}
		if i > last {
			k-- // one at the floor is as good as below it
		}
		// Without a branch: which of many tokens stay, nothing foretells.
		left := uint64(int64((uint64(k)-uint64(floor))|(uint64(w)-uint64(least))) >> 63) // all bits, or none
		p.total += uint64(w) &^ left
		n += 1 - int(left&1)
	}
	p.ids, p.keys, p.weights = p.ids[:n], p.keys[:n], p.weights[:n]
}

// Digits of a key, in the order in which search settles them. The first holds
// sign, exponent and two bits of the mantissa.
const digitBits = 11

var digits = [...]struct{ shift, bits int }{{21, 11}, {10, 11}, {0, 10}}

// search returns the greatest key for which the sum over the keys from it
// upwards reaches target, of weights, or of ones where these are nil, and the sum
// above it. The sum over all keys must reach target.
func (p *Picker) search(keys, weights []uint32, target uint64) (key uint32, above uint64) {
	mask := uint32(0)
	for _, digit := range digits {
		top := uint32(1)<<digit.bits - 1
		clear(p.sums[:])
		for i, k := range keys {
			if k&mask != key {
				continue
			}
			v := uint64(1)
			if weights != nil {
				v = uint64(weights[i])
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
