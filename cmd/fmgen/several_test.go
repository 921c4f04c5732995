package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"falconmamba/cmd/internal/cli"
)

// write makes a file of a test.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sums are the last lines of several texts, by index.
func sums(t *testing.T, out string) map[int]summaryLine {
	t.Helper()
	all, texts := map[int]summaryLine{}, map[int]string{}
	for line := range strings.Lines(out) {
		var l struct {
			summaryLine
			ID *int32
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Index == nil {
			t.Fatalf("the line is %s (%v)", line, err)
		}
		if !l.Done {
			texts[*l.Index] += l.Text
			continue
		}
		if _, twice := all[*l.Index]; twice || l.Text != texts[*l.Index] {
			t.Errorf("the text of %d is %q, its tokens are %q; twice: %v", *l.Index, l.Text, texts[*l.Index], twice)
		}
		all[*l.Index] = l.summaryLine
	}
	return all
}

// However several texts are asked for, each is what it is alone, with the seed that its line says.
func TestSeveralTexts(t *testing.T) {
	list := write(t, "list.jsonl", `{"prompt":"But soft"}`+"\n[5,6,7]\n")
	file := write(t, "a.txt", "KING HENRY:\nOnce more\n")
	long := write(t, "long.txt", strings.Repeat("What light through yonder window breaks? ", 40))
	alone := [][]string{{"-p", "ROMEO:"}, {"-f", file}, {"--ids", "9,10"}, {"-p", "But soft"}, {"--ids", "5,6,7"},
		{"-f", long}}
	together := []string{"-p", "ROMEO:", "-f", file, "--ids", "9,10", "--prompts", list, "-f", long}
	for _, how := range [][]string{{"--temp", "0"}, {"-s", "7"}, {"-s", "7", "--stop", "e"},
		{"-s", "18446744073709551615", "--regex", "[a-z ]{5,30}"}} {
		how = append(how, "-n", "12", "--backend", "cpu", "--precision", "f32") // so that no text depends on others
		const n = 3
		args := append(append(append([]string{}, together...), how...), "--n", strconv.Itoa(n))
		plain := ok(t, args...)
		all := sums(t, ok(t, append(args, "--json")...))
		if len(all) != n*len(alone) {
			t.Fatalf("%q: %d texts, want %d", how, len(all), n*len(alone))
		}
		titled := ""
		for p, prompt := range alone {
			for a := range n {
				sum := all[p*n+a]
				one := append(append(append([]string{}, prompt...), how...), "-s", strconv.FormatUint(sum.Seed, 10))
				want := ok(t, one...)
				if got := strings.TrimSuffix(sum.Text, "\n"); got != strings.TrimSuffix(want, "\n") {
					t.Errorf("%q, answer %d: %q, alone %q", prompt, a, got, want)
				}
				if sum.Seed != all[p*n].Seed+uint64(a) || (sum.Reused > 0) != (a > 0 && sum.PromptTokens > 1) {
					t.Errorf("%q, answer %d: %+v", prompt, a, sum)
				}
				names := []string{"prompt 1", file, "prompt 3", list + ":1", list + ":2", long}
				title := fmt.Sprintf("==> %d of %d: %s, answer %d <==\n", p*n+a+1, n*len(alone), names[p], a+1)
				if p+a > 0 {
					title = "\n" + title
				}
				titled += title + want
			}
		}
		if plain != titled {
			t.Errorf("%q: plain output is\n%s\nwant\n%s", how, plain, titled)
		}
	}
}

// Answers to a message are what they are alone, and a text that goes on from a state is.
func TestSeveralFromMessagesAndStates(t *testing.T) {
	common := []string{"-n", "10", "--backend", "cpu", "--precision", "f32", "--json"}
	state := filepath.Join(t.TempDir(), "s.state")
	ok(t, "-p", "ROMEO:\nBut soft", "-n", "6", "-s", "3", "--backend", "cpu", "--state-save", state)
	for _, args := range [][]string{
		{"-st", "-p", "Who is there?", "-sys", "You are a king.", "-s", "7"},
		{"--state-load", state, "-s", "7"},
		{"--state-load", state, "-p", " and then", "-s", "7"},
	} {
		all := sums(t, ok(t, append(append(args, common...), "--n", "2")...))
		for i := range 2 {
			want := textOf(t, ok(t, append(append(args, common...), "-s", strconv.Itoa(7+i))...))
			if all[i].Text != want || len(all) != 2 {
				t.Errorf("%q: answer %d is %q, alone %q", args, i, all[i].Text, want)
			}
		}
	}
	if o := fmgen(t, "", "-st", "-p", "", "-p", "hi", "-n", "3", "--backend", "cpu"); o.status != cli.OK {
		t.Errorf("an empty message: %+v", o) // as it may be alone
	}
}

// More texts than are written at once come in their order, or as they end with --json; each once.
func TestManyTexts(t *testing.T) {
	var list strings.Builder
	const many = ahead + together + 30
	for i := range many {
		fmt.Fprintf(&list, "%d:\n", i)
	}
	args := []string{"--prompts", write(t, "list.txt", list.String()), "-n", "2", "--temp", "0", "--backend", "cpu",
		"--ignore-eos"}
	all := sums(t, ok(t, append(args, "--json")...))
	plain := ok(t, args...)
	for i := range many {
		if all[i].Tokens != 2 {
			t.Errorf("text %d: %+v", i, all[i])
		}
		_, rest, found := strings.Cut(plain, fmt.Sprintf("list.txt:%d <==\n", i+1))
		if !found || !strings.HasPrefix(rest, all[i].Text) {
			t.Fatalf("text %d is not in its place, or not %q", i, all[i].Text)
		}
		plain = rest
	}
}

// What goes wrong with one text is said, and the others are written.
func TestOneOfSeveralFails(t *testing.T) {
	args := []string{"-p", "ROMEO:", "--ids", "1,5000", "-p", "JULIET:", "-n", "4", "--backend", "cpu", "--temp", "0",
		"--n", "2"}
	o := fmgen(t, "", args...)
	if o.status != cli.Failed || strings.Count(o.stderr, "\n") != 1 ||
		!strings.HasPrefix(o.stderr, "fmgen: 3 of 6: prompt 2, answer 1: token 1 is id 5000") {
		t.Errorf("status %d, stderr %q", o.status, o.stderr)
	}
	for i, want := range []bool{true, true, false, false, true, true} {
		if got := strings.Contains(o.stdout, fmt.Sprintf("==> %d of 6: ", i+1)); got != want {
			t.Errorf("text %d is written: %v, want %v: %s", i, got, want, o.stdout)
		}
	}
	o = fmgen(t, "", append(args, "--json")...)
	if n := strings.Count(o.stdout, `"done":true,"error":"token 1 is id 5000`); o.status != cli.Failed || n != 2 ||
		strings.Count(o.stdout, `"done":true`) != 6 {
		t.Errorf("with --json: %+v", o)
	}
}

// An interrupt keeps what is written. It is no failure where every text has some.
func TestSeveralInterrupted(t *testing.T) {
	common := []string{"-p", "ROMEO:", "--temp", "0", "--ignore-eos", "--backend", "cpu", "--precision", "f32"}
	whole := ok(t, append(common, "-n", "1000")...)
	args := append(common[:len(common):len(common)], "-p", "JULIET:", "-n", "-1")
	for _, c := range []struct {
		more   []string
		status int
	}{{nil, cli.OK}, {[]string{"--n", "60"}, cli.Interrupted}} {
		ctx, cancel := context.WithCancel(t.Context())
		out := &interrupter{after: 400, cancel: cancel}
		var stderr bytes.Buffer
		status := run(ctx, append(args, c.more...), strings.NewReader(""), out, &stderr)
		said := ""
		if c.status == cli.Interrupted {
			said = "fmgen: interrupted\n"
		}
		if status != c.status || stderr.String() != said {
			t.Errorf("%q: status %d, stderr %q, want %d and %q", c.more, status, &stderr, c.status, said)
		}
		first, second, both := strings.Cut(out.text.String(), "\n==> 2 of ")
		_, first, _ = strings.Cut(first, " <==\n")
		if !both || len(first) < 50 || !strings.HasPrefix(whole, strings.TrimSuffix(first, "\n")) {
			t.Errorf("%q: wrote %q and %q, want the beginning of %q", c.more, first, second, whole)
		}
	}
}

func TestSeveralOutputFails(t *testing.T) {
	for _, format := range []string{"--json=false", "--json"} {
		var stderr bytes.Buffer
		status := run(context.Background(), []string{"-p", "a", "-n", "5", "--n", "70", "--backend", "cpu", format},
			strings.NewReader(""), failing{}, &stderr)
		if status != cli.Failed || stderr.String() != "fmgen: short write\n" {
			t.Errorf("%s: status %d, stderr %q, want 1 and the error", format, status, &stderr)
		}
	}
}

func TestSeveralVerbose(t *testing.T) {
	o := fmgen(t, "", "-p", "ROMEO:", "-p", "JULIET:", "--n", "2", "-s", "7", "-n", "3", "--verbose", "--backend", "cpu")
	for _, want := range []string{"prompts  2, ", "texts    4, 12 tokens, ", "seeds 7 to 8\n", "memory "} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("--verbose says %q, want %q in it", o.stderr, want)
		}
	}
}

// Ten times as many texts take little more memory: they are not open all at once.
func TestMemoryOfManyTexts(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("the race detector takes memory of its own, and other systems tell it otherwise")
	}
	most := func(n int) int {
		list := write(t, "list.txt", strings.Repeat("a\n", n))
		c := exec.Command(os.Args[0], "--prompts", list, "-n", "1", "--backend", "cpu", "--n", "2")
		c.Env = append(os.Environ(), measuredEnv+"=1")
		var stderr bytes.Buffer
		c.Stderr = &stderr
		out, err := c.Output()
		kB, bad := strconv.Atoi(strings.TrimSpace(stderr.String()))
		if err != nil || bad != nil || strings.Count(string(out), "==> ") != 2*n {
			t.Fatalf("of %d: %v, %v, %q", n, err, bad, &stderr)
		}
		return kB
	}
	few, many := most(together), most(10*together)
	t.Logf("%d kB of %d prompts, %d kB of %d", few, together, many, 10*together)
	if many > few+20_000 {
		t.Errorf("%d kB of %d prompts, %d kB of %d: want at most 20 MB more", few, together, many, 10*together)
	}
}
