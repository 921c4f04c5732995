package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"falconmamba/cmd/internal/cli"
)

// outcome is what a run left behind.
type outcome struct {
	status         int
	stdout, stderr string
}

// fmgen runs the program in this process.
func fmgen(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return fmgenWithin(t, 2*time.Minute, stdin, args...)
}

// fmgenWithin is fmgen with a limit, at which the program is told to end, and soon after which the test is over.
func fmgenWithin(t *testing.T, limit time.Duration, stdin string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, args, strings.NewReader(stdin), &stdout, &stderr) }()
	select {
	case status := <-ended:
		if ctx.Err() != nil {
			t.Fatalf("fmgen %q has not ended by itself within %s: stderr %q", args, limit, &stderr)
		}
		return outcome{status, stdout.String(), stderr.String()}
	case <-time.After(limit + 10*time.Second):
		t.Fatalf("fmgen %q has not ended within %s, nor when it was told to", args, limit)
		return outcome{}
	}
}

// ok runs a command line that must succeed, and returns what it wrote.
func ok(t *testing.T, args ...string) string {
	t.Helper()
	o := fmgen(t, "", args...)
	if o.status != cli.OK || o.stderr != "" {
		t.Fatalf("fmgen %q: status %d, stderr %q", args, o.status, o.stderr)
	}
	return o.stdout
}

// whyNot is what the system says of a file that is not there.
func whyNot(path string) string {
	_, err := os.Open(path)
	return errors.Unwrap(err).Error()
}

