package engine

import (
	"errors"
	"math"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/internal/words"
)

// OutTokens is how many of a slot's latest tokens a runner keeps for the host.
const OutTokens = 64

// tables are the operands of Sample and Advance: a row per slot of the runner.
type tables struct {
	records backend.Tensor // (seqs, RecordWords)
	counts  backend.Tensor // (seqs, V), made when a penalty first wants it
	ring    backend.Tensor // (seqs, window), made when a window first wants it
	last    backend.Tensor // (seqs, 1)
	out     backend.Tensor // (seqs, OutTokens), for the host
}

func (r *Runner) newTables() error {
	t := &r.tables
	for _, w := range []struct {
		t    *backend.Tensor
		cols int
		use  backend.Usage
	}{{&t.records, backend.RecordWords, backend.Device}, {&t.last, 1, backend.Device},
		{&t.out, OutTokens, backend.Readback}} {
		var err error
		if *w.t, err = r.table(w.cols, w.use); err != nil {
			return err
		}
	}
	return nil
}

// table allocates an int32 table of one row per sequence.
func (r *Runner) table(cols int, use backend.Usage) (backend.Tensor, error) {
	b, err := r.alloc(int64(r.seqs)*int64(cols)*4, use)
	return backend.Matrix(b, 0, backend.I32, r.seqs, cols), err
}

// draw sets how slot draws from the next pass on: its parameters, the tokens that it
// has drawn before, the number of tokens after which it stops (0: none), the ids
// that stop it, and the history that a repetition penalty looks at. The caller holds
// the engine's mu.
func (r *Runner) draw(slot int, p sampling.Params, drawn uint32, limit int, eos, history []int32) error {
	until := uint32(0)
	if end := int64(drawn) + int64(limit); limit > 0 && end <= math.MaxUint32 {
		until = uint32(end) // else the host stops the sequence if it lives to see it
	}
	record, err := sampling.Encode(p, drawn, until, eos[:min(len(eos), sampling.MaxEOS)])
	if err != nil {
		return err
	}
	if p.Penalised() {
		if err := r.penalise(slot, p.RepeatLastN, history, drawn); err != nil {
			return err
		}
	}
	t := r.tables.records
	return t.Buf.Upload(t.RowRange(slot, slot+1).Off, words.Bytes(record[:]))
}

// penalise uploads what the penalty of slot counts.
func (r *Runner) penalise(slot, window int, history []int32, drawn uint32) error {
	t := &r.tables
	if t.counts.IsZero() || window > t.ring.Cols {
		// Plans name the tables: those compiled so far are of no more use.
		err := r.closePlans()
		if t.counts.IsZero() && err == nil {
			t.counts, err = r.table(r.e.m.Config().VocabSize, backend.Device)
		}
		if window > t.ring.Cols && err == nil {
			err = r.widenRing(window)
		}
		if err != nil {
			return err
		}
	}
	counts := make([]int32, r.e.m.Config().VocabSize)
	ring := make([]int32, window)
	if err := sampling.Load(counts, ring, history, window, drawn); err != nil {
		return err
	}
	err := t.counts.Buf.Upload(t.counts.RowRange(slot, slot+1).Off, words.Bytes(counts))
	if window > 0 {
		err = errors.Join(err, t.ring.Buf.Upload(t.ring.RowRange(slot, slot+1).Off, words.Bytes(ring)))
	}
	return err
}

// widenRing gives every slot a ring of window places. The rings of other slots
// keep their tokens.
func (r *Runner) widenRing(window int) error {
	wide, err := r.table(window, backend.Device)
	if err != nil {
		return err
	}
	if old := r.tables.ring; !old.IsZero() {
		prog := backend.NewProgram("widen ring", r.e.block)
		prog.Do(backend.Copy{Dst: wide.Columns(0, old.Cols), Src: old})
		if err := runOnce(r.e.b, prog); err != nil {
			return err
		}
	}
	r.tables.ring = wide
	return nil
}

// token returns the token that slot drew as its step'th, which must be complete and
// among the slot's latest OutTokens.
func (r *Runner) token(slot int, step uint32) int32 {
	b := r.tables.out.Buf.Bytes()
	return *(*int32)(unsafe.Pointer(&b[(slot*OutTokens+int(step%OutTokens))*4]))
}
