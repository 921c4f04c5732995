//go:build metalfake

package fakemetal

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
)

// head begins every kernel of the tests.
const head = "#include <metal_stdlib>\nusing namespace metal;\n"

// sum adds 64 numbers to a group in threadgroup memory; the parts that tests
// change are named.
var sum = head + `kernel void sum(const device float* x [[buffer(0)]], device float* y [[buffer(1)]],
	uint i [[thread_index_in_threadgroup]], uint g [[threadgroup_position_in_grid]])
{
	threadgroup float part[64];
	part[i] = x[g * 64 + i];
	threadgroup_barrier(mem_flags::mem_threadgroup); // first
	for (uint n = 32; n > 0; n /= 2) {
		if (i < n) part[i] += part[i + n];
		threadgroup_barrier(mem_flags::mem_threadgroup); // in the loop
	}
	if (i == 0) y[g] = part[0];
}`

const groups = 3

// body is a kernel of 64 threads and two buffers of 192 numbers.
func body(text string) string {
	return head + `kernel void k(const device float* x [[buffer(0)]], device float* y [[buffer(1)]],
	uint i [[thread_index_in_threadgroup]], uint g [[threadgroup_position_in_grid]], uint at [[thread_position_in_grid]])
{` + text + `}`
}

// matrices is body where the first simdgroup alone goes on.
func matrices(text string) string {
	return "#include <metal_simdgroup_matrix>\n" + body(`if (i >= 32) return; `+text)
}

// run runs a source in every order.
func run(t *testing.T, source string, check func(t *testing.T, y []float32, err error)) {
	t.Helper()
	for _, order := range Orders {
		x, y := make([]byte, 4*64*groups), make([]byte, 4*64*groups)
		for i := range 64 * groups {
			binary.LittleEndian.PutUint32(x[4*i:], math.Float32bits(float32(i)))
		}
		err := Trial{Source: source, Buffers: [][]byte{x, y}, Groups: [3]int{groups, 1, 1}, Threads: [3]int{64, 1, 1},
			Order: order, Seed: 7}.Run()
		got := make([]float32, 64*groups)
		for i := range got {
			got[i] = math.Float32frombits(binary.LittleEndian.Uint32(y[4*i:]))
		}
		t.Run(order.String(), func(t *testing.T) { check(t, got, err) })
	}
}

// TestGoodKernels runs what is right.
func TestGoodKernels(t *testing.T) {
	for _, c := range []struct {
		name, source string
		want         func(at int) float64 // y[at]
	}{
		{"sum", sum, func(at int) float64 {
			if at >= groups {
				return 0
			}
			return float64(64*64*at + 63*32)
		}},
		{"simd sum", body(`float s = simd_sum(x[at]); y[at] = s;`),
			func(at int) float64 { return float64(32*(at/32*32) + 31*16) }},
		{"simd or", body(`y[at] = simd_or(i % 32 < 5 ? 1u << i % 32 : 0u);`), func(at int) float64 { return 31 }},
		{"shuffles", body(`y[at] = simd_shuffle_xor(x[at], 5) + simd_shuffle(x[at], 3) + simd_max(x[at]);`),
			func(at int) float64 { return float64((at ^ 5) + (at/32*32 + 3) + (at/32*32 + 31)) }},
		{"prefix", body(`y[at] = simd_prefix_inclusive_sum(1.0f) + simd_prefix_exclusive_sum(1.0f);`),
			func(at int) float64 { return float64(2*(at%32) + 1) }},
		{"simdgroup barrier", body(`threadgroup float t[64];
			t[i] = x[at]; simdgroup_barrier(mem_flags::mem_threadgroup); float v = t[i ^ 1];
			simdgroup_barrier(mem_flags::mem_threadgroup); t[i ^ 1] = v; simdgroup_barrier(mem_flags::mem_threadgroup); y[at] = t[i];`),
			func(at int) float64 { return float64(at) }},
		{"device memory in a group", body(`y[at] = x[at]; threadgroup_barrier(mem_flags::mem_device); float v = y[g * 64 + 63 - i];
			threadgroup_barrier(mem_flags::mem_device); y[at] = v;`),
			func(at int) float64 { return float64(at/64*64 + 63 - at%64) }},
		{"vectors", body(`float4 v = float4(x[at], float2(1.0), 2.0); float3 w = v.wyx * 2.0; uint4 u = uint4(float4(3.7)); y[at] = dot(v, v.xyzw) + w.z + float(u.y) + float3(1).z;`),
			func(at int) float64 { a := float64(at); return a*a + 6 + 2*a + 3 + 1 }},
		{"bits", body(`half2 h = half2(x[at], 0.5h); uint u = as_type<uint>(h); half2 b = as_type<half2>(u); y[at] = float(b.x) + float(b.y) + float(mulhi(1u << 31, 4u));`),
			func(at int) float64 { return float64(at) + 2.5 }},
		{"matrices", matrices(`simdgroup_float8x8 a, b, d; simdgroup_load(a, x + g * 64, 8); simdgroup_load(b, x + g * 64, 8, ulong2(0), true);
			simdgroup_multiply(d, a, b); simdgroup_multiply_accumulate(d, a, make_filled_simdgroup_matrix<float, 8>(1.0f), d);
			threadgroup float t[72]; simdgroup_store(d, t, 9, ulong2(0), true); simdgroup_barrier(mem_flags::mem_threadgroup);
			for (uint n = i; n < 64; n += 32) y[g * 64 + n] = t[n / 8 * 9 + n % 8];`),
			func(at int) float64 {
				sum, base := 0.0, at/64*64
				for k := range 8 { // a · aᵀ + a · 1, which is stored turned
					sum += float64(base+at%8*8+k) * (float64(base+at%64/8*8+k) + 1)
				}
				return sum
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, c.source, func(t *testing.T, y []float32, err error) {
				if err != nil {
					t.Fatal(err)
				}
				for at, got := range y {
					if want := c.want(at); float64(got) != want {
						t.Fatalf("y[%d] is %v, want %v", at, got, want)
					}
				}
			})
		})
	}
}

