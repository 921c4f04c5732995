package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"falconmamba/internal/clock"
	"falconmamba/internal/nearest"
)

// A call is one request while it is answered.
type call struct {
	s     *Server
	w     *recorder
	r     *http.Request
	ctx   context.Context // ends with the client, the server or the time that an answer may take
	id    string
	began clock.Time
	rest  string // of the path, behind a route that goes on

	dialect *dialect

	read, reused, made int // tokens of prompts, those of them that were known, and tokens written
	traced             Trace
}

// A route is what answers requests to a path.
type route struct {
	path string
	open bool                         // without a key, and while the server ends
	do   map[string]func(*call) error // by method
}

// route lists what the server answers.
func (s *Server) route() {
	s.routes = map[string]*route{}
	add := func(method string, do func(*call) error, paths ...string) {
		for _, path := range paths {
			r := s.routes[path]
			if r == nil {
				r = &route{path: path, do: map[string]func(*call) error{}}
				s.routes[path] = r
			}
			r.do[method] = do
		}
	}
	add("GET", (*call).models, "/v1/models", "/models")
	add("GET", (*call).model, "/v1/models/", "/models/")
	add("POST", (*call).chat, "/v1/chat/completions", "/chat/completions")
	add("POST", (*call).completions, "/v1/completions")
	add("POST", (*call).embeddings, "/v1/embeddings")
	add("POST", (*call).createResponse, "/v1/responses")
	add("POST", (*call).countInput, "/v1/responses/input_tokens")
	add("GET", (*call).response, "/v1/responses/")
	add("DELETE", (*call).deleteResponse, "/v1/responses/")
	add("POST", (*call).anthropicMessages, "/v1/messages")
	add("POST", (*call).anthropicCount, "/v1/messages/count_tokens")
	add("GET", (*call).ollamaVersion, "/api/version")
	add("GET", (*call).ollamaTags, "/api/tags")
	add("GET", (*call).ollamaPs, "/api/ps")
	add("POST", (*call).ollamaShow, "/api/show")
	add("POST", (*call).ollamaPull, "/api/pull")
	add("POST", (*call).ollamaChat, "/api/chat")
	add("POST", (*call).ollamaGenerate, "/api/generate")
	add("POST", (*call).ollamaEmbed, "/api/embed")
	add("POST", (*call).ollamaEmbeddings, "/api/embeddings")
	add("GET", (*call).health, "/health", "/v1/health")
	add("GET", (*call).props, "/props")
	add("GET", (*call).slots, "/slots")
	add("GET", (*call).metrics, "/metrics")
	add("POST", (*call).tokenize, "/tokenize")
	add("POST", (*call).detokenize, "/detokenize")
	add("POST", (*call).applyTemplate, "/apply-template")
	add("GET", (*call).root, "/")
	open := []string{"/health", "/v1/health", "/"}
	if !s.o.NoPage {
		add("GET", (*call).asset, "/page/")
		open = append(open, "/page/")
	}
	for _, path := range open {
		s.routes[path].open = true
	}
}

// method returns what answers a method, nil where nothing does.
func (r *route) method(name string) func(*call) error {
	if r == nil {
		return nil
	}
	if name == "HEAD" {
		name = "GET"
	}
	return r.do[name]
}

// find returns the route of a path, and what follows it.
func (s *Server) find(path string) (*route, string) {
	if r := s.routes[path]; r != nil && (path == "/" || !strings.HasSuffix(path, "/")) {
		return r, ""
	}
	// One that ends with / goes on.
	for at := range path {
		if r := s.routes[path[:at+1]]; at > 0 && path[at] == '/' && r != nil && at+1 < len(path) {
			return r, path[at+1:]
		}
	}
	return nil, ""
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, w: &recorder{ResponseWriter: w}, r: r, id: newID("req_"), began: clock.Now(),
		traced: Trace{Began: time.Now()}}
	c.dialect = s.dialect(r)
	c.w.Header().Set(c.dialect.id, c.id)
	ctx, cancel := context.WithTimeoutCause(r.Context(), s.o.RequestTime, errTime)
	defer cancel()
	ctx, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	defer context.AfterFunc(s.base, func() { cut(context.Cause(s.base)) })()
	c.ctx = ctx
	if r.ContentLength != 0 {
		c.await(s.o.BodyTime) // of who is refused too: what is left of a body is read before the answer goes out
	}
	route, rest := s.find(r.URL.Path)
	c.rest = rest
	do := route.method(r.Method)
	var err error
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = errors.New("its log says how")
			s.o.Logger.Error("a request made the server panic", "id", c.id, "panic", p, "stack", string(debug.Stack()))
		}
		c.end(route, err)
	}()
	if n := s.requests.Add(1); n > int64(s.o.MaxRequests) && (route == nil || !route.open) {
		err = tooMany("%d requests are being answered already: try again later", s.o.MaxRequests)
	}
	defer s.requests.Add(-1)
	if err != nil {
		return
	}
	var done bool
	if done, err = s.admit(c.w, r, route); done || err != nil {
		return
	}
	switch {
	case route == nil:
		err = s.unknown(r.URL.Path)
	case do == nil:
		methods := slices.Sorted(maps.Keys(route.do))
		c.w.Header().Set("Allow", strings.Join(methods, ", "))
		err = &apiError{status: http.StatusMethodNotAllowed, kind: invalidRequest, code: "method_not_allowed",
			message: fmt.Sprintf("%s takes %s, not %s", route.path, strings.Join(methods, " or "), abridged(r.Method))}
	case s.draining.Load() && !route.open:
		c.w.Header().Set("Connection", "close")
		err = errDraining
	default:
		err = do(c)
	}
}

// unknown is the error of a path that is none.
func (s *Server) unknown(path string) *apiError {
	short := abridged(path)
	return &apiError{status: http.StatusNotFound, kind: invalidRequest, code: "unknown_url",
		message: fmt.Sprintf("there is no %s here%s", short,
			nearest.Did("", path, s.paths()))}
}

// paths lists those that requests may have.
func (s *Server) paths() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.routes)), func(path string) bool {
		return strings.HasSuffix(path, "/")
	})
}

// end tells the client what went wrong, if anything did, and the log and the counters what was done.
func (c *call) end(route *route, err error) {
	var e *apiError
	if err != nil {
		e = told(c.ctx, err)
		if !c.w.begun {
			c.w.limit(c.s.o.WriteTime)
			c.fail(e)
		}
	}
	path := "other"
	if route != nil {
		path = route.path
	}
	status := c.w.status
	if e != nil {
		status = e.status
	}
	took := clock.Since(c.began)
	c.s.count.request(path, status, took, c.made > 0)
	c.log(path, status, e, took)
	c.trace(path, status, e)
}

// A recorder notes what is answered.
type recorder struct {
	http.ResponseWriter
	begun  bool
	status int
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	if !w.begun {
		w.begun, w.status = true, status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(data []byte) (int, error) {
	if !w.begun {
		w.begun, w.status = true, http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}

// reply answers with v.
func (c *call) reply(v any) error {
	c.w.limit(c.s.o.WriteTime)
	if err := reply(c.w, http.StatusOK, v); err != nil {
		if c.w.begun {
			return errGone
		}
		return err
	}
	return nil
}

// unlimit lets as much time pass as it takes to the next write: with HTTP/2 a limit counts meanwhile.
func (w *recorder) unlimit() {
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Time{})
}

// limit gives the client so long to take what is written next.
func (w *recorder) limit(most time.Duration) {
	// An error is one of writers without deadlines, as tests have.
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(most))
}
