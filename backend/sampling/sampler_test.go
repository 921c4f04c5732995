package sampling

import (
	"strings"
	"testing"
)

// A sampler and a slot that advances draw the same tokens.
func TestSamplerIsTheSlot(t *testing.T) {
	const vocab, tokens = 300, 60
	for _, window := range []int{0, 1, 8} {
		p := Params{Temperature: 0.9, TopP: 0.9, RepetitionPenalty: 1.5, RepeatLastN: window, Seed: 12}
		prompt := []int32{5, 9, 5, 1, 2, 3, 4, 5, 6, 7, 8}
		s, err := NewSampler(p, vocab)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range prompt {
			if err := s.Accept(id); err != nil {
				t.Fatal(err)
			}
		}
		r, err := Encode(p, 0, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		counts, ring := make([]int32, vocab), make([]int32, window)
		if err := Load(counts, ring, prompt, window, 0); err != nil {
			t.Fatal(err)
		}
		var picker Picker
		for i := range tokens {
			logits := Logits(uint64(i), vocab, 1)
			want, _ := picker.Pick(logits, counts, &r)
			Advance(&r, counts, ring, want)
			got, err := s.Sample(logits)
			if err != nil || got != want {
				t.Fatalf("window %d, token %d: sampler %d (%v), slot %d", window, i, got, err, want)
			}
			if err := s.Accept(got); err != nil {
				t.Fatal(err)
			}
		}
		if s.Step() != tokens {
			t.Errorf("step %d, want %d", s.Step(), tokens)
		}
	}
}

func TestReset(t *testing.T) {
	s, err := NewSampler(Params{Temperature: 1, RepetitionPenalty: 3, RepeatLastN: 4, Seed: 3}, 50)
	if err != nil {
		t.Fatal(err)
	}
	run := func() (ids [20]int32) {
		for i := range ids {
			id, err := s.Sample(Logits(uint64(i), 50, 1))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Accept(id); err != nil {
				t.Fatal(err)
			}
			ids[i] = id
		}
		return ids
	}
	first, second := run(), run()
	s.Reset()
	if again := run(); again != first {
		t.Errorf("after Reset %v, want %v", again, first)
	}
	if first == second {
		t.Error("the generator stands still")
	}
	s.Forget()
	s.SetStep(0)
	if again := run(); again != first {
		t.Errorf("after Forget and SetStep(0) %v, want %v", again, first)
	}
}

func TestSamplerErrors(t *testing.T) {
	if _, err := NewSampler(Params{TopK: -1}, 10); err == nil {
		t.Error("invalid parameters were taken")
	}
	if _, err := NewSampler(Params{}, 0); err == nil {
		t.Error("an empty vocabulary was taken")
	}
	for _, p := range []Params{{}, {RepetitionPenalty: 2}} {
		s, err := NewSampler(p, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []int32{-1, 10} {
			if err := s.Accept(id); err == nil || !strings.Contains(err.Error(), "outside the vocabulary of 10") {
				t.Errorf("Accept(%d): %v", id, err)
			}
		}
		for _, v := range []int{0, 9, 11} {
			if _, err := s.Sample(make([]float32, v)); err == nil {
				t.Errorf("a row of %d logits was taken", v)
			}
		}
	}
}

func TestSampleDoesNotAllocate(t *testing.T) {
	s, err := NewSampler(Params{Temperature: 0.8, TopK: 40, TopP: 0.9, MinP: 0.02, RepetitionPenalty: 1.1,
		RepeatLastN: 64}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	logits := Logits(1, 1000, 2)
	if n := testing.AllocsPerRun(100, func() {
		id, err := s.Sample(logits)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Accept(id); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per token, want 0", n)
	}
}
