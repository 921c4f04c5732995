package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/jsonerr"
)

// A prompt is what a text goes on from: words, or the ids of tokens.
type prompt struct {
	text string
	ids  []int32
	from string // for people, where it came of a file: "story.txt", "list.txt:3"
}

// A source is what the command line says of a prompt, or of several.
type source struct {
	kind  sourceKind
	value string
}

type sourceKind uint8

const (
	fromText sourceKind = iota // value is the prompt
	fromFile                   // value is a file that is the prompt
	fromIDs                    // value are ids with commas between
	fromList                   // value is a file of prompts
)

// stdinName stands for standard input where a file is named.
const stdinName = "-"

// A sourceFlag appends to the sources: those of all flags are in the order of the command line.
type sourceFlag struct {
	to   *[]source
	kind sourceKind
}

func (f sourceFlag) Set(value string) error { *f.to = append(*f.to, source{f.kind, value}); return nil }
func (f sourceFlag) String() string         { return "" }
func (f sourceFlag) Type() string           { return "prompt" }

// maxPrompt bounds prompts, in bytes of one and of all together: more is a mistake.
const maxPrompt = 1 << 28

var errTooMuch = fmt.Errorf("the prompts have more than %d bytes together, with 4 for the id of a token: "+
	"that is too much text", maxPrompt)

// size is how many bytes a prompt has of maxPrompt.
func (p prompt) size() int { return len(p.text) + bytesOfID*len(p.ids) }

const bytesOfID = 4

// maxAnswers bounds how many texts a run writes.
const maxAnswers = 100_000

// several reports whether the command line asks for more than one text. A list of prompts counts as that, however
// many it has, lest what comes out depends on it.
func (o *options) several() bool {
	return len(o.sources) > 1 || o.n > 1 || len(o.sources) == 1 && o.sources[0].kind == fromList
}

// stdins is how often standard input is named as a source.
func (o *options) stdins() (n int) {
	for _, s := range o.sources {
		if s.value == stdinName && (s.kind == fromFile || s.kind == fromList) {
			n++
		}
	}
	return n
}

// readPrompts returns the prompts of the command line: at least one.
func (j *job) readPrompts(ctx context.Context) (all []prompt, err error) {
	sources := j.sources
	switch {
	case len(sources) > 0:
	case j.flags.Changed("state-load"):
		return []prompt{{}}, nil
	case cli.IsTerminal(j.stdin):
		return nil, cli.Usagef("no prompt: give -p TEXT, -f FILE, --ids or --prompts FILE, or pipe text in")
	default:
		sources = []source{{fromFile, stdinName}}
	}
	size := 0
	for _, s := range sources {
		some, err := j.readFrom(ctx, s)
		if err != nil {
			return nil, err
		}
		for _, p := range some {
			size += p.size()
		}
		all = append(all, some...)
		switch {
		case size > maxPrompt:
			return nil, errTooMuch
		case len(all)*j.n > maxAnswers:
			return nil, cli.Usagef("%s or more with --n %d: want at most %d answers", cli.Count(len(all), "prompt"),
				j.n, maxAnswers)
		}
	}
	if !j.several() || j.chat {
		return all, nil
	}
	// One that could not be written is found out before any work is done.
	for i, p := range all {
		if p.text == "" && len(p.ids) == 0 && j.stateLoad == "" {
			return nil, fmt.Errorf("%s is empty: the model needs at least one token to go on from", nameOf(all, i))
		}
	}
	return all, nil
}

// nameOf is how a prompt is called.
func nameOf(all []prompt, i int) string {
	if all[i].from != "" {
		return all[i].from
	}
	return fmt.Sprintf("prompt %d", i+1)
}

func (j *job) readFrom(ctx context.Context, s source) ([]prompt, error) {
	switch s.kind {
	case fromText:
		return []prompt{{text: s.value}}, nil
	case fromIDs:
		ids, err := cli.IDs(s.value)
		return []prompt{{ids: ids}}, err
	}
	data, err := readSource(ctx, j.stdin, s.value)
	switch {
	case err != nil:
		return nil, err
	case s.kind == fromFile:
		return []prompt{{text: promptOf(data), from: sourceName(s.value)}}, nil
	}
	all, err := listOf(data, s.value, maxAnswers/j.n, maxPrompt)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s has no prompts: want one a line", sourceName(s.value))
	}
	return all, err
}

// readSource reads a file of the command line, or standard input.
func readSource(ctx context.Context, stdin io.Reader, name string) (data []byte, err error) {
	if name == stdinName {
		data, err = cli.ReadAll(ctx, stdin, maxPrompt)
	} else {
		data, err = cli.ReadFile(ctx, name, maxPrompt)
	}
	var p *fs.PathError // names the file
	if err != nil && !errors.As(err, &p) {
		err = fmt.Errorf("prompt from %s: %w", sourceName(name), err)
	}
	return data, err
}

func sourceName(name string) string {
	if name == stdinName {
		return "standard input"
	}
	return name
}

// promptOf is the prompt that a file is. Editors and echo end a text with a newline that is no part of it.
func promptOf(data []byte) string {
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
}

// listOf returns the prompts of a file that has one a line; empty lines are none. More than most is an error, and more
// than room bytes of them.
func listOf(data []byte, name string, most, room int) (all []prompt, err error) {
	asJSON := slices.Contains([]string{".jsonl", ".ndjson"}, strings.ToLower(filepath.Ext(name)))
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxPrompt)
	for n := 1; lines.Scan(); n++ {
		line := lines.Bytes()
		bare := bytes.TrimSpace(line)
		if len(bare) == 0 {
			continue
		}
		if len(all) == most {
			return nil, fmt.Errorf("%s has more prompts than %d: a run writes %d answers at most", sourceName(name),
				most, maxAnswers)
		}
		p := prompt{text: string(line)}
		if asJSON {
			if p, err = promptOfJSON(bare, room); errors.Is(err, errTooMuch) {
				return nil, err
			} else if err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", name, n, jsonerr.Plain(err))
			}
		}
		if room -= p.size(); room < 0 {
			return nil, errTooMuch
		}
		p.from = fmt.Sprintf("%s:%d", sourceName(name), n)
		all = append(all, p)
	}
	return all, lines.Err()
}

// promptOfJSON reads a text, or an object with "prompt": a text, or the ids of tokens. What else an object has is
// other programs'. An id may be of two characters there, and has four bytes here: those that have no room are not
// read.
func promptOfJSON(line []byte, room int) (p prompt, err error) {
	raw := json.RawMessage(line)
	if bytes.HasPrefix(line, []byte("{")) {
		var object struct {
			Prompt json.RawMessage `json:"prompt"`
		}
		if err := json.Unmarshal(line, &object); err != nil {
			return p, err
		}
		if raw = object.Prompt; raw == nil {
			return p, errors.New(`want an object with "prompt"`)
		}
	}
	if bytes.HasPrefix(raw, []byte("[")) {
		if (bytes.Count(raw, []byte(","))+1)*bytesOfID > room {
			return p, errTooMuch
		}
		err = json.Unmarshal(raw, &p.ids)
	} else if string(raw) == "null" {
		err = errors.New("the prompt is null, want a text or the ids of tokens")
	} else {
		err = json.Unmarshal(raw, &p.text)
	}
	return p, err
}
