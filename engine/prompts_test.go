package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// Passes that read prompts beside texts take nearly as long as they may and no longer,
// whatever passes came before: on a device where each pass takes a time, and each row
// some more.
func TestPassesKeepThePace(t *testing.T) {
	const pace, chunk = 100 * time.Millisecond, 2048
	type pass struct{ rows, writers int }
	for _, each := range []time.Duration{0, 5 * time.Millisecond, 60 * time.Millisecond} {
		for _, row := range []time.Duration{80 * time.Microsecond, 400 * time.Microsecond} {
			took := func(p pass) time.Duration { return each + row*time.Duration(p.rows+p.writers) }
			for _, before := range [][]pass{
				{{0, 1}, {chunk, 0}, {chunk, 0}},
				{{0, 64}, {20, 64}, {20, 64}},
				{{0, 64}, {0, 64}, {1, 64}, {300, 64}},
				{{1, 1}, {0, 1}},
			} {
				for _, writers := range []int{1, 64} {
					var p prompts
					for _, b := range before {
						p.learn(b.rows, took(b))
					}
					for i := range 24 {
						if i%3 == 0 {
							p.learn(1, took(pass{1, writers})) // a short prompt by itself
						}
						if i%8 == 0 {
							p.learn(0, took(pass{0, writers})) // nothing to read for a moment
						}
						rows := p.beside(pace, chunk)
						now := took(pass{rows, writers})
						p.learn(rows, now)
						if i > 1 && now > pace || i > 12 && now < pace*4/5 {
							t.Errorf("%v and %v for each of the rows, after %v: pass %d, of %d and %d rows, took %v, "+
								"want nearly %v", each, row, before, i, rows, writers, now, pace)
						}
					}
				}
			}
		}
	}
}

// A prompt of 7 tokens that comes while a text is written and one of 48,000 is read has its
// first token with the pass that follows those in flight.
func TestShortPromptBesideALongOne(t *testing.T) {
	for _, ahead := range []int{1, 2} {
		t.Run(fmt.Sprintf("ahead=%d", ahead), func(t *testing.T) {
			f, m := faultyTiny(t)
			e, err := New(m, Options{Ahead: ahead, Pace: time.Nanosecond, States: 16})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()

			// What is counted is how many passes end from when a text comes to its first token.
			short := newSequence(t, e)
			var counting atomic.Bool
			passes := 0 // guarded by e.mu
			f.before = func(call string, _ *faultBuffer) {
				if call != "Wait" || !counting.Load() {
					return
				}
				e.mu.Lock()
				defer e.mu.Unlock()
				if s := short.task; s != nil && s.taken == 0 {
					passes++
				}
			}

			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 2)
			begin := func(r Request) (first chan bool) {
				first = make(chan bool, 1)
				go func() {
					begun := false
					for _, err := range e.Generate(ctx, []Request{r}) {
						if err != nil {
							ended <- nil
							return
						}
						if !begun {
							first <- true
						}
						begun = true
					}
					ended <- fmt.Errorf("a text of %d tokens ended by itself", len(r.Prompt))
				}()
				return first
			}
			writer := Request{Seq: newSequence(t, e), Prompt: prompt(e, 3, 1), EOS: []int32{}}
			<-begin(writer)
			long := Request{Seq: newSequence(t, e), Prompt: prompt(e, 48_000, 2), EOS: []int32{}}
			begin(long)
			for fed := 0; fed == 0; time.Sleep(time.Millisecond) {
				e.mu.Lock()
				fed = long.Seq.fed
				e.mu.Unlock()
			}
			counting.Store(true)
			next, stop := pull(t, e, Request{Seq: short, Prompt: prompt(e, 7, 3), EOS: []int32{}, MaxTokens: 9})
			defer stop()
			next()
			counting.Store(false)
			e.mu.Lock()
			fed := long.Seq.fed
			e.mu.Unlock()
			if fed >= 48_000 {
				t.Fatal("the long prompt has been read meanwhile")
			}
			// Those in flight when it came, and its own.
			if most := ahead + 1; passes < 1 || passes > most {
				t.Errorf("the first token came with pass %d, want at most %d", passes, most)
			}
			cancel()
			for range 2 {
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
		})
	}
}
