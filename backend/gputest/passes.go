// Package gputest compiles the plans of real models for GPUs that are not there, or hold less memory than the models
// want: for tests of what drivers would dispatch.
package gputest

import (
	"fmt"

	"falconmamba/backend"
	"falconmamba/model"
)

// A Pass is a plan that programs make of a model, for a number of rows.
type Pass struct {
	Size, Weight string // see checkpoint.Preset and Weights
	Float        bool   // activations are not rounded, as with --precision f32
	Rows         int
	Texts        bool // each row is another text's, else all are one's
	Head         model.Head
	States       backend.DType
	Keeps        bool // the state after each row may be kept
}

// What says how many rows there are of what.
func (p Pass) What() string {
	switch {
	case p.Rows == 1:
		return "1 text"
	case p.Texts:
		return fmt.Sprintf("%d texts", p.Rows)
	}
	return fmt.Sprintf("%d tokens of a prompt", p.Rows)
}

func (p Pass) String() string {
	s := fmt.Sprintf("%s %s, %s", p.Size, p.Weight, p.What())
	if p.Float {
		s += " in float32"
	}
	return s
}

// Passes lists the passes of models of sizes, stored in the ways named.
func Passes(sizes, weights []string, rows []int) (list []Pass) {
	for _, size := range sizes {
		for _, weight := range weights {
			for _, float := range []bool{false, true} {
				for _, n := range rows {
					for _, texts := range []bool{true, false} {
						if texts && n > 64 || !texts && n == 1 {
							continue
						}
						list = append(list, Pass{Size: size, Weight: weight, Float: float, Rows: n, Texts: texts,
							Head: model.Sample, States: backend.F32})
					}
				}
			}
		}
	}
	return list
}

// Unusual are the passes of what few programs ask for: greedy texts, logits, states of 16 bits and states that are
// kept.
func Unusual(sizes, weights []string, rows []int) (list []Pass) {
	for _, p := range Passes(sizes, weights, rows) {
		if p.Float {
			continue
		}
		greedy, half, brain, keeping := p, p, p, p
		greedy.Head, half.States, brain.States, keeping.Keeps = model.ArgMax, backend.F16, backend.BF16, true
		list = append(list, greedy, half, brain, keeping)
	}
	return list
}
