package falconmamba

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"falconmamba/backend/sampling"
	"falconmamba/engine"
)

var soakTime = flag.Duration("soak", 2*time.Second, "how long TestSoak runs")

// soakWorkers are more than may run and wait at once.
const soakWorkers = 64

// soakKinds are the requests of the soak: each prompt with each way to draw and to stop.
var soakKinds = func() (kinds []soakKind) {
	samplers := []sampling.Params{
		{},
		{Temperature: 0.9, TopP: 1, Seed: 3},
		{Temperature: 1.1, TopK: 40, TopP: 0.9, Seed: 4, RepetitionPenalty: 1.2},
		{RepetitionPenalty: 1.3, RepeatLastN: 11},
	}
	stops := [][]string{nil, {"\n\n"}, {" the", "you "}}
	for _, prompt := range []string{"ROMEO:\n", "O", "The sea, the sea", "First Citizen:\nBefore we proceed any further, hear me speak."} {
		for _, p := range samplers {
			for _, stop := range stops {
				o := GenerateOptions{Sampling: p, Stop: stop, EOS: []int32{}, MaxTokens: 8 + 13*len(kinds)%80}
				switch len(kinds) % 7 {
				case 1:
					o.Process = func([]int32, []float32) error { return nil }
				case 3:
					o.Bias = map[int32]float32{5: 2, 40: -3}
				case 4:
					o.Allow = func(text []int32, m Mask) error {
						for id := int32(len(text) % 3); int(id) < 32*len(m); id += 3 {
							m.Allow(id, id+1)
						}
						return nil
					}
				case 6:
					o.LogProbs, o.FilteredLogProbs, o.TopLogProbs = true, true, 4
				}
				kinds = append(kinds, soakKind{prompt: prompt, o: o})
			}
		}
	}
	return kinds
}()

type soakKind struct {
	prompt string
	o      GenerateOptions
	want   string
	tokens int // of want
}

// Many goroutines write, leave, cancel, close, fork, snapshot and read slowly at random, on
// a device that holds fewer states than there are sessions. Every text is what it is
// alone, nothing stalls, and when all is over nothing is left behind.
func TestSoak(t *testing.T) {
	kinds := soakAlone(t)
	m := open(t, Options{Engine: engine.Options{Running: 8, Waiting: 40, Chunk: 48, States: 12}})
	var ended atomic.Int64
	watch := make(chan struct{})
	defer close(watch)
	go stalled(&ended, watch)

	first := runtime.NumGoroutine()
	var heap uint64
	for round, end := 0, time.Now().Add(*soakTime); round == 0 || time.Now().Before(end) && !t.Failed(); round++ {
		var wait sync.WaitGroup
		for w := range soakWorkers {
			wait.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(round), uint64(w)))
				for range 1 + rnd.IntN(5) {
					k := kinds[rnd.IntN(len(kinds))]
					way := soakWays[rnd.IntN(len(soakWays))]
					for {
						err := way.do(m, k, rnd)
						if errors.Is(err, ErrQueueFull) {
							time.Sleep(time.Millisecond)
							continue
						}
						if err != nil {
							t.Errorf("round %d, %s of %q, %+v: %v", round, way.name, k.prompt, k.o, err)
						}
						break
					}
					ended.Add(1)
				}
			})
		}
		wait.Wait()
		leftBehind(t, m, first)
		runtime.GC()
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		if round == 2 {
			heap = mem.HeapAlloc
		}
		if round > 2 && mem.HeapAlloc > heap+heap/4+(8<<20) {
			t.Errorf("round %d: %d bytes of the heap are in use, after the third %d", round, mem.HeapAlloc, heap)
		}
	}
	s := m.Stats()
	t.Logf("%d texts in %v: %d ended, %d left, %d refused, %d failed, %d gave way, %d states to the host; %d tokens written",
		ended.Load(), s.Up.Round(time.Second), s.Ended, s.Left, s.Refused, s.Failed, s.GaveWay, s.MovedOut, s.Written)
}

// soakAlone returns the kinds with what each is on a model that nobody else uses.
func soakAlone(t *testing.T) []soakKind {
	m := open(t, Options{})
	kinds := append([]soakKind(nil), soakKinds...)
	for i := range kinds {
		k := &kinds[i]
		s, err := m.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		for x, err := range s.Generate(context.Background(), k.prompt, &k.o) {
			if err != nil {
				t.Fatal(err)
			}
			k.want += x.Text
			k.tokens++
		}
		s.Close()
	}
	return kinds
}

// stalled panics, so that all goroutines are shown, where no text ends for two minutes.
func stalled(ended *atomic.Int64, over <-chan struct{}) {
	for last := int64(-1); ; {
		select {
		case <-over:
			return
		case <-time.After(2 * time.Minute):
		}
		now := ended.Load()
		if now == last {
			panic(fmt.Sprintf("no text has ended for two minutes, after %d", now))
		}
		last = now
	}
}

