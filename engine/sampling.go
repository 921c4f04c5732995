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

// tables are the operands of Sample and Advance: a row per slot of the runner, those for drafts included.
type tables struct {
	records backend.Tensor // (slots, RecordWords)
	counts  backend.Tensor // (slots, V), made when a penalty first wants it
	ring    backend.Tensor // (slots, window), made when a window first wants it
	last    backend.Tensor // (slots, 1)
	out     backend.Tensor // (slots, OutTokens), for the host
	biases  backend.Tensor // (slots, 2·maxBiases), made when first wanted, like allowed
	allowed backend.Tensor // (slots, ⌈V/32⌉)
	probs   backend.Tensor // (slots, OutTokens·LogProbWords), for the host, made when first wanted

	filtered backend.Tensor // the same of what filters leave
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

// table allocates an int32 table of one row per slot.
func (r *Runner) table(cols int, use backend.Usage) (backend.Tensor, error) {
	b, err := r.alloc(int64(r.slots)*int64(cols)*4, use)
	return backend.Matrix(b, 0, backend.I32, r.slots, cols), err
}

// A drawing is how a slot draws.
type drawing struct {
	sampling.Params
	drawn   uint32                       // tokens that it has drawn before
	limit   int                          // tokens after which it stops; 0 for none
	eos     []int32                      // ids that stop it
	history []int32                      // what penalties look at
	asks    func(*sampling.Record) error // for log-probabilities
	bias    map[int32]float32
	allowed []int32 // a bit for each token that may be drawn; nil for all
}

// draw sets how slot draws from the next pass on. The caller holds the engine's mu.
func (r *Runner) draw(slot int, d drawing) error {
	until := uint32(0)
	if end := int64(d.drawn) + int64(d.limit); d.limit > 0 && end <= math.MaxUint32 {
		until = uint32(end) // else the host stops the sequence if it lives to see it
	}
	record, err := sampling.Encode(d.Params, d.drawn, until, d.eos[:min(len(d.eos), sampling.MaxEOS)])
	if err == nil && d.asks != nil {
		err = d.asks(&record)
	}
	if err == nil && (len(d.bias) > 0 || d.allowed != nil) {
		err = r.bias(slot, &record, d)
	}
	if err != nil {
		return err
	}
	if d.Penalised() {
		if err := r.penalise(slot, d.RepeatLastN, d.history, d.drawn); err != nil {
			return err
		}
	}
	t := r.tables.records
	return t.Buf.Upload(t.RowRange(slot, slot+1).Off, words.Bytes(record[:]))
}

// maxBiases is how many tokens of a text may have a bias.
const maxBiases = 4096

// makeBiases makes the tables of biases and masks.
func (r *Runner) makeBiases() (err error) {
	t := &r.tables
	if t.biases.IsZero() {
		if t.biases, err = r.table(2*maxBiases, backend.Device); err != nil {
			return err
		}
	}
	if t.allowed.IsZero() {
		t.allowed, err = r.table(sampling.MaskWords(r.e.cfg.VocabSize), backend.Device)
	}
	return err
}

// bias uploads what changes the logits of slot, and tells its record.
func (r *Runner) bias(slot int, record *sampling.Record, d drawing) error {
	if err := r.makeBiases(); err != nil {
		return err
	}
	pairs := make([]int32, 2*maxBiases)
	if err := record.SetBias(pairs, d.bias, r.e.cfg.VocabSize); err != nil {
		return err
	}
	if err := r.tables.biases.Buf.Upload(r.tables.biases.RowRange(slot, slot+1).Off, words.Bytes(pairs)); err != nil {
		return err
	}
	if d.allowed == nil {
		return nil
	}
	record[sampling.WordMasked] = 1
	return r.allow(slot, d.allowed)
}

// allow uploads which tokens slot may draw.
func (r *Runner) allow(slot int, mask []int32) error {
	t := r.tables.allowed
	return t.Buf.Upload(t.RowRange(slot, slot+1).Off, words.Bytes(mask))
}

// penalise uploads what the penalty of slot counts.
func (r *Runner) penalise(slot, window int, history []int32, drawn uint32) error {
	t := &r.tables
	if t.counts.IsZero() || window > t.ring.Cols {
		// Plans name the tables: those compiled so far are of no more use.
		err := r.closePlans()
		if t.counts.IsZero() && err == nil {
			t.counts, err = r.table(r.e.cfg.VocabSize, backend.Device)
		}
		if window > t.ring.Cols && err == nil {
			err = r.widenRing(window)
		}
		if err != nil {
			return err
		}
	}
	counts := make([]int32, r.e.cfg.VocabSize)
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

// A told is what was asked of a token beside it: log-probabilities before and after the filters, nil
// where nobody has asked.
type told struct{ before, after *Probs }

// told returns what t asked of the token that a slot drew for it as its step'th, as token does.
func (r *Runner) told(t *task, slot int, step uint32) (x told) {
	read := func(table backend.Tensor) *Probs {
		at := (slot*OutTokens + int(step%OutTokens)) * backend.LogProbWords * 4
		return readProbs(unsafe.Slice((*int32)(unsafe.Pointer(&table.Buf.Bytes()[at])), backend.LogProbWords))
	}
	if t.LogProbs {
		x.before = read(r.tables.probs)
	}
	if t.FilteredLogProbs {
		x.after = read(r.tables.filtered)
	}
	return x
}

func readProbs(words []int32) *Probs {
	token, likeliest, _ := sampling.ReadLogProbs(words)
	return &Probs{Token: token.LogProb, Likeliest: likeliest}
}
