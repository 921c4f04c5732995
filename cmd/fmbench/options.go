package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/bench"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
	"falconmamba/cmd/internal/cli"
	"falconmamba/engine"
	"falconmamba/model"
)

// options are the flags of all commands; each declares those that it has.
type options struct {
	format string

	models    []string
	quants    []string
	adapters  []string
	mixerEps  float64
	offline   bool
	verbose   bool
	backends  []string
	device    string
	threads   []int
	invariant bool
	alone     bool
	chunks    []int
	precision string
	stateType string
	typ       string
	seed      uint64

	prompts, generates, batches []int
	reps, compare               int
	baseline                    string
	budget                      time.Duration
	to, from, page              string // files of reports
	force                       bool
	tolerance                   float64

	ids, text, file string
	against         string
	all, wide       bool
	run             string
	length          int
	every           int
	decays          bool

	clients        []int
	requests, long int
	rate           float64
	url            string
	prompt, tokens lengths
	engine         engine.Options // but for Chunk, which is in chunks
	cache          bench.CacheTest
	open           bench.OpenTest
	draft          bench.DraftTest
	draftModel     string
	draftQuant     string
	same           bool
}

func (c *call) outputFlag() {
	c.fs.StringVarP(&c.o.format, "output", "o", "md", "`FORMAT` of the report: md, csv, json, jsonl")
}

func (c *call) modelFlags() {
	c.fs.StringSliceVarP(&c.o.models, "model", "m", []string{""},
		"`MODEL`: the folder of a checkpoint, a .gguf file, ORG/NAME[@REVISION][:FILE.gguf]\nof the Hugging Face "+
			"hub, or random:7b, random:1.4b, random:130m,\nrandom:PATH/config.json (default: a small one, embedded)")
	c.fs.Lookup("model").DefValue = "[]" // not shown
	c.fs.StringVar(&c.o.typ, "type", "", "store random: weights as `TYPE`: f32, f16, bf16")
	c.fs.StringSliceVar(&c.o.quants, "quant", []string{"none"},
		"pack the weights as `TYPE` while they are loaded: none, "+cli.QuantTypes)
	cli.DeclareAdapters(c.fs, &c.o.adapters)
	c.fs.Float64Var(&c.o.mixerEps, "mixer-eps", 0,
		"`EPS` of the norms within a layer, which GGUF files do not say (default:\nwhat the checkpoint says; of GGUF "+
			"1e-6, or 1e-5 where its name says Falcon3)")
	c.fs.BoolVar(&c.o.offline, "offline", false, "download nothing: models of the hub must be in the cache")
	c.fs.BoolVar(&c.o.verbose, "verbose", false, "say on stderr what was decided about a model")
	c.seedFlag("`SEED` of random weights and tokens")
}

func (c *call) seedFlag(about string) { c.fs.Uint64VarP(&c.o.seed, "seed", "s", 1, about) }

// deviceFlags declares what one device is chosen by.
func (c *call) deviceFlags() {
	c.backendsFlag("`NAME` of a backend: auto, cpu, ref, vulkan, vulkan:N, metal (default auto:\n$FM_BACKEND, else " +
		"the best device present)")
	c.fs.StringVar(&c.o.device, "device", "", "number or `NAME` of a device, see fmbench devices")
	c.passFlags()
}

// passFlags declares what the passes of a model are made by.
func (c *call) passFlags() {
	c.fs.IntSliceVarP(&c.o.threads, "threads", "t", []int{0}, "`N` workers of a processor; 0: all cores")
	c.fs.IntSliceVar(&c.o.chunks, "chunk", []int{0}, "read `N` tokens at once (also -ub); 0: what suits the device")
	c.fs.StringVar(&c.o.precision, "precision", "auto",
		"what passes of many tokens may round to (of any number with packed weights), `P`: auto, f32, half, int8")
	c.fs.StringVar(&c.o.stateType, "state-type", "f32", cli.StateTypeAbout)
	c.invariantFlag()
}

func (c *call) invariantFlag() {
	c.fs.BoolVar(&c.o.invariant, "batch-invariant", false, cli.AboutInvariant)
}

func (c *call) backendsFlag(about string) {
	c.fs.StringSliceVar(&c.o.backends, "backend", nil, about)
}

// Counts beyond these are slips of the hand: they would take all memory before anything is measured.
const mostTokens, mostTexts = 1 << 24, 1 << 16

