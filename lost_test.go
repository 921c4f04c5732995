package falconmamba

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"falconmamba/backend"
	"falconmamba/engine"
)

// A loser is a driver whose first device is lost after some passes, and which then cannot be
// opened once.
type loser struct {
	passes atomic.Int64
	opened atomic.Int64
}

func (l *loser) Devices() ([]backend.Info, error) { return []backend.Info{{Name: "loser:0"}}, nil }

func (l *loser) Open(int, backend.Options) (backend.Backend, error) {
	if l.opened.Add(1) == 2 {
		return nil, fmt.Errorf("the device is not back yet")
	}
	b, err := backend.Open("cpu", backend.Options{})
	return &lostDevice{b, l, l.opened.Load() == 1}, err
}

type lostDevice struct {
	backend.Backend
	l     *loser
	loses bool
}

func (d *lostDevice) Wait(ctx context.Context, t backend.Ticket) error {
	if d.loses && d.l.passes.Add(-1) < 0 {
		return fmt.Errorf("pass %d: %w", t, backend.ErrDeviceLost)
	}
	return d.Backend.Wait(ctx, t)
}

// A session goes on with the same text when its device was lost and opened anew.
func TestLostDevice(t *testing.T) {
	l := &loser{}
	backend.Register("loser", l)
	l.passes.Store(1 << 40)
	m := open(t, Options{Backend: "loser", Engine: engine.Options{Chunk: 16}})
	want := text(t, session(t, m), romeo, 40)
	l.passes.Store(12)
	s := session(t, m)
	if got := text(t, s, romeo, 40); got != want {
		t.Errorf("after a loss %q, want %q", got, want)
	}
	if lost, n := m.Stats().Lost, l.opened.Load(); lost != 1 || n != 3 {
		t.Errorf("%d losses, the device was opened %d times; want 1 and 3", lost, n)
	}
	if m.Backend().(*lostDevice).loses {
		t.Error("the model's device is still the lost one")
	}
}

func text(t *testing.T, s *Session, prompt string, n int) (all string) {
	t.Helper()
	for x, err := range s.Generate(context.Background(), prompt, &GenerateOptions{MaxTokens: n, EOS: []int32{}}) {
		if err != nil {
			t.Fatal(err)
		}
		all += x.Text
	}
	return all
}