func TestBadCommandLines(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "other.state")
	ok(t, "-m", "../../checkpoint/testdata/tiny", "--ids", "5,6,7", "-n", "1", "--state-save", state)
	empty := filepath.Join(dir, "empty.txt")
	brokenState := filepath.Join(dir, "broken.state")
	broken, keyless, typed := filepath.Join(dir, "broken.jsonl"), filepath.Join(dir, "keyless.jsonl"),
		filepath.Join(dir, "typed.jsonl")
	for name, text := range map[string]string{empty: "\n", brokenState: "\xff\xff\xff\xff\xff\xff\xff\x7f{}",
		broken: "\"a\"\nb\n", keyless: `{"text":"a"}`, typed: `{"prompt":true}`} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	noConfig := t.TempDir()
	for _, c := range []struct {
		args   string
		stdin  string
		status int
		want   string // in the one line on stderr
	}{
		{args: "-p x --cache=", status: 2, want: "--cache is empty: it wants a name"},
		{args: "-p x --cache d --no-cache", status: 2, want: "--cache and --no-cache"},
		{args: "--backend cpu convert -m x -o y", status: 2, want: "the word convert goes before all flags"},
		{args: "-p x --regex=", status: 2, want: "--regex is empty: no text would be written"},
		{args: "-p x --json-schema=", status: 2, want: "--json-schema is empty"},
		{args: "--no-such-flag", status: 2, want: "unknown flag: --no-such-flag"},
		{args: "--modle x", status: 2, want: "unknown flag: --modle; did you mean --model? (fmgen --help lists"},
		{args: "--temprature 1", status: 2, want: "unknown flag: --temprature; did you mean --temperature?"},
		{args: "-bakcend cpu", status: 2, want: "in -bakcend; did you mean --backend?"},
		{args: "-ngl 99", status: 2, want: "there is no -ngl here: all layers run on one device"},
		{args: "-hf org/name", status: 2, want: "there is no -hf here: a model of the Hugging Face hub goes behind -m"},
		{args: "-c 4096", status: 2, want: "there is no -c here: there is no context to size"},
		{args: "--flash-attn", status: 2, want: "there is no --flash-attn here"},
		{args: "-nope", status: 2, want: `--n-predict takes a number, not "ope"`},
		{args: "conver -m x", status: 2, want: `"conver" is no command; did you mean convert?`},
		{args: "convert --quant q4_K", status: 2, want: "(fmgen convert --help lists the flags)"},
		{args: "-p a -m ../../checkpoint/testdat", status: 1, want: "did you mean " + filepath.FromSlash("../../checkpoint/testdata?")},
		{args: "-p a b", status: 2, want: `"b" is not a flag`},
		{args: "-p a -n x", status: 2, want: `"x"`},
		{args: "-p a --speculate --no-speculate", status: 2, want: "want one of them at most"},
		{args: "-p a --draft-states 2 --no-speculate", status: 2, want: "want one of them at most"},
		{args: "-p a --draft-states -1", status: 2, want: "--draft-states -1: want 1 or more, or 0"},
		{args: "-p a --draft x --no-speculate", status: 2, want: "want one of them at most"},
		{args: "-p a --draft-quant q8_0", status: 2, want: "--draft-quant without --draft"},
		{args: "-p a --draft ../../checkpoint/testdata/tiny", status: 1, want: "want a draft model of the same tokenizer"},
		{args: "-p a --state-type half", status: 2, want: `--state-type: unknown type of states "half"`},
		{args: "-p a -n -2", status: 2, want: "-n -2"},
		{args: "-p a --temp -1", status: 2, want: "temperature -1"},
		{args: "-p a --temp NaN", status: 2, want: "temperature NaN"},
		{args: "-p a --top-p 2", status: 2, want: "top_p 2"},
		{args: "-p a --top-k -3", status: 2, want: "top_k -3"},
		{args: "-p a --min-p 1.5", status: 2, want: "min_p 1.5"},
		{args: "-p a --repeat-penalty 0", status: 2, want: "--repeat-penalty 0: want more than 0"},
		{args: "-p a --repeat-penalty -1", status: 2, want: "repetition_penalty -1"},
		{args: "-p a --repeat-last-n -2", status: 2, want: "--repeat-last-n -2"},
		{args: "-p a --repeat-last-n 99999999", status: 2, want: "repeat_last_n 99999999"},
		{args: "-p a --presence-penalty 3", status: 2, want: "presence_penalty 3: want -2 to 2"},
		{args: "-p a --frequency-penalty -3", status: 2, want: "frequency_penalty -3"},
		{args: "-p a --logit-bias 5", status: 2, want: "--logit-bias 5: want a token's id"},
		{args: "-p a --logit-bias x+1", status: 2, want: "--logit-bias x+1"},
		{args: "-p a --logit-bias 5+inf", status: 2, want: "--logit-bias 5+inf"},
		{args: "-p a --logit-bias 99999+1", status: 1, want: "token 99999"},
		{args: "-p a -s many", status: 2, want: "--seed many"},
		{args: "-p a -s -2", status: 2, want: "--seed -2"},
		{args: "-p a --stop=", status: 2, want: "--stop is empty"},
		{args: "-p a -t -1", status: 2, want: "-t -1"},
		{args: "-p a -ub -1", status: 2, want: "--chunk -1"},
		{args: "-p a -ub 9999999", status: 1, want: "chunk of 9999999 tokens: want 1 to 8192"},
		{args: "-p a --precision f8", status: 2, want: `"f8"`},
		{args: "-p a --type f32", status: 2, want: "--type f32: only random:"},
		{args: "-m random:130m --ids 1 --type i32", status: 2, want: "i32 is no type of weights"},
		{args: "-m random:130m --ids 1 --type f8", status: 2, want: `"f8"`},
		{args: "-p a --quant q4_K_X", status: 2, want: "or a mix such as q4_K_M"},
		{args: "-p a --device abacus", status: 2, want: `no device is called "abacus": there are `},
		{args: "-p a --backend abacus", status: 1, want: `unknown backend "abacus": it has`},
		{args: "-p a --device 1", status: 2, want: "--device 1: of which backend"},
		{args: "-p a --backend ref --device cpu", status: 2, want: "--device cpu is not a device of --backend ref"},
		{args: "-p a --n 0", status: 2, want: "--n 0: want 1 to 100000 answers"},
		{args: "-p a --n 100001", status: 2, want: "--n 100001: want"},
		{args: "-p a -p b --n 60000", status: 2, want: "2 prompts or more with --n 60000: want at most 100000 answers"},
		{args: "-p a -np 4", status: 2, want: "there is no -np here: several prompts, and --n answers"},
		{args: "-f - --prompts -", status: 2, want: "standard input is named 2 times"},
		{args: "-p a -p b --chat", status: 2, want: "--chat takes one message at a time"},
		{args: "-p a --n 2 --chat", status: 2, want: "--chat takes one message at a time"},
		{args: "-p a --n 2 --state-save x", status: 2, want: "--state-save keeps the state of one text"},
		{args: "-p a --n 2 -st --state-load x", status: 2, want: "--state-load with --single-turn"},
		{args: "--ids 1 --n 2 -st", status: 2, want: "--chat takes messages"},
		{args: "--prompts=", status: 2, want: "--prompts is empty: it wants a name"},
		{args: "--prompts " + empty, status: 1, want: "empty.txt has no prompts: want one a line"},
		{args: "--prompts -", stdin: "\n \n", status: 1, want: "standard input has no prompts"},
		{args: "--prompts " + filepath.Join(dir, "none.txt"), status: 1, want: "none.txt"},
		{args: "-p a -f " + filepath.Join(dir, "none.txt"), status: 1, want: "none.txt"},
		{args: "-p a -f " + empty, status: 1, want: "empty.txt is empty: the model needs at least one token"},
		{args: "-p a --prompt=", status: 1, want: "prompt 2 is empty"},
		{args: "--prompts " + broken, status: 1, want: "broken.jsonl, line 2: invalid character 'b'"},
		{args: "--prompts " + keyless, status: 1, want: `keyless.jsonl, line 1: want an object with "prompt"`},
		{args: "--prompts " + typed, status: 1, want: "typed.jsonl, line 1: it is a JSON bool, want a string"},
		{args: "--ids 1,two", status: 2, want: `"two" is not a token id`},
		{args: "--ids 1,99999999999", status: 2, want: `"99999999999" is not a token id`},
		{args: "--ids 1,5000", status: 1, want: "token 1 is id 5000"},
		{args: "--ids -1", status: 1, want: "token 0 is id -1"},
		{args: "--prompt=", status: 1, want: "the prompt is empty"},
		{args: "", stdin: "", status: 1, want: "the prompt is empty"},
		{args: "-f " + empty, status: 1, want: "the prompt is empty"},
		{args: "-f " + filepath.Join(dir, "none.txt"), status: 1, want: "none.txt"},
		{args: "-f " + dir, status: 1, want: dir},
		{args: "-p a -m " + filepath.Join(dir, "none"), status: 1, want: "no model at"},
		{args: "-p a -m " + noConfig, status: 1, want: "config.json"},
		{args: "-p a -m " + empty, status: 1, want: "is a file"},
		{args: "-p a -m random:9b", status: 1, want: `no model size "9b"`},
		{args: "-p a -m ../../checkpoint/testdata/tiny", status: 1, want: "has no tokenizer: give token ids"},
		{args: "-p a --state-save " + filepath.Join(dir, "no", "x.state"), status: 1,
			want: "x.state cannot be written: " + whyNot(filepath.Join(dir, "no", "x.state"))},
		{args: "-p a --model=", status: 2, want: "--model is empty: it wants a name"},
		{args: "--ids 1,,2", status: 2, want: "a number is missing beside a comma"},
		{args: "--file=", status: 2, want: "--file is empty: it wants a name"},
		{args: "-p a --state-save=", status: 2, want: "--state-save is empty: it wants a name"},
		{args: "-p a --state-save " + empty, status: 1, want: "no saved state: it is not replaced"},
		{args: "-p a --state-save " + dir, status: 1, want: "is not a regular file"},
		{args: "--state-load " + filepath.Join(dir, "none.state"), status: 1,
			want: "no file at " + filepath.Join(dir, "none.state") + ": want a saved state"},
		{args: "-m random:7b --ids 1 --state-load " + filepath.Join(dir, "none.state"), status: 1, want: "none.state: want"},
		{args: "-m random:7b -p a", status: 1, want: "has no tokenizer"},
		{args: "--state-load " + state, status: 1, want: "a state of another model: of falcon_mamba with "},
		{args: "--state-load " + brokenState, status: 1, want: "broken.state"},
		{args: "--state-load " + dir, status: 1, want: dir + " is not a regular file: want a saved state"},
	} {
		o := fmgenWithin(t, 20*time.Second, c.stdin, strings.Fields(c.args)...) // before anything is loaded
		if o.status != c.status || !strings.Contains(o.stderr, c.want) {
			t.Errorf("fmgen %s: status %d, stderr %q, want status %d and %q",
				c.args, o.status, o.stderr, c.status, c.want)
		}
		if strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "fmgen: ") || o.stdout != "" {
			t.Errorf("fmgen %s: stdout %q, stderr %q, want one line that begins with fmgen:",
				c.args, o.stdout, o.stderr)
		}
	}
}

