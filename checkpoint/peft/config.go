package peft

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"falconmamba/internal/jsonerr"
	"falconmamba/internal/regular"
)

// A config is adapter_config.json: what of it changes the result.
type config struct {
	Type         string          `json:"peft_type"`
	Base         string          `json:"base_model_name_or_path"`
	Rank         int             `json:"r"`
	Alpha        float64         `json:"lora_alpha"`
	RankStable   bool            `json:"use_rslora"`
	Bias         string          `json:"bias"`
	Targets      modules         `json:"target_modules"`
	Exclude      modules         `json:"exclude_modules"`
	Layers       numbers         `json:"layers_to_transform"`
	LayerNames   json.RawMessage `json:"layers_pattern"`
	Save         modules         `json:"modules_to_save"`
	Init         json.RawMessage `json:"init_lora_weights"`
	TieWeights   bool            `json:"ensure_weight_tying"`
	RankPattern  patterns        `json:"rank_pattern"`
	AlphaPattern patterns        `json:"alpha_pattern"`
}

// maxConfig bounds adapter_config.json, in bytes.
const maxConfig = 1 << 20

// parseConfig reads adapter_config.json and refuses what it does not mean the same by.
func parseConfig(text []byte) (*config, error) {
	if err := regular.IsUTF8(text); err != nil {
		return nil, err
	}
	c := &config{Rank: 8, Alpha: 8, Bias: "none"} // LoraConfig's own
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, jsonerr.Plain(err)
	}
	if _, ok := all["fine_tune_type"]; ok {
		return nil, errors.New("is that of an adapter of MLX, which is not read: save it in PEFT's form")
	}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, jsonerr.Plain(err)
	}
	switch {
	case c.Type == "":
		return nil, errors.New("has no peft_type: not the adapter_config.json of PEFT")
	case !strings.EqualFold(c.Type, "LORA"):
		return nil, fmt.Errorf("peft_type is %.40q: only LORA is read", c.Type)
	case c.Bias != "none" && c.Bias != "":
		return nil, fmt.Errorf("bias is %.40q: adapters with biases of their own are not read, only none", c.Bias)
	case c.Rank < 1 || c.Alpha == 0 || math.IsInf(c.Alpha, 0):
		return nil, fmt.Errorf("r is %d and lora_alpha %g: want a rank of 1 or more, and a number that is not 0",
			c.Rank, c.Alpha)
	}
	if err := refuseVariants(all); err != nil {
		return nil, err
	}
	return c, c.checkInit()
}

// variants are the keys under which PEFT has other formulas than LoRA's, where they have a value
// that is neither null, false nor empty.
var variants = map[string]string{
	"use_dora":                "DoRA",
	"use_qalora":              "QALoRA",
	"use_bdlora":              "block-diagonal LoRA",
	"lora_bias":               "a bias of B",
	"layer_replication":       "layers that are repeated",
	"target_parameters":       "parameters outside of layers",
	"trainable_token_indices": "single tokens that were trained",
	"alora_invocation_tokens": "an adapter that begins at a token (aLoRA)",
	"arrow_config":            "Arrow, which chooses between adapters",
	"megatron_config":         "layers of Megatron",
	"kasa_config":             "KaSA, which cuts the model's own weights",
	"monteclora_config":       "MonteCLoRA, which draws its weights",
}

func refuseVariants(all map[string]json.RawMessage) error {
	var keys []string
	for key, value := range all {
		_, known := variants[key]
		other := strings.HasPrefix(key, "use_") && key != "use_rslora" && string(value) == "true"
		if (known || other) && !slices.Contains([]string{"null", "false", "[]", "{}", `""`}, string(compact(value))) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.Sort(keys)
	what := variants[keys[0]]
	if what == "" {
		what = "something that is not known here"
	}
	return fmt.Errorf("%.60q asks for %s, which is not read: merge the adapter into its model with PEFT "+
		"(merge_and_unload), and save that", keys[0], what)
}

func compact(value json.RawMessage) []byte {
	var b bytes.Buffer
	_ = json.Compact(&b, value) // it was parsed before
	return b.Bytes()
}

// checkInit refuses adapters whose beginning changed the model that they are of: what is saved then
// belongs to weights that nobody else has.
func (c *config) checkInit() error {
	var name string
	if json.Unmarshal(c.Init, &name) != nil {
		return nil // true, false, or nothing
	}
	for _, known := range []string{"pissa", "olora", "corda", "loftq", "lora_ga"} {
		if strings.HasPrefix(strings.ToLower(name), known) {
			return fmt.Errorf("init_lora_weights is %.40q, which changes the model before it is trained: save the "+
				"adapter again with path_initial_model_for_weight_conversion, or merge it with PEFT", name)
		}
	}
	return nil
}

// scale returns what the product for a module of the model is multiplied by, or how its rank contradicts the config.
func (c *config) scale(module string, rank int) (float64, error) {
	if want := c.RankPattern.of(module, float64(c.Rank)); float64(rank) != want {
		return 0, fmt.Errorf("%s has rank %d, %s says %g", module, rank, configFile, want)
	}
	alpha, over := c.AlphaPattern.of(module, c.Alpha), float64(rank)
	if c.RankStable {
		over = math.Sqrt(over)
	}
	if scale := alpha / over; math.Abs(scale) <= math.MaxFloat32 {
		return scale, nil
	}
	return 0, fmt.Errorf("%s is multiplied by %g over its rank, as %s says: want a number of float32",
		module, alpha, configFile)
}
