package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"falconmamba/engine"
)

var loadTime = flag.Duration("load", 30*time.Second, "how long TestLoad runs, but with -short")

// loadClients are more than may be written at once.
const loadClients = 256

// Many clients ask for everything at once, leave in the middle, and ask for what is not there. They get what they ask
// for and no other error; memory does not grow; and when the server is told to end in the midst of it, it does, and
// nothing is left behind.
func TestLoad(t *testing.T) {
	length := *loadTime
	if testing.Short() {
		length = 2 * time.Second
	}
	m := openModel(t, engine.Options{Running: 32, Cache: engine.CacheOptions{Host: 16 << 20}})
	first := runtime.NumGoroutine()
	s, url, end, ended := listen(t, m, Options{Drain: 2 * time.Second, MaxTokens: 64})
	transport := &http.Transport{MaxIdleConnsPerHost: loadClients}
	client := &http.Client{Transport: transport}
	var over atomic.Bool
	var counts [len(loadKinds)]atomic.Int64
	var wait sync.WaitGroup
	for i := range loadClients {
		wait.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(i)))
			for !over.Load() {
				k := rnd.IntN(len(loadKinds))
				err := loadKinds[k].ask(client, url, rnd)
				if s.draining.Load() {
					return // it may be refused now
				}
				if err != nil {
					t.Errorf("%s: %v", loadKinds[k].name, err)
					return
				}
				counts[k].Add(1)
			}
		})
	}
	var heap, most uint64
	began := time.Now()
	for time.Since(began) < length && !t.Failed() {
		time.Sleep(length / 20)
		runtime.GC()
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		if time.Since(began) < length/3 {
			heap = max(heap, mem.HeapAlloc) // it is warm by then
		}
		most = max(most, mem.HeapAlloc)
	}
	end() // while all goes on
	if err := <-ended; err != nil {
		t.Errorf("the end: %v", err)
	}
	over.Store(true)
	wait.Wait()
	transport.CloseIdleConnections()
	var asked []string
	for i, k := range loadKinds {
		n := counts[i].Load()
		if n == 0 && length >= 30*time.Second {
			t.Errorf("nobody had an answer of the kind: %s", k.name)
		}
		asked = append(asked, fmt.Sprintf("%d %s", n, k.name))
	}
	st := m.Stats()
	t.Logf("%s; %d tokens written, heap %d MiB after a third, %d MiB at most", strings.Join(asked, ", "), st.Written,
		heap>>20, most>>20)
	if length >= 30*time.Second && most > heap+heap/4+(16<<20) { // a shorter run is never warm
		t.Errorf("the heap grew from %d to %d bytes", heap, most)
	}
	if st.Running+st.Waiting+st.Sessions != 0 || s.requests.Load() != 0 || s.bodies.Load() != 0 {
		t.Errorf("left behind: %d requests, %d bytes, %+v", s.requests.Load(), s.bodies.Load(), st)
	}
	eventually(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= first+2 })
}

// A loadKind is what a client may ask for.
type loadKind struct {
	name string
	ask  func(c *http.Client, url string, rnd *rand.Rand) error
}

var loadKinds = [...]loadKind{
	{"texts", func(c *http.Client, url string, rnd *rand.Rand) error {
		return askWhole(c, url+"/v1/completions", 200, `{"prompt":%q,"max_tokens":%d,"temperature":1}`, loadPrompt(rnd), 1+rnd.IntN(40))
	}},
	{"answers", func(c *http.Client, url string, rnd *rand.Rand) error {
		return askWhole(c, url+"/v1/chat/completions", 200,
			`{"messages":[{"role":"user","content":%q}],"max_tokens":%d,"n":2,"logprobs":true,"top_logprobs":1}`,
			loadPrompt(rnd), 1+rnd.IntN(20))
	}},
	{"streams", func(c *http.Client, url string, rnd *rand.Rand) error {
		return askStream(c, url, rnd, -1)
	}},
	{"streams left", func(c *http.Client, url string, rnd *rand.Rand) error {
		return askStream(c, url, rnd, rnd.IntN(10))
	}},
	{"requests left", func(c *http.Client, url string, rnd *rand.Rand) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rnd.IntN(30))*time.Millisecond)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "POST", url+"/v1/completions",
			strings.NewReader(`{"prompt":"x","max_tokens":64,"ignore_eos":true}`))
		if err != nil {
			return err
		}
		a, err := c.Do(r)
		if err == nil {
			_, err = io.Copy(io.Discard, a.Body)
			a.Body.Close()
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
		return err
	}},
	{"refusals", func(c *http.Client, url string, rnd *rand.Rand) error {
		return askWhole(c, url+"/v1/completions", 400, `{"prompt":%q,"colour":%d}`, loadPrompt(rnd), 1)
	}},
	{"embeddings", func(c *http.Client, url string, rnd *rand.Rand) error {
		return askWhole(c, url+"/v1/embeddings", 200, `{"input":%q}`, loadPrompt(rnd))
	}},
}

func loadPrompt(rnd *rand.Rand) string {
	return strings.Repeat("Before we proceed any further, hear me speak. ", rnd.IntN(8)) + string(rune('A'+rnd.IntN(26)))
}

// askWhole wants an answer with a status, in JSON.
func askWhole(c *http.Client, url string, status int, format string, args ...any) error {
	a, err := c.Post(url, "application/json", strings.NewReader(fmt.Sprintf(format, args...)))
	if err != nil {
		return err
	}
	defer a.Body.Close()
	data, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != status || !json.Valid(data) {
		return fmt.Errorf("status %d, %v: %.300s", a.StatusCode, err, data)
	}
	return nil
}

// askStream reads a stream to its end, or leaves it after so many events.
func askStream(c *http.Client, url string, rnd *rand.Rand, most int) error {
	a, err := c.Post(url+"/v1/completions", "application/json", strings.NewReader(fmt.Sprintf(
		`{"prompt":%q,"max_tokens":%d,"stream":true,"ignore_eos":true}`, loadPrompt(rnd), 1+rnd.IntN(64))))
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode != 200 {
		return fmt.Errorf("status %d", a.StatusCode)
	}
	lines, last := bufio.NewScanner(a.Body), ""
	for n := 0; lines.Scan(); {
		if lines.Text() == "" {
			continue
		}
		last = lines.Text()
		if n++; n == most {
			return nil
		}
	}
	if most >= 0 && lines.Err() == nil {
		return nil // it was shorter
	}
	if lines.Err() != nil || last != "data: [DONE]" {
		return fmt.Errorf("the stream ends with %q, %w", last, errors.Join(lines.Err(), errors.New("no end")))
	}
	return nil
}
