package server

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"falconmamba/engine/statecache"
	"falconmamba/text/chat"
)

// Responses that servers share are in a store, so that a conversation goes on on any of them. What this one answered is
// on its own shelf too, for when the store fails or has lost it.

// A sharedResponse is a kept one as the store has it.
type sharedResponse struct {
	Version  int             `json:"version"`
	Removed  bool            `json:"removed,omitempty"` // by a client: who has it on a shelf is to know
	Model    string          `json:"model,omitempty"`   // the fingerprint of that whose tokens the ids are
	Body     json.RawMessage `json:"body,omitempty"`
	Messages []sharedMessage `json:"messages,omitempty"`
	IDs      []byte          `json:"ids,omitempty"` // varints
	Head     []byte          `json:"head,omitempty"`
	HeadSize int             `json:"head_size,omitempty"`
}

// sharedVersion is that of what is written. Others are not read.
const sharedVersion = 1

// A sharedMessage is a chat.Message whose fields come back as they were.
type sharedMessage chat.Message

func (m *sharedMessage) UnmarshalJSON(data []byte) error {
	var in struct {
		Role    string                     `json:"role"`
		Content string                     `json:"content"`
		Fields  map[string]json.RawMessage `json:"fields"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*m = sharedMessage{Role: in.Role, Content: in.Content}
	if in.Fields == nil {
		return nil
	}
	m.Fields = map[string]any{}
	for name, raw := range in.Fields {
		var value any
		var err error
		if name == "tool_calls" {
			value, err = sharedCalls(raw)
		} else {
			err = json.Unmarshal(raw, &value)
		}
		if err != nil {
			return err
		}
		m.Fields[name] = value
	}
	return nil
}

// sharedCalls reads what callOf wrote.
func sharedCalls(raw json.RawMessage) (calls []any, err error) {
	var in []struct {
		ID       string `json:"id"`
		Function struct {
			Name      string          `json:"name"`
			Arguments json.RawMessage `json:"arguments"`
		} `json:"function"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	for _, c := range in {
		arguments := string(c.Function.Arguments)
		if len(arguments) > 0 && arguments[0] == '"' { // they were no JSON
			if err := json.Unmarshal(c.Function.Arguments, &arguments); err != nil {
				return nil, err
			}
		}
		calls = append(calls, callOf(c.ID, c.Function.Name, arguments))
	}
	return calls, nil
}

// shared returns what the store is to have of k.
func (s *Server) shared(k *kept) ([]byte, error) {
	print, err := s.m.Fingerprint()
	if err != nil {
		return nil, err
	}
	out := sharedResponse{Version: sharedVersion, Model: print, Body: k.body, Head: k.head[:], HeadSize: k.headSize}
	for _, m := range k.messages {
		out.Messages = append(out.Messages, sharedMessage(m))
	}
	for _, id := range k.ids {
		out.IDs = binary.AppendUvarint(out.IDs, uint64(id))
	}
	return []byte(asJSON(out)), nil
}

// errRemoved is what a response gets that a client has removed.
var errRemoved = errors.New("it was removed")

// unshared reads what shared wrote. Ids of another model are of no use here: their text is read anew.
func (s *Server) unshared(data []byte) (*kept, error) {
	var in sharedResponse
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	k := &kept{body: in.Body, headSize: in.HeadSize}
	if in.Version != sharedVersion || !in.Removed && len(in.Head) != len(k.head) {
		return nil, fmt.Errorf("a shared response of version %d: want %d", in.Version, sharedVersion)
	}
	if in.Removed {
		return nil, errRemoved
	}
	copy(k.head[:], in.Head)
	for _, m := range in.Messages {
		k.messages = append(k.messages, chat.Message(m))
	}
	print, err := s.m.Fingerprint()
	if err != nil || print != in.Model {
		return k, err
	}
	vocab := uint64(s.m.Config().VocabSize)
	for rest := in.IDs; len(rest) > 0; {
		id, n := binary.Uvarint(rest)
		if n <= 0 || id >= vocab {
			return nil, errors.New("a shared response with a token that is none")
		}
		k.ids, rest = append(k.ids, int32(id)), rest[n:]
	}
	return k, nil
}

// share has other servers go on from a response too, before its end is told: without it they could not, whereas a state
// that is lost costs time alone.
func (s *Server) share(ctx context.Context, id string, k *kept) {
	if s.o.Store == nil || s.o.Keep < 0 {
		return
	}
	data, err := s.shared(k)
	if err == nil {
		err = s.o.Store.Put(context.WithoutCancel(ctx), id, data)
	}
	s.storeFailed("a response was not shared", id, err)
}

// storeFailed counts and logs an error of the store, if it is one.
func (s *Server) storeFailed(what, id string, err error) {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return
	}
	s.count.unshared.Add(1)
	if !errors.Is(err, statecache.ErrPaused) { // whoever paused it has said why
		s.o.Logger.Warn(what, "response", abridged(id), "err", err)
	}
}

// findKept returns a response that is kept here or in the store, nil where there is none.
func (s *Server) findKept(ctx context.Context, id string) *kept {
	near := s.kept.get(id)
	if s.o.Store == nil || statecache.CheckName(id) != nil {
		return near
	}
	data, err := s.o.Store.Get(ctx, id)
	if err != nil {
		s.storeFailed("a response was not read", id, err)
		return near // the store has lost it, or may have it
	}
	k, err := s.unshared(data)
	switch {
	case errors.Is(err, errRemoved):
		s.kept.remove(id)
		return nil
	case err != nil:
		s.storeFailed("a response is of no use", id, err)
		return near
	}
	return k
}

// removeKept forgets a response everywhere, and reports whether there was one.
func (s *Server) removeKept(ctx context.Context, id string) (bool, error) {
	if s.findKept(ctx, id) == nil {
		return false, nil
	}
	s.kept.remove(id)
	if s.o.Store == nil || statecache.CheckName(id) != nil {
		return true, nil
	}
	gone := asJSON(sharedResponse{Version: sharedVersion, Removed: true})
	if err := s.o.Store.Put(context.WithoutCancel(ctx), id, []byte(gone)); err != nil {
		s.storeFailed("a response was not removed", id, err)
		e := &apiError{status: http.StatusServiceUnavailable, kind: serverError, code: "store_unavailable",
			message: "the response could not be removed from where servers share it: try again later"}
		return false, e
	}
	return true, nil
}
