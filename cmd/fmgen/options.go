package main

import (
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"falconmamba"
	"falconmamba/backend/sampling"
	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/nearest"
	"falconmamba/text/constrain"
)

// options are the command line.
type options struct {
	flags *pflag.FlagSet

	cli.ModelFlags

	sources []source // of prompts
	n       int      // answers of each

	limit         int // tokens; −1 for none
	temp          float32
	topK          int
	topP, minP    float32
	repeatPenalty float32
	repeatLastN   int // −1 for the whole text, 0 for none
	presence      float32
	frequency     float32
	seed          string
	stop          []string
	ignoreEOS     bool
	biases        []string
	bias          map[int32]float32 // of biases

	schema, schemaFile, gbnf, gbnfFile, regex string
	grammar                                   *constrain.Grammar // of these

	chat, singleTurn           bool
	systemPrompt, chatTemplate string // chatTemplate is a file

	stateLoad, stateSave string
	cache                string // a folder
	noCache              bool
	json, verbose, echo  bool
	raw                  bool
	force                bool
	history              string // a file
}

// defaultLimit is how much is written where neither the command line nor the
// checkpoint says: a page or so, since many models never end by themselves.
const defaultLimit = 256

// declare returns the command line with nothing on it.
func declare() *options {
	o := &options{}
	fs := cli.NewFlags(program)
	o.flags = fs
	o.DeclareModel(fs)
	fs.VarP(sourceFlag{&o.sources, fromText}, "prompt", "p",
		"`TEXT` to go on from; may be repeated, as the next three may, for several\ntexts")
	fs.VarP(sourceFlag{&o.sources, fromFile}, "file", "f",
		"`FILE` with the prompt, - for standard input; a newline at its end is\ndropped. Without -p, -f, --ids, "+
			"--prompts and --state-load the prompt is what\nis piped in")
	fs.Var(sourceFlag{&o.sources, fromIDs}, "ids", "`IDS` of the prompt's tokens, with commas between")
	fs.Var(sourceFlag{&o.sources, fromList}, "prompts",
		"`FILE` with a prompt a line, - for standard input; where its name ends with\n.jsonl, JSON: "+
			`"a text", or an object with "prompt"`)
	fs.IntVar(&o.n, "n", 1,
		"write `N` answers to each prompt, which is read once: the first with the seed,\n"+
			"the second with the seed and 1, and so on")
	fs.IntVarP(&o.limit, "n-predict", "n", defaultLimit,
		"write at most `N` tokens; -1: no limit; 0: only read the prompt\n"+
			"(default: what the checkpoint says, else 256)")
	fs.Float32Var(&o.temp, "temp", 0, "temperature `T`; 0 is greedy (default of this and the next five: what\nthe "+
		"checkpoint says, else off)")
	fs.IntVar(&o.topK, "top-k", 0, "draw from the `K` most probable tokens; 0: off")
	fs.Float32Var(&o.topP, "top-p", 1, "draw from the most probable tokens of mass `P`; 1: off; 0: the first of them")
	fs.Float32Var(&o.minP, "min-p", 0, "draw from tokens of `P` times the largest probability; 0: off")
	fs.Float32Var(&o.repeatPenalty, "repeat-penalty", 1, "penalty `X` of tokens that are in the text already; 1: off")
	fs.IntVar(&o.repeatLastN, "repeat-last-n", -1, "penalties look back on `N` tokens; -1: all; 0: none")
	fs.Float32Var(&o.presence, "presence-penalty", 0, "take `X` from the logits of tokens that are in the text already")
	fs.Float32Var(&o.frequency, "frequency-penalty", 0, "take `X` from them for each time that they are there")
	fs.StringArrayVar(&o.biases, "logit-bias", nil,
		"change the logit of a token: `ID+X`, ID-X, or ID-inf, which bans it; may be repeated")
	fs.StringVarP(&o.schema, "json-schema", "j", "",
		"write JSON that a `SCHEMA` allows, or that a file of this name has; {} is any\nJSON")
	fs.StringVar(&o.schemaFile, "json-schema-file", "", "write JSON that the schema in `FILE` allows (also -jf)")
	fs.StringVar(&o.gbnf, "grammar", "", "write what a `GRAMMAR` in GBNF allows: its rule root")
	fs.StringVar(&o.gbnfFile, "grammar-file", "", "write what the grammar in `FILE` allows")
	fs.StringVar(&o.regex, "regex", "", "write what a regular `EXPRESSION` matches from beginning to end")
	fs.StringVarP(&o.seed, "seed", "s", "-1", "`SEED` of the draws; -1: another one each time")
	fs.StringArrayVarP(&o.stop, "stop", "r", nil, "end where this `TEXT` comes, which is left out; may be repeated")
	fs.BoolVar(&o.ignoreEOS, "ignore-eos", false, "write on when the model ends the text")
	fs.BoolVar(&o.chat, "chat", false, "talk: -p and each line typed or piped in are messages, in the model's "+
		"chat\ntemplate; /help lists what else can be typed")
	fs.BoolVar(&o.singleTurn, "single-turn", false, "talk, but end after one answer (also -st)")
	fs.StringVar(&o.systemPrompt, "system-prompt", "", "`TEXT` of the system's message, before all others (also -sys)")
	fs.StringVar(&o.chatTemplate, "chat-template-file", "",
		"`FILE` with a chat template in Jinja, in place of the model's own")
	o.DeclareRest(fs)
	fs.StringVar(&o.stateLoad, "state-load", "", "go on from a state `FILE`: its text is not read again")
	fs.StringVar(&o.stateSave, "state-save", "", "save the state to `FILE` at the end")
	fs.BoolVar(&o.force, "force", false, "let --state-save and /save replace a file that is there")
	fs.StringVar(&o.history, "history", "", "keep what is typed in a chat in `FILE`, for later runs")
	fs.StringVar(&o.cache, "cache", "",
		"keep states in the folder `DIR`: what begins like an earlier text is not\n"+
			"read again, by this run or by others")
	fs.BoolVar(&o.noCache, "no-cache", false,
		"keep no states: read each text whole (as it is without --cache and --chat)")
	fs.BoolVar(&o.json, "json", false, "write JSON: a line for each token and one that sums up")
	fs.BoolVar(&o.raw, "raw", false, "write control characters of the text to a terminal as they are")
	fs.BoolVar(&o.echo, "echo", false, "write the prompt too")
	cli.DeclareVersion(fs)
	fs.BoolVar(&o.verbose, "verbose", false, "say on stderr what ran, how fast, and in how much memory")
	for _, name := range []string{"n-predict", "top-p", "repeat-penalty", "repeat-last-n"} {
		fs.Lookup(name).DefValue = "0" // not shown: it is the checkpoint's
	}
	return o
}

