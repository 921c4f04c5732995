package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"falconmamba"
	"falconmamba/text/chat"
)

// OpenAI's responses have streams of their own: events with names, and the last tells how it went.
var responses = &dialect{
	failure: openAI.failure,
	id:      openAI.id,
	mime:    sse,
	event:   event,
	ping:    comment,
}

// A response is an answer: https://platform.openai.com/docs/api-reference/responses/object.
type response struct {
	ID           string            `json:"id"`
	Object       string            `json:"object"`
	Created      int64             `json:"created_at"`
	Completed    *int64            `json:"completed_at"`
	Status       string            `json:"status"`
	Background   bool              `json:"background"`
	Error        *responseError    `json:"error"`
	Incomplete   *incomplete       `json:"incomplete_details"`
	Instructions *string           `json:"instructions"`
	Most         *int              `json:"max_output_tokens"`
	Model        string            `json:"model"`
	Output       []responseItem    `json:"output"`
	Parallel     bool              `json:"parallel_tool_calls"`
	Previous     *string           `json:"previous_response_id"`
	Reasoning    *struct{}         `json:"reasoning"`
	Tier         string            `json:"service_tier"`
	Store        bool              `json:"store"`
	Temperature  float32           `json:"temperature"`
	Text         responseText      `json:"text"`
	Choice       json.RawMessage   `json:"tool_choice"`
	Tools        []json.RawMessage `json:"tools"`
	TopLogProbs  int               `json:"top_logprobs"`
	TopP         float32           `json:"top_p"`
	Truncation   string            `json:"truncation"`
	Usage        *responseUsage    `json:"usage"`
	User         *string           `json:"user"`
	Metadata     json.RawMessage   `json:"metadata"`
}

type responseError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type incomplete struct {
	Reason string `json:"reason"`
}

type responseText struct {
	Format json.RawMessage `json:"format"`
}

// A responseItem is a part of an answer: a message, or a function_call.
type responseItem struct {
	ID        string             `json:"id"`
	Type      string             `json:"type"`
	Status    string             `json:"status"`
	Role      string             `json:"role,omitempty"`
	Content   *[]responseContent `json:"content,omitempty"`
	CallID    string             `json:"call_id,omitempty"`
	Name      string             `json:"name,omitempty"`
	Arguments *string            `json:"arguments,omitempty"`
}

type responseContent struct {
	Type        string           `json:"type"`
	Text        string           `json:"text"`
	Annotations []struct{}       `json:"annotations"`
	LogProbs    []contentLogProb `json:"logprobs"`
}

// outputText is the content of a message.
func outputText(text string, probs []contentLogProb) responseContent {
	if probs == nil {
		probs = []contentLogProb{}
	}
	return responseContent{"output_text", text, []struct{}{}, probs}
}

// newItem returns the item that words, or where there is a name a call, begin.
func newItem(callID, name string) responseItem {
	if name != "" {
		return responseItem{ID: newID("fc_"), Type: "function_call", Status: "in_progress", CallID: callID, Name: name,
			Arguments: new(string)}
	}
	return responseItem{ID: newID("msg_"), Type: "message", Status: "in_progress", Role: "assistant",
		Content: &[]responseContent{}}
}

// ended returns an item with all of its text.
func (i responseItem) ended(status, text string, probs []contentLogProb) responseItem {
	i.Status = status
	if i.Type == "message" {
		i.Content = &[]responseContent{outputText(text, probs)}
	} else {
		i.Arguments = &text
	}
	return i
}

type responseUsage struct {
	Input   int           `json:"input_tokens"`
	Details inputDetails  `json:"input_tokens_details"`
	Output  int           `json:"output_tokens"`
	Out     outputDetails `json:"output_tokens_details"`
	Total   int           `json:"total_tokens"`
}

type inputDetails struct {
	Cached  int `json:"cached_tokens"`
	Written int `json:"cache_write_tokens"`
}

type outputDetails struct {
	Reasoning int `json:"reasoning_tokens"`
}

