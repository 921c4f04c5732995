package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
	"falconmamba/checkpoint/tiny"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/fit"
	"falconmamba/internal/quantity"
	"falconmamba/text/tokenizer"
)

const inspectAbout = `Says what a model is: its config, the types of its tensors, its tokenizer and chat
template, and on which device it fits. No weights are loaded, and of one of the hub none are
downloaded.`

const inspectExamples = `  fmgen inspect falcon-mamba-7b-instruct
  fmgen inspect tiiuae/falcon-mamba-7b-instruct --tensors
  fmgen inspect model.gguf --json`

// An inspection is the program with the word inspect.
type inspection struct {
	flags                  *pflag.FlagSet
	model                  string
	tensors, json, offline bool
	yes                    bool
	adapters               []string
}

// page declares the flags of the command, and says what it is.
func (c *inspection) page() cli.Page {
	c.flags = cli.NewFlags(program + " inspect")
	(&cli.ModelFlags{}).DeclareModel(c.flags)
	cli.DeclareAdapters(c.flags, &c.adapters)
	c.flags.BoolVar(&c.tensors, "tensors", false, "list every tensor")
	c.flags.BoolVar(&c.json, "json", false, "write JSON")
	c.flags.BoolVar(&c.offline, "offline", false, "download nothing: models of the hub must be in the cache")
	cli.DeclareYes(c.flags, &c.yes)
	cli.DeclareVersion(c.flags)
	return cli.Page{Program: program, Usage: "inspect [flags] [MODEL]", Long: inspectAbout,
		Flags: c.flags, Examples: inspectExamples}
}

func inspect(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) (err error) {
	c := &inspection{}
	if done, err := cli.ParseWord(c.page(), args, stdout); done || err != nil {
		return err
	}
	if c.model, err = modelOf(c.flags); err != nil {
		return err
	}
	o, err := cli.Checkpoint(c.model, "", 0, 0)
	if err != nil {
		return err
	}
	if o.Adapters, err = cli.Adapters(c.adapters); err != nil {
		return err
	}
	ck, err := openFiles(ctx, c.model, o, c.offline, c.yes, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ck.Close()) }()
	cli.Warnings(program, stderr, ck.Warnings()...)
	facts, err := c.facts(ck)
	if err != nil {
		return err
	}
	if c.json {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		return e.Encode(facts)
	}
	return facts.print(stdout)
}

// modelOf returns the model of a word: behind -m, or alone.
func modelOf(fs *pflag.FlagSet) (string, error) {
	model, err := fs.GetString("model")
	switch {
	case err != nil:
		return "", err
	case fs.NArg() > 1:
		return "", cli.Usagef("%q is one model too many: want one", fs.Arg(1))
	case fs.NArg() == 1 && fs.Changed("model"):
		return "", cli.Usagef("%q stands beside -m: want one model", fs.Arg(0))
	case fs.NArg() == 1:
		return fs.Arg(0), nil
	}
	return model, nil
}

// openFiles opens the files of a model without loading it, with what of it has to be downloaded.
func openFiles(ctx context.Context, model string, o checkpoint.Options, offline, yes bool,
	stderr io.Writer) (checkpoint.Checkpoint, error) {
	fetching := cli.NewProgress(stderr, "downloading")
	defer fetching.Done()
	h := hubOptions(ctx, fetching, offline, yes, stderr)
	if model == "" {
		return falconmamba.OpenFilesFS(ctx, tiny.FS(), o, h)
	}
	return falconmamba.PeekFiles(ctx, model, o, h)
}

// hubOptions say how what is not loaded is downloaded.
func hubOptions(ctx context.Context, fetching *cli.Progress, offline, yes bool, stderr io.Writer) hub.Options {
	return hub.Options{Offline: offline, Progress: fetching.Bytes, Retry: cli.Retrying(program, stderr),
		Confirm: cli.Download{Program: program, Stderr: stderr, Stdin: os.Stdin, Yes: yes}.Confirm(ctx)}
}

// modelFacts are what is said of a model, and the JSON that is written.
type modelFacts struct {
	Name       string          `json:"name"`
	Config     json.RawMessage `json:"config"`
	Parameters int64           `json:"parameters"`
	State      int64           `json:"state_bytes"`
	Types      []typeFacts     `json:"types"`
	Tensors    []tensorFacts   `json:"tensors,omitempty"`
	Tokenizer  *tokenizerFacts `json:"tokenizer"`
	Fits       []fitFacts      `json:"fits"`
	Notes      []string        `json:"notes"`
	config     *checkpoint.Config
	choices    []fit.Choice
	devices    []backend.Info
}

type typeFacts struct {
	Type    string   `json:"type"`
	Tensors int      `json:"tensors"`
	Bytes   int64    `json:"bytes"`
	Parts   []string `json:"parts"`
}

type tensorFacts struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []int  `json:"shape"`
	Bytes int64  `json:"bytes"`
}

