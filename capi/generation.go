package main

// #include "cgo.h"
import "C"

import (
	"context"
	"sync"
	"sync/atomic"
	"unsafe"

	"falconmamba"
)

// A generation is a text that is written as its caller asks for tokens, from whatever thread. A loop over
// tokens belongs to one goroutine, so it has one of its own, which waits between a token and the wish for the next.
type generation struct {
	writing
	using  *sync.Mutex // of the session or chat: held while the goroutine runs
	leave  context.CancelFunc
	wish   chan struct{}
	tokens chan wished
	begun  bool
	ended  atomic.Bool
	token  token
}

// A wished token, or why there is none.
type wished struct {
	token falconmamba.Token
	err   error
}

func newGeneration(w writing, using *sync.Mutex) *generation {
	g := &generation{writing: w, using: using, wish: make(chan struct{}), tokens: make(chan wished)}
	g.ctx, g.leave = context.WithCancel(w.ctx)
	return g
}

// run writes the text, token by token.
func (g *generation) run() {
	defer close(g.tokens)
	err := guarded(func() error {
		for t, err := range g.start(g.ctx) {
			if err != nil {
				return err
			}
			g.tokens <- wished{token: t}
			if _, more := <-g.wish; !more {
				return nil
			}
		}
		return errEnd
	})
	if err != nil {
		g.tokens <- wished{err: err}
	}
}

// next returns the next token, errEnd behind the last and behind an error.
func (g *generation) next() (*C.fm_const_token, error) {
	if g.ended.Load() {
		return nil, errEnd
	}
	if !g.using.TryLock() {
		return nil, errBusy
	}
	defer g.using.Unlock()
	switch {
	case g.ended.Load():
		return nil, errEnd
	case !g.begun:
		g.begun = true
		go g.run()
	default:
		g.wish <- struct{}{}
	}
	t := <-g.tokens
	if t.err != nil {
		g.ended.Store(true)
		return nil, t.err
	}
	return g.token.fill(t.token), nil
}

// close ends the text where it is.
func (g *generation) close() error {
	g.leave()
	if !g.ended.Load() {
		g.using.Lock()
		defer g.using.Unlock()
	}
	if g.begun && !g.ended.Load() {
		close(g.wish)
		for range g.tokens { // until the session has left the loop
		}
	}
	g.ended.Store(true)
	g.token.free()
	return nil
}

//export fm_generation_next
func fm_generation_next(h *C.fm_generation, out **C.fm_const_token, e *C.fm_error) C.fm_status {
	zero(out)
	return call(e, func() error {
		if out == nil {
			return invalid("token is NULL: want where to store it")
		}
		g, err := get[*generation](kindGeneration, uintptr(unsafe.Pointer(h)))
		if err != nil {
			return err
		}
		*out, err = g.next()
		return err
	})
}

//export fm_generation_free
func fm_generation_free(h *C.fm_generation) C.fm_status {
	return freed(remove(kindGeneration, uintptr(unsafe.Pointer(h)), (*generation).close))
}
