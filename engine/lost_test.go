package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
	_ "falconmamba/backend/cpu"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// losing returns an engine whose devices are lost at their calls failAt, counted from 1,
// and how many were opened.
func losing(t testing.TB, o Options, failAt ...int) (e *Engine, opened *int) {
	t.Helper()
	e, d := losingDraft(t, nil, o, failAt...)
	return e, &d.opened
}

// A losable is the devices of an engine, one after another.
type losable struct {
	opened int
	*faulty
}

// losingDraft is losing with a draft model of the files that draft makes of the model's.
func losingDraft(t testing.TB, draft func(checkpoint.Checkpoint) checkpoint.Checkpoint, o Options,
	failAt ...int) (*Engine, *losable) {
	t.Helper()
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := &losable{}
	var m, drafts *model.Model
	files := []checkpoint.Checkpoint{ck}
	if draft != nil {
		files = append(files, draft(ck))
	}
	closeAll := func() error {
		err := m.Close()
		if drafts != nil {
			err = errors.Join(err, drafts.Close())
		}
		return errors.Join(err, d.faulty.Backend.Close())
	}
	arm := func() {}
	open := func() (_, _ *model.Model, err error) {
		if d.faulty != nil {
			_ = closeAll()
		}
		own, err := backend.Open("cpu", backend.Options{Threads: 1})
		if err != nil {
			return nil, nil, err
		}
		f := &faulty{Backend: own}
		d.faulty = f
		load := func(i int) (m *model.Model) {
			if err == nil && i < len(files) {
				m, err = model.Load(context.Background(), f, files[i], model.LoadOptions{})
			}
			return m
		}
		if m, drafts = load(0), load(1); err != nil {
			return nil, nil, err
		}
		arm = func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			if d.opened <= len(failAt) {
				f.calls, f.lose, f.failAt = 0, true, failAt[d.opened-1]
			}
		}
		if d.opened++; d.opened > 1 {
			arm()
		}
		return m, drafts, nil
	}
	first, second, err := open()
	if err != nil {
		t.Fatal(err)
	}
	o.Draft = second
	e, err := New(first, o)
	if err != nil {
		t.Fatal(err)
	}
	guessAll(e)
	e.RecoverWith(open)
	arm()
	t.Cleanup(func() {
		err := errors.Join(e.Close(), closeAll(), ck.Close())
		if err != nil && !errors.Is(err, backend.ErrDeviceLost) {
			t.Error(err)
		}
		if d.buffers != 0 {
			t.Errorf("%d buffers are left", d.buffers)
		}
	})
	return e, d
}

