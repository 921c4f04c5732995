package server

import (
	"net/http"
	"time"

	"falconmamba"
)

// A Trace is what a request came to and when, for whoever shows such things: Options.Trace is told of it at its end.
// Times are zero where it did not come so far.
type Trace struct {
	Header       http.Header // of the request, which may say what it is a part of
	Method, Path string      // Path as it is routed: "other" for one that is not
	Status       int
	Code         string // of the error, if it was one
	ID           string // of the request
	Model        string
	Operation    string // "chat", "text_completion" or "embeddings"; empty for others

	Began  time.Time // it came
	Asked  time.Time // its texts were given to the engine
	Placed time.Time // the first of them had a place
	First  time.Time // the first token was there
	Ended  time.Time

	Read, Reused, Written int      // tokens of prompts, those of them that were known, and tokens written
	Texts                 int      // that were asked for
	Finish                []string // what ended those that came to their end
	Options               falconmamba.GenerateOptions
}

// operations are those that traces tell apart, by path.
var operations = map[string]string{
	"/v1/chat/completions": "chat", "/chat/completions": "chat", "/v1/responses": "chat", "/v1/messages": "chat",
	"/api/chat": "chat", "/v1/completions": "text_completion", "/api/generate": "text_completion",
	"/v1/embeddings": "embeddings", "/api/embed": "embeddings", "/api/embeddings": "embeddings",
}

// trace tells of a request that is over, unless it is one that is asked all the time.
func (c *call) trace(path string, status int, e *apiError) {
	if c.s.o.Trace == nil || quiet(path) {
		return
	}
	t := &c.traced
	t.Header, t.Method, t.Path, t.Status, t.ID, t.Model = c.r.Header, c.r.Method, path, status, c.id, c.s.o.Name
	if c.r.Method == http.MethodPost {
		t.Operation = operations[path]
	}
	if e != nil {
		t.Code = e.code
	}
	t.Ended = time.Now()
	t.Read, t.Reused, t.Written = c.read, c.reused, c.made
	c.s.o.Trace(*t)
}

// quiet reports whether requests to a path come by the minute, whatever goes on.
func quiet(path string) bool {
	return path == "/health" || path == "/v1/health" || path == "/metrics" || path == "/page/"
}
