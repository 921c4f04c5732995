package quant

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
)

var ggmlTypes = []backend.DType{
	backend.Q8_0, backend.Q4_0, backend.Q4_1, backend.Q5_0, backend.Q5_1, backend.Q2_K, backend.Q3_K,
	backend.Q4_K, backend.Q5_K, backend.Q6_K, backend.IQ4_NL, backend.IQ4_XS,
}

// A splitMix is Steele, Lea and Flood's generator: easy to write again in the
// program that made the golden figures below.
type splitMix uint64

func (s *splitMix) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (s *splitMix) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(s.next() >> 56)
	}
	return b
}

// normals are n numbers with standard deviation sigma.
func (s *splitMix) normals(n int, sigma float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		u, v := float64(s.next()>>11)*0x1p-53, float64(s.next()>>11)*0x1p-53
		x[i] = float32(sigma * math.Sqrt(-2*math.Log(1-u)) * math.Cos(2*math.Pi*v))
	}
	return x
}

func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// A thousand blocks of random bytes, NaN scales among them, decode to floats
// whose FNV-1a hash is that of what ggml's dequantize_row functions make of
// them (the library of llama.cpp v0.5.0, x86-64).
func TestDecodeAsGGML(t *testing.T) {
	golden := map[backend.DType]uint64{
		backend.Q8_0: 0xfbe199a7f7f747d9, backend.Q4_0: 0x2082f29faff2aa2f, backend.Q4_1: 0x1aecafdb0e5373d4,
		backend.Q5_0: 0xc52cff47b4bc77d5, backend.Q5_1: 0xf24904bf5e3ee9e6, backend.Q2_K: 0x8bcfcee0a39b0fdf,
		backend.Q3_K: 0xcb0e140d0c173da6, backend.Q4_K: 0xaa502def68707434, backend.Q5_K: 0xbf63012d1817dcf4,
		backend.Q6_K: 0xe284f8e2bc9c1c55, backend.IQ4_NL: 0xedc2195e18b81393, backend.IQ4_XS: 0xa9d7fc02e6b0560e,
	}
	for k, typ := range ggmlTypes {
		r := splitMix(k + 1)
		y := make([]float32, 1000*typ.Block())
		if err := (Packed{Type: typ, Data: r.bytes(1000 * typ.Size())}).Decode(y, 0); err != nil {
			t.Fatal(err)
		}
		h := fnv.New64a()
		for _, v := range y {
			b := math.Float32bits(v)
			if v != v {
				b = 0x7fc00000
			}
			h.Write(binary.LittleEndian.AppendUint32(nil, b))
		}
		if h.Sum64() != golden[typ] {
			t.Errorf("%v: hash %#016x, ggml's is %#016x", typ, h.Sum64(), golden[typ])
		}
	}
}

// scales are the edges of binary16: zeros, subnormals, the largest, infinities,
// NaN.
var scales = []uint16{0, 0x8000, 1, 0x8001, 0x3ff, 0x400, 0x3c00, 0xbc00, 0x3555, 0x7bff, 0xfbff, 0x7c00, 0xfc00,
	0x7e00, 0x7c01}

// scaleOffsets says where a block has binary16 numbers.
var scaleOffsets = map[backend.DType][]int{
	backend.Q8_0: {0}, backend.Q4_0: {0}, backend.Q4_1: {0, 2}, backend.Q5_0: {0}, backend.Q5_1: {0, 2},
	backend.Q2_K: {80, 82}, backend.Q3_K: {108}, backend.Q4_K: {0, 2}, backend.Q5_K: {0, 2}, backend.Q6_K: {208},
	backend.IQ4_NL: {0}, backend.IQ4_XS: {0},
}

