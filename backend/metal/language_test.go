package metal

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"falconmamba/shaders"
)

// What kernels may use is what the oldest system that runs them has: macOS 13, so version 3.0 of the language, and the
// M1, of the family Apple7. The tables are from the Metal Shading Language Specification and the Metal Feature Set
// Tables, as Apple publishes them.
const (
	oldestLanguage = 300 // hundredths of a version
	oldestFamily   = 7
)

// since is the version of the language and the family of GPUs that a name came with.
type since struct{ language, family int }

// library has the names of Metal's standard library that kernels call.
var library = map[string]since{
	// Common, integer and floating-point functions.
	"abs": {100, 1}, "clz": {100, 1}, "dot": {100, 1}, "exp": {100, 1}, "exp2": {100, 1}, "fma": {100, 1},
	"log": {100, 1}, "max": {100, 1}, "min": {100, 1}, "mulhi": {100, 1}, "rsqrt": {100, 1}, "select": {100, 1},
	"sign": {100, 1}, "sqrt": {100, 1}, "fast::max": {100, 1}, "fast::min": {100, 1},
	// Conversions, vectors of a template, and function constants.
	"as_type": {100, 1}, "vec": {100, 1}, "is_function_constant_defined": {120, 1},
	// Threads and their memory.
	"threadgroup_barrier": {100, 1}, "simdgroup_barrier": {200, 2},
	"atomic_fetch_add_explicit": {100, 1}, "atomic_fetch_and_explicit": {100, 1}, "atomic_fetch_max_explicit": {100, 1},
	"atomic_fetch_or_explicit": {100, 1},
	// Of a simdgroup: permutations, and sums over it.
	"simd_shuffle_xor": {200, 6}, "simd_sum": {210, 7},
	// Matrices of a simdgroup.
	"make_filled_simdgroup_matrix": {230, 7}, "simdgroup_load": {230, 7}, "simdgroup_store": {230, 7},
	"simdgroup_multiply_accumulate": {230, 7},
}

// valueTypes has the types that kernels have values of, vectors without their lengths. There is no double, and bfloat came
// with 3.1.
var valueTypes = map[string]since{
	"bool": {100, 1}, "char": {100, 1}, "uchar": {100, 1}, "short": {100, 1}, "ushort": {100, 1}, "int": {100, 1},
	"uint": {100, 1}, "half": {100, 1}, "float": {100, 1}, "void": {100, 1}, "long": {220, 3}, "ulong": {220, 3},
	"atomic_uint": {100, 1}, "simdgroup_float8x8": {230, 7}, "simdgroup_half8x8": {230, 7},
}

// attributes has what stands between double brackets.
var attributes = map[string]since{
	"buffer": {100, 1}, "function_constant": {120, 1}, "maybe_unused": {100, 1},
	"clang":                        {100, 1}, // clang::optnone, of SPIRV-Cross, which promises that Apple's compiler takes it
	"threadgroup_position_in_grid": {100, 1}, "threadgroups_per_grid": {100, 1}, "thread_position_in_grid": {100, 1},
	"thread_index_in_threadgroup": {100, 1}, "simdgroup_index_in_threadgroup": {200, 1},
	"simdgroups_per_threadgroup": {200, 1}, "thread_index_in_simdgroup": {200, 1},
}

// A kernel has at most so many arguments that are buffers, and so many function constants.
const (
	mostBuffers   = 31
	mostConstants = 65536
)

var (
	comments  = regexp.MustCompile(`(?s)//[^\n]*|/\*.*?\*/`)
	defined   = regexp.MustCompile(`\b(?:[a-zA-Z_]\w*|>)[&*]*\s+\**&?([a-zA-Z_]\w*)\s*\([^;()]*(?:\([^()]*\)[^;()]*)*\)\s*(?:const\s*)?\{`)
	macros    = regexp.MustCompile(`(?m)^\s*#define (\w+)`)
	called    = regexp.MustCompile(`(?:\b(fast|precise|metal)::)?\b([a-zA-Z_]\w*)\s*(?:<[\w ,]+>)?\s*\(`)
	built     = regexp.MustCompile(`\bvec<[\w ,]+> (\w+)\(`) // a variable
	structs   = regexp.MustCompile(`\bstruct (\w+)|typename (\w+)|\btypedef \w+ (\w+)|\bclass (\w+)`)
	vector    = regexp.MustCompile(`^(bool|char|uchar|short|ushort|int|uint|long|ulong|half|float)[234](?:x[234])?$`)
	attribute = regexp.MustCompile(`\[\[(\w+)`)
	buffers   = regexp.MustCompile(`\[\[buffer\((\d+)\)\]\]`)
	numbered  = regexp.MustCompile(`\[\[function_constant\((\d+)\)\]\]`)
	typed     = regexp.MustCompile(`\b((?:packed_)?(?:b?float|double|half|u?(?:char|short|int|long))(?:\d(?:x\d)?)?|` +
		`size_t|ptrdiff_t|atomic_\w+|simdgroup_\w+\d+x\d+|(?:texture|depth|sampler|imageblock|visible_function)\w*)\b`)
)

