package server

import (
	"slices"

	"falconmamba"
)

// A chatRequest is the body of /v1/chat/completions:
// https://platform.openai.com/docs/api-reference/chat/create.
type chatRequest struct {
	turn
	n     int
	usage bool
}

// chatRequest reads it.
func (s *Server) chatRequest(o *object) (q chatRequest, err *apiError) {
	s.checkModel(o)
	q.messages = messages(o)
	q.options = s.sampling(o, "stop")
	g := &q.options
	g.MaxTokens = s.limit(o, 0, 1, "max_tokens", "max_completion_tokens")
	g.LogProbs = o.flag("logprobs")
	s.topLogProbs(o, g, "logprobs to be true")
	s.endOfTurn(g)
	q.n = s.choices(o, 1)
	q.stream, q.usage = streamOptions(o)
	s.responseFormat(o, g)
	q.tools = s.tools(o, g)
	common(o)
	o.refuse("it was replaced by tools", []string{"functions", "function_call"})
	o.refuse("answers are texts", []string{"modalities", "audio"}, `["text"]`)
	o.refuse("the model does not search", []string{"web_search_options"})
	o.refuse("the model does not reason before it answers", []string{"reasoning_effort", "reasoning"})
	o.refuse("answers are as long as the model makes them", []string{"verbosity"}, `"medium"`)
	o.refuse("there is no speculation by the client", []string{"prediction"})
	return q, o.done()
}

// endOfTurn has an answer end with its turn, unless its end is ignored.
func (s *Server) endOfTurn(g *falconmamba.GenerateOptions) {
	if g.EOS == nil {
		g.EOS = slices.Concat(s.m.EOS(), s.chats.end)
	}
}

// chat answers POST /v1/chat/completions.
func (c *call) chat() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	q, bad := c.s.chatRequest(o)
	if bad != nil {
		return bad
	}
	t, err := c.one(q.turn)
	if err != nil {
		return err
	}
	t.each = q.n
	if q.stream {
		return c.stream(func(e *stream) error { return c.streamChat(t, q, e) })
	}
	answers := &chatAnswers{s: c.s, list: make([]chatChoice, q.n), texts: make([]*written, q.n)}
	for i := range answers.list {
		answers.list[i].Index = i
		answers.texts[i] = newWritten(q.tools, "call_")
		if q.options.LogProbs {
			answers.list[i].LogProbs = &chatLogProbs{Content: []contentLogProb{}}
		}
	}
	if err := c.run(t, answers); err != nil {
		return err
	}
	for i := range answers.list {
		answers.list[i].Message = newChatMessage(answers.texts[i])
		c.logText("answer", asJSON(answers.list[i].Message))
	}
	return c.reply(struct {
		head
		Choices []chatChoice `json:"choices"`
		Usage   *usage       `json:"usage"`
	}{c.s.head("chatcmpl-", "chat.completion"), answers.list, c.usage()})
}

// A chatChoice is one answer of several, whole or in part.
type chatChoice struct {
	Index    int           `json:"index"`
	Message  *chatMessage  `json:"message,omitempty"`
	Delta    *chatDelta    `json:"delta,omitempty"`
	LogProbs *chatLogProbs `json:"logprobs"`
	Finish   *string       `json:"finish_reason"`
}

type chatMessage struct {
	Role      string     `json:"role"`
	Content   *string    `json:"content"`
	Refusal   *string    `json:"refusal"`
	ToolCalls []toolCall `json:"tool_calls,omitempty"`
}

// A toolCall is a call of a function, whole or in part.
type toolCall struct {
	Index    *int         `json:"index,omitempty"` // in streams
	ID       string       `json:"id,omitempty"`
	Type     string       `json:"type,omitempty"`
	Function functionCall `json:"function"`
}

type functionCall struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// newChatMessage returns an answer that is whole.
func newChatMessage(w *written) *chatMessage {
	content := w.said()
	m := &chatMessage{Role: "assistant", Content: &content}
	for _, c := range w.calls() {
		m.ToolCalls = append(m.ToolCalls, toolCall{ID: c.id, Type: "function",
			Function: functionCall{Name: c.name, Arguments: c.text.String()}})
	}
	if m.ToolCalls != nil && content == "" {
		m.Content = nil
	}
	return m
}

