package main

import (
	"context"
	"sync/atomic"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// A job is what takes long, in a goroutine, while the window goes on drawing: there is one at a time.
type job struct {
	title   string
	percent atomic.Int64
	cancel  context.CancelFunc
	done    chan error
	then    func(error) // in the main thread, with what do returned
}

// start runs do as a job and then, in the main thread, then.
func (a *app) start(title string, do func(context.Context, *job) error, then func(error)) {
	ctx, cancel := context.WithCancel(context.Background())
	j := &job{title: title, cancel: cancel, done: make(chan error, 1), then: then}
	a.job = j
	go func() {
		j.done <- do(ctx, j)
		glfw.PostEmptyEvent()
	}()
}

// poll ends the job if it is done.
func (a *app) poll() {
	if a.job == nil {
		return
	}
	select {
	case err := <-a.job.done:
		j := a.job
		a.job = nil
		j.cancel()
		j.then(err)
		if a.losing {
			a.recover()
		}
	default:
	}
}

// abandon ends the job, for a window that closes.
func (a *app) abandon() {
	if a.job == nil {
		return
	}
	a.job.cancel()
	<-a.job.done
	a.job = nil
}
