package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/null"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// layered is a configuration of many equal layers.
func layered() *checkpoint.Config {
	return &checkpoint.Config{NumHiddenLayers: 16, IntermediateSize: 64, StateSize: 4, ConvKernel: 5}
}

// A pool that grows has one layer twice at a time, and what fails leaves it in the memory
// that it had.
func TestPoolGrowsByLayers(t *testing.T) {
	cfg := layered()
	state := cfg.StateBytes()
	layer := state / int64(cfg.NumHiddenLayers)
	const have, want = 10, 25
	enough := want*state + have*layer
	for memory := have * state; memory <= enough; memory += layer / 2 {
		b := null.Open(null.Options{Memory: memory})
		p, err := newSlotPool(b, cfg, backend.F32, have)
		if err != nil {
			t.Fatal(err)
		}
		p.take(3)
		g, err := p.resized(want)
		switch {
		case memory < enough && !errors.Is(err, backend.ErrOutOfMemory):
			t.Fatalf("room for %d bytes, %d wanted: %v", memory, enough, err)
		case memory == enough && err != nil:
			t.Fatalf("there is room: %v", err)
		case err != nil:
			if got := b.Stats().Live; got != have*state || p.moved.Load() || p.count() != 4 {
				t.Fatalf("room for %d bytes: %d are live, before %d", memory, got, have*state)
			}
			g = p
		case b.Stats().Live != want*state || !p.moved.Load() || g.count() != 4:
			t.Fatalf("grown: %d bytes are live, want %d", b.Stats().Live, want*state)
		}
		for i := range g.layers {
			for _, x := range g.tensors(i) {
				if x.Rows != len(g.used) {
					t.Fatalf("layer %d has %d rows, want %d", i, x.Rows, len(g.used))
				}
			}
		}
		if err := g.close(); err != nil || b.Stats().Live != 0 {
			t.Fatalf("closed: %v, %d bytes live", err, b.Stats().Live)
		}
	}
}

// Whoever holds the states keeps the memory of a pool that grows, and what fails costs
// them nothing.
func TestHeldPoolGrows(t *testing.T) {
	cfg := layered()
	state := cfg.StateBytes()
	for _, room := range []int64{20, 31} {
		b := null.Open(null.Options{Memory: room * state})
		p, err := newSlotPool(b, cfg, backend.F32, 10)
		if err != nil {
			t.Fatal(err)
		}
		p.holders.Add(1)
		before := slices.Clone(p.layers)
		g, err := p.resized(20)
		if (err == nil) != (room == 31) {
			t.Fatalf("room for %d states, 10 held and 20 wanted: %v", room, err)
		}
		if !slices.Equal(p.layers, before) {
			t.Errorf("room for %d states: what is held has moved", room)
		}
		if err == nil {
			if b.Stats().Live != 30*state {
				t.Errorf("%d bytes are live, want %d", b.Stats().Live, 30*state)
			}
			if err := errors.Join(p.release(), g.release()); err != nil || b.Stats().Live != 10*state {
				t.Errorf("closed: %v, %d bytes are live, want %d", err, b.Stats().Live, 10*state)
			}
		}
		if err := p.close(); err != nil || b.Stats().Live != 0 {
			t.Errorf("closed: %v, %d bytes live", err, b.Stats().Live)
		}
	}
}

// A pool becomes smaller in any memory: a layer that finds no room stays where it is.
func TestPoolShrinksWithoutRoom(t *testing.T) {
	cfg := layered()
	state := cfg.StateBytes()
	b := null.Open(null.Options{Memory: 20 * state})
	p, err := newSlotPool(b, cfg, backend.F32, 20)
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.resized(5)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Stats().Live; got != 20*state {
		t.Errorf("%d bytes are live, want %d", got, 20*state)
	}
	for i := range g.layers {
		for _, x := range g.tensors(i) {
			if x.Rows != 5 {
				t.Errorf("layer %d has %d rows, want 5", i, x.Rows)
			}
		}
	}
	if err := g.close(); err != nil || b.Stats().Live != 0 {
		t.Errorf("closed: %v, %d bytes live", err, b.Stats().Live)
	}
}