// leftBehind fails where a model that nobody uses holds anything.
func leftBehind(t *testing.T, m *Model, goroutines int) {
	t.Helper()
	s := m.Stats()
	if s.Sessions+s.Running+s.Waiting != 0 || s.Slots.Free+1 != s.Slots.Total || s.Slots.Host != 0 {
		t.Errorf("left behind: %d sessions, %d running, %d waiting, %+v", s.Sessions, s.Running, s.Waiting, s.Slots)
	}
	for range 100 {
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, at first %d", runtime.NumGoroutine(), goroutines)
}

// soakWays are what is done with a request. Each closes the sessions that it opens.
var soakWays = []struct {
	name string
	do   func(m *Model, k soakKind, rnd *rand.Rand) error
}{
	{"all", func(m *Model, k soakKind, _ *rand.Rand) error {
		return withSession(m, func(s *Session) error { return k.whole(s, 0, nil) })
	}},
	{"all in the background", func(m *Model, k soakKind, _ *rand.Rand) error {
		k.o.Background = true
		return withSession(m, func(s *Session) error { return k.whole(s, 0, nil) })
	}},
	{"slow reading", func(m *Model, k soakKind, rnd *rand.Rand) error {
		return withSession(m, func(s *Session) error {
			return k.whole(s, 0, func(int) bool { time.Sleep(time.Duration(rnd.IntN(2000)) * time.Microsecond); return true })
		})
	}},
	{"leaving", func(m *Model, k soakKind, rnd *rand.Rand) error {
		at := 1 + rnd.IntN(k.tokens+1)
		return withSession(m, func(s *Session) error {
			err := k.whole(s, 0, func(n int) bool { return n < at })
			if err != nil || at >= k.tokens || k.o.Stop != nil {
				return err
			}
			if rnd.IntN(2) == 0 {
				if _, err := s.Logits(context.Background()); err != nil {
					return err
				}
			}
			return k.whole(s, at, nil)
		})
	}},
	{"cancelling", func(m *Model, k soakKind, rnd *rand.Rand) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rnd.IntN(20))*time.Millisecond)
		defer cancel()
		return withSession(m, func(s *Session) error {
			if err := k.begin(ctx, s); !errors.Is(err, context.DeadlineExceeded) {
				return err
			}
			return nil
		})
	}},
	{"closing", func(m *Model, k soakKind, rnd *rand.Rand) error {
		return withSession(m, func(s *Session) error {
			var wait sync.WaitGroup
			after := time.Duration(rnd.IntN(20)) * time.Millisecond
			wait.Go(func() {
				time.Sleep(after)
				s.Close()
			})
			err := k.begin(context.Background(), s)
			wait.Wait()
			if errors.Is(err, ErrClosed) {
				return nil
			}
			return err
		})
	}},
	{"forking", func(m *Model, k soakKind, rnd *rand.Rand) error {
		return k.twice(m, rnd, func(s *Session) (*Session, error) { return s.Fork(context.Background()) })
	}},
	{"copying", func(m *Model, k soakKind, rnd *rand.Rand) error {
		return k.twice(m, rnd, func(s *Session) (*Session, error) {
			n, err := s.Snapshot(context.Background())
			if err != nil {
				return nil, err
			}
			c, err := s.Model().NewSession()
			if err != nil {
				return nil, err
			}
			if err := c.Restore(context.Background(), n); err != nil {
				c.Close()
				return nil, err
			}
			return c, nil
		})
	}},
}

func withSession(m *Model, do func(s *Session) error) error {
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// whole writes the text from token from on, and compares it. stay, if not nil, is called
// with the tokens so far and says whether to go on.
func (k soakKind) whole(s *Session, from int, stay func(n int) bool) error {
	prompt, o, n := k.prompt, k.o, from
	if from > 0 {
		prompt, o.MaxTokens = "", o.MaxTokens-from
	}
	var text strings.Builder
	for x, err := range s.Generate(context.Background(), prompt, &o) {
		if err != nil {
			return err
		}
		text.WriteString(x.Text)
		if n++; stay != nil && !stay(n) {
			break
		}
	}
	switch got := text.String(); {
	case from > 0 && !strings.HasSuffix(k.want, got), from == 0 && !strings.HasPrefix(k.want, got):
		return fmt.Errorf("%d tokens from %d on are %q, alone the text is %q", n-from, from, got, k.want)
	case stay == nil && n != k.tokens:
		return fmt.Errorf("%d tokens, alone %d", n, k.tokens)
	}
	return nil
}

// begin writes the text as far as it comes.
func (k soakKind) begin(ctx context.Context, s *Session) error {
	var text strings.Builder
	for x, err := range s.Generate(ctx, k.prompt, &k.o) {
		if err != nil {
			if !strings.HasPrefix(k.want, text.String()) {
				return fmt.Errorf("%q before %v, alone %q", &text, err, k.want)
			}
			return err
		}
		text.WriteString(x.Text)
	}
	if text.String() != k.want {
		return fmt.Errorf("%q, alone %q", &text, k.want)
	}
	return nil
}

// twice goes on in a second session from where the text is at some token, and writes both
// to their end.
func (k soakKind) twice(m *Model, rnd *rand.Rand, second func(s *Session) (*Session, error)) error {
	if k.o.Stop != nil {
		return nil // a stop string may begin before the place
	}
	at := 1 + rnd.IntN(k.tokens-1)
	return withSession(m, func(s *Session) error {
		var c *Session
		var failed error
		err := k.whole(s, 0, func(n int) bool {
			if n == at {
				c, failed = second(s)
			}
			return failed == nil
		})
		if c != nil {
			defer c.Close()
		}
		if err = errors.Join(err, failed); err != nil {
			return err
		}
		if err := k.whole(c, at, nil); err != nil {
			return fmt.Errorf("the second: %w", err)
		}
		return nil
	})
}