func TestSameTextHoweverItIsAskedFor(t *testing.T) {
	want := ok(t, "-p", "ROMEO:", "-n", "40", "-s", "7")
	if n := len(strings.Fields(want)); n < 10 || !strings.HasSuffix(want, "\n") {
		t.Errorf("40 tokens are %q, %d words", want, n)
	}
	prompt := filepath.Join(t.TempDir(), "prompt.txt")
	if err := os.WriteFile(prompt, []byte("ROMEO:\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		stdin string
		args  string
	}{
		{"", "--prompt=ROMEO: --max-tokens 40 --seed 7"},
		{"ROMEO:\r\n", "-n 40 -s 7"},
		{"ROMEO:", "-f - -n 40 -s 7"},
		{"ignored", "-f " + prompt + " -n 40 -s7"},
		{"", "-p ROMEO: -n 40 -s 7 -ub 1"},
		{"", "-p ROMEO: -n 40 -s 7 --chunk=3 --temp 0.7 --top-k 50 --top-p 0.9"},
		{"", "-p ROMEO: -n 40 -s 7 --repeat-penalty 1.3 --repeat-last-n 0"},
		{"", "-p ROMEO: -n 40 -s 7 --presence-penalty 1 --frequency-penalty 1 --repeat-last-n 0"},
	} {
		o := fmgen(t, c.stdin, strings.Fields(c.args)...)
		if o.status != 0 || o.stdout != want {
			t.Errorf("fmgen %s: status %d, stderr %q, wrote %q, want %q", c.args, o.status, o.stderr, o.stdout, want)
		}
	}
	if got := ok(t, "-p", "ROMEO:", "-n", "40", "-s", "7", "--echo"); got != "ROMEO:"+want {
		t.Errorf("--echo: %q, want the prompt and %q", got, want)
	}
	for _, other := range []string{"-s 8", "--temp 0", "--top-k 2", "--repeat-penalty 1.5", "--presence-penalty 2",
		"--frequency-penalty 1", "--logit-bias 5+60", "--logit-bias 5+60 --logit-bias 6-inf"} {
		if got := ok(t, append([]string{"-p", "ROMEO:", "-n", "40", "-s", "7"},
			strings.Fields(other)...)...); got == want {
			t.Errorf("%s changes nothing", other)
		}
	}
}

func TestAValueMayLookLikeAFlag(t *testing.T) {
	if got := ok(t, "-p", "-ub", "-n", "1", "--echo"); !strings.HasPrefix(got, "-ub") {
		t.Errorf("-p -ub: wrote %q, want it to begin with the prompt", got)
	}
}

// A top_p of 0 leaves the most probable token, whatever the seed.
func TestTopPOfNothing(t *testing.T) {
	greedy := ok(t, "-p", "ROMEO:", "-n", "8", "--temp", "0")
	for _, seed := range []string{"1", "2"} {
		if got := ok(t, "-p", "ROMEO:", "-n", "8", "--temp", "1", "--top-p", "0", "-s", seed); got != greedy {
			t.Errorf("seed %s: %q, want %q", seed, got, greedy)
		}
	}
}

func TestStopString(t *testing.T) {
	long := ok(t, "-p", "ROMEO:", "-n", "60", "-s", "7")
	stop := regexp.MustCompile(`[a-z]{5,}`).FindString(long[len(long)/2:])
	if stop == "" {
		t.Fatalf("no word in the second half of %q", long)
	}
	before, _, _ := strings.Cut(long, stop)
	for _, flag := range []string{"--stop", "-r"} {
		got := ok(t, "-p", "ROMEO:", "-n", "60", "-s", "7", flag, "never comes", flag, stop)
		if strings.TrimRight(got, "\n") != strings.TrimRight(before, "\n") {
			t.Errorf("%s %q: %q, want %q", flag, stop, got, before)
		}
	}
}

func TestStateFile(t *testing.T) {
	state := filepath.Join(t.TempDir(), "romeo.state")
	greedy := func(args ...string) string {
		return strings.TrimSuffix(ok(t, append(args, "--temp", "0")...), "\n")
	}
	whole := greedy("-p", "ROMEO:\nBut soft", "-n", "30")
	first := greedy("-p", "ROMEO:\nBut soft", "-n", "12", "--state-save", state)
	if rest := greedy("--state-load", state, "-n", "18"); first+rest != whole {
		t.Errorf("%q and from the state %q, want %q", first, rest, whole)
	}
	if rest := greedy("--state-load", state, "-n", "18", "--state-type", "f16"); first+rest != whole {
		t.Errorf("%q and from the state in f16 %q, want %q", first, rest, whole)
	}
	// With nothing written, and another prompt behind the state.
	// The file is there, and is not replaced unasked.
	before, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	o := fmgen(t, "", "-p", "ROMEO:", "-n", "0", "--state-save", state)
	if after, err := os.ReadFile(state); err != nil || o.status != cli.Failed || !bytes.Equal(before, after) ||
		!strings.Contains(o.stderr, "is there already") {
		t.Errorf("a state file that is there: %+v, %v", o, err)
	}
	greedy("-p", "ROMEO:\nBut", "-n", "0", "--state-save", state, "--force")
	if rest := greedy("--state-load", state, "-p", " soft", "-n", "30"); rest != whole {
		t.Errorf("from a state of the prompt alone: %q, want %q", rest, whole)
	}
}

// A second run with the same long prompt reads next to nothing of it, and writes the same.
func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "states")
	prompt := strings.Repeat("ROMEO:\nWhat light through yonder window breaks?\n", 40)
	args := []string{"-p", prompt, "-n", "12", "--temp", "0"}
	want := ok(t, args...)
	for run := range 3 {
		if got := ok(t, append(args, "--cache", dir)...); got != want {
			t.Errorf("run %d: %q, want %q", run, got, want)
		}
	}
	report := fmgen(t, "", append(args, "--cache", dir, "--verbose")...).stderr
	m := regexp.MustCompile(`prompt +(\d+) tokens, (\d+) of them known`).FindStringSubmatch(report)
	if m == nil {
		t.Fatalf("nothing was known:\n%s", report)
	}
	all, _ := strconv.Atoi(m[1])
	known, _ := strconv.Atoi(m[2])
	if known < all-16 {
		t.Errorf("%d of %d tokens were known", known, all)
	}
	lines := strings.Split(strings.TrimSpace(ok(t, append(args, "--cache", dir, "--json")...)), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, `"cached_tokens":`+m[2]) {
		t.Errorf("JSON says %s", last)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.state"))
	for _, f := range files {
		if err := os.Truncate(f, 100); err != nil {
			t.Fatal(err)
		}
	}
	if o := fmgen(t, "", append(args, "--cache", dir)...); o.stdout != want || len(files) == 0 ||
		!strings.Contains(o.stderr, "could not be written to "+dir+", or read from it") {
		t.Errorf("of %d damaged files it says %q: %q, want %q", len(files), o.stderr, o.stdout, want)
	}
}

