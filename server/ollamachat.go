package server

import (
	"encoding/json"
	"slices"
	"time"

	"falconmamba"
	"falconmamba/internal/clock"
	"falconmamba/text/chat"
)

// An ollamaRequest is the body of /api/chat or /api/generate.
type ollamaRequest struct {
	turn
	chat    bool
	raw     bool    // the prompt is the whole text
	text    string  // of such a prompt
	context []int32 // what comes before
	load    bool    // there is nothing to answer
}

// ollamaRequest reads what both have.
func (s *Server) ollamaRequest(o *object, q *ollamaRequest) {
	s.ollamaModel(o)
	q.stream = ollamaStream(o)
	leave := ollamaKeep(o)
	in := o.object("options")
	if in == nil {
		in = o.within("options", json.RawMessage("{}"))
	}
	q.options = s.sampling(in, "stop")
	g := &q.options
	if n := in.integer("num_predict", -2, 1<<31-1); n != nil && *n <= 0 {
		g.MaxTokens = s.o.MaxTokens // as many as there may be
	} else {
		g.MaxTokens = s.limit(in, 0, 1, "num_predict")
	}
	ollamaLoading(in)
	in.refuse("tokens are drawn in other ways", []string{"mirostat"})
	in.refuse("tokens are drawn in other ways", []string{"typical_p", "tfs_z"}, "1", "1.0")
	in.ignore("mirostat_tau", "mirostat_eta")
	if n := in.integer("repeat_last_n", -1, 1<<31-1); n != nil && *n != -1 {
		in.fail(unsupported("options.repeat_last_n", "options.repeat_last_n is %d: want -1, since repetitions are "+
			"counted in the whole text", *n))
	}
	if in.has("penalize_newline") && !in.flag("penalize_newline") {
		in.fail(unsupported("options.penalize_newline", "options.penalize_newline false is not supported"))
	}
	if e := in.done(); e != nil {
		o.fail(e)
	}
	g.LogProbs = o.flag("logprobs")
	s.topLogProbs(o, g, "logprobs to be true")
	switch raw := o.raw("format"); {
	case raw == nil || string(raw) == `""`:
	case string(raw) == `"json"`:
		s.holdToSchema(o, g, "format", anyObject)
	case raw[0] == '{':
		s.holdToSchema(o, g, "format", raw)
	default:
		o.fail(invalid("format", "invalid_value", "format is %s: want json, or a JSON schema", abridged(string(raw))))
	}
	o.ignore("truncate", "shift") // a context has no end
	o.refuse("the model does not reason before it answers", []string{"think"})
	if q.load && leave {
		o.fail(unsupported("keep_alive", "keep_alive 0 is not supported: the model stays loaded"))
	}
}

// ollamaChat answers POST /api/chat.
func (c *call) ollamaChat() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	q := ollamaRequest{chat: true}
	for i, raw := range o.list("messages") {
		in := o.within(at("messages", i), raw)
		q.messages = append(q.messages, ollamaMessageOf(in))
		if e := in.done(); e != nil {
			return e
		}
	}
	q.load = len(q.messages) == 0
	c.s.ollamaRequest(o, &q)
	c.s.endOfTurn(&q.options)
	var t tools
	for i, raw := range toolList(o) {
		t.tool(o.within(at("tools", i), raw), raw)
	}
	parallel(o, &t) // as OpenAI's API has it, and the choice
	kind, name := choice(o)
	q.tools = c.s.holdToCalls(o, &q.options, t, kind, name)
	if bad := o.done(); bad != nil {
		return bad
	}
	return c.ollamaAnswer(q)
}

