package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"falconmamba"
	"falconmamba/cmd/internal/cli"
	"falconmamba/engine"
	"falconmamba/internal/clock"
	"falconmamba/internal/disk"
)

// A job is one run of the program.
type job struct {
	*options
	stdin          io.Reader
	stdout, stderr io.Writer

	m    *falconmamba.Model
	s    *falconmamba.Session
	out  output
	text bool // words are given, not ids alone
	seed uint64
	sum  summary

	endOfTurn []int32 // ids that end an answer to a message, beside the checkpoint's
}

// A summary is what is known of a generation at its end.
type summary struct {
	reason   string        // eos, length, stop, prompt or interrupt
	prompt   int           // tokens of the prompt, all that come before the first that is drawn
	reused   int           // of these, for which a state was kept: they were not read
	tokens   int           // that were written
	loading  time.Duration // of the model
	first    time.Duration // from there to the first token
	writing  time.Duration // from the first token to the last
	hasFirst bool
}

func (j *job) do(ctx context.Context) (err error) {
	prompts, err := j.readPrompts(ctx)
	if err != nil {
		return err
	}
	j.text = j.chat || slices.ContainsFunc(prompts, func(p prompt) bool { return p.text != "" })
	if j.stateSave != "" {
		if err := j.checkSave(j.stateSave, j.force); err != nil {
			return err
		}
	}
	if j.seed, err = seedOf(j.options.seed); err != nil {
		return err
	}
	if j.grammar, err = j.readGrammar(ctx); err != nil {
		return err
	}
	if err := j.openModel(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.closeModel()) }()
	if j.several() {
		return j.writeAll(ctx, prompts)
	}
	if j.s, err = j.m.NewSession(); err != nil {
		return err
	}
	defer j.s.Close()
	if j.stateLoad != "" {
		if err := j.s.Load(ctx, j.stateLoad); err != nil {
			return err
		}
	}
	before := len(j.s.Tokens())
	if err := j.appendPrompt(prompts[0]); err != nil {
		return err
	}
	// The last token before the prompt is still to be read.
	j.sum.prompt = len(j.s.Tokens()) - max(0, before-1)
	err = j.write(ctx)
	if j.stateSave != "" && (err == nil || errors.Is(err, context.Canceled)) {
		// Of a prompt that was interrupted, what was read need not be read again.
		err = errors.Join(err, j.s.Save(context.WithoutCancel(ctx), j.stateSave))
	}
	if err != nil {
		return err
	}
	if j.verbose {
		j.reportRun(j.report)
	}
	return nil
}

// checkSave finds out whether a file can be made, and that none is lost by that.
func (j *job) checkSave(path string, force bool) error {
	if err := checkWritable(path); err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil && !force {
		return fmt.Errorf("%s is there already: give another name, or --force to replace it", path)
	}
	return nil
}

// checkWritable finds out before any work is done whether a file can be made.
func checkWritable(path string) error {
	if err := falconmamba.CheckStateFile(path); err != nil {
		return err
	}
	f, err := disk.NewDraft(path, 0o600)
	if err != nil {
		var p *fs.PathError // of the temporary name, which says nothing to people
		if errors.As(err, &p) {
			err = p.Err
		}
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	f.Discard()
	return nil
}

func (j *job) openModel(ctx context.Context) (err error) {
	// A state that is not there is found out before a model is loaded for it.
	if j.stateLoad != "" {
		if err := falconmamba.CheckSaved(j.stateLoad); err != nil {
			return err
		}
	}
	o, err := j.Options()
	if err != nil {
		return err
	}
	o.Text = j.text
	o.Engine.Cache = engine.CacheOptions{Dir: j.cache, Off: j.noCache || j.cache == "" && !j.chat}
	start := time.Now()
	j.m, err = j.Open(ctx, program, j.stderr, o)
	j.sum.loading = time.Since(start)
	return err
}

// closeModel closes the model, and warns of states that were not kept.
func (j *job) closeModel() error {
	err := j.m.Close()
	if n := j.m.Stats().Cache.Failed; n > 0 {
		cli.Warnings(program, j.stderr, fmt.Sprintf("%s could not be written to %s, or read from it: what that "+
			"would save is read again", cli.Count(int(n), "state"), j.cache))
	}
	return err
}

func (j *job) appendPrompt(p prompt) error {
	if p.text != "" {
		if err := j.s.AppendText(p.text); err != nil {
			return err
		}
	}
	if err := j.s.Append(p.ids...); err != nil {
		return err
	}
	if len(j.s.Tokens()) == 0 {
		return errors.New("the prompt is empty: the model needs at least one token to go on from")
	}
	return nil
}

// write generates the text. An interrupt ends it like any other end, if there
// is something to show for it.
func (j *job) write(ctx context.Context) error {
	switch {
	case j.out != nil:
	case j.json:
		j.out = &jsonOutput{w: j.stdout}
	default:
		j.out = j.textOutput()
	}
	if j.echo {
		if err := j.out.prompt(j.m, j.s.Tokens()); err != nil {
			return err
		}
	}
	start := clock.Now()
	err := j.generate(ctx, start)
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled) && j.sum.hasFirst:
		j.sum.reason = "interrupt"
	default:
		j.out.broken()
		return err
	}
	return j.out.done(j)
}

func (j *job) generate(ctx context.Context, start clock.Time) error {
	known := j.sum.reused
	defer func() { j.sum.reused = max(known, j.s.Reused()) }()
	if err := j.prefill(ctx); err != nil {
		return err
	}
	if j.limit == 0 && j.flags.Changed("n-predict") {
		j.sum.reason = "prompt"
		return nil
	}
	g := j.generation(j.m, j.seed)
	if g.EOS == nil && len(j.endOfTurn) > 0 {
		g.EOS = append(j.m.EOS(), j.endOfTurn...)
	}
	for t, err := range j.s.Generate(ctx, "", &g) {
		if err != nil {
			return err
		}
		now := clock.Since(start)
		if !j.sum.hasFirst {
			j.sum.first, j.sum.hasFirst = now, true
		}
		j.sum.writing = now - j.sum.first
		if t.ID >= 0 {
			j.sum.tokens++
		}
		if err := j.out.token(t); err != nil {
			return err
		}
	}
	j.sum.reason = string(j.s.StopReason())
	return nil
}

// prefill reads a prompt of several chunks. A short one is read in one pass with its first draw.
func (j *job) prefill(ctx context.Context) error {
	if j.limit != 0 && j.sum.prompt <= j.m.Chunk() {
		return nil
	}
	return j.readAhead(ctx)
}

// readAhead reads the prompt but for its last token, showing how far it is.
func (j *job) readAhead(ctx context.Context) error {
	p := cli.NewProgress(j.stderr, "reading")
	defer p.Done()
	return j.s.Prefill(ctx, func(done, total int) {
		p.Update(int64(done), int64(total), fmt.Sprintf("of %d tokens", total))
	})
}
