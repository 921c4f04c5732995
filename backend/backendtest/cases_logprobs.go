package backendtest

import (
	"fmt"
	"math"
	"slices"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A told is a sequence of a LogProbs case.
type told struct {
	logits []float32
	token  int32
	asked  uint32 // word of the record
	step   uint32
}

const logProbPlaces = 3

func logProbCases() (cases []Case) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	crowd := func(v, n, step int) []float32 { // n equal ones at the top
		logits := sampling.Logits(52, v, 1)
		for i := range n {
			logits[(7+i*step)%v] = 5
		}
		return logits
	}
	few := func(v int, ids ...int) []float32 {
		logits := slices.Repeat([]float32{-inf}, v)
		for i, id := range ids {
			logits[id] = float32(i%3) - 2
		}
		return logits
	}
	with := func(logits []float32, id int, x float32) []float32 {
		logits = slices.Clone(logits)
		logits[id] = x
		return logits
	}
	for _, v := range []int{1, 2, 255, 1024, 1025, 3001} {
		flat := sampling.Logits(50, v, 0.3)
		rows := []told{
			{flat, 0, 1, 0}, {flat, int32(v - 1), 21, 1}, {sampling.Logits(51, v, 4), int32(v / 2), 2, 1 << 31},
			{make([]float32, v), int32(v / 3), 21, 5}, {make([]float32, v), 0, 0, 1},
			{crowd(v, min(v, 2000), 1), 0, 21, math.MaxUint32}, {crowd(v, 20, 128), 0, 21, 7},
			{crowd(v, min(v, 1500), 2), 1, 4, 2},
			{few(v, v/5, v/2, v-1), int32(v - 1), 21, 9}, {few(v, v/2), 0, 11, 3},
			{with(flat, v/2, inf), int32(v / 2), 6, 4}, {with(flat, v-1, nan), 0, 6, 4},
			{slices.Repeat([]float32{-inf}, v), sampling.NoToken, 3, 8},
			{flat, sampling.NoToken, 6, 2}, {flat, int32(v), 6, 3}, {flat, math.MaxInt32, math.MaxUint32, 1},
			{with(flat, v/2, -3e38), int32(v / 2), 5, 6}, {with(flat, 0, 3e38), int32(v - 1), 5, 7},
		}
		cases = append(cases, plainAndOdd(Case{
			Name: fmt.Sprintf("%d tokens", v), Kind: backend.KindLogProbs,
			build: func(f *fixture) backend.Op { return buildLogProbs(f, batch{more: 1}, rows, len(rows)) },
		})...)
	}
	wide := []told{{sampling.Logits(53, 65024, 2), 65023, 21, 1}, {crowd(65024, 21, 3001), 7, 21, 2},
		{slices.Repeat([]float32{1}, 65024), 65000, 6, 0}}
	cases = append(cases, Case{Name: "65024 tokens", Kind: backend.KindLogProbs,
		build: func(f *fixture) backend.Op { return buildLogProbs(f, batch{}, wide, len(wide)) }})
	small := sampling.Logits(54, 131, 2)
	rows := []told{{small, 1, 3, 0}, {small, 2, 3, 1}, {small, 3, 3, 2}, {small, 4, 3, 3}}
	for _, c := range []struct {
		name  string
		batch batch
		heads int
	}{
		{"sequences that are only read", batch{more: 2}, 2},
		{"fewer draws than none", batch{}, -1},
		{"outside", batch{number: math.MaxInt32, lies: []backend.Sequence{{Rows: 1, Slot: -1},
			{Rows: 1, Slot: len(rows) + 1}, {Rows: -1, Slot: len(rows)}}}, math.MaxInt32},
	} {
		cases = append(cases, plainAndOdd(Case{Name: c.name, Kind: backend.KindLogProbs,
			build: func(f *fixture) backend.Op { return buildLogProbs(f, c.batch, rows, c.heads) }})...)
	}
	return cases
}

// buildLogProbs has a slot for each of rows, in descending order, and one more.
func buildLogProbs(f *fixture, b batch, rows []told, heads int) backend.Op {
	n, v := len(rows), len(rows[0].logits)
	records, tokens := make([]int32, (n+1)*sampling.RecordWords), []int32{}
	slot := func(i int) int { return n - 1 - i }
	for i, r := range rows {
		b.seqs = append(b.seqs, backend.Sequence{First: i, Rows: 1, Slot: slot(i)})
		f.record(records, slot(i), func() (sampling.Record, error) {
			// Of what shapes a draw nothing matters.
			record, err := sampling.Encode(sampling.Params{Temperature: 0.2, TopK: 2, RepetitionPenalty: 1.4,
				PresencePenalty: 1}, r.step, 0, nil)
			record[sampling.WordLogProbs] = r.asked
			return record, err
		})
		tokens = append(tokens, r.token)
	}
	f.record(records, n, func() (r sampling.Record, err error) { return r, r.AskLogProbs(3) })
	b.rows = n
	spare := len(b.lies) + b.more
	o := backend.LogProbs{
		Dst:    f.output("Dst", backend.I32, n+1, logProbPlaces*backend.LogProbWords),
		Tokens: f.ints("Tokens", 1, append(tokens, make([]int32, spare)...)...),
		Logits: f.tensor("Logits", backend.F32, n+spare, v,
			func(row, col int) uint32 { return floatBits(rows[min(row, n-1)].logits[col]) }),
		Records: f.ints("Records", sampling.RecordWords, records...),
		Batch:   f.batch(b, heads),
	}
	for i, r := range rows[:min(max(heads, 0), n)] {
		if r.asked == 0 {
			continue
		}
		at := int(r.step%logProbPlaces) * backend.LogProbWords
		f.writes(o.Dst.Columns(at, at+backend.LogProbWords), func(row int) bool { return row == slot(i) })
	}
	return o
}
