package engine

import (
	"context"
	"testing"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/model"
)

// The first sequences of a pass draw; those behind them are read and no more.
func TestPassDrawsForItsFirstSequences(t *testing.T) {
	const none = -7 // what no pass leaves
	e := tiny(t, Options{})
	r, err := e.NewRunner(3, 12, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	slots, err := e.TakeSlots(3)
	if err != nil {
		t.Fatal(err)
	}
	p := Pass{Head: model.Sample, IDs: prompt(e, 12, 1)}
	for i := range 3 {
		p.Seqs = append(p.Seqs, backend.Sequence{To: slots + i, First: 4 * i, Rows: 4, Slot: i})
		p.Heads = append(p.Heads, int32(4*i+3))
	}
	submit := func(p Pass) (tokens [3]int32) {
		t.Helper()
		if err := r.sampled(3); err != nil {
			t.Fatal(err)
		}
		out := r.tables.out
		for i := range 3 {
			*(*int32)(unsafe.Pointer(&out.Buf.Bytes()[4*i*OutTokens])) = none
		}
		ticket, err := r.Submit(p)
		if err == nil {
			err = e.Wait(context.Background(), ticket)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range tokens {
			tokens[i] = r.token(i, 0)
		}
		return tokens
	}
	all := submit(p)
	for drawing := 1; drawing < 3; drawing++ {
		some := p
		some.Heads = p.Heads[:drawing]
		want := all
		for i := drawing; i < 3; i++ {
			want[i] = none
		}
		if got := submit(some); got != want {
			t.Errorf("%d of 3 sequences draw: %v, want %v", drawing, got, want)
		}
	}
	for _, heads := range [][]int32{nil, append(p.Heads, 0)} {
		bad := p
		bad.Heads = heads
		if _, err := r.Submit(bad); err == nil {
			t.Errorf("a pass that draws for %d of 3 sequences was taken", len(heads))
		}
	}
}
