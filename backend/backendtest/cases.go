package backendtest

import (
	"fmt"

	"falconmamba/backend"
)

// Cases returns the table. A backend of many devices runs it on each.
func Cases() []Case {
	var cases []Case
	for _, of := range []func() []Case{
		embedCases, gatherCases, normCases, elementCases, argmaxCases, liveCases,
		matmulCases, convCases, scanCases, biasCases, sampleCases, logProbCases, advanceCases,
		inProjCases, ssmCases, outProjCases, headCases,
	} {
		cases = append(cases, of()...)
	}
	for i := range cases {
		cases[i].Name = title(cases[i].Kind, cases[i].Name)
	}
	return append(cases, blockCases()...)
}

// What one operation in float32 may differ from float64. The sums are of up to
// a thousand terms near 1/√n, each rounded to 6e-8; exp on a GPU is good to
// 3+2|x| units in the last place (Vulkan specification, precision of
// operations). A fused operation passes its error through two or three such.
var (
	copied   = Tolerance{Why: "a copy is exact"}
	float32s = Tolerance{Max: 2e-5, NMSE: 1e-10, Why: "float32 sums and functions"}
	fusedF32 = Tolerance{Max: 1e-4, NMSE: 1e-9, Why: "a chain of float32 operations"}
)

// rounded returns the tolerance where activations may be rounded on their way
// into a matrix product. bfloat16 keeps 8 bits: a relative error of 2^-9 at
// most, 1.1e-3 in the mean square root, so 1.3e-6 in NMSE and, over 10^5
// outputs near 1, 5e-3 at most. int8 with a scale per 32 elements has steps of
// 2.1σ/127 for normal numbers, so 2.3e-5 in NMSE and 2.5e-2 at most. Behind a
// second product, a norm and exp the same is let grow fourfold.
func rounded(p backend.Precision, chain bool) Tolerance {
	t := float32s
	grow := 1.0
	if chain {
		t, grow = fusedF32, 4
	}
	switch p {
	case backend.Half:
		t = Tolerance{Max: 1.2e-2 * grow, NMSE: 5e-6 * grow * grow, Why: "activations in bfloat16"}
	case backend.Int8:
		t = Tolerance{Max: 6e-2 * grow, NMSE: 1e-4 * grow * grow, Why: "activations in int8 per 32"}
	}
	return t
}

var precisions = []backend.Precision{backend.Float, backend.Half, backend.Int8}

var weightTypes = []backend.DType{backend.F32, backend.F16, backend.BF16}

// plainAndOdd returns the case twice: its views dense and aligned, and at odd
// offsets with gaps between rows.
func plainAndOdd(c Case) []Case {
	odd := c
	odd.odd = true
	odd.Name = title(c.Name, "strided")
	return []Case{c, odd}
}

// liveName names the count of a Live operand.
func liveName(rows, live int) string {
	if live < 0 {
		return fmt.Sprintf("rows=%d", rows)
	}
	return fmt.Sprintf("rows=%d of %d", live, rows)
}

// A span is an upper bound of rows and how many are live, -1 without Live.
type span struct{ rows, live int }

var spans = []span{{1, -1}, {2, 1}, {3, -1}, {7, 5}, {33, -1}, {33, 0}, {70, 66}}
