package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"falconmamba"
	"falconmamba/internal/clock"
)

// A Target writes texts for clients: the model of this process (see Sessions), or a server.
type Target interface {
	// Write writes o.Tokens tokens after o.Prompt, and calls token for each as it comes. It
	// returns an error that wraps falconmamba.ErrQueueFull where too many requests wait.
	Write(ctx context.Context, o Order, token func()) error
}

// An Order is one request of a client.
type Order struct {
	Prompt []int32
	Tokens int // to write
	Seed   uint64
	after  time.Duration // when it arrives, counted from the first; 0 where clients do not keep to a clock
}

// A Range is of lengths, each as probable as any other.
type Range struct{ Min, Max int }

func (r Range) draw(rng *rand.Rand) int { return r.Min + rng.IntN(r.Max-r.Min+1) }

// Traffic is what clients ask of a target: Requests orders of random lengths, the same for
// the same seed.
type Traffic struct {
	Clients  int // each has one request at a time
	Requests int // of all clients together
	// Rate, if not 0, is how many requests arrive in a second, at random times (a Poisson
	// process). One that finds no client idle waits for one. With 0 each client
	// sends its next request when its last has ended.
	Rate   float64
	Prompt Range // tokens of a prompt
	Tokens Range // tokens to write
	// Long, if not 0, is the tokens of the prompt of one more client, which reads it beside
	// the others and writes one, again and again.
	Long  int
	Vocab int // prompts are of the ids below it
	Seed  uint64
}

// check refuses what is no traffic.
func (t Traffic) check() error {
	switch {
	case t.Clients < 1 || t.Requests < 1 || t.Vocab < 1:
		return fmt.Errorf("%d clients, %d requests, ids below %d: want one or more of each",
			t.Clients, t.Requests, t.Vocab)
	case t.Prompt.Min < 1 || t.Prompt.Max < t.Prompt.Min, t.Tokens.Min < 1 || t.Tokens.Max < t.Tokens.Min:
		return fmt.Errorf("prompts of %d to %d tokens, texts of %d to %d: want 1 or more, the smaller number first",
			t.Prompt.Min, t.Prompt.Max, t.Tokens.Min, t.Tokens.Max)
	case t.Rate < 0 || math.IsNaN(t.Rate) || math.IsInf(t.Rate, 0) || t.Long < 0:
		return fmt.Errorf("%v requests per second, beside a prompt of %d tokens: want 0 or more", t.Rate, t.Long)
	}
	return nil
}

// orders returns the requests in the order in which they are sent.
func (t Traffic) orders() []Order {
	rng := rand.New(rand.NewPCG(t.Seed, 0))
	all := make([]Order, t.Requests)
	at := 0.0 // seconds
	for i := range all {
		o := &all[i]
		if t.Rate > 0 {
			at += rng.ExpFloat64() / t.Rate
			o.after = time.Duration(at * float64(time.Second))
		}
		o.Prompt, o.Tokens = randomIDs(rng, t.Prompt.draw(rng), t.Vocab), t.Tokens.draw(rng)
		o.Seed = t.Seed + uint64(i)
	}
	return all
}

// Served is what a target did with traffic.
type Served struct {
	Took          time.Duration // from the first request to the end of the last
	Ended, Shed   int           // requests that were answered, and that were refused since too many waited
	Read, Written int           // tokens of those that ended

	// Times as clients saw them, ascending. A first token's counts from when the request
	// was sent, or arrived where a Rate was given.
	First, Between []time.Duration
	LongFirst      []time.Duration // of the client with the long prompt; it may never have had one
}

// ReadRate and WrittenRate are tokens per second.
func (s *Served) ReadRate() float64    { return float64(s.Read) / s.Took.Seconds() }
func (s *Served) WrittenRate() float64 { return float64(s.Written) / s.Took.Seconds() }

// Quantile returns the least of the times, in ascending order, that a share q of them is not
// above, and 0 where there are none.
func Quantile(ascending []time.Duration, q float64) time.Duration {
	if len(ascending) == 0 {
		return 0
	}
	return ascending[max(int(math.Ceil(q*float64(len(ascending)))), 1)-1]
}

