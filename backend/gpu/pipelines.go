package gpu

import (
	"fmt"
	"iter"
	"maps"

	"falconmamba/internal/parallel"
)

// Pipelines are what a driver has made of kernels: one of its type P for each kernel with its
// constants. Calls must not overlap.
type Pipelines[P any] struct {
	create func(*Dispatch) (P, error)
	made   map[string]P
}

// NewPipelines returns none yet. create makes the pipeline of a dispatch, on several goroutines at once.
func NewPipelines[P any](create func(x *Dispatch) (P, error)) *Pipelines[P] {
	return &Pipelines[P]{create, map[string]P{}}
}

func pipelineKey(x *Dispatch) string { return fmt.Sprint(x.Kernel.Name, x.Constants) }

// Prepare makes the pipelines of list that are missing, on all cores, for a driver may take seconds to
// compile one. Where some fail it returns the error of the first in list, and that one's index.
func (p *Pipelines[P]) Prepare(list []Dispatch) (failed int, err error) {
	var missing []int
	seen := map[string]bool{}
	for i := range list {
		key := pipelineKey(&list[i])
		if _, ok := p.made[key]; !ok && !seen[key] {
			seen[key] = true
			missing = append(missing, i)
		}
	}
	made, errs := make([]P, len(missing)), make([]error, len(missing))
	parallel.Each(len(missing), func(i int) { made[i], errs[i] = p.create(&list[missing[i]]) })
	for i, at := range missing {
		if errs[i] == nil {
			p.made[pipelineKey(&list[at])] = made[i]
		} else if err == nil {
			failed, err = at, errs[i]
		}
	}
	return failed, err
}

// Of returns the pipeline of a dispatch, which has been prepared.
func (p *Pipelines[P]) Of(x *Dispatch) P {
	made, ok := p.made[pipelineKey(x)]
	if !ok {
		panic("gpu: no pipeline was prepared of kernel " + x.Kernel.Name)
	}
	return made
}

// All are those that were made, in no order.
func (p *Pipelines[P]) All() iter.Seq[P] { return maps.Values(p.made) }
