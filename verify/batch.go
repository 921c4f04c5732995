package verify

import (
	"context"
	"errors"
	"slices"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/engine"
	"falconmamba/model"
)

// batch reads the golden's two prompts in passes that they share: all but the
// last token of either, then the last of both. The embedding API keeps to
// itself what the logits of a batch are, so this runs the passes of package
// engine.
func (v *verifier) batch(b backend.Backend) (err error) {
	ck, err := checkpoint.Open(v.dir, checkpoint.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ck.Close()) }()
	m, err := model.Load(v.ctx, b, ck, model.LoadOptions{Precision: &v.o.Precision})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	e, err := engine.New(m, engine.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	prompts := [][]int32{v.g.IDs, v.g.alone}
	rows := len(v.g.IDs) + len(v.g.alone)
	runner, err := e.NewRunner(len(prompts), rows, rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runner.Close()) }()
	slots, err := e.TakeSlots(2 * len(prompts))
	if err != nil {
		return err
	}
	got := make([][]float32, len(prompts)) // logits, row by row
	at := make([]int, len(prompts))        // the state's slot
	fed := make([]int, len(prompts))
	for _, all := range []bool{false, true} {
		p := engine.Pass{Head: model.Logits}
		var whose []int
		for i, ids := range prompts {
			end := len(ids)
			if !all {
				end--
			}
			if end == fed[i] {
				continue
			}
			to := slots + 2*i
			if at[i] == to {
				to++
			}
			p.Seqs = append(p.Seqs, backend.Sequence{
				From: at[i], To: to, First: len(p.IDs), Rows: end - fed[i], Slot: i})
			for _, id := range ids[fed[i]:end] {
				p.Heads = append(p.Heads, int32(len(p.IDs)))
				p.IDs = append(p.IDs, id)
				whose = append(whose, i)
			}
			at[i], fed[i] = to, end
		}
		if len(p.IDs) == 0 {
			continue
		}
		t, err := runner.Submit(p)
		if err == nil {
			// An interrupt must not leave a pass running over what is closed here.
			err = errors.Join(e.Wait(context.WithoutCancel(v.ctx), t), v.ctx.Err())
		}
		if err != nil {
			return err
		}
		for row, i := range whose {
			got[i] = append(got[i], slices.Clone(runner.Logits(row))...)
		}
	}
	vocab := m.Config().VocabSize
	v.values("batch, prompt 0", got[0], v.g.logits, v.limits.Values, inRows(vocab))
	v.values("batch, prompt 1", got[1], v.g.aloneLogits, v.limits.Values, inRows(vocab))
	return nil
}
