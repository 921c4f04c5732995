package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"falconmamba"
	"falconmamba/checkpoint"
	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/procmem"
	"falconmamba/internal/quantity"
)

// An output is where a text goes, token by token.
type output interface {
	prompt(m *falconmamba.Model, ids []int32) error
	token(t falconmamba.Token) error
	broken()           // an error ended the text
	done(j *job) error // the text is whole
}

// textOutput writes the text as it comes. A model without a tokenizer writes
// the ids.
type textOutput struct {
	w       io.Writer
	ids     bool
	clean   bool // a terminal, which is not to do what the text says
	begun   bool
	newline bool // the last thing that was written
}

func (j *job) textOutput() *textOutput {
	return &textOutput{w: j.stdout, ids: j.m.Tokenizer() == nil, clean: cli.IsTerminal(j.stdout) && !j.raw}
}

func (o *textOutput) write(text string) error {
	if text == "" {
		return nil
	}
	if o.clean {
		text = cli.Clean(text)
	}
	o.begun, o.newline = true, strings.HasSuffix(text, "\n")
	_, err := io.WriteString(o.w, text)
	return err
}

func (o *textOutput) prompt(m *falconmamba.Model, ids []int32) error {
	if !o.ids {
		return o.write(m.Tokenizer().Decode(ids, false))
	}
	for _, id := range ids {
		if err := o.token(falconmamba.Token{ID: id}); err != nil {
			return err
		}
	}
	return nil
}

func (o *textOutput) token(t falconmamba.Token) error {
	if !o.ids {
		return o.write(t.Text)
	}
	space := " "
	if !o.begun {
		space = ""
	}
	return o.write(fmt.Sprint(space, t.ID))
}

// broken leaves the error a line of its own.
func (o *textOutput) broken() { o.endLine() }

func (o *textOutput) done(j *job) error {
	err := o.endLine()
	j.cut()
	return err
}

func (o *textOutput) endLine() error {
	if o.begun && !o.newline {
		return o.write("\n")
	}
	return nil
}

// jsonOutput writes JSON Lines.
type jsonOutput struct {
	w     io.Writer
	index *int // of the answer; nil where it is alone
	text  strings.Builder
}

