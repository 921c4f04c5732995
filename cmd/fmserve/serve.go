package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"falconmamba"
	"falconmamba/cmd/internal/cli"
	"falconmamba/server"
)

// serve opens the model and serves it until ctx ends.
func (o *options) serve(ctx context.Context, stderr io.Writer) (err error) {
	mo, err := o.model()
	if err != nil {
		return err
	}
	if o.served.Logger, err = o.logger(stderr); err != nil {
		return err
	}
	mo.Engine.Logger = o.served.Logger.With("room", "engine")
	o.served.Version = cli.Commit()
	tell, endTraces, err := startTraces(ctx, o.served.Version, o.served.Logger)
	if err != nil {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.Background(), endTime)
		defer cancel()
		_ = endTraces(last) // what is lost then was logged
	}()
	o.served.Trace = tell
	states, responses, err := o.store.open(ctx, o.served.Keep, o.served.Logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.store.close()) }()
	mo.Engine.Cache.Store, mo.Engine.Cache.Durable, o.served.Store = states, o.store.durability(), responses
	// Before the model is loaded: a port that is taken is found out at once.
	l, err := net.Listen("tcp", net.JoinHostPort(o.host, strconv.Itoa(o.port)))
	if err != nil {
		return err
	}
	defer l.Close()
	m, err := o.Open(ctx, program, stderr, mo)
	if err != nil {
		return err
	}
	s, err := server.New(m, o.served)
	if err != nil {
		return errors.Join(err, m.Close())
	}
	cli.Warnings(program, stderr, s.Warnings()...)
	scheme := "http"
	if o.served.TLS != nil {
		scheme = "https"
	}
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() && len(o.served.Keys) == 0 {
		cli.Warnings(program, stderr, fmt.Sprintf("anybody who reaches %s can use the model: give --api-key, or "+
			"leave --host out", l.Addr()))
	}
	device := m.Backend().Info().Name
	fmt.Fprintf(stderr, "%s: %s on %s at %s://%s/v1\n", program, o.served.Name, device, scheme, l.Addr())
	err = s.Serve(ctx, l)
	last, cancel := context.WithTimeout(context.Background(), endTime)
	defer cancel()
	return errors.Join(err, m.Shutdown(last))
}

// model returns how the model is opened.
func (o *options) model() (*falconmamba.Options, error) {
	mo, err := o.Options()
	if err != nil {
		return nil, err
	}
	e := o.engine
	e.Chunk, e.StateType, e.Speculate = mo.Engine.Chunk, mo.Engine.StateType, mo.Engine.Speculate
	mo.Engine, mo.Text = e, !strings.HasPrefix(o.Model, "random:")
	return mo, nil
}

// endTime is how long the model may take to end when no request is left.
const endTime = 10 * time.Second
