package statecache

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// ErrPaused is what calls of a guarded store return that is left alone for a while, since it failed.
var ErrPaused = errors.New("the store is left alone for a while, since it failed")

// What Guard takes for 0.
const (
	defaultLimit = 5 * time.Second
	defaultPause = time.Second
)

// longerPauses is how often a pause is doubled.
const longerPauses = 5

// Guard returns a store that holds nobody up for long: a call fails after limit, 0 for 5 s, and after
// a call that failed others fail at once for pause, 0 for 1 s. One is tried then, and if that fails too
// the next pause is twice as long, up to 32 times. Reading and writing are each on their own: what is
// full can be read. log is told when a store stops serving and when it serves again.
func Guard(store Store, limit, pause time.Duration, log *slog.Logger) Store {
	if limit == 0 {
		limit = defaultLimit
	}
	if pause == 0 {
		pause = defaultPause
	}
	return &guarded{store: store, reads: fuse{what: "read from", limit: limit, pause: pause, log: log},
		writes: fuse{what: "written to", limit: limit, pause: pause, log: log}}
}

type guarded struct {
	store         Store
	reads, writes fuse
}

func (g *guarded) Put(ctx context.Context, name string, value []byte) error {
	_, err := through(ctx, &g.writes, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, g.store.Put(ctx, name, value)
	})
	return err
}

func (g *guarded) Get(ctx context.Context, name string) ([]byte, error) {
	type got struct {
		value []byte
		lost  error // of this value alone: the store is well
	}
	v, err := through(ctx, &g.reads, func(ctx context.Context) (v got, err error) {
		if v.value, err = g.store.Get(ctx, name); err != nil && lost(err) {
			v.lost, err = err, nil
		}
		return v, err
	})
	return v.value, errors.Join(err, v.lost)
}

func (g *guarded) First(ctx context.Context, names []string) (int, error) {
	i, err := through(ctx, &g.reads, func(ctx context.Context) (int, error) { return g.store.First(ctx, names) })
	if err != nil {
		return -1, err
	}
	return i, nil
}

func (g *guarded) Remove(ctx context.Context, name string) (bool, error) {
	return through(ctx, &g.writes, func(ctx context.Context) (bool, error) { return g.store.Remove(ctx, name) })
}

// A fuse is blown while calls fail.
type fuse struct {
	what         string
	limit, pause time.Duration
	log          *slog.Logger

	mu    sync.Mutex
	blown int       // times in a row; 0: calls are made
	until time.Time // nobody calls before
	tried bool      // somebody finds out
}

// closed reports whether a call may be made. Of a blown fuse one at a time may, to see.
func (f *fuse) closed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blown == 0 {
		return true
	}
	now := time.Now()
	if now.Before(f.until) {
		return false
	}
	f.until, f.tried = now.Add(f.limit), true
	return true
}

// learn notes how a call went.
func (f *fuse) learn(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil:
		if f.blown == 0 {
			f.log.Error("the store cannot be "+f.what+": what it has is done without meanwhile", "err", err)
		}
		if f.blown == 0 || f.tried { // calls that were made together fail together
			f.until = time.Now().Add(f.pause << min(f.blown, longerPauses))
			f.blown, f.tried = f.blown+1, false
		}
	case f.blown > 0:
		f.blown = 0
		f.log.Info("the store can be " + f.what + " again")
	}
}

// through calls do, within the fuse's limit, whether or not that looks at its context: a file system of
// the network may not.
func through[T any](ctx context.Context, f *fuse, do func(context.Context) (T, error)) (v T, err error) {
	if !f.closed() {
		return v, ErrPaused
	}
	within, cancel := context.WithTimeout(ctx, f.limit)
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	defer cancel()
	go func() {
		v, err := do(within)
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		v, err = r.v, r.err
	case <-within.Done():
		err = within.Err()
	}
	if err == nil || ctx.Err() == nil { // the caller's end says nothing of the store
		f.learn(err)
	}
	return v, err
}
