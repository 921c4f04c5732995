package verify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"falconmamba/backend"
	"falconmamba/engine"
	"falconmamba/internal/words"
	"falconmamba/model"
)

// A StateRounding is a way to round states where they are stored, after every token.
type StateRounding struct {
	Type       backend.DType // F16 or BF16
	Stochastic bool          // up or down by chance, right in the mean; else to nearest
}

func (r StateRounding) String() string {
	if r.Stochastic {
		return r.Type.String() + " stochastic"
	}
	return r.Type.String()
}

// StateRoundings are the ways that MeasureStates compares with float32. To nearest is what
// engine.Options.StateType does on the device; by chance is done on the host here, and
// offered nowhere.
var StateRoundings = []StateRounding{{backend.F16, false}, {backend.F16, true}, {backend.BF16, false},
	{backend.BF16, true}}

// A StateDrift says how far predictions with rounded states are from those with states in
// float32, over some tokens.
type StateDrift struct {
	KL   float64 // in nats per token, the mean, see KL
	Most float64 // of a token
	Top1 float64 // part of the tokens that both think the most probable
}

// StatesPoint is where a text was at one moment: the drift of each of StateRoundings since
// the point before.
type StatesPoint struct {
	Tokens int // read so far
	Drift  []StateDrift
}

// MeasureStates has m write tokens, drawn from what it thinks with states in float32, and
// read them with states that are rounded after each, all from an empty state; no pass reads
// more than a token of a text. each is called after every so many.
func MeasureStates(ctx context.Context, m *model.Model, tokens, every int, seed uint64, each func(StatesPoint)) error {
	if tokens < 1 || every < 1 {
		return fmt.Errorf("%d tokens, a point after each %d: want at least one", tokens, every)
	}
	s := &stateRun{ctx: ctx, rng: rand.New(rand.NewPCG(seed, 2))}
	err := s.open(m)
	if err == nil {
		err = s.run(m.Config().VocabSize, tokens, every, each)
	}
	return errors.Join(err, s.close())
}

// A stateRun is one text in several engines: all that have float32 on the device share the
// first, and the first text of that is the exact one.
type stateRun struct {
	ctx     context.Context
	rng     *rand.Rand
	bits    uint64 // of chance
	left    int    // times 32 of them
	streams []*stateStream
	states  *engine.States // of the first engine
	by      []int          // which stream has a rounding
	row     []int          // and which of its rows
}

// A stateStream is an engine and its texts, a row of a pass each.
type stateStream struct {
	e     *engine.Engine
	r     *engine.Runner
	slots int // the first of them
	texts int
}

func (s *stateRun) open(m *model.Model) error {
	texts := 1
	for _, r := range StateRoundings {
		if r.Stochastic {
			s.by, s.row = append(s.by, 0), append(s.row, texts)
			texts++
		} else {
			s.by, s.row = append(s.by, 0), append(s.row, 0)
		}
	}
	if err := s.add(m, backend.F32, texts); err != nil {
		return err
	}
	for i, r := range StateRoundings {
		if !r.Stochastic {
			s.by[i] = len(s.streams)
			if err := s.add(m, r.Type, 1); err != nil {
				return err
			}
		}
	}
	var err error
	s.states, err = s.streams[0].e.States()
	return err
}

// add opens an engine for texts with states of a type.
func (s *stateRun) add(m *model.Model, typ backend.DType, texts int) error {
	e, err := engine.New(m, engine.Options{StateType: typ})
	if err != nil {
		return err
	}
	x := &stateStream{e: e, texts: texts}
	s.streams = append(s.streams, x)
	if x.slots, err = e.TakeSlots(texts); err != nil {
		return err
	}
	x.r, err = e.NewRunner(texts, texts, texts)
	return err
}

func (s *stateRun) close() error {
	var errs []error
	if s.states != nil {
		errs = append(errs, s.states.Close())
	}
	for _, x := range s.streams {
		if x.r != nil {
			errs = append(errs, x.r.Close())
		}
		errs = append(errs, x.e.Close())
	}
	return errors.Join(errs...)
}

