package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
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
}

// twoLetters are llama.cpp's short flags of more than a letter: -ub would be
// -u -b to pflag.
var twoLetters = map[string]string{"ub": "chunk", "st": "single-turn", "sys": "system-prompt"}

// Parse parses args. What is wrong with them is a UsageError; pflag.ErrHelp
// says that help was asked for.
func Parse(fs *pflag.FlagSet, args []string) error {
	err := fs.Parse(spellOut(fs, args))
	if err != nil && err != pflag.ErrHelp {
		return &UsageError{err}
	}
	return err
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
const QuantTypes = "q8_0, q6_K,\nq5_K, q4_K, q3_K, q2_K, q5_1, q5_0, q4_1, q4_0, iq4_nl, iq4_xs, nf4 or fp4;\nnorms, " +
	"A, D, convolutions and biases stay as they are, x_proj, dt_proj and\nthe head keep more bits"

// IDs parses "1,2,3", with or without spaces.
func IDs(list string) ([]int32, error) {
	var ids []int32
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		id, err := strconv.ParseInt(word, 10, 32)
		if err != nil {
			return nil, Usagef("--ids: %q is not a token id: want numbers with commas between", word)
		}
		ids = append(ids, int32(id))
	}
	return ids, nil
}

// BackendName returns what backend.Open takes for the flags --backend and
// --device. A device is a number among those of the backend, or a whole name
// as the list of devices has it. Without either, $FM_BACKEND is the name.
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
	if !auto && backend != kind && backend != device {
		return "", Usagef("--device %s is not a device of --backend %s", device, backend)
	}
	return device, nil
}