// TestBrokenKernels runs what is wrong: each must be caught in every order.
func TestBrokenKernels(t *testing.T) {
	without := func(s, part string) string {
		if !strings.Contains(s, part) {
			t.Fatalf("no %q to leave out", part)
		}
		return strings.Replace(s, part, "", 1)
	}
	for _, c := range []struct{ name, source, want string }{
		{"no barrier before the sum", without(sum, "threadgroup_barrier(mem_flags::mem_threadgroup); // first"),
			"with no barrier between|which no thread has written"},
		{"no barrier in the loop", without(sum, "threadgroup_barrier(mem_flags::mem_threadgroup); // in the loop"),
			"with no barrier between"},
		{"a barrier of other memory", strings.Replace(sum, "mem_flags::mem_threadgroup); // first",
			"mem_flags::mem_device);", 1), "with no barrier between"},
		{"a barrier for half", strings.Replace(sum, "threadgroup_barrier(mem_flags::mem_threadgroup); // in",
			"if (i < 32) threadgroup_barrier(mem_flags::mem_threadgroup); // in", 1),
			"is not reached by 32 of 64 threads"},
		{"two barriers for one", body(`if (i < 32) threadgroup_barrier(mem_flags::mem_none); else
			threadgroup_barrier(mem_flags::mem_none);`), "wait at different barriers"},
		{"a return before the barrier", body(`if (i == 5) return; threadgroup_barrier(mem_flags::mem_threadgroup); y[at] = 0;`), "is not reached by 1 of 64"},
		{"threadgroup memory without a value", body(`threadgroup float t[64]; if (i != 9) t[i] = 1; y[at] = t[i];`),
			"thread 9 reads byte 36 of threadgroup memory, which no thread has written"},
		{"a sum that begins with anything", body(`threadgroup float t[64]; t[i] += x[at]; y[at] = t[i];`),
			"which no thread has written"},
		{"threadgroup memory of the group before", body(`threadgroup float t[64]; if (g == 0) t[i] = 1; y[at] = t[i];`),
			"which no thread has written"},
		{"a write after a read", body(`threadgroup float t[64]; t[i] = x[at]; threadgroup_barrier(mem_flags::mem_threadgroup);
			float v = t[63 - i]; t[i] = v; y[at] = v;`), "with no barrier between"},
		{"one word for all", body(`threadgroup float t; t = x[at]; threadgroup_barrier(mem_flags::mem_threadgroup); y[at] = t;`), "with no barrier between"},
		{"a read beyond the end", body(`y[at] = x[at + 1];`),
			"thread 191 reads 4 bytes at byte 768 of buffer(0), which has 768"},
		{"a read before the beginning", body(`y[at] = x[int(at) - 1];`), "thread 0 reads 4 bytes"},
		{"a write beyond the end", body(`y[at * 2] = 1;`), "of buffer(1), which has 768"},
		{"a write far away", body(`y[at + 100000000] = 1;`), "thread"},
		{"a race of two groups", body(`y[i] = x[at];`),
			"thread 64 writes byte 0 of buffer(1), which thread 0 of the grid wrote|with no barrier between"},
		{"a read of what another group writes",
			body(`y[at] = x[at]; threadgroup_barrier(mem_flags::mem_device); float v = y[(at + 64) % 192]; if (v == -1) y[at] = v;`), "with no barrier between"},
		{"device memory in a group", body(`y[at] = x[at]; threadgroup_barrier(mem_flags::mem_threadgroup); float v = y[g * 64 + 63 - i]; if (v == -1) y[at] = v;`), "with no barrier between"},
		{"a simd operation for some", body(`if (i % 32 < 7) y[at] = simd_sum(x[at]);`),
			"is reached by 7 of 32 threads"},
		{"two simd operations for one", body(`float v; if (i % 2) v = simd_sum(x[at]); else
			v = simd_max(x[at]); y[at] = v;`), "different simdgroup operations"},
		{"lanes without a barrier", body(`threadgroup float t[64]; t[i] = x[at]; y[at] = simd_sum(x[at]) + t[i ^ 1];`),
			"with no barrier between"},
		{"a simdgroup barrier for the group",
			body(`threadgroup float t[64]; t[i] = x[at]; simdgroup_barrier(mem_flags::mem_threadgroup); y[at] = t[63 - i];`), "with no barrier between|which no thread has written"},
		{"a plain write among atomic ones",
			body(`threadgroup uint t; if (i == 3) t = 0; else atomic_fetch_add_explicit((threadgroup atomic_uint*)&t, 1u, memory_order_relaxed);`), "with no barrier between|which no thread has written"},
		{"too much threadgroup memory", body(`threadgroup float t[8193]; t[i * 128] = 0; threadgroup_barrier(mem_flags::mem_threadgroup); y[at] = t[(63 - i) * 128];`), "takes 32772 bytes of threadgroup memory, there are 32768"},
		{"a matrix without a value", matrices(`simdgroup_float8x8 a, b; simdgroup_load(a, x, 8); simdgroup_multiply(a, a, b); simdgroup_store(a, y + g * 64, 8);`), "multiplies a simdgroup matrix that has no value"},
		{"a matrix stored without a value", matrices(`simdgroup_float8x8 a; simdgroup_store(a, y + g * 64, 8);`),
			"stores a simdgroup matrix that has no value"},
		{"a matrix for some", matrices(`if (i % 4 == 0) { simdgroup_float8x8 a; simdgroup_load(a, x, 8); }`),
			"is reached by 8 of 32 threads"},
		{"a matrix at several places", matrices(`simdgroup_float8x8 a; simdgroup_load(a, x + i / 16, 8);`),
			"different places for one matrix"},
		{"a matrix beyond the end", matrices(`simdgroup_float8x8 a; simdgroup_load(a, x + 192 - 63, 8);`),
			"of buffer(0), which has 768"},
		{"a matrix of memory without a value",
			matrices(`threadgroup half t[64]; t[i] = 1; simdgroup_barrier(mem_flags::mem_threadgroup); simdgroup_half8x8 a; simdgroup_load(a, t, 8);`), "which no thread has written"},
		{"a matrix without a barrier", matrices(`threadgroup uint t[32]; t[i] = i; simdgroup_half8x8 a; simdgroup_load(a, (threadgroup half*)t, 8, ulong2(0), true);`), "with no barrier between|which no thread has written"},
		{"a matrix read as it is stored",
			matrices(`simdgroup_float8x8 a; threadgroup float t[64]; simdgroup_load(a, x, 8); simdgroup_store(a, t, 8); y[g * 64 + i] = t[63 - i];`), "with no barrier between|which no thread has written"},
		{"an index that nothing is set at",
			head + `struct W { uint4 w[1]; }; kernel void k(const device float* x [[buffer(0)]], const device W& w [[buffer(2)]]) {}`, "nothing is set at buffer(2)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, c.source, func(t *testing.T, _ []float32, err error) {
				if err == nil {
					t.Fatal("not caught")
				}
				for _, want := range strings.Split(c.want, "|") {
					if strings.Contains(err.Error(), want) {
						return
					}
				}
				t.Errorf("%v, want %q", err, c.want)
			})
		})
	}
}