// Run sends the traffic to a target, and returns what came of it when all requests have
// ended. Beside requests that were refused for want of room, any error ends all.
func (t Traffic) Run(ctx context.Context, target Target) (*Served, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	orders := t.orders()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	began := clock.Now()
	var next atomic.Int64
	seen := make([]Served, t.Clients+1)
	var clients, long sync.WaitGroup
	for i := range t.Clients {
		clients.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(orders); n = int(next.Add(1)) - 1 {
				if err := seen[i].send(ctx, target, orders[n], began); err != nil {
					fail(err)
					return
				}
			}
		})
	}
	beside, over := context.WithCancel(ctx)
	defer over()
	if t.Long > 0 {
		long.Go(func() {
			ids := randomIDs(rand.New(rand.NewPCG(t.Seed, 1)), t.Long, t.Vocab)
			o := Order{Prompt: ids, Tokens: 1}
			for beside.Err() == nil {
				if err := seen[t.Clients].send(beside, target, o, began); err != nil && beside.Err() == nil {
					fail(err)
					return
				}
			}
		})
	}
	clients.Wait()
	took := clock.Since(began)
	over()
	long.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	all := &Served{Took: took, LongFirst: seen[t.Clients].First}
	for i := range t.Clients {
		all.add(&seen[i])
	}
	all.sort()
	return all, nil
}

// send sends one request when its time has come, and notes when its tokens came.
func (s *Served) send(ctx context.Context, target Target, o Order, began clock.Time) error {
	last := clock.Now()
	if o.after > 0 {
		last = began + clock.Time(o.after)
		if err := sleep(ctx, -clock.Since(last)); err != nil {
			return err
		}
	}
	written := 0
	err := target.Write(ctx, o, func() {
		now := clock.Now()
		times := &s.Between
		if written == 0 {
			times = &s.First
		}
		*times = append(*times, now.Sub(last))
		last = now
		written++
	})
	switch {
	case errors.Is(err, falconmamba.ErrQueueFull):
		s.Shed++
		if o.after > 0 {
			return nil
		}
		return sleep(ctx, pause)
	case err != nil:
		return err
	case written != o.Tokens:
		return fmt.Errorf("a text ended after %d tokens, want %d", written, o.Tokens)
	}
	s.Ended++
	s.Read += len(o.Prompt)
	s.Written += written
	return nil
}

// pause is how long a client waits that was refused, before it sends its next request.
const pause = 100 * time.Millisecond

// sleep waits, or returns ctx's error.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// add adds what another client saw, or another run.
func (s *Served) add(o *Served) {
	s.Took += o.Took
	s.Ended += o.Ended
	s.Shed += o.Shed
	s.Read += o.Read
	s.Written += o.Written
	s.First = append(s.First, o.First...)
	s.Between = append(s.Between, o.Between...)
	s.LongFirst = append(s.LongFirst, o.LongFirst...)
}

func (s *Served) sort() {
	for _, times := range [][]time.Duration{s.First, s.Between, s.LongFirst} {
		slices.Sort(times)
	}
}

// A Serving is what a model did with traffic, several times over.
type Serving struct {
	Served              // of all runs together
	Speed, Batched Rate // tokens written per second: for clients, and in batches; the latter 0 where Rate was given

	Same, Compared int // what Alone has returned, where it was asked
}

// Ratio is how the speed for clients compares with that in batches.
func (s *Serving) Ratio() float64 { return s.Speed.Median / s.Batched.Median }