// ollamaMessageOf reads a message.
func ollamaMessageOf(o *object) (m chat.Message) {
	switch m.Role = o.text("role"); m.Role {
	case "system", "user", "assistant", "tool":
	case "":
		o.fail(invalid(o.path+"role", "missing_required_parameter", "%srole is missing", o.path))
	default:
		o.fail(invalid(o.path+"role", "invalid_value", "%srole is %q: want system, user, assistant or tool", o.path,
			abridged(m.Role)))
	}
	m.Content = o.text("content")
	m.Fields = map[string]any{}
	if id := o.text("tool_call_id"); id != "" {
		m.Fields["tool_call_id"] = id
	}
	if name := o.text("tool_name"); name != "" {
		m.Fields["name"] = name
	}
	var calls []any
	for i, raw := range o.list("tool_calls") {
		in := o.within(at(o.path+"tool_calls", i), raw)
		f := in.object("function")
		if f == nil {
			in.fail(invalid(in.path+"function", "missing_required_parameter", "%sfunction is missing", in.path))
			return m
		}
		arguments := f.spelled("arguments")
		if arguments == nil {
			arguments = json.RawMessage("{}")
		}
		f.ignore("index", "description")
		in.ignore("type")
		calls = append(calls, callOf(in.text("id"), required(f, "name"), string(arguments)))
		for _, x := range []*object{f, in} {
			if e := x.done(); e != nil {
				o.fail(e)
			}
		}
	}
	if calls != nil {
		m.Fields["tool_calls"] = calls
	}
	if m.Role != "assistant" {
		o.refuse("it is of assistants", []string{"tool_calls"})
	}
	o.refuse("this model reads texts alone", []string{"images"})
	o.ignore("thinking") // another model's, which clients send back
	return m
}

// ollamaGenerate answers POST /api/generate.
func (c *call) ollamaGenerate() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	s, q := c.s, ollamaRequest{}
	q.text = o.text("prompt")
	q.load = q.text == ""
	system := o.text("system")
	if q.raw = o.flag("raw"); s.chats.template == nil && system == "" {
		q.raw = true
	}
	if raw := o.raw("context"); raw != nil {
		q.context = o.ids("context", raw, s.m.Config().VocabSize)
	}
	if o.flag("raw") && (system != "" || len(q.context) > 0) {
		o.fail(invalid("raw", "invalid_value", "raw is not supported with system and context"))
	}
	s.ollamaRequest(o, &q)
	o.refuse("the model writes on, and fills no gaps", []string{"suffix"})
	o.refuse("the chat template is the server's", []string{"template"})
	o.refuse("this model reads and writes texts alone", []string{"images", "width", "height", "steps"})
	if bad := o.done(); bad != nil {
		return bad
	}
	if !q.raw {
		if system != "" {
			q.messages = append(q.messages, chat.Message{Role: "system", Content: system})
		}
		q.messages = append(q.messages, chat.Message{Role: "user", Content: q.text})
		s.endOfTurn(&q.options)
	}
	return c.ollamaAnswer(q)
}

// ollamaTask returns the task of a request.
func (c *call) ollamaTask(q ollamaRequest) (*task, error) {
	if !q.raw {
		t, err := c.one(q.turn)
		if err == nil && len(q.context) > 0 {
			t.prompts[0] = slices.Concat(q.context, c.s.chats.end, t.prompts[0])
		}
		return t, err
	}
	c.logText("prompt", q.text)
	ids, err := c.s.m.Encode(q.text)
	if err != nil {
		return nil, invalid("prompt", "invalid_value", "%v", err)
	}
	return &task{prompts: [][]int32{slices.Concat(q.context, ids)}, each: 1, options: q.options}, nil
}

// An ollamaPart is an answer, or a part of one that is streamed.
type ollamaPart struct {
	Model    string           `json:"model"`
	Created  time.Time        `json:"created_at"`
	Message  *ollamaMessage   `json:"message,omitempty"`  // of a chat
	Response *string          `json:"response,omitempty"` // of others
	LogProbs []contentLogProb `json:"logprobs,omitempty"`
	Done     bool             `json:"done"`
	Reason   string           `json:"done_reason,omitempty"`
	Context  []int32          `json:"context,omitempty"`
	*ollamaTimes
}

// ollamaTimes are what an answer took, in nanoseconds, and counts of its tokens.
type ollamaTimes struct {
	Total   time.Duration `json:"total_duration"`
	Load    time.Duration `json:"load_duration"`
	Read    int           `json:"prompt_eval_count"`
	Reading time.Duration `json:"prompt_eval_duration"`
	Written int           `json:"eval_count"`
	Writing time.Duration `json:"eval_duration"`
}

