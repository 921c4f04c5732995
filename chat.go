package falconmamba

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"falconmamba/internal/jsonerr"
	"falconmamba/text/chat"
	"falconmamba/text/tokenizer"
)

// ErrNoTemplate is returned where a checkpoint says nothing about conversations.
var ErrNoTemplate = errors.New("this model has no chat template, and no tokens of ChatML: " +
	"it is no chat model; give a template")

// ChatTemplate returns the checkpoint's chat template: ChatML where it has none
// but the tokens for it.
func (m *Model) ChatTemplate() (*chat.Template, error) {
	if m.tok == nil {
		return nil, m.noTok
	}
	source, err := m.tok.ChatTemplate()
	if err != nil {
		return nil, err
	}
	if source == "" {
		for _, token := range []string{"<|im_start|>", "<|im_end|>"} {
			if id, ok := m.tok.ID(token); !ok || !m.tok.IsSpecial(id) {
				return nil, ErrNoTemplate
			}
		}
		source = chat.ChatML
	}
	return chat.Parse(source)
}

// ApplyChatTemplate returns the text that the checkpoint's template makes of
// messages. addGenerationPrompt ends it where the answer begins. It is for
// reading: to encode it, use EncodeChat, which knows what a message must not
// forge.
func (m *Model) ApplyChatTemplate(ctx context.Context, messages []chat.Message, addGenerationPrompt bool) (
	string, error,
) {
	t, err := m.ChatTemplate()
	if err != nil {
		return "", err
	}
	return t.Apply(ctx, messages, m.chatOptions(addGenerationPrompt))
}

// EncodeChat returns the ids of messages in the checkpoint's template.
func (m *Model) EncodeChat(ctx context.Context, messages []chat.Message, addGenerationPrompt bool) ([]int32, error) {
	t, err := m.ChatTemplate()
	if err != nil {
		return nil, err
	}
	return m.EncodeChatAs(ctx, t, messages, addGenerationPrompt)
}

// EncodeChatAs is EncodeChat in another template than the checkpoint's.
func (m *Model) EncodeChatAs(ctx context.Context, t *chat.Template, messages []chat.Message,
	addGenerationPrompt bool) ([]int32, error) {
	if m.tok == nil {
		return nil, m.noTok
	}
	segments, err := t.Render(ctx, messages, m.chatOptions(addGenerationPrompt))
	if err != nil {
		return nil, err
	}
	return m.EncodeSegments(segments)
}

// EncodeSegments returns the ids of rendered messages. They are those of the
// whole text, but that special tokens are recognized in the template's own part
// of it alone: no message can end its turn and begin another.
func (m *Model) EncodeSegments(segments []chat.Segment) ([]int32, error) {
	if m.tok == nil {
		return nil, m.noTok
	}
	var o tokenizer.EncodeOptions
	at := 0
	for _, s := range segments {
		if s.Source != chat.FromTemplate {
			o.Plain = append(o.Plain, tokenizer.Span{From: at, To: at + len(s.Text)})
		}
		at += len(s.Text)
	}
	return m.encode(chat.Join(segments), o)
}

func (m *Model) chatOptions(addGenerationPrompt bool) chat.Options {
	c := m.tok.Config()
	return chat.Options{AddGenerationPrompt: addGenerationPrompt, BOS: c.BOS, EOS: c.EOS, PAD: c.PAD, UNK: c.UNK}
}

// ChatOptions say how a conversation begins.
type ChatOptions struct {
	// Template, if not nil, takes the place of the checkpoint's.
	Template *chat.Template
	// System, if not empty, is the first message, with the role system.
	System string
}

// A Chat is a conversation on one session. What was said is not read again: each
// turn adds to the state what the template puts behind the last answer. Only
// where a template words the past anew, by leaving out old turns say, the
// conversation is read from where it is another. Undo, other answers to the same
// message, and conversations that begin alike go on from states that the model
// keeps (Options.Engine.Cache). It belongs to one goroutine at a time.
type Chat struct {
	s        *Session
	o        ChatOptions
	messages []chat.Message
	head     string // the text up to the last answer; empty: nothing is read
	past     []turn
	end      []int32 // ids that end an answer, beside the checkpoint's
}