// check refuses what makes no sense whatever the command.
func (c *call) check() error {
	for _, f := range []struct {
		name string
		list []int
		min  int
		most int
	}{
		{"-p", c.o.prompts, 0, mostTokens}, {"-n", c.o.generates, 0, mostTokens}, {"-b", c.o.batches, 1, mostTexts},
		{"-t", c.o.threads, 0, math.MaxInt32}, {"--chunk", c.o.chunks, 0, math.MaxInt32},
		{"-c", c.o.clients, 1, mostTexts}, {"--compare", []int{c.o.compare}, 0, mostTokens},
		{"-p", []int{c.o.length}, 0, mostTokens}, {"--long", []int{c.o.long}, 0, mostTokens},
		{"--prompt", []int{c.o.prompt.Max}, 0, mostTokens}, {"--tokens", []int{c.o.tokens.Max}, 0, mostTokens},
		{"-n", []int{c.o.requests}, 0, mostTokens}, {"-r", []int{c.o.reps}, 0, mostTokens},
	} {
		for _, v := range f.list {
			switch {
			case v < f.min:
				return cli.Usagef("%s %d: want %d or more", f.name, v, f.min)
			case v > f.most:
				return cli.Usagef("%s %d: want at most %d", f.name, v, f.most)
			}
		}
	}
	for _, dir := range c.fs.Args() {
		if dir == "" {
			return cli.Usagef("the name of a folder is empty")
		}
	}
	if f := c.fs.Lookup("backend"); f != nil && f.Changed &&
		(len(c.o.backends) == 0 || slices.Contains(c.o.backends, "")) {
		return cli.Usagef("--backend has an empty name")
	}
	if f := c.fs.Lookup("model"); f != nil && f.Changed && slices.Contains(c.o.models, "") {
		return cli.Usagef("--model has an empty name")
	}
	for _, name := range c.o.backends {
		if err := cli.CheckBackend(name); err != nil {
			return err
		}
	}
	if _, err := cli.Precision(c.o.precision); err != nil {
		return err
	}
	if _, err := cli.StateType(c.o.stateType); err != nil {
		return err
	}
	for _, src := range c.sources() {
		if _, err := c.files(src); err != nil {
			return err
		}
	}
	if _, err := cli.IDs(c.o.ids); err != nil {
		return err
	}
	return nil
}

// A source is a model, and what its weights are packed as on the way to a device.
type source struct{ model, quant string }

// sources are what -m and --quant make when they are multiplied out.
func (c *call) sources() []source {
	var all []source
	for _, m := range c.o.models {
		for _, q := range c.o.quants {
			all = append(all, source{m, q})
		}
	}
	return all
}

// files returns how a model's files are opened.
func (c *call) files(src source) (o checkpoint.Options, err error) {
	typ := c.o.typ
	if len(c.o.models) > 1 && !strings.HasPrefix(src.model, "random:") {
		typ = "" // it is of those that are random
	}
	if o, err = cli.Checkpoint(src.model, typ, c.o.seed, c.o.mixerEps); err != nil {
		return o, err
	}
	if o.Adapters, err = cli.Adapters(c.o.adapters); err != nil {
		return o, err
	}
	mix, err := cli.Quant(src.quant)
	o.Quant, o.QuantMore = mix.Type, mix.More
	return o, err
}

// single wants at most one value of the flags that are lists elsewhere.
func (c *call) single(flags ...string) error {
	for _, f := range []struct {
		name string
		n    int
	}{{"model", len(c.o.models)}, {"quant", len(c.o.quants)}, {"backend", len(c.o.backends)},
		{"threads", len(c.o.threads)}, {"chunk", len(c.o.chunks)}, {"n-prompt", len(c.o.prompts)}} {
		if f.n > 1 && slices.Contains(flags, f.name) {
			return cli.Usagef("--%s has several values: this command takes one", f.name)
		}
	}
	return nil
}

