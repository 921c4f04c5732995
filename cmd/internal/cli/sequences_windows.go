package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// sequences reports whether a console does what escape sequences say. One that is not told to shows them.
func sequences(f *os.File) bool {
	const wanted = windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	var mode uint32
	h := windows.Handle(f.Fd())
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	return mode&wanted == wanted || windows.SetConsoleMode(h, mode|wanted) == nil
}