// A turn is what Undo goes back to.
type turn struct {
	messages int
	head     string
	tokens   int    // of the session's text; 0: the conversation is worded anew
	drawn    uint32 // of these
}

// NewChat begins a conversation.
func (m *Model) NewChat(o ChatOptions) (*Chat, error) {
	if o.Template == nil {
		var err error
		if o.Template, err = m.ChatTemplate(); err != nil {
			return nil, err
		}
	} else if m.tok == nil {
		return nil, m.noTok
	}
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	c := &Chat{s: s, o: o}
	c.begin()
	c.end = m.EndOfTurn(o.Template, c.messages...)
	return c, nil
}

// begin sets the messages that every conversation has.
func (c *Chat) begin() {
	c.messages, c.head, c.past = nil, "", nil
	if c.o.System != "" {
		c.messages = []chat.Message{{Role: "system", Content: c.o.System}}
	}
}

// EndOfTurn returns the special token that a template puts behind an answer, if it does. The model
// ends an answer with it, though not every generation_config.json says so. Messages are how
// conversations begin, for a template that wants more than a user's message.
func (m *Model) EndOfTurn(t *chat.Template, messages ...chat.Message) []int32 {
	if m.tok == nil {
		return nil
	}
	n := len(messages) + 1
	messages = append(slices.Clone(messages), chat.Message{Role: "user", Content: "x"},
		chat.Message{Role: "assistant", Content: "x"})
	segments, err := t.Render(context.Background(), messages, m.chatOptions(false))
	if err != nil {
		return nil // a template that wants more of messages than this
	}
	for i := len(segments) - 1; i >= 0; i-- {
		if segments[i].Source != n {
			continue
		}
		ids, err := m.EncodeSegments(segments[i+1:])
		if err != nil || len(ids) == 0 || !m.tok.IsSpecial(ids[0]) {
			return nil
		}
		return ids[:1]
	}
	return nil
}

func (c *Chat) render(ctx context.Context, messages []chat.Message, prompt bool) ([]chat.Segment, error) {
	return c.o.Template.Render(ctx, messages, c.s.m.chatOptions(prompt))
}

// Session returns the session below: its tokens, its StopReason. To change it is
// to confuse the conversation.
func (c *Chat) Session() *Session { return c.s }

// Messages returns what was said so far, which must not be changed.
func (c *Chat) Messages() []chat.Message { return c.messages }

// Say gives the user's next message and generates the answer, as
// Session.Generate does. An answer that is cut short, by the caller or by an
// error, is part of the conversation as far as it came; if none of it came,
// nothing was said.
func (c *Chat) Say(ctx context.Context, text string, o *GenerateOptions) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		before := turn{messages: len(c.messages), head: c.head}
		err := c.ask(ctx, text, &before)
		if err != nil {
			yield(Token{ID: -1}, err)
			return
		}
		var answer strings.Builder
		some, left := false, true
		keep := func() {
			c.messages = append(c.messages, chat.Message{Role: "assistant", Content: answer.String()})
			c.past = append(c.past, before)
		}
		defer func() {
			if left { // by a panic
				keep()
			}
		}()
		for t, e := range c.s.Generate(ctx, "", c.options(o)) {
			if err = e; err != nil {
				break
			}
			some = true
			answer.WriteString(t.Text)
			if !yield(t, nil) {
				break
			}
		}
		left = false
		if err != nil && !some {
			yield(Token{ID: -1}, errors.Join(err, c.back(before)))
			return
		}
		keep()
		if err != nil {
			yield(Token{ID: -1}, err)
		}
	}
}

// options adds the end of a turn to what ends a generation.
func (c *Chat) options(o *GenerateOptions) *GenerateOptions {
	var with GenerateOptions
	if o != nil {
		with = *o
	}
	if with.EOS == nil {
		with.EOS = append(c.s.m.eos(&with), c.end...)
	}
	return &with
}

