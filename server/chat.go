package server

import (
	"slices"

	"falconmamba"
	"falconmamba/backend/sampling"
	"falconmamba/text/chat"
)

// A chatRequest is the body of /v1/chat/completions:
// https://platform.openai.com/docs/api-reference/chat/create.
type chatRequest struct {
	messages      []chat.Message
	tools         tools
	n             int
	stream, usage bool
	options       falconmamba.GenerateOptions
}

// chatRequest reads it.
func (s *Server) chatRequest(o *object) (q chatRequest, err *apiError) {
	s.checkModel(o)
	q.messages = messages(o)
	q.options = s.sampling(o)
	g := &q.options
	g.MaxTokens = s.limit(o, 0, 1, "max_tokens", "max_completion_tokens")
	g.LogProbs = o.flag("logprobs")
	if top := o.integer("top_logprobs", 0, sampling.MaxLogProbs); top != nil && *top > 0 {
		if !g.LogProbs {
			o.fail(invalid("top_logprobs", "invalid_value", "top_logprobs wants logprobs to be true"))
		}
		g.TopLogProbs = int(*top)
	}
	if g.EOS == nil {
		g.EOS = slices.Concat(s.eos(), s.chats.end)
	}
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

// eos returns the ids by which the checkpoint ends a text.
func (s *Server) eos() (ids []int32) {
	for _, id := range s.m.Generation().EOSTokenIDs {
		if id >= 0 && id < s.m.Config().VocabSize {
			ids = append(ids, int32(id))
		}
	}
	return ids
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
	ids, err := c.prompt(q.messages, q.tools)
	if err != nil {
		return err
	}
	t := &task{prompts: [][]int32{ids}, each: q.n, options: q.options}
	if q.stream {
		return c.stream(func(e *stream) error { return c.streamChat(t, q, e) })
	}
	answers := &chatAnswers{s: c.s, list: make([]chatChoice, q.n), texts: make([]*written, q.n)}
	for i := range answers.list {
		answers.list[i].Index = i
		answers.texts[i] = newWritten(q.tools)
		if q.options.LogProbs {
			answers.list[i].LogProbs = &chatLogProbs{Content: []contentLogProb{}}
		}
	}
	if err := c.run(t, answers); err != nil {
		return err
	}
	for i := range answers.list {
		answers.list[i].Message = answers.texts[i].finish()
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

func (a *chatAnswers) end(text int, why falconmamba.StopReason) error {
	a.list[text].Finish = a.texts[text].reason(why)
	return nil
}

// streamChat sends answers as they are written.
func (c *call) streamChat(t *task, q chatRequest, e *stream) error {
	parts := &chatParts{c: c, e: e, head: c.s.head("chatcmpl-", "chat.completion.chunk"), begun: make([]bool, q.n)}
	for range q.n {
		parts.texts = append(parts.texts, newWritten(q.tools))
	}
	if err := c.run(t, parts); err != nil {
		return err
	}
	if !q.usage {
		return nil
	}
	return e.send(chatPart{parts.head, []chatChoice{}, c.usage()})
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
		if err := p.e.send(chatPart{head: p.head, Choices: []chatChoice{first}}); err != nil {
			return err
		}
	}
	return p.e.send(chatPart{head: p.head, Choices: []chatChoice{choice}})
}

func (p *chatParts) token(text int, t falconmamba.Token) error {
	if t.Text == "" && t.Probs == nil {
		return nil // a part of a character
	}
	for _, d := range p.texts[text].deltas(t.Text) {
		choice := chatChoice{Index: text, Delta: &d}
		if t.Probs != nil {
			choice.LogProbs = &chatLogProbs{Content: []contentLogProb{p.c.s.contentLogProb(t)}}
		}
		if err := p.send(choice); err != nil {
			return err
		}
	}
	return nil
}

func (p *chatParts) end(text int, why falconmamba.StopReason) error {
	w := p.texts[text]
	if rest := w.rest(); rest != "" {
		if err := p.send(chatChoice{Index: text, Delta: &chatDelta{Content: &rest}}); err != nil {
			return err
		}
	}
	return p.send(chatChoice{Index: text, Delta: &chatDelta{}, Finish: w.reason(why)})
}
