package cli

import (
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
		a, err := checkpoint.ParseAdapter(ExpandHome(v))
		if err != nil {
			return nil, Usagef("--adapter %w", err)
		}
		adapters = append(adapters, a)
	}
	return adapters, nil
}
