package backendtest

import (
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A stepper is a model of one block that writes text by itself: every step
// takes its tokens from the step before, by way of Last, and turns its states.
type stepper struct {
	mambaBlock
	last, out, records backend.Tensor
	plan               backend.Plan
	ring               int // state slots of a sequence

	conv0, ssm0      []float32 // before the first step
	batch0, records0 []int32
}

// newStepper returns one that samples, or makes the greedy choice.
func newStepper(k *kit, sample bool) *stepper {
	const n, vocab, ring, steps = 3, 67, 4, 8
	s := &stepper{ring: ring}
	s.mambaBlock = newMamba(k, backend.Float, n, n*ring, n)
	s.last = k.words(1, make([]int32, n)...)
	s.out = k.words(steps, make([]int32, n*steps)...)

	// The second sequence ends at its third token.
	s.records0 = make([]int32, n*sampling.RecordWords)
	for i := range n {
		limit := uint32(0)
		if i == 1 {
			limit = 3
		}
		r, err := sampling.Encode(sampling.Params{Temperature: 0.9, TopP: 0.9, Seed: uint64(i)}, 0, limit, nil)
		k.check(err)
		for w, v := range r {
			s.records0[i*sampling.RecordWords+w] = int32(v)
		}
	}
	s.records = k.words(sampling.RecordWords, s.records0...)

	var seqs []backend.Sequence
	for i := range n {
		seqs = append(seqs, backend.Sequence{From: i*ring + ring - 1, To: i * ring, First: i, Rows: 1, Slot: i,
			Ring: i * ring, RingLen: ring})
	}
	s.batch0 = make([]int32, (1+n)*backend.BatchWords)
	backend.EncodeBatch(s.batch0, seqs, n)

	s.conv0, s.ssm0 = k.normal(s.conv.Rows*s.conv.Cols), k.normal(s.ssm.Rows*s.ssm.Cols)
	table := k.weight(backend.F32, vocab, hidden)
	logits, tokens := k.matrix(n, vocab), k.words(1, make([]int32, n)...)
	head := backend.Head{Logits: logits, Src: s.x, Rows: k.words(1, 0, 1, 2),
		Norm:    k.matrix(1, hidden, filled(hidden, 1)...),
		NormEps: 1e-5, Weight: table, Batch: s.batch}
	ops := append([]backend.Op{backend.Embed{Dst: s.x, Table: table, IDs: k.words(1, -1, -2, -3), Last: s.last}},
		s.ops...)
	if sample {
		ops = append(ops, head, backend.Sample{Dst: tokens, Logits: logits, Records: s.records, Batch: s.batch})
	} else {
		ops = append(ops, backend.HeadArgMax{Dst: tokens, Src: head.Src, Rows: head.Rows, Norm: head.Norm,
			NormEps: head.NormEps, Weight: table, Batch: s.batch})
	}
	ops = append(ops, backend.Advance{Tokens: tokens, Batch: s.batch, Records: s.records, Last: s.last, Out: s.out})
	s.plan = k.plan(ops...)
	return s
}

// run takes steps steps and returns every word that they leave behind.
func (s *stepper) run(k *kit, steps int, wait bool) (words []float32) {
	s.reset(k, s.conv0, s.ssm0)
	k.uploadWords(s.batch, s.batch0)
	k.uploadWords(s.records, s.records0)
	k.uploadWords(s.last, []int32{5, 17, 40})
	k.uploadWords(s.out, make([]int32, s.out.Rows*s.out.Cols))
	for range steps {
		t := k.submit(s.plan)
		if wait {
			k.wait(t)
		}
	}
	for _, t := range []backend.Tensor{s.out, s.last, s.batch, s.records, s.conv, s.ssm} {
		words = append(words, k.read(t)...)
	}
	return words
}

// stepsAhead submits steps before the host has seen the tokens of the first.
func stepsAhead(k *kit) {
	for _, sample := range []bool{false, true} {
		s := newStepper(k, sample)
		for _, steps := range []int{1, 2, 3, 7} {
			want := s.run(k, steps, true)
			k.equal(fmt.Sprintf("%d steps in flight, sampled: %v", steps, sample), s.run(k, steps, false), want)
		}
		if k.err != nil {
			return
		}
		// The one that ended stays where it was after its third token.
		ended := func(steps int) []float32 {
			s.run(k, steps, false)
			first := s.ring // its first slot
			out := k.read(s.out)[s.out.Cols:][:s.out.Cols]
			out = append(out, k.read(s.conv)[first*s.conv.Cols:][:s.ring*s.conv.Cols]...)
			return append(out, k.read(s.ssm)[first*s.ssm.Cols:][:s.ring*s.ssm.Cols]...)
		}
		k.equal("a sequence that ended", ended(7), ended(3))
	}
}
