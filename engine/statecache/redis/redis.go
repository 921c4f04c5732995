// Package redis keeps values of package statecache in Redis, Valkey, or what else speaks their
// protocol: states, where several servers reach them. A program that imports it links a client; others
// do not.
package redis

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"falconmamba/engine/statecache"
)

// Options say what a store keeps.
type Options struct {
	Prefix string        // of keys, "fm:" if it is empty
	Keep   time.Duration // since a value was of use, 0 for a day
}

// A Store is a statecache.Store. A value is chunks and a head, which is written behind them
// and says how many there are, how long they are, and what their checksum is. So what was written in
// part is not there, and ends by itself as all keys do.
type Store struct {
	c      *redis.Client
	prefix string
	keep   time.Duration
}

// What Options take for 0.
const (
	defaultPrefix = "fm:"
	defaultKeep   = 24 * time.Hour
)

const (
	// chunkBytes is how long a chunk is: what others wait for a server that has one thread.
	chunkBytes = 512 << 10
	// chunksAtOnce are sent, or asked for, in one go.
	chunksAtOnce = 16
	// headsAtOnce are asked for by one command.
	headsAtOnce = 512
	// mostBytes bounds a value, lest a damaged head asks for all memory.
	mostBytes = 4 << 30
)

// Open returns the store of a server named by a URL, as redis://:PASSWORD@HOST:6379/0, rediss:// with TLS, or
// unix:///PATH. It connects when it is used first: see Check.
func Open(url string, o Options) (*Store, error) {
	r, err := redis.ParseURL(url)
	if err != nil { // its words would have the password
		return nil, errors.New("the address of the store: want redis://:PASSWORD@HOST:PORT/DATABASE, " +
			"rediss:// with TLS, or unix://PATH")
	}
	r.MaxRetries = 1                       // a connection that ended while it was idle
	r.ContextTimeoutEnabled = true         // the caller's limit holds
	r.ReadTimeout, r.WriteTimeout = -1, -1 // beside it there is none
	r.DialTimeout, r.DialerRetries = 2*time.Second, 1
	r.DisableIdentity = true // not every server knows what it asks
	r.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(quiet{})
	s := &Store{c: redis.NewClient(r)}
	return s.With(o), nil
}

// quiet is the client's own log, whose every line comes back as an error too.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// With returns a store beside s, on the same connections.
func (s *Store) With(o Options) *Store {
	return &Store{c: s.c, prefix: cmp.Or(o.Prefix, defaultPrefix), keep: cmp.Or(o.Keep, defaultKeep)}
}

// Check asks the server whether it is there. refused says that it is, and takes nothing from here: the
// password is wrong, say, which no time mends.
func (s *Store) Check(ctx context.Context) (refused bool, err error) {
	err = s.c.Ping(ctx).Err()
	if err == nil {
		return false, nil
	}
	var said redis.Error
	text := err.Error()
	refused = errors.As(err, &said) && !strings.HasPrefix(text, "LOADING") && !strings.HasPrefix(text, "MASTERDOWN")
	return refused, fmt.Errorf("the store at %s: %w", s.c.Options().Addr, err)
}

// Close ends the connections, those of With too.
func (s *Store) Close() error { return s.c.Close() }

func (s *Store) key(name string) string { return s.prefix + name }

// A head says what a value consists of.
type head struct {
	id   string // of this value: chunks of two that were written at once are not mixed
	size int64
	sum  uint32
}

func (h head) String() string { return fmt.Sprintf("1 %s %d %08x", h.id, h.size, h.sum) }

// chunks is how many there are.
func (h head) chunks() int { return int((h.size + chunkBytes - 1) / chunkBytes) }

func readHead(text string) (h head, err error) {
	part := strings.Split(text, " ")
	if len(part) != 4 || part[0] != "1" {
		return h, fmt.Errorf("a head %.40q that this version does not know", text)
	}
	sum, err := strconv.ParseUint(part[3], 16, 32)
	size, err2 := strconv.ParseInt(part[2], 10, 64)
	if err != nil || err2 != nil || size < 0 || size > mostBytes {
		return h, fmt.Errorf("a head %.40q that makes no sense", text)
	}
	return head{part[1], size, uint32(sum)}, nil
}

func (s *Store) chunk(name string, h head, i int) string {
	return s.key(name) + ":" + h.id + ":" + strconv.Itoa(i)
}

