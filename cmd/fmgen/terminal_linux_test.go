package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"falconmamba/cmd/internal/cli"
)

// A screen is what a terminal shows, and keys for it.
type screen struct {
	t    *testing.T
	keys *os.File
	mu   sync.Mutex
	text bytes.Buffer
	seen int
}

// patience is how long a busy machine may take to show something.
const patience = 20 * time.Second

// openTerminal returns a terminal and the side of it that a person has.
func openTerminal(t *testing.T) (*screen, *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminal: ", err)
	}
	t.Cleanup(func() { keys.Close() })
	n, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Skip("no pseudo-terminal: ", err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminal: ", err)
	}
	t.Cleanup(func() { tty.Close() })
	// A signal that the program does not take is to fail a wait, not to end the tests.
	spare := make(chan os.Signal, 1)
	cli.Notify(spare)
	t.Cleanup(func() { signal.Stop(spare) })
	s := &screen{t: t, keys: keys}
	go func() {
		var b [4096]byte
		for {
			n, err := keys.Read(b[:])
			if err != nil {
				return
			}
			s.mu.Lock()
			s.text.Write(b[:n])
			s.mu.Unlock()
		}
	}()
	return s, tty
}

// wait returns what is shown up to and with a text.
func (s *screen) wait(want string) string {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		s.mu.Lock()
		text := s.text.String()[s.seen:]
		if i := strings.Index(text, want); i >= 0 {
			s.seen += i + len(want)
			s.mu.Unlock()
			return text[:i+len(want)]
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.t.Fatalf("the terminal never shows %q: it shows %q", want, s.text.String())
	return ""
}

func (s *screen) press(keys string) {
	s.t.Helper()
	if _, err := s.keys.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// A person types, edits, ends an answer, goes on, and leaves.
func TestChatOnTerminal(t *testing.T) {
	s, tty := openTerminal(t)
	done := make(chan int)
	go func() {
		done <- run(context.Background(),
			[]string{"--chat", "-n", "-1", "--ignore-eos", "--temp", "0", "--backend", "cpu"}, tty, tty, tty)
	}()
	s.wait("tiny-shakespeare (embedded) on cpu (")
	s.wait("^D ends")
	s.wait("> ")
	s.press("/reg\t")
	s.wait("/regenerate")
	s.press("\r")
	s.wait("no answer yet")
	s.wait("> ")
	s.press("Who is thre?\x1b[D\x1b[D\x1b[De\r") // cursor left, insert
	s.wait("\n")
	s.wait(" ") // of an answer without end
	if err := unix.Kill(os.Getpid(), unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	s.wait("> ")
	s.press("/stats\r")
	if got := s.wait("ended by interrupt"); !strings.Contains(got, "2 messages") {
		t.Errorf("/stats says %q", got)
	}
	s.wait("> ")
	s.press("/nope\r")
	s.wait("there is no /nope")
	s.wait("> ")
	s.press("/undo\r")
	s.wait("undone: Who is there?")
	s.wait("> ")
	s.press("\x04")
	select {
	case status := <-done:
		if status != cli.OK {
			t.Errorf("status %d; the terminal shows %q", status, s.text.String())
		}
	case <-time.After(patience):
		t.Error("^D does not end the program")
	}
}

// ^C at the prompt clears the line and ends only the second time. A signal that ends the program
// leaves the terminal as it was, and the conversation saved.
func TestChatEndsOnTerminal(t *testing.T) {
	for name, end := range map[string]func(s *screen){
		"^C": func(s *screen) {
			s.press("half a line\x03")
			s.wait("^C again ends")
			s.press("Who is there?\r")
			s.wait("2004h\x1b[36m> ")
			s.press("\x03")
			s.wait("^C again ends")
			s.press("\x03")
		},
		"SIGTERM": func(s *screen) { s.kill(unix.SIGTERM) },
		"SIGHUP":  func(s *screen) { s.kill(unix.SIGHUP) },
	} {
		if name == "SIGHUP" && signal.Ignored(unix.SIGHUP) {
			t.Log("the tests run under nohup: the program outlives its terminal")
			continue
		}
		s, tty := openTerminal(t)
		before, err := term.GetState(int(tty.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "saved")
		done := make(chan int)
		go func() {
			done <- run(context.Background(), []string{"--chat", "-n", "4", "--temp", "0", "--backend", "cpu",
				"-p", "Speak!", "--state-save", file}, tty, tty, tty)
		}()
		s.wait("^D ends")
		s.wait("> ")
		end(s)
		select {
		case status := <-done:
			if status != cli.OK {
				t.Errorf("%s: status %d; the terminal shows %q", name, status, s.text.String())
			}
		case <-time.After(patience):
			t.Fatalf("%s does not end the program: %q", name, s.text.String())
		}
		if after, err := term.GetState(int(tty.Fd())); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%s: the terminal is not as it was (%v)", name, err)
		}
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (s *screen) kill(signal unix.Signal) {
	s.t.Helper()
	time.Sleep(50 * time.Millisecond) // the prompt is there a moment before who waits for the signal
	if err := unix.Kill(os.Getpid(), signal); err != nil {
		s.t.Fatal(err)
	}
}

// A conversation that is gone on from shows where it was, and can be taken back.
func TestLoadedChatOnTerminal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "saved")
	ok(t, "--chat", "-st", "-p", "Speak!", "-n", "4", "--state-save", file)
	s, tty := openTerminal(t)
	done := make(chan int)
	go func() {
		done <- run(context.Background(), []string{"--chat", "--backend", "cpu", "--state-load", file}, tty, tty, tty)
	}()
	s.wait("2 messages")
	s.wait("user: Speak!")
	s.wait("assistant: ")
	s.wait("> ")
	s.press("/undo\r")
	s.wait("undone: Speak!")
	s.wait("> ")
	s.press("\x04")
	if status := <-done; status != cli.OK {
		t.Errorf("status %d; the terminal shows %q", status, s.text.String())
	}
}

// A text that a limit ended which nobody asked for says so, to a person.
func TestCutOnTerminal(t *testing.T) {
	for args, want := range map[string]bool{"": true, "-n 8": false} {
		s, tty := openTerminal(t)
		line := append(strings.Fields(args), "-p", "ROMEO:", "--ignore-eos", "--temp", "0", "--backend", "cpu")
		if status := run(context.Background(), line, tty, io.Discard, tty); status != cli.OK {
			t.Errorf("%q: status %d", args, status)
		}
		io.WriteString(tty, "the end")
		if got := strings.Contains(s.wait("the end"), "(cut after "); got != want {
			t.Errorf("%q: it says so: %v, want %v", args, got, want)
		}
	}
}

// A text does nothing to a terminal, unless that is asked for.
func TestTextOnTerminal(t *testing.T) {
	for args, want := range map[string]string{"": "a\ufffd[31mb", "--raw": "a\x1b[31mb"} {
		s, tty := openTerminal(t)
		line := append(strings.Fields(args), "-p", "a\x1b[31mb", "--echo", "-n", "0", "--backend", "cpu")
		if status := run(context.Background(), line, tty, tty, tty); status != cli.OK {
			t.Errorf("%q: status %d", args, status)
		}
		s.wait(want)
	}
}

// Characters of two columns are edited as one, and the cursor is where it seems to be.
func TestWideCharactersOnTerminal(t *testing.T) {
	s, tty := openTerminal(t)
	done := make(chan int)
	go func() {
		done <- run(context.Background(), []string{"--chat", "--temp", "0", "--backend", "cpu"}, tty, tty, tty)
	}()
	for _, c := range []struct{ keys, want string }{
		{"/a世\x7fb", "/ab:"},
		{"/世界\x1b[Dx", "/世x界:"},
		{"/🙂\x1b[D\x1b[Cy", "/🙂y:"},
		{"/x世y\x1b[D\x1b[D\x04", "/xy:"},
		{"/ae\u0301b\x7f\x7fc", "/ac:"},
		{"/e\u0301\x1b[Dx", "/xe\u0301:"},
		{"\x1b[200~/e\u0301世\x1b[201~\x1b[D\x1b[Dx\x7fy", "/ye\u0301世:"},
	} {
		s.wait("> ")
		s.press(c.keys + "\r")
		if got := s.wait("/help lists the commands; write"); !strings.Contains(got, "there is no "+c.want) {
			t.Errorf("%q: %q, want %s", c.keys, got, c.want)
		} else if strings.ContainsFunc(got, isOwn) {
			t.Errorf("%q: %q has what is for the terminal alone", c.keys, got)
		}
	}
	s.wait("> ")
	// Back to the front of a wide character are two columns.
	s.press("世\x1b[D")
	s.wait("\x1b[2D")
	// Back to the front of a letter with a mark is one, though the mark came later.
	s.press("\x15\x0be")
	s.wait("e")
	s.press("\u0301")
	s.wait("e\u0301")
	s.press("\x1b[D")
	s.wait("\x1b[D")
	s.press("\x0b\x04")
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("^D does not end the program")
	}
}