// parse reads the command line. help is not empty where it was asked for.
func parse(args []string) (o *options, help string, err error) {
	o = declare()
	fs := o.flags
	switch {
	case len(args) == 1 && args[0] == "help":
		args = []string{"--help"}
	case len(args) == 1 && args[0] == "version":
		return nil, cli.Version(program), nil
	case len(args) > 0 && !strings.HasPrefix(args[0], "-") && nearest.Name(args[0], wordNames()) != "":
		return nil, "", cli.Usagef("%q is no command%s", args[0], nearest.Did("", args[0], wordNames()))
	}
	if err := cli.Parse(fs, args); errors.Is(err, pflag.ErrHelp) {
		return nil, o.page().Help(), nil
	} else if errors.Is(err, cli.ErrVersion) {
		return nil, cli.Version(program), nil
	} else if err != nil {
		if slices.Contains(fs.Args(), "convert") {
			return nil, "", cli.Usagef("%w; the word convert goes before all flags", err)
		}
		return nil, "", err
	}
	o.chat = o.chat || o.singleTurn
	return o, "", o.check()
}

// check refuses what makes no sense whatever the model.
func (o *options) check() (err error) {
	given := o.flags.Changed
	forms := 0
	for _, name := range []string{"json-schema", "json-schema-file", "grammar", "grammar-file", "regex"} {
		if given(name) {
			forms++
		}
	}
	switch {
	case o.flags.NArg() > 0:
		return cli.Usagef("%q is not a flag: a prompt goes behind -p, and the word convert before all flags",
			o.flags.Arg(0))
	case o.n < 1 || o.n > maxAnswers:
		return cli.Usagef("--n %d: want 1 to %d answers", o.n, maxAnswers)
	case o.stdins() > 1:
		return cli.Usagef("standard input is named %d times: it can be read once", o.stdins())
	case o.chat && !o.singleTurn && o.several():
		return cli.Usagef("--chat takes one message at a time: several prompts and --n go with --single-turn, or " +
			"without --chat")
	case o.several() && given("state-save"):
		return cli.Usagef("--state-save keeps the state of one text: it does not go with several prompts or --n")
	case o.several() && o.chat && given("state-load"):
		return cli.Usagef("--state-load with --single-turn: want one message, and one answer")
	case o.chat && given("ids"), o.chat && o.echo:
		return cli.Usagef("--chat takes messages: --ids and --echo do not go with it")
	case o.chat && given("n-predict") && o.limit == 0:
		return cli.Usagef("--chat with -n 0: an answer has at least one token")
	case o.chat && o.json && !o.singleTurn:
		return cli.Usagef("--chat writes JSON for one answer alone: add --single-turn")
	case o.chat && o.stdins() > 0 && !o.singleTurn:
		return cli.Usagef("--chat reads messages from standard input as it is: leave -f - out, or add --single-turn")
	case !o.chat && given("system-prompt"), !o.chat && given("chat-template-file"):
		return cli.Usagef("--system-prompt and --chat-template-file go with --chat or --single-turn")
	case !o.chat && given("history"):
		return cli.Usagef("--history goes with --chat")
	case given("cache") && o.noCache:
		return cli.Usagef("--cache and --no-cache: want one of them")
	case o.ignoreEOS && forms > 0:
		return cli.Usagef("--ignore-eos: a text with a schema, a grammar or an expression ends where that does")
	case forms > 1:
		return cli.Usagef("want one of --json-schema, --json-schema-file, --grammar, --grammar-file and --regex")
	case o.limit < -1:
		return cli.Usagef("-n %d: want a number of tokens, 0 or -1", o.limit)
	case o.repeatLastN < -1:
		return cli.Usagef("--repeat-last-n %d: want a number of tokens, 0 or -1", o.repeatLastN)
	case given("repeat-penalty") && o.repeatPenalty == 0:
		return cli.Usagef("--repeat-penalty 0: want more than 0; 1 is off")
	}
	for _, s := range o.stop {
		if s == "" {
			return cli.Usagef("--stop is empty: every text would end at once")
		}
	}
	if _, err := seedOf(o.seed); err != nil {
		return err
	}
	for _, s := range o.sources {
		if s.kind != fromIDs {
			continue
		}
		if _, err := cli.IDs(s.value); err != nil {
			return err
		}
	}
	if o.bias, err = biasesOf(o.biases); err != nil {
		return err
	}
	if _, err := o.Options(); err != nil {
		return err
	}
	p := o.sampling(sampling.Params{}, 0)
	if err := p.Validate(); err != nil {
		return cli.Usagef("%w", err)
	}
	return nil
}

