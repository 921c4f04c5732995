package main

// #include "cgo.h"
import "C"

import (
	"context"
	"iter"
	"math"
	"sync"
	"unsafe"

	"falconmamba"
)

// A writing is a text that is to be written.
type writing struct {
	ctx   context.Context // the caller's
	start func(context.Context) iter.Seq2[falconmamba.Token, error]
}

// tell writes it and calls each with every token, on this thread. using is held but for these calls, so that
// they may ask about the text.
func (w writing) tell(using *sync.Mutex, each *C.fm_each) error {
	if each.f == nil {
		return invalid("each is NULL: want a function that takes the tokens")
	}
	var c token
	defer c.free()
	for t, err := range w.start(w.ctx) {
		if err != nil {
			return err
		}
		p := c.fill(t)
		using.Unlock()
		left := C.fm_call_each(each, p) != 0
		using.Lock()
		if left {
			return nil
		}
	}
	return nil
}

// writing returns the text that a call asks for.
func (s *session) writing(p *C.fm_utf8, c *C.fm_const_generate_options) (writing, error) {
	prompt, err := text("prompt", p)
	if err != nil {
		return writing{}, err
	}
	ctx, o, err := generateOptions(s.m, c)
	return writing{ctx, func(ctx context.Context) iter.Seq2[falconmamba.Token, error] {
		return s.s.Generate(ctx, prompt, o)
	}}, err
}

//export fm_go_session_generate
func fm_go_session_generate(h *C.fm_session, p *C.fm_utf8, o *C.fm_const_generate_options, each *C.fm_each,
	e *C.fm_error) C.fm_status {
	return use(h, e, func(s *session) error {
		w, err := s.writing(p, o)
		if err != nil {
			return err
		}
		return w.tell(&s.using, each)
	})
}

//export fm_session_begin
func fm_session_begin(h *C.fm_session, p *C.fm_utf8, o *C.fm_const_generate_options, out **C.fm_generation,
	e *C.fm_error) C.fm_status {
	zero(out)
	return use(h, e, func(s *session) error {
		if out == nil {
			return invalid("generation is NULL: want where to store it")
		}
		w, err := s.writing(p, o)
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindGeneration, newGeneration(w, &s.using))
	})
}

// A token is an fm_token, in C's memory: it lasts until the next is filled in.
type token struct {
	c    *C.fm_token
	text unsafe.Pointer
	top  unsafe.Pointer
}

// fill returns t as C sees it.
func (c *token) fill(t falconmamba.Token) *C.fm_const_token {
	if c.c == nil {
		c.c = (*C.fm_token)(C.malloc(C.size_t(unsafe.Sizeof(*c.c))))
	}
	c.text = C.realloc(c.text, C.size_t(len(t.Text)+1))
	bytes := unsafe.Slice((*byte)(c.text), len(t.Text)+1)
	bytes[copy(bytes, t.Text)] = 0
	*c.c = C.fm_token{id: C.int32_t(t.ID), text: (*C.char)(c.text), text_size: C.size_t(len(t.Text)),
		logprob: C.double(math.NaN())}
	if t.Probs == nil {
		return c.c
	}
	c.c.logprob = C.double(t.Probs.Token)
	if n := len(t.Probs.Likeliest); n > 0 {
		c.top = C.realloc(c.top, C.size_t(n)*C.size_t(unsafe.Sizeof(C.fm_logprob{})))
		for i, l := range t.Probs.Likeliest {
			unsafe.Slice((*C.fm_logprob)(c.top), n)[i] = C.fm_logprob{id: C.int32_t(l.ID), logprob: C.double(l.LogProb)}
		}
		c.c.top, c.c.top_count = (*C.fm_logprob)(c.top), C.size_t(n)
	}
	return c.c
}

func (c *token) free() {
	C.free(unsafe.Pointer(c.c))
	C.free(c.text)
	C.free(c.top)
	*c = token{}
}
