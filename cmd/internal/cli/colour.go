package cli

import "os"

// Colours of a terminal.
const (
	Cyan  = "36"
	Faint = "2"
)

// Coloured is text in a colour where stream is a terminal that has them. The variable NO_COLOR, if it is not empty,
// says that nobody wants them (no-color.org).
func Coloured(stream any, colour, text string) string {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !Sequences(stream) {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
