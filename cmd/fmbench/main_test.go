package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"falconmamba/backend/backendtest"
	"falconmamba/cmd/internal/cli"
)

const tinyDir = "../../checkpoint/testdata/tiny"

type outcome struct {
	status         int
	stdout, stderr string
}

// fmbench runs the program in this process.
func fmbench(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := run(context.Background(), args, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String()}
}

// rows runs a command line that must end with status and returns its report's
// rows.
func rows(t *testing.T, status int, args ...string) []map[string]any {
	t.Helper()
	o := fmbench(t, "", append(args, "-o", "json")...)
	if o.status != status || status == cli.OK && o.stderr != "" {
		t.Fatalf("fmbench %q: status %d, stderr %q, want status %d", args, o.status, o.stderr, status)
	}
	var all []map[string]any
	if err := json.Unmarshal([]byte(o.stdout), &all); err != nil {
		t.Fatalf("fmbench %q: %v in %s", args, err, o.stdout)
	}
	return all
}

// column returns the values of a key in the rows of a table.
func column(all []map[string]any, table, key string) []any {
	var values []any
	for _, row := range all {
		if row["table"] == table {
			values = append(values, row[key])
		}
	}
	return values
}

func TestBadCommandLines(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.txt")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status int
		want   string // in the one line on stderr
	}{
		{"frobnicate", 2, `"frobnicate" is no command`},
		{"--state-type q8_0", 2, `--state-type: unknown type of states "q8_0": want f32, f16 or bf16`},
		{"states --every 0", 2, "--every 0: want 1 or more"},
		{"spede", 2, `"spede" is no command; did you mean speed?`},
		{"ppl --chnk 3", 2, "unknown flag: --chnk; did you mean --chunk? (fmbench ppl --help lists the flags)"},
		{"-ngl 9", 2, "there is no -ngl here"},
		{"--no-such-flag", 2, "unknown flag: --no-such-flag"},
		{"devices extra", 2, `"extra" is not a flag`},
		{"devices -o xml", 2, `unknown format "xml"`},
		{"-p x", 2, `"x"`},
		{"-p -1", 2, "-p -1"},
		{"-b 0", 2, "-b 0"},
		{"-p 99999999999 -n 0", 2, "-p 99999999999: want at most 16777216"},
		{"load -c 99999999 -n 1", 2, "-c 99999999: want at most 65536"},
		{"load --tokens 1-99999999", 2, "--tokens 99999999: want at most"},
		{"load --long -1", 2, "--long -1: want 0 or more"},
		{"--compare -1", 2, "--compare -1: want 0 or more"},
		{"-p 0 -n 0 --compare 0", 2, "nothing is left to measure"},
		{"--model=", 2, "--model is empty: it wants a name"},
		{"-m ,", 2, "--model has an empty name"},
		{"-r 0", 2, "-r 0"},
		{"-t -3", 2, "-t -3"},
		{"-ub -1", 2, "--chunk -1"},
		{"--precision f8", 2, `"f8"`},
		{"--baseline none.json", 1, "none.json: "},
		{"--baseline " + empty, 1, "no test of speed is in it: save a run by"},
		{"--baseline " + empty + " --tolerance -1", 2, "--tolerance -1"},
		{"--baseline " + empty + " --tolerance nan", 2, "--tolerance NaN"},
		{"--tolerance 5", 2, "--tolerance is for --baseline"},
		{"--type f32", 2, "only random:"},
		{"--backend=", 2, "--backend has an empty name"},
		{"verify --backend cpu,, x", 2, "--backend has an empty name"},
		{"--backend cpu,abacus -p 1 -n 0 -r 1", 1, `unknown backend "abacus"`},
		{"--backend abacus", 1, `unknown backend "abacus"`},
		{"-m none", 1, "no model at none"},
		{"--backend cpu --chunk 99999999 -r 1 -p 1 -n 0 -m " + tinyDir, 1, "chunk of 99999999"},
		{"ops --run (", 2, "--run"},
		{"ops --run nothing-is-called-so --backend cpu", 2, "matches no case"},
		{"ops --backend cpu -t 1,2", 2, "--threads has several values"},
		{"verify", 2, "verify what?"},
		{"verify --precision auto " + tinyDir, 2, "--precision auto"},
		{"logits", 2, "give the tokens"},
		{"logits --ids 1 -p a", 2, "give the tokens"},
		{"logits --ids x", 2, `"x" is not a token id`},
		{"logits --ids 99999", 1, "id 99999"},
		{"logits --ids=", 1, "the prompt is empty"},
		{"logits --ids 1 --backend cpu,ref", 2, "--backend has several values"},
		{"logits --ids 1 --device 0", 2, "of which backend"},
		{"logits -p a -m " + tinyDir, 1, "has no tokenizer: give token ids"},
		{"ppl", 2, "-f FILE"},
		{"ppl -f none.txt", 1, "none.txt"},
		{"ppl -f " + empty, 1, "at least two tokens"},
		{"long -p 3", 2, "-p 3"},
		{"open -m none", 1, "no model at none"},
		{"load -c 0", 2, "-c 0"},
		{"load -n -1", 2, "-n -1"},
		{"load -r 0", 2, "-r 0"},
		{"load --rate -1", 2, "--rate -1"},
		{"load --prompt 0", 2, "want a number of tokens"},
		{"load --prompt 9-3", 2, "the smaller first"},
		{"load --tokens 3-x", 2, `"3-x"`},
		{"load --running 5000", 2, "5000 running texts"},
		{"load --backend cpu,ref", 2, "--backend has several values"},
	} {
		o := fmbench(t, "", strings.Fields(c.args)...)
		if o.status != c.status || !strings.Contains(o.stderr, c.want) {
			t.Errorf("fmbench %s: status %d, stderr %q, want status %d and %q",
				c.args, o.status, o.stderr, c.status, c.want)
		}
		if strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "fmbench: ") {
			t.Errorf("fmbench %s: stderr %q, want one line that begins with fmbench:", c.args, o.stderr)
		}
		if o.stdout != "" && strings.Contains(c.want, "unknown backend") {
			t.Errorf("fmbench %s: %q was measured before it was refused", c.args, o.stdout)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"help"}, {"-h"}} {
		o := fmbench(t, "", args...)
		for _, c := range commands() {
			if o.status != 0 || !strings.Contains(o.stdout, "\n       fmbench "+c.name+" ") {
				t.Errorf("fmbench %v: status %d, lacks %s", args, o.status, c.name)
			}
		}
	}
	for _, c := range commands() {
		o := fmbench(t, "", c.name, "--help")
		if o.status != 0 || !strings.Contains(o.stdout, "--output") {
			t.Errorf("fmbench %s --help: status %d, %q", c.name, o.status, o.stdout)
		}
		if again := fmbench(t, "", "help", c.name); again.status != 0 || again.stdout != o.stdout {
			t.Errorf("fmbench help %s: status %d, %q", c.name, again.status, again.stdout)
		}
	}
	for _, arg := range []string{"--version", "version", "--backend cpu --version", "ops --version"} {
		if o := fmbench(t, "", strings.Fields(arg)...); o.status != 0 || !strings.HasPrefix(o.stdout, "fmbench ") {
			t.Errorf("fmbench %s: status %d, %q", arg, o.status, o.stdout)
		}
	}
}

