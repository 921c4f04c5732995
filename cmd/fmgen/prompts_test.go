package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba/cmd/internal/cli"
)

// zeros is a text without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A prompt of 256 MiB is read, and one of a byte more is refused, be it of a file or of a pipe; so are prompts that
// have more together.
func TestPromptsAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some hundred MB of memory")
	}
	file := func(name string, size int64) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(stdin io.Reader, args ...string) (all []prompt, err error) {
		o, _, err := parse(args)
		if err != nil {
			t.Fatal(err)
		}
		return (&job{options: o, stdin: stdin}).readPrompts(t.Context())
	}
	just, more := file("just.txt", maxPrompt), file("more.txt", maxPrompt+1)
	for _, c := range []struct {
		args []string
		size int64 // of standard input
		want string
	}{
		{[]string{"-f", more}, 0, "prompt from " + more + ": more than 268435456 bytes"},
		{[]string{"--prompts", more}, 0, more + ": more than 268435456 bytes"},
		{[]string{"-f", "-"}, maxPrompt + 1, "prompt from standard input: more than 268435456 bytes"},
		{[]string{"-f", just, "-p", "x"}, 0, // the first is taken
			"the prompts have more than 268435456 bytes together"},
	} {
		_, err := read(io.LimitReader(zeros{}, c.size), c.args...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.args, err, c.want)
		}
	}
	if o := fmgen(t, "", "-f", more); o.status != cli.Failed || !strings.Contains(o.stderr, "too much text") {
		t.Errorf("fmgen -f: %+v", o)
	}
}

func TestListsOfPrompts(t *testing.T) {
	for _, c := range []struct {
		name, data string
		most       int
		want       []prompt
		err        string
	}{
		{"a.txt", "one\r\n\n  \n two \n\"three\"", 3, []prompt{{text: "one", from: "a.txt:1"},
			{text: " two ", from: "a.txt:4"}, {text: `"three"`, from: "a.txt:5"}}, ""},
		{"-", "one\n", 1, []prompt{{text: "one", from: "standard input:1"}}, ""},
		{"a.JSONL", "\"one\\ntwo\"\n{\"prompt\": [1, 2], \"completion\": \"x\"}\n [3]\n\n{\"prompt\":\"\"}", 9,
			[]prompt{{text: "one\ntwo", from: "a.JSONL:1"}, {ids: []int32{1, 2}, from: "a.JSONL:2"},
				{ids: []int32{3}, from: "a.JSONL:3"}, {from: "a.JSONL:5"}}, ""},
		{"a.ndjson", `{"prompt":null}`, 9, nil, "a.ndjson, line 1: the prompt is null"},
		{"a.jsonl", `["a"]`, 9, nil, "a.jsonl, line 1: it is a JSON string, want a whole number"},
		{"a.jsonl", `[99999999999]`, 9, nil, "a.jsonl, line 1: it is a JSON number 99999999999"},
		{"a.jsonl", "\n{\"prompt\":\"a\"", 9, nil, "a.jsonl, line 2: unexpected end of JSON input"},
		{"a.jsonl", "null", 9, nil, "the prompt is null"},
		{"a.txt", "a\nb\nc", 2, nil, "a.txt has more prompts than 2"},
	} {
		got, err := listOf([]byte(c.data), c.name, c.most, maxPrompt)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s of %q: error %v, want %q", c.name, c.data, err, c.err)
			}
			continue
		}
		same := func(a, b prompt) bool { return a.text == b.text && a.from == b.from && slices.Equal(a.ids, b.ids) }
		if err != nil || !slices.EqualFunc(got, c.want, same) {
			t.Errorf("%s of %q: %+v, %v, want %+v", c.name, c.data, got, err, c.want)
		}
	}
}

// The ids of a list take four bytes each, however few characters: what has no room is refused before it is read.
func TestIDsAreBounded(t *testing.T) {
	ids := func(n int) string { return "[" + strings.Repeat("1,", n-1) + "1]" }
	for _, c := range []struct {
		what, data string
		fits       bool
	}{
		{"as many as have room", ids(25), true},
		{"one too many", ids(26), false},
		{"one too many of an object", `{"prompt":` + ids(26) + `}`, false},
		{"together too many", ids(13) + "\n" + ids(13), false},
		{"a text beside them", ids(25) + "\n\"a\"", false},
		{"text", `"` + strings.Repeat("a", 100) + `"`, true},
		{"commas of a text", `"` + strings.Repeat(",", 100) + `"`, true},
		{"text that is too long", `"` + strings.Repeat("a", 101) + `"`, false},
	} {
		if _, err := listOf([]byte(c.data), "a.jsonl", 9, 100); errors.Is(err, errTooMuch) == c.fits || c.fits && err != nil {
			t.Errorf("%s: error %v", c.what, err)
		}
	}
	// Not a number of it is read: else the first would be an error.
	if _, err := promptOfJSON([]byte("[x"+strings.Repeat(",1", 30)+"]"), 100); !errors.Is(err, errTooMuch) {
		t.Errorf("an array that is too long: %v", err)
	}
}
