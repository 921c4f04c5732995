package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"falconmamba"
)

// Each event is a token when it comes, with a text or without; the last event of a text without one is none.
func TestTokensOfEvents(t *testing.T) {
	r, w := io.Pipe()
	tokens := make(chan struct{}, 9)
	done := make(chan error, 1)
	go func() { done <- events(r, func() { tokens <- struct{}{} }) }()
	for range 2 {
		fmt.Fprint(w, "data: {\"choices\":[{\"text\":\"\",\"finish_reason\":null}],\"usage\":null}\n\n")
		<-tokens // before anything else comes
	}
	fmt.Fprint(w, "data: {\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}],\"usage\":null}\n\n"+
		"data: {\"choices\":[],\"usage\":{\"completion_tokens\":3}}\n\ndata: [DONE]\n\n")
	if err := <-done; err != nil || len(tokens) != 1 {
		t.Errorf("%d more tokens, want 1, %v", len(tokens), err)
	}
}

// A server is asked by OpenAI's API; what its events do not show its usage does, and refusals are shed.
func TestServer(t *testing.T) {
	var asked atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"data":[{"id":"first"}]}`)
	})
	mux.HandleFunc("POST /v1/completions", func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Model     string
			Prompt    []int32
			MaxTokens int `json:"max_tokens"`
			Stream    bool
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Model != "first" || !q.Stream || len(q.Prompt) == 0 ||
			r.Header.Get("Authorization") != "Bearer key" {
			t.Errorf("%+v, %v", q, err)
		}
		if asked.Add(1) == 3 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fmt.Fprint(w, ": waiting\n\n")
		for range q.MaxTokens - 1 {
			fmt.Fprint(w, "data: {\"choices\":[{\"text\":\"x\"}],\"usage\":null}\n\n")
		}
		fmt.Fprintf(w, "data: {\"choices\":[],\"usage\":{\"completion_tokens\":%d}}\n\ndata: [DONE]\n\n", q.MaxTokens)
	})
	h := httptest.NewServer(mux)
	defer h.Close()
	s, err := NewServer(context.Background(), h.URL+"/v1/", "", "key")
	if err != nil || s.Model != "first" || s.Vocab != commonVocab {
		t.Fatalf("%+v, %v", s, err)
	}
	traffic := Traffic{Clients: 2, Requests: 6, Prompt: Range{1, 4}, Tokens: Range{3, 5}, Vocab: s.Vocab}
	got, err := traffic.Ask(context.Background(), s, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got.Ended+got.Shed != 12 || got.Shed != 1 || len(got.First) != 11 || len(got.Between) != got.Written-11 ||
		got.Speed.Median <= 0 || asked.Load() != 14 {
		t.Errorf("%+v of %d requests", got, asked.Load())
	}
}

// What is no answer is an error that says why.
func TestServerErrors(t *testing.T) {
	for body, want := range map[string]string{
		"": "ended early",
		"data: {\"choices\":[{\"text\":\"x\"}]}\n":           "ended early",
		"data: {\"error\":{\"message\":\"it fell over\"}}\n": "it fell over",
		"data: {\n": "unexpected end",
	} {
		if err := events(strings.NewReader(body), func() {}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", body, err, want)
		}
	}
	status := http.StatusOK
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, "{}")
	}))
	defer h.Close()
	if _, err := NewServer(context.Background(), h.URL, "", ""); err == nil || !strings.Contains(err.Error(), "no model") {
		t.Errorf("%v", err)
	}
	status = http.StatusUnauthorized
	if _, err := NewServer(context.Background(), h.URL, "x", ""); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("%v", err)
	}
	status = http.StatusServiceUnavailable
	s := &Server{URL: h.URL, client: http.DefaultClient}
	if err := s.Write(context.Background(), Order{}, func() {}); !errors.Is(err, falconmamba.ErrQueueFull) {
		t.Errorf("%v", err)
	}
}
