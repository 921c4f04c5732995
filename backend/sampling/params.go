package sampling

import (
	"fmt"
	"math"
)

// Params say how tokens are chosen. The zero value is greedy.
type Params struct {
	Temperature       float32 // divides the logits; 0 is greedy
	TopK              int     // keep the k largest; 0 is off
	TopP              float32 // keep the most probable up to this mass; 1 or not set (0) is off, see SetTopP
	MinP              float32 // keep from this fraction of the largest probability; 0 is off
	RepetitionPenalty float32 // of tokens in the window; 1 or 0 is off
	PresencePenalty   float32 // taken from the logits of tokens in the window; 0 is off
	FrequencyPenalty  float32 // the same, once for each time that they occur there; 0 is off
	RepeatLastN       int     // tokens of the penalties' window; 0 is the whole history
	Seed              uint64  // of the generator
}

// MaxWindow is the longest window of the penalties, in tokens.
const MaxWindow = 1 << 20

// The penalty's range keeps both it and its reciprocal far from overflow.
const (
	minPenalty = 1e-6
	maxPenalty = 1e6
)

// maxTaken is the largest presence or frequency penalty, as in OpenAI's API.
const maxTaken = 2

// SetTopP sets TopP to what a user or a file asks for. A mass of 0 keeps the most
// probable token alone, as in transformers and llama.cpp; the field itself
// cannot say so, since its 0 is what nobody has set.
func (p *Params) SetTopP(mass float64) {
	p.TopP = float32(mass)
	if mass >= 0 && p.TopP == 0 {
		p.TopP = math.SmallestNonzeroFloat32
	}
}

// Validate reports the first parameter that is out of its range. Names are
// those of generation_config.json.
func (p Params) Validate() error {
	switch {
	case !(p.Temperature >= 0) || math.IsInf(float64(p.Temperature), 1):
		return fmt.Errorf("temperature %v: want 0 (greedy) or more, and finite", p.Temperature)
	case p.TopK < 0 || p.TopK > math.MaxInt32:
		return fmt.Errorf("top_k %d: want 0 (off) to %d", p.TopK, math.MaxInt32)
	case !(p.TopP >= 0 && p.TopP <= 1):
		return fmt.Errorf("top_p %v: want 0 to 1 (1 is off)", p.TopP)
	case !(p.MinP >= 0 && p.MinP <= 1):
		return fmt.Errorf("min_p %v: want 0 (off) to 1", p.MinP)
	case p.RepetitionPenalty != 0 && !(p.RepetitionPenalty >= minPenalty && p.RepetitionPenalty <= maxPenalty):
		return fmt.Errorf("repetition_penalty %v: want %g to %g (1 or 0 is off)",
			p.RepetitionPenalty, minPenalty, maxPenalty)
	case !(p.PresencePenalty >= -maxTaken && p.PresencePenalty <= maxTaken):
		return fmt.Errorf("presence_penalty %v: want -%d to %d (0 is off)", p.PresencePenalty, maxTaken, maxTaken)
	case !(p.FrequencyPenalty >= -maxTaken && p.FrequencyPenalty <= maxTaken):
		return fmt.Errorf("frequency_penalty %v: want -%d to %d (0 is off)", p.FrequencyPenalty, maxTaken, maxTaken)
	case p.RepeatLastN < 0 || p.RepeatLastN > MaxWindow:
		return fmt.Errorf("repeat_last_n %d: want 0 (the whole history) to %d", p.RepeatLastN, MaxWindow)
	}
	return nil
}

// Greedy reports whether no draw is made.
func (p Params) Greedy() bool { return p.Temperature == 0 }

// penalty returns the factor that is applied; 1 is off.
func (p Params) penalty() float32 {
	if p.RepetitionPenalty == 0 {
		return 1
	}
	return p.RepetitionPenalty
}

// applied returns a presence or frequency penalty as it is applied: one below
// minTaken is none.
func applied(penalty float32) float32 {
	if penalty > -minTaken && penalty < minTaken {
		return 0
	}
	return penalty
}

// Penalised reports whether the counts of tokens matter.
func (p Params) Penalised() bool {
	return p.penalty() != 1 || applied(p.PresencePenalty) != 0 || applied(p.FrequencyPenalty) != 0
}
