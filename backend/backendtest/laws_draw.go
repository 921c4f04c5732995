package backendtest

import (
	"fmt"
	"slices"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A drawTables is what a slot has, a row for each of n texts, and their logits.
type drawTables struct {
	logits [][]float32

	// Before the first step.
	records, counts, ring, biases, allowed []int32

	all []backend.Tensor // what steps leave, a row for each text
	was [][]int32        // the same before the first step
	o   struct{ records, counts, ring, biases, allowed, last, out, told backend.Tensor }
}

const drawVocab, drawTexts, drawWindow, drawPairs = 1100, 13, 3, 2

func newDrawTables(k *kit) *drawTables {
	t := &drawTables{ring: slices.Repeat([]int32{-1}, drawTexts*drawWindow),
		biases: make([]int32, drawTexts*2*drawPairs)}
	words := sampling.MaskWords(drawVocab)
	t.allowed = make([]int32, drawTexts*words)
	for i := range drawTexts {
		p := sampling.Params{Temperature: float32(i%4) * 0.5, TopK: i % 3 * 20, TopP: 0.95, Seed: uint64(i)}
		if i%2 == 1 {
			p.RepetitionPenalty, p.PresencePenalty, p.FrequencyPenalty, p.RepeatLastN = 1.3, 0.5, -0.2, i%3*drawWindow/2
		}
		r, err := sampling.Encode(p, uint32(i), 0, []int32{int32(i)})
		k.check(err)
		if i%3 > 0 {
			k.check(r.AskLogProbs(i))
		}
		if i%4 == 1 {
			k.check(r.SetBias(t.biases[i*2*drawPairs:][:2*drawPairs], map[int32]float32{5: 4, 77: -100}, drawVocab))
		}
		if i%5 == 2 {
			k.check(r.SetMask(t.allowed[i*words:][:words], []int32{3, 64, 700, drawVocab - 1}, drawVocab))
		}
		for _, w := range r {
			t.records = append(t.records, int32(w))
		}
		if i%2 == 0 {
			t.logits = append(t.logits, k.normal(drawVocab))
		} else { // two texts that are likely to draw the same
			t.logits = append(t.logits, t.logits[i-1])
		}
	}
	t.counts = make([]int32, drawTexts*drawVocab)
	t.o.records, t.o.counts = k.words(sampling.RecordWords, t.records...), k.words(drawVocab, t.counts...)
	t.o.ring, t.o.biases = k.words(drawWindow, t.ring...), k.words(2*drawPairs, t.biases...)
	t.o.allowed = k.words(words, t.allowed...)
	last, out := make([]int32, drawTexts), make([]int32, drawTexts*8)
	told := make([]int32, drawTexts*3*backend.LogProbWords)
	t.o.last, t.o.out, t.o.told = k.words(1, last...), k.words(8, out...), k.words(3*backend.LogProbWords, told...)
	t.all = []backend.Tensor{t.o.records, t.o.counts, t.o.ring, t.o.last, t.o.out, t.o.told}
	t.was = [][]int32{t.records, t.counts, t.ring, last, out, told}
	return t
}

// run takes steps steps of texts, of which the first draw, and returns the tables.
func (t *drawTables) run(k *kit, steps int, texts []int, draw int) (tables [][]float32) {
	for i, x := range t.all {
		k.uploadWords(x, t.was[i])
	}
	n := len(texts)
	var seqs []backend.Sequence
	var rows []float32
	for i, text := range texts {
		seqs = append(seqs, backend.Sequence{First: i, Rows: 1, Slot: text, From: i, To: i})
		rows = append(rows, t.logits[text]...)
	}
	header := make([]int32, (1+n)*backend.BatchWords)
	backend.EncodeBatch(header, seqs, draw)
	batch, tokens := k.words(backend.BatchWords, header...), k.words(1, make([]int32, n)...)
	raw, logits := k.matrix(n, drawVocab, rows...), k.matrix(n, drawVocab)
	p := k.plan(
		backend.Copy{Dst: logits, Src: raw},
		backend.Bias{Dst: logits, Logits: logits, Records: t.o.records, Biases: t.o.biases, Allowed: t.o.allowed,
			Batch: batch},
		backend.Sample{Dst: tokens, Logits: logits, Records: t.o.records, Counts: t.o.counts, Batch: batch},
		backend.LogProbs{Dst: t.o.told, Tokens: tokens, Logits: raw, Records: t.o.records, Batch: batch},
		backend.Advance{Tokens: tokens, Batch: batch, Records: t.o.records, Counts: t.o.counts, Ring: t.o.ring,
			Last: t.o.last, Out: t.o.out})
	for range steps {
		k.submit(p)
	}
	for _, x := range t.all {
		tables = append(tables, k.read(x))
	}
	return tables
}

// drawingCompany draws for each text alone, and for all in two orders, of which
// some may only be read.
func drawingCompany(k *kit) {
	const steps = 4
	t := newDrawTables(k)
	var all, reversed []int
	for i := range drawTexts {
		all, reversed = append(all, i), append(reversed, drawTexts-1-i)
	}
	row := func(tables [][]float32, of, text int) []float32 {
		cols := t.all[of].Cols
		return tables[of][text*cols:][:cols]
	}
	before := t.run(k, 0, all, drawTexts)
	alone := make([][][]float32, drawTexts)
	for i := range alone {
		alone[i] = t.run(k, steps, []int{i}, 1)
	}
	for _, c := range []struct {
		order []int
		draw  int
	}{{all, drawTexts}, {reversed, drawTexts}, {reversed, 5}, {all, 1}} {
		tables := t.run(k, steps, c.order, c.draw)
		for i, text := range c.order {
			want := alone[text]
			if i >= c.draw {
				want = before
			}
			for of := range t.all {
				k.equal(fmt.Sprintf("%d of %d texts draw: text %d, table %d", c.draw, drawTexts, text, of),
					row(tables, of, text), row(want, of, text))
			}
		}
	}
}
