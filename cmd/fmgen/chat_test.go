package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/term"

	"falconmamba/cmd/internal/cli"
)

// chats runs a conversation whose messages are lines.
func chats(t *testing.T, lines string, args ...string) outcome {
	t.Helper()
	o := fmgen(t, lines, append([]string{"--chat", "--temp", "0", "-n", "8"}, args...)...)
	if o.status != cli.OK {
		t.Fatalf("fmgen %q: status %d, stderr %q", args, o.status, o.stderr)
	}
	return o
}

func TestChat(t *testing.T) {
	both := chats(t, "Who is there?\nSpeak!\n")
	answers := strings.SplitAfter(chats(t, "Who is there?\n").stdout, "\n")
	if both.stderr != "" || !strings.HasPrefix(both.stdout, answers[0]) || both.stdout == answers[0] {
		t.Errorf("got %q, stderr %q; want it to begin with %q and go on", both.stdout, both.stderr, answers[0])
	}
	// The same by other ways.
	file := filepath.Join(t.TempDir(), "a.state")
	for name, got := range map[string]string{
		"prompt":            chats(t, "Speak!\n", "-p", "Who is there?").stdout,
		"blank lines, exit": chats(t, "\nWho is there?\n \nSpeak!\n/exit\nmore\n").stdout,
		"no last newline":   chats(t, "Who is there?\nSpeak!").stdout,
		"single turns": ok(t, "-st", "--temp", "0", "-n", "8", "-p", "Who is there?", "--state-save", file) +
			ok(t, "-st", "--temp", "0", "-n", "8", "-p", "Speak!", "--state-load", file),
	} {
		if got != both.stdout {
			t.Errorf("%s: got %q, want %q", name, got, both.stdout)
		}
	}
	if got := ok(t, "-st", "--temp", "0", "-n", "8", "-p", "Who is there?", "-sys",
		"Answer in verse."); got == answers[0] {
		t.Errorf("with a system prompt the answer is still %q", got)
	}
	if chats(t, "a \\\nb\n").stdout != chats(t, "", "-p", "a \nb").stdout {
		t.Error("a line that ends with \\ does not go on")
	}
	o := fmgenWithin(t, 20*time.Second, "a \\", "--chat", "--temp", "0", "-n", "8") // it waited for another line for ever
	if o.stdout != chats(t, "", "-p", "a \n").stdout {
		t.Error("an input that ends with \\ is not a message")
	}
	if chats(t, "//help\n").stdout != chats(t, "", "-p", "/help").stdout {
		t.Error("// does not begin a message with /")
	}
}

func TestChatCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chat.state")
	ask := "Who is there?\n"
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home) // Windows' name of it
	once := chats(t, ask).stdout
	then := strings.TrimPrefix(chats(t, ask+"Speak!\n").stdout, once)
	oneWord := chats(t, ask, "-n", "1").stdout
	for _, c := range []struct{ lines, stdout, stderr string }{
		{ask + "/undo\n" + ask, once + once, "undone: Who is there?"},
		{"/undo\n", "", "there is nothing to undo"},
		{ask + "/reset\n" + ask, once + once, "a new conversation"},
		{ask + "/fork\nSpeak!\n/switch 1\nSpeak!\n/switch 2\n/undo\nSpeak!\n", once + then + then + then,
			"this is copy 1, with 2 messages"},
		{ask + "/save " + file + "\n/reset\n/load " + file + "\nSpeak!\n", once + then, "saved in "},
		{ask + "/save " + file + " --force\n/reset\n/load " + file + "\n/undo\n" + ask, once + once, "undone: Who is there?"},
		{ask + "/save " + file + " --force\n/load " + file + "\n", once, "user: Who is there?\nassistant: "},
		{ask + "/save ~/chat.state\n/load ~/chat.state\n", once, "2 messages"},
		{ask + "/regenerate\n", once + once, ""}, // which is greedy
		{ask + "/set\n", once, "temp 0, top-k"},
		{"/set temp 1\n/set seed 5\n/set temp 0\n" + ask, once, "seed is 5"},
		{"/set n-predict 1\n" + ask + "/set n-predict 8\n/regenerate\n", oneWord + once, "n-predict is 1"},
		{ask + "/set system-prompt \n" + ask, once + once, "system-prompt is"},
		{ask + "/stats\n", once, "2 messages, "},
		{"/stats\n", "", "ended by nothing yet"},
		{"/help\n", "", "/load FILE"},
	} {
		got := chats(t, c.lines)
		if got.stdout != c.stdout || !strings.Contains(got.stderr, c.stderr) {
			t.Errorf("%q:\ngot  %q, %q\nwant %q, with %q", c.lines, got.stdout, got.stderr, c.stdout, c.stderr)
		}
	}
	_, err := os.Stat("/no/such/file")
	noSuch := errors.Unwrap(err).Error() // in the words of the system
	for lines, want := range map[string]string{
		"/sav x\n": "begins with /; did you mean /save?",
		"/nope\n":  "there is no /nope: /help lists", "/load /no/such.state\n": "no file at /no/such.state: want a saved state", "/switch 2\n": "copies 1 to 1",
		"/save\n": "needs to be told", "/set tempo 1\n": "there is no /set tempo",
		"/set temp x\n": "/set temp: ", "/set temp -1\n": "/set temp: ", "/set temp\n": "to what? It is",
		"/regenerate\n": "no answer yet", "/save " + file + "\n": "is there already", "/etc/passwd what\n": "there is no /etc/passwd",
		"/save /no/such/file\n": "/no/such/file cannot be written: " + noSuch, "/undo 3\n": "takes nothing behind it",
	} {
		got := fmgen(t, lines, "--chat")
		if got.status != cli.Failed || !strings.Contains(got.stderr, want) || strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("%q: status %d, %q; want one line with %q", lines, got.status, got.stderr, want)
		}
	}
}

func TestChatTemplateFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain := write("plain.jinja", "{% for m in messages %}{{ m.content }}\n{% endfor %}")
	got := chats(t, "", "-p", "ROMEO:", "--chat-template-file", plain).stdout
	if want := ok(t, "-p", "ROMEO:\n", "-n", "8", "--temp", "0"); got != want {
		t.Errorf("got %q, want what goes on from the bare text, %q", got, want)
	}
	for name, c := range map[string]struct{ text, want string }{
		"broken.jinja": {"a\n{% nope %}", "line 2: statement nope is not supported"},
		"raises.jinja": {"{{ raise_exception('no users here') }}", "line 1: no users here"},
	} {
		got := fmgen(t, "", "-st", "-p", "a", "--chat-template-file", write(name, c.text))
		if got.status != cli.Failed || !strings.Contains(got.stderr, c.want) || strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("%s: status %d, %q; want one line with %q", name, got.status, got.stderr, c.want)
		}
	}
}

func TestSingleTurnJSON(t *testing.T) {
	var last summaryLine
	for line := range strings.Lines(ok(t, "-st", "--json", "--temp", "0", "-n", "8", "-p", "Who is there?")) {
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	want := strings.TrimSuffix(chats(t, "Who is there?\n").stdout, "\n")
	if !last.Done || strings.TrimSuffix(last.Text, "\n") != want || last.Tokens != 8 || last.PromptTokens < 5 {
		t.Errorf("got %+v, want the text %q", last, want)
	}
}

func TestBadChatCommandLines(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--chat --ids 1", "--ids and --echo do not go with it"},
		{"--chat --json", "add --single-turn"},
		{"--chat -n 0", "at least one token"},
		{"--chat -f -", "leave -f - out"},
		{"-p a --system-prompt b", "go with --chat"},
	} {
		got := fmgen(t, "", strings.Fields(c.args)...)
		if got.status != cli.WrongUsage || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: status %d, %q; want %q", c.args, got.status, got.stderr, c.want)
		}
	}
}

// Keys that edit, and lines that are pasted at once.
func TestReadMessage(t *testing.T) {
	var screen bytes.Buffer
	keys := "helo\x1b[Dl\r" + // cursor left, insert
		"\x1b[200~one\rtwo\rthree\x1b[201~ more\r" +
		"a \\\rb\r" +
		"\x1b[A\r" // the line before
	y := &typing{t: term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{strings.NewReader(keys), &screen}, "")}
	y.t.SetBracketedPasteMode(true)
	for _, want := range []string{"hello", "one\ntwo\nthree more", "a \nb", "b"} {
		if got, err := y.message("> "); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	if got, err := y.message("> "); err != io.EOF {
		t.Errorf("at the end: %q, %v", got, err)
	}
	if !strings.Contains(screen.String(), "> hel") {
		t.Errorf("the screen shows %q", screen.String())
	}
}
