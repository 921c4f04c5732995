package server

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
)

// listen runs Serve on a port of its own. end is what ends it, and ended what it returned.
func listen(t *testing.T, m *falconmamba.Model, o Options) (s *Server, url string, end func(), ended chan error) {
	t.Helper()
	s, err := New(m, o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	ended = make(chan error, 1)
	go func() { ended <- s.Serve(ctx, narrow{l}) }()
	return s, "http://" + l.Addr().String(), end, ended
}

// narrow connections hold little of what their client has not read.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	return c, err
}

// begin sends a request for a stream and returns it when its first event is there.
func begin(t *testing.T, url, body string) (*http.Response, *bufio.Reader) {
	t.Helper()
	r, err := http.Post(url+"/v1/completions", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Body.Close() })
	lines := bufio.NewReader(r.Body)
	if line, err := lines.ReadString('\n'); err != nil || r.StatusCode != 200 {
		t.Fatalf("%d %q, %v", r.StatusCode, line, err)
	}
	return r, lines
}

// eventually waits for what has to come to pass.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// long asks for a text that does not end by itself.
const long = `{"prompt":"ROMEO:\n","max_tokens":4000,"ignore_eos":true,"stream":true}`

// A server that is told to end takes no more requests, and lets those that it has come to their end.
func TestDrain(t *testing.T) {
	s, url, end, ended := listen(t, openModel(t, engine.Options{}), Options{})
	_, lines := begin(t, url, `{"prompt":"ROMEO:\n","max_tokens":150,"ignore_eos":true,"stream":true}`)
	end()
	eventually(t, "draining", s.draining.Load)
	eventually(t, "no more connections", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	rest, err := io.ReadAll(lines)
	if err != nil || !strings.HasSuffix(string(rest), "data: [DONE]\n\n") || strings.Contains(string(rest), "error") {
		t.Errorf("%v, …%q", err, rest[max(0, len(rest)-200):])
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Those that do not end in time are told: in the stream, or where nothing is written yet by a status.
func TestDrainIsOver(t *testing.T) {
	s, url, end, ended := listen(t, openModel(t, engine.Options{Running: 1}), Options{Drain: 50 * time.Millisecond})
	_, lines := begin(t, url, long)
	whole := make(chan answer)
	go func() {
		whole <- send(t, "POST", url+"/v1/completions", `{"prompt":"x","max_tokens":4000,"ignore_eos":true}`)
	}()
	eventually(t, "a second request", func() bool { return s.m.Stats().Waiting == 1 })
	end()
	rest, err := io.ReadAll(lines)
	if err != nil || !strings.Contains(string(rest), `"code":"service_unavailable"`) || strings.Contains(string(rest), "[DONE]") {
		t.Errorf("%v, …%q", err, rest[max(0, len(rest)-200):])
	}
	a := <-whole
	refused(t, a, 503, "", "service_unavailable", "shutting down")
	if a.header.Get("Retry-After") == "" {
		t.Errorf("%v", a.header)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if st := s.m.Stats(); st.Running+st.Waiting+st.Sessions != 0 {
		t.Errorf("left behind: %+v", st)
	}
	a = serveHere(s, "GET", "/v1/models")
	refused(t, a, 503, "", "service_unavailable", "shutting down")
	if a := serveHere(s, "GET", "/health"); a.status != 503 {
		t.Errorf("health: %d", a.status)
	}
}

// A client that goes away frees its row at once, whether it waits for a stream or for the whole.
func TestClientsLeave(t *testing.T) {
	m := openModel(t, engine.Options{Running: 2})
	_, url, _, _ := listen(t, m, Options{})
	for _, stream := range []string{"true", "false"} {
		ctx, leave := context.WithCancel(context.Background())
		body := strings.Replace(long, `"stream":true`, `"n":2,"stream":`+stream, 1)
		r, _ := http.NewRequestWithContext(ctx, "POST", url+"/v1/completions", strings.NewReader(body))
		gone := make(chan error)
		go func() {
			a, err := http.DefaultClient.Do(r)
			if err == nil {
				_, err = io.ReadAll(a.Body)
			}
			gone <- err
		}()
		eventually(t, "two texts", func() bool { return m.Stats().Running == 2 })
		leave()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("stream %s: %v", stream, err)
		}
		left := m.Stats().Written
		eventually(t, "no text", func() bool { st := m.Stats(); return st.Running+st.Sessions == 0 })
		if more := m.Stats().Written - left; more > 500 {
			t.Errorf("stream %s: %d tokens were written after the client left", stream, more)
		}
	}
}

// A client that does not read holds up nobody else, and is given up after a while.
func TestSlowReader(t *testing.T) {
	m := openModel(t, engine.Options{Running: 1})
	_, url, _, _ := listen(t, m, Options{WriteTime: 300 * time.Millisecond})
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.(*net.TCPConn).SetReadBuffer(1)
	body := strings.Replace(long, `"stream":true`, `"logprobs":5,"stream":true`, 1)
	fmt.Fprintf(c, "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	eventually(t, "its text", func() bool { return m.Stats().Running == 1 })
	if a := post(t, url+"/v1/completions", `{"prompt":"x","max_tokens":5}`); a.status != 200 {
		t.Errorf("beside it: %d %s", a.status, a.body)
	}
	eventually(t, "its end", func() bool { return m.Stats().Sessions == 0 })
	if st := m.Stats(); st.Left != 1 {
		t.Errorf("it was not given up: %+v", st)
	}
}

// Where no more requests may wait, one is told to come again; afterwards it may.
func TestQueueFull(t *testing.T) {
	_, url, _, _ := listen(t, openModel(t, engine.Options{Running: 1, Waiting: -1}), Options{MaxRequests: 2,
		MaxTokens: 1 << 20})
	r, lines := begin(t, url, strings.Replace(long, "4000", "1000000", 1))
	go io.Copy(io.Discard, lines) // a text that nobody reads would make room
	for _, body := range []string{`{"prompt":"x"}`, `{"prompt":"x","stream":true}`} {
		a := post(t, url+"/v1/completions", body)
		refused(t, a, 429, "", "rate_limit_exceeded", "try again later")
		if a.header.Get("Retry-After") != "1" {
			t.Errorf("%v", a.header)
		}
	}
	held, w := io.Pipe()
	go http.Post(url+"/v1/completions", "application/json", held)
	fmt.Fprint(w, "{")
	refused(t, get(t, url+"/v1/models"), 429, "", "rate_limit_exceeded", "2 requests")
	if a := get(t, url+"/health"); a.status != 200 {
		t.Errorf("health: %d", a.status)
	}
	w.Close()
	r.Body.Close()
	eventually(t, "room", func() bool { return post(t, url+"/v1/completions", `{"prompt":"x"}`).status == 200 })
}

// Bodies have to arrive in time, and all of them together may hold so much.
func TestBodies(t *testing.T) {
	s, url, _, _ := listen(t, openModel(t, engine.Options{}), Options{BodyTime: time.Second, MaxBody: 1 << 10,
		MaxBodies: 1 << 10})
	held, w := io.Pipe()
	slow := make(chan answer)
	go func() {
		r, err := http.Post(url+"/v1/completions", "application/json", held)
		if err != nil {
			t.Error(err)
			slow <- answer{}
			return
		}
		data, _ := io.ReadAll(r.Body)
		slow <- answer{r.StatusCode, r.Header, data}
	}()
	fmt.Fprint(w, "{")
	eventually(t, "its body", func() bool { return s.bodies.Load() > 0 })
	refused(t, post(t, url+"/v1/completions", `{"prompt":"x"}`), 429, "", "rate_limit_exceeded", "1024 bytes")
	refused(t, <-slow, 408, "", "request_timeout", "1s")
	w.Close()
	eventually(t, "room", func() bool { return s.bodies.Load() == 0 })
	if a := post(t, url+"/v1/completions", `{"prompt":"x","max_tokens":1}`); a.status != 200 {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
	// One that does not say how long it is, and is too long.
	r, err := http.Post(url+"/v1/completions", "application/json", io.MultiReader(strings.NewReader(strings.Repeat(" ", 2<<10))))
	if err != nil || r.StatusCode != 413 {
		t.Errorf("%v, %v", r, err)
	}
}

// A stream that waits has comments meanwhile; one that takes too long ends with an error.
func TestWaiting(t *testing.T) {
	m := openModel(t, engine.Options{Running: 1})
	_, url, _, _ := listen(t, m, Options{Ping: 5 * time.Millisecond, RequestTime: 300 * time.Millisecond,
		MaxTokens: 1 << 20})
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stop := make(chan struct{})
	go func() {
		for _, err := range s.Generate(context.Background(), "x", &falconmamba.GenerateOptions{EOS: []int32{}}) {
			select {
			case <-stop:
				return
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	defer close(stop)
	eventually(t, "a text", func() bool { return m.Stats().Running == 1 })
	a := post(t, url+"/v1/completions", long)
	// A text whose reader is late gives way, so what waits may come to write, though not to an end.
	if text := string(a.body); a.status != 200 || !strings.Contains(text, ": still here\n\n") ||
		!strings.Contains(text, `"code":"timeout"`) || strings.Contains(text, "[DONE]") {
		t.Errorf("%d %q", a.status, text)
	}
	for path, of := range map[string]struct{ body, ping, late string }{
		"/v1/messages": {`{"messages":[{"role":"user","content":"x"}],"max_tokens":4000,"ignore_eos":true,"stream":true}`,
			"event: ping\ndata: {\"type\":\"ping\"}\n\n", `event: error\ndata: {"type":"error","error":{"type":"timeout_error",.*}`},
		"/v1/responses": {`{"input":"x","max_output_tokens":4000,"ignore_eos":true,"stream":true}`, comment,
			`event: response.created\n(.*\n)*event: response.failed\ndata: .*"status":"failed".*fewer tokens.*}`},
	} {
		a := post(t, url+path, of.body)
		if text := string(a.body); a.status != 200 || !strings.Contains(text, of.ping) ||
			!regexp.MustCompile(of.late+"\n\n$").MatchString(text) {
			t.Errorf("%s: %d %q", path, a.status, text)
		}
	}
	refused(t, post(t, url+"/v1/completions", `{"prompt":"x","max_tokens":1000000,"ignore_eos":true}`), 504, "",
		"timeout", "fewer tokens")
}

// Nothing comes behind the end of a stream, however often it is said that it goes on.
func TestNoCommentBehindTheEnd(t *testing.T) {
	_, url, _, _ := listen(t, openModel(t, engine.Options{}), Options{Ping: time.Nanosecond})
	for range 100 {
		a := post(t, url+"/v1/completions", `{"prompt":"x","max_tokens":1,"stream":true}`)
		if text := string(a.body); a.status != 200 || !strings.HasSuffix(text, "data: [DONE]\n\n") {
			t.Fatalf("%d %q", a.status, text)
		}
	}
}

// A connection is good for more requests when the time that the first could take is over.
func TestKeepAlive(t *testing.T) {
	_, url, _, _ := listen(t, openModel(t, engine.Options{}), Options{WriteTime: 200 * time.Millisecond,
		BodyTime: 200 * time.Millisecond})
	var opened atomic.Int64
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		opened.Add(1)
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}}
	for range 3 {
		r, err := client.Post(url+"/v1/completions", "application/json", strings.NewReader(`{"prompt":"x","max_tokens":2,"stream":true}`))
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(r.Body); err != nil || !strings.HasSuffix(string(data), "[DONE]\n\n") {
			t.Fatalf("%q, %v", data, err)
		}
		r.Body.Close()
		time.Sleep(300 * time.Millisecond)
	}
	if opened.Load() != 1 {
		t.Errorf("%d connections", opened.Load())
	}
}

// A loser is a driver whose first device is lost after some passes.
type loser struct {
	passes, opened atomic.Int64
}

func (l *loser) Devices() ([]backend.Info, error) { return []backend.Info{{Name: "loser:0"}}, nil }

func (l *loser) Open(int, backend.Options) (backend.Backend, error) {
	b, err := backend.Open("cpu", backend.Options{})
	return &lostDevice{b, l, l.opened.Add(1) == 1}, err
}

type lostDevice struct {
	backend.Backend
	l     *loser
	loses bool
}

func (d *lostDevice) Wait(ctx context.Context, t backend.Ticket) error {
	if d.loses && d.l.passes.Add(-1) < 0 {
		return fmt.Errorf("pass %d: %w", t, backend.ErrDeviceLost)
	}
	return d.Backend.Wait(ctx, t)
}

// A device that is lost is a pause for clients, and nothing else.
func TestLostDevice(t *testing.T) {
	l := &loser{}
	backend.Register("loser", l)
	l.passes.Store(1 << 40)
	m, err := falconmamba.OpenFS(context.Background(), tiny.FS(), &falconmamba.Options{Backend: "loser"})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	_, url, _, _ := listen(t, m, Options{})
	body := `{"prompt":"ROMEO:\n","max_tokens":60,"seed":1,"stream":%v}`
	text := func() (all string) {
		for _, p := range events[textAnswer](t, post(t, url+"/v1/completions", fmt.Sprintf(body, true))) {
			for _, c := range p.Choices {
				all += c.Text
			}
		}
		return all
	}
	want := text()
	l.passes.Store(12)
	if got := text(); got != want || m.Stats().Lost != 1 {
		t.Errorf("after %d losses %q, want %q", m.Stats().Lost, got, want)
	}
}

// A body that does not come, or is broken, keeps nobody from an answer, whether or not it is wanted.
func TestBodiesThatDoNotCome(t *testing.T) {
	_, url, _, _ := listen(t, openModel(t, engine.Options{}), Options{BodyTime: 200 * time.Millisecond})
	for _, x := range []struct{ head, body, want string }{
		{"POST /v1/completions", "", "408"},
		{"POST /v1/nothing", "", "404"},
		{"GET /v1/models", "", "200"},
		{"PUT /v1/completions", "", "405"},
		{"POST /v1/completions", "Transfer-Encoding: chunked\r\n\r\nZZ\r\n", "400"},
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		body := cmp.Or(x.body, "Content-Length: 100\r\n\r\n{")
		fmt.Fprintf(c, "%s HTTP/1.1\r\nHost: localhost\r\n%s", x.head, body)
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		a, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || !strings.HasPrefix(a.Status, x.want) {
			t.Errorf("%s, %q: %+v, %v; want %s", x.head, body, a, err, x.want)
		}
		c.Close()
	}
}
