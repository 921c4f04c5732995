package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// A stream is an answer of events, as the request's dialect writes them. Its header goes out with the first event, so
// that what goes wrong before has its own status; where that takes long, a comment comes first, lest somebody on the
// way takes the connection for dead.
type stream struct {
	c *call
	// failed, if not nil, returns the events of an error that ends the stream, in place of the dialect's.
	failed func(*apiError) []named

	mu    sync.Mutex
	data  bytes.Buffer // of an event
	buf   bytes.Buffer // the event
	timer *time.Timer
	over  bool
	err   error // of the connection
}

// A named is an event and its name.
type named struct {
	name string
	v    any
}

// stream answers with the events that do sends, and their end.
func (c *call) stream(do func(*stream) error) error {
	s := &stream{c: c}
	s.mu.Lock()
	s.timer = time.AfterFunc(c.s.o.Ping, s.ping)
	s.mu.Unlock()
	defer s.stop()
	return s.close(do(s))
}

// stop ends the comments.
func (s *stream) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.timer.Stop()
}

// ping writes a comment where there was no news for a while.
func (s *stream) ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.err != nil {
		return
	}
	if ping := s.c.dialect.ping; ping != "" {
		s.write([]byte(ping))
		s.timer.Reset(s.c.s.o.Ping)
	}
}

// send writes v as an event, with a name where the dialect has names.
func (s *stream) send(name string, v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Reset(s.c.s.o.Ping)
	return s.event(name, v)
}

// event writes an event. The caller holds mu.
func (s *stream) event(name string, v any) error {
	s.data.Reset()
	e := json.NewEncoder(&s.data)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	s.buf.Reset()
	s.c.dialect.event(&s.buf, name, bytes.TrimSuffix(s.data.Bytes(), []byte("\n")))
	s.write(s.buf.Bytes())
	return s.err
}

// write writes and flushes. The caller holds mu.
func (s *stream) write(data []byte) {
	if s.err != nil {
		return
	}
	w := s.c.w
	w.limit(s.c.s.o.WriteTime)
	if !w.begun {
		h := w.Header()
		h.Set("Content-Type", s.c.dialect.mime)
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
	}
	if _, s.err = w.Write(data); s.err == nil {
		s.err = http.NewResponseController(w.ResponseWriter).Flush()
	}
	w.unlimit()
}

// close ends the stream: as the dialect's do, or with the error that ended it early. It returns what
// cannot be told in it.
func (s *stream) close(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true // a comment that waits for mu would come behind the end
	switch {
	case s.err != nil:
		return errGone
	case err != nil && !s.c.w.begun:
		return err
	case err != nil:
		e := told(s.c.ctx, err)
		if e == errGone {
			return e
		}
		last := []named{{s.c.dialect.late, s.c.failure(e)}}
		if s.failed != nil {
			last = s.failed(e)
		}
		for _, x := range last {
			if s.event(x.name, x.v) != nil {
				return errGone
			}
		}
		return e
	}
	if end := s.c.dialect.end; end != "" {
		s.write([]byte(end))
	}
	return nil
}
