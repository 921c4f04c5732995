package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"falconmamba/checkpoint/hub"
	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/quantity"
)

const modelsAbout = `Lists the models of the Hugging Face hub that are in the cache, and the files that
--keep-quant has made, shows one, or removes some. Of a file's name the beginning does.`

const modelsExamples = `  fmgen models                                      what is there
  fmgen models show tiiuae/falcon-mamba-7b          its revisions and files
  fmgen models remove tiiuae/falcon-mamba-7b --yes  give its space back
  fmgen models remove 3f9a --yes                    of the file of --keep-quant whose name begins so`

// A cachedModels is the program with the word models.
type cachedModels struct {
	flags          *pflag.FlagSet
	yes            bool
	stdin          io.Reader
	stdout, stderr io.Writer
}

// page declares the flags of the command, and says what it is.
func (c *cachedModels) page() cli.Page {
	c.flags = cli.NewFlags(program + " models")
	c.flags.BoolVarP(&c.yes, "yes", "y", false, "remove without asking, as has to be said where no one can be asked")
	cli.DeclareVersion(c.flags)
	return cli.Page{Program: program, Usage: "models [list | show NAME | remove NAME…]", Long: modelsAbout,
		Takes: []string{"list", "show", "remove"}, Flags: c.flags, Examples: modelsExamples}
}

func models(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	c := &cachedModels{stdin: stdin, stdout: stdout, stderr: stderr}
	if done, err := cli.ParseWord(c.page(), args, stdout); done || err != nil {
		return err
	}
	what, names := c.flags.Arg(0), c.flags.Args()
	if what != "" {
		names = names[1:]
	}
	switch {
	case what == "" || (what == "list" || what == "ls") && len(names) == 0:
		return c.list()
	case what == "show" && len(names) == 1:
		return c.show(names[0])
	case (what == "remove" || what == "rm") && len(names) > 0:
		return c.remove(ctx, names)
	}
	return cli.Usagef("models %s: want list, show NAME, or remove NAME…", strings.Join(c.flags.Args(), " "))
}

func (c *cachedModels) list() error {
	all, err := hub.List(hub.Options{})
	if err != nil {
		return err
	}
	kept, err := cli.KeptQuants()
	if err != nil {
		return err
	}
	if len(all)+len(kept) == 0 {
		fmt.Fprintln(c.stderr, "no models of the hub are in the cache: -m ORG/NAME downloads one")
		return nil
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, m := range all {
		partial := ""
		if m.Partial > 0 {
			partial = fmt.Sprintf("\t%v of it not whole yet", quantity.Bytes(m.Partial))
		}
		fmt.Fprintf(w, "%s\t%v\t%s%s\n", m.Name, quantity.Bytes(m.Bytes), m.Used.Format("2006-01-02"), partial)
	}
	for _, k := range kept {
		fmt.Fprintf(w, "%s\t%v\t%s\tby --keep-quant%s\n", k.Name, quantity.Bytes(k.Bytes), k.Made.Format("2006-01-02"),
			ofModel(k))
	}
	return w.Flush()
}

// ofModel says what a file of --keep-quant was made of.
func ofModel(k cli.Kept) string {
	if k.Model == "" {
		return ""
	}
	return ", of " + cli.OneLine(k.Model)
}

// An entry is one of what models lists, for removal.
type entry struct {
	name   string
	bytes  int64
	remove func() error
}

// find returns what is called so: ORG/NAME of the hub, else a file of --keep-quant.
func find(name string) (entry, error) {
	if !strings.Contains(name, "/") {
		k, err := cli.FindKept(name)
		return entry{k.Name, k.Bytes, func() error { return os.Remove(k.Path) }}, err
	}
	m, err := hub.Find(name, hub.Options{})
	return entry{m.Name, m.Bytes, m.Remove}, err
}

func (c *cachedModels) show(name string) error {
	if !strings.Contains(name, "/") {
		k, err := cli.FindKept(name)
		if err == nil {
			_, err = fmt.Fprintf(c.stdout, "%s: %v, by --keep-quant%s\n%s\n", k.Name, quantity.Bytes(k.Bytes),
				ofModel(k), cli.Clean(k.Path))
		}
		return err
	}
	m, err := hub.Find(name, hub.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s: %v in %s\n", m.Name, quantity.Bytes(m.Bytes), m.Folder)
	for _, r := range m.Revisions {
		refs := ""
		if len(r.Refs) > 0 {
			refs = " (" + strings.Join(r.Refs, ", ") + ")"
		}
		fmt.Fprintf(c.stdout, "%s%s\n", cli.Clean(r.Commit), cli.Clean(refs))
		for _, file := range r.Files {
			fmt.Fprintf(c.stdout, "  %s\n", cli.Clean(file))
		}
	}
	return nil
}

// remove removes models, all of them or, where one is not there, none.
func (c *cachedModels) remove(ctx context.Context, names []string) error {
	var all []entry
	var size int64
	for i, name := range names {
		e, err := find(name)
		if err != nil {
			return err
		}
		all, size = append(all, e), size+e.bytes
		names[i] = e.name
	}
	if !c.yes {
		if !cli.IsTerminal(c.stdin) || !cli.IsTerminal(c.stderr) {
			return cli.Usagef("models remove: nobody can be asked here; say --yes")
		}
		question := fmt.Sprintf("Remove %s, %v? [y/N] ", strings.Join(names, ", "), quantity.Bytes(size))
		if ok, err := cli.Ask(ctx, c.stdin, c.stderr, question, false); err != nil || !ok {
			return errors.Join(err, errors.New("nothing was removed"))
		}
	}
	for _, e := range all {
		if err := e.remove(); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		fmt.Fprintf(c.stdout, "removed %s: %v\n", e.name, quantity.Bytes(e.bytes))
	}
	return nil
}
