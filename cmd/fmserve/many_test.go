package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"falconmamba/engine/statecache/redis/redistest"
)

var manyFlag = flag.Bool("many", false, "TestMany has 100 conversations of 6 turns, behind haproxy")

// programEnv makes the test's binary fmserve.
const programEnv = "FM_TEST_PROGRAM"

// A process is an fmserve of its own.
type process struct {
	*exec.Cmd
	url  string // without /v1
	done chan error

	mu     sync.Mutex
	warned []string
}

// spawn starts one on a port of this machine.
func spawn(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0], append([]string{"--port", "0", "--backend", "cpu", "--precision", "f32",
		"--store-timeout", "1m"}, args...)...), done: make(chan error, 1)}
	p.Env = append(os.Environ(), programEnv+"=1")
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	var said strings.Builder
	for lines := bufio.NewScanner(stderr); p.url == "" && lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if _, url, ok := strings.Cut(lines.Text(), " at http"); ok {
			p.url = "http" + strings.TrimSuffix(url, "/v1")
		}
	}
	if p.url == "" {
		t.Fatalf("it does not listen: %s", &said)
	}
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if strings.Contains(lines.Text(), "level=WARN") || strings.Contains(lines.Text(), "level=ERROR") {
				p.mu.Lock()
				p.warned = append(p.warned, lines.Text())
				p.mu.Unlock()
			}
		}
		p.done <- p.Wait()
	}()
	return p
}

// addr returns where it listens.
func (p *process) addr() string { return strings.TrimPrefix(p.url, "http://") }

// A said is a turn of a conversation as a client has it.
type said struct {
	text                  string
	prompt, total, cached int // tokens
}

// A conversation is with a client who asks again whatever goes wrong.
type conversation struct {
	id    int
	route func(id, attempt int) string
	again *atomic.Int64 // times that it asked again
}

// words are what is said in a turn.
func (c conversation) words(turn int) string {
	return fmt.Sprintf("What is number %d of %d, and who was it that told you so, and when?", turn, c.id)
}

// talk has so many turns.
func (c conversation) talk(ctx context.Context, turns int, each func()) (all []said, err error) {
	previous, past := "", []string{}
	for turn := range turns {
		settings := fmt.Sprintf(`"seed":%d,"temperature":0.8,`, 100*c.id+turn)
		var path, body string
		if c.id%2 == 0 {
			path, body = "/v1/responses", fmt.Sprintf(`{"input":%q,%s"max_output_tokens":24,"previous_response_id":%s}`,
				c.words(turn), settings, previous)
			if previous == "" {
				body = strings.Replace(body, `,"previous_response_id":`, "", 1)
			}
		} else {
			past = append(past, fmt.Sprintf(`{"role":"user","content":%q}`, c.words(turn)))
			path, body = "/v1/chat/completions", fmt.Sprintf(`{%s"max_tokens":24,"messages":[%s]}`, settings,
				strings.Join(past, ","))
		}
		var got reply
		for attempt := 0; ; attempt++ {
			if got, err = ask(ctx, c.route(c.id, attempt)+path, body, c.id); err == nil {
				break
			}
			if attempt == 100 || errors.Is(err, errWrong) || ctx.Err() != nil {
				return nil, fmt.Errorf("conversation %d, turn %d: %w", c.id, turn, err)
			}
			c.again.Add(1)
			time.Sleep(50 * time.Millisecond)
		}
		text := got.text()
		previous = fmt.Sprintf("%q", got.ID)
		words, _ := json.Marshal(text)
		past = append(past, fmt.Sprintf(`{"role":"assistant","content":%s}`, words))
		all = append(all, said{text, got.Usage.prompt(), got.Usage.Total, got.Usage.cached()})
		each()
	}
	return all, nil
}

// A reply is what either API answers.
type reply struct {
	ID      string
	Choices []struct{ Message struct{ Content string } }
	Output  []struct{ Content []struct{ Text string } }
	Usage   replyUsage
}

type replyUsage struct {
	Prompt  int `json:"prompt_tokens"`
	Input   int `json:"input_tokens"`
	Total   int `json:"total_tokens"`
	Details struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	InputDetails struct {
		Cached int `json:"cached_tokens"`
	} `json:"input_tokens_details"`
}

func (u replyUsage) prompt() int { return u.Prompt + u.Input }
func (u replyUsage) cached() int { return u.Details.Cached + u.InputDetails.Cached }

func (r reply) text() (text string) {
	for _, c := range r.Choices {
		text += c.Message.Content
	}
	for _, o := range r.Output {
		for _, c := range o.Content {
			text += c.Text
		}
	}
	return text
}

// errWrong is an answer that asking again does not mend.
var errWrong = errors.New("the request is refused")

// ask sends a request; half of the clients say which conversation it belongs to.
func ask(ctx context.Context, url, body string, id int) (r reply, err error) {
	q, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(body))
	if err != nil {
		return r, err
	}
	q.Header.Set("Content-Type", "application/json")
	if id%4 < 2 {
		q.Header.Set("X-Session-Id", fmt.Sprint(id))
	}
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		return r, err
	}
	defer a.Body.Close()
	data, err := io.ReadAll(a.Body)
	switch {
	case err != nil:
		return r, err
	case a.StatusCode >= 500:
		return r, fmt.Errorf("%d: %s", a.StatusCode, data)
	case a.StatusCode != http.StatusOK:
		return r, fmt.Errorf("%w: %d: %s", errWrong, a.StatusCode, data)
	}
	return r, json.Unmarshal(data, &r)
}

