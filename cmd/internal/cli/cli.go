// Package cli is what the programs have in common on the command line: flags in
// the spelling that users of language models know, one-line errors with their
// exit status, the embedded model, and progress on a terminal.
package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// Exit statuses.
const (
	OK          = 0
	Failed      = 1   // something could not be done, or a check failed
	WrongUsage  = 2   // the command line makes no sense
	Interrupted = 130 // stopped by a signal, as shells report it
)

// A UsageError is a command line that makes no sense.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef returns a UsageError.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// ErrSilent ends a program with status Failed when all has been said already.
var ErrSilent = errors.New("failed")

// Status prints err as one line to stderr and returns the exit status of program. A command line
// that makes no sense has its help under the name of command.
func Status(program, command string, stderr io.Writer, err error) int {
	var usage *UsageError
	switch {
	case err == nil, errors.Is(err, pflag.ErrHelp):
		return OK
	case errors.Is(err, ErrSilent):
		return Failed
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %s (%s --help lists the flags)\n", program, Line(err), command)
		return WrongUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(stderr, "%s: interrupted\n", program)
		return Interrupted
	}
	fmt.Fprintf(stderr, "%s: %s\n", program, Line(err))
	return Failed
}

// Interruptible returns a context that ends with the first interrupt. The
// second one ends the program.
func Interruptible() (context.Context, context.CancelFunc) {
	signals := make(chan os.Signal, 1)
	Notify(signals)
	ctx, cancel := context.WithCancel(context.Background())
	stop := func() { signal.Stop(signals); cancel() }
	go func() {
		select {
		case <-signals:
			stop()
		case <-ctx.Done():
		}
	}()
	return ctx, stop
}

// Notify sends what asks a program to end: an interrupt, SIGTERM, and where the program is not
// to outlive its terminal, SIGHUP.
func Notify(to chan<- os.Signal) {
	signal.Notify(to, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		signal.Notify(to, syscall.SIGHUP)
	}
}

// ExpandHome replaces a ~ at the beginning of a path, as shells do for what they are given.
func ExpandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if home, err := os.UserHomeDir(); ok && err == nil && (rest == "" || os.IsPathSeparator(rest[0])) {
		return home + rest
	}
	return path
}

// IsTerminal reports whether a person reads or types there.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Sequences reports whether a person reads there, at a terminal that does what escape sequences say.
func Sequences(stream any) bool { return IsTerminal(stream) && sequences(stream.(*os.File)) }

// Columns is how wide the terminal is that stream is, and 0 if it is none. One that does not say
// has a hundred.
func Columns(stream any) int {
	if !IsTerminal(stream) {
		return 0
	}
	if w, _, err := term.GetSize(int(stream.(*os.File).Fd())); err == nil && w > 0 {
		return w
	}
	return 100
}

// ReadAll reads r to its end, at most limit bytes. It returns when ctx ends,
// though r may still be blocked then.
func ReadAll(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	return untilEnd(ctx, limit, func() ([]byte, error) { return io.ReadAll(io.LimitReader(r, limit+1)) })
}

// ReadFile is ReadAll of a file, of which nothing is read where it says that it has more. A named pipe that nobody
// writes to yet blocks already while it is opened, and does not outlast ctx either.
func ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	return untilEnd(ctx, limit, func() ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		var text bytes.Buffer
		if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
			if st.Size() > limit {
				return nil, tooMuch(limit)
			}
			text.Grow(int(st.Size()) + bytes.MinRead)
		}
		_, err = text.ReadFrom(io.LimitReader(f, limit+1))
		return text.Bytes(), err
	})
}

func tooMuch(limit int64) error {
	return fmt.Errorf("more than %d bytes: that is too much text", limit)
}

// untilEnd returns what read does, or the error of ctx when that ends.
func untilEnd(ctx context.Context, limit int64, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := read()
		done <- result{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-done:
		if got.err == nil && int64(len(got.data)) > limit {
			return nil, tooMuch(limit)
		}
		return got.data, got.err
	}
}
