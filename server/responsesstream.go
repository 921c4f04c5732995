package server

import "strings"

// A responseSpeaker sends a response item by item:
// https://platform.openai.com/docs/api-reference/responses-streaming.
type responseSpeaker struct {
	c    *call
	e    *stream
	r    *response
	next int // sequence_number

	item  *responseItem // that is open; nil: none
	text  strings.Builder
	probs []contentLogProb
}

// A responseEvent is one of a stream: its parts depend on its type.
type responseEvent struct {
	Type      string            `json:"type"`
	Number    int               `json:"sequence_number"`
	Response  *response         `json:"response,omitempty"`
	ItemID    string            `json:"item_id,omitempty"`
	Output    *int              `json:"output_index,omitempty"`
	Content   *int              `json:"content_index,omitempty"`
	Item      *responseItem     `json:"item,omitempty"`
	Part      *responseContent  `json:"part,omitempty"`
	Delta     *string           `json:"delta,omitempty"`
	Text      *string           `json:"text,omitempty"`
	LogProbs  *[]contentLogProb `json:"logprobs,omitempty"`
	Name      string            `json:"name,omitempty"`
	Arguments *string           `json:"arguments,omitempty"`
}

// streamResponse sends a response as it is written.
func (c *call) streamResponse(t *task, q responseRequest, a *single, e *stream) error {
	s := &responseSpeaker{c: c, e: e, r: &q.response}
	a.tell, e.failed = s.tell, s.failed
	if err := c.run(t, a); err != nil {
		return err
	}
	s.r.ended(c, a)
	if len(a.parts) == 0 {
		if err := s.begin("", ""); err != nil {
			return err
		}
	}
	if err := s.end(s.r.Status); err != nil {
		return err
	}
	c.keep(q, t, a)
	return s.send(responseEvent{Type: "response." + s.r.Status, Response: s.r})
}

// failed returns the events that tell of an error.
func (s *responseSpeaker) failed(e *apiError) []named {
	s.r.Status, s.r.Error = "failed", &responseError{e.kind, e.message}
	return s.numbered(responseEvent{Type: "response.failed", Response: s.r})
}

func (s *responseSpeaker) send(v responseEvent) error {
	for _, x := range s.numbered(v) {
		if err := s.e.send(x.name, x.v); err != nil {
			return err
		}
	}
	return nil
}

// numbered returns an event with its number, the first behind those that a response begins with.
func (s *responseSpeaker) numbered(v responseEvent) (all []named) {
	add := func(v responseEvent) {
		v.Number = s.next
		s.next++
		all = append(all, named{v.Type, v})
	}
	if s.next == 0 {
		begun := *s.r
		begun.Status, begun.Usage, begun.Incomplete, begun.Completed, begun.Error = "in_progress", nil, nil, nil, nil
		for _, name := range []string{"response.created", "response.in_progress"} {
			add(responseEvent{Type: name, Response: &begun})
		}
	}
	add(v)
	return all
}

// inItem sends an event of the open item.
func (s *responseSpeaker) inItem(v responseEvent) error {
	at := len(s.r.Output)
	v.Output = &at
	if v.Item == nil {
		v.ItemID = s.item.ID
		if s.item.Type == "message" {
			v.Content = new(int)
		}
	}
	return s.send(v)
}

// tell sends what an answer grows by.
func (s *responseSpeaker) tell(p piece, probs []contentLogProb) error {
	switch {
	case p.name != "":
		if err := s.end("completed"); err != nil {
			return err
		}
		return s.begin(p.id, p.name)
	case p.arguments != "":
		s.text.WriteString(p.arguments)
		return s.inItem(responseEvent{Type: "response.function_call_arguments.delta", Delta: &p.arguments})
	}
	if s.item == nil || s.item.Type != "message" {
		if err := s.end("completed"); err != nil {
			return err
		}
		if err := s.begin("", ""); err != nil {
			return err
		}
	}
	s.text.WriteString(p.words)
	s.probs = append(s.probs, probs...)
	probs = append([]contentLogProb{}, probs...)
	return s.inItem(responseEvent{Type: "response.output_text.delta", Delta: &p.words, LogProbs: &probs})
}

// begin sends that an item begins: a call, where there is a name, else words.
func (s *responseSpeaker) begin(callID, name string) error {
	item := newItem(callID, name)
	s.item = &item
	if err := s.inItem(responseEvent{Type: "response.output_item.added", Item: &item}); err != nil || name != "" {
		return err
	}
	part := outputText("", nil)
	return s.inItem(responseEvent{Type: "response.content_part.added", Part: &part})
}

// end sends that the open item is whole, if there is one.
func (s *responseSpeaker) end(status string) error {
	if s.item == nil {
		return nil
	}
	text := s.text.String()
	done := s.item.ended(status, text, s.probs)
	var last []responseEvent
	if s.item.Type == "message" {
		part := (*done.Content)[0]
		last = []responseEvent{{Type: "response.output_text.done", Text: &text, LogProbs: &part.LogProbs},
			{Type: "response.content_part.done", Part: &part}}
	} else {
		last = []responseEvent{{Type: "response.function_call_arguments.done", Name: done.Name, Arguments: &text}}
	}
	for _, v := range append(last, responseEvent{Type: "response.output_item.done", Item: &done}) {
		if err := s.inItem(v); err != nil {
			return err
		}
	}
	s.r.Output = append(s.r.Output, done)
	s.item, s.probs = nil, nil
	s.text.Reset()
	return nil
}
