package main

// #include "cgo.h"
import "C"

import (
	"unsafe"

	"falconmamba"
)

//export fm_model_embed
func fm_model_embed(h *C.fm_model, p *C.fm_ids, n C.size_t, cancel *C.fm_cancel, out **C.float, size *C.size_t,
	e *C.fm_error) C.fm_status {
	zero(out)
	zero(size)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil || size == nil {
			return invalid("vector or size is NULL: want where to store them")
		}
		ids, err := tokens("ids", p, n)
		if err != nil {
			return err
		}
		ctx, err := contextOf(cancel)
		if err != nil {
			return err
		}
		if err := known(ids, m.Config().VocabSize); err != nil {
			return err
		}
		v, err := m.Embed(ctx, ids)
		if err != nil {
			return err
		}
		give(out, size, v)
		return nil
	})
}

//export fm_model_loss
func fm_model_loss(h *C.fm_model, p *C.fm_ids, n C.size_t, cancel *C.fm_cancel, nats *C.double, count *C.size_t,
	e *C.fm_error) C.fm_status {
	zero(nats)
	zero(count)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if nats == nil || count == nil {
			return invalid("nats or tokens is NULL: want where to store them")
		}
		ids, err := tokens("ids", p, n)
		if err != nil {
			return err
		}
		ctx, err := contextOf(cancel)
		if err != nil {
			return err
		}
		if len(ids) < 2 {
			return invalid("%d ids: a loss needs at least two, the second being the first that is predicted",
				len(ids))
		}
		if err := known(ids, m.Config().VocabSize); err != nil {
			return err
		}
		loss, err := m.Loss(ctx, ids, nil, nil)
		if err != nil {
			return err
		}
		*nats, *count = C.double(loss.Sum), C.size_t(loss.Tokens)
		return nil
	})
}

//export fm_model_score
func fm_model_score(h *C.fm_model, p *C.fm_ids, n C.size_t, choices *C.fm_choice, count C.size_t, cancel *C.fm_cancel,
	e *C.fm_error) C.fm_status {
	return useModel(h, e, func(m *falconmamba.Model) error {
		prefix, err := tokens("prefix", p, n)
		if err != nil {
			return err
		}
		asked, err := array[C.fm_choice]("choices", choices, count)
		if err != nil {
			return err
		}
		vocab := m.Config().VocabSize
		if err := known(prefix, vocab); err != nil {
			return err
		}
		all := make([][]int32, len(asked))
		for i, c := range asked {
			if all[i], err = array[int32]("a choice's ids", c.ids, c.count); err != nil {
				return err
			}
			if err := known(all[i], vocab); err != nil {
				return err
			}
		}
		ctx, err := contextOf(cancel)
		if err != nil {
			return err
		}
		scores, err := m.Score(ctx, prefix, all)
		if err != nil {
			return err
		}
		out := unsafe.Slice(choices, int(count))
		for i, s := range scores {
			out[i].logprob, out[i].greedy = C.double(s.LogProb), flag(s.Greedy)
		}
		return nil
	})
}
