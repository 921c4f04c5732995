package engine

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/null"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// A device that has room for the weights and no more refuses the engine, says
// what to do, and is left as it was.
func TestNoRoomForStates(t *testing.T) {
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	total := int64(0)
	for _, x := range ck.Tensors() {
		total += x.Bytes
	}
	b := null.Open(null.Options{Memory: total, Info: backend.Info{Name: "dev:0", Class: backend.Discrete}})
	m, err := model.Load(context.Background(), b, ck, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	weights := b.Stats().Live
	_, err = New(m, Options{})
	if !errors.Is(err, backend.ErrOutOfMemory) || !strings.Contains(err.Error(), "try --quant or a smaller model") {
		t.Errorf("New: %v", err)
	}
	if got := b.Stats().Live; got != weights {
		t.Errorf("%d bytes are live, before New %d", got, weights)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if got := b.Stats().Live; got != 0 {
		t.Errorf("%d bytes stay live", got)
	}
}

// A device that has room for states and for no pass's inputs refuses what is asked of it,
// each time, and stays usable.
func TestNoRoomForARunner(t *testing.T) {
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	var live int64 // what weights and states take
	for _, memory := range []func() int64{func() int64 { return 1 << 40 }, func() int64 { return live }} {
		b := null.Open(null.Options{Memory: memory(), Info: backend.Info{Name: "dev:0", Class: backend.Discrete}})
		m, err := model.Load(context.Background(), b, ck, model.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		e, err := New(m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if first := live == 0; first {
			live = b.Stats().Live
		} else {
			for _, ids := range [][]int32{{1}, {1, 2, 3}} { // a score alone, and behind a text to read
				s, err := e.NewSequence()
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Append(ids...); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Logits(context.Background()); !errors.Is(err, backend.ErrOutOfMemory) {
					t.Errorf("Logits of %d tokens: %v", len(ids), err)
				}
			}
		}
		if err := errors.Join(e.Close(), m.Close()); err != nil {
			t.Error(err)
		}
	}
}
