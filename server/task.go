package server

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"falconmamba"
)

// A task is the texts that one request asks for: several of each of its prompts, in their order.
type task struct {
	id      int64
	began   time.Time
	prompts [][]int32
	head    string // the text of the prompt, where it is a conversation
	each    int    // texts of a prompt
	options falconmamba.GenerateOptions
	read    int          // tokens of all prompts
	written atomic.Int64 // tokens of all texts
}

// A sink takes what a task's texts come to. Texts are counted from 0. stop is the string that ended one, where one did.
type sink interface {
	token(text int, t falconmamba.Token) error
	end(text int, why falconmamba.StopReason, stop string) error
}

// run writes the texts of t.
func (c *call) run(t *task, to sink) (err error) {
	s := c.s
	for _, p := range t.prompts {
		t.read += len(p)
	}
	c.read += t.read
	s.begin(t)
	defer s.end(t)
	var reqs []falconmamba.Request
	known := make([]bool, len(t.prompts)) // how much of a prompt was
	reused := func(text int) {
		if i := text / t.each; !known[i] && text%t.each == 0 {
			known[i] = true
			c.reused += min(reqs[text].Session.Reused(), len(t.prompts[i]))
		}
	}
	defer func() {
		for i, r := range reqs {
			reused(i)
			r.Session.Close()
		}
	}()
	for _, prompt := range t.prompts {
		first, err := s.read(c.ctx, prompt, t.each)
		if err != nil {
			return err
		}
		for i := range t.each {
			session := first
			if i > 0 {
				if session, err = first.Fork(c.ctx); err != nil {
					return err
				}
			}
			o := t.options
			o.Sampling.Seed += uint64(i)
			reqs = append(reqs, falconmamba.Request{Session: session, Options: &o})
		}
	}
	c.traced.Texts, c.traced.Options = c.traced.Texts+len(reqs), t.options
	if c.traced.Asked.IsZero() {
		c.traced.Asked = time.Now()
	}
	told := make([]bool, len(reqs))
	ended := func() error {
		for i, r := range reqs {
			why := r.Session.StopReason()
			if told[i] || why == falconmamba.StopNone {
				continue
			}
			told[i] = true
			s.count.ended(why)
			c.traced.Finish = append(c.traced.Finish, *reason(why))
			if err := to.end(i, why, r.Session.StopString()); err != nil {
				return err
			}
		}
		return nil
	}
	for token, err := range s.m.GenerateBatch(c.ctx, reqs) {
		if err != nil {
			return err
		}
		reused(token.Index)
		if c.traced.First.IsZero() {
			c.traced.First, c.traced.Placed = time.Now(), reqs[token.Index].Session.Placed()
		}
		if token.ID >= 0 {
			c.made++
			t.written.Add(1)
		}
		if err := to.token(token.Index, token.Token); err != nil {
			return err
		}
		if err := ended(); err != nil {
			return err
		}
	}
	return ended()
}

// read returns a session with a prompt, which it reads if several texts follow it.
func (s *Server) read(ctx context.Context, prompt []int32, texts int) (*falconmamba.Session, error) {
	session, err := s.m.NewSession()
	if err != nil {
		return nil, err
	}
	if err = session.Append(prompt...); err == nil && texts > 1 && len(prompt) > 1 {
		err = session.Prefill(ctx, nil)
	}
	if err != nil {
		session.Close()
		return nil, err
	}
	return session, nil
}

// begin and end keep the list of tasks that run.
func (s *Server) begin(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.id, t.began = s.next, time.Now()
	s.next++
	s.tasks[t] = struct{}{}
}

func (s *Server) end(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tasks, t)
}

// inOrder returns the tasks that run, the oldest first. The caller holds mu.
func (s *Server) inOrder() []*task {
	return slices.SortedFunc(maps.Keys(s.tasks), func(a, b *task) int { return cmp.Compare(a.id, b.id) })
}
