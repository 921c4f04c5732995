package cli

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/engine"
	"falconmamba/model"
)

// DraftStatesAbout says what --draft-states does.
const DraftStatesAbout = "`N` states for all texts that are guessed, beside their own. A text takes one for each\n" +
	"guess and two more, or where that is too many one, and reads again what was right\nbefore a wrong guess; " +
	"0: as many as take 1 GiB"

// ModelFlags are the flags of programs that run one model: which, and on what device.
type ModelFlags struct {
	Model, Backend, Device, Precision, Type, Quant, StateType string
	Draft, DraftQuant                                         string
	MixerEps                                                  float64
	Threads, Chunk, DraftStates                               int
	ListDevices, NoMap, Offline, Yes, KeepQuant               bool
	BatchInvariant, Speculate, NoSpeculate                    bool
	Adapters                                                  []string
}

// DeclareModel declares -m.
func (f *ModelFlags) DeclareModel(fs *pflag.FlagSet) {
	fs.StringVarP(&f.Model, "model", "m", "",
		"`MODEL`: the folder of a checkpoint, a .gguf file, ORG/NAME[@REVISION][:FILE.gguf]\nof the Hugging Face "+
			"hub, or random:7b, random:1.4b, random:130m,\nrandom:PATH/config.json (default: a small model of "+
			"Shakespeare, embedded)")
}

// DeclareRest declares all but -m.
func (f *ModelFlags) DeclareRest(fs *pflag.FlagSet) {
	fs.IntVarP(&f.Threads, "threads", "t", 0, "`N` workers of a processor; 0: all cores")
	fs.IntVar(&f.Chunk, "chunk", 0, "read `N` tokens of the prompt at once (also -ub); 0: what suits the device")
	fs.BoolVar(&f.BatchInvariant, "batch-invariant", false, AboutInvariant)
	fs.StringVar(&f.Backend, "backend", "auto",
		"`NAME`: auto, cpu, ref, vulkan, vulkan:N or metal; auto takes $FM_BACKEND,\nelse the best device present")
	fs.StringVar(&f.Device, "device", "", "number or `NAME` of a device, see --list-devices")
	fs.BoolVar(&f.ListDevices, "list-devices", false, "list the devices and end")
	fs.StringVar(&f.Precision, "precision", "auto",
		"what passes of many tokens may round to (of any number with packed weights), `P`: auto, f32, half, int8")
	fs.StringVar(&f.Type, "type", "", "store random: weights as `TYPE`: f32, f16, bf16")
	fs.StringVar(&f.Quant, "quant", "", "pack the weights as `TYPE` while they are loaded: "+QuantTypes)
	fs.BoolVar(&f.KeepQuant, "keep-quant", false,
		"keep the packed weights as a GGUF file in the user's cache, and open that the\nnext time")
	DeclareAdapters(fs, &f.Adapters)
	fs.StringVar(&f.StateType, "state-type", "f32", StateTypeAbout)
	fs.BoolVar(&f.Speculate, "speculate", false,
		"write texts that quote or repeat several tokens at a time, by guesses, also\n"+
			"where that may make another text (default: where it does not)")
	fs.StringVar(&f.Draft, "draft", "",
		"`MODEL`: a small model of the same tokenizer that guesses what the model writes\n"+
			"(on a GPU with --speculate, or --precision f32 --batch-invariant)")
	fs.StringVar(&f.DraftQuant, "draft-quant", "", "pack the weights of the draft model as `TYPE`, as --quant does")
	fs.IntVar(&f.DraftStates, "draft-states", 0, DraftStatesAbout)
	fs.BoolVar(&f.NoSpeculate, "no-speculate", false, "write one token at a time")
	fs.Float64Var(&f.MixerEps, "mixer-eps", 0,
		"`EPS` of the norms within a layer, which GGUF files do not say (default:\nwhat the checkpoint says; of GGUF "+
			"1e-6, or 1e-5 where its name says Falcon3)")
	fs.BoolVar(&f.NoMap, "no-mmap", false, "read the files of the model instead of mapping them: they may change then")
	fs.BoolVar(&f.Offline, "offline", false, "download nothing: models of the hub must be in the cache")
	DeclareYes(fs, &f.Yes)
}

// DeclareYes declares --yes.
func DeclareYes(fs *pflag.FlagSet, to *bool) {
	fs.BoolVarP(to, "yes", "y", false, "download without asking, which is done at a terminal alone")
}

