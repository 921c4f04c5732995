package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/engine"
	"falconmamba/model"
)

// Twins are two models that are asked the same, one with a cache and one without.
type twins struct {
	t     *testing.T
	m     [2]*Model
	s     [][2]*Session
	snaps [][2]*Snapshot
	rnd   *rand.Rand
	texts [][]int32 // that prompts begin with
	done  []string  // what was asked so far
}

func (w *twins) n(n int) int { return w.rnd.IntN(n) }

// both does the same with each, and compares what comes of it.
func (w *twins) both(what string, do func(k int) (any, error)) {
	w.t.Helper()
	w.done = append(w.done, what)
	var got [2]string
	for k := range got {
		v, err := do(k)
		got[k] = fmt.Sprint(v, err)
	}
	if got[0] != got[1] {
		w.t.Fatalf("%s:\n%.300s, without a cache\n%.300s\nafter %q", what, got[0], got[1], w.done[max(0, len(w.done)-12):])
	}
}

// ids returns tokens to append: the beginning of a text that others begin with too, and some more.
func (w *twins) ids() (ids []int32) {
	if w.n(3) > 0 {
		text := w.texts[w.n(len(w.texts))]
		ids = slices.Clone(text[:1+w.n(len(text))])
	}
	for range 1 + w.n(20) {
		ids = append(ids, int32(w.n(w.m[0].Config().VocabSize)))
	}
	return ids
}

func (w *twins) options() GenerateOptions {
	o := GenerateOptions{MaxTokens: 1 + w.n(30), LogProbs: w.n(4) == 0, Background: w.n(5) == 0}
	if w.n(2) == 0 {
		o.Sampling = sampling.Params{Temperature: 1, Seed: w.rnd.Uint64()}
	}
	switch w.n(5) {
	case 0:
		o.Sampling.RepetitionPenalty, o.Sampling.RepeatLastN = 1.5, 16+w.n(100)
	case 1:
		o.Sampling.FrequencyPenalty, o.Sampling.PresencePenalty, o.Sampling.RepeatLastN = 0.5, 0.5, 64
	}
	if w.n(3) == 0 {
		o.Stop = []string{"e ", "the"}
	}
	if w.n(3) == 0 {
		o.EOS = []int32{}
	}
	switch w.n(6) {
	case 0:
		o.Allow = func(text []int32, m engine.Mask) error {
			for id := int32(len(text) % 3); int(id) < w.m[0].Config().VocabSize; id += 3 {
				m.Allow(id)
			}
			return nil
		}
	case 1:
		o.Process = func(text []int32, logits []float32) error {
			logits[text[len(text)-1]] = float32(math.Inf(-1))
			return nil
		}
	}
	return o
}

