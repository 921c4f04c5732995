package sampling

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestBias(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	logits := []float32{1, -2, 1e-40, inf, -inf, nan, 3e38, 0.25, 5}
	var r Record
	pairs, mask := slices.Repeat([]int32{-9}, 20), make([]int32, MaskWords(len(logits)))
	err := r.SetBias(pairs, map[int32]float32{8: -inf, 0: 0.5, 1: 2, 2: -0x1p-100, 3: -3, 4: 3, 5: -inf, 6: -100, 7: 0x1p-101},
		len(logits))
	if err != nil {
		t.Fatal(err)
	}
	if r[WordBiases] != 8 || !slices.Equal(pairs[:4], []int32{0, 0x3f000000, 1, 0x40000000}) || pairs[16] != -9 {
		t.Errorf("%d pairs: %v", r[WordBiases], pairs)
	}
	same := func(a, b float32) bool { return a == b || a != a && b != b }
	got := slices.Clone(logits)
	Bias(got, pairs, nil, &r)
	if want := []float32{1.5, 0, -0x1p-100, inf, -inf, nan, 3e38, 0.25, -inf}; !slices.EqualFunc(got, want, same) {
		t.Errorf("biased: %v, want %v", got, want)
	}
	Bias(got, nil, mask, &r) // a mask that the record does not name
	if got[0] != 1.5 {
		t.Errorf("a mask holds that nobody set: %v", got)
	}
	if err := r.SetMask(mask, []int32{1, 3, 8}, len(logits)); err != nil {
		t.Fatal(err)
	}
	got = slices.Clone(logits)
	Bias(got, pairs, mask, &r)
	if want := []float32{-inf, 0, -inf, inf, -inf, nan, -inf, -inf, -inf}; !slices.EqualFunc(got, want, same) {
		t.Errorf("biased and masked: %v, want %v", got, want)
	}
}

func TestBiasErrors(t *testing.T) {
	var r Record
	for _, c := range []struct {
		biases map[int32]float32
		want   string
	}{
		{map[int32]float32{-1: 1}, "logit_bias of token -1: the vocabulary has 0 to 8"},
		{map[int32]float32{9: 1}, "logit_bias of token 9"},
		{map[int32]float32{1: float32(math.NaN())}, "logit_bias NaN of token 1: want -1e+30"},
		{map[int32]float32{1: float32(math.Inf(1))}, "logit_bias +Inf of token 1"},
		{map[int32]float32{1: 1e31}, "logit_bias 1e+31"},
		{map[int32]float32{1: 1, 2: 1, 3: 1}, "logit_bias of 3 tokens: want at most 2"},
	} {
		if err := r.SetBias(make([]int32, 5), c.biases, 9); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.biases, err, c.want)
		}
	}
	for _, id := range []int32{-1, 9} {
		if err := r.SetMask(make([]int32, 1), []int32{id}, 9); err == nil {
			t.Errorf("a mask allows token %d of 9", id)
		}
	}
}