func TestJSON(t *testing.T) {
	text := ok(t, "-p", "ROMEO:", "-n", "20", "-s", "7")
	out := ok(t, "-p", "ROMEO:", "-n", "20", "-s", "7", "--json")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	joined := ""
	for _, line := range lines[:len(lines)-1] {
		var tok struct {
			ID   *int32
			Text *string
		}
		if err := json.Unmarshal([]byte(line), &tok); err != nil || tok.ID == nil || tok.Text == nil {
			t.Fatalf("line %s: want an id and a text (%v)", line, err)
		}
		joined += *tok.Text
	}
	var sum summaryLine
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &sum); err != nil {
		t.Fatal(err)
	}
	if sum.Text != joined || strings.TrimSuffix(text, "\n") != strings.TrimSuffix(joined, "\n") {
		t.Errorf("tokens are %q, the sum is %q, without --json %q", joined, sum.Text, text)
	}
	if !sum.Done || sum.Reason != "length" || sum.Tokens != 20 || sum.PromptTokens != 2 || sum.Seed != 7 ||
		sum.Timings.FirstTokenSeconds <= 0 || sum.Timings.TokensPerSecond <= 0 || sum.Memory.Live <= 0 {
		t.Errorf("sum is %+v", sum)
	}
}

func TestIDs(t *testing.T) {
	got := ok(t, "-m", "../../checkpoint/testdata/tiny", "--ids", "5, 6,7", "-n", "4", "--ignore-eos", "--echo")
	if !regexp.MustCompile(`^5 6 7( \d+){4}\n$`).MatchString(got) {
		t.Errorf("wrote %q, want 5 6 7 and four ids", got)
	}
}

