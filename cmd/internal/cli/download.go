package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
	"falconmamba/cmd/internal/fit"
	"falconmamba/internal/quantity"
	"falconmamba/internal/regular"
)

// A Download tells people what is about to be downloaded and what of it fits, and asks them at a terminal.
type Download struct {
	Program string
	Stderr  io.Writer
	Stdin   io.Reader // nil: nobody is asked
	Yes     bool      // nobody is asked
	Backend string    // that the model is to run on, as --backend has it
	Quant   string    // that was asked for
}

// askFrom is the size of a download, in bytes, from which people are asked.
const askFrom = 1e9

// Confirm returns what hub.Options.Confirm is.
func (d Download) Confirm(ctx context.Context) func(hub.Plan) error {
	return func(p hub.Plan) error {
		fmt.Fprintf(d.Stderr, "%s: %s: %.1f GB in %s are to be downloaded into %s\n",
			d.Program, p.Name, float64(p.Need)/1e9, Count(len(p.Files), "file"), p.Cache)
		if p.Need < p.Total {
			fmt.Fprintf(d.Stderr, "  the rest of its %.1f GB is there already\n", float64(p.Total)/1e9)
		}
		if err := d.fits(p); err != nil {
			return err
		}
		if d.Yes || p.Need < askFrom || d.Stdin == nil || !IsTerminal(d.Stdin) || !IsTerminal(d.Stderr) {
			return nil
		}
		ok, err := Ask(ctx, d.Stdin, d.Stderr, "Download it? [Y/n] ", true)
		if err == nil && !ok {
			err = errors.New("nothing was downloaded, as you said; --yes does not ask")
		}
		return err
	}
}

// Ask asks a question and waits for a line: whether it is a yes, which an empty one is where usual says so.
func Ask(ctx context.Context, in io.Reader, out io.Writer, question string, usual bool) (bool, error) {
	fmt.Fprint(out, question)
	answer, err := untilEnd(ctx, 1<<10, func() ([]byte, error) {
		line, err := bufio.NewReader(io.LimitReader(in, 1<<10)).ReadString('\n')
		if err == io.EOF && line != "" {
			err = nil
		}
		return []byte(line), err
	})
	if err == io.EOF {
		return false, nil
	} else if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(string(answer))) {
	case "y", "yes":
		return true, nil
	case "":
		return usual, nil
	}
	return false, nil
}

// fits says what of the model fits on the device, and what to do about it.
func (d Download) fits(p hub.Plan) error {
	info, ok := ChosenDevice(d.Backend)
	if !ok {
		return nil
	}
	gguf := len(p.Files) > 0 && strings.HasSuffix(strings.ToLower(p.Files[0]), ".gguf")
	var choices []fit.Choice
	if gguf {
		choices = []fit.Choice{{Weights: p.Total, Need: p.Total + p.Total*3/100}}
	} else if c, err := planned(p.Folder); err != nil {
		return nil // whoever opens the model says what is wrong
	} else if choices, err = fit.ChoicesOf(c, storedType(c)); err != nil {
		return nil
	}
	Fits(d.Stderr, choices, []backend.Info{info}, d.Quant)
	if gguf || d.Quant != "" || choices[0].On(info, true) == fit.Yes {
		return nil
	}
	if best, ok := fit.Best(choices, info); ok {
		fmt.Fprintf(d.Stderr, "  suggested: --quant %s", best.Quant)
	} else {
		fmt.Fprint(d.Stderr, "  suggested: a smaller model, or another device")
	}
	if len(p.GGUF) > 0 {
		fmt.Fprintf(d.Stderr, "; the repository has GGUF files too: -m %s:%s", p.Name, Clean(p.GGUF[0]))
	} else {
		fmt.Fprint(d.Stderr, "; a GGUF file of the same model is a smaller download, where there is one")
	}
	_, err := fmt.Fprintln(d.Stderr)
	return err
}

// planned reads the config of a model whose weights are not there yet.
func planned(folder string) (*checkpoint.Config, error) {
	text, err := regular.Read(filepath.Join(folder, "config.json"), 1<<20)
	if err != nil {
		return nil, err
	}
	return checkpoint.ParseConfig(text)
}

// storedType is what a config says its weights are stored as: bfloat16 where it does not.
func storedType(c *checkpoint.Config) backend.DType {
	if c.Type == 0 {
		return backend.BF16
	}
	return c.Type
}

// Fits writes a table of what fits on which device; asked is the --quant that was.
func Fits(w io.Writer, choices []fit.Choice, infos []backend.Info, asked string) {
	for _, info := range infos {
		free := info.MemoryFree
		if free == 0 {
			free = info.MemoryTotal
		}
		fmt.Fprintf(w, "  on %s (%s), %v free:\n", info.Name, Clean(info.Device), quantity.Bytes(free))
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, c := range choices {
			name := "as it is stored"
			if c.Quant != "" {
				name = "--quant " + c.Quant
			}
			mark := ""
			if c.Quant == asked && asked != "" {
				mark = "  (asked for)"
			}
			fmt.Fprintf(t, "    %s\t%v\t%v%s\n", name, quantity.Bytes(c.Need), c.On(info, true), mark)
		}
		t.Flush()
	}
}

// ChosenDevice returns what is known of the device that a model would run on, without opening it.
func ChosenDevice(name string) (backend.Info, bool) {
	infos, _ := backend.Devices()
	if name == "" || name == "auto" {
		name = os.Getenv("FM_BACKEND")
	}
	for _, i := range infos {
		kind, _, _ := strings.Cut(i.Name, ":")
		if name == i.Name || name == kind || (name == "" || name == "auto") && i.Class != backend.Software {
			return i, true
		}
	}
	return backend.Info{}, false
}