func (s *stateRun) run(vocab, tokens, every int, each func(StatesPoint)) error {
	id := int32(s.rng.IntN(vocab))
	sums, since := make([]StateDrift, len(StateRoundings)), 0
	for n := 1; n <= tokens; n++ {
		if err := s.read(id, n == 1); err != nil {
			return err
		}
		exact := s.streams[0].r.Logits(0)
		best, _ := Argmax(exact)
		for i := range StateRoundings {
			got := s.streams[s.by[i]].r.Logits(s.row[i])
			kl := KL(got, exact)
			sums[i].KL, sums[i].Most = sums[i].KL+kl, math.Max(sums[i].Most, kl)
			if same, _ := Argmax(got); same == best {
				sums[i].Top1++
			}
		}
		if since++; n%every == 0 || n == tokens {
			for i := range sums {
				sums[i].KL, sums[i].Top1 = sums[i].KL/float64(since), sums[i].Top1/float64(since)
			}
			each(StatesPoint{Tokens: n, Drift: sums})
			sums, since = make([]StateDrift, len(StateRoundings)), 0
		}
		id = s.draw(exact)
		if err := s.roundByChance(); err != nil {
			return err
		}
	}
	return nil
}

// read gives a token to all texts.
func (s *stateRun) read(id int32, first bool) error {
	for _, x := range s.streams {
		p := engine.Pass{Head: model.Logits}
		for i := range x.texts {
			q := backend.Sequence{From: x.slots + i, To: x.slots + i, First: i, Rows: 1}
			if first {
				q.From = 0
			}
			p.IDs, p.Seqs, p.Heads = append(p.IDs, id), append(p.Seqs, q), append(p.Heads, int32(i))
		}
		t, err := x.r.Submit(p)
		if err == nil {
			err = x.e.Wait(s.ctx, t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// draw takes a token as probable as the logits say.
func (s *stateRun) draw(logits []float32) int32 {
	log, u := logSum(logits), s.rng.Float64()
	for i, v := range logits {
		if u -= math.Exp(float64(v) - log); u < 0 {
			return int32(i)
		}
	}
	return int32(len(logits) - 1)
}

// roundByChance rounds the states that are to be rounded so.
func (s *stateRun) roundByChance() error {
	for i, r := range StateRoundings {
		if !r.Stochastic {
			continue
		}
		slot := s.streams[0].slots + s.row[i]
		for layer, t := range s.states.SSM {
			if err := errors.Join(s.roundRow(s.states.Conv[layer], slot, r.Type),
				s.roundRow(t, slot, r.Type)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *stateRun) roundRow(t backend.Tensor, slot int, typ backend.DType) error {
	if t.IsZero() {
		return nil
	}
	t = t.RowRange(slot, slot+1)
	row := make([]float32, t.Cols)
	if err := t.Buf.Download(t.Off, words.Bytes(row)); err != nil {
		return err
	}
	for i := range row {
		row[i] = roundByChance(row[i], typ, s.chance())
	}
	return t.Buf.Upload(t.Off, words.Bytes(row))
}

// chance returns 32 bits of chance.
func (s *stateRun) chance() uint32 {
	if s.left == 0 {
		s.bits, s.left = s.rng.Uint64(), 2
	}
	s.left--
	c := uint32(s.bits)
	s.bits >>= 32
	return c
}

// roundByChance returns one of the two numbers of a type that x lies between, the nearer
// with the larger probability, so that the mean is x: down where chance, of 32 bits, is
// small. Beyond the largest number it is that.
func roundByChance(x float32, typ backend.DType, chance uint32) float32 {
	drop, most := uint32(16), float32(0x1.fep127) // the bits of a float32 that bfloat16 has not
	if typ == backend.F16 {
		if drop, most = 13, 65504; math.Abs(float64(x)) < 0x1p-14 { // multiples of 2^-24
			y := math.Floor(math.Abs(float64(x))*0x1p24 + float64(chance)*0x1p-32)
			return float32(math.Copysign(y*0x1p-24, float64(x)))
		}
	}
	b := math.Float32bits(x)
	y := math.Float32frombits((b + chance>>(32-drop)) &^ (1<<drop - 1))
	switch {
	case x != x:
		return x
	case !(y >= -most && y <= most): // infinities, and what has become NaN
		return float32(math.Copysign(float64(most), float64(x)))
	}
	return y
}
