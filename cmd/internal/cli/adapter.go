package cli

import (
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"falconmamba/checkpoint"
)

// DeclareAdapters declares --adapter.
func DeclareAdapters(fs *pflag.FlagSet, to *[]string) {
	fs.StringArrayVar(to, "adapter", nil,
		"add the LoRA adapter `NAME[=SCALE]` to the weights: a folder as PEFT saves it, or\n"+
			"ORG/NAME[@REVISION] of the hub (may be given again, for another one)")
}

// Adapters parses the values of --adapter.
func Adapters(values []string) (adapters []checkpoint.Adapter, err error) {
	for _, v := range values {
		a := checkpoint.Adapter{Path: ExpandHome(v), Scale: 1}
		_, statErr := os.Lstat(a.Path)
		if i := strings.LastIndexByte(v, '='); i >= 0 && statErr != nil { // a folder's name may have that sign
			a.Path = ExpandHome(v[:i])
			a.Scale, err = strconv.ParseFloat(v[i+1:], 64)
			if err != nil || math.IsNaN(a.Scale) || math.IsInf(a.Scale, 0) || a.Scale == 0 {
				return nil, Usagef("--adapter %s: want NAME or NAME=SCALE, with a scale such as 0.5, and not 0", v)
			}
		}
		if a.Path == "" {
			return nil, Usagef("--adapter %q: want the folder of an adapter, or its name in the hub", v)
		}
		adapters = append(adapters, a)
	}
	return adapters, nil
}