type chatDelta struct {
	Role      string     `json:"role,omitempty"`
	Content   *string    `json:"content,omitempty"`
	ToolCalls []toolCall `json:"tool_calls,omitempty"`
}

// chatAnswers collects answers.
type chatAnswers struct {
	s     *Server
	list  []chatChoice
	texts []*written
}

func (a *chatAnswers) token(text int, t falconmamba.Token) error {
	a.texts[text].push(t.Text)
	if l := a.list[text].LogProbs; l != nil && t.Probs != nil {
		l.Content = append(l.Content, a.s.contentLogProb(t))
	}
	return nil
}

func (a *chatAnswers) end(text int, why falconmamba.StopReason, _ string) error {
	a.texts[text].finish()
	a.list[text].Finish = chatReason(a.texts[text], why)
	return nil
}

// chatReason returns finish_reason.
func chatReason(w *written, why falconmamba.StopReason) *string {
	if w.asks(why) {
		calls := "tool_calls"
		return &calls
	}
	return reason(why)
}

// streamChat sends answers as they are written.
func (c *call) streamChat(t *task, q chatRequest, e *stream) error {
	parts := &chatParts{c: c, e: e, head: c.s.head("chatcmpl-", "chat.completion.chunk"), begun: make([]bool, q.n)}
	for range q.n {
		parts.texts = append(parts.texts, newWritten(q.tools, "call_"))
	}
	if err := c.run(t, parts); err != nil {
		return err
	}
	if !q.usage {
		return nil
	}
	return e.send("", chatPart{parts.head, []chatChoice{}, c.usage()})
}

// A chatPart is an event of a stream of answers.
type chatPart struct {
	head
	Choices []chatChoice `json:"choices"`
	Usage   *usage       `json:"usage"` // of the last alone, where it is asked for
}

// chatParts sends them.
type chatParts struct {
	c     *call
	e     *stream
	head  head
	begun []bool
	texts []*written
}

func (p *chatParts) send(choice chatChoice) error {
	if !p.begun[choice.Index] {
		p.begun[choice.Index] = true
		first := chatChoice{Index: choice.Index, Delta: &chatDelta{Role: "assistant", Content: new(string)}}
		if err := p.e.send("", chatPart{head: p.head, Choices: []chatChoice{first}}); err != nil {
			return err
		}
	}
	return p.e.send("", chatPart{head: p.head, Choices: []chatChoice{choice}})
}

func (p *chatParts) token(text int, t falconmamba.Token) error {
	if t.Text == "" && t.Probs == nil {
		return nil // a part of a character
	}
	var probs *chatLogProbs
	if t.Probs != nil {
		probs = &chatLogProbs{Content: []contentLogProb{p.c.s.contentLogProb(t)}}
	}
	pieces := p.texts[text].push(t.Text)
	if len(pieces) == 0 && probs != nil {
		pieces = []piece{{}} // a part of a character, or of what may become a call
	}
	for _, x := range pieces {
		if err := p.send(chatChoice{Index: text, Delta: x.delta(), LogProbs: probs}); err != nil {
			return err
		}
		probs = nil
	}
	return nil
}

// delta returns a piece as streams have it.
func (p piece) delta() *chatDelta {
	call := toolCall{Index: &p.call, ID: p.id, Function: functionCall{Name: p.name, Arguments: p.arguments}}
	switch {
	case p.name != "":
		call.Type = "function"
	case p.arguments == "":
		return &chatDelta{Content: &p.words}
	}
	return &chatDelta{ToolCalls: []toolCall{call}}
}

func (p *chatParts) end(text int, why falconmamba.StopReason, _ string) error {
	w := p.texts[text]
	for _, x := range w.finish() {
		if err := p.send(chatChoice{Index: text, Delta: x.delta()}); err != nil {
			return err
		}
	}
	return p.send(chatChoice{Index: text, Delta: &chatDelta{}, Finish: chatReason(w, why)})
}
