package backendtest

import (
	"fmt"
	"math"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A biasShape is a Bias case: over what, and which operands are there.
type biasShape struct {
	vocab          int
	biases, masked bool
	inPlace        bool
}

func biasCases() (cases []Case) {
	for _, v := range []int{1, 31, 32, 33, 131, 1024, 1025, 3001} {
		for i, s := range []biasShape{{v, true, true, false}, {v, true, false, true}, {v, false, true, true}} {
			if v == 32 && i > 0 || v == 31 && i == 0 {
				s.biases, s.masked = !s.biases, true
			}
			name := fmt.Sprintf("%d tokens, biases=%v, mask=%v, in place=%v", v, s.biases, s.masked, s.inPlace)
			cases = append(cases, plainAndOdd(Case{Name: name, Kind: backend.KindBias,
				build: func(f *fixture) backend.Op { return buildBias(f, batch{more: 1}, s, 12, 11) }})...)
		}
	}
	wide := biasShape{65024, true, true, true}
	cases = append(cases, Case{Name: "65024 tokens", Kind: backend.KindBias,
		build: func(f *fixture) backend.Op { return buildBias(f, batch{}, wide, 11, 11) }})
	for _, c := range []struct {
		name        string
		batch       batch
		rows, heads int // of Dst, and BatchHeads
	}{
		{"sequences that are only read", batch{more: 2}, 13, 5},
		{"fewer draws than none", batch{}, 11, math.MinInt32},
		{"fewer rows than sequences", batch{more: 1}, 4, 11},
		{"outside", batch{number: math.MaxInt32, lies: []backend.Sequence{{Rows: 1, Slot: -1}, {Rows: 1, Slot: 12},
			{Rows: -1, Slot: 11}}}, 14, math.MaxInt32},
	} {
		for _, inPlace := range []bool{false, true} {
			cases = append(cases, plainAndOdd(Case{Name: title(c.name, fmt.Sprintf("in place=%v", inPlace)),
				Kind: backend.KindBias,
				build: func(f *fixture) backend.Op {
					return buildBias(f, c.batch, biasShape{67, true, true, inPlace}, c.rows, c.heads)
				}})...)
		}
	}
	return cases
}

// slotBias is what a slot of a Bias case has: pairs, how many of them the record
// says, and whether the mask holds.
type slotBias struct {
	pairs  []int32
	says   int32
	masked bool
}

// biases returns those that hold.
func (s slotBias) biases() map[int]float32 {
	all := map[int]float32{}
	for i := range min(max(int(s.says), 0), len(s.pairs)/2) {
		all[int(s.pairs[2*i])] = math.Float32frombits(uint32(s.pairs[2*i+1]))
	}
	return all
}

// biasPairs is the room of a slot for biases.
const biasPairs = 300

// slotBiases is a slot for each of 11 sequences, and one that nobody has.
func slotBiases(f *fixture, v int) []slotBias {
	bits := func(x float32) int32 { return int32(floatBits(x)) }
	inf := float32(math.Inf(-1))
	few := []int32{0, bits(-100), int32(v / 3), bits(0.1), int32(v / 2), bits(-0.7), int32(v - 1), bits(inf)}
	for i := 2; i < len(few); i += 2 { // an id has one bias
		if few[i] <= few[i-2] {
			few = few[:i]
			break
		}
	}
	n := int32(len(few) / 2)
	var many []int32
	for i := range min(v, biasPairs) {
		id := int32(i * (v / min(v, biasPairs)))
		many = append(many, id, bits(float32(f.rng.NormFloat64())))
	}
	return []slotBias{
		{}, {few, n, false}, {few, n, true}, {nil, 0, true}, {few, 1, false}, {many, int32(len(many) / 2), false},
		{many, int32(len(many) / 2), true}, {many, math.MaxInt32, false}, {few, -1, true},
		{[]int32{-1, bits(1), int32(v), bits(1), math.MaxInt32, bits(1), math.MinInt32, bits(1), 0, bits(2)}, 5, false},
		{few, n, false}, {few, n, true},
	}
}

// buildBias has Dst of rows rows; the first heads of 11 sequences draw.
func buildBias(f *fixture, b batch, s biasShape, rows, heads int) backend.Op {
	const seqs = 11
	v, words := s.vocab, sampling.MaskWords(s.vocab)
	slots := slotBiases(f, v)
	records := make([]int32, len(slots)*sampling.RecordWords)
	biases, mask := make([]int32, len(slots)*2*biasPairs), make([]int32, len(slots)*words)
	for i := range mask {
		mask[i] = int32(f.rng.Uint32())
	}
	for i, t := range slots {
		copy(biases[i*2*biasPairs:], t.pairs)
		if int(t.says) > len(t.pairs)/2 && len(t.pairs) < 2*biasPairs { // no pairs of zeros behind
			t.says = int32(len(t.pairs) / 2)
			slots[i] = t
		}
		r := records[i*sampling.RecordWords:]
		r[sampling.WordBiases] = t.says
		if t.masked {
			r[sampling.WordMasked] = 1
		}
	}
	slot := func(i int) int { return (5*i + 3) % len(slots) }
	logits := make([][]float32, rows)
	for i := range logits {
		logits[i] = make([]float32, v)
		for j := range logits[i] {
			logits[i][j] = float32(3 * f.rng.NormFloat64())
		}
		for j, x := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 3e38, 1e-40,
			float32(math.Copysign(0, -1)), 0.7, 100} {
			if at := (7*i + 11*j) % v; v > 8 {
				logits[i][at] = x
			}
		}
	}
	for i := range seqs {
		b.seqs = append(b.seqs, backend.Sequence{First: i, Rows: 1, Slot: slot(i)})
	}
	b.seqs[2].Rows = 0
	b.rows = seqs
	o := backend.Bias{
		Logits: f.tensor("Logits", backend.F32, rows, v,
			func(row, col int) uint32 { return floatBits(logits[row][col]) }),
		Records: f.ints("Records", sampling.RecordWords, records...),
		Batch:   f.batch(b, heads),
	}
	o.Dst = o.Logits
	if !s.inPlace {
		o.Dst = f.output("Dst", backend.F32, rows, v)
	}
	if s.biases {
		o.Biases = f.ints("Biases", 2*biasPairs, biases...)
	}
	if s.masked {
		o.Allowed = f.ints("Allowed", words, mask...)
	}
	for i := range min(max(heads, 0), rows, seqs) {
		if b.seqs[i].Rows == 0 {
			continue
		}
		t, allowed := slots[slot(i)], mask[slot(i)*words:]
		bias := map[int]float32{}
		if s.biases {
			bias = t.biases()
		}
		want := make([]int32, v)
		for id, x := range logits[i] {
			b := bias[id]
			if s.masked && t.masked && allowed[id/32]>>(id%32)&1 == 0 {
				b = float32(math.Inf(-1))
			}
			switch infinite := math.IsInf(float64(x), 0); {
			case x != x || infinite && !math.IsInf(float64(b), -1):
			case infinite:
				x = b
			case b != 0:
				x += b
			}
			want[id] = int32(floatBits(x))
		}
		f.expects(o.Dst, i, want...)
	}
	return o
}
