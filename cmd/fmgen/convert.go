package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/procmem"
	"falconmamba/internal/quantity"
)

const convertExamples = `  fmgen convert -m falcon-mamba-7b -o falcon-mamba-7b-q4_K.gguf --quant q4_K
  fmgen convert -m org/model --adapter ./mine -o merged.gguf   with an adapter, as it is stored`

// A conversion is the program with the word convert.
type conversion struct {
	model, out, quant, typ, name string
	seed                         uint64
	mixerEps                     float64
	force, offline, yes          bool
	adapters                     []string
	mix                          checkpoint.QuantMix
	checkpoint                   checkpoint.Options
	stdout, stderr               io.Writer
}

func convert(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	c := &conversion{stdout: stdout, stderr: stderr}
	p := c.page()
	if done, err := cli.ParseWord(p, args, stdout); done || err != nil {
		return err
	}
	if err := c.check(p.Flags); err != nil {
		return err
	}
	return c.do(ctx)
}

// page declares the flags of the command, and says what it is.
func (c *conversion) page() cli.Page {
	fs := cli.NewFlags(program + " convert")
	fs.StringVarP(&c.model, "model", "m", "",
		"`MODEL`: the folder of a checkpoint, a .gguf file, ORG/NAME[@REVISION][:FILE.gguf]\nof the Hugging Face "+
			"hub, or random:7b, random:1.4b, random:130m,\nrandom:PATH/config.json (default: a small model of "+
			"Shakespeare, embedded)")
	fs.StringVarP(&c.out, "output", "o", "", "`FILE` to write, which appears when it is whole")
	fs.StringVar(&c.quant, "quant", "", "store the matrices as `TYPE`: f32, f16, bf16, q8_0, q6_K, q5_K, q4_K, "+
		"q3_K,\nq2_K, q5_1, q5_0, q4_1, q4_0, iq4_nl, iq4_xs, or q3_K_M, q3_K_L, q4_K_M,\nq5_K_M: more bits for half "+
		"of the out_proj; x_proj, dt_proj and the head keep\nmore bits than a few (default: as they are)")
	cli.DeclareAdapters(fs, &c.adapters)
	fs.StringVar(&c.name, "name", "", "the model's `NAME` in the file (default: the file's)")
	fs.BoolVar(&c.force, "force", false, "replace FILE if it is there")
	fs.StringVar(&c.typ, "type", "", "make random: weights as `TYPE`: f32, f16, bf16")
	fs.Uint64VarP(&c.seed, "seed", "s", 0, "`SEED` of random: weights")
	fs.Float64Var(&c.mixerEps, "mixer-eps", 0, "`EPS` of the norms within a layer (default: what the model says)")
	fs.BoolVar(&c.offline, "offline", false, "download nothing: models of the hub must be in the cache")
	cli.DeclareYes(fs, &c.yes)
	cli.DeclareVersion(fs)
	return cli.Page{Program: program, Usage: "convert [flags]", Long: "Writes a model as a GGUF file.", Flags: fs,
		Examples: convertExamples}
}

// check refuses what makes no sense whatever the model.
func (c *conversion) check(fs *pflag.FlagSet) (err error) {
	switch {
	case fs.NArg() > 0:
		return cli.Usagef("%q is not a flag: the model goes behind -m, the file behind -o", fs.Arg(0))
	case c.out == "":
		return cli.Usagef("convert to which file? Give -o FILE.gguf")
	case c.quant != "":
		if c.mix, err = checkpoint.ParseQuantMix(c.quant); err != nil {
			return cli.Usagef("--quant: %w", err)
		}
	}
	if c.checkpoint, err = cli.Checkpoint(c.model, c.typ, c.seed, c.mixerEps); err != nil {
		return err
	}
	c.checkpoint.Adapters, err = cli.Adapters(c.adapters)
	return err
}

func (c *conversion) do(ctx context.Context) (err error) {
	if _, err := os.Lstat(c.out); err == nil && !c.force {
		return fmt.Errorf("%s is there already: give another name, or --force to replace it", c.out)
	}
	start := time.Now()
	fetching := cli.NewProgress(c.stderr, "downloading")
	ck, err := cli.OpenCheckpoint(ctx, c.model, c.checkpoint, hub.Options{Offline: c.offline,
		Progress: fetching.Bytes, Retry: cli.Retrying(program, c.stderr),
		Confirm: cli.Download{Program: program, Stderr: c.stderr, Stdin: os.Stdin, Yes: c.yes}.Confirm(ctx)})
	fetching.Done()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ck.Close()) }()
	cli.Warnings(program, c.stderr, ck.Warnings()...)
	p := cli.NewProgress(c.stderr, "converting")
	notes, err := checkpoint.WriteGGUF(ctx, c.out, ck,
		checkpoint.GGUFOptions{Type: c.mix.Type, More: c.mix.More, Name: c.name, Replace: c.force, Progress: p.Bytes})
	p.Done()
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s came into being meanwhile: it was left alone, and nothing was written", c.out)
	} else if err != nil {
		return err
	}
	return c.report(ck, notes, time.Since(start))
}

// report says what is in the file, as whoever opens it next will find it.
func (c *conversion) report(from checkpoint.Checkpoint, notes []string, took time.Duration) (err error) {
	to, err := checkpoint.Open(c.out, checkpoint.Options{})
	if err != nil {
		return fmt.Errorf("the file was written and does not open: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	file, err := os.Stat(c.out)
	if err != nil {
		return err
	}
	before, after := checkpoint.Summarize(from.Tensors()), checkpoint.Summarize(to.Tensors())
	size := func(shares []checkpoint.TypeSummary) (n int64) {
		for _, s := range shares {
			n += s.Bytes
		}
		return n
	}
	params := to.Config().Parameters()
	fmt.Fprintf(c.stdout, "%s: %v parameters, %v of %s became %v, %.2f bits a parameter; the file has %v\n",
		c.out, quantity.Count(params),
		quantity.Bytes(size(before)), before[0].Type, quantity.Bytes(size(after)),
		8*float64(size(after))/float64(params), quantity.Bytes(file.Size()))
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, s := range after {
		fmt.Fprintf(w, "  %v\t%v\t%s\t%s\n",
			s.Type, quantity.Bytes(s.Bytes), cli.Tensors(s.Tensors), strings.Join(s.Parts, ", "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, note := range append(checkpoint.Notes(from), notes...) {
		fmt.Fprintf(c.stdout, "  note: %s\n", cli.OneLine(note))
	}
	resident := ""
	if r, ok := procmem.Read(); ok {
		resident = fmt.Sprintf("; the process had %v resident at most", quantity.Bytes(r.Peak))
	}
	_, err = fmt.Fprintf(c.stdout, "it took %s on %s%s\n",
		round(took), cli.Count(runtime.GOMAXPROCS(0), "thread"), resident)
	return err
}