func TestDecodeAgainstSecond(t *testing.T) {
	for _, typ := range ggmlTypes {
		t.Run(typ.String(), func(t *testing.T) {
			r := splitMix(7)
			var blocks [][]byte
			for range 64 {
				blocks = append(blocks, r.bytes(typ.Size()))
			}
			at := scaleOffsets[typ]
			for _, d := range scales {
				for _, m := range scales {
					for _, fill := range []int{0, 0xff, 0x80, -1} {
						b := r.bytes(typ.Size())
						if fill >= 0 {
							b = slices.Repeat([]byte{byte(fill)}, typ.Size())
						}
						binary.LittleEndian.PutUint16(b[at[0]:], d)
						if len(at) > 1 {
							binary.LittleEndian.PutUint16(b[at[1]:], m)
						}
						blocks = append(blocks, b)
					}
				}
			}
			// Every bit of a block on its own: each must matter where it should.
			for bit := range 8 * typ.Size() {
				b := make([]byte, typ.Size())
				for _, o := range at {
					binary.LittleEndian.PutUint16(b[o:], 0x3c00)
				}
				b[bit/8] ^= 1 << (bit % 8)
				blocks = append(blocks, b)
			}
			for n, b := range blocks {
				y := make([]float32, typ.Block())
				if err := (Packed{Type: typ, Data: b}).Decode(y, 0); err != nil {
					t.Fatal(err)
				}
				for i, got := range y {
					if want := float32(second(typ, b, i)); !same(got, want) {
						t.Fatalf("block %d (% x): element %d is %g, the second decoder says %g", n, b, i, got, want)
					}
				}
			}
		})
	}
}

func TestDecodeBooks(t *testing.T) {
	r := splitMix(3)
	for _, typ := range []backend.DType{backend.NF4, backend.FP4} {
		p := New(typ, 640)
		copy(p.Data, r.bytes(len(p.Data)))
		for b, d := range []float32{0, 1, -1, 0.5, 1e-45, math.MaxFloat32, float32(math.Inf(1)), float32(math.NaN()), 3,
			7e-3} {
			binary.LittleEndian.PutUint32(p.Aux[0][4*b:], math.Float32bits(d))
		}
		y := make([]float32, 640)
		if err := p.Decode(y, 0); err != nil {
			t.Fatal(err)
		}
		for i, got := range y {
			// The stream of nibbles, high before low.
			code := int(p.Data[i/2]) / []int{16, 1}[i%2] % 16
			if want := floatAt(p.Aux[1], code) * floatAt(p.Aux[0], i/64); !same(got, want) {
				t.Fatalf("%v element %d is %g, want %g", typ, i, got, want)
			}
		}
	}
	// Values that bitsandbytes states: kernels.cu, dDequantizeFP4Tree and
	// dDequantizeNF4.
	for code, want := range map[int]float32{0: 0, 1: 5.208333333e-03, 2: 0.66666667, 3: 1, 4: 0.33333333, 5: 0.5,
		6: 0.16666667, 7: 0.25, 11: -1, 12: -0.33333333} {
		if FP4[code] != want {
			t.Errorf("fp4 code %d is %g, want %g", code, FP4[code], want)
		}
	}
	if !slices.IsSorted(NF4[:]) || NF4[0] != -1 || NF4[7] != 0 || NF4[15] != 1 {
		t.Errorf("nf4 is %v", NF4)
	}
}

func allTypes() []backend.DType {
	return append([]backend.DType{backend.F32, backend.F16, backend.BF16, backend.NF4, backend.FP4}, ggmlTypes...)
}

// random is n elements of typ with tame scales.
func random(typ backend.DType, n int, r *splitMix) Packed {
	p := New(typ, n)
	copy(p.Data, r.bytes(len(p.Data)))
	for b := range len(p.Data) / typ.Size() {
		for _, o := range scaleOffsets[typ] {
			binary.LittleEndian.PutUint16(p.Data[b*typ.Size()+o:], 0x2000+uint16(r.next()%0x1000))
		}
		if len(p.Aux) > 0 {
			binary.LittleEndian.PutUint32(p.Aux[0][4*b:], math.Float32bits(float32(r.next()%100)))
		}
	}
	return p
}

