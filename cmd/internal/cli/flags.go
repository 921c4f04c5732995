package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"falconmamba/internal/nearest"
)

// NewFlags returns an empty set for program. Errors and help are the caller's.
func NewFlags(program string) *pflag.FlagSet {
	fs := pflag.NewFlagSet(program, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	fs.Usage = func() {}
	fs.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if long, ok := aliases[name]; ok {
			name = long
		}
		return pflag.NormalizedName(name)
	})
	return fs
}

// aliases are other spellings of long flags.
var aliases = map[string]string{
	"max-tokens":         "n-predict",
	"predict":            "n-predict",
	"ubatch-size":        "chunk",
	"temperature":        "temp",
	"repetition-penalty": "repeat-penalty",

	"num-return-sequences": "n",
}

// twoLetters are llama.cpp's short flags of more than a letter: -ub would be
// -u -b to pflag.
var twoLetters = map[string]string{"ub": "chunk", "st": "single-turn", "sys": "system-prompt",
	"jf": "json-schema-file"}

// ErrVersion is returned where the flag --version asks for that alone, whatever stands beside it.
var ErrVersion = errors.New("the version is asked for")

// DeclareVersion declares --version.
func DeclareVersion(fs *pflag.FlagSet) { fs.Bool("version", false, "say which version this is") }

// Parse parses args. What is wrong with them is a UsageError; pflag.ErrHelp
// says that help was asked for.
func Parse(fs *pflag.FlagSet, args []string) error {
	args = spellOut(fs, args)
	if err := foreign(fs, args); err != nil {
		return err
	}
	seen := map[string]bool{}
	err := fs.ParseAll(args, func(f *pflag.Flag, value string) error {
		if seen[f.Name] && f.Value.Type() == "string" && slices.Contains(once, f.Name) {
			return Usagef("--%s is given twice: want it once", f.Name)
		}
		seen[f.Name] = true
		if value == "" && slices.Contains(named, f.Name) {
			return Usagef("--%s is empty: it wants a name", f.Name)
		}
		if strings.TrimSpace(value) == "" && slices.Contains(forms, f.Name) {
			return Usagef("--%s is empty: no text would be written", f.Name)
		}
		return fs.Set(f.Name, value)
	})
	var usage *UsageError
	if errors.As(err, &usage) {
		return usage
	}
	if asked := fs.Lookup("version"); err == nil && asked != nil && asked.Value.String() == "true" {
		return ErrVersion
	}
	if err == nil || err == pflag.ErrHelp {
		return err
	}
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return Usagef("%w%s", err, nearest.Did("--", letters, longNames(fs)))
		}
		return Usagef("%w%s", err, nearest.Did("--", unknown.GetSpecifiedName(), longNames(fs)))
	case errors.As(err, &invalid):
		flag := invalid.GetFlag()
		if kind, ok := kinds[flag.Value.Type()]; ok {
			return Usagef("--%s takes %s, not %q", flag.Name, kind, invalid.GetValue())
		}
		return Usagef("--%s %q: %w", flag.Name, invalid.GetValue(), invalid.Unwrap())
	}
	return &UsageError{err}
}

// kinds say what values of flags are.
var kinds = map[string]string{"int": "a number", "uint64": "a whole number from 0 on", "intSlice": "numbers",
	"float32": "a number", "float64": "a number", "bool": "true or false", "string": "a text", "stringSlice": "texts"}

// once are flags whose second value would make the first one go unnoticed. Of others the last
// counts, so that a script's can be changed behind it.
var once = []string{"prompt", "file", "ids", "model", "state-load", "state-save", "output",
	"json-schema", "json-schema-file", "grammar", "grammar-file", "regex"}

// named are flags whose value is a name. An empty one, such as of a variable that a script never
// set, would be the default without a word.
var named = []string{"model", "file", "prompts", "output", "baseline", "chat-template-file", "cache",
	"state-load", "state-save", "history", "host", "api-key-file", "cert", "key", "json-schema-file", "grammar-file"}

// forms are flags that say what a text is to be like. An empty one would be a text of nothing.
var forms = []string{"json-schema", "grammar", "regex"}

// longNames are the long names of flags, in every spelling.
func longNames(fs *pflag.FlagSet) (names []string) {
	fs.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		if fs.Lookup(alias) != nil {
			names = append(names, alias)
		}
	}
	return names
}

// foreignFlags are well-known flags of llama.cpp's programs that have no counterpart, and what to
// do instead.
var foreignFlags = map[string]string{
	"ngl": noLayers, "gpu-layers": noLayers, "n-gpu-layers": noLayers,
	"mg": noLayers, "main-gpu": noLayers, "sm": noLayers, "split-mode": noLayers, "ts": noLayers,
	"tensor-split": noLayers,
	"c":            noContext, "ctx-size": noContext, "keep": noContext, "no-context-shift": noContext,
	"ctk": noAttention, "cache-type-k": noAttention, "ctv": noAttention, "cache-type-v": noAttention,
	"fa": noAttention, "flash-attn": noAttention, "no-kv-offload": noAttention, "nkvo": noAttention,
	"hf": fromHub, "hfr": fromHub, "hf-repo": fromHub, "hff": fromHub, "hf-file": fromHub, "mu": fromHub,
	"model-url": fromHub,
	"hft":       "set HF_TOKEN", "hf-token": "set HF_TOKEN",
	"cnv": useChat, "conversation": useChat, "i": useChat, "interactive": useChat, "if": useChat, "no-cnv": useChat,
	"no-conversation": useChat, "jinja": "chat templates are always Jinja: leave it out",
	"no-display-prompt": "the prompt is not written, unless --echo is given: leave it out",
	"prompt-cache":      "save and load the state: --state-save FILE, --state-load FILE",
	"np":                together, "parallel": together, "ns": together, "sequences": together,
	"mlock": "leave it out", "no-warmup": "leave it out", "numa": "leave it out",
}

