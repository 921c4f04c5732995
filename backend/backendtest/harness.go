package backendtest

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"falconmamba/backend"
)

// A harness makes buffers and weights on a backend, and closes them. Its first failure sticks,
// and the calls after it do nothing.
type harness struct {
	b       backend.Backend
	rng     *rand.Rand
	closers []io.Closer
	err     error
}

func newHarness(b backend.Backend, seed1, seed2 uint64) harness {
	return harness{b: b, rng: rand.New(rand.NewPCG(seed1, seed2))}
}

func (h *harness) failf(format string, args ...any) {
	if h.err == nil {
		h.err = fmt.Errorf(format, args...)
	}
}

// check records an error of a call.
func (h *harness) check(err error) bool {
	if h.err == nil {
		h.err = err
	}
	return h.err == nil
}

// own leaves the closing to close.
func (h *harness) own(c io.Closer) { h.closers = append(h.closers, c) }

// close closes everything, the last first.
func (h *harness) close() error {
	var err error
	for i := len(h.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, h.closers[i].Close())
	}
	h.closers = nil
	return err
}

func (h *harness) alloc(size int64, use backend.Usage) backend.Buffer {
	if h.err != nil {
		return nil
	}
	buf, err := h.b.Alloc(size, use)
	if h.check(err) {
		h.own(buf)
	}
	return buf
}

// newWeight returns nil after a failure.
func (h *harness) newWeight(desc backend.WeightDesc, data []byte) backend.Weight {
	if h.err != nil {
		return nil
	}
	w, err := h.b.NewWeight(desc, data)
	if !h.check(err) {
		return nil
	}
	h.own(w)
	return w
}
