package server

import (
	"strings"
	"unicode/utf8"

	"falconmamba"
)

// A textRequest is the body of /v1/completions:
// https://platform.openai.com/docs/api-reference/completions/create.
type textRequest struct {
	prompts       [][]int32
	texts         []string // of prompts, where they are to be echoed
	n             int
	stream, usage bool
	echo          bool
	options       falconmamba.GenerateOptions
}

// usualTokens is how long a completion is whose request does not say.
const usualTokens = 16

// maxTextLogProbs is how many of the likeliest tokens completions may ask for.
const maxTextLogProbs = 5

// textRequest reads it.
func (s *Server) textRequest(o *object) (q textRequest, err *apiError) {
	s.checkModel(o)
	q.echo = o.flag("echo")
	s.prompts(o, &q)
	q.options = s.sampling(o, "stop")
	g := &q.options
	least := 1
	if q.echo {
		least = 0 // the prompt alone
	}
	g.MaxTokens = s.limit(o, usualTokens, least, "max_tokens")
	if top := o.integer("logprobs", 0, maxTextLogProbs); top != nil {
		g.LogProbs, g.TopLogProbs = true, int(*top)
	}
	q.n = s.choices(o, len(q.prompts))
	if best := o.integer("best_of", 1, 128); best != nil && int(*best) != q.n {
		o.fail(unsupported("best_of", "best_of is %d: it is not supported but for n, which is %d", *best, q.n))
	}
	q.stream, q.usage = streamOptions(o)
	common(o)
	o.refuse("the model writes on, and fills no gaps", []string{"suffix"})
	return q, o.done()
}

// prompts reads prompt. Without one a text begins a document.
func (s *Server) prompts(o *object, q *textRequest) {
	var texts []string
	q.prompts, texts = s.encoded(o, "prompt", s.o.MaxChoices)
	for i, ids := range q.prompts {
		switch {
		case len(ids) == 0:
			o.fail(invalid("prompt", "invalid_value", "a prompt has no tokens: want one or more"))
			return
		case !q.echo:
		case texts != nil:
			q.texts = append(q.texts, texts[i])
		case s.m.Tokenizer() == nil:
			q.texts = append(q.texts, "")
		default:
			q.texts = append(q.texts, s.m.Tokenizer().Decode(ids, false))
		}
	}
}

// encoded reads a text or token ids, or an array of one or the other, at most so many. It returns their tokens, and
// texts where they are texts. One that is missing or empty is what a document begins with.
func (s *Server) encoded(o *object, name string, most int) (all [][]int32, texts []string) {
	raw := o.raw(name)
	switch first := firstOf(raw); {
	case raw == nil:
		texts = []string{""}
	case raw[0] == '"':
		texts = []string{o.text(name)}
	case raw[0] == '[' && first == '"':
		texts = o.texts(name, raw)
	case raw[0] == '[' && first == '[':
		for _, r := range o.list(name) {
			all = append(all, o.ids(name, r, s.m.Config().VocabSize))
		}
	case raw[0] == '[':
		all = [][]int32{o.ids(name, raw, s.m.Config().VocabSize)}
	default:
		o.wrong(name, raw, "a string, an array of strings, or of token ids")
	}
	if n := len(texts) + len(all); *o.err == nil && n > most {
		o.fail(invalid(name, "invalid_value", "%s has %d texts: want at most %d", name, n, most))
	}
	if *o.err != nil {
		return nil, nil
	}
	for _, text := range texts {
		ids, err := s.m.Encode(text)
		if err == nil && len(ids) == 0 {
			ids, err = s.beginning()
		}
		if err != nil {
			o.fail(invalid(name, "invalid_value", "%v", err))
			return nil, nil
		}
		all = append(all, ids)
	}
	return all, texts
}

// firstOf returns the first character of an array's first element.
func firstOf(raw []byte) byte {
	if len(raw) == 0 || raw[0] != '[' {
		return 0
	}
	rest := strings.TrimLeft(string(raw[1:min(len(raw), 1<<10)]), " \t\r\n")
	if rest == "" {
		return 0
	}
	return rest[0]
}

// beginning returns what a document begins with.
func (s *Server) beginning() ([]int32, error) {
	k := s.m.Tokenizer().Config()
	for _, token := range []string{k.BOS, k.EOS} {
		if id, ok := s.m.Tokenizer().ID(token); ok && token != "" && int(id) < s.m.Config().VocabSize {
			return []int32{id}, nil
		}
	}
	return nil, falconmamba.ErrEmpty
}