// ask appends what the user's message adds to the text. It keeps the state
// before.
func (c *Chat) ask(ctx context.Context, text string, before *turn) error {
	messages := append(slices.Clone(c.messages), chat.Message{Role: "user", Content: text})
	segments, err := c.render(ctx, messages, true)
	if err != nil {
		return err
	}
	rest, ok := segments, false
	if c.head != "" {
		if rest, ok, err = c.behindAnswer(ctx, messages); err != nil {
			return err
		}
		before.tokens, before.drawn = len(c.s.Tokens()), c.s.seq.Drawn()
	}
	if !ok {
		rest = segments
	}
	ids, err := c.s.m.EncodeSegments(rest)
	if err != nil {
		return err
	}
	if err := c.s.seq.Usable(); err != nil {
		return err
	}
	if !ok {
		if err := c.s.Reset(); err != nil {
			return err
		}
		before.tokens = 0
		for i := range c.past {
			c.past[i].tokens = 0
		}
	}
	if err := c.s.Append(ids...); err != nil {
		return errors.Join(err, c.back(*before))
	}
	c.messages, c.head = messages, chat.Join(segments)
	return nil
}

// behindAnswer returns what the template puts behind the last answer, and
// whether what it puts before is what was read.
func (c *Chat) behindAnswer(ctx context.Context, messages []chat.Message) ([]chat.Segment, bool, error) {
	last := len(messages) - 2
	answer := messages[last].Content
	if strings.TrimSpace(answer) == "" {
		// Nothing of it would be there to find.
		answer = "x"
		messages = slices.Clone(messages)
		messages[last].Content = answer
	}
	segments, err := c.render(ctx, messages, true)
	if err != nil {
		return nil, false, err
	}
	if !strings.HasPrefix(chat.Join(segments), c.head) {
		return nil, false, nil
	}
	rest, ok := chat.Behind(segments, len(c.head), last, answer)
	return rest, ok, nil
}

// back goes to where a turn began.
func (c *Chat) back(t turn) error {
	c.messages, c.head = c.messages[:t.messages], t.head
	if t.tokens == 0 {
		c.head = ""
		return c.s.Reset()
	}
	return c.s.seq.Rewind(t.tokens, t.drawn)
}

// Undo takes the last message and its answer back. It reports whether there was
// one.
func (c *Chat) Undo() (bool, error) {
	n := len(c.past)
	if n == 0 {
		return false, nil
	}
	t := c.past[n-1]
	c.past = c.past[:n-1]
	return true, c.back(t)
}

// Reset begins the conversation anew.
func (c *Chat) Reset() error {
	if err := c.s.Reset(); err != nil {
		return err
	}
	c.begin()
	return nil
}

// Fork returns a second conversation that goes on from the same place.
func (c *Chat) Fork(ctx context.Context) (*Chat, error) {
	s, err := c.s.Fork(ctx)
	if err != nil {
		return nil, err
	}
	f := *c
	f.s, f.messages, f.past = s, slices.Clone(c.messages), slices.Clone(c.past)
	return &f, nil
}

// saved is a conversation in a state file.
type saved struct {
	Messages []chat.Message `json:"messages"`
	Head     string         `json:"head"`
}

// Save writes the conversation and its state to a file, which is a state file
// that Session.Load reads too.
func (c *Chat) Save(ctx context.Context, path string) error {
	n, err := c.s.Snapshot(ctx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(saved{c.messages, c.head})
	if err != nil {
		return err
	}
	n.chat = string(text)
	return n.Save(path)
}

// Load goes on from a conversation that Save wrote, with any template.
func (c *Chat) Load(ctx context.Context, path string) error {
	n, err := c.s.m.LoadSnapshot(path)
	if err != nil {
		return err
	}
	if n.chat == "" {
		return fmt.Errorf("%s: the state of a text, not of a conversation", path)
	}
	var s saved
	if err := json.Unmarshal([]byte(n.chat), &s); err != nil {
		return fmt.Errorf("%s: a broken conversation: %w", path, jsonerr.Plain(err))
	}
	if k := len(s.Messages); s.Head != "" && (k < 2 || s.Messages[k-1].Role != "assistant") {
		return fmt.Errorf("%s: a broken conversation: it does not end with an answer", path)
	}
	if err := c.s.Restore(ctx, n); err != nil {
		return err
	}
	c.messages, c.head, c.past = s.Messages, s.Head, nil
	for i, m := range c.messages {
		if m.Role == "user" && i+1 < len(c.messages) && c.messages[i+1].Role == "assistant" {
			c.past = append(c.past, turn{messages: i})
		}
	}
	return nil
}

// Close frees the conversation's state. It must not be generating.
func (c *Chat) Close() error { return c.s.Close() }