// sampling changes what the checkpoint asks for by what the command line says.
func (o *options) sampling(p sampling.Params, seed uint64) sampling.Params {
	given := o.flags.Changed
	// A filter of a greedy choice would do nothing: who asks for one wants draws.
	if p.Greedy() && (given("top-k") || given("top-p") || given("min-p")) {
		p.Temperature = 1
	}
	if given("temp") {
		p.Temperature = o.temp
	}
	if given("top-k") {
		p.TopK = o.topK
	}
	if given("top-p") {
		p.SetTopP(float64(o.topP))
	}
	if given("min-p") {
		p.MinP = o.minP
	}
	if given("repeat-penalty") {
		p.RepetitionPenalty = o.repeatPenalty
	}
	p.PresencePenalty, p.FrequencyPenalty = o.presence, o.frequency
	switch {
	case !given("repeat-last-n"):
	case o.repeatLastN == 0:
		p.RepetitionPenalty, p.PresencePenalty, p.FrequencyPenalty = 1, 0, 0
	default:
		p.RepeatLastN = max(0, o.repeatLastN)
	}
	p.Seed = seed
	return p
}

// generation is how the text is generated with m, but for the limit 0, which
// stands for no generation on the command line.
func (o *options) generation(m *falconmamba.Model, seed uint64) falconmamba.GenerateOptions {
	g := m.Defaults()
	g.Sampling = o.sampling(g.Sampling, seed)
	if o.flags.Changed("n-predict") || g.MaxTokens == 0 {
		g.MaxTokens = max(0, o.limit)
	}
	g.Stop = append(g.Stop, o.stop...)
	if g.Bias == nil {
		g.Bias = o.bias
	} else {
		maps.Copy(g.Bias, o.bias)
	}
	if o.ignoreEOS {
		g.EOS = []int32{}
	}
	g.Grammar = o.grammar
	return g
}

// biasesOf reads biases of tokens: ID+X, ID-X or ID-inf.
func biasesOf(texts []string) (map[int32]float32, error) {
	biases := map[int32]float32{}
	for _, text := range texts {
		i := max(1, strings.IndexAny(text, "+-"))
		id, err := strconv.ParseInt(text[:min(i, len(text))], 10, 32)
		x, xErr := strconv.ParseFloat(text[min(i, len(text)):], 32)
		if err != nil || xErr != nil || x != x || math.IsInf(x, 1) {
			return nil, cli.Usagef("--logit-bias %s: want a token's id and what its logit changes by, as in 42+1.5, "+
				"42-3 or 42-inf", text)
		}
		biases[int32(id)] = float32(x)
	}
	return biases, nil
}

// seedOf returns the seed that text says: any but -1.
func seedOf(text string) (uint64, error) {
	if text == "-1" {
		return rand.Uint64N(math.MaxInt64), nil // what can be typed again
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, cli.Usagef("--seed %s: want a number from 0 to %d, or -1", text, uint64(math.MaxUint64))
	}
	return seed, nil
}
