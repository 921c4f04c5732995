package server

// An anthropicSpeaker sends an answer block by block: https://platform.claude.com/docs/en/build-with-claude/streaming.
type anthropicSpeaker struct {
	c     *call
	e     *stream
	begun bool
	block int  // the last that began, counted from 0; -1: none
	words bool // it is words
}

// An anthropicEvent is one of a stream: its parts depend on its type.
type anthropicEvent struct {
	Type    string            `json:"type"`
	Message *anthropicMessage `json:"message,omitempty"`
	Index   *int              `json:"index,omitempty"`
	Block   *anthropicBlock   `json:"content_block,omitempty"`
	Delta   any               `json:"delta,omitempty"`
	Usage   *anthropicUsage   `json:"usage,omitempty"`
}

type anthropicDelta struct {
	Type string  `json:"type"`
	Text *string `json:"text,omitempty"`
	JSON *string `json:"partial_json,omitempty"`
}

// streamAnthropic sends an answer as it is written.
func (c *call) streamAnthropic(t *task, q anthropicRequest, a *single, e *stream) error {
	s := &anthropicSpeaker{c: c, e: e, block: -1}
	a.tell = s.tell
	if err := c.run(t, a); err != nil {
		return err
	}
	if err := s.endBlock(); err != nil {
		return err
	}
	usage := c.anthropicUsage()
	if err := s.send(anthropicEvent{Type: "message_delta", Delta: q.end(a), Usage: &usage}); err != nil {
		return err
	}
	return s.send(anthropicEvent{Type: "message_stop"})
}

func (s *anthropicSpeaker) send(v anthropicEvent) error {
	if !s.begun {
		s.begun = true
		m := s.c.s.anthropicMessage(s.c.anthropicUsage())
		if err := s.e.send("message_start", anthropicEvent{Type: "message_start", Message: &m}); err != nil {
			return err
		}
	}
	return s.e.send(v.Type, v)
}

// tell sends what an answer grows by.
func (s *anthropicSpeaker) tell(p piece, _ []contentLogProb) error {
	switch {
	case p.name != "":
		return s.beginBlock(anthropicBlock{Type: "tool_use", ID: p.id, Name: p.name, Input: struct{}{}})
	case p.arguments != "":
		return s.delta(anthropicDelta{Type: "input_json_delta", JSON: &p.arguments})
	}
	if s.block < 0 || !s.words {
		if err := s.beginBlock(anthropicBlock{Type: "text", Text: new(string)}); err != nil {
			return err
		}
	}
	return s.delta(anthropicDelta{Type: "text_delta", Text: &p.words})
}

func (s *anthropicSpeaker) beginBlock(b anthropicBlock) error {
	if err := s.endBlock(); err != nil {
		return err
	}
	s.block++
	s.words = b.Type == "text"
	return s.send(anthropicEvent{Type: "content_block_start", Index: &s.block, Block: &b})
}

func (s *anthropicSpeaker) delta(d anthropicDelta) error {
	return s.send(anthropicEvent{Type: "content_block_delta", Index: &s.block, Delta: d})
}

func (s *anthropicSpeaker) endBlock() error {
	if s.block < 0 {
		return nil
	}
	return s.send(anthropicEvent{Type: "content_block_stop", Index: &s.block})
}