// Put is Store's.
func (s *Store) Put(ctx context.Context, name string, value []byte) error {
	if err := statecache.CheckName(name); err != nil {
		return err
	}
	old, err := s.head(ctx, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, statecache.ErrDamaged) {
		return err
	}
	h := head{rand.Text()[:12], int64(len(value)), statecache.Checksum(name, value)}
	for i := 0; i < h.chunks(); i += chunksAtOnce {
		p := s.c.Pipeline()
		for k := i; k < min(i+chunksAtOnce, h.chunks()); k++ {
			// Some longer than the head: who has the head then has the chunks.
			p.Set(ctx, s.chunk(name, h, k), value[k*chunkBytes:min((k+1)*chunkBytes, len(value))], s.keep+time.Minute)
		}
		if _, err := p.Exec(ctx); err != nil {
			return s.failed(err)
		}
	}
	if err := s.c.Set(ctx, s.key(name), h.String(), s.keep).Err(); err != nil {
		return s.failed(err)
	}
	if old.id != "" {
		s.forget(ctx, name, old)
	}
	return nil
}

// failed says whose error it is.
func (s *Store) failed(err error) error {
	return fmt.Errorf("the store at %s: %w", s.c.Options().Addr, err)
}

// head returns the head of a value.
func (s *Store) head(ctx context.Context, name string) (h head, err error) {
	text, err := s.c.Get(ctx, s.key(name)).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return h, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	case err != nil:
		return h, s.failed(err)
	}
	if h, err = readHead(text); err != nil {
		return h, fmt.Errorf("%s: %w: %w", name, statecache.ErrDamaged, err)
	}
	return h, nil
}

// Get is Store's.
func (s *Store) Get(ctx context.Context, name string) ([]byte, error) {
	if err := statecache.CheckName(name); err != nil {
		return nil, err
	}
	h, err := s.head(ctx, name)
	if errors.Is(err, statecache.ErrDamaged) {
		return nil, errors.Join(err, s.c.Del(ctx, s.key(name)).Err())
	} else if err != nil {
		return nil, err
	}
	value := make([]byte, 0, h.size)
	for i := 0; i < h.chunks(); i += chunksAtOnce {
		p := s.c.Pipeline()
		var got []*redis.StringCmd
		for k := i; k < min(i+chunksAtOnce, h.chunks()); k++ {
			got = append(got, p.Get(ctx, s.chunk(name, h, k)))
			p.Expire(ctx, s.chunk(name, h, k), s.keep+time.Minute)
		}
		if _, err := p.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return nil, s.failed(err)
		}
		for _, c := range got {
			part, err := c.Bytes()
			if err != nil { // it went for want of room
				return nil, s.broken(ctx, name, h, "a chunk is lost")
			}
			value = append(value, part...)
		}
	}
	if int64(len(value)) != h.size || statecache.Checksum(name, value) != h.sum {
		return nil, s.broken(ctx, name, h, "its checksum is wrong")
	}
	if err := s.c.Expire(ctx, s.key(name), s.keep).Err(); err != nil {
		return nil, s.failed(err)
	}
	return value, nil
}

// broken removes what is left of a value.
func (s *Store) broken(ctx context.Context, name string, h head, why string) error {
	err := s.c.Del(ctx, s.key(name)).Err()
	s.forget(ctx, name, h)
	return errors.Join(fmt.Errorf("%s is removed: %w: %s", name, statecache.ErrDamaged, why), err)
}

// forget removes the chunks of a value. What is left of them ends by itself.
func (s *Store) forget(ctx context.Context, name string, h head) {
	var keys []string
	for i := range h.chunks() {
		keys = append(keys, s.chunk(name, h, i))
	}
	if len(keys) > 0 {
		_ = s.c.Unlink(ctx, keys...).Err()
	}
}

// First is Store's.
func (s *Store) First(ctx context.Context, names []string) (int, error) {
	p := s.c.Pipeline()
	var got []*redis.SliceCmd
	for at := 0; at < len(names); at += headsAtOnce {
		var keys []string
		for _, n := range names[at:min(at+headsAtOnce, len(names))] {
			keys = append(keys, s.key(n))
		}
		got = append(got, p.MGet(ctx, keys...))
	}
	if _, err := p.Exec(ctx); err != nil {
		return -1, s.failed(err)
	}
	for k, c := range got {
		for i, v := range c.Val() {
			if v != nil {
				return k*headsAtOnce + i, nil
			}
		}
	}
	return -1, nil
}

// Remove is Store's.
func (s *Store) Remove(ctx context.Context, name string) (bool, error) {
	if err := statecache.CheckName(name); err != nil {
		return false, err
	}
	h, err := s.head(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil && !errors.Is(err, statecache.ErrDamaged):
		return false, err
	}
	n, err := s.c.Del(ctx, s.key(name)).Result()
	if err != nil {
		return false, s.failed(err)
	}
	s.forget(ctx, name, h)
	return n > 0, nil
}
