package sampling

import (
	"errors"
	"fmt"
	"math"
)

// RecordWords is the length of a record.
const RecordWords = 40

// MaxEOS is the number of eos ids that a record holds.
const MaxEOS = 16

// Words of a record. Derived words are computed once by [Encode], so that no
// kernel divides; words not named are zero.
const (
	WordTemperature  = 0  // f32; 0 is greedy
	WordTopK         = 1  // i32; 0 is off
	WordTopP         = 2  // f32; 1 is off
	WordMinP         = 3  // f32; 0 is off
	WordPenalty      = 4  // f32, of repetition; 1 is off
	WordWindow       = 5  // i32, tokens; 0 is the whole history
	WordSeedLo       = 6  // u32
	WordSeedHi       = 7  // u32
	WordStep         = 8  // u32: tokens that this slot has sampled, the generator's counter
	WordLimit        = 9  // u32: the sequence stops once step reaches it; 0 is none
	WordEOSCount     = 10 // i32: eos ids that follow from WordEOS
	WordScale        = 11 // derived, f32: log2(e) / temperature; 0 is greedy
	WordInvPenalty   = 12 // derived, f32: 1 / penalty
	WordTopPFraction = 13 // derived, u32: top_p × 2^32, at least 1; 0 is off
	WordMinWeight    = 14 // derived, u32: ⌈min_p × 2^31⌉; 0 is off
	WordEOS          = 16 // i32, MaxEOS words
	WordPresence     = 32 // f32, the presence penalty; 0 is off
	WordFrequency    = 33 // f32, the frequency penalty; 0 is off
	WordLogProbs     = 34 // i32: 0, or 1 + the likeliest tokens that are wanted beside the drawn one, see AskLogProbs
	WordBiases       = 35 // i32: the slot's biases, see SetBias
	WordMasked       = 36 // i32: whether the slot's mask holds, see SetMask
	WordFiltered     = 37 // i32: like WordLogProbs, of what the filters leave, see AskFiltered
)

// A Record is what a slot's kernels read: parameters, the step, and where the
// sequence stops. Floats are their bits.
type Record [RecordWords]uint32

// The scale stays within these bounds so that its product with a difference of
// logits is neither 0 × Inf nor made of a subnormal number: temperatures below
// 1.1e-30 and above 1.8e30 act as those do.
const (
	minScale = 0x1p-100
	maxScale = 0x1p+100
)

// minTaken keeps subnormal numbers, which a device may flush, out of what presence
// and frequency penalties are taken from.
const minTaken = 0x1p-100

// Encode returns the record of a slot that has sampled step tokens. Parameters
// that are off are stored in one form, so that equal behaviour is equal words.
// It fails on invalid parameters, more than [MaxEOS] eos ids, or negative ones.
func Encode(p Params, step, limit uint32, eos []int32) (Record, error) {
	var r Record
	if err := p.Validate(); err != nil {
		return r, err
	}
	if len(eos) > MaxEOS {
		return r, fmt.Errorf("%d eos ids: want at most %d; check for the others on the host", len(eos), MaxEOS)
	}
	if p.TopP == 0 {
		p.TopP = 1
	}
	r.putFloat(WordTemperature, p.Temperature+0) // −0 becomes 0
	r[WordTopK] = uint32(p.TopK)
	r.putFloat(WordTopP, p.TopP)
	r.putFloat(WordMinP, p.MinP+0)
	r.putFloat(WordPenalty, p.penalty())
	r.putFloat(WordPresence, applied(p.PresencePenalty))
	r.putFloat(WordFrequency, applied(p.FrequencyPenalty))
	r[WordWindow] = uint32(p.RepeatLastN)
	r[WordSeedLo], r[WordSeedHi] = uint32(p.Seed), uint32(p.Seed>>32)
	r[WordStep], r[WordLimit] = step, limit
	r[WordEOSCount] = uint32(len(eos))
	for i, id := range eos {
		if id < 0 {
			return r, fmt.Errorf("eos id %d: want 0 or more", id)
		}
		r[WordEOS+i] = uint32(id)
	}

	if !p.Greedy() {
		r.putFloat(WordScale, float32(min(max(math.Log2E/float64(p.Temperature), minScale), maxScale)))
	}
	r.putFloat(WordInvPenalty, 1/p.penalty())
	if p.TopP < 1 {
		r[WordTopPFraction] = max(1, uint32(float64(p.TopP)*0x1p32))
	}
	r[WordMinWeight] = uint32(math.Ceil(float64(p.MinP) * 0x1p31))
	return r, nil
}

