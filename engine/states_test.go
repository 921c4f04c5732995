package engine

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"falconmamba/engine/statecache"
	"falconmamba/internal/words"
)

// A watcher looks at the states as a program does that draws them: between any two calls
// that reach the device.
type watcher struct {
	t    *testing.T
	view *States
	mine [][][]float32 // the states of each text, after each of its tokens

	mu    sync.Mutex
	texts map[*Sequence]int
	looks int // rows that were looked at
	away  int // sequences that were in no row
	wrong int
}

// watch adds a sequence of a text.
func (w *watcher) watch(s *Sequence, text int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts[s] = text
}

// look compares what is in every sequence's row with the states of its text.
func (w *watcher) look(call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s, text := range w.texts {
		row, ok := s.Row()
		if !ok {
			w.away++
			continue
		}
		if row == 0 {
			continue
		}
		w.looks++
		got := w.read(row)
		if !slices.ContainsFunc(w.mine[text], func(v []float32) bool { return same(got, v) }) {
			if w.wrong++; w.wrong < 5 {
				w.t.Errorf("before %s: row %d is no state of text %d", call, row, text)
			}
		}
	}
}

// oneOwner fails where two own a slot, or somebody owns one that is free.
func (w *watcher) oneOwner(e *Engine, call string) {
	owner := map[int]string{}
	own := func(slot int, who string) {
		if slot == 0 {
			return
		}
		if owner[slot] != "" || !e.pool.used[slot] {
			w.t.Errorf("before %s: slot %d of %s is in use: %v, by %q", call, slot, who, e.pool.used[slot], owner[slot])
		}
		owner[slot] = who
	}
	for s := range e.sequences {
		own(s.slot, "a sequence")
		own(s.spare.slot, "a sequence, to go back to")
		if t := s.task; t != nil {
			own(t.work, "a text that writes")
			own(t.mark.slot, "a text that writes, to go back to")
			own(t.final.slot, "a text that has ended")
		}
	}
	e.cache.All(statecache.Device, func(s *keptState) { own(s.Value.slot, "the cache") })
}

// read is readSlot of what was submitted until now.
func (w *watcher) read(row int) []float32 {
	var out []float32
	for i := range w.view.SSM {
		for _, m := range slices.Concat(w.view.Conv[i:i+1], w.view.SSM[i:i+1]) {
			m = m.RowRange(row, row+1)
			v := make([]float32, m.Cols)
			if err := m.Buf.(*faultBuffer).Buffer.Download(m.Off, words.Bytes(v)); err != nil {
				w.t.Error(err)
			}
			out = append(out, v...)
		}
	}
	return out
}

func same(a, b []float32) bool {
	for i := range a {
		if !(math.Abs(float64(a[i]-b[i])) < 1e-3) {
			return false
		}
	}
	return true
}

// While texts begin, write, end, move to the host and come back, the row that a program is
// told never holds another's state, nor one that is not there yet.
func TestRowsAreTheirOwn(t *testing.T) {
	f, m := faultyTiny(t)
	const texts, tokens = 6, 24
	ctx := context.Background()
	w := &watcher{t: t, texts: map[*Sequence]int{}, mine: make([][][]float32, texts)}
	e, err := New(m, Options{Chunk: 8, States: 9, Ahead: 2, Cache: CacheOptions{Device: 2 * m.Config().StateBytes()}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	request := func(i int) Request {
		return Request{Prompt: prompt(e, 3+3*i, i), MaxTokens: tokens, EOS: []int32{}}
	}
	for i := range texts {
		r := request(i)
		ids := append(r.Prompt, alone(t, e, r)...)
		for n := range len(ids) {
			s := newSequence(t, e)
			if err := s.Append(ids[:n+1]...); err != nil {
				t.Fatal(err)
			}
			w.mine[i] = append(w.mine[i], must(s.State(ctx)))
			s.Close()
		}
	}
	if w.view, err = e.States(); err != nil {
		t.Fatal(err)
	}
	defer w.view.Close()
	// What nobody has filled is no state.
	none := slices.Repeat([]float32{float32(math.NaN())}, len(w.mine[0][0]))
	for slot := 1; slot < len(e.pool.used); slot++ {
		if e.pool.used[slot] {
			continue // the cache's
		}
		if err := e.writeSlot(slot, none); err != nil {
			t.Fatal(err)
		}
	}
	f.before = func(call string, _ *faultBuffer) {
		if call == "Upload" || call == "Submit" || call == "Download" {
			w.oneOwner(e, call) // the engine's lock is held
			w.look(call)
		}
	}
	var wait sync.WaitGroup
	turn := make(chan struct{}, 2) // more do not fit beside what they keep to go back to
	for i := range texts {
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			for round := range 3 {
				if err := watched(ctx, e, w, request(i), i, round); err != nil {
					t.Errorf("text %d: %v", i, err)
				}
			}
		})
	}
	wait.Wait()
	if w.looks == 0 || w.away == 0 {
		t.Errorf("%d rows were looked at, %d times a state was on the host", w.looks, w.away)
	}
}

// watched writes a text, asks about it and a fork of it, and leaves both open.
func watched(ctx context.Context, e *Engine, w *watcher, r Request, text, round int) error {
	s, err := e.NewSequence()
	if err != nil {
		return err
	}
	w.watch(s, text)
	r.Seq = s
	n := 0
	for _, err := range e.Generate(ctx, []Request{r}) {
		if err != nil {
			return err
		}
		if n++; n == 5+7*round {
			break
		}
	}
	fork, err := s.Fork(ctx)
	if err != nil {
		return err
	}
	w.watch(fork, text)
	_, err = s.Logits(ctx)
	again := r
	again.Seq, again.Prompt, again.MaxTokens = fork, nil, 3
	_, failed := write(ctx, e, again)
	return errors.Join(err, failed)
}
