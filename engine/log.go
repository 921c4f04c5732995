package engine

import (
	"cmp"
	"errors"

	"falconmamba/internal/clock"
)

// leaves counts how a request ended, and logs it.
func (e *Engine) leaves(t *task, err error) {
	c := &e.count
	switch {
	case t.out == nil:
		return
	case err != nil && !errors.Is(err, ErrClosed):
		c.Failed++
		e.log.Warn("request failed", "read", len(t.ids), "written", t.taken, "err", err)
		return
	case t.why != StopNone:
		c.Ended++
	default:
		c.Left++
	}
	e.log.Debug("request ended", "why", cmp.Or(string(t.why), "left"), "read", len(t.ids), "written", t.taken,
		"took", clock.Since(t.added))
}
