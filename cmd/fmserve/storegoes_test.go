package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"falconmamba/cmd/internal/cli"
	"falconmamba/engine/statecache/redis/redistest"
)

// A store that stops in the middle and comes back empty costs no request, no word and, once it is back, nothing more.
func TestStoreGoes(t *testing.T) {
	r := redistest.Start(t)
	alone, _, stop := start(t, "--precision", "f32", "--log", "none")
	c := conversation{0, func(int, int) string { return strings.TrimSuffix(alone, "/v1") }, new(atomic.Int64)}
	want, err := c.talk(t.Context(), 6, func() {})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	url, _, stop := start(t, "--precision", "f32", "--log", "none", "--store", r.URL(), "--durable", "turn",
		"--store-timeout", "1s")
	defer stop()
	written := func() (n int) {
		_, text, _ := strings.Cut(fetch(t, strings.TrimSuffix(url, "/v1")+"/metrics"), "\nfalconmamba:store_written_total ")
		_, _ = fmt.Sscan(text, &n)
		return n
	}
	turn := 0
	c.route = func(int, int) string { return strings.TrimSuffix(url, "/v1") }
	got, err := c.talk(t.Context(), 6, func() {
		switch turn++; turn {
		case 2:
			r.Stop()
		case 4:
			r.Again()
			before := written()
			for begin := time.Now(); written() == before; time.Sleep(100 * time.Millisecond) { // what waited is written
				if time.Since(begin) > time.Minute {
					t.Fatal("nothing is written since the store is back")
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if got[i].text != want[i].text || i > 0 && got[i].cached < got[i-1].total-1 {
			t.Errorf("turn %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	if n := c.again.Load(); n != 0 {
		t.Errorf("%d requests failed", n)
	}
	if a, err := http.Get(strings.TrimSuffix(url, "/v1") + "/health"); err != nil || a.StatusCode != http.StatusOK {
		t.Errorf("%v, %v", a, err)
	}
}

// A server that refuses the password is no store, which is told before a model is loaded; the password is not.
func TestStoreRefuses(t *testing.T) {
	r := redistest.Start(t, "--requirepass", "right")
	var stderr strings.Builder
	status := run(t.Context(), []string{"--port", "0", "--backend", "cpu", "--store", "redis://:wrong-secret@" + r.Addr},
		&strings.Builder{}, &stderr)
	if status != cli.Failed || !strings.Contains(stderr.String(), "WRONGPASS") || strings.Contains(stderr.String(), "secret") {
		t.Errorf("status %d, %s", status, &stderr)
	}
}