// haproxy runs deploy/haproxy.cfg in front of servers, and returns its address.
func haproxy(t *testing.T, servers []*process) string {
	t.Helper()
	if _, err := exec.LookPath("haproxy"); err != nil {
		if strings.Contains(os.Getenv("FM_TEST_REQUIRE"), "haproxy") {
			t.Fatal("haproxy is not installed")
		}
		t.Skip("left out: haproxy is not installed (apt install haproxy)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	config, err := os.ReadFile("../../deploy/haproxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	pairs := []string{":8080", addr}
	for i, p := range servers {
		pairs = append(pairs, fmt.Sprintf("10.0.0.%d:11435", i+1), p.addr())
	}
	path := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(path, []byte(strings.NewReplacer(pairs...).Replace(string(config))), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	c := exec.Command("haproxy", "-db", "-f", path)
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for range 200 {
		if a, err := http.Get("http://" + addr + "/health"); err == nil {
			a.Body.Close()
			if a.StatusCode == http.StatusOK {
				return "http://" + addr
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("haproxy does not serve: %s", &said)
	return ""
}

// Of three servers one is killed and one ends while conversations go on: none is lost, each is as it would be alone, and
// no more is read anew than was not to be there yet.
func TestMany(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM")
	}
	conversations, turns := 8, 3
	if *manyFlag {
		conversations, turns = 100, 6
	}
	url, _, stop := start(t, "--precision", "f32", "--log", "none")
	alone := func(int, int) string { return strings.TrimSuffix(url, "/v1") }
	var want [][]said
	for id := range conversations {
		all, err := conversation{id, alone, new(atomic.Int64)}.talk(t.Context(), turns, func() {})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, all)
	}
	stop()
	for _, durable := range []string{"turn", "async"} {
		t.Run("folder "+durable, func(t *testing.T) {
			survives(t, want, durable, t.TempDir())
		})
		t.Run("redis "+durable, func(t *testing.T) {
			survives(t, want, durable, redistest.Start(t).URL())
		})
	}
}

// survives has the conversations on three servers that share a store.
func survives(t *testing.T, want [][]said, durable, store string) {
	var servers []*process
	for range 3 {
		servers = append(servers, spawn(t, "--store", store, "--durable", durable))
	}
	// Without haproxy a client finds another server by itself.
	route := func(id, attempt int) string {
		h := fnv.New32()
		fmt.Fprint(h, id)
		return servers[(int(h.Sum32()%3)+attempt)%3].url
	}
	if *manyFlag {
		front := haproxy(t, servers)
		route = func(int, int) string { return front }
	}
	total := int64(len(want) * len(want[0]))
	var done, again atomic.Int64
	var killed, ended sync.Once
	each := func() {
		n := done.Add(1)
		if n > total/3 {
			killed.Do(func() { _ = servers[0].Process.Kill() })
		}
		if n > 2*total/3 {
			ended.Do(func() { _ = servers[1].Process.Signal(syscall.SIGTERM) })
		}
	}
	got := make([][]said, len(want))
	room := make(chan struct{}, 16)
	var all sync.WaitGroup
	for id := range want {
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			var err error
			if got[id], err = (conversation{id, route, &again}).talk(t.Context(), len(want[id]), each); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	defer func() {
		for i, p := range servers {
			p.mu.Lock()
			if t.Failed() && len(p.warned) > 0 {
				t.Logf("server %d: %s", i, strings.Join(p.warned, "\n"))
			}
			p.mu.Unlock()
		}
	}()
	select {
	case err := <-servers[1].done:
		if err != nil {
			t.Errorf("the server that was to end: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("the server that was to end goes on")
	}
	most, anew := 0, 0
	for id, turns := range got {
		for turn, g := range turns {
			w := want[id][turn]
			if g.text != w.text || g.prompt != w.prompt {
				t.Fatalf("conversation %d, turn %d: %q after %d tokens, alone %q after %d", id, turn, g.text, g.prompt, w.text,
					w.prompt)
			}
			if id%2 != 0 || turn == 0 {
				continue // the tokens of a chat's answers may be others when they are sent back
			}
			// The last token of an answer is never read before the next turn.
			known := turns[turn-1].total - 1
			most = max(most, known-g.cached)
			anew += max(0, known-g.cached)
			if durable == "async" {
				if known = 0; turn > 1 {
					known = turns[turn-2].total - 1
				}
			}
			if g.cached < known {
				t.Errorf("conversation %d, turn %d: %d tokens are known, want %d", id, turn, g.cached, known)
			}
		}
	}
	t.Logf("%d turns, %d requests were sent anew by their clients; %d tokens of earlier turns were read anew, %d of one "+
		"conversation at most", done.Load(), again.Load(), anew, most)
	text := fetch(t, servers[2].url+"/metrics")
	for _, name := range []string{"store_failed_total", "store_responses_failed_total"} {
		if !strings.Contains(text, "falconmamba:"+name+" 0\n") {
			t.Errorf("%s is not 0", name)
		}
	}
}
