package server

import (
	"bytes"
	"net/http"
	"strings"
)

// A dialect is how an API dresses what all of them have in common: its errors, and its streams.
type dialect struct {
	failure func(e *apiError, id string) any // the body of an error; id is the request's
	id      string                           // the header with a request's id
	mime    string                           // of a stream
	event   func(b *bytes.Buffer, name string, data []byte)
	late    string // the name of an event that is an error
	ping    string // what a stream without news has now and then; "": nothing
	end     string // of a stream that went well
}

// OpenAI's streams have events without names, and a mark at their end.
var openAI = &dialect{
	failure: func(e *apiError, _ string) any { return e.body() },
	id:      "X-Request-Id",
	mime:    sse,
	event:   event,
	ping:    comment,
	end:     "data: [DONE]\n\n",
}

// What server-sent events have: https://html.spec.whatwg.org/multipage/server-sent-events.html.
const (
	sse     = "text/event-stream; charset=utf-8"
	comment = ": still here\n\n"
)

func event(b *bytes.Buffer, name string, data []byte) {
	if name != "" {
		b.WriteString("event: " + name + "\n")
	}
	b.WriteString("data: ")
	b.Write(data)
	b.WriteString("\n\n")
}

// dialect returns that of a request. Models have the same paths in two APIs, whose clients differ by a header.
func (s *Server) dialect(r *http.Request) *dialect {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/"):
		return ollama
	case path == "/v1/responses" || strings.HasPrefix(path, "/v1/responses/"):
		return responses
	case strings.HasPrefix(path, "/v1/messages"),
		strings.HasPrefix(path, "/v1/models") && r.Header.Get("Anthropic-Version") != "":
		return anthropic
	}
	return openAI
}
