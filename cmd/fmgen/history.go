package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"falconmamba/internal/regular"
)

// A history is what was typed, kept in a file for other runs: a line for each message.
type history struct {
	lines []string // the oldest first
	file  *os.File
}

// Limits of a history file: what goes beyond is forgotten, the oldest first.
const (
	maxHistory      = 4 << 20 // bytes
	maxHistoryLines = 1000
)

// openHistory opens a file that only its owner may read, and makes it if it is not there.
func openHistory(path string) (*history, error) {
	text, err := regular.Read(path, maxHistory)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--history %s: %w", path, err)
	}
	h := &history{}
	for line := range bytes.Lines(text) {
		h.lines = append(h.lines, strings.TrimSuffix(string(line), "\n"))
	}
	if n := len(h.lines) - maxHistoryLines; n > 0 {
		h.lines = h.lines[n:]
	}
	if h.file, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("--history: %w", err)
	}
	return h, nil
}

// Add keeps a line. A file that cannot be written to keeps no more, and what is typed stays known in this run.
func (h *history) Add(line string) {
	if line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	_, _ = h.file.WriteString(line + "\n")
}

// Len returns how many lines there are.
func (h *history) Len() int { return len(h.lines) }

// At returns a line: 0 is the last one.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }

// Close closes the file.
func (h *history) Close() error { return h.file.Close() }
