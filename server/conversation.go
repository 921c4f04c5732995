package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"falconmamba"
	"falconmamba/text/chat"
)

// A conversation is how messages become a prompt.
type conversation struct {
	template *chat.Template // nil: the model has none
	why      error          // it has none
	end      []int32        // ids that end an answer beside the checkpoint's
	options  chat.Options
}

// errNoTokenizer is what is wrong with a model that takes token ids alone.
var errNoTokenizer = errors.New("the model has no tokenizer")

func newConversation(m *falconmamba.Model, t *chat.Template) (c conversation, err error) {
	if c.template = t; t == nil {
		c.template, err = m.ChatTemplate()
	}
	if errors.Is(err, falconmamba.ErrNoTemplate) || m.Tokenizer() == nil {
		c.template, c.why = nil, cmp.Or(err, errNoTokenizer)
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.end = m.EndOfTurn(c.template)
	k := m.Tokenizer().Config()
	c.options = chat.Options{AddGenerationPrompt: true, BOS: k.BOS, EOS: k.EOS, PAD: k.PAD, UNK: k.UNK}
	return c, nil
}

// render returns the text of messages, with the functions that an answer may call.
func (c *conversation) render(ctx context.Context, messages []chat.Message, t tools) ([]chat.Segment, error) {
	if c.template == nil {
		return nil, unsupported("messages", "chats are not supported: %v; use /v1/completions",
			c.why)
	}
	o := c.options
	if c.knowsTools() {
		o.Tools = t.list
	}
	segments, err := c.template.Render(ctx, c.worded(messages, t), o)
	if err != nil && ctx.Err() == nil {
		return nil, invalid("messages", "invalid_value", "the chat template refuses the messages: %v", err)
	}
	return segments, err
}

// worded returns messages as the template reads them.
func (c *conversation) worded(messages []chat.Message, t tools) []chat.Message {
	if c.knowsTools() {
		return messages
	}
	return spelledOut(messages, t)
}

// messages reads the messages of a conversation.
func messages(o *object) (all []chat.Message) {
	raws := o.list("messages")
	if len(raws) == 0 {
		o.fail(invalid("messages", "missing_required_parameter", "messages are missing: want one or more"))
	}
	for i, raw := range raws {
		if *o.err != nil {
			return nil
		}
		all = append(all, message(o.within(at("messages", i), raw)))
	}
	return all
}

// message reads one message.
func message(o *object) (m chat.Message) {
	switch m.Role = o.text("role"); m.Role {
	case "system", "user", "assistant", "tool":
	case "developer":
		m.Role = "system"
	case "function":
		o.fail(unsupported(o.path+"role", "%srole is function, which is not supported: want tool", o.path))
	case "":
		o.fail(invalid(o.path+"role", "missing_required_parameter", "%srole is missing", o.path))
	default:
		o.fail(invalid(o.path+"role", "invalid_value", "%srole is %q: want system, developer, user, assistant or tool",
			o.path, abridged(m.Role)))
	}
	switch raw := o.raw("content"); {
	case raw == nil && m.Role != "assistant":
		o.fail(invalid(o.path+"content", "missing_required_parameter", "%scontent is missing", o.path))
	case raw != nil && raw[0] == '[':
		m.Content = parts(o)
	default:
		m.Content = o.text("content")
	}
	m.Fields = map[string]any{}
	if name := o.text("name"); name != "" {
		m.Fields["name"] = name
	}
	if m.Role == "tool" {
		if m.Fields["tool_call_id"] = o.text("tool_call_id"); m.Fields["tool_call_id"] == "" {
			o.fail(invalid(o.path+"tool_call_id", "missing_required_parameter", "%stool_call_id is missing", o.path))
		}
	}
	if m.Role == "assistant" {
		if calls := toolCalls(o); calls != nil {
			m.Fields["tool_calls"] = calls
		}
	}
	// What answers have, and clients send back.
	o.refuse("it was replaced by tools", []string{"function_call"})
	if m.Role != "assistant" {
		o.refuse("it is of assistants", []string{"tool_calls"})
	}
	if m.Role != "tool" {
		o.refuse("it is of tools", []string{"tool_call_id"})
	}
	o.refuse("messages are texts", []string{"audio", "images"})
	o.ignore("refusal", "annotations", "reasoning_content", "reasoning")
	if e := o.done(); e != nil {
		o.fail(e)
	}
	return m
}

// parts reads a message's content in parts, which have to be texts.
func parts(o *object) string {
	var texts []string
	for i, raw := range o.list("content") {
		p := o.within(at(o.path+"content", i), raw)
		switch kind := p.text("type"); {
		case kind == "text" && p.has("text"):
			texts = append(texts, p.text("text"))
		case kind == "text" || kind == "":
			p.fail(invalid(p.path+"text", "missing_required_parameter", "%stype and text are wanted", p.path))
		default:
			p.fail(unsupported(p.path+"type", "%stype is %q: this model reads texts alone", p.path, abridged(kind)))
		}
		p.ignore("cache_control")
		if e := p.done(); e != nil {
			o.fail(e)
			return ""
		}
	}
	return strings.Join(texts, "\n")
}

// A prompt is what a turn's messages become.
type prompt struct {
	head string // the text up to the answer
	ids  []int32
}

// prompt returns a turn's messages up to where the model goes on. What goes on from an answer that is kept has the very
// tokens that were written, as long as the template words what was before as it did.
func (c *call) prompt(q turn) (p prompt, err error) {
	segments, err := c.s.chats.render(c.ctx, q.messages, q.tools)
	if err != nil {
		return p, err
	}
	if c.s.o.LogTexts {
		text, _ := json.Marshal(q.messages)
		c.logText("messages", string(text))
	}
	if q.begun != "" {
		segments = append(segments, chat.Segment{Text: q.begun, Source: len(q.messages)})
	}
	p.head = chat.Join(segments)
	if q.past != nil {
		words := c.s.chats.worded(q.messages, q.tools)
		last := len(words) - 1 - q.fresh
		if rest, ok := q.past.behind(segments, last, words[last].Content); ok {
			segments, p.ids = rest, slices.Clone(q.past.ids)
		}
	}
	ids, err := c.s.m.EncodeSegments(segments)
	if err != nil {
		return p, invalid("messages", "invalid_value", "%v", err)
	}
	p.ids = append(p.ids, ids...)
	return p, nil
}
