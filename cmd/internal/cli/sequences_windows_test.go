package cli

import (
	"os"
	"testing"

	"golang.org/x/sys/windows"
)

// A console is told to do what escape sequences say before it is given any.
func TestSequencesOfAConsole(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "")
	kernel := windows.NewLazySystemDLL("kernel32.dll")
	if made, _, _ := kernel.NewProc("AllocConsole").Call(); made != 0 { // else there is one
		defer kernel.NewProc("FreeConsole").Call()
	}
	for what, takes := range map[string]func(*os.File) bool{
		"Coloured":    func(f *os.File) bool { return Coloured(f, Cyan, "x") == "\x1b[36mx\x1b[0m" },
		"NewProgress": func(f *os.File) bool { return NewProgress(f, "x").w != nil },
		"Sequences":   func(f *os.File) bool { return Sequences(f) },
	} {
		f, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
		if err != nil {
			t.Skipf("there is no console, and none is to be had: %v", err)
		}
		defer f.Close()
		h := windows.Handle(f.Fd())
		if err := windows.SetConsoleMode(h, windows.ENABLE_PROCESSED_OUTPUT); err != nil {
			t.Fatal(err)
		}
		if !takes(f) {
			t.Errorf("%s takes a console for none", what)
		}
		var mode uint32
		if err := windows.GetConsoleMode(h, &mode); err != nil || mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING == 0 {
			t.Errorf("%s: the console's mode is %#x, %v: it would show sequences", what, mode, err)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if text := Coloured(w, Cyan, "x"); text != "x" {
		t.Errorf("to a pipe: %q", text)
	}
}