func TestVerbose(t *testing.T) {
	o := fmgen(t, "", "-p", "ROMEO:", "-n", "5", "--verbose", "--backend", "ref")
	for _, want := range []string{"model ", "2.53 M parameters", "backend  ref", "tok/s", "first token after", "live"} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("--verbose says %q, want %q in it", o.stderr, want)
		}
	}
}

func TestHelpAndDevices(t *testing.T) {
	help := ok(t, "--help")
	if help := ok(t, "help"); !strings.HasPrefix(help, "Usage: fmgen") {
		t.Errorf("help writes %.40q", help)
	}
	for _, flag := range []string{"-m, --model", "-n, --n-predict", "--state-save", "-ub"} {
		if !strings.Contains(help, flag) {
			t.Errorf("--help lacks %s", flag)
		}
	}
	if list := ok(t, "--list-devices"); !strings.Contains(list, "ref") {
		t.Errorf("--list-devices says %q, want ref in it", list)
	}
}

// An interrupter ends a context once a number of bytes has been written.
type interrupter struct {
	text   bytes.Buffer
	after  int
	cancel context.CancelFunc
}

func (w *interrupter) Write(p []byte) (int, error) {
	n, err := w.text.Write(p)
	if w.text.Len() >= w.after {
		w.cancel()
	}
	return n, err
}

