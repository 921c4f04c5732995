package bench

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"falconmamba"
	"falconmamba/engine"
)

// A clockwork is a target whose times are known: a text waits for first, and then for
// between before each further token.
type clockwork struct {
	first, between time.Duration
	refuse         func(o Order) error

	mu          sync.Mutex
	orders      []Order
	now, atOnce int // requests
}

func (c *clockwork) count(by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += by
	c.atOnce = max(c.atOnce, c.now)
}

func (c *clockwork) Write(ctx context.Context, o Order, token func()) error {
	c.mu.Lock()
	c.orders = append(c.orders, o)
	c.mu.Unlock()
	if c.refuse != nil {
		if err := c.refuse(o); err != nil {
			return err
		}
	}
	c.count(1)
	defer c.count(-1)
	wait := c.first
	for range o.Tokens {
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		token()
		wait = c.between
	}
	return nil
}

const ms = time.Millisecond

// inTime runs a test by synctest's clock, which stands for that of package time alone.
func inTime(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("internal/clock has a clock of its own on Windows")
	}
	synctest.Test(t, test)
}

// Clients that keep to no clock are never idle, and each has one request at a time.
func TestClientsSendOneAfterAnother(t *testing.T) {
	inTime(t, func(t *testing.T) {
		c := &clockwork{first: 30 * ms, between: 2 * ms}
		s, err := Traffic{Clients: 3, Requests: 12, Prompt: Range{4, 4}, Tokens: Range{6, 6}, Vocab: 9, Seed: 1}.
			Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		if c.atOnce != 3 || len(c.orders) != 12 {
			t.Errorf("%d requests, %d at once, want 12, 3", len(c.orders), c.atOnce)
		}
		want := &Served{Took: 4 * 40 * ms, Ended: 12, Read: 48, Written: 72,
			First: slices.Repeat([]time.Duration{30 * ms}, 12), Between: slices.Repeat([]time.Duration{2 * ms}, 60)}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("served %+v, want %+v", s, want)
		}
		if w, r := s.WrittenRate(), s.ReadRate(); !near(w, 450) || !near(r, 300) {
			t.Errorf("%v tokens written and %v read per second, want 450 and 300", w, r)
		}
	})
}

// Requests that arrive while all clients are busy wait, and their waiting counts.
func TestWaitingForAClientCounts(t *testing.T) {
	inTime(t, func(t *testing.T) {
		c := &clockwork{first: time.Second}
		s, err := Traffic{Clients: 1, Requests: 5, Rate: 1e6, Prompt: Range{1, 1}, Tokens: Range{1, 1}, Vocab: 9}.
			Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range s.First {
			if want := time.Duration(i+1) * time.Second; d < want-ms || d > want {
				t.Errorf("first token %d after %v, want %v", i, d, want)
			}
		}
	})
}

// Requests arrive at the rate that was asked for, in a random order that is the seed's.
func TestArrivals(t *testing.T) {
	traffic := Traffic{Clients: 1, Requests: 4000, Rate: 50, Prompt: Range{3, 17}, Tokens: Range{1, 5}, Vocab: 11, Seed: 7}
	all := traffic.orders()
	if took := all[len(all)-1].after.Seconds(); took < 76 || took > 84 {
		t.Errorf("4000 requests arrive in %v s, want about 80", took)
	}
	gap, short := all[0].after, 0
	prompts, tokens := map[int]int{}, map[int]int{}
	for i, o := range all {
		if i > 0 {
			gap = o.after - all[i-1].after
		}
		if gap < 0 {
			t.Fatalf("request %d arrives before the one before", i)
		}
		if gap < 20*ms {
			short++ // than the mean
		}
		prompts[len(o.Prompt)]++
		tokens[o.Tokens]++
		if slices.Min(o.Prompt) < 0 || slices.Max(o.Prompt) > 10 {
			t.Fatalf("ids are %v, want them below 11", o.Prompt)
		}
	}
	if short < 2400 || short > 2660 { // 1 − 1/e of them
		t.Errorf("%d of 4000 gaps are below the mean, want about 2528", short)
	}
	if len(prompts) != 15 || prompts[3] == 0 || prompts[17] == 0 || len(tokens) != 5 || tokens[1] == 0 || tokens[5] == 0 {
		t.Errorf("lengths are %v and %v, want all of 3 to 17 and 1 to 5", prompts, tokens)
	}
	if !reflect.DeepEqual(all, traffic.orders()) {
		t.Error("the same traffic has other requests")
	}
	if traffic.Seed++; reflect.DeepEqual(all, traffic.orders()) {
		t.Error("another seed has the same requests")
	}
}

// Refused requests are counted and no more, whatever else fails ends all.
func TestRefusedRequests(t *testing.T) {
	traffic := Traffic{Clients: 2, Requests: 10, Prompt: Range{1, 8}, Tokens: Range{3, 3}, Vocab: 9, Seed: 2}
	inTime(t, func(t *testing.T) {
		c := &clockwork{first: ms, between: ms, refuse: func(o Order) error {
			if o.Seed%5 == 0 {
				return fmt.Errorf("no: %w", falconmamba.ErrQueueFull)
			}
			return nil
		}}
		s, err := traffic.Run(context.Background(), c)
		if err != nil || s.Shed != 2 || s.Ended != 8 || s.Written != 24 || len(s.First) != 8 || len(s.Between) != 16 {
			t.Errorf("served %+v, %v", s, err)
		}
		if s.Took < pause {
			t.Errorf("a client that was refused went on at once: all took %v", s.Took)
		}
	})
	broken := errors.New("broken")
	inTime(t, func(t *testing.T) {
		c := &clockwork{first: time.Hour, refuse: func(o Order) error {
			if o.Seed == traffic.Seed+1 {
				return broken
			}
			return nil
		}}
		if _, err := traffic.Run(context.Background(), c); !errors.Is(err, broken) || len(c.orders) != 2 {
			t.Errorf("after %d requests: %v, want %v after 2", len(c.orders), err, broken)
		}
	})
}

