package main

// #include "cgo.h"
import "C"

import (
	"context"
	"iter"
	"sync"
	"unsafe"

	"falconmamba"
	"falconmamba/text/chat"
)

// A talk is a conversation. It is used by one thread at a time.
type talk struct {
	using     sync.Mutex
	m         *falconmamba.Model
	c         *falconmamba.Chat
	answering bool // between two tokens of an answer, where using may be free
}

// converse is the frame of functions on a conversation that is at rest.
func converse(h *C.fm_chat, e *C.fm_error, f func(t *talk) error) C.fm_status {
	return call(e, func() error {
		t, err := get[*talk](kindChat, uintptr(unsafe.Pointer(h)))
		if err != nil {
			return err
		}
		if !t.using.TryLock() {
			return errBusy
		}
		defer t.using.Unlock()
		if t.answering {
			return falconmamba.ErrBusy
		}
		return f(t)
	})
}

//export fm_chat_new
func fm_chat_new(h *C.fm_model, p *C.fm_const_chat_options, out **C.fm_chat, e *C.fm_error) C.fm_status {
	zero(out)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil {
			return invalid("chat is NULL: want where to store it")
		}
		c, done, err := options[C.fm_chat_options]("fm_chat_options", p)
		if err != nil {
			return err
		}
		defer done()
		var o falconmamba.ChatOptions
		if o.System, err = text("system", (*C.fm_utf8)(c.system)); err != nil {
			return err
		}
		source, err := text("chat_template", (*C.fm_utf8)(c.chat_template))
		if err != nil {
			return err
		}
		if c.chat_template != nil {
			if o.Template, err = chat.Parse(source); err != nil {
				return invalid("chat_template: %v", err)
			}
		}
		talked, err := m.NewChat(o)
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindChat, &talk{m: m, c: talked})
	})
}

//export fm_chat_free
func fm_chat_free(h *C.fm_chat) C.fm_status {
	return freed(remove(kindChat, uintptr(unsafe.Pointer(h)), func(t *talk) error { return t.c.Session().Close() }))
}

// writing returns the answer to a message.
func (t *talk) writing(p *C.fm_utf8, c *C.fm_const_generate_options) (writing, error) {
	message, err := want("text", p)
	if err != nil {
		return writing{}, err
	}
	ctx, o, err := generateOptions(t.m, c)
	if o == nil {
		d := t.m.Defaults()
		if d.MaxTokens == 0 {
			d.MaxTokens = usualTokens
		}
		o = &d
	}
	return writing{ctx, func(ctx context.Context) iter.Seq2[falconmamba.Token, error] {
		return t.answer(t.c.Say(ctx, message, o))
	}}, err
}

// answer goes through tokens of an answer. Meanwhile the conversation is not at rest.
func (t *talk) answer(tokens iter.Seq2[falconmamba.Token, error]) iter.Seq2[falconmamba.Token, error] {
	return func(yield func(falconmamba.Token, error) bool) {
		if t.answering {
			yield(falconmamba.Token{ID: -1}, falconmamba.ErrBusy)
			return
		}
		t.answering = true
		defer func() { t.answering = false }()
		tokens(yield)
	}
}

//export fm_go_chat_say
func fm_go_chat_say(h *C.fm_chat, p *C.fm_utf8, o *C.fm_const_generate_options, each *C.fm_each,
	e *C.fm_error) C.fm_status {
	return converse(h, e, func(t *talk) error {
		w, err := t.writing(p, o)
		if err != nil {
			return err
		}
		return w.tell(&t.using, each)
	})
}

//export fm_chat_begin
func fm_chat_begin(h *C.fm_chat, p *C.fm_utf8, o *C.fm_const_generate_options, out **C.fm_generation,
	e *C.fm_error) C.fm_status {
	zero(out)
	return converse(h, e, func(t *talk) error {
		if out == nil {
			return invalid("generation is NULL: want where to store it")
		}
		w, err := t.writing(p, o)
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindGeneration, newGeneration(w, &t.using))
	})
}

//export fm_chat_stop_reason
func fm_chat_stop_reason(h *C.fm_chat, out *C.fm_stop_reason, e *C.fm_error) C.fm_status {
	zero(out)
	return converse(h, e, func(t *talk) error { return giveReason(out, t.c.Session()) })
}

//export fm_chat_messages
func fm_chat_messages(h *C.fm_chat, out ***C.fm_message, count *C.size_t, e *C.fm_error) C.fm_status {
	zero(out)
	zero(count)
	return converse(h, e, func(t *talk) error {
		if out == nil || count == nil {
			return invalid("messages or count is NULL: want where to store them")
		}
		var b block
		made := putMessages(&b, t.c.Messages())
		b.make()
		*out, *count = made(), C.size_t(len(t.c.Messages()))
		return nil
	})
}

//export fm_chat_undo
func fm_chat_undo(h *C.fm_chat, undone *C.int, e *C.fm_error) C.fm_status {
	zero(undone)
	return converse(h, e, func(t *talk) error {
		if undone == nil {
			return invalid("undone is NULL: want where to store it")
		}
		did, err := t.c.Undo()
		*undone = C.int(flag(did && err == nil))
		return err
	})
}

//export fm_chat_reset
func fm_chat_reset(h *C.fm_chat, e *C.fm_error) C.fm_status {
	return converse(h, e, func(t *talk) error { return t.c.Reset() })
}

//export fm_chat_fork
func fm_chat_fork(h *C.fm_chat, out **C.fm_chat, e *C.fm_error) C.fm_status {
	zero(out)
	return converse(h, e, func(t *talk) error {
		if out == nil {
			return invalid("fork is NULL: want where to store it")
		}
		f, err := t.c.Fork(context.Background())
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindChat, &talk{m: t.m, c: f})
	})
}

//export fm_chat_save
func fm_chat_save(h *C.fm_chat, p *C.fm_utf8, e *C.fm_error) C.fm_status {
	return converse(h, e, func(t *talk) error {
		path, err := want("path", p)
		if err != nil {
			return err
		}
		return t.c.Save(context.Background(), path)
	})
}

//export fm_chat_load
func fm_chat_load(h *C.fm_chat, p *C.fm_utf8, e *C.fm_error) C.fm_status {
	return converse(h, e, func(t *talk) error {
		path, err := want("path", p)
		if err != nil {
			return err
		}
		return t.c.Load(context.Background(), path)
	})
}
