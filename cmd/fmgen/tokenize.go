package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"falconmamba"
	"falconmamba/checkpoint/tiny"
	"falconmamba/cmd/internal/cli"
	"falconmamba/text/tokenizer"
)

const tokenizeAbout = `Says the tokens of a text, or the text of tokens. Of the model the tokenizer alone is
read, and of one of the hub no weights are downloaded.`

const tokenizeExamples = `  fmgen tokenize -m falcon-mamba-7b "Hello, world"   ids, and what each is
  fmgen tokenize -f story.txt --count                how many there are
  fmgen tokenize --ids 5,6,7                         their text
  fmgen tokenize --only-ids "ROMEO:"                 what fmgen --ids takes`

// A tokenization is the program with the word tokenize.
type tokenization struct {
	flags                *pflag.FlagSet
	model                cli.ModelFlags
	file, ids            string
	count, onlyIDs, json bool
	plain, offline, yes  bool
}

// page declares the flags of the command, and says what it is.
func (c *tokenization) page() cli.Page {
	c.flags = cli.NewFlags(program + " tokenize")
	c.model.DeclareModel(c.flags)
	c.flags.StringVarP(&c.file, "file", "f", "", "`FILE` with the text, - for standard input")
	c.flags.StringVar(&c.ids, "ids", "", "say the text of these `IDS`, with commas between")
	c.flags.BoolVar(&c.count, "count", false, "say how many tokens there are alone")
	c.flags.BoolVar(&c.onlyIDs, "only-ids", false, "write ids alone, with commas between")
	c.flags.BoolVar(&c.json, "json", false, "write JSON: a line for each token")
	c.flags.BoolVar(&c.plain, "no-special", false, "take special tokens in the text as plain text, and add none")
	c.flags.BoolVar(&c.offline, "offline", false, "download nothing: models of the hub must be in the cache")
	cli.DeclareYes(c.flags, &c.yes)
	cli.DeclareVersion(c.flags)
	return cli.Page{Program: program, Usage: "tokenize [flags] [TEXT]", Long: tokenizeAbout,
		Flags: c.flags, Examples: tokenizeExamples}
}

func tokenize(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	c := &tokenization{}
	if done, err := cli.ParseWord(c.page(), args, stdout); done || err != nil {
		return err
	}
	switch {
	case c.flags.NArg() > 1:
		return cli.Usagef("%q is one text too many: put quotes around the whole", c.flags.Arg(1))
	case c.flags.Changed("ids") && (c.flags.NArg() > 0 || c.file != ""), c.flags.NArg() > 0 && c.file != "":
		return cli.Usagef("want one of a text, -f and --ids")
	}
	ids, err := cli.IDs(c.ids)
	if err != nil {
		return err
	}
	text := c.flags.Arg(0)
	if c.flags.NArg() == 0 && !c.flags.Changed("ids") {
		switch {
		case c.file == "" && cli.IsTerminal(stdin):
			return cli.Usagef("no text: put it behind the flags, give -f FILE or --ids, or pipe it in")
		case c.file == "":
			c.file = stdinName
		}
		data, err := readSource(ctx, stdin, c.file)
		if err != nil {
			return err
		}
		text = promptOf(data)
	}
	tok, err := c.open(ctx, stderr)
	if err != nil {
		return err
	}
	if c.flags.Changed("ids") {
		for _, id := range ids {
			if _, ok := tok.Token(id); !ok {
				return fmt.Errorf("the tokenizer has no token %d: it has 0 to %d", id, tok.VocabSize()-1)
			}
		}
		_, err := fmt.Fprintln(stdout, tok.Decode(ids, false))
		return err
	}
	return c.write(stdout, tok, tok.Encode(text, tokenizer.EncodeOptions{AddSpecial: !c.plain, NoSpecial: c.plain}))
}

// open reads the model's tokenizer.
func (c *tokenization) open(ctx context.Context, stderr io.Writer) (*tokenizer.Tokenizer, error) {
	if c.model.Model == "" {
		return tokenizer.Load(tiny.FS(), ".")
	}
	fetching := cli.NewProgress(stderr, "downloading")
	defer fetching.Done()
	return falconmamba.OpenTokenizer(ctx, c.model.Model, hubOptions(ctx, fetching, c.offline, c.yes, stderr))
}

func (c *tokenization) write(w io.Writer, tok *tokenizer.Tokenizer, ids []int32) error {
	switch {
	case c.count:
		_, err := fmt.Fprintln(w, len(ids))
		return err
	case c.onlyIDs:
		_, err := fmt.Fprintln(w, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(ids)), ","), "[]"))
		return err
	}
	for _, id := range ids {
		text := tok.Decode([]int32{id}, false)
		line := fmt.Sprintf("%d\t%q", id, text)
		if c.json {
			data, err := json.Marshal(map[string]any{"id": id, "text": text})
			if err != nil {
				return err
			}
			line = string(data)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