func (w *twins) step() {
	ctx := context.Background()
	i := w.n(len(w.s))
	s := w.s[i]
	name := fmt.Sprint(i, " ")
	switch op := w.n(16); op {
	case 0, 1:
		ids := w.ids()
		w.both(name+fmt.Sprint("append ", len(ids)), func(k int) (any, error) { return nil, s[k].Append(ids...) })
	case 2, 3, 4, 5:
		leave, o, ids := -1, w.options(), []int32(nil)
		if w.n(3) == 0 {
			leave = w.n(o.MaxTokens)
		}
		if w.n(2) == 0 {
			ids = w.ids()
		}
		how := w.n(3)
		w.both(name+fmt.Sprint("generate ", o.MaxTokens, " leave ", leave, " by ", how), func(k int) (any, error) {
			if err := s[k].Append(ids...); err != nil {
				return nil, err
			}
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			var out []Token
			q := o
			for x, err := range s[k].Generate(ctx, "", &q) {
				if err != nil {
					if errors.Is(err, context.Canceled) {
						return out, nil
					}
					return out, err
				}
				out = append(out, x)
				if len(out)-1 != leave {
					continue
				}
				if how != 0 {
					break
				}
				if _, err := s[k].Logits(ctx); err != nil {
					return out, err
				}
				break
			}
			return fmt.Sprint(show(out), s[k].StopReason(), s[k].Tokens()), nil
		})
	case 6:
		w.both(name+"fork", func(k int) (any, error) {
			f, err := s[k].Fork(w.t.Context())
			if err != nil {
				return nil, err
			}
			j := (i + 1) % len(w.s)
			if k == 0 {
				w.s[j][0].Close()
			} else {
				w.s[j][1].Close()
			}
			w.s[j][k] = f
			return nil, nil
		})
	case 7:
		var n [2]*Snapshot
		w.both(name+"snapshot", func(k int) (_ any, err error) {
			n[k], err = s[k].Snapshot(w.t.Context())
			return fmt.Sprint(n[k].Tokens(), n[k].at.Drawn), err
		})
		w.snaps = append(w.snaps, n)
	case 8:
		if len(w.snaps) > 0 {
			n := w.snaps[w.n(len(w.snaps))]
			w.both(name+"restore", func(k int) (any, error) { return nil, s[k].Restore(w.t.Context(), n[k]) })
		}
	case 9:
		w.both(name+"reset", func(k int) (any, error) { return nil, s[k].Reset() })
	case 10:
		if n := len(s[0].Tokens()); n > 0 {
			to := w.n(n + 1)
			w.both(name+fmt.Sprint("rewind ", to, " of ", n), func(k int) (any, error) {
				return nil, s[k].seq.Rewind(to, uint32(to))
			})
		}
	case 11:
		ids := w.ids()
		w.both(name+"step", func(k int) (any, error) { return s[k].Step(ctx, ids...) })
	case 12:
		w.both(name+"logits", func(k int) (any, error) { return s[k].Logits(ctx) })
	case 13:
		ids := w.ids()
		o := ForwardOptions{AllLogits: w.n(2) == 0, Hidden: w.n(4) == 0}
		w.both(name+"forward", func(k int) (any, error) {
			out, err := s[k].Forward(ctx, ids, o)
			if err != nil {
				return nil, err
			}
			return fmt.Sprint(out.Logits, out.Hidden), nil
		})
	case 14:
		w.both(name+"prefill", func(k int) (any, error) { return nil, s[k].Prefill(ctx, nil) })
	case 15:
		w.both(name+"state", func(k int) (any, error) {
			st, err := s[k].State(ctx)
			if err != nil {
				return nil, err
			}
			return *st, nil
		})
	}
}

func show(out []Token) (text string) {
	for _, x := range out {
		text += fmt.Sprint(x.ID, x.Text)
		if x.Probs != nil {
			text += fmt.Sprint(*x.Probs)
		}
	}
	return text
}

// Whatever is done with sessions, in whatever order and however little room the cache has: in float32
// what comes of it is the same as without, to the last bit. $FM_CACHE_SEEDS asks for more runs.
func TestCacheChangesNothing(t *testing.T) {
	seeds := 3
	if n, err := strconv.Atoi(os.Getenv("FM_CACHE_SEEDS")); err == nil {
		seeds = n
	}
	exact := backend.Float
	state := open(t, Options{}).Config().StateBytes()
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := &twins{t: t, rnd: rand.New(rand.NewPCG(uint64(seed), 1))}
			o := engine.Options{Chunk: []int{0, 16, 64}[w.n(3)], Ahead: w.n(4), States: []int{0, 0, 5, 8}[w.n(4)]}
			c := engine.CacheOptions{Spacing: []int{0, 16, 64}[w.n(3)], Host: []int64{0, 1, 2*state + 2000, 9 * state}[w.n(4)],
				Device: []int64{0, 0, 2 * state, 20 * state}[w.n(4)]}
			if w.n(3) == 0 {
				c.Dir, c.DirBytes = t.TempDir(), []int64{0, 1, 5 * state}[w.n(3)]
			}
			for k := range w.m {
				o.Cache = c
				if k == 1 {
					o.Cache = engine.CacheOptions{Off: true}
				}
				w.m[k] = open(t, Options{Load: model.LoadOptions{Precision: &exact}, Engine: o})
			}
			for i := range 3 {
				var text []int32
				for range 150 * (i + 1) {
					text = append(text, int32(w.n(w.m[0].Config().VocabSize)))
				}
				w.texts = append(w.texts, text)
			}
			for range 3 {
				w.s = append(w.s, [2]*Session{session(t, w.m[0]), session(t, w.m[1])})
			}
			for range 40 {
				w.step()
				if len(w.s[0][0].Tokens()) > 2000 {
					w.both("reset", func(k int) (any, error) { return nil, w.s[0][k].Reset() })
				}
			}
		})
	}
}
