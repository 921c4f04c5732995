package redis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"falconmamba/engine/statecache"
	"falconmamba/engine/statecache/redis/redistest"
	"falconmamba/engine/statecache/storetest"
)

func open(t *testing.T, url string, o Options) *Store {
	t.Helper()
	s, err := Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	url := redistest.Start(t).URL()
	storetest.Run(t, open(t, url, Options{}), open(t, url, Options{}))
}

const name = "a-name-of-a-value-for-tests"

// Whatever is missing of a value, or is another's, it is not there, and its rest goes.
func TestNeverInPart(t *testing.T) {
	s := open(t, redistest.Start(t).URL(), Options{})
	ctx := t.Context()
	value := storetest.Value(3*chunkBytes + 100)
	key := func(i int) string {
		h, err := s.head(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		return s.chunk(name, h, i)
	}
	for what, damage := range map[string]func() error{
		"a chunk is lost":   func() error { return s.c.Del(ctx, key(1)).Err() },
		"the last is lost":  func() error { return s.c.Del(ctx, key(3)).Err() },
		"a chunk is cut":    func() error { return s.c.Set(ctx, key(2), value[:100], 0).Err() },
		"a byte is another": func() error { return s.c.SetRange(ctx, key(0), 1000, "\x00\x01").Err() },
		"two are swapped":   func() error { return s.c.Rename(ctx, key(0), key(1)).Err() },
		"another head":      func() error { return s.c.Set(ctx, s.key(name), "2 x", 0).Err() },
		"a head of many":    func() error { return s.c.Set(ctx, s.key(name), "1 x 9999999999999 0", 0).Err() },
		"a head of less": func() error {
			h, _ := s.head(ctx, name)
			h.size -= chunkBytes
			return s.c.Set(ctx, s.key(name), h.String(), 0).Err()
		},
	} {
		if err := s.Put(ctx, name, value); err != nil {
			t.Fatal(what, err)
		}
		if err := damage(); err != nil {
			t.Fatal(what, err)
		}
		if v, err := s.Get(ctx, name); !errors.Is(err, statecache.ErrDamaged) {
			t.Errorf("%s: %d bytes, %v", what, len(v), err)
		}
		if _, err := s.Get(ctx, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, then: %v", what, err)
		}
	}
}

// Who is killed in the middle leaves no value, and what was there stays whole.
func TestWrittenInPart(t *testing.T) {
	s := open(t, redistest.Start(t).URL(), Options{})
	ctx := t.Context()
	h := head{"half", 4 * chunkBytes, 0}
	for i := range 2 {
		if err := s.c.Set(ctx, s.chunk(name, h, i), storetest.Value(chunkBytes), 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if i, err := s.First(ctx, []string{name}); i != -1 || err != nil {
		t.Errorf("what has no head is there: %d, %v", i, err)
	}
	if _, err := s.Get(ctx, name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what has no head: %v", err)
	}
}

// Values end by themselves, later where they are of use; nothing stays for ever.
func TestExpiry(t *testing.T) {
	s := open(t, redistest.Start(t).URL(), Options{Keep: time.Hour})
	ctx := t.Context()
	if err := s.Put(ctx, name, storetest.Value(2*chunkBytes)); err != nil {
		t.Fatal(err)
	}
	left := func() (least time.Duration) {
		least = 1000 * time.Hour
		for _, key := range s.c.Keys(ctx, "*").Val() {
			d := s.c.TTL(ctx, key).Val()
			if least = min(least, d); d < 0 {
				t.Errorf("%s has no end", key)
			}
		}
		return least
	}
	if d := left(); d > time.Hour || d < 59*time.Minute {
		t.Errorf("it ends in %v", d)
	}
	for _, key := range s.c.Keys(ctx, "*").Val() {
		s.c.Expire(ctx, key, 10*time.Second)
	}
	if _, err := s.Get(ctx, name); err != nil {
		t.Error(err)
	}
	if d := left(); d < 59*time.Minute {
		t.Errorf("after it was of use it ends in %v", d)
	}
	// What was replaced leaves nothing.
	if err := s.Put(ctx, name, []byte("short")); err != nil {
		t.Fatal(err)
	}
	if n := s.c.DBSize(ctx).Val(); n != 2 {
		t.Errorf("%d keys of a value of one chunk, want 2", n)
	}
}

// What is wrong with an address, a password or a server is told in a line, without the password.
func TestWrongServers(t *testing.T) {
	locked := redistest.Start(t, "--requirepass", "right")
	small := redistest.Start(t, "--maxmemory", "2mb", "--maxmemory-policy", "noeviction")
	for _, x := range []struct {
		url, want string
		refused   bool
	}{
		{"redis://:right@" + locked.Addr, "", false},
		{"redis://:wrong-secret@" + locked.Addr, "WRONGPASS", true},
		{"redis://" + locked.Addr, "NOAUTH", true},
		{"redis://:secret@127.0.0.1:1", "refused", false},
		{"redis://:right@" + locked.Addr + "/99", "DB index", true},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		refused, err := open(t, x.url, Options{}).Check(ctx)
		cancel()
		if (err == nil) != (x.want == "") || err != nil && !strings.Contains(err.Error(), x.want) ||
			refused != x.refused || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: refused %v, %v; want %q", x.url, refused, err, x.want)
		}
	}
	for _, url := range []string{"", "x", "http://:secret@host", "redis://:secret@host:port", "redis://:secret@%zz"} {
		if _, err := Open(url, Options{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
	s := open(t, small.URL(), Options{})
	if err := s.Put(t.Context(), name, storetest.Value(8<<20)); err == nil || !strings.Contains(err.Error(), "OOM") {
		t.Errorf("a server that is full: %v", err)
	}
	if i, err := s.First(t.Context(), []string{name}); i != -1 || err != nil {
		t.Errorf("a server that is full: %d, %v", i, err)
	}
}

// A server that takes connections and says nothing holds nobody up for longer than the limit, and then nobody
// at all.
func TestSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := statecache.Guard(open(t, "redis://"+l.Addr().String(), Options{}), 200*time.Millisecond, time.Hour,
		slog.New(slog.DiscardHandler))
	begin := time.Now()
	if _, err := s.Get(t.Context(), name); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a silent server: %v", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("a silent server holds a caller up for %v", took)
	}
	begin = time.Now()
	for range 100 {
		if _, err := s.First(t.Context(), []string{name}); !errors.Is(err, statecache.ErrPaused) {
			t.Fatal(err)
		}
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("100 calls of a paused store take %v", took)
	}
}