func TestDevices(t *testing.T) {
	o := fmbench(t, "", "devices", "-o", "csv") // other drivers may be broken on this machine
	for _, want := range []string{"backend,device,driver", "\nref,", "\ncpu,"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("devices are %q, want %q in it", o.stdout, want)
		}
	}
}

// What people see fits a terminal of 100 columns and ends with a verdict.
func TestTablesFitATerminal(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("ROMEO: I think"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"devices": "",
		"--backend cpu,ref -p 3 -n 2 -r 1 -b 1,2 --compare 4":                                   "2 setups, 0 failed.",
		"ops --backend cpu --run ^out_proj_add/outside/int8/f32.*strided":                       "1 case, 0 failed.",
		"verify --backend cpu " + tinyDir:                                                       " checks, 0 failed.",
		"open --backend cpu":                                                                    "1 model, 0 failed.",
		"long --backend cpu -p 200":                                                             "",
		"profile --backend cpu -r 1 -p 8":                                                       "",
		"draft --backend cpu -m " + tinyDir + " -n 12 -r 1":                                     "",
		"draft --backend cpu -m " + tinyDir + " -n 12 -r 1 --draft " + tinyDir:                  "",
		"load --backend cpu -c 2 -n 4 --prompt 4 --tokens 4":                                    "",
		"cache --backend cpu -m " + tinyDir + " --document 400 --users 2 --turns 2 -n 2 --same": "5 scenarios, 0 failed.",
		"ppl --backend cpu -f " + text + " --quant none,q8_0":                                   "",
	} {
		var stdout, stderr strings.Builder
		c := &call{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, columns: 100}
		if err := c.do(t.Context(), strings.Fields(args)); err != nil {
			t.Errorf("fmbench %s: %v", args, err)
		}
		if !strings.HasSuffix(stdout.String(), want+"\n") {
			t.Errorf("fmbench %s ends with %q, want %q", args, &stdout, want)
		}
		for line := range strings.Lines(stdout.String()) {
			if n := utf8.RuneCountInString(strings.TrimSpace(line)); n > 100 && strings.HasPrefix(line, "|") {
				t.Errorf("fmbench %s: %d columns: %q", args, n, line)
			}
		}
	}
	o := fmbench(t, "", "--backend", "cpu", "-p", "3", "-n", "0", "-r", "1", "--compare", "4", "-o", "csv")
	r := csv.NewReader(strings.NewReader(o.stdout))
	if all, err := r.ReadAll(); err != nil || len(all) != 2 || !strings.Contains(o.stderr, "-o json has all") {
		t.Errorf("CSV is %q (%v), stderr %q", o.stdout, err, o.stderr)
	}
}