func TestDecodeRanges(t *testing.T) {
	r := splitMix(5)
	for _, typ := range allTypes() {
		const n = 1024
		p := random(typ, n, &r)
		whole := make([]float32, n)
		if err := p.Decode(whole, 0); err != nil {
			t.Fatal(err)
		}
		for _, c := range [][2]int{{0, 1}, {1, 1}, {31, 2}, {255, 2}, {3, 700}, {256, 256}, {500, 524}, {1023, 1},
			{1024, 0}} {
			part := make([]float32, c[1])
			if err := p.Decode(part, c[0]); err != nil {
				t.Fatalf("%v: %v", typ, err)
			}
			if !slices.EqualFunc(part, whole[c[0]:c[0]+c[1]], same) {
				t.Errorf("%v: elements %d to %d differ from those of the whole", typ, c[0], c[0]+c[1])
			}
		}
		part := make([]float32, 512)
		if err := p.Range(256, 512).Decode(part, 0); err != nil || !slices.EqualFunc(part, whole[256:768], same) {
			t.Errorf("%v: a range differs from the whole (%v)", typ, err)
		}
		for _, c := range [][2]int{{-1, 1}, {1024, 1}, {1000, 25}} {
			if err := p.Decode(make([]float32, c[1]), c[0]); err == nil {
				t.Errorf("%v: %d elements from %d on of %d were decoded", typ, c[1], c[0], n)
			}
		}
	}
}

// errorOf packs x as typ and returns the root mean square of the error over
// that of x; plain, and weighted by the elements' size.
func errorOf(t testing.TB, typ backend.DType, x []float32) (plain, weighted float64) {
	t.Helper()
	p := New(typ, len(x))
	if err := p.Encode(x, 0); err != nil {
		t.Fatal(err)
	}
	y := make([]float32, len(x))
	if err := p.Decode(y, 0); err != nil {
		t.Fatal(err)
	}
	var e, s, we, ws float64
	for i := range x {
		d, a := float64(y[i])-float64(x[i]), math.Abs(float64(x[i]))
		e += d * d
		s += a * a
		we += a * d * d
		ws += a * a * a
	}
	return math.Sqrt(e / s), math.Sqrt(we / ws)
}

// What ggml's own quantiser loses of the same numbers, without an importance
// matrix (ggml_quantize_chunk of llama.cpp v0.5.0): plain and weighted.
func TestEncodeLoss(t *testing.T) {
	const n = 256 * 512
	r := splitMix(99)
	normal := r.normals(n, 0.02)
	heavy := make([]float32, n)
	for i, v := range normal {
		heavy[i] = v * v * v * 2500
	}
	for _, c := range []struct {
		typ           backend.DType
		normal, heavy [2]float64
	}{
		{backend.Q8_0, [2]float64{0.00535, 0.00370}, [2]float64{0.00876, 0.00256}},
		{backend.Q4_0, [2]float64{0.08591, 0.06063}, [2]float64{0.11043, 0.04167}},
		{backend.Q4_1, [2]float64{0.07824, 0.05276}, [2]float64{0.11429, 0.02727}},
		{backend.Q5_0, [2]float64{0.04267, 0.02976}, [2]float64{0.06017, 0.02058}},
		{backend.Q5_1, [2]float64{0.03787, 0.02553}, [2]float64{0.05506, 0.01316}},
		{backend.Q4_K, [2]float64{0.07135, 0.04870}, [2]float64{0.08950, 0.02822}},
		{backend.Q5_K, [2]float64{0.03611, 0.02507}, [2]float64{0.04942, 0.01522}},
		{backend.Q6_K, [2]float64{0.01777, 0.01160}, [2]float64{0.02450, 0.00730}},
		{backend.Q2_K, [2]float64{0.29584, 0.19241}, [2]float64{0.39381, 0.09261}},
		{backend.Q3_K, [2]float64{0.15067, 0.10424}, [2]float64{0.15361, 0.06121}},
		{backend.IQ4_NL, [2]float64{0.07622, 0.05913}, [2]float64{0.09235, 0.03470}},
		{backend.IQ4_XS, [2]float64{0.07680, 0.05997}, [2]float64{0.09367, 0.03657}},
		// bitsandbytes' formats have no reference here: measured, to hold them.
		{backend.NF4, [2]float64{0.0918, 0.0815}, [2]float64{0.1105, 0.0526}},
		{backend.FP4, [2]float64{0.1220, 0.1005}, [2]float64{0.1598, 0.0716}},
	} {
		for name, x := range map[string]struct {
			x    []float32
			want [2]float64
		}{"normal": {normal, c.normal}, "heavy tails": {heavy, c.heavy}} {
			plain, weighted := errorOf(t, c.typ, x.x)
			t.Logf("%-5v %-11s plain %.5f (%.5f), weighted %.5f (%.5f)",
				c.typ, name, plain, x.want[0], weighted, x.want[1])
			// Another sample of the same numbers differs by a percent.
			if !(plain <= 1.02*x.want[0] || weighted <= x.want[1]) ||
				!(weighted <= 1.05*x.want[1] || plain <= 0.95*x.want[0]) {
				t.Errorf("%v, %s: loss %.5f, weighted %.5f; want at most %v", c.typ, name, plain, weighted, x.want)
			}
		}
	}
}