func TestInterrupt(t *testing.T) {
	state := filepath.Join(t.TempDir(), "s.state")
	ctx, cancel := context.WithCancel(context.Background())
	out := &interrupter{after: 40, cancel: cancel}
	var stderr bytes.Buffer
	args := []string{"-p", "ROMEO:", "-n", "-1", "--ignore-eos", "--temp", "0", "--state-save", state, "--force"}
	if status := run(ctx, args, strings.NewReader(""), out, &stderr); status != cli.OK || stderr.Len() > 0 {
		t.Fatalf("status %d, stderr %q, want 0 and nothing", status, &stderr)
	}
	first := strings.TrimSuffix(out.text.String(), "\n")
	rest := strings.TrimSuffix(ok(t, "--state-load", state, "-n", "10", "--temp", "0", "--ignore-eos"), "\n")
	whole := ok(t, "-p", "ROMEO:", "-n", "100", "--temp", "0", "--ignore-eos")
	if !strings.HasPrefix(whole, first+rest) {
		t.Errorf("interrupted after %q, gone on with %q, want the beginning of %q", first, rest, whole)
	}

	// Before there is anything to show.
	status := run(ctx, args, strings.NewReader(""), io.Discard, &stderr)
	if status != cli.Interrupted || stderr.String() != "fmgen: interrupted\n" {
		t.Errorf("status %d, stderr %q, want %d and one line", status, &stderr, cli.Interrupted)
	}
}