func TestOps(t *testing.T) {
	all := rows(t, 0, "ops", "--backend", "cpu", "--run", "^(add|gate)/|two parts")
	want := 0
	for _, k := range backendtest.Cases() {
		if k.Kind == "add" || k.Kind == "gate" {
			want++
		}
	}
	laws := 0
	for i, row := range all {
		if row["status"] != "pass" {
			t.Errorf("%v", row)
		}
		if row["seconds"] == nil {
			laws++
		} else if !(row["seconds"].(float64) > 0 && row["gb_per_s"].(float64) > 0) {
			t.Errorf("row %d has no time: %v", i, row)
		}
	}
	if len(all)-laws != want || laws < 3 {
		t.Errorf("%d cases and %d laws, want %d and some", len(all)-laws, laws, want)
	}
}

func TestVerify(t *testing.T) {
	all := rows(t, 0, "verify", "--backend", "cpu", tinyDir, "../../checkpoint/testdata/tokenizer")
	for _, status := range column(all, "verify", "status") {
		if status != "pass" {
			t.Errorf("rows are %v", all)
		}
	}
	models := column(all, "verify", "model")
	if !slices.Contains(models, any("tiny")) || !slices.Contains(models, any("tokenizer")) {
		t.Errorf("models are %v", models)
	}

	// What is broken does not hide what is not, and fails.
	broken := t.TempDir()
	if err := os.CopyFS(broken, os.DirFS(tinyDir)); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join(broken, "golden.safetensors")
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 0x40 // the exponent of the last tensor's last number
	if err := os.WriteFile(golden, data, 0o644); err != nil {
		t.Fatal(err)
	}
	all = rows(t, 1, "verify", "--backend", "cpu", broken, filepath.Join(broken, "none"), tinyDir)
	failed := map[any]int{}
	for _, row := range all {
		if row["status"] == "fail" {
			failed[row["model"]]++
		}
	}
	if failed[filepath.Base(broken)] == 0 || failed["none"] != 1 || failed["tiny"] != 0 {
		t.Errorf("failures by model are %v", failed)
	}
	if err := os.Truncate(golden, 100); err != nil {
		t.Fatal(err)
	}
	o := fmbench(t, "", "verify", "--backend", "cpu", broken)
	if o.status != 1 || !strings.Contains(o.stderr, "golden.safetensors") || !strings.Contains(o.stdout, "| fail") {
		t.Errorf("a truncated golden: status %d, stderr %q, stdout %s", o.status, o.stderr, o.stdout)
	}
}

func TestSpeedCommand(t *testing.T) {
	all := rows(t, 0, "-m", tinyDir, "--backend", "cpu,ref", "-p", "8,0", "-n", "4", "-b", "1,2", "-r", "2", "-t", "1",
		"--chunk", "4,64")
	var got []string
	for _, row := range all {
		if row["table"] != "speed" {
			continue
		}
		got = append(got, row["backend"].(string)+" "+row["test"].(string))
		if !(row["tokens_per_s"].(float64) > 0) || row["params"].(float64) <= 0 || row["live"].(float64) <= 0 ||
			row["type"] != "f32" {
			t.Errorf("row is %v", row)
		}
	}
	one := []string{"cpu pp8", "cpu tg4", "cpu tg4 b2"}
	two := []string{"ref pp8", "ref tg4", "ref tg4 b2"}
	if want := slices.Concat(one, one, two, two); !slices.Equal(got, want) {
		t.Errorf("tests are %q, want %q", got, want)
	}
	n := column(all, "numerics", "max_error")
	if len(n) != 4 || n[2].(float64) > 1e-6 || n[3] != 0.0 || n[0].(float64) > 1e-4 || n[0].(float64) == 0 {
		t.Errorf("errors against ref are %v, want small ones of cpu and none of ref", n)
	}
	for _, against := range column(all, "numerics", "against") {
		if against != "ref f32" {
			t.Errorf("compared with %v, want ref f32", against)
		}
	}
}