// Serve runs the traffic reps times against the model, and where requests do not keep to a
// clock the same requests in batches, in turn. One request of each client comes first, to
// warm up.
func (t Traffic) Serve(ctx context.Context, m *falconmamba.Model, reps int) (*Serving, error) {
	if reps < 1 {
		return nil, errors.New("no runs to measure: want one or more")
	}
	batches := t.Rate == 0
	hits := m.Stats().Cache.Hits
	all := &Serving{}
	var speeds, batched []float64
	for run := -1; run < reps; run++ {
		now := t
		if run < 0 {
			now.Requests, now.Rate = min(t.Clients, t.Requests), 0
		}
		if batches {
			rate, err := now.InBatches(ctx, m)
			if err != nil {
				return nil, err
			}
			batched = append(batched, rate)
		}
		s, err := now.Run(ctx, Sessions(m))
		if err != nil {
			return nil, err
		}
		if speeds = append(speeds, s.WrittenRate()); run >= 0 {
			all.add(s)
		}
	}
	if err := readAll(m, hits); err != nil {
		return nil, err
	}
	all.sort()
	all.Speed = rateOf(speeds[1:])
	if batches {
		all.Batched = rateOf(batched[1:])
	}
	return all, nil
}

// Ask sends the traffic to a target reps times, each time with other prompts, which it cannot know from the time
// before. One request of each client comes first, to warm up.
func (t Traffic) Ask(ctx context.Context, target Target, reps int) (*Serving, error) {
	if reps < 1 {
		return nil, errors.New("no runs to measure: want one or more")
	}
	warm := t
	warm.Requests, warm.Rate = min(t.Clients, t.Requests), 0
	if _, err := warm.Run(ctx, target); err != nil {
		return nil, err
	}
	all := &Serving{}
	var speeds []float64
	for range reps {
		t.Seed += uint64(t.Requests) + 1
		s, err := t.Run(ctx, target)
		if err != nil {
			return nil, err
		}
		speeds = append(speeds, s.WrittenRate())
		all.add(s)
	}
	all.sort()
	all.Speed = rateOf(speeds)
	return all, nil
}

// InBatches gives the same requests to GenerateBatch, as many at a time as there are clients,
// each batch when the one before has ended. It returns the tokens written per second, without
// those of requests that were refused for want of room.
func (t Traffic) InBatches(ctx context.Context, m *falconmamba.Model) (float64, error) {
	if err := t.check(); err != nil {
		return 0, err
	}
	written := 0
	began := clock.Now()
	for orders := range slices.Chunk(t.orders(), t.Clients) {
		n, err := batch(ctx, m, orders)
		if err != nil {
			return 0, err
		}
		written += n
	}
	return float64(written) / clock.Since(began).Seconds(), nil
}

// batch writes texts by GenerateBatch and returns the tokens that it wrote.
func batch(ctx context.Context, m *falconmamba.Model, orders []Order) (written int, err error) {
	reqs := make([]falconmamba.Request, len(orders))
	for i, o := range orders {
		s, err := m.NewSession()
		if err != nil {
			return 0, err
		}
		defer s.Close()
		if err := s.Append(o.Prompt...); err != nil {
			return 0, err
		}
		reqs[i] = falconmamba.Request{Session: s, Options: o.options()}
	}
	for _, err := range m.GenerateBatch(ctx, reqs) {
		switch {
		case errors.Is(err, falconmamba.ErrQueueFull):
		case err != nil:
			return 0, err
		default:
			written++
		}
	}
	return written, nil
}

// options are with all that sampling costs, and nothing ends the text but its length.
func (o Order) options() *falconmamba.GenerateOptions {
	g := &falconmamba.GenerateOptions{Sampling: drawing, MaxTokens: o.Tokens, EOS: []int32{}}
	g.Sampling.Seed = o.Seed
	return g
}

// Sessions returns a target that writes in this process, each request in a session of its own.
func Sessions(m *falconmamba.Model) Target { return sessions{m} }

type sessions struct{ m *falconmamba.Model }

func (t sessions) Write(ctx context.Context, o Order, token func()) error {
	return write(ctx, t.m, o, func(int32) { token() })
}

// write writes a text in a session of its own.
func write(ctx context.Context, m *falconmamba.Model, o Order, token func(id int32)) error {
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Append(o.Prompt...); err != nil {
		return err
	}
	for x, err := range s.Generate(ctx, "", o.options()) {
		if err != nil {
			return err
		}
		token(x.ID)
	}
	return nil
}
