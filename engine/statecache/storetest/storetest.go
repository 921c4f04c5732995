// Package storetest holds stores to what statecache.Store says.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"falconmamba/engine/statecache"
)

// name returns a name that stores take.
func name(i int) string { return fmt.Sprintf("storetest-value-%08d", i) }

// Value returns n bytes that look like nothing.
func Value(n int) []byte {
	rnd := rand.New(rand.NewPCG(uint64(n), 1))
	v := make([]byte, n)
	for i := range v {
		v[i] = byte(rnd.Uint32())
	}
	return v
}

// Run tests a store that two processes have open.
func Run(t *testing.T, one, two statecache.Store) {
	ctx := t.Context()
	get := func(s statecache.Store, name string) []byte {
		t.Helper()
		v, err := s.Get(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	put := func(s statecache.Store, name string, v []byte) {
		t.Helper()
		if err := s.Put(ctx, name, v); err != nil {
			t.Fatal(err)
		}
	}
	for i, n := range []int{0, 1, 511 << 10, 512 << 10, 512<<10 + 1, 20 << 20} {
		put(one, name(i), Value(n))
		if got := get(two, name(i)); !bytes.Equal(got, Value(n)) {
			t.Errorf("%d bytes come back as %d others", n, len(got))
		}
	}
	put(two, name(1), []byte("another"))
	if got := get(one, name(1)); string(got) != "another" {
		t.Errorf("what was replaced is %.20q", got)
	}
	if v, err := one.Get(ctx, name(99)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what never was: %.20q, %v", v, err)
	}
	var many []string
	for i := range 5000 {
		many = append(many, name(5000-i))
	}
	for _, x := range []struct {
		names []string
		want  int
	}{{nil, -1}, {many, 4995}, {many[:4000], -1}, {[]string{name(7), name(3), name(2)}, 1}, {[]string{name(0)}, 0}} {
		if got, err := one.First(ctx, x.names); got != x.want || err != nil {
			t.Errorf("the first of %d names: %d, %v; want %d", len(x.names), got, err, x.want)
		}
	}
	if there, err := two.Remove(ctx, name(3)); !there || err != nil {
		t.Errorf("a value is removed: %v, %v", there, err)
	}
	if there, err := one.Remove(ctx, name(3)); there || err != nil {
		t.Errorf("a value is removed once more: %v, %v", there, err)
	}
	if _, err := one.Get(ctx, name(3)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was removed: %v", err)
	}
	for _, bad := range []string{"", "short", strings.Repeat("x", 129), "../" + name(1), name(1) + "*",
		name(1) + "\n"} {
		if err := one.Put(ctx, bad, nil); err == nil {
			t.Errorf("the name %q is taken", bad)
		}
		if _, err := one.Get(ctx, bad); err == nil {
			t.Errorf("the name %q is read", bad)
		}
	}
	atOnce(t, one, two)
}

// atOnce has a value be replaced by several at the same time, while others read it: one is there.
func atOnce(t *testing.T, one, two statecache.Store) {
	ctx, stop := context.WithCancel(t.Context())
	at := name(1000)
	value := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 600<<10+i) }
	whole := func(v []byte) bool { return len(v) > 0 && bytes.Equal(v, value(int(v[0]))) }
	var readers, writers sync.WaitGroup
	for _, s := range []statecache.Store{one, two} {
		readers.Go(func() {
			for ctx.Err() == nil {
				v, err := s.Get(t.Context(), at)
				gone := errors.Is(err, fs.ErrNotExist) || errors.Is(err, statecache.ErrDamaged)
				if err != nil && !gone || err == nil && !whole(v) {
					t.Errorf("while it is replaced: %d bytes, %v", len(v), err)
					return
				}
			}
		})
		for i := range 4 {
			writers.Go(func() {
				for k := range 8 {
					if err := s.Put(t.Context(), at, value(1+i+4*k)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	writers.Wait()
	stop()
	readers.Wait()
	if err := one.Put(t.Context(), at, value(77)); err != nil {
		t.Error(err)
	}
	if v, err := two.Get(t.Context(), at); err != nil || !bytes.Equal(v, value(77)) {
		t.Errorf("the last that was put: %d bytes, %v", len(v), err)
	}
}
