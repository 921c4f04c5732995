package main

// #include "cgo.h"
import "C"

import (
	"context"
	"unsafe"

	"falconmamba"
	"falconmamba/text/chat"
)

//export fm_model_encode
func fm_model_encode(h *C.fm_model, s *C.fm_utf8, out **C.int32_t, count *C.size_t, e *C.fm_error) C.fm_status {
	zero(out)
	zero(count)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil || count == nil {
			return invalid("ids or count is NULL: want where to store them")
		}
		words, err := want("text", s)
		if err != nil {
			return err
		}
		ids, err := m.Encode(words)
		if err != nil {
			return err
		}
		give(out, count, ids)
		return nil
	})
}

//export fm_model_decode
func fm_model_decode(h *C.fm_model, p *C.fm_ids, n C.size_t, out **C.char, size *C.size_t, e *C.fm_error) C.fm_status {
	zero(out)
	zero(size)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil || size == nil {
			return invalid("text or size is NULL: want where to store them")
		}
		ids, err := tokens("ids", p, n)
		if err != nil {
			return err
		}
		if m.Tokenizer() == nil {
			_, err := m.Encode("") // says why
			return err
		}
		if err := known(ids, m.Config().VocabSize); err != nil {
			return err
		}
		s := m.Tokenizer().Decode(ids, true)
		giveText(out, s)
		*size = C.size_t(len(s))
		return nil
	})
}

// known refuses ids that a model does not have.
func known(ids []int32, vocab int) error {
	for i, id := range ids {
		if id < 0 || int(id) >= vocab {
			return invalid("token %d is id %d: this model has ids 0 to %d", i, id, vocab-1)
		}
	}
	return nil
}

//export fm_model_render
func fm_model_render(h *C.fm_model, p *C.fm_const_message, n C.size_t, prompt C.int, out **C.char,
	e *C.fm_error) C.fm_status {
	zero(out)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil {
			return invalid("text is NULL: want where to store it")
		}
		given, err := array[C.fm_message]("messages", p, n)
		if err != nil {
			return err
		}
		messages := make([]chat.Message, len(given))
		for i, g := range given {
			if messages[i].Role, err = want("a message's role", (*C.fm_utf8)(g.role)); err != nil {
				return err
			}
			if messages[i].Content, err = want("a message's content", (*C.fm_utf8)(g.content)); err != nil {
				return err
			}
		}
		s, err := m.ApplyChatTemplate(context.Background(), messages, prompt != 0)
		if err != nil {
			return err
		}
		giveText(out, s)
		return nil
	})
}

// putMessages adds messages, as an array of pointers to them, and returns what sets these.
func putMessages(b *block, messages []chat.Message) (made func() **C.fm_message) {
	index := put(b, make([]unsafe.Pointer, len(messages)+1))
	type parts struct{ message, role, content offset }
	all := make([]parts, len(messages))
	for i, m := range messages {
		all[i] = parts{put(b, []C.fm_message{{}}), b.text(m.Role), b.text(m.Content)}
	}
	return func() **C.fm_message {
		p := (**C.fm_message)(b.at(index))
		for i, at := range all {
			m := (*C.fm_message)(b.at(at.message))
			m.role, m.content = b.str(at.role), b.str(at.content)
			unsafe.Slice(p, len(all))[i] = m
		}
		return p
	}
}