const (
	noLayers    = "all layers run on one device: choose it with --backend or --device"
	noContext   = "there is no context to size: the state has the same size whatever the length"
	noAttention = "there is no attention, and no cache of keys and values"
	fromHub     = "a model of the Hugging Face hub goes behind -m: -m ORG/NAME or -m ORG/NAME:FILE.gguf"
	together    = "several prompts, and --n answers to each, are written together"
	useChat     = "a text is continued, and --chat talks"
)

// foreign explains flags of other programs, which pflag would take apart into letters.
func foreign(fs *pflag.FlagSet, args []string) error {
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		bare := strings.TrimLeft(args[i], "-")
		dashes := args[i][:len(args[i])-len(bare)]
		name, _, _ := strings.Cut(bare, "=")
		ours := fs.Lookup(name) != nil || len(name) == 1 && fs.ShorthandLookup(name) != nil
		if help := foreignFlags[name]; (dashes == "-" || dashes == "--") && help != "" && !ours {
			return Usagef("there is no %s%s here: %s", dashes, name, help)
		}
		if takesNext(fs, args[i]) {
			i++
		}
	}
	return nil
}

// spellOut replaces such flags, and long ones behind a single -, by their long spelling with
// two. It leaves alone
// what is the value of the flag before it.
func spellOut(fs *pflag.FlagSet, args []string) []string {
	out := make([]string, 0, len(args))
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if short, ok := strings.CutPrefix(arg, "-"); ok {
			name, value, given := strings.Cut(short, "=")
			long, ok := twoLetters[name]
			if !ok && len(name) > 1 {
				long, ok = name, true // -temp, as llama.cpp and Go's own flags have it
			}
			if ok && fs.Lookup(long) != nil {
				if arg = "--" + long; given {
					arg += "=" + value
				}
			}
		}
		out = append(out, arg)
		if takesNext(fs, arg) && i+1 < len(args) {
			i++
			out = append(out, args[i])
		}
	}
	return out
}

// takesNext reports whether the word after arg is its value.
func takesNext(fs *pflag.FlagSet, arg string) bool {
	if long, ok := strings.CutPrefix(arg, "--"); ok {
		f := fs.Lookup(long)
		return f != nil && f.NoOptDefVal == "" // an = would make the name unknown
	}
	letters, ok := strings.CutPrefix(arg, "-")
	for i := 0; ok && i < len(letters); i++ {
		f := fs.ShorthandLookup(letters[i : i+1])
		if f == nil {
			return false
		}
		if f.NoOptDefVal == "" {
			return i == len(letters)-1
		}
	}
	return false
}

// QuantTypes says what --quant takes.
const QuantTypes = "q8_0, q6_K,\nq5_K, q4_K, q3_K, q2_K, q5_1, q5_0, q4_1, q4_0, iq4_nl, iq4_xs, nf4, fp4,\n" +
	"or a mix such as q4_K_M; norms, A, D, convolutions and biases stay as they\nare, x_proj, dt_proj and the head " +
	"keep more bits"

// IDs parses "1,2,3", with or without spaces.
func IDs(list string) ([]int32, error) {
	var ids []int32
	for part := range strings.SplitSeq(list, ",") {
		words := strings.Fields(part)
		if len(words) == 0 && strings.TrimSpace(list) != "" {
			return nil, Usagef("--ids %.40q: a number is missing beside a comma", list)
		}
		for _, word := range words {
			id, err := strconv.ParseInt(word, 10, 32)
			if err != nil {
				return nil, Usagef("--ids: %.40q is not a token id: want numbers with commas between", word)
			}
			ids = append(ids, int32(id))
		}
	}
	return ids, nil
}

// BackendName returns what backend.Open takes for the flags --backend and
// --device. A device is a number among those of the backend, a whole name such as
// vulkan:1, or a part of what the list of devices calls it. Without either, $FM_BACKEND is the name.
func BackendName(backend, device string) (string, error) {
	auto := backend == "" || backend == "auto"
	if device == "" {
		if auto {
			backend = cmp.Or(os.Getenv("FM_BACKEND"), backend)
		}
		return backend, nil
	}
	if n, err := strconv.Atoi(device); err == nil {
		switch {
		case n < 0:
			return "", Usagef("--device %s: want a number from 0 on, or a name", device)
		case auto:
			return "", Usagef("--device %s: of which backend? Say --backend too, or give a name such as vulkan:%s",
				device, device)
		case strings.Contains(backend, ":"):
			return "", Usagef("--backend %s names a device already: leave --device out", backend)
		}
		return fmt.Sprintf("%s:%d", backend, n), nil
	}
	kind, _, _ := strings.Cut(device, ":")
	if !slices.Contains(drivers(), kind) {
		return deviceCalled(device, backend, auto)
	}
	if !auto && backend != kind && backend != device {
		return "", Usagef("--device %s is not a device of --backend %s", device, backend)
	}
	return device, nil
}
