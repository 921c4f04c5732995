package server

import (
	"slices"

	"falconmamba"
	"falconmamba/text/chat"
)

// A turn is what a request for one answer comes to, whatever its API.
type turn struct {
	messages []chat.Message
	begun    string // what the answer begins with
	tools    tools
	options  falconmamba.GenerateOptions
	stream   bool

	past  *kept // what the conversation goes on from, if not nil
	fresh int   // messages behind it
}

// A single is the one answer that a request asks for, as it is written.
type single struct {
	*written
	s     *Server
	ids   []int32
	probs []contentLogProb
	why   falconmamba.StopReason
	stop  string // the string that ended it, where one did
	// tell, if not nil, is told what the answer grows by, with the log-probabilities of the tokens since it was last.
	tell   func(piece, []contentLogProb) error
	told   int // log-probabilities that it was
	spoken int // log-probabilities of words, without those of calls behind them
}

// newSingle returns an answer whose calls' ids have a prefix.
func (s *Server) newSingle(t tools, prefix string) *single {
	return &single{s: s, written: newWritten(t, prefix), probs: []contentLogProb{}}
}

func (a *single) token(_ int, t falconmamba.Token) error {
	if t.ID >= 0 {
		a.ids = append(a.ids, t.ID)
	}
	if t.Probs != nil {
		a.probs = append(a.probs, a.s.contentLogProb(t))
	}
	return a.say(a.push(t.Text))
}

func (a *single) end(_ int, why falconmamba.StopReason, stop string) error {
	a.why, a.stop = why, stop
	return a.say(a.finish())
}

func (a *single) say(pieces []piece) error {
	if slices.ContainsFunc(pieces, func(p piece) bool { return p.words != "" }) {
		a.spoken = len(a.probs)
	}
	if a.tell == nil {
		return nil
	}
	for _, p := range pieces {
		if err := a.tell(p, a.probs[a.told:]); err != nil {
			return err
		}
		a.told = len(a.probs)
	}
	return nil
}

// one returns the task of a turn.
func (c *call) one(q turn) (*task, error) {
	p, err := c.prompt(q)
	if err != nil {
		return nil, err
	}
	return &task{head: p.head, prompts: [][]int32{p.ids}, each: 1, options: q.options}, nil
}
