package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

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
