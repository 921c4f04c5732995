//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// Each signal that asks a program to end ends the context, and not the process.
func TestInterruptible(t *testing.T) {
	spare := make(chan os.Signal, 1) // lest a signal that is not taken ends the tests
	signal.Notify(spare, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(spare)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		ctx, stop := Interruptible()
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			t.Errorf("%v does not end the context", s)
		}
		stop()
	}
}
