package server

import (
	"container/list"
	"crypto/sha256"
	"encoding/json"
	"sync"
	"time"

	"falconmamba/text/chat"
)

// A kept is a response that others may go on from: texts and tokens, and no state. The state is one that the model
// keeps or not; without it the tokens are read again.
type kept struct {
	id       string
	body     json.RawMessage // as it was answered
	messages []chat.Message  // with the answer, without instructions
	ids      []int32         // of the prompt and the answer; nil: those of their text
	head     [sha256.Size]byte
	headSize int // bytes of the text up to the answer, whose hash is head
	size     int64
	end      time.Time
}

// newKept returns what is kept of a conversation whose prompt had a text.
func newKept(body []byte, messages []chat.Message, head string, ids []int32) *kept {
	k := &kept{body: body, messages: messages, ids: ids, head: sha256.Sum256([]byte(head)), headSize: len(head)}
	k.size = int64(len(body)) + 4*int64(len(ids)) + 512
	for _, m := range messages {
		k.size += int64(len(m.Role)+len(m.Content)) + 64
		if m.Fields != nil {
			k.size += int64(len(asJSON(m.Fields)))
		}
	}
	return k
}

// behind returns the segments behind the kept answer, which is message last and has words. It is not ok where the text
// before is worded in another way.
func (k *kept) behind(segments []chat.Segment, last int, words string) (rest []chat.Segment, ok bool) {
	text := chat.Join(segments)
	if k.ids == nil || len(text) < k.headSize || sha256.Sum256([]byte(text[:k.headSize])) != k.head {
		return nil, false
	}
	return chat.Behind(segments, k.headSize, last, words)
}

// A shelf has the responses that are kept: for a time since they were of use, and in so many bytes together.
type shelf struct {
	time time.Duration
	most int64
	now  func() time.Time

	mu    sync.Mutex
	byID  map[string]*list.Element
	order *list.List // of *kept, the one that was of use last at the end
	size  int64
}

func newShelf(keep time.Duration, most int64) *shelf {
	return &shelf{time: keep, most: most, now: time.Now, byID: map[string]*list.Element{}, order: list.New()}
}

// put keeps a response, unless it is too large for the shelf.
func (s *shelf) put(id string, k *kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.expire(); s.time < 0 || k.size > s.most {
		return
	}
	k.id, k.end = id, s.now().Add(s.time)
	s.byID[id] = s.order.PushBack(k)
	s.size += k.size
	for s.size > s.most {
		s.drop(s.order.Front())
	}
}

// get returns a response, nil where there is none.
func (s *shelf) get(id string) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	e := s.byID[id]
	if e == nil {
		return nil
	}
	k := e.Value.(*kept)
	k.end = s.now().Add(s.time)
	s.order.MoveToBack(e)
	return k
}

// remove forgets a response, and reports whether there was one.
func (s *shelf) remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	e := s.byID[id]
	if e != nil {
		s.drop(e)
	}
	return e != nil
}

// expire forgets those whose time is over, which come first. The caller holds mu.
func (s *shelf) expire() {
	for e := s.order.Front(); e != nil && s.now().After(e.Value.(*kept).end); e = s.order.Front() {
		s.drop(e)
	}
}

// drop forgets a response. The caller holds mu.
func (s *shelf) drop(e *list.Element) {
	k := s.order.Remove(e).(*kept)
	s.size -= k.size
	delete(s.byID, k.id)
}
