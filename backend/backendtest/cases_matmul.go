package backendtest

import (
	"fmt"

	"falconmamba/backend"
)

func matmulCases() (cases []Case) {
	shapes := [][2]int{ // outputs, inputs
		{33, 67}, {67, 33}, {131, 257}, {257, 131}, {1, 1}, {5, 7}, {16, 16}, {64, 64}, {128, 256}, {256, 128},
		{257, 1}, {257, 3}, {131, 7}, {67, 256}, {1, 300}, {300, 1}, {23, 1031},
	}
	for i, shape := range shapes {
		for j, typ := range weightTypes {
			for k, p := range precisions {
				s := spans[(i+j+k)%len(spans)]
				cases = append(cases, matmulCase(typ, p, shape[0], shape[1], s, i%2 == 0, (i+j)%2 == 1))
			}
		}
	}
	for _, s := range spans {
		for _, typ := range weightTypes {
			for k, p := range precisions {
				cases = append(cases, plainAndOdd(matmulCase(typ, p, 67, 131, s, k == 1, false))...)
				cases = append(cases, matmulCase(typ, p, 96, 160, s, k != 1, false))
			}
		}
	}
	for i, shape := range [][2]int{{67, 131}, {131, 257}, {64, 128}, {33, 1100}} {
		for j, typ := range weightTypes {
			for k, p := range precisions {
				s := []span{{130, -1}, {257, 250}, {64, -1}, {130, 1}}[(i+j+k)%4]
				cases = append(cases, plainAndOdd(matmulCase(typ, p, shape[0], shape[1], s, (j+k)%2 == 0, false))...)
			}
		}
	}
	for _, shape := range [][2]int{{16384, 4096}, {288, 8192}, {8192, 256}, {4096, 8192}, {65024, 4096}} {
		for _, typ := range weightTypes {
			for _, p := range precisions {
				for _, rows := range []int{1, 5} {
					if typ == backend.F32 && rows > 1 || shape[0] == 65024 && (typ == backend.F32 || rows > 1) {
						continue
					}
					c := matmulCase(typ, p, shape[0], shape[1], span{rows, -1}, false, false)
					c.Wide = true
					cases = append(cases, c)
				}
			}
		}
	}
	for _, shape := range [][2]int{{16384, 4096}, {288, 8192}, {8192, 256}, {4096, 8192}} {
		for _, p := range []backend.Precision{backend.Float, backend.Half} {
			c := matmulCase(backend.BF16, p, shape[0], shape[1], span{130, -1}, false, false)
			c.Wide = true
			cases = append(cases, c)
		}
	}
	return cases
}

func matmulCase(typ backend.DType, p backend.Precision, m, k int, s span, biased, odd bool) Case {
	name := title(typ, p, fmt.Sprintf("%dx%d", m, k), liveName(s.rows, s.live))
	if biased {
		name = title(name, "bias")
	}
	if odd {
		name = title(name, "strided")
	}
	return Case{
		Name: name, Kind: backend.KindMatMul, Precision: p, Tolerance: rounded(p, false), odd: odd,
		typ: typ, rows: s.rows,
		build: func(f *fixture) backend.Op {
			o := backend.MatMul{
				Dst:       f.output("Dst", backend.F32, s.rows, m),
				Src:       f.normal("Src", s.rows, k),
				Weight:    f.weight("Weight", typ, m, k),
				Precision: p,
				Live:      f.live(s.live),
			}
			if biased {
				o.Bias = f.normal("Bias", 1, m)
			}
			f.writes(o.Dst, below(s.live))
			return o
		},
	}
}