func (o *jsonOutput) line(v any) error {
	e := json.NewEncoder(o.w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func (o *jsonOutput) prompt(m *falconmamba.Model, ids []int32) error {
	text := ""
	if t := m.Tokenizer(); t != nil {
		text = t.Decode(ids, false)
	}
	return o.line(struct {
		Index  *int    `json:"index,omitempty"`
		Prompt string  `json:"prompt"`
		IDs    []int32 `json:"ids"`
	}{o.index, text, ids})
}

// token writes {"id":…,"text":…}. The id is null for text that is left of a
// character that was not completed.
func (o *jsonOutput) token(t falconmamba.Token) error {
	o.text.WriteString(t.Text)
	line := struct {
		Index *int   `json:"index,omitempty"`
		ID    *int32 `json:"id"`
		Text  string `json:"text"`
	}{o.index, &t.ID, t.Text}
	if t.ID < 0 {
		line.ID = nil
	}
	return o.line(line)
}

func (o *jsonOutput) broken() {}

func (o *jsonOutput) done(j *job) error {
	stats := j.m.Backend().Stats()
	line := summaryLine{Index: o.index, Done: true, Reason: j.sum.reason, Text: o.text.String(), Seed: j.seed,
		PromptTokens: j.sum.prompt, Reused: j.sum.reused, Tokens: j.sum.tokens,
		Model: cli.ModelName(j.Model), Backend: j.m.Backend().Info().Name,
		Timings: timings{LoadSeconds: j.sum.loading.Seconds(), FirstTokenSeconds: j.sum.first.Seconds(),
			PromptPerSecond: j.sum.promptRate(), TokensPerSecond: j.sum.rate()},
		Memory: memory{Live: stats.Live, Peak: stats.Peak}}
	if r, ok := procmem.Read(); ok {
		line.Memory.Resident = r.Resident
	}
	return o.line(line)
}

type summaryLine struct {
	Index        *int    `json:"index,omitempty"`
	Done         bool    `json:"done"`
	Reason       string  `json:"reason"`
	Text         string  `json:"text"`
	Model        string  `json:"model"`
	Backend      string  `json:"backend"`
	Seed         uint64  `json:"seed"`
	PromptTokens int     `json:"prompt_tokens"`
	Reused       int     `json:"cached_tokens,omitempty"` // of these, which were not read
	Tokens       int     `json:"tokens"`
	Timings      timings `json:"timings"`
	Memory       memory  `json:"memory"`
}

type timings struct {
	LoadSeconds       float64 `json:"load_seconds"`
	FirstTokenSeconds float64 `json:"first_token_seconds"`
	PromptPerSecond   float64 `json:"prompt_tokens_per_second"`
	TokensPerSecond   float64 `json:"tokens_per_second"`
}

// memory is in bytes; live and peak are the device's.
type memory struct {
	Live     int64 `json:"live"`
	Peak     int64 `json:"peak"`
	Resident int64 `json:"resident,omitempty"`
}

// promptRate is how fast the prompt was read, the first draw included; 0 where
// none was made.
func (s *summary) promptRate() float64 {
	if s.first <= 0 {
		return 0
	}
	return float64(s.read()) / s.first.Seconds()
}

// rate is how fast tokens came after the first.
func (s *summary) rate() float64 {
	if s.tokens < 2 || s.writing <= 0 {
		return 0
	}
	return float64(s.tokens-1) / s.writing.Seconds()
}

// read is how many tokens of the prompt were read.
func (s *summary) read() int { return max(0, s.prompt-s.reused) }

// reading says how fast the prompt was read, where that was measured: a clock may be too
// coarse for it.
func (s *summary) reading() string {
	if !s.hasFirst || s.first <= 0 {
		return ""
	}
	return fmt.Sprintf(", %.1f tok/s, first token after %s", s.promptRate(), round(s.first))
}

// speed says how fast the text was written, where that was measured.
func (s *summary) speed() string {
	if s.rate() == 0 {
		return ""
	}
	return fmt.Sprintf(", %.1f tok/s", s.rate())
}

// cut says on a terminal that a limit ended the text which nobody asked for.
func (j *job) cut() {
	if j.sum.reason == string(falconmamba.StopLength) && !j.flags.Changed("n-predict") && cli.IsTerminal(j.stderr) {
		fmt.Fprintf(j.stderr, "(cut after %s: -n N is another limit, -n -1 none)\n", cli.Count(j.sum.tokens, "token"))
	}
}

// report is what --verbose says.
func (j *job) report() {
	j.say("prompt", "%s%s%s", cli.Count(j.sum.prompt, "token"), j.sum.known(), j.sum.reading())
	j.say("text", "%s%s, ended by %s, seed %d", cli.Count(j.sum.tokens, "token"), j.sum.speed(), j.sum.reason, j.seed)
}

// say writes a line of a report.
func (j *job) say(what, format string, args ...any) {
	fmt.Fprintf(j.stderr, "%-8s %s\n", what, fmt.Sprintf(format, args...))
}

// reportRun says what ran, what texts says of the texts, and in how much memory.
func (j *job) reportRun(texts func()) {
	m, info, stats := j.m, j.m.Backend().Info(), j.m.Backend().Stats()
	var size int64
	for _, s := range checkpoint.Summarize(m.Checkpoint().Tensors()) {
		size += s.Bytes
	}
	j.say("model", "%s: %s, %v parameters, %v, loaded in %s", cli.ModelName(j.Model), m.Config().ModelType,
		quantity.Count(m.Config().Parameters()), quantity.Bytes(size), round(j.sum.loading))
	cli.Notes(j.stderr, m)
	device := info.Device
	if info.Threads > 0 {
		device += ", " + cli.Count(info.Threads, "thread")
	}
	j.say("backend", "%s: %s, chunks of %d tokens", info.Name, device, m.Chunk())
	texts()
	resident := ""
	if r, ok := procmem.Read(); ok {
		resident = fmt.Sprintf("; the process has %v resident, %v at most",
			quantity.Bytes(r.Resident), quantity.Bytes(r.Peak))
	}
	j.say("memory", "%v live, %v at most on the device%s", quantity.Bytes(stats.Live), quantity.Bytes(stats.Peak),
		resident)
}

// known says how much of the prompt was not read.
func (s *summary) known() string {
	if s.reused == 0 {
		return ""
	}
	return fmt.Sprintf(", %d of them known", s.reused)
}

// round keeps three digits or so of a duration.
func round(d time.Duration) time.Duration {
	for unit := time.Duration(1); ; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit)
		}
	}
}
