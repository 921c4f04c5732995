package hub

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestFetchStalledForEver(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	h.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool { <-r.Context().Done(); return true }
	o := h.options()
	o.Stall = 20 * time.Millisecond
	// The server need not have seen a request that was given up so soon.
	asked := int64(1)
	o.Retry = func(error, time.Duration) { atomic.AddInt64(&asked, 1) }
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, errors.New("it waits for ever"))
	defer cancel()
	_, err := Fetch(ctx, "org/name", o)
	if err == nil || !strings.Contains(err.Error(), "nothing came for 20ms") {
		t.Errorf("got %v (%v)", err, context.Cause(ctx))
	}
	if got := atomic.LoadInt64(&asked); got != tries {
		t.Errorf("%d requests, want %d", got, tries)
	}
}

// A server that sends a byte now and then is as good as one that sends nothing.
func TestFetchDrips(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	h.intercept = func(w http.ResponseWriter, r *http.Request, nth int) bool {
		if nth > 0 || !strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasSuffix(r.URL.Path, shard1) {
			return false
		}
		for r.Context().Err() == nil {
			w.Write([]byte(" "))
			w.(http.Flusher).Flush()
			time.Sleep(5 * time.Millisecond)
		}
		return true
	}
	o := h.options()
	o.Stall = 500 * time.Millisecond // a busy machine pauses for a tenth of a second now and then
	var said atomic.Int64
	o.Retry = func(err error, wait time.Duration) {
		if strings.Contains(err.Error(), "next to nothing came for 500ms") {
			said.Add(1)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := Fetch(ctx, "org/name", o); err != nil {
		t.Fatal(err)
	}
	if said.Load() == 0 {
		t.Error("Retry was not called")
	}
}

// A server whose answers never stall, but never end either, has a limit: what it says of files
// must come in time.
func TestFetchMetadataInTime(t *testing.T) {
	const short = 60 * time.Millisecond
	late := "has not said within 60ms which files there are"
	for name, tc := range map[string]struct {
		within time.Duration
		method string
		answer func(w http.ResponseWriter, r *http.Request) bool
		want   string
	}{
		"a list without an end": {short, http.MethodGet, func(w http.ResponseWriter, r *http.Request) bool {
			for r.Context().Err() == nil {
				w.Write([]byte(strings.Repeat(" ", 2*leastCome)))
				w.(http.Flusher).Flush()
				time.Sleep(5 * time.Millisecond)
			}
			return true
		}, late},
		// Waiting would be in vain.
		"asked to wait": {20 * time.Second, http.MethodGet, func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}, "429 Too Many Requests"},
		"one file after another": {short, http.MethodHead, func(http.ResponseWriter, *http.Request) bool {
			time.Sleep(20 * time.Millisecond)
			return false
		}, late},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t, modelFiles())
			h.bare = true
			h.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				return r.Method == tc.method && tc.answer(w, r)
			}
			o := h.options()
			o.Metadata = tc.within
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := Fetch(ctx, "org/name", o); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