// completions answers POST /v1/completions.
func (c *call) completions() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	q, bad := c.s.textRequest(o)
	if bad != nil {
		return bad
	}
	for _, text := range q.texts {
		c.logText("prompt", text)
	}
	t := &task{prompts: q.prompts, each: q.n, options: q.options}
	if q.stream {
		return c.stream(func(e *stream) error { return c.streamText(t, q, e) })
	}
	count := len(q.prompts) * q.n
	texts := &texts{c: c, list: make([]textChoice, count), built: make([]strings.Builder, count),
		at: make([]int, count)}
	for i := range texts.list {
		l := &texts.list[i]
		l.Index = i
		if q.options.LogProbs {
			l.LogProbs = &textLogProbs{[]string{}, []*float64{}, []map[string]float64{}, []int{}}
		}
	}
	if err := c.write(t, q, texts); err != nil {
		return err
	}
	for i := range texts.list {
		texts.list[i].Text = texts.built[i].String()
		c.logText("text", texts.list[i].Text)
	}
	return c.reply(struct {
		head
		Choices []textChoice `json:"choices"`
		Usage   *usage       `json:"usage"`
	}{c.s.head("cmpl-", "text_completion"), texts.list, c.usage()})
}

// A textChoice is one text of several, whole or in part.
type textChoice struct {
	Index    int           `json:"index"`
	Text     string        `json:"text"`
	LogProbs *textLogProbs `json:"logprobs"`
	Finish   *string       `json:"finish_reason"`
}

// texts collects texts.
type texts struct {
	c     *call
	list  []textChoice
	built []strings.Builder
	at    []int // characters of each so far
}

func (a *texts) write(text int, s string) {
	a.built[text].WriteString(s)
	a.at[text] += utf8.RuneCountInString(s)
}

// prompt takes the prompt of a text, with the log-probabilities of its tokens where they are wanted.
func (a *texts) prompt(text int, prompt string, l *textLogProbs) error {
	a.write(text, prompt)
	if l != nil {
		*a.list[text].LogProbs = l.clone()
	}
	return nil
}

func (a *texts) token(text int, t falconmamba.Token) error {
	if l := a.list[text].LogProbs; l != nil && t.Probs != nil {
		l.add(a.c.s, t.ID, t.Probs, a.at[text])
	}
	a.write(text, t.Text)
	return nil
}

func (a *texts) end(text int, why falconmamba.StopReason, _ string) error {
	a.list[text].Finish = reason(why)
	return nil
}

// A textSink takes prompts too.
type textSink interface {
	sink
	prompt(text int, prompt string, l *textLogProbs) error
}

// write writes the texts of a request, after their prompts where these are wanted.
func (c *call) write(t *task, q textRequest, to textSink) error {
	for i, text := range q.texts {
		var l *textLogProbs
		if q.options.LogProbs {
			var err error
			if l, err = c.echoed(q.prompts[i], q.options.TopLogProbs); err != nil {
				return err
			}
		}
		for k := range q.n {
			if err := to.prompt(i*q.n+k, text, l); err != nil {
				return err
			}
		}
	}
	if q.options.MaxTokens > 0 {
		return c.run(t, to)
	}
	for i, ids := range q.prompts {
		c.read += len(ids)
		for k := range q.n {
			if err := to.end(i*q.n+k, falconmamba.StopLength, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// streamText sends texts as they are written.
func (c *call) streamText(t *task, q textRequest, e *stream) error {
	parts := &textParts{c: c, e: e, head: c.s.head("cmpl-", "text_completion"), at: make([]int, len(q.prompts)*q.n)}
	if err := c.write(t, q, parts); err != nil {
		return err
	}
	if !q.usage {
		return nil
	}
	return e.send("", textPart{parts.head, []textChoice{}, c.usage()})
}

// A textPart is an event of a stream of texts.
type textPart struct {
	head
	Choices []textChoice `json:"choices"`
	Usage   *usage       `json:"usage"` // of the last alone, where it is asked for
}

// textParts sends them.
type textParts struct {
	c    *call
	e    *stream
	head head
	at   []int // characters of each text so far
}

func (p *textParts) send(choice textChoice) error {
	p.at[choice.Index] += utf8.RuneCountInString(choice.Text)
	return p.e.send("", textPart{p.head, []textChoice{choice}, nil})
}

func (p *textParts) prompt(text int, prompt string, l *textLogProbs) error {
	return p.send(textChoice{Index: text, Text: prompt, LogProbs: l})
}

func (p *textParts) token(text int, t falconmamba.Token) error {
	choice := textChoice{Index: text, Text: t.Text}
	if t.Probs != nil {
		choice.LogProbs = &textLogProbs{}
		choice.LogProbs.add(p.c.s, t.ID, t.Probs, p.at[text])
	}
	if t.Text == "" && t.Probs == nil && p.c.s.m.Tokenizer() != nil {
		return nil // a part of a character
	}
	return p.send(choice)
}

func (p *textParts) end(text int, why falconmamba.StopReason, _ string) error {
	return p.send(textChoice{Index: text, Finish: reason(why)})
}