type ollamaMessage struct {
	Role    string       `json:"role"`
	Content string       `json:"content"`
	Calls   []ollamaCall `json:"tool_calls,omitempty"`
}

type ollamaCall struct {
	ID       string         `json:"id"`
	Function ollamaFunction `json:"function"`
}

type ollamaFunction struct {
	Index     int             `json:"index"`
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// ollamaPart returns a part of an answer with words.
func (c *call) ollamaPart(q ollamaRequest, words string) ollamaPart {
	p := ollamaPart{Model: c.s.ollamaName(), Created: time.Now().UTC()}
	if q.chat {
		p.Message = &ollamaMessage{Role: "assistant", Content: words}
	} else {
		p.Response = &words
	}
	return p
}

// ollamaCalls returns calls that are whole, the first of them counted from a number.
func ollamaCalls(from int, calls []*part) (all []ollamaCall) {
	for i, p := range calls {
		if arguments := p.text.String(); json.Valid([]byte(arguments)) {
			all = append(all, ollamaCall{p.id, ollamaFunction{from + i, p.name, json.RawMessage(arguments)}})
		}
	}
	return all
}

// ollamaAnswer answers.
func (c *call) ollamaAnswer(q ollamaRequest) error {
	if q.load {
		p := c.ollamaPart(q, "")
		p.Done, p.Reason = true, "load"
		return c.reply(p)
	}
	t, err := c.ollamaTask(q)
	if err != nil {
		return err
	}
	a := c.s.newSingle(q.tools, "call_")
	w := &ollamaWatch{single: a, began: clock.Now()}
	if q.stream {
		return c.stream(func(e *stream) error { return c.streamOllama(t, q, w, e) })
	}
	if err := c.run(t, w); err != nil {
		return err
	}
	p := c.ollamaEnd(t, q, w, a.said())
	p.LogProbs = a.probs
	if q.chat {
		p.Message.Calls = ollamaCalls(0, a.calls())
		c.logText("answer", asJSON(p.Message))
	} else {
		c.logText("text", *p.Response)
	}
	return c.reply(p)
}

// streamOllama sends an answer as it is written. A call is sent when it is whole.
func (c *call) streamOllama(t *task, q ollamaRequest, w *ollamaWatch, e *stream) error {
	sent := 0 // calls
	var probs []contentLogProb
	w.tell = func(p piece, more []contentLogProb) error {
		probs = append(probs, more...)
		part := c.ollamaPart(q, p.words)
		if p.words == "" {
			calls := ollamaCalls(sent, w.calls()[sent:])
			if calls == nil {
				return nil
			}
			sent += len(calls)
			part.Message.Calls = calls
		}
		part.LogProbs, probs = probs, nil
		return e.send("", part)
	}
	if err := c.run(t, w); err != nil {
		return err
	}
	last := c.ollamaEnd(t, q, w, "")
	last.LogProbs = append(probs, w.probs[w.told:]...)
	return e.send("", last)
}

// ollamaEnd returns the last part of an answer.
func (c *call) ollamaEnd(t *task, q ollamaRequest, w *ollamaWatch, words string) ollamaPart {
	now := clock.Now()
	p := c.ollamaPart(q, words)
	p.Done, p.Reason = true, *reason(w.why)
	if !q.chat && !q.raw {
		p.Context = slices.Concat(t.prompts[0], w.ids)
	}
	if w.first == 0 {
		w.first = now
	}
	p.ollamaTimes = &ollamaTimes{now.Sub(c.began), w.began.Sub(c.began), c.read, w.first.Sub(w.began), c.made,
		now.Sub(w.first)}
	return p
}

// An ollamaWatch notes when an answer's first token came.
type ollamaWatch struct {
	*single
	began, first clock.Time // first is 0 before it
}

func (w *ollamaWatch) token(text int, t falconmamba.Token) error {
	if w.first == 0 {
		w.first = clock.Now()
	}
	return w.single.token(text, t)
}
