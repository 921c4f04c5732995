package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	headerTime  = 10 * time.Second // in which a request's header has to arrive
	idleTime    = 2 * time.Minute  // that a connection is kept without a request
	headerBytes = 64 << 10
	tellTime    = 5 * time.Second // for clients to be told that their time is over
)

// Serve answers requests that come through l, until ctx ends. Then it takes no more, lets those that are being answered
// go on for Options.Drain, and tells those that are left. A server serves once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{Handler: s, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		TLSConfig: s.o.TLS, ErrorLog: slog.NewLogLogger(s.o.Logger.Handler(), slog.LevelDebug)}
	failed := make(chan error, 1)
	go func() {
		if s.o.TLS != nil {
			failed <- h.ServeTLS(l, "", "")
		} else {
			failed <- h.Serve(l)
		}
	}()
	select {
	case err := <-failed:
		s.cut(errDraining)
		return err
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.o.Logger.Info("no more requests are taken", "answered now", s.requests.Load(), "drain", max(0, s.o.Drain))
	err := within(max(0, s.o.Drain), h.Shutdown)
	if errors.Is(err, context.DeadlineExceeded) {
		s.cut(errDraining)
		if err = within(tellTime, h.Shutdown); errors.Is(err, context.DeadlineExceeded) {
			err = h.Close()
		}
	}
	s.cut(errDraining)
	return err
}

func within(most time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	return do(ctx)
}