func TestReferenceIsLeftOutWhereItIsSlow(t *testing.T) {
	c := &call{stderr: io.Discard}
	for _, withRef := range []bool{true, false} {
		names, err := c.chosen(withRef)
		if err != nil || slices.Contains(names, "ref") != withRef || !slices.Contains(names, "cpu") {
			t.Errorf("chosen(%v) = %v, %v", withRef, names, err)
		}
	}
}

func TestLogits(t *testing.T) {
	all := rows(t, 0, "logits", "-m", tinyDir, "--ids", "5,6,7", "--all", "--backend", "cpu")
	last := rows(t, 0, "logits", "-m", tinyDir, "--ids", "5,6,7", "--backend", "cpu")
	if len(all) != 3 || len(last) != 1 {
		t.Fatalf("%d rows with --all and %d without", len(all), len(last))
	}
	for i, row := range all {
		if row["row"] != float64(i) || row["id"] != float64(5+i) || len(row["logits"].([]any)) != 320 {
			t.Errorf("row %d is %v", i, row)
		}
	}
	for i, v := range all[2]["logits"].([]any) {
		if w := last[0]["logits"].([]any)[i].(float64); math.Abs(v.(float64)-w) > 1e-4 {
			t.Errorf("logit %d is %v with --all and %v without", i, v, w)
		}
	}
	o := fmbench(t, "", "logits", "-p", "ROMEO")
	if o.status != 0 || !strings.Contains(o.stdout, `":" `) {
		t.Errorf("after ROMEO: %q, want a colon among the best", o.stdout)
	}
}

func TestPPL(t *testing.T) {
	var golden struct {
		Prompt string
		Loss   float64
		IDs    []int `json:"input_ids"`
	}
	data, err := os.ReadFile("../../checkpoint/tiny/golden.json")
	if err == nil {
		err = json.Unmarshal(data, &golden)
	}
	if err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(text, []byte(golden.Prompt), 0o644); err != nil {
		t.Fatal(err)
	}
	row := rows(t, 0, "ppl", "-f", text, "--precision", "f32")[0]
	if got := row["loss"].(float64); math.Abs(got-golden.Loss) > 1e-4 {
		t.Errorf("loss is %g, want %g", got, golden.Loss)
	}
	if got := row["perplexity"].(float64); math.Abs(math.Log(got)-golden.Loss) > 1e-4 {
		t.Errorf("perplexity is %g, want exp(%g)", got, golden.Loss)
	}
	if got := row["tokens"].(float64); int(got) != len(golden.IDs)-1 {
		t.Errorf("%v tokens count, want %d", got, len(golden.IDs)-1)
	}
	o := fmbench(t, golden.Prompt, "ppl", "-f", "-", "--precision", "f32")
	if o.status != 0 || !strings.Contains(o.stdout, "2.0722") {
		t.Errorf("from standard input: status %d, %q", o.status, o.stdout)
	}
}

func TestLongCommand(t *testing.T) {
	all := rows(t, 0, "long", "-m", tinyDir, "-p", "400", "--chunk", "16", "--backend", "cpu")
	if tokens := column(all, "long", "tokens"); len(tokens) != 10 || tokens[9] != 400.0 {
		t.Errorf("points are at %v, want ten up to 400", tokens)
	}
}

func TestStatesCommand(t *testing.T) {
	for _, args := range [][]string{nil, {"-m", "random:../../checkpoint/tiny/config.json", "--trained-decays"}} {
		all := rows(t, 0, append([]string{"states", "-p", "20", "--every", "15", "-t", "1"}, args...)...)
		if len(all) != 8 || all[0]["tokens"] != 15.0 || all[7]["tokens"] != 20.0 || all[7]["states"] != "bf16" {
			t.Fatalf("rows are %v, want four after 15 and after 20 tokens", all)
		}
		for _, row := range all {
			if kl := row["kl"].(float64); !(kl > 0 && kl < 1e-3) || row["most"].(float64) < kl {
				t.Errorf("row is %v", row)
			}
		}
	}
}