// TestArguments binds what a kernel cannot use.
func TestArguments(t *testing.T) {
	source := head + `struct Params { uint a, b, c; }; struct Words { uint4 w[1]; };
kernel void k(constant Params& p [[buffer(0)]], device Words& w [[buffer(1)]]) { w.w[p.a] = uint4(p.b); }`
	for _, c := range []struct {
		name   string
		params int
		words  int
		want   string
	}{
		{"right", 12, 16, ""},
		{"parameters too short", 8, 16, "buffer(0) has 8 bytes, the argument's type 12"},
		{"words too short", 12, 8, "buffer(1) has 8 bytes, the argument's type 16"},
		{"nothing", 12, -1, "nothing is set at buffer(1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bufs := [][]byte{make([]byte, c.params), nil}
			if c.words >= 0 {
				bufs[1] = make([]byte, c.words)
			}
			err := Trial{Source: source, Buffers: bufs, Groups: [3]int{1, 1, 1}, Threads: [3]int{1, 1, 1}}.Run()
			if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestConstants sets function constants.
func TestConstants(t *testing.T) {
	source := head + `constant uint n_tmp [[function_constant(3)]];
constant uint n = is_function_constant_defined(n_tmp) ? n_tmp : 5u;
constant uint3 size = uint3(n, 1u, 1u);
kernel void k(device uint* y [[buffer(0)]]) { y[0] = size.x; }`
	must := head + `constant uint n [[function_constant(1)]]; kernel void k(device uint* y [[buffer(0)]]) { y[0] = n; }`
	for _, c := range []struct {
		source, constants string
		want              uint32
		err               string
	}{
		{source, "", 5, ""},
		{source, "3 uint 9u", 9, ""},
		{source, "2 uint 9u", 5, ""},
		{source, "3 int 9", 0, "is a uint and was given a int"},
		{must, "", 0, "function constant n (1) of k has no value"},
		{must, "1 uint 4u", 4, ""},
	} {
		y := make([]byte, 4)
		err := Trial{Source: c.source, Constants: c.constants, Buffers: [][]byte{y}, Groups: [3]int{1, 1, 1},
			Threads: [3]int{1, 1, 1}}.Run()
		if got := binary.LittleEndian.Uint32(y); (err != nil) != (c.err != "") || err != nil &&
			!strings.Contains(err.Error(), c.err) || got != c.want {
			t.Errorf("constants %q: %d, %v; want %d, %q", c.constants, got, err, c.want, c.err)
		}
	}
}

// TestRefusedSources are not the Metal Shading Language, or more of it than the
// stand-in has.
func TestRefusedSources(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"empty", "", "no kernel"},
		{"no kernel", head + "float f() { return 0; }", "no kernel"},
		{"two kernels", body("") + "\n" + body(""), "second kernel"},
		{"one index twice", head + "kernel void k(device float* a [[buffer(1)]], device float* b [[buffer(1)]]) {}",
			"both buffer(1)"},
		{"no address space", head + "kernel void k(float* a [[buffer(1)]]) {}", "no address space"},
		{"no attribute", head + "kernel void k(device float* a) {}", "has 0 attributes"},
		{"an unknown attribute", head + "kernel void k(uint a [[moon_phase]]) {}", "does not know [[moon_phase"},
		{"an index too high", head + "kernel void k(device float* a [[buffer(31)]]) {}", "does not know [[buffer(31)"},
		{"a texture", head + "kernel void k(device float* a [[texture(1)]]) {}", "does not know [[texture(1)"},
		{"double", body("double d = x[at]; y[at] = d;"), "has_no_double"},
		{"a write to what is const", body("x[at] = 1;"), "read-only|const"},
		{"vectors of two types", body("float2 a = float2(1); int2 b = int2(1); y[at] = (a + b).x;"), "cannot convert"},
		{"three numbers for four", body("y[at] = float4(x[0], x[1], x[2]).x;"), "as many elements as it has"},
		{"no return", head + "float f(float x) { if (x > 0) return 1; }\n" +
			strings.TrimPrefix(body("y[at] = f(x[at]);"), head), "does not return a value"},
		{"a name of the library's", head + "uint mulhi(thread const uint& a, thread const uint& b) { return a; }\n" +
			strings.TrimPrefix(body("uint a = 1; y[at] = mulhi(a, a);"), head), "ambiguous"},
		{"unbalanced", head + "kernel void k(device float* y [[buffer(0)]]) {", "error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := specialize(c.source, "")
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range strings.Split(c.want, "|") {
				if strings.Contains(err.Error(), want) {
					return
				}
			}
			t.Errorf("%v, want %q", err, c.want)
		})
	}
}

// FuzzTranslate looks for sources that make it panic.
func FuzzTranslate(f *testing.F) {
	for _, s := range []string{"", sum, body("y[at] = 1;"), head + "kernel void k(", "[[", "]]", "kernel void",
		"constant", "threadgroup",
		"constant x [[function_constant(1)]];", "is_function_constant_defined(", "kernel void k([[buffer(0)]]) {}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { translate(s) })
}
