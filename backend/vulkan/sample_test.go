//go:build cgo && !darwin

package vulkan

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// drawTable is an operation that draws from each row of logits, (N, V), by the
// record and the counts of the same row; counts may be empty.
func drawTable(t testing.TB, d *device, logits []float32, records []sampling.Record, counts []int32) backend.Sample {
	n := len(records)
	v := len(logits) / n
	var seqs []backend.Sequence
	var words []int32
	for i, r := range records {
		seqs = append(seqs, backend.Sequence{First: i, Rows: 1, Slot: i})
		for _, w := range r {
			words = append(words, int32(w))
		}
	}
	header := make([]int32, (1+n)*backend.BatchWords)
	backend.EncodeBatch(header, seqs, n)
	o := backend.Sample{
		Dst:     dense(t, d, backend.I32, n, 1, make([]int32, n)),
		Logits:  dense(t, d, backend.F32, n, v, logits),
		Records: dense(t, d, backend.I32, n, backend.RecordWords, words),
		Batch:   dense(t, d, backend.I32, 1+n, backend.BatchWords, header),
	}
	if len(counts) > 0 {
		o.Counts = dense(t, d, backend.I32, n, v, counts)
	}
	return o
}

// A row of logits of one of the kinds that take other ways through the kernel.
func anyLogits(rng *rand.Rand, logits []float32) {
	deviation := math.Exp2(float64(rng.IntN(8) - 3))
	for i := range logits {
		logits[i] = float32(rng.NormFloat64() * deviation)
	}
	switch rng.IntN(6) {
	case 0: // many ties
		for i, s := range logits {
			logits[i] = float32(math.Round(float64(s)*2)) / 2
		}
	case 1: // a crowd at the top, in one place or far apart
		step := 1 << rng.IntN(12)
		for i := range rng.IntN(2100) {
			logits[i*step%len(logits)] = float32(6*deviation) + float32(rng.IntN(3))
		}
	case 2: // few that can be picked
		for i := range logits {
			if rng.IntN(len(logits)) > 30 {
				logits[i] = float32(math.Inf(-1))
			}
		}
		logits[rng.IntN(len(logits))] = -3
	case 3: // infinities, and now and then what is no number
		for range len(logits) / 3 {
			logits[rng.IntN(len(logits))] = []float32{float32(math.Inf(-1)), math.Float32frombits(1 << 31)}[rng.IntN(2)]
		}
		if rng.IntN(2) == 0 {
			logits[rng.IntN(len(logits))] = float32(math.Inf(1))
		}
		if rng.IntN(4) == 0 {
			logits[rng.IntN(len(logits))] = float32(math.NaN())
		}
	case 4: // of every size
		for i := range logits {
			if logits[i] = math.Float32frombits(rng.Uint32()); logits[i] != logits[i] {
				logits[i] = 0
			}
		}
	}
}

func anyParams(rng *rand.Rand, v int) sampling.Params {
	pick := func(p ...float32) float32 { return p[rng.IntN(len(p))] }
	p := sampling.Params{
		Temperature: pick(0.3, 0.8, 1, 1, 2, 10, 1e-35, 1e35),
		TopP:        pick(0, 0, 0.1, 0.5, 0.9, 0.99, 0.999999, 1e-12),
		MinP:        pick(0, 0, 0, 0.01, 0.3, 1), RepetitionPenalty: pick(0, 1.1, 0.7, 2),
		PresencePenalty: pick(0, 0, 0.3, -2), FrequencyPenalty: pick(0, 0, 0.1, -0.7),
		Seed: rng.Uint64(),
	}
	switch rng.IntN(5) {
	case 0, 1:
		p.TopK = 1 + rng.IntN(100)
	case 2:
		p.TopK = []int{1, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, v - 1, v, v + 1,
			math.MaxInt32}[rng.IntN(17)]
	}
	return p
}