// A client with a long prompt sends it again and again while the others are at work, and
// its times are not theirs.
func TestLongPromptBeside(t *testing.T) {
	inTime(t, func(t *testing.T) {
		c := &clockwork{first: 30 * ms, between: ms}
		s, err := Traffic{Clients: 1, Requests: 2, Prompt: Range{2, 2}, Tokens: Range{46, 46}, Long: 500, Vocab: 9}.
			Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		long := 0
		for _, o := range c.orders {
			if len(o.Prompt) == 500 && o.Tokens == 1 {
				long++
			}
		}
		if long < 5 || len(s.LongFirst) < 4 || s.Took != 150*ms || s.Read != 4 || len(s.First) != 2 {
			t.Errorf("%d long prompts, served %+v", long, s)
		}
	})
}

func TestBadTraffic(t *testing.T) {
	good := Traffic{Clients: 1, Requests: 1, Prompt: Range{1, 1}, Tokens: Range{1, 1}, Vocab: 9}
	for _, change := range []func(t *Traffic){
		func(t *Traffic) { t.Clients = 0 },
		func(t *Traffic) { t.Requests = 0 },
		func(t *Traffic) { t.Vocab = 0 },
		func(t *Traffic) { t.Prompt.Min = 0 },
		func(t *Traffic) { t.Tokens.Min = 2 },
		func(t *Traffic) { t.Rate = -1 },
		func(t *Traffic) { t.Long = -1 },
	} {
		bad := good
		change(&bad)
		if _, err := bad.Run(context.Background(), &clockwork{}); err == nil {
			t.Errorf("%+v gives no error", bad)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := good.Run(ended, &clockwork{first: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestQuantile(t *testing.T) {
	ten := []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, c := range []struct {
		of   []time.Duration
		q    float64
		want time.Duration
	}{
		{nil, 0.5, 0}, {ten, 0, 1}, {ten, 0.5, 5}, {ten, 0.51, 6}, {ten, 0.95, 10}, {ten, 0.9, 9}, {ten, 1, 10},
		{ten[:1], 0.99, 1},
	} {
		if got := Quantile(c.of, c.q); got != c.want {
			t.Errorf("quantile %v of %v is %d, want %d", c.q, c.of, got, c.want)
		}
	}
}

func TestServe(t *testing.T) {
	m := load(t, "../checkpoint/testdata/tiny", "cpu", 0)
	traffic := Traffic{Clients: 3, Requests: 7, Prompt: Range{1, 20}, Tokens: Range{1, 9}, Vocab: m.Config().VocabSize}
	s, err := traffic.Serve(context.Background(), m, 2)
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, o := range traffic.orders() {
		written += o.Tokens
	}
	if s.Ended != 14 || s.Written != 2*written || len(s.First) != 14 || len(s.Between) != 2*written-14 ||
		!slices.IsSorted(s.Between) || !(s.Speed.Median > 0) || !(s.Batched.Median > 0) {
		t.Errorf("served %+v", s)
	}
	if n := m.Stats().Sessions; n != 0 {
		t.Errorf("%d sessions are still open", n)
	}
	traffic.Rate = 1e6
	if s, err = traffic.Serve(context.Background(), m, 1); err != nil || s.Batched != (Rate{}) || s.Ended != 7 {
		t.Errorf("served %+v, %v", s, err)
	}
	if _, err := traffic.Serve(context.Background(), m, 0); err == nil {
		t.Error("no runs give no error")
	}
}

// Where the engine's queue is full, requests are shed, in batches too.
func TestSessionsShed(t *testing.T) {
	m, err := falconmamba.Open(context.Background(), "../checkpoint/testdata/tiny",
		&falconmamba.Options{Backend: "cpu", Engine: engine.Options{Running: 1, Waiting: -1}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	traffic := Traffic{Clients: 4, Requests: 16, Prompt: Range{5, 5}, Tokens: Range{200, 200}, Vocab: m.Config().VocabSize}
	s, err := traffic.Run(context.Background(), Sessions(m))
	if err != nil || s.Shed == 0 || s.Ended == 0 || s.Shed+s.Ended != 16 {
		t.Errorf("served %d and shed %d of 16 requests, %v", s.Ended, s.Shed, err)
	}
	if rate, err := traffic.InBatches(context.Background(), m); err != nil || !(rate > 0) {
		t.Errorf("in batches: %v, %v", rate, err)
	}
}

// Texts are the same alone as beside others; what differs is counted.
func TestAlone(t *testing.T) {
	m := load(t, "../checkpoint/testdata/tiny", "cpu", 0)
	traffic := Traffic{Clients: 3, Requests: 7, Prompt: Range{1, 20}, Tokens: Range{3, 9}, Vocab: m.Config().VocabSize}
	same, all, err := traffic.Alone(context.Background(), m)
	if err != nil || same != 7 || all != 7 {
		t.Errorf("%d of %d texts are the same alone, %v; want 7 of 7", same, all, err)
	}
	if s := m.Stats(); s.Ended != 14 {
		t.Errorf("%d texts were written, want each twice", s.Ended)
	}
}