// open loads a model on a device. b may be nil for the one that the flags name.
func (c *call) open(ctx context.Context, src source, b backend.Backend,
	o falconmamba.Options) (m *falconmamba.Model, err error) {
	if o.Checkpoint, err = c.files(src); err != nil {
		return nil, err
	}
	if o.Draft, err = cli.DraftOf(c.o.draftModel, c.o.draftQuant, o.Checkpoint); err != nil {
		return nil, err
	}
	if o.Engine.StateType, err = cli.StateType(c.o.stateType); err != nil {
		return nil, err
	}
	if c.command != "draft" {
		o.Engine.Speculate = engine.SpeculateNever // what is measured is a token at a time
	}
	o.Device = b
	o.Engine.Cache.Off = o.Engine.Cache.Off || c.command != "cache" // what is measured is read
	fetching := cli.NewProgress(c.stderr, "downloading "+cli.ModelName(src.model))
	defer fetching.Done()
	o.Hub.Offline, o.Hub.Progress = c.o.offline, fetching.Bytes
	o.Hub.Retry = cli.Retrying(program, c.stderr)
	o.Hub.Confirm = c.downloads().Confirm(ctx)
	if o.Load.Progress == nil {
		p := cli.NewProgress(c.stderr, "loading "+cli.ModelName(src.model))
		defer p.Done()
		o.Load.Progress = p.Bytes
	}
	if m, err = cli.OpenModel(ctx, src.model, &o); err != nil {
		return nil, err
	}
	cli.Warn(program, c.stderr, m.Backend().Info())
	if c.o.verbose {
		fmt.Fprintf(c.stderr, "%-8s %s on %s\n", "model", cli.ModelName(src.model), m.Backend().Info().Name)
		cli.Notes(c.stderr, m)
	}
	return m, nil
}

// openOne loads the model as the flags of a command for one model and device
// say.
func (c *call) openOne(ctx context.Context) (*falconmamba.Model, error) {
	if err := c.single("model", "quant"); err != nil {
		return nil, err
	}
	return c.openOn(ctx, c.sources()[0])
}

// openOn loads a model on the device of a command for one.
func (c *call) openOn(ctx context.Context, src source) (*falconmamba.Model, error) {
	if err := c.single("backend", "threads", "chunk"); err != nil {
		return nil, err
	}
	name, err := c.backendName()
	if err != nil {
		return nil, err
	}
	precision, err := cli.Precision(c.o.precision)
	if err != nil {
		return nil, err
	}
	driver, err := cli.DriverOptions(c.o.threads[0], c.o.invariant)
	if err != nil {
		return nil, err
	}
	run := c.o.engine
	run.Chunk = c.o.chunks[0]
	m, err := c.open(ctx, src, nil, falconmamba.Options{Backend: name,
		Driver: driver, Load: model.LoadOptions{Precision: precision}, Engine: run})
	if err == nil {
		c.warn(m.Warnings()...)
	}
	return m, err
}

func (c *call) backendName() (string, error) {
	name := ""
	if len(c.o.backends) > 0 {
		name = c.o.backends[0]
	}
	return cli.BackendName(name, c.o.device)
}

func (c *call) warn(texts ...string) {
	cli.Warnings(program, c.stderr, texts...)
}

// checkpoint opens the files of a model.
func (c *call) checkpoint(ctx context.Context, src source) (checkpoint.Checkpoint, error) {
	o, err := c.files(src)
	if err != nil {
		return nil, err
	}
	p := cli.NewProgress(c.stderr, "downloading "+cli.ModelName(src.model))
	defer p.Done()
	return cli.OpenCheckpoint(ctx, src.model, o, hub.Options{Offline: c.o.offline, Progress: p.Bytes,
		Retry: cli.Retrying(program, c.stderr), Confirm: c.downloads().Confirm(ctx)})
}

// downloads says what is downloaded. Who measures is not asked.
func (c *call) downloads() cli.Download { return cli.Download{Program: program, Stderr: c.stderr} }

// chosen returns the backends that were named, else all that are present.
// GPU drivers that run on the processor must be named, and so must the
// reference, unless withRef is set or there is nothing else.
func (c *call) chosen(withRef bool) ([]string, error) {
	if len(c.o.backends) > 0 {
		return c.o.backends, nil
	}
	infos, err := backend.Devices()
	if err != nil {
		if len(infos) == 0 {
			return nil, err
		}
		c.warn(cli.Line(err))
	}
	var names []string
	for _, i := range infos {
		if i.Class != backend.Software && (!i.Reference() || withRef) {
			names = append(names, i.Name)
		}
	}
	if len(names) == 0 {
		if len(infos) == 0 {
			return nil, errors.New("no backend is present")
		}
		names = append(names, infos[len(infos)-1].Name)
	}
	return names, nil
}

// failures says how many of all did not pass: the verdict of a command.
func (c *call) failures(failed, all int, one string) error {
	verdict := fmt.Sprintf("%s, %d failed", cli.Count(all, one), failed)
	if failed == 0 {
		c.report.Note("%s.", verdict)
		return nil
	}
	fmt.Fprintf(c.stderr, "%s: %s\n", program, verdict)
	return cli.ErrSilent
}
