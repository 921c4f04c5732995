package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

// An rng is a counter-based generator: its n-th number is a function of its key and
// n, so it can be entered anywhere. It is SplitMix64 (Steele, Lea and Flood, OOPSLA
// 2014).
type rng struct{ key uint64 }

// newRNG returns the generator of one tensor. Other names and seeds have other keys.
func newRNG(seed uint64, name string) rng {
	h := sha256.New()
	h.Write(binary.LittleEndian.AppendUint64(nil, seed))
	h.Write([]byte(name))
	return rng{binary.LittleEndian.Uint64(h.Sum(nil))}
}

// golden is 2⁶⁴/φ, odd: SplitMix64's step.
const golden = 0x9e3779b97f4a7c15

// bits returns the n-th number.
func (g rng) bits(n uint64) uint64 { return mix(g.key + (n+1)*golden) }

// mix is Stafford's thirteenth variant of MurmurHash3's finaliser.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit maps bits to [0, 1).
func unit(b uint64) float64 { return float64(b>>11) * 0x1p-53 }

// uniform draws evenly from [-bound, bound).
func (g rng) uniform(bound float64) func([]float32, uint64) {
	return func(x []float32, first uint64) {
		for i := range x {
			x[i] = float32((2*unit(g.bits(first+uint64(i))) - 1) * bound)
		}
	}
}

// normal draws from the normal distribution around 0.
func (g rng) normal(sigma float64) func([]float32, uint64) {
	return func(x []float32, first uint64) {
		for i := range x {
			x[i] = float32(normal(g.bits(first+uint64(i))) * sigma)
		}
	}
}

// The ziggurat of Marsaglia and Tsang (J. Stat. Soft. 5(8), 2000): the density
// exp(−x²/2), x ≥ 0, covered by layers of equal area. Layer i reaches to edge[i].
// Layer 0 is the base, and its part beyond edge[1] is the tail. For 256 layers, zigR
// is where the tail begins and zigV the area of a layer.
const (
	zigN = 256
	zigR = 3.6541528853610088
	zigV = 0.00492867323399
)

var zigEdge, zigHeight = func() (edge, height [zigN + 1]float64) {
	density := func(x float64) float64 { return math.Exp(-x * x / 2) }
	edge[0] = zigV / density(zigR) // as wide as the base would be were it a rectangle
	edge[1] = zigR
	for i := 1; i < zigN-1; i++ {
		edge[i+1] = math.Sqrt(-2 * math.Log(zigV/edge[i]+density(edge[i])))
	}
	for i := range edge {
		height[i] = density(edge[i]) // height[zigN] is the top: 1
	}
	return edge, height
}()

// normal turns random bits into a normally distributed number. When the first
// bits are rejected, about one time in a hundred, more are made from them. The
// layer, the sign and the place are different bits.
func normal(b uint64) float64 {
	for {
		i := b & (zigN - 1)
		// 54 bits with the sign, so that no result is biased towards either side.
		u := float64(int64(b)>>10) * 0x1p-53
		x := u * zigEdge[i]
		if math.Abs(x) < zigEdge[i+1] {
			return x
		}
		b = mix(b + golden)
		if i == 0 {
			return math.Copysign(tail(b), u)
		}
		if zigHeight[i]+unit(b)*(zigHeight[i+1]-zigHeight[i]) < math.Exp(-x*x/2) {
			return x
		}
		b = mix(b + golden)
	}
}

// tail draws from the density beyond zigR (Marsaglia 1964).
func tail(b uint64) float64 {
	for {
		x := -math.Log(1-unit(b)) / zigR
		b = mix(b + golden)
		y := -math.Log(1 - unit(b))
		if y+y >= x*x {
			return zigR + x
		}
		b = mix(b + golden)
	}
}