// words are followed by a parenthesis and no functions.
var words = []string{"if", "for", "while", "switch", "return", "sizeof", "static_assert", "defined", "__attribute__",
	"_Pragma", "always_inline", "unroll", "buffer", "function_constant"}

// complaints are what Apple's compiler would have to say of a kernel's source, by the tables: a word for each.
func complaints(source string) (list []string) {
	say := func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	check := func(table map[string]since, what, name string) {
		switch s, ok := table[name]; {
		case !ok:
			say("%s %s is in no table", what, name)
		case s.language > oldestLanguage:
			say("%s %s wants version %d.%d of the language", what, name, s.language/100, s.language/10%10)
		case s.family > oldestFamily:
			say("%s %s wants a GPU of the family Apple%d", what, name, s.family)
		}
	}
	text := comments.ReplaceAllString(source, "")
	own := map[string]bool{}
	for _, names := range []*regexp.Regexp{defined, built, macros, structs} {
		for _, m := range names.FindAllStringSubmatch(text, -1) {
			own[strings.Join(m[1:], "")] = true
		}
	}
	for _, m := range called.FindAllStringSubmatch(text, -1) {
		name := m[2]
		if m[1] != "" {
			name = m[1] + "::" + name
		}
		if own[name] || slices.Contains(words, name) || vector.MatchString(name) || valueTypes[name] != (since{}) {
			continue
		}
		check(library, "function", name)
	}
	for _, m := range typed.FindAllStringSubmatch(text, -1) {
		if name := m[1]; !vector.MatchString(name) && library[name] == (since{}) {
			check(valueTypes, "type", name)
		}
	}
	for _, m := range attribute.FindAllStringSubmatch(text, -1) {
		check(attributes, "attribute", m[1])
	}
	unique(text, buffers, mostBuffers, "buffer", say)
	unique(text, numbered, mostConstants, "function constant", say)
	return list
}

// unique complains of numbers that are given twice or too high.
func unique(text string, numbers *regexp.Regexp, most int, what string, say func(string, ...any)) {
	seen := map[string]bool{}
	for _, m := range numbers.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.Atoi(m[1]); err != nil || n >= most {
			say("%s %s: numbers end at %d", what, m[1], most-1)
		}
		if seen[m[1]] {
			say("%s %s is there twice", what, m[1])
		}
		seen[m[1]] = true
	}
}

// Kernels keep to what macOS 13 and an M1 have.
func TestLanguage(t *testing.T) {
	n := 0
	for _, k := range shaders.Kernels() {
		if !k.Metal {
			continue
		}
		source, err := k.MSL()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range complaints(source) {
			t.Errorf("%s: %s", k.Name, c)
		}
		n++
	}
	if n < 50 {
		t.Errorf("%d kernels have Metal source", n)
	}
}

// What is not there is found: each in a kernel that has nothing else to complain of.
func TestLanguageMutants(t *testing.T) {
	k := shaders.Lookup("add_f32")
	source, err := k.MSL()
	if err != nil {
		t.Fatal(err)
	}
	const at = "kernel void"
	if strings.Count(source, at) != 1 {
		t.Fatal("no kernel to change")
	}
	for _, x := range []struct{ add, want string }{
		{"float f(float x) { return simd_shuffle_and_fill_up(x, x, 1); }\n", "simd_shuffle_and_fill_up is in no table"},
		{"static float g(float x) { return erf(x); }\n", "erf is in no table"},
		{"constant double d = 1;\n", "double is in no table"},
		{"constant bfloat b = 1;\n", "bfloat is in no table"},
		{"void h(thread simdgroup_bfloat8x8& m) {}\n", "simdgroup_bfloat8x8 is in no table"},
		{"constant uint z [[function_constant(65536)]];\n", "function constant 65536: numbers end at 65535"},
		{"constant uint z [[function_constant(9)]];\nconstant uint y [[function_constant(9)]];\n",
			"function constant 9 is there twice"},
		{"void i(device float& x [[buffer(31)]]) {}\n", "buffer 31: numbers end at 30"},
		{"void i(uint x [[dispatch_threads_per_threadgroup]]) {}\n", "dispatch_threads_per_threadgroup is in no table"},
	} {
		got := complaints(strings.Replace(source, at, x.add+at, 1))
		if len(got) != 1 || !strings.HasSuffix(got[0], x.want) {
			t.Errorf("%q: %q, want %q", x.add, got, x.want)
		}
	}
}
