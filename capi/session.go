package main

// #include "cgo.h"
import "C"

import (
	"context"
	"sync"
	"unsafe"

	"falconmamba"
)

// A session is one text. It is used by one thread at a time.
type session struct {
	using sync.Mutex // but for Close, which any thread may call
	m     *falconmamba.Model
	s     *falconmamba.Session
}

// use is the frame of functions on a session.
func use(h *C.fm_session, e *C.fm_error, f func(s *session) error) C.fm_status {
	return call(e, func() error {
		s, err := get[*session](kindSession, uintptr(unsafe.Pointer(h)))
		if err != nil {
			return err
		}
		if !s.using.TryLock() {
			return errBusy
		}
		defer s.using.Unlock()
		return f(s)
	})
}

//export fm_session_new
func fm_session_new(h *C.fm_model, out **C.fm_session, e *C.fm_error) C.fm_status {
	zero(out)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil {
			return invalid("session is NULL: want where to store it")
		}
		s, err := m.NewSession()
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindSession, &session{m: m, s: s})
	})
}

//export fm_session_free
func fm_session_free(h *C.fm_session) C.fm_status {
	return freed(remove(kindSession, uintptr(unsafe.Pointer(h)), func(s *session) error { return s.s.Close() }))
}

//export fm_session_append_text
func fm_session_append_text(h *C.fm_session, p *C.fm_utf8, e *C.fm_error) C.fm_status {
	return use(h, e, func(s *session) error {
		words, err := want("text", p)
		if err != nil {
			return err
		}
		return s.s.AppendText(words)
	})
}

//export fm_session_append
func fm_session_append(h *C.fm_session, p *C.fm_ids, n C.size_t, e *C.fm_error) C.fm_status {
	return use(h, e, func(s *session) error {
		ids, err := tokens("ids", p, n)
		if err != nil {
			return err
		}
		if err := known(ids, s.m.Config().VocabSize); err != nil {
			return err
		}
		return s.s.Append(ids...)
	})
}

//export fm_go_session_prefill
func fm_go_session_prefill(h *C.fm_session, w *C.fm_watch, cancel *C.fm_cancel, e *C.fm_error) C.fm_status {
	return use(h, e, func(s *session) error {
		ctx, err := contextOf(cancel)
		if err != nil {
			return err
		}
		if w.f == nil {
			return s.s.Prefill(ctx, nil)
		}
		ctx, leave := context.WithCancel(ctx)
		defer leave()
		return s.s.Prefill(ctx, func(done, total int) {
			s.using.Unlock()
			defer s.using.Lock()
			if ctx.Err() == nil && watchTold(w, step{"read", int64(done), int64(total)}) {
				leave()
			}
		})
	})
}

//export fm_session_tokens
func fm_session_tokens(h *C.fm_session, out **C.int32_t, count *C.size_t, e *C.fm_error) C.fm_status {
	zero(out)
	zero(count)
	return use(h, e, func(s *session) error {
		if out == nil || count == nil {
			return invalid("ids or count is NULL: want where to store them")
		}
		give(out, count, s.s.Tokens())
		return nil
	})
}

//export fm_session_logits
func fm_session_logits(h *C.fm_session, cancel *C.fm_cancel, out **C.float, count *C.size_t,
	e *C.fm_error) C.fm_status {
	zero(out)
	zero(count)
	return use(h, e, func(s *session) error {
		if out == nil || count == nil {
			return invalid("logits or count is NULL: want where to store them")
		}
		ctx, err := contextOf(cancel)
		if err != nil {
			return err
		}
		logits, err := s.s.Logits(ctx)
		if err != nil {
			return err
		}
		give(out, count, logits)
		return nil
	})
}

//export fm_session_reset
func fm_session_reset(h *C.fm_session, e *C.fm_error) C.fm_status {
	return use(h, e, func(s *session) error { return s.s.Reset() })
}

//export fm_session_fork
func fm_session_fork(h *C.fm_session, out **C.fm_session, e *C.fm_error) C.fm_status {
	zero(out)
	return use(h, e, func(s *session) error {
		if out == nil {
			return invalid("fork is NULL: want where to store it")
		}
		f, err := s.s.Fork(context.Background())
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindSession, &session{m: s.m, s: f})
	})
}

//export fm_session_save
func fm_session_save(h *C.fm_session, p *C.fm_utf8, e *C.fm_error) C.fm_status {
	return use(h, e, func(s *session) error {
		path, err := want("path", p)
		if err != nil {
			return err
		}
		return s.s.Save(context.Background(), path)
	})
}

//export fm_session_load
func fm_session_load(h *C.fm_session, p *C.fm_utf8, e *C.fm_error) C.fm_status {
	return use(h, e, func(s *session) error {
		path, err := want("path", p)
		if err != nil {
			return err
		}
		return s.s.Load(context.Background(), path)
	})
}

//export fm_session_stop_reason
func fm_session_stop_reason(h *C.fm_session, out *C.fm_stop_reason, e *C.fm_error) C.fm_status {
	zero(out)
	return use(h, e, func(s *session) error { return giveReason(out, s.s) })
}

// giveReason stores why the last generation ended.
func giveReason(out *C.fm_stop_reason, s *falconmamba.Session) error {
	if out == nil {
		return invalid("reason is NULL: want where to store it")
	}
	*out = map[falconmamba.StopReason]C.fm_stop_reason{falconmamba.StopEOS: C.FM_STOP_EOS,
		falconmamba.StopLength: C.FM_STOP_LENGTH, falconmamba.StopString: C.FM_STOP_STRING}[s.StopReason()]
	return nil
}