func TestOpenCommand(t *testing.T) {
	row := rows(t, 0, "open", "-m", tinyDir, "--backend", "cpu")[0]
	if row["seconds"].(float64) <= 0 || row["largest_tensor"].(float64) <= 0 ||
		row["limit"].(float64) != row["largest_tensor"].(float64)+200<<20 {
		t.Errorf("row is %v", row)
	}
}

func TestLoadCommand(t *testing.T) {
	args := []string{"load", "-m", tinyDir, "--backend", "cpu", "--prompt", "5-9", "--tokens", "4"}
	all := rows(t, 0, append(args, "-c", "1,3", "-n", "6", "--long", "50")...)
	if len(all) != 2 || all[1]["clients"] != 3.0 {
		t.Fatalf("rows are %v, want one for each number of clients", all)
	}
	for _, row := range all {
		if row["requests"] != 6.0 || row["shed"] != 0.0 || row["rate"] != nil {
			t.Errorf("row is %v, want 6 requests and none shed", row)
		}
		for _, key := range []string{"written_per_s", "read_per_s", "first_p50", "between_p99", "batch_per_s", "ratio"} {
			if v, ok := row[key].(float64); !ok || !(v > 0) {
				t.Errorf("%s is %v", key, row[key])
			}
		}
		if row["first_p50"].(float64) > row["first_p95"].(float64) {
			t.Errorf("row is %v, want quantiles that ascend", row)
		}
	}
	all = rows(t, 0, append(args, "-c", "2", "--rate", "1000")...)
	if len(all) != 1 || all[0]["requests"] != 16.0 || all[0]["rate"] != 1000.0 || all[0]["ratio"] != nil {
		t.Errorf("at a rate: %v", all)
	}
}

func TestCacheCommand(t *testing.T) {
	args := []string{"cache", "-m", tinyDir, "--backend", "cpu", "--document", "1500", "--users", "6", "--turns", "4",
		"--questions", "3", "-n", "6"}
	all := rows(t, 0, append(args, "--same", "--precision", "f32")...)
	if len(all) != 5 {
		t.Fatalf("%d rows, want one for each scenario", len(all))
	}
	for _, row := range all {
		read, fresh := row["read"].(float64), row["new"].(float64)
		if read < fresh || row["again"].(float64) >= 256 || !(row["cold"].(float64) > 0) || row["same"] != 1.0 {
			t.Errorf("row is %v", row)
		}
	}
	// Where there is no room for states all is read again, and that is a failure.
	if o := fmbench(t, "", append(args, "--host", "1")...); o.status != 1 || !strings.Contains(o.stderr, "5 failed") {
		t.Errorf("without room: status %d, stderr %q", o.status, o.stderr)
	}
}

func TestSessionsCommand(t *testing.T) {
	args := []string{"sessions", "-m", tinyDir, "--backend", "cpu", "--precision", "f32", "--sessions", "30", "--states", "8",
		"--different", "4", "-c", "3", "-p", "6"}
	all := rows(t, 0, append(args, "--rounds", "1")...)
	if len(all) != 2 {
		t.Fatalf("%d rows, want one for each round", len(all))
	}
	for i, row := range all {
		moves := row["moves"].(float64)
		if moves < float64(22+30*i) || row["host"].(float64) < 22 || row["same"] != 1.0 || !(row["first_p50"].(float64) > 0) {
			t.Errorf("row is %v", row)
		}
	}
	if o := fmbench(t, "", append(args, "--rounds", "-1")...); o.status != 2 {
		t.Errorf("-1 rounds: status %d, stderr %q", o.status, o.stderr)
	}
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, args := range []string{"-m " + tinyDir, "ops --backend cpu", "verify --backend cpu " + tinyDir,
		"long -m " + tinyDir, "load -m " + tinyDir, "ppl -f -"} {
		var stderr bytes.Buffer
		status := run(ctx, strings.Fields(args), strings.NewReader("some text"), io.Discard, &stderr)
		if status != cli.Interrupted || stderr.String() != "fmbench: interrupted\n" {
			t.Errorf("fmbench %s: status %d, stderr %q, want %d and one line", args, status, &stderr, cli.Interrupted)
		}
	}
}