// Options returns how the model is opened, or what of the flags makes no sense.
func (f *ModelFlags) Options() (*falconmamba.Options, error) {
	switch {
	case f.Threads < 0:
		return nil, Usagef("-t %d: want a number of threads, or 0 for all cores", f.Threads)
	case f.Chunk < 0:
		return nil, Usagef("--chunk %d: want a number of tokens, or 0", f.Chunk)
	case f.Speculate && f.NoSpeculate:
		return nil, Usagef("--speculate and --no-speculate: want one of them at most")
	case f.Draft != "" && f.NoSpeculate:
		return nil, Usagef("--draft and --no-speculate: want one of them at most")
	case f.DraftStates < 0:
		return nil, Usagef("--draft-states %d: want 1 or more, or 0", f.DraftStates)
	case f.DraftStates > 0 && f.NoSpeculate:
		return nil, Usagef("--draft-states and --no-speculate: want one of them at most")
	case f.DraftQuant != "" && f.Draft == "":
		return nil, Usagef("--draft-quant without --draft: there are no weights to pack")
	}
	name, err := BackendName(f.Backend, f.Device)
	if err != nil {
		return nil, err
	}
	precision, err := Precision(f.Precision)
	if err != nil {
		return nil, err
	}
	files, err := Checkpoint(f.Model, f.Type, 0, f.MixerEps)
	if err != nil {
		return nil, err
	}
	files.NoMap = f.NoMap
	if files.Adapters, err = Adapters(f.Adapters); err != nil {
		return nil, err
	}
	states, err := StateType(f.StateType)
	if err != nil {
		return nil, err
	}
	mix, err := Quant(f.Quant)
	if err != nil {
		return nil, err
	}
	files.Quant, files.QuantMore = mix.Type, mix.More
	switch {
	case f.KeepQuant && mix.Type == 0:
		return nil, Usagef("--keep-quant without --quant: there is nothing packed to keep")
	case f.KeepQuant && (mix.Type == backend.NF4 || mix.Type == backend.FP4):
		return nil, Usagef("--keep-quant: GGUF, in which it is kept, has no %v: take another type", mix.Type)
	}
	driver, err := DriverOptions(f.Threads, f.BatchInvariant)
	if err != nil {
		return nil, err
	}
	o := &falconmamba.Options{Backend: name, Driver: driver, Checkpoint: files,
		Load:   model.LoadOptions{Precision: precision},
		Engine: engine.Options{Chunk: f.Chunk, StateType: states, DraftStates: f.DraftStates}}
	switch {
	case f.Speculate:
		o.Engine.Speculate = engine.SpeculateAlways
	case f.NoSpeculate:
		o.Engine.Speculate = engine.SpeculateNever
	}
	o.Hub.Offline = f.Offline
	if o.Draft, err = DraftOf(f.Draft, f.DraftQuant, files); err != nil {
		return nil, err
	}
	return o, nil
}

// DraftOf returns what the flags --draft and --draft-quant say of the draft model, where the model's files are
// opened as files says.
func DraftOf(name, quant string, files checkpoint.Options) (d falconmamba.DraftOptions, err error) {
	mix, err := Quant(quant)
	if err != nil {
		return d, err
	}
	d.Model = name
	d.Checkpoint = checkpoint.Options{Seed: files.Seed, NoMap: files.NoMap, Quant: mix.Type, QuantMore: mix.More}
	if strings.HasPrefix(name, "random:") {
		d.Checkpoint.Type = files.Type
	}
	return d, nil
}

// Open loads the model as o says, which Options returned. It shows on stderr how far it is, and warnings.
func (f *ModelFlags) Open(ctx context.Context, program string, stderr io.Writer,
	o *falconmamba.Options) (*falconmamba.Model, error) {
	p, fetching := NewProgress(stderr, "loading"), NewProgress(stderr, "downloading")
	o.Load.Progress = p.Bytes
	o.Hub.Progress, o.Hub.Retry = fetching.Bytes, Retrying(program, stderr)
	o.Hub.Confirm = Download{Program: program, Stderr: stderr, Stdin: os.Stdin, Yes: f.Yes, Backend: o.Backend,
		Quant: f.Quant}.Confirm(ctx)
	name, err := f.Model, error(nil)
	if f.KeepQuant {
		name, err = f.keepQuant(ctx, program, stderr, o)
		o.Checkpoint.Quant, o.Checkpoint.QuantMore, o.Checkpoint.Adapters = 0, 0, nil
	}
	var m *falconmamba.Model
	if err == nil {
		m, err = OpenModel(ctx, name, o)
	}
	fetching.Done()
	p.Done()
	if err != nil {
		return nil, err
	}
	Warn(program, stderr, m.Backend().Info())
	Warnings(program, stderr, m.Warnings()...)
	return m, nil
}
