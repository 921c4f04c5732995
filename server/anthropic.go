package server

import (
	"net/http"
	"time"

	"falconmamba"
)

// Anthropic's streams have events with names, and no mark at their end.
var anthropic = &dialect{
	failure: anthropicFailure,
	id:      "Request-Id",
	mime:    sse,
	event:   event,
	late:    "error",
	ping:    "event: ping\ndata: {\"type\":\"ping\"}\n\n",
}

// anthropicVersion is the first whose streams are as they are today.
const anthropicVersion = "2023-06-01"

// anthropicFailure returns an error as Anthropic's clients read it: https://platform.claude.com/docs/en/api/errors.
func anthropicFailure(e *apiError, id string) any {
	kind := "api_error"
	switch {
	case e.status == http.StatusUnauthorized:
		kind = "authentication_error"
	case e.status == http.StatusForbidden:
		kind = "permission_error"
	case e.status == http.StatusNotFound:
		kind = "not_found_error"
	case e.status == http.StatusRequestEntityTooLarge:
		kind = "request_too_large"
	case e.status == http.StatusTooManyRequests:
		kind = "rate_limit_error"
	case e.status == http.StatusServiceUnavailable:
		kind = "overloaded_error"
	case e.status == http.StatusGatewayTimeout:
		kind = "timeout_error"
	case e.status < 500:
		kind = "invalid_request_error"
	}
	type details struct {
		Code  string `json:"error_code"`
		Param string `json:"param,omitempty"`
	}
	type failure struct {
		Type    string   `json:"type"`
		Message string   `json:"message"`
		Details *details `json:"details,omitempty"`
	}
	f := failure{Type: kind, Message: e.message}
	if e.code != "" {
		f.Details = &details{e.code, e.param}
	}
	return struct {
		Type  string  `json:"type"`
		Error failure `json:"error"`
		ID    string  `json:"request_id"`
	}{"error", f, id}
}

// An anthropicCard is what Anthropic's clients are told of the model.
type anthropicCard struct {
	Type    string    `json:"type"`
	ID      string    `json:"id"`
	Name    string    `json:"display_name"`
	Created time.Time `json:"created_at"`
	Most    int       `json:"max_tokens"` // of an answer; what is read has no bound
}

func (s *Server) anthropicCard() anthropicCard {
	return anthropicCard{"model", s.o.Name, s.o.Name, time.Unix(s.created, 0).UTC(), s.o.MaxTokens}
}

// anthropicModels answers GET /v1/models to Anthropic's clients.
func (c *call) anthropicModels() error {
	return c.reply(struct {
		Data  []anthropicCard `json:"data"`
		More  bool            `json:"has_more"`
		First string          `json:"first_id"`
		Last  string          `json:"last_id"`
	}{[]anthropicCard{c.s.anthropicCard()}, false, c.s.o.Name, c.s.o.Name})
}

// An anthropicMessage is an answer: https://platform.claude.com/docs/en/api/messages.
type anthropicMessage struct {
	ID      string           `json:"id"`
	Type    string           `json:"type"`
	Role    string           `json:"role"`
	Model   string           `json:"model"`
	Content []anthropicBlock `json:"content"`
	anthropicEnd
	Usage anthropicUsage `json:"usage"`
}

// An anthropicEnd is why an answer ended.
type anthropicEnd struct {
	Reason *string `json:"stop_reason"`
	Stop   *string `json:"stop_sequence"`
}

// An anthropicBlock is a part of an answer: text, or tool_use.
type anthropicBlock struct {
	Type  string  `json:"type"`
	Text  *string `json:"text,omitempty"`
	ID    string  `json:"id,omitempty"`
	Name  string  `json:"name,omitempty"`
	Input any     `json:"input,omitempty"`
}

// An anthropicUsage counts tokens: those of a prompt that were read, and those that were known.
type anthropicUsage struct {
	Input   int `json:"input_tokens"`
	Created int `json:"cache_creation_input_tokens"`
	Cached  int `json:"cache_read_input_tokens"`
	Output  int `json:"output_tokens"`
}

func (c *call) anthropicUsage() anthropicUsage {
	return anthropicUsage{Input: c.read - c.reused, Cached: c.reused, Output: c.made}
}

func (s *Server) anthropicMessage(usage anthropicUsage) anthropicMessage {
	return anthropicMessage{ID: newID("msg_"), Type: "message", Role: "assistant", Model: s.o.Name,
		Content: []anthropicBlock{}, Usage: usage}
}

// end returns why an answer ended. A stop string of the checkpoint is the end of a turn like others.
func (q anthropicRequest) end(a *single) anthropicEnd {
	reason := "end_turn"
	switch {
	case a.asks(a.why):
		reason = "tool_use"
	case a.why == falconmamba.StopLength:
		reason = "max_tokens"
	case a.why == falconmamba.StopString && q.stops[a.stop]:
		reason = "stop_sequence"
		return anthropicEnd{&reason, &a.stop}
	}
	return anthropicEnd{Reason: &reason}
}

// anthropicMessages answers POST /v1/messages.
func (c *call) anthropicMessages() error {
	q, err := c.anthropicRequest()
	if err != nil {
		return err
	}
	t, err := c.one(q.turn)
	if err != nil {
		return err
	}
	a := c.s.newSingle(q.tools, "toolu_")
	if q.stream {
		return c.stream(func(e *stream) error { return c.streamAnthropic(t, q, a, e) })
	}
	if err := c.run(t, a); err != nil {
		return err
	}
	m := c.s.anthropicMessage(c.anthropicUsage())
	for _, p := range a.parts {
		text := p.text.String()
		b := anthropicBlock{Type: "text", Text: &text}
		if p.name != "" {
			b = anthropicBlock{Type: "tool_use", ID: p.id, Name: p.name, Input: asInput(text)}
		}
		m.Content = append(m.Content, b)
	}
	m.anthropicEnd = q.end(a)
	c.logText("answer", asJSON(m.Content))
	return c.reply(m)
}

// anthropicCount answers POST /v1/messages/count_tokens.
func (c *call) anthropicCount() error {
	q, err := c.anthropicRequest()
	if err != nil {
		return err
	}
	p, err := c.prompt(q.turn)
	if err != nil {
		return err
	}
	return c.reply(struct {
		Input int `json:"input_tokens"`
	}{len(p.ids)})
}
