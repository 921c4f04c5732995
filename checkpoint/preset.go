package checkpoint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"falconmamba/backend"
)

// presets are the shapes that random: takes by name. 7b is tiiuae's
// falcon-mamba-7b to the letter. No FalconMamba was released at the two
// smaller sizes: they are state-spaces/mamba-1.4b and -130m (width, depth, the
// 50280 tokens of GPT-NeoX, tied head) with FalconMamba's norms.
var presets = map[string]func(*Config){
	"7b": func(c *Config) {
		c.VocabSize, c.HiddenSize, c.NumHiddenLayers = 65024, 4096, 64
		c.BOSTokenID, c.EOSTokenIDs, c.PadTokenID = 0, []int{11}, 11
		*c.TieWordEmbeddings = false
	},
	"1.4b": func(c *Config) { c.VocabSize, c.HiddenSize, c.NumHiddenLayers = 50280, 2048, 48 },
	"130m": func(c *Config) { c.VocabSize, c.HiddenSize, c.NumHiddenLayers = 50280, 768, 24 },
}

// Preset returns the config of a well-known size: 7b, 1.4b or 130m.
func Preset(name string) (*Config, error) {
	set, ok := presets[name]
	if !ok {
		return nil, fmt.Errorf("no model size %q: want one of %s, or the path of a config.json",
			name, strings.Join(slices.Sorted(maps.Keys(presets)), ", "))
	}
	c := defaultConfig()
	c.ModelType, c.Type = FalconMamba, backend.BF16
	tied := true
	c.TieWordEmbeddings = &tied
	set(c)
	c.IntermediateSize = c.expand * c.HiddenSize
	c.TimeStepRank = c.HiddenSize / 16
	return c, nil
}