// countdown is a context that ends after its end has been asked for so often.
type countdown struct {
	context.Context
	left *int
}

func (c countdown) Err() error {
	if *c.left--; *c.left < 0 {
		return context.Canceled
	}
	return nil
}

// textOf returns the text that --json sums up, or nothing where no sum came.
func textOf(t *testing.T, out string) string {
	t.Helper()
	if out == "" {
		return ""
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	var sum summaryLine
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &sum); err != nil || !sum.Done {
		t.Fatalf("the last line is %s (%v)", lines[len(lines)-1], err)
	}
	return sum.Text
}

// Wherever an interrupt comes, what was written and what comes from the saved
// state is the text.
func TestInterruptAnywhere(t *testing.T) {
	common := []string{"--json", "--ignore-eos", "--temp", "0", "--backend", "cpu"}
	args := append(common, "-p", strings.Repeat("But soft, what light? ", 5), "-ub", "4")
	whole := textOf(t, ok(t, append(args, "-n", "40")...))
	inPrompt, inText := 0, 0
	for n := 30; n < 130; n += 2 {
		state := filepath.Join(t.TempDir(), "s.state")
		var stdout, stderr bytes.Buffer
		left := n
		ctx := countdown{context.Background(), &left}
		status := run(ctx, append(args, "-n", "30", "--state-save", state), strings.NewReader(""), &stdout, &stderr)
		if _, err := os.Stat(state); err != nil {
			continue // while it was loading
		}
		switch {
		case status == cli.Interrupted && stdout.Len() == 0:
			inPrompt++
		case status == cli.OK && stderr.Len() == 0:
			inText++
		default:
			t.Fatalf("after %d: status %d, stdout %q, stderr %q", n, status, &stdout, &stderr)
		}
		first := textOf(t, stdout.String())
		rest := textOf(t, ok(t, append(common, "--state-load", state, "-n", "10")...))
		if rest == "" || !strings.HasPrefix(whole, first+rest) {
			t.Errorf("after %d: %q and %q, want the beginning of %q", n, first, rest, whole)
		}
	}
	t.Logf("%d interrupts in the prompt and %d in the text", inPrompt, inText)
	if inPrompt < 2 || inText < 2 {
		t.Errorf("%d interrupts in the prompt and %d in the text: want some of both", inPrompt, inText)
	}
}

// A full disk or a reader that went away ends the program with an error.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestOutputFails(t *testing.T) {
	var stderr bytes.Buffer
	for _, format := range []string{"--json=false", "--json"} {
		stderr.Reset()
		status := run(context.Background(), []string{"-p", "a", "-n", "5", format}, strings.NewReader(""), failing{},
			&stderr)
		if status != cli.Failed || stderr.String() != "fmgen: short write\n" {
			t.Errorf("%s: status %d, stderr %q, want 1 and the error", format, status, &stderr)
		}
	}
}

// What was not measured is not said.
func TestVerboseWithoutText(t *testing.T) {
	o := fmgen(t, "", "-p", "ROMEO:", "-n", "0", "--verbose", "-t", "1", "--backend", "cpu")
	for _, bad := range []string{"0.0 tok/s", "after 0s", "1 threads"} {
		if o.status != cli.OK || strings.Contains(o.stderr, bad) {
			t.Errorf("status %d, %q has %q", o.status, o.stderr, bad)
		}
	}
	if !strings.Contains(o.stderr, "1 thread,") {
		t.Errorf("%q, want 1 thread", o.stderr)
	}
}

func TestVersionAndHelp(t *testing.T) {
	for args, want := range map[string]string{"--version": "fmgen ", "version": "fmgen ",
		"--backend cpu --version": "fmgen ", "-p x --version": "fmgen ", "convert --version": "fmgen ",
		"-p --version -n 0": "", "help": "Usage: fmgen [flags]",
		"help convert": "Usage: fmgen convert [flags]", "-p model -n 0": "", "-pmodel -n0": ""} {
		if got := ok(t, strings.Fields(args)...); !strings.HasPrefix(got, want) {
			t.Errorf("fmgen %s: %q, want %q", args, got, want)
		}
	}
}