// ended notes what an answer came to.
func (r *response) ended(c *call, a *single) {
	now := time.Now().Unix()
	r.Completed, r.Status = &now, "completed"
	if a.why == falconmamba.StopLength {
		r.Completed, r.Status, r.Incomplete = nil, "incomplete", &incomplete{"max_output_tokens"}
	}
	r.Usage = &responseUsage{Input: c.read, Details: inputDetails{Cached: c.reused}, Output: c.made,
		Total: c.read + c.made}
}

// createResponse answers POST /v1/responses.
func (c *call) createResponse() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	q, bad := c.s.responseRequest(c.ctx, o)
	if bad != nil {
		return bad
	}
	t, err := c.one(q.turn)
	if err != nil {
		return err
	}
	a := c.s.newSingle(q.tools, "call_")
	if q.stream {
		return c.stream(func(e *stream) error { return c.streamResponse(t, q, a, e) })
	}
	if err := c.run(t, a); err != nil {
		return err
	}
	r := &q.response
	r.ended(c, a)
	for i, p := range a.parts {
		status := "completed"
		if i == len(a.parts)-1 {
			status = r.Status
		}
		item := newItem(p.id, p.name)
		r.Output = append(r.Output, item.ended(status, p.text.String(), a.probsOf(p)))
	}
	if len(a.parts) == 0 {
		r.Output = append(r.Output, newItem("", "").ended(r.Status, "", a.probs))
	}
	c.logText("answer", asJSON(r.Output))
	c.keep(q, t, a)
	return c.reply(r)
}

// probsOf returns the log-probabilities that a part has: those of words.
func (a *single) probsOf(p *part) []contentLogProb {
	if p.name == "" {
		return a.probs[:a.spoken]
	}
	return nil
}

// keep has others go on from a response, unless its request wants none of that.
func (c *call) keep(q responseRequest, t *task, a *single) {
	if !q.Store {
		return
	}
	answer := chat.Message{Role: "assistant", Content: a.said()}
	var calls []any
	for _, p := range a.calls() {
		calls = append(calls, callOf(p.id, p.name, p.text.String()))
	}
	if calls != nil {
		answer.Fields = map[string]any{"tool_calls": calls}
	}
	ids := slices.Concat(t.prompts[0], a.ids)
	if calls != nil && c.s.chats.knowsTools() || a.why == falconmamba.StopString {
		ids = nil // the text of these tokens is another than the template's
	}
	body, err := json.Marshal(q.response)
	if err != nil {
		return
	}
	said := append(slices.Clone(q.messages[q.instructed:]), answer)
	k := newKept(body, said, t.head, ids)
	c.s.kept.put(q.ID, k)
	c.s.share(c.ctx, q.ID, k)
}

// response answers GET /v1/responses/ID.
func (c *call) response() error {
	id, more, ok := strings.Cut(c.rest, "/")
	switch {
	case ok:
		return unsupported("", "/v1/responses/ID/%s is not supported: a response is read whole", abridged(more))
	case c.r.URL.Query().Get("stream") == "true":
		return unsupported("stream", "stream is not supported: what is kept is read whole")
	}
	k := c.s.findKept(c.ctx, id)
	if k == nil {
		return noResponse(id)
	}
	return c.reply(k.body)
}

// deleteResponse answers DELETE /v1/responses/ID.
func (c *call) deleteResponse() error {
	switch there, err := c.s.removeKept(c.ctx, c.rest); {
	case err != nil:
		return err
	case !there:
		return noResponse(c.rest)
	}
	return c.reply(struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Deleted bool   `json:"deleted"`
	}{c.rest, "response", true})
}

// countInput answers POST /v1/responses/input_tokens.
func (c *call) countInput() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	q, bad := c.s.responseRequest(c.ctx, o)
	if bad != nil {
		return bad
	}
	p, err := c.prompt(q.turn)
	if err != nil {
		return err
	}
	return c.reply(struct {
		Object string `json:"object"`
		Input  int    `json:"input_tokens"`
	}{"response.input_tokens", len(p.ids)})
}

func noResponse(id string) *apiError {
	e := invalid("id", "not_found", "there is no response %s here: it never was, or is kept no more", abridged(id))
	e.status = http.StatusNotFound
	return e
}