// What the kernel makes of random rows is what package sampling does, with the
// list of tokens and without, and for workgroups of every size; with -short for the
// smallest and the largest, since each size is seconds of compiling.
func TestSampleRows(t *testing.T) {
	d := openTest(t)
	target := d.target
	defer func() { d.target = target }()
	sizes := []int{128, 256, 512, 1024}
	if testing.Short() {
		sizes = []int{128, 1024}
	}
	var picker sampling.Picker
	for _, c := range []struct{ v, rows int }{{1, 8}, {2, 8}, {255, 8}, {256, 8}, {257, 8}, {1024, 16}, {1025, 16},
		{2500, 64}, {65024, 4}} {
		rng := rand.New(rand.NewPCG(uint64(c.v), 1))
		records, params := make([]sampling.Record, c.rows), make([]sampling.Params, c.rows)
		logits, counts := make([]float32, c.rows*c.v), make([]int32, c.rows*c.v)
		for i := range counts {
			counts[i] = int32(max(0, rng.IntN(8)-5))
		}
		for i := range c.rows {
			anyLogits(rng, logits[i*c.v:][:c.v])
			params[i] = anyParams(rng, c.v)
			var err error
			if records[i], err = sampling.Encode(params[i], rng.Uint32(), 0, nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, size := range sizes {
			if size > target.Invocations {
				continue
			}
			d.target.Invocations = size
			d.target.Shared = 33 << 10 // for the choice of 1024; they need 16.1 KiB
			counted := counts
			if size == 512 {
				counted = nil
			}
			o := drawTable(t, d, logits, records, counted)
			submit(t, d, o)
			got := values(t, o.Dst)
			for i := range c.rows {
				var row []int32
				if counted != nil {
					row = counted[i*c.v:][:c.v]
				}
				want, _ := picker.Pick(logits[i*c.v:][:c.v], row, &records[i])
				if id := int32(math.Float32bits(got[i])); id != want {
					t.Errorf("%d invocations, row %d of %d logits, %+v: drew %d, want %d",
						size, i, c.v, params[i], id, want)
				}
			}
		}
	}
}

// What random rows tell of their log-probabilities is what package sampling says,
// for workgroups of every size.
func TestLogProbsRows(t *testing.T) {
	d := openTest(t)
	target := d.target
	defer func() { d.target = target }()
	sizes := []int{128, 256, 512, 1024}
	if testing.Short() {
		sizes = []int{256}
	}
	var picker sampling.Picker
	for _, c := range []struct{ v, rows int }{{1, 4}, {257, 8}, {1025, 16}, {2500, 64}, {65024, 4}} {
		rng := rand.New(rand.NewPCG(uint64(c.v), 2))
		records := make([]sampling.Record, c.rows)
		logits, tokens := make([]float32, c.rows*c.v), make([]int32, c.rows)
		for i := range c.rows {
			anyLogits(rng, logits[i*c.v:][:c.v])
			tokens[i] = rng.Int32N(int32(c.v))
			if err := records[i].AskLogProbs(rng.IntN(sampling.MaxLogProbs + 1)); err != nil {
				t.Fatal(err)
			}
		}
		for _, size := range sizes {
			if size > target.Invocations {
				continue
			}
			d.target.Invocations = size
			d.target.Shared = 33 << 10 // for the choice of 1024
			s := drawTable(t, d, logits, records, nil)
			o := backend.LogProbs{Tokens: dense(t, d, backend.I32, c.rows, 1, tokens), Logits: s.Logits,
				Dst:     dense(t, d, backend.I32, c.rows, backend.LogProbWords, make([]int32, c.rows*backend.LogProbWords)),
				Records: s.Records, Batch: s.Batch}
			submit(t, d, o)
			got := values(t, o.Dst)
			for i := range c.rows {
				want := make([]int32, backend.LogProbWords)
				picker.LogProbs(want, logits[i*c.v:][:c.v], tokens[i], &records[i])
				for w, x := range got[i*backend.LogProbWords:][:backend.LogProbWords] {
					if word := int32(math.Float32bits(x)); word != want[w] {
						t.Errorf("%d invocations, row %d of %d logits: word %d is %d, want %d",
							size, i, c.v, w, word, want[w])
					}
				}
			}
		}
	}
}

// BenchmarkSample draws from rows of Falcon's vocabulary. Each line measures for
// itself, so one iteration is enough:
//
//	go test ./backend/vulkan -run '^$' -bench Sample -benchtime 1x
//
// µs/draw is the median of the device's own times.
func BenchmarkSample(b *testing.B) {
	open, err := driver{}.Open(0, backend.Options{})
	if err != nil {
		b.Skip(err)
	}
	d := open.(*device)
	defer d.Close()
	const v = 65024
	draws := 101
	if d.info.Class == backend.Software {
		draws = 3
	}
	for _, c := range []struct {
		name   string
		params sampling.Params
	}{
		{"greedy", sampling.Params{}},
		{"no filter", sampling.Params{Temperature: 1}},
		{"penalty", sampling.Params{Temperature: 1, RepetitionPenalty: 1.1}},
		{"min_p", sampling.Params{Temperature: 1, MinP: 0.01}},
		{"top_k=40", sampling.Params{Temperature: 1, TopK: 40}},
		{"top_k=2000", sampling.Params{Temperature: 1, TopK: 2000}},
		{"top_p=0.9", sampling.Params{Temperature: 1, TopP: 0.9}},
		{"all", sampling.Params{Temperature: 0.8, TopK: 40, TopP: 0.9, MinP: 0.02, RepetitionPenalty: 1.1}},
	} {
		for _, rows := range []struct {
			name   string
			n      int
			logits []float32 // of one
		}{
			{"flat", 1, sampling.Logits(1, v, 1)},
			{"peaked", 1, sampling.Logits(1, v, 4)},
			{"equal", 1, make([]float32, v)},
			{"8 peaked", 8, sampling.Logits(1, v, 4)},
		} {
			b.Run(c.name+"/"+rows.name, func(b *testing.B) {
				record, err := sampling.Encode(c.params, 0, 0, nil)
				if err != nil {
					b.Fatal(err)
				}
				records := slices.Repeat([]sampling.Record{record}, rows.n)
				counts := slices.Repeat(sampling.Counts(1, v, 500), rows.n)
				p, err := d.Compile("sample",
					[]backend.Op{drawTable(b, d, slices.Repeat(rows.logits, rows.n), records, counts)})
				if err != nil {
					b.Fatal(err)
				}
				defer p.Close()
				var seconds []float64
				for range draws {
					times, err := d.Profile(context.Background(), p)
					if err != nil {
						b.Fatal(err)
					}
					seconds = append(seconds, times[0].Seconds)
				}
				slices.Sort(seconds)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(seconds[len(seconds)/2]*1e6, "µs/draw")
			})
		}
	}
}
