package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	_ "falconmamba/backend/cpu"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
	"falconmamba/model"
)

// openModel opens the embedded model in float32: processors that round the activations of many rows would write other
// texts where less of a prompt is cached.
func openModel(t testing.TB, o engine.Options) *falconmamba.Model {
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

// serve serves the embedded model, and returns the address.
func serve(t testing.TB, e engine.Options, o Options) (*Server, string) {
	t.Helper()
	s, err := New(openModel(t, e), o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h.URL
}

// An answer is what a request came to.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request with headers as pairs.
func send(t testing.TB, method, url, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	data, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{a.StatusCode, a.Header, data}
}

func post(t testing.TB, url, body string) answer { t.Helper(); return send(t, "POST", url, body) }
func get(t testing.TB, url string) answer        { t.Helper(); return send(t, "GET", url, "") }

// read decodes an answer that went well.
func read[T any](t testing.TB, a answer) (v T) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return v
}

// An errorBody is an error as clients read it.
type errorBody struct {
	Error struct {
		Message, Type string
		Param, Code   *string
	}
}

// refused wants an answer to be an error, with words in its message.
func refused(t testing.TB, a answer, status int, param, code, words string) {
	t.Helper()
	var e errorBody
	d := json.NewDecoder(bytes.NewReader(a.body))
	if err := d.Decode(&e); err != nil || a.status != status || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("status %d, %v, %s; want %d and an error", a.status, a.header["Content-Type"], a.body, status)
		return
	}
	of := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	if of(e.Error.Param) != param || of(e.Error.Code) != code || !strings.Contains(e.Error.Message, words) ||
		e.Error.Type == "" || strings.Contains(e.Error.Message, "\n") {
		t.Errorf("%s; want param %q, code %q, %q in the message", a.body, param, code, words)
	}
}

// events returns the data of a stream's events, which end as OpenAI's do.
func events[T any](t testing.TB, a answer) (all []T) {
	t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Fatalf("status %d, %v: %s", a.status, a.header, a.body)
	}
	lines := bufio.NewScanner(bytes.NewReader(a.body))
	lines.Buffer(nil, 1<<20)
	done := false
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		switch {
		case lines.Text() == "" || strings.HasPrefix(lines.Text(), ":"):
		case !ok || done:
			t.Fatalf("line %q", lines.Text())
		case data == "[DONE]":
			done = true
		default:
			var v T
			if err := json.Unmarshal([]byte(data), &v); err != nil {
				t.Fatalf("%v in %s", err, data)
			}
			all = append(all, v)
		}
	}
	if !done {
		t.Fatal("the stream has no end")
	}
	return all
}

// serveHere answers a request without a connection.
func serveHere(s *Server, method, path string) answer {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}