// company of texts and questions, whose results are told.
func talk(t testing.TB, e *Engine) (texts [][]int32, logits [][]float32) {
	t.Helper()
	ctx := context.Background()
	const n = 5
	texts, logits = make([][]int32, n), make([][]float32, 2*n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			s, err := e.NewSequence()
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			r := Request{Seq: s, Prompt: prompt(e, 4+9*i, i), Sampling: draws[i%len(draws)], EOS: []int32{}, MaxTokens: 10 + 3*i}
			switch i {
			case 3:
				r.Process = asIs
			case 4:
				r.Allow = allowEven(e.cfg.VocabSize)
			}
			out, err := write(ctx, e, r)
			texts[i] = out[0]
			var f *Sequence
			if err == nil {
				logits[2*i], err = s.Logits(ctx)
			}
			if err == nil {
				f, err = s.Fork(ctx)
			}
			if err == nil {
				defer f.Close()
				r.Seq, r.Prompt = f, prompt(e, 3, 7)
				out, err = write(ctx, e, r)
				texts[i] = append(texts[i], out[0]...)
			}
			var state []float32
			if err == nil {
				state, err = f.State(ctx)
			}
			if err == nil {
				var n Snapshot
				if n, err = f.Snapshot(ctx); err == nil {
					err = s.Restore(ctx, n)
				}
			}
			if err == nil {
				var again []float32
				if again, err = s.State(ctx); err == nil {
					near(t, "a state", again, state)
					logits[2*i+1] = state
				}
			}
			if err != nil {
				t.Errorf("text %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	return texts, logits
}

// Whenever the device is lost, once or several times, all goes on as if it had not been.
func TestLostDevice(t *testing.T) {
	whole, _ := losing(t, Options{Running: 3, Chunk: 16})
	texts, logits := talk(t, whole)
	step := 7
	if testing.Short() {
		step = 61
	}
	for at := 1; ; at += step {
		e, opened := losing(t, Options{Running: 3, Chunk: 16, States: []int{0, 9}[at/step%2]}, at, 2*at, 40)
		got, scores := talk(t, e)
		for i := range texts {
			if !slices.Equal(got[i], texts[i]) {
				t.Errorf("lost at call %d: text %d is %v, want %v", at, i, got[i], texts[i])
			}
		}
		for i := range logits {
			near(t, fmt.Sprintf("lost at call %d: scores %d", at, i), scores[i], logits[i])
		}
		audit(t, e)
		if lost := e.Stats().Lost; int(lost) != *opened-1 {
			t.Errorf("lost at call %d: %d losses, %d devices", at, lost, *opened)
		}
		if *opened == 1 || t.Failed() {
			break // there are no more calls
		}
	}
}

// A device that is lost again and again is given up, and everybody is told.
func TestDeviceLostForEver(t *testing.T) {
	e, opened := losing(t, Options{}, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	s := newSequence(t, e)
	_, err := write(context.Background(), e, Request{Seq: s, Prompt: []int32{1}, MaxTokens: 3})
	if !errors.Is(err, backend.ErrDeviceLost) {
		t.Errorf("a text on a device that is lost for ever: %v", err)
	}
	if _, err := s.Logits(context.Background()); !errors.Is(err, backend.ErrDeviceLost) {
		t.Errorf("a question afterwards: %v", err)
	}
	if *opened != 1+lossesInARow {
		t.Errorf("%d devices were opened, want %d", *opened, 1+lossesInARow)
	}
}

// A text that is read again after a loss, with what its reader has not seen yet, is what was
// seen, for questions in its loop and for whoever leaves it.
func TestLostAheadOfTheReader(t *testing.T) {
	ctx := context.Background()
	for at := 1; at < 400; at += 9 {
		e, opened := losing(t, Options{Chunk: 4, Ahead: 2}, at)
		s := newSequence(t, e)
		n := 0
		for _, err := range e.Generate(ctx, []Request{{Seq: s, Prompt: prompt(e, 9, 1), EOS: []int32{}, MaxTokens: 200}}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n < 6 {
				continue
			}
			for range 1000 { // the loop is ahead of its reader, and finds the loss
				if e.mu.Lock(); *opened > 1 && s.fed > len(s.history) {
					e.mu.Unlock()
					break
				}
				e.mu.Unlock()
				runtime.Gosched()
			}
			if at%2 == 0 {
				near(t, fmt.Sprintf("lost at call %d, in the loop", at), must(s.Logits(ctx)), logitsOf(t, e, s.Tokens()))
				if _, err := s.State(ctx); err != nil {
					t.Errorf("lost at call %d: %v", at, err)
				}
			}
			break
		}
		if err := s.Append(prompt(e, 40, 3)...); err != nil {
			t.Fatal(err)
		}
		near(t, fmt.Sprintf("lost at call %d, left and gone on", at), must(s.Logits(ctx)), logitsOf(t, e, s.Tokens()))
		if t.Failed() {
			return
		}
	}
}

// A score says where it begins: what the device has forgotten is read again first.
func TestScoreAfterALoss(t *testing.T) {
	ctx := context.Background()
	e := tiny(t, Options{Chunk: 4})
	ids := prompt(e, 20, 1)
	s := newSequence(t, e)
	if err := s.Append(ids...); err != nil {
		t.Fatal(err)
	}
	if err := s.Score(ctx, 0, 4, []int32{3}, func(func(int) []float32) {}); err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	e.freeSlot(s.slot)
	s.lose()
	e.mu.Unlock()
	want := logitsOf(t, e, ids[:6])
	err := s.Score(ctx, 4, 4, []int32{1}, func(logits func(int) []float32) {
		near(t, "row 1 behind 4 tokens", logits(0), want)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is read again after a loss is kept again.
func TestReadAgainIsKeptAgain(t *testing.T) {
	e, opened := losing(t, Options{Chunk: 64}, 150)
	ids := prompt(e, 600, 1)
	s := newSequence(t, e)
	out, err := write(context.Background(), e, Request{Seq: s, Prompt: ids, MaxTokens: 100, EOS: []int32{}})
	if err != nil || len(out[0]) != 100 || *opened != 2 {
		t.Fatalf("%d tokens on %d devices, %v", len(out[0]), *opened, err)
	}
	if _, read, reused := ask(t, e, ids); read > e.keeps.Spacing {
		t.Errorf("%d of %d tokens are read again, %d are not", read, len(ids), reused)
	}
}

// lost loses the device: the next call and all after it fail.
func (d *losable) lost() {
	d.faulty.mu.Lock()
	defer d.faulty.mu.Unlock()
	d.faulty.lose, d.faulty.failAt = true, d.faulty.calls+1
}

// A text whose mask the host makes while the device is lost gives its place away, as any does whose
// reader is absent: its host may be waiting for whoever wants that.
func TestAMaskIsMadeThroughALoss(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, d := losingDraft(t, nil, Options{Running: 1, Pace: 5 * time.Millisecond})
	n := 0
	r := Request{Prompt: prompt(e, 7, 1), EOS: []int32{}, MaxTokens: 6}
	r.Allow = func(_ []int32, m Mask) error {
		m.Allow(prompt(e, 50, 2)...)
		return nil
	}
	want := alone(t, e, r)
	inner := Request{Prompt: prompt(e, 5, 3), EOS: []int32{}, MaxTokens: 3}
	wantInner := alone(t, e, inner)
	inner.Seq, r.Seq = newSequence(t, e), newSequence(t, e)
	other := newSequence(t, e)
	if err := errors.Join(other.Append(1, 2, 3), other.Prefill(ctx, nil)); err != nil {
		t.Fatal(err)
	}
	r.Allow = func(_ []int32, m Mask) error {
		m.Allow(prompt(e, 50, 2)...)
		if n++; n != 3 {
			return nil
		}
		d.lost()
		if _, err := other.Snapshot(ctx); err != nil {
			return err
		}
		got, err := write(ctx, e, inner)
		if !slices.Equal(got[0], wantInner) {
			t.Errorf("in the callback: %v, want %v", got[0], wantInner)
		}
		return err
	}
	got, err := write(ctx, e, r)
	if err != nil || !slices.Equal(got[0], want) {
		t.Errorf("%v, %v; want %v", got[0], err, want)
	}
	if d.opened != 2 {
		t.Errorf("the device was opened %d times, want 2", d.opened)
	}
	audit(t, e)
}

// A device that is opened anew and has no memory for passes ends what ran.
func TestTheNextDeviceHasNoMemoryForPasses(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, d := losingDraft(t, nil, Options{})
	reopen := e.reopen
	e.RecoverWith(func() (m, draft *model.Model, err error) {
		m, draft, err = reopen()
		if f := d.faulty; err == nil { // there is room for states, and none for a runner
			f.room = f.live + 1024 + firstSlots*int(emptyPool(e.b, e.cfg, e.typ, 1).slotBytes())
		}
		return m, draft, err
	})
	n := 0
	_, err := write(ctx, e, Request{Seq: newSequence(t, e), Prompt: prompt(e, 5, 1), EOS: []int32{}, MaxTokens: 40,
		Process: func([]int32, []float32) error {
			if n++; n == 3 {
				d.lost()
			}
			return nil
		}})
	if !errors.Is(err, backend.ErrOutOfMemory) {
		t.Errorf("%v after %d tokens, want %v", err, n, backend.ErrOutOfMemory)
	}
}

// Who waits for memory of a device that is lost is told when the engine is closed, and does not ask
// what is freed.
func TestClosedWhileTheDeviceIsLost(t *testing.T) {
	e, _ := losing(t, Options{})
	n := 0
	e.mu.Lock()
	e.reading++ // the device is not opened anew as long as somebody reads
	go func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.close()
		e.reading--
		e.rested.Broadcast()
	}()
	err := e.patiently(context.Background(), func() error {
		n++
		return backend.ErrDeviceLost
	})
	e.mu.Unlock()
	if n != 1 || !errors.Is(err, ErrClosed) {
		t.Errorf("asked %d times, %v; want once, and %v", n, err, ErrClosed)
	}
}

// Who waits for a device that is lost gives up when his context ends.
func TestWhoWaitsForALostDeviceGivesUp(t *testing.T) {
	e, _ := losing(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	e.mu.Lock()
	e.reading++ // the device is not opened anew as long as somebody reads
	e.mu.Unlock()
	go func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		done <- e.patiently(ctx, func() error { return backend.ErrDeviceLost })
	}()
	for lost := false; !lost; time.Sleep(time.Millisecond) {
		e.mu.Lock()
		lost = e.lost
		e.mu.Unlock()
	}
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want %v", err, context.Canceled)
		}
	case <-time.After(time.Minute):
		t.Error("it waits on")
	}
	e.mu.Lock()
	e.reading--
	e.rested.Broadcast()
	e.mu.Unlock()
}