// Decode returns what [Encode] was given, with parameters that are off in the
// record's form. It fails unless r is exactly what Encode makes of them.
func Decode(r Record) (p Params, step, limit uint32, eos []int32, err error) {
	n := r[WordEOSCount]
	if n > MaxEOS {
		return p, 0, 0, nil, fmt.Errorf("sampling record: %d eos ids, want at most %d", n, MaxEOS)
	}
	for i := range n {
		eos = append(eos, int32(r[WordEOS+i]))
	}
	p = Params{
		Temperature:       r.Float(WordTemperature),
		TopK:              int(int32(r[WordTopK])),
		TopP:              r.Float(WordTopP),
		MinP:              r.Float(WordMinP),
		RepetitionPenalty: r.Float(WordPenalty),
		PresencePenalty:   r.Float(WordPresence),
		FrequencyPenalty:  r.Float(WordFrequency),
		RepeatLastN:       int(int32(r[WordWindow])),
		Seed:              uint64(r[WordSeedHi])<<32 | uint64(r[WordSeedLo]),
	}
	step, limit = r[WordStep], r[WordLimit]
	want, err := Encode(p, step, limit, eos)
	if err != nil {
		return Params{}, 0, 0, nil, fmt.Errorf("sampling record: %w", err)
	}
	for i := range r {
		if r[i] != want[i] {
			return Params{}, 0, 0, nil, fmt.Errorf("sampling record: word %d is %#x, want %#x", i, r[i], want[i])
		}
	}
	return p, step, limit, eos, nil
}

// Float returns word i as a float32.
func (r *Record) Float(i int) float32 { return math.Float32frombits(r[i]) }

func (r *Record) putFloat(i int, v float32) { r[i] = math.Float32bits(v) }

// Uniform returns the word u that decides the record's next draw: u / 2^32 is
// uniform in [0, 1).
func (r *Record) Uniform() uint32 {
	return Philox([4]uint32{r[WordStep]}, [2]uint32{r[WordSeedLo], r[WordSeedHi]})[0]
}

// Stopped reports whether a sequence whose last token is id ends with it: id is
// one of the record's eos ids, or step has reached the limit.
func (r *Record) Stopped(id int32) bool {
	for _, e := range r[WordEOS : WordEOS+min(r[WordEOSCount], MaxEOS)] {
		if e == uint32(id) {
			return true
		}
	}
	return r[WordLimit] != 0 && r[WordStep] >= r[WordLimit]
}

// empty marks a place of the ring that holds no token yet.
const empty = -1

// countsMatter reports whether a token's occurrences change its logit.
func (r *Record) countsMatter() bool {
	return r.Float(WordPenalty) != 1 || r.Float(WordPresence) != 0 || r.Float(WordFrequency) != 0
}

// Advance is what a slot does with the token id that it sampled:
//
//  1. with a window of n > 0 tokens, the token at place step mod n of the ring,
//     unless negative, leaves: its count goes down by one; id takes its place;
//  2. the count of id goes up by one;
//  3. step goes up by one.
//
// It reports whether the sequence ends: at [Record.Stopped], and at an id that is
// no token, [NoToken] or another below zero, or one that counts has no place for.
// Such an id is not counted. counts may be nil, where no penalty is ever applied;
// ring holds at least n places and is not read without a window.
func Advance(r *Record, counts, ring []int32, id int32) (stop bool) {
	if counts != nil {
		at := 0
		ring = ring[:min(int(r[WordWindow]), len(ring))]
		if len(ring) > 0 {
			at = int(r[WordStep] % uint32(len(ring)))
		}
		accept(counts, ring, at, id)
	}
	r[WordStep]++
	return id < 0 || counts != nil && int(id) >= len(counts) || r.Stopped(id)
}

// accept counts id, and puts it at place at of the ring, if there is one,
// instead of the token that leaves the window there.
func accept(counts, ring []int32, at int, id int32) {
	if len(ring) > 0 {
		if old := ring[at]; old >= 0 && int(old) < len(counts) {
			counts[old]--
		}
		ring[at] = id
	}
	if id >= 0 && int(id) < len(counts) {
		counts[id]++
	}
}

// Load sets counts and ring to what they are after history, for a slot whose
// record says step and window. The oldest token of the window lies where
// [Advance] will next write. Without a window ring may be nil; longer rings are
// filled with −1. It fails on ids outside counts and on a ring that is too
// short, and then counts and ring are not to be used.
func Load(counts, ring, history []int32, window int, step uint32) error {
	if window < 0 || window > 0 && len(ring) < window {
		return fmt.Errorf("sampling: window of %d tokens in a ring of %d", window, len(ring))
	}
	clear(counts)
	for i := range ring {
		ring[i] = empty
	}
	if window > 0 {
		history = history[max(0, len(history)-window):]
	}
	for i, id := range history {
		if id < 0 || int(id) >= len(counts) {
			return errToken(id, len(counts))
		}
		counts[id]++
		if window > 0 {
			age := len(history) - i // 1 is the newest
			ring[(int(step%uint32(window))+window-age)%window] = id
		}
	}
	return nil
}

func errToken(id int32, vocab int) error {
	return fmt.Errorf("sampling: token %d outside the vocabulary of %d", id, vocab)
}

// NoToken is what is drawn where a logit is NaN or every one is −Inf.
const NoToken = -1

// ErrNoToken says that [NoToken] was drawn.
var ErrNoToken = errors.New("sampling: no token can be drawn: a logit is NaN, or all are -Inf")