// No element is further from its place than half a step of the format, with
// some room for the search, which gives up the largest elements for the others.
func TestEncodeBounds(t *testing.T) {
	r := splitMix(11)
	x := r.normals(256*64, 1)
	for _, c := range []struct {
		typ  backend.DType
		most float64 // of the error, over the block's largest magnitude
	}{
		{backend.F32, 0}, {backend.F16, 0x1p-11}, {backend.BF16, 0x1p-8},
		{backend.Q8_0, 0.51 / 127}, {backend.Q4_0, 0.16}, {backend.Q4_1, 0.12}, {backend.Q5_0, 0.07},
		{backend.Q5_1, 0.06},
		{backend.Q4_K, 0.13}, {backend.Q5_K, 0.07}, {backend.Q6_K, 0.04}, {backend.NF4, 0.153}, {backend.FP4, 0.168},
		{backend.Q2_K, 0.5}, {backend.Q3_K, 0.35}, {backend.IQ4_NL, 0.2}, {backend.IQ4_XS, 0.2},
	} {
		p := New(c.typ, len(x))
		if err := p.Encode(x, 0); err != nil {
			t.Fatal(err)
		}
		y := make([]float32, len(x))
		if err := p.Decode(y, 0); err != nil {
			t.Fatal(err)
		}
		group := min(max(c.typ.Block(), 1), 64)
		worst := 0.0
		for b := 0; b < len(x); b += group {
			most, off := 0.0, 0.0
			for i := b; i < b+group; i++ {
				most = max(most, math.Abs(float64(x[i])))
				off = max(off, math.Abs(float64(x[i])-float64(y[i])))
			}
			worst = max(worst, off/most)
		}
		if !(worst <= c.most) {
			t.Errorf("%v: an element is off by %.4f of its block's largest, want at most %.4f", c.typ, worst, c.most)
		}
	}
}

