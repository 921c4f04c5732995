package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine bounds what files and servers can make a line of, in characters.
const maxLine = 1000

// Clean makes text from files and servers fit for a terminal: what would move the cursor, change
// colours or turn the order of characters around becomes U+FFFD, but for line ends and tabs.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), '\u2028' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
			return utf8.RuneError // line ends, embeddings, overrides and isolates among them
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// OneLine is Clean for one line, not too long.
func OneLine(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	text = Clean(strings.Join(lines, "; "))
	if utf8.RuneCountInString(text) <= maxLine {
		return text
	}
	return string([]rune(text)[:maxLine]) + "…"
}

// Line returns an error's text on one line: joined errors stand on several.
func Line(err error) string { return OneLine(err.Error()) }

// Warnings prints lines that people should read.
func Warnings(program string, stderr io.Writer, texts ...string) {
	for _, text := range texts {
		fmt.Fprintf(stderr, "%s: warning: %s\n", program, OneLine(text))
	}
}
