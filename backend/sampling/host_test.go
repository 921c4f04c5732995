package sampling

import "fmt"

// A Sampler is one sequence's sampling on the host, for tests: its record, counts and
// window. It allocates nothing after [NewSampler], and is not safe for
// concurrent use.
type Sampler struct {
	record Record
	vocab  int
	counts []int32 // (V)
	ring   []int32 // (RepeatLastN): the window
	next   int     // place of the ring's oldest token, written next
	picker Picker
}

// NewSampler returns a sampler of token ids below vocab with an empty history.
func NewSampler(p Params, vocab int) (*Sampler, error) {
	r, err := Encode(p, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	if vocab < 1 {
		return nil, fmt.Errorf("sampling: vocabulary of %d tokens: want 1 or more", vocab)
	}
	s := &Sampler{record: r, vocab: vocab}
	if p.Penalised() {
		s.counts = make([]int32, vocab)
		s.ring = make([]int32, p.RepeatLastN)
	}
	s.picker.grow(vocab)
	s.Reset()
	return s, nil
}

// Accept appends token to the history that penalties look at: of the prompt,
// and of what was sampled. It fails on an id outside the vocabulary.
func (s *Sampler) Accept(token int32) error {
	if token < 0 || int(token) >= s.vocab {
		return errToken(token, s.vocab)
	}
	if s.counts == nil {
		return nil
	}
	accept(s.counts, s.ring, s.next, token)
	if s.next++; s.next >= len(s.ring) {
		s.next = 0
	}
	return nil
}

// Sample draws the next token from logits, (V), and moves the generator on. It
// does not accept the token. It fails with [ErrNoToken] where none can be
// picked, and on a row that is not the vocabulary's length.
func (s *Sampler) Sample(logits []float32) (int32, error) {
	if err := checkRows(len(logits), s.counts, s.vocab); err != nil {
		return 0, err
	}
	id, ok := s.picker.Pick(logits, s.counts, &s.record)
	if !ok {
		return 0, ErrNoToken
	}
	s.record[WordStep]++
	return id, nil
}

// Step returns how many tokens were sampled.
func (s *Sampler) Step() uint32 { return s.record[WordStep] }

// SetStep makes the next draw that of step: to go on where a state was saved,
// or to take draws back.
func (s *Sampler) SetStep(step uint32) { s.record[WordStep] = step }

// Reset forgets the history and starts the generator anew.
func (s *Sampler) Reset() {
	s.record[WordStep] = 0
	s.Forget()
}

// Forget empties the history and leaves the generator where it is.
func (s *Sampler) Forget() {
	clear(s.counts)
	for i := range s.ring {
		s.ring[i] = empty
	}
	s.next = 0
}
