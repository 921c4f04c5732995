package server

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"
)

// newID returns an id that nobody can guess.
func newID(prefix string) string { return prefix + rand.Text() }

// log tells the logger of a request that is over. What was asked and written is in it only where that is wanted.
func (c *call) log(path string, status int, e *apiError, took time.Duration) {
	level, attrs := slog.LevelInfo, []slog.Attr{slog.String("id", c.id), slog.String("method", abridged(c.r.Method)),
		slog.String("path", path), slog.Int("status", status), slog.Duration("took", took)}
	if c.read+c.made > 0 {
		attrs = append(attrs, slog.Int("read", c.read), slog.Int("written", c.made))
	}
	switch {
	case e != nil && status >= 500:
		level = slog.LevelError
		attrs = append(attrs, slog.String("err", e.message))
	case e != nil:
		attrs = append(attrs, slog.String("refused", e.code))
	case quiet(path):
		level = slog.LevelDebug
	}
	c.s.o.Logger.LogAttrs(context.Background(), level, "request", attrs...)
}

// logText tells the logger of a text, where Options.LogTexts wants it.
func (c *call) logText(what, text string) {
	if c.s.o.LogTexts {
		c.s.o.Logger.Info(what, "id", c.id, "text", text)
	}
}