type tokenizerFacts struct {
	Tokens   int    `json:"tokens"`
	Template string `json:"chat_template,omitempty"`
	EOS      []int  `json:"eos_token_ids"`
	Error    string `json:"error,omitempty"`
}

type fitFacts struct {
	Device  string `json:"device"`
	Quant   string `json:"quant"`
	Need    int64  `json:"need_bytes"`
	Verdict string `json:"verdict"`
}

func (c *inspection) facts(ck checkpoint.Checkpoint) (*modelFacts, error) {
	config := ck.Config()
	f := &modelFacts{Name: cli.ModelName(c.model), Parameters: config.Parameters(), State: config.StateBytes(),
		config: config, Notes: append([]string{}, checkpoint.Notes(ck)...), Tokenizer: tokenizerOf(ck)}
	var err error
	if f.Config, err = config.JSON(); err != nil {
		return nil, err
	}
	for _, s := range checkpoint.Summarize(ck.Tensors()) {
		f.Types = append(f.Types, typeFacts{s.Type.String(), s.Tensors, s.Bytes, s.Parts})
	}
	if c.tensors {
		for _, t := range ck.Tensors() {
			f.Tensors = append(f.Tensors, tensorFacts{t.Name, t.Type.String(), t.Shape, t.Bytes})
		}
	}
	if f.choices, err = fit.Choices(ck); err != nil {
		return nil, err
	}
	devices, _ := backend.Devices() // those that can be listed
	for _, info := range devices {
		if info.Reference() {
			continue
		}
		f.devices = append(f.devices, info)
		for _, choice := range f.choices {
			f.Fits = append(f.Fits, fitFacts{info.Name, choice.Quant, choice.Need, choice.On(info, true).String()})
		}
	}
	return f, nil
}

// tokenizerOf says what a model's tokenizer is, or nothing where there is none.
func tokenizerOf(ck checkpoint.Checkpoint) *tokenizerFacts {
	facts := &tokenizerFacts{EOS: append([]int{}, ck.Generation().EOSTokenIDs...)}
	files := ck.Files()
	if files == nil {
		return nil
	}
	tok, err := tokenizer.Load(files, ".")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		facts.Error = cli.Line(err)
		return facts
	}
	facts.Tokens = tok.OwnVocabSize()
	facts.Template, _ = tok.ChatTemplate() // one that cannot be read is none
	return facts
}

func (f *modelFacts) print(w io.Writer) error {
	c := f.config
	var size int64
	for _, t := range f.Types {
		size += t.Bytes
	}
	fmt.Fprintf(w, "%s: %s, %v parameters, %v\n", cli.Clean(f.Name), c.ModelType, quantity.Count(f.Parameters),
		quantity.Bytes(size))
	fmt.Fprintf(w, "  %d layers of width %d, %d channels, state size %d, time step rank %d, convolution of %d\n",
		c.NumHiddenLayers, c.HiddenSize, c.IntermediateSize, c.StateSize, c.TimeStepRank, c.ConvKernel)
	head := "a head of its own"
	if c.Tied() {
		head = "the head is the embedding"
	}
	fmt.Fprintf(w, "  %d tokens, %s; layer_norm_epsilon %g, mixer_rms_eps %g\n", c.VocabSize, head, c.LayerNormEpsilon,
		c.MixerRMSEps)
	fmt.Fprintf(w, "  a text's state has %v, whatever its length\n", quantity.Bytes(f.State))
	fmt.Fprintln(w, "tensors")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range f.Types {
		fmt.Fprintf(t, "  %s\t%v\t%s\t%s\n", s.Type, quantity.Bytes(s.Bytes), cli.Tensors(s.Tensors),
			strings.Join(s.Parts, ", "))
	}
	for _, s := range f.Tensors {
		fmt.Fprintf(t, "  %s\t%v\t%s\t%v\n", s.Type, quantity.Bytes(s.Bytes), s.Name, s.Shape)
	}
	t.Flush()
	fmt.Fprintln(w, "tokenizer")
	switch k := f.Tokenizer; {
	case k == nil:
		fmt.Fprintln(w, "  none: give token ids, by --ids")
	case k.Error != "":
		fmt.Fprintf(w, "  cannot be used: %s\n", cli.Clean(k.Error))
	default:
		template := "no chat template: --chat wants --chat-template-file"
		if k.Template != "" {
			template = fmt.Sprintf("a chat template of %s", cli.Count(len(k.Template), "byte"))
		}
		fmt.Fprintf(w, "  %s, a text ends with %v; %s\n", cli.Count(k.Tokens, "token"), k.EOS, template)
	}
	fmt.Fprintln(w, "fits")
	cli.Fits(w, f.choices, f.devices, "")
	for _, note := range f.Notes {
		fmt.Fprintf(w, "note: %s\n", cli.OneLine(note))
	}
	return nil
}