// Many texts make the pool larger, one layer at a time, and when they are gone it becomes
// smaller; those that stay do not notice.
func TestPoolFollowsItsUse(t *testing.T) {
	e := tiny(t, Options{})
	ctx := context.Background()
	state := e.cfg.StateBytes()
	r := Request{Prompt: prompt(e, 6, 1), MaxTokens: 1}
	alone(t, e, r)
	before := e.b.Stats().Live
	slots := func() int {
		e.mu.Lock()
		defer e.mu.Unlock()
		return len(e.pool.used)
	}
	small := slots()
	var all []*Sequence
	var texts [][]int32
	for i := range 64 {
		r.Seq, r.Prompt = newSequence(t, e), prompt(e, 6, i)
		if _, err := write(ctx, e, r); err != nil {
			t.Fatal(err)
		}
		all, texts = append(all, r.Seq), append(texts, r.Seq.Tokens())
	}
	large := slots()
	layers := int64(e.cfg.NumHiddenLayers)
	if got, want := e.b.Stats().Peak-before, int64(large-small)*state+int64(large/2)*state/layers; got > want {
		t.Errorf("%d slots became %d: %d bytes more at the most, want at most %d", small, large, got, want)
	}
	view, err := e.States()
	if err != nil {
		t.Fatal(err)
	}
	stay := []int{3, 40, 63} // the last lies at the end
	for i, s := range all {
		if !slices.Contains(stay, i) {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	e.settlePool() // there were many since the pool has grown
	if slots() != large {
		t.Errorf("%d slots at once after the others have gone, want %d", slots(), large)
	}
	e.settlePool()
	if slots() != large || view.Moved() {
		t.Errorf("%d slots while somebody looks, want %d", slots(), large)
	}
	if err := view.Close(); err != nil {
		t.Fatal(err)
	}
	// A text that writes stays in its slot.
	busy := Request{Seq: newSequence(t, e), Prompt: prompt(e, 9, 100), MaxTokens: 30, EOS: []int32{}}
	want := alone(t, e, busy)
	n := 0
	for x, err := range e.Generate(ctx, []Request{busy}) {
		if err != nil || x.ID != want[n] {
			t.Fatalf("token %d is %d, %v; want %d", n, x.ID, err, want[n])
		}
		if n++; n == 10 {
			held := e.b.Stats().Live
			e.settlePool()
			got := slots()
			if got*2 > large {
				t.Errorf("%d slots when most were free for long, before %d", got, large)
			}
			if freed := held - e.b.Stats().Live; freed < int64(large-got)*state {
				t.Errorf("%d bytes of %d slots were freed, want %d", freed, large-got, int64(large-got)*state)
			}
		}
	}
	if n != len(want) {
		t.Errorf("%d tokens, want %d", n, len(want))
	}
	for _, i := range stay {
		if row, ok := all[i].Row(); !ok || row != all[i].slot || row >= slots() {
			t.Errorf("text %d is in row %d, %v", i, row, ok)
		}
		near(t, fmt.Sprintf("text %d", i), must(all[i].Logits(ctx)), logitsOf(t, e, texts[i]))
	}
	e.mu.Lock()
	armed := e.calm != nil
	e.mu.Unlock()
	if !armed {
		t.Error("nobody looks again whether the pool is too large")
	}
}

// A budget is there from the beginning, and stays.
func TestBudgetIsReserved(t *testing.T) {
	small, large := tiny(t, Options{States: minStates}), tiny(t, Options{States: 40})
	state := small.m.Config().StateBytes()
	if got, want := large.b.Stats().Live-small.b.Stats().Live, (40-minStates)*state; got != want {
		t.Errorf("room for %d states more takes %d bytes, want %d", 40-minStates, got, want)
	}
	for range 3 {
		large.settlePool()
	}
	if n := len(large.pool.used); n != 40 {
		t.Errorf("%d slots after a while, want 40", n)
	}
}

// A device without room is asked again after a while: until then states move to the host.
func TestGrowthIsTriedAgain(t *testing.T) {
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	b := null.Open(null.Options{Memory: 1 << 30, Info: backend.Info{Name: "dev:0", Class: backend.Discrete}})
	m, err := model.Load(context.Background(), b, ck, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(m, Options{Running: 2, Chunk: 8})
	if err != nil {
		t.Fatal(err)
	}
	away := func() (bytes int64) { // of the host's memory
		for _, b := range e.away.blocks {
			bytes += b.buf.Size()
		}
		return bytes
	}
	read := func(n int) {
		t.Helper()
		for range n {
			s := newSequence(t, e)
			if err := errors.Join(s.Append(1, 2, 3), s.Prefill(context.Background(), nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	look := func() (slots, gone int) {
		e.mu.Lock()
		defer e.mu.Unlock()
		for s := range e.sequences {
			if s.host != nil {
				gone++
			}
		}
		return len(e.pool.used), gone
	}
	read(4)
	ballast, err := b.Alloc(b.Info().MemoryFree-1, backend.Device)
	if err != nil {
		t.Fatal(err)
	}
	live := b.Stats().Live
	read(3)
	if slots, gone := look(); slots != firstSlots || gone != 3 || b.Stats().Live != live+away() {
		t.Errorf("without room: %d slots, %d states on the host, %d bytes more", slots, gone, b.Stats().Live-live)
	}
	if err := ballast.Close(); err != nil {
		t.Fatal(err)
	}
	read(1)
	if slots, gone := look(); slots != firstSlots || gone != 4 {
		t.Errorf("with room, too early: %d slots, %d states on the host", slots, gone)
	}
	e.settlePool()
	read(1)
	if slots, gone := look(); slots <= firstSlots || gone != 4 {
		t.Errorf("with room, after a while: %d slots, %d states on the host", slots, gone)
	}
	if err := errors.Join(e.Close(), m.Close()); err != nil || b.Stats().Live != 0 {
		t.Errorf("closed: %v, %d bytes live", err, b.Stats().Live)
	}
}