// What a format can say exactly comes back exactly.
func TestEncodeExact(t *testing.T) {
	constant := func(v float32) []float32 { return slices.Repeat([]float32{v}, 256) }
	ramp := make([]float32, 256)
	for i := range ramp {
		ramp[i] = float32(i%16) - 8
	}
	for _, typ := range allTypes() {
		cases := map[string][]float32{"zeros": constant(0), "minus zeros": constant(float32(math.Copysign(0, -1)))}
		switch typ {
		case backend.NF4, backend.FP4, backend.IQ4_NL, backend.IQ4_XS, backend.Q2_K, backend.Q3_K:
		default:
			cases["ramp"] = ramp // of 16 even steps, which these do not have
		}
		cases["ones"], cases["minus a half"] = constant(1), constant(-0.5)
		for name, x := range cases {
			p := New(typ, 256)
			if err := p.Encode(x, 0); err != nil {
				t.Fatal(err)
			}
			y := make([]float32, 256)
			if err := p.Decode(y, 0); err != nil {
				t.Fatal(err)
			}
			for i := range x {
				most := 2e-3 * max(1, math.Abs(float64(x[i]))) // scales are rounded to binary16
				if name == "ramp" && typ == backend.Q8_0 {
					most = 0.51 * 8 / 127 // whose scale is not 1
				}
				if d := math.Abs(float64(x[i] - y[i])); !(d <= most) {
					t.Errorf("%v, %s: element %d is %g, want %g", typ, name, i, y[i], x[i])
					break
				}
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	with := func(v float64) []float32 {
		x := make([]float32, 512)
		for i := range x {
			x[i] = float32(i%7) - 3
		}
		x[300] = float32(v)
		return x
	}
	for _, typ := range allTypes() {
		if typ.Block() == 1 {
			continue // NaN and infinities have a place there
		}
		for v, want := range map[float64]string{math.NaN(): "element 300 is NaN", math.Inf(1): "element 300 is +Inf",
			math.Inf(-1): "element 300 is -Inf"} {
			p := New(typ, 512)
			if err := p.Encode(with(v), 0); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v with %g: error %v, want %q", typ, v, err, want)
			}
		}
		if typ == backend.NF4 || typ == backend.FP4 {
			continue // float32 scales
		}
		p := New(typ, 512)
		if err := p.Encode(with(3e38), 0); err == nil || !strings.Contains(err.Error(), "too large") {
			t.Errorf("%v of 3e38: error %v", typ, err)
		}
	}
	if err := New(backend.F16, 512).Encode(with(-7e4), 0); err == nil || !strings.Contains(err.Error(), "element 300") {
		t.Errorf("f16 of -7e4: error %v", err)
	}
	if err := (Packed{Type: backend.I32, Data: make([]byte, 1024)}).Encode(with(0)[:256], 0); !errors.Is(err,
		backend.ErrUnsupported) {
		t.Errorf("i32: packing gave %v", err)
	}
	p := New(backend.Q4_K, 512)
	for _, c := range [][2]int{{128, 256}, {0, 128}, {-256, 256}, {256, 512}} {
		if err := p.Encode(make([]float32, c[1]), c[0]); err == nil {
			t.Errorf("%d elements from %d on were packed in blocks of 256", c[1], c[0])
		}
	}
}

// Numbers far from 1 in size lose no more than others, until the scale leaves
// binary16.
func TestEncodeMagnitudes(t *testing.T) {
	r := splitMix(17)
	x := r.normals(256*16, 1)
	for _, typ := range ggmlTypes {
		base, _ := errorOf(t, typ, x)
		for _, scale := range []float32{1e-2, 1e3} {
			y := make([]float32, len(x))
			for i := range x {
				y[i] = x[i] * scale
			}
			if got, _ := errorOf(t, typ, y); !(got <= 1.1*base) {
				t.Errorf("%v at %g: loss %.5f, %.5f at 1", typ, scale, got, base)
			}
		}
		tiny := make([]float32, 256)
		for i := range tiny {
			tiny[i] = x[i] * 1e-38
		}
		p := New(typ, 256)
		if err := p.Encode(tiny, 0); err != nil {
			t.Errorf("%v of 1e-38: %v", typ, err)
		}
		if err := p.Decode(tiny, 0); err != nil || slices.ContainsFunc(tiny, func(v float32) bool { return v != 0 }) {
			t.Errorf("%v of 1e-38: not zero (%v)", typ, err)
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		typ  backend.DType
		cols int
		want backend.DType
	}{
		{backend.Q4_K, 512, backend.Q4_K}, {backend.Q4_K, 64, backend.Q5_0}, {backend.Q4_K, 48, backend.F16},
		{backend.Q6_K, 256, backend.Q6_K}, {backend.Q6_K, 96, backend.Q8_0}, {backend.Q6_K, 1, backend.F16},
		{backend.NF4, 64, backend.NF4}, {backend.NF4, 32, backend.Q5_0}, {backend.FP4, 5, backend.F16},
		{backend.Q8_0, 33, backend.F16}, {backend.F32, 3, backend.F32}, {backend.BF16, 3, backend.BF16},
	} {
		if got := Fit(c.typ, c.cols); got != c.want {
			t.Errorf("Fit(%v, %d) = %v, want %v", c.typ, c.cols, got, c.want)
		}
	}
	for _, typ := range allTypes() {
		for _, cols := range []int{1, 32, 64, 96, 256} {
			if got := Fit(typ, cols); cols%got.Block() != 0 || Bits(got) < Bits(typ) && got != typ {
				t.Errorf("Fit(%v, %d) = %v", typ, cols, got)
			}
		}
	}
}

func TestRewrite(t *testing.T) {
	r := splitMix(23)
	for from, to := range within {
		n := 64 * from.Block()
		src, dst := Packed{Type: from, Data: r.bytes(64 * from.Size())}, New(to, n)
		if err := Rewrite(dst, src, n); err != nil {
			t.Fatal(err)
		}
		want, got := make([]float32, n), make([]float32, n)
		if err := errors.Join(src.Decode(want, 0), dst.Decode(got, 0)); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !same(got[i], want[i]) {
				t.Fatalf("%v as %v: element %d is %g, was %g", from, to, i, got[i], want[i])
			}
		}
	}
	if err := Rewrite(New(backend.Q8_0, 256), New(backend.Q4_K, 256), 256); err == nil {
		t.Error("q4_K was rewritten as q8_0")
	}
}

func TestHolds(t *testing.T) {
	n := 2*span + 64
	p := New(backend.F32, n)
	set := func(i int, v float32) { binary.LittleEndian.PutUint32(p.Data[4*i:], math.Float32bits(v)) }
	set(0, float32(math.NaN()))
	set(1, float32(math.Inf(-1)))
	for _, c := range []struct {
		v         float32
		f16, bf16 bool
	}{{0, true, true}, {1.5, true, true}, {0x1p-24, true, true}, {1 + 0x1p-10, true, false}, {1e5, false,
		false}, {0x1p20, false, true}, {float32(math.Copysign(0, -1)), true, true}} {
		set(n-1, c.v)
		if got := Holds(backend.F16, p, n); got != c.f16 {
			t.Errorf("f16 holds %g: %v", c.v, got)
		}
		if got := Holds(backend.BF16, p, n); got != c.bf16 {
			t.Errorf("bf16 holds %g: %v", c.v, got)
		}
		if !Holds(backend.F32, p, n) {
			t.Error("f32 does not hold itself")
		}
	}
}

func TestConvert(t *testing.T) {
	r := splitMix(29)
	n := 5*span + 256
	for _, c := range [][2]backend.DType{{backend.BF16, backend.Q4_K}, {backend.Q4_K, backend.Q6_K},
		{backend.F16, backend.NF4},
		{backend.NF4, backend.F32}, {backend.Q6_K, backend.Q6_K}, {backend.FP4, backend.FP4}} {
		src, dst, want := random(c[0], n, &r), New(c[1], n), New(c[1], n)
		if c[0] == backend.BF16 || c[0] == backend.F16 {
			if err := src.Encode(r.normals(n, 1), 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := Convert(dst, src, n); err != nil {
			t.Fatalf("%v to %v: %v", c[0], c[1], err)
		}
		x := make([]float32, n)
		err := src.Decode(x, 0)
		if c[0] == c[1] {
			want = src
		} else {
			err = errors.Join(err, want.Encode(x, 0))
		}
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(dst.Data, want.Data) || fmt.Sprint(dst.Aux) != fmt.Sprint(want.Aux) {
			t.Errorf("%v to %v in parts differs from the whole", c[0], c[1])
		}
	}
	src := New(backend.F32, n)
	binary.LittleEndian.PutUint32(src.Data[4*(3*span+5):], math.Float32bits(float32(math.NaN())))
	if err := Convert(New(backend.Q8_0, n), src, n); err == nil ||
		!strings.Contains(err.Error(), fmt.Sprintf("element %d is NaN", 3*span+5)) {
		t.Errorf("converting a NaN: %v", err)
	}
	if err := Convert(New(backend.Q8_0, 32), src, n); err == nil {
		t.Error("a short destination was taken")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name string
		p    Packed
		n    int
	}{
		{"no type", Packed{}, 0},
		{"integers", Packed{Type: backend.I32, Data: make([]byte, 4)}, 1},
		{"unknown type", Packed{Type: 200}, 0},
		{"negative", Packed{Type: backend.F32}, -1},
		{"short", Packed{Type: backend.Q4_K, Data: make([]byte, 143)}, 1},
		{"no aux", Packed{Type: backend.NF4, Data: make([]byte, 32)}, 64},
		{"short scales", Packed{Type: backend.NF4, Data: make([]byte, 64),
			Aux: [][]byte{make([]byte, 4), make([]byte, 64)}}, 128},
		{"short codebook", Packed{Type: backend.FP4, Data: make([]byte, 32),
			Aux: [][]byte{make([]byte, 4), make([]byte, 60)}}, 64},
		{"large", Packed{Type: backend.F32, Data: make([]byte, 16)}, math.MaxInt},
	} {
		if err := c.p.Check(c.n); err == nil {
			t.Errorf("%s: no error", c.name)
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add(uint8(backend.Q4_K), []byte{0, 0, 128, 63})
	f.Add(uint8(backend.NF4), []byte{0, 0, 128, 127, 255, 255, 127, 255})
	f.Add(uint8(backend.Q6_K), []byte{1, 0, 0, 0, 255, 255, 127, 127})
	f.Add(uint8(backend.Q5_1), []byte{0, 0, 128, 71, 0, 1, 128, 71})
	f.Fuzz(func(t *testing.T, typ uint8, words []byte) {
		p := Packed{Type: backend.DType(typ)}
		if !Encodes(p.Type) || len(words) < 4 {
			return
		}
		x := make([]float32, 256)
		for i := range x {
			x[i] = floatAt(words, i%(len(words)/4))
		}
		p = New(p.Type, 256)
		if err := p.Encode(x, 0); err != nil {
			return
		}
		y := make([]float32, 256)
		if err := p.Decode(y, 0); err != nil {
			t.Fatal(err)
		}
		if p.Type.Block() == 1 {
			return
		}
		most := 0.0
		for _, v := range x {
			most = max(most, math.Abs(float64(v)))
		}
		for i := range x {
			// A block may be as bad as its type, never worse than zero would be by
			// much; and below 2⁻²⁴ of binary16 scales it is zero.
			if d := math.Abs(float64(x[i]) - float64(y[i])); !(d <= 1.01*most+1e-4) {
				t.Fatalf("%v: element %d is %g, was %g", p.Type, i, y[i], x[i])
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	r := splitMix(1)
	x := r.normals(1<<16, 0.02)
	for _, typ := range allTypes() {
		b.Run(typ.String(), func(b *testing.B) {
			p := New(typ, len(x))
			b.SetBytes(int64(len(x)))
			for b.Loop() {
				if err := p.Encode(x, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	r := splitMix(1)
	y := make([]float32, 1<<16)
	for _, typ := range allTypes() {
		b.Run(typ.String(), func(b *testing.B) {
			p := random(typ, len(y), &r)
			b.SetBytes(int64(len(y)))
			for b.Loop() {
				if err := p.Decode(y, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
