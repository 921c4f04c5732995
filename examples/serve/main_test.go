package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"iter"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
	"falconmamba/model"
)

// open opens the embedded model in float32: processors that round the activations of several texts at once would write
// other texts than for one alone.
func open(t *testing.T, o engine.Options) *falconmamba.Model {
	t.Helper()
	exact := backend.Float
	m, err := falconmamba.OpenFS(context.Background(), tiny.FS(), &falconmamba.Options{Backend: "cpu", Engine: o,
		Load: model.LoadOptions{Precision: &exact}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// start runs the program and returns its address, what ends it as a signal does, and what
// serve will return.
func start(t *testing.T, m *falconmamba.Model) (url string, stop func(), ended chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	ended = make(chan error, 1)
	go func() { ended <- serve(ctx, l, m) }()
	return "http://" + l.Addr().String(), stop, ended
}

// post asks for a text.
func post(t *testing.T, ctx context.Context, url, prompt string) *http.Response {
	t.Helper()
	q, err := http.NewRequestWithContext(ctx, "POST", url+"/generate", strings.NewReader(prompt))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Body.Close() })
	return r
}

// alone is the text that follows prompt when nothing else runs.
func alone(t *testing.T, m *falconmamba.Model, prompt string) string {
	t.Helper()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var text strings.Builder
	for x, err := range s.Generate(context.Background(), prompt, nil) {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(x.Text)
	}
	return text.String()
}

func stats(t *testing.T, url string) (s falconmamba.Stats) {
	t.Helper()
	r, err := http.Get(url + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// Several clients at once each get the text that they would get alone; one that goes away
// ends its text, and nothing is left behind.
func TestClients(t *testing.T) {
	m := open(t, engine.Options{})
	prompts := []string{"ROMEO:\n", "JULIET:\nO", "The sea", "First Citizen:\nBefore we proceed", "x"}
	var want []string
	for _, p := range prompts {
		want = append(want, alone(t, m, p))
	}
	url, _, _ := start(t, m)
	var wait sync.WaitGroup
	for i, p := range prompts {
		wait.Go(func() {
			text, err := io.ReadAll(post(t, context.Background(), url, p).Body)
			if err != nil || string(text) != want[i] || len(text) < 100 {
				t.Errorf("after %q: %q, %v, alone %q", p, text, err, want[i])
			}
		})
	}
	wait.Go(func() {
		ctx, leave := context.WithCancel(context.Background())
		if _, err := bufio.NewReader(post(t, ctx, url, "ROMEO:\n").Body).ReadByte(); err != nil {
			t.Error(err)
		}
		leave()
	})
	wait.Wait()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		s := stats(t, url)
		if s.Running+s.Waiting+s.Sessions == 0 && s.Ended+s.Left == uint64(2*len(prompts)+1) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("when all was over: %+v", s)
		}
	}
}

// Where the queue is full a client is told to come again, and after that it may.
func TestQueueFull(t *testing.T) {
	m := open(t, engine.Options{Running: 1, Waiting: -1, Pace: time.Hour})
	url, _, _ := start(t, m)
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// A text that the host has a part in stands still between two of next, and keeps its place for as long as Pace.
	still := &falconmamba.GenerateOptions{Process: func([]int32, []float32) error { return nil }}
	next, leave := iter.Pull2(s.Generate(context.Background(), "ROMEO:\n", still))
	defer leave()
	if _, err, ok := next(); err != nil || !ok {
		t.Fatal(err)
	}
	r := post(t, context.Background(), url, "x")
	text, _ := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") != "1" ||
		!strings.Contains(string(text), "try again later") {
		t.Errorf("beside a text: %s, %v, %q", r.Status, r.Header, text)
	}
	leave()
	r = post(t, context.Background(), url, "x")
	if text, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusOK || len(text) < 100 {
		t.Errorf("alone: %s, %q", r.Status, text)
	}
}

// A signal lets texts that are being written come to their end, and nothing else begin.
func TestShutdown(t *testing.T) {
	m := open(t, engine.Options{})
	want := alone(t, m, "ROMEO:\n")
	url, stop, ended := start(t, m)
	r := post(t, context.Background(), url, "ROMEO:\n")
	stop()
	if text, err := io.ReadAll(r.Body); err != nil || string(text) != want {
		t.Errorf("the text is %q, %v, want %q", text, err, want)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url + "/stats"); err == nil {
		t.Error("it answers after the end")
	}
}

// A body without a text is the client's fault, and whatever the model writes is plain text.
func TestEmptyBody(t *testing.T) {
	url, _, _ := start(t, open(t, engine.Options{}))
	if r := post(t, context.Background(), url, ""); r.StatusCode != http.StatusBadRequest {
		t.Errorf("an empty body: %s", r.Status)
	}
	r := post(t, context.Background(), url, "<html>")
	if got := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || got != "text/plain; charset=utf-8" {
		t.Errorf("%s, a text of type %q", r.Status, got)
	}
}
