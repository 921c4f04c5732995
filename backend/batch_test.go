package backend_test

import (
	"slices"
	"testing"

	. "falconmamba/backend"
)

func TestEncodeBatch(t *testing.T) {
	dst := slices.Repeat([]int32{-7}, 4*BatchWords)
	EncodeBatch(dst, []Sequence{
		{From: 3, To: 4, First: 0, Rows: 5, Slot: 2, Ring: 3, RingLen: 4},
		{From: 1, To: 1, First: 5, Rows: 2, Slot: 9},
	}, 6)
	want := []int32{
		7, 2, 6, 0, 0, 0, 0, 0,
		3, 4, 0, 5, 2, 3, 4, 0,
		1, 1, 5, 2, 9, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
	}
	if !slices.Equal(dst, want) {
		t.Errorf("%v, want %v", dst, want)
	}
}

func TestBatchWord(t *testing.T) {
	batch := Matrix(&memory{1 << 10}, 64, I32, 3, BatchWords)
	got := BatchWord(batch, BatchHeads)
	if want := (Tensor{batch.Buf, 64 + 4*BatchHeads, I32, 1, 1, BatchWords}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	c := NewChecker("")
	c.Live(got)
	if c.Err() != nil {
		t.Error(c.Err())
	}
}
