package checkpoint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// ignoredKeys are keys of a generation_config.json that change the text in transformers and
// nothing here, with the value that changes nothing there; null and empty lists never do.
var ignoredKeys = []struct {
	key     string
	neutral string
	draws   bool // matters where do_sample is set
}{
	{"no_repeat_ngram_size", "0", false},
	{"encoder_no_repeat_ngram_size", "0", false},
	{"encoder_repetition_penalty", "1", false},
	{"begin_suppress_tokens", "null", false},
	{"bad_words_ids", "null", false},
	{"min_new_tokens", "0", false},
	{"min_length", "0", false},
	{"forced_bos_token_id", "null", false},
	{"forced_eos_token_id", "null", false},
	{"sequence_bias", "null", false},
	{"exponential_decay_length_penalty", "null", false},
	{"guidance_scale", "1", false},
	{"num_beams", "1", false},
	{"num_beam_groups", "1", false},
	{"force_words_ids", "null", false},
	{"constraints", "null", false},
	{"max_time", "null", false},
	{"token_healing", "false", false},
	{"penalty_alpha", "0", false},
	{"dola_layers", "null", false},
	{"watermarking_config", "null", false},
	{"typical_p", "1", true},
	{"epsilon_cutoff", "0", true},
	{"eta_cutoff", "0", true},
	{"top_h", "null", true},
}

// Warnings lists what the file asks for and does not get, for people to read.
func (g *GenerationConfig) Warnings() []string {
	var names []string
	draws := g.DoSample != nil && *g.DoSample
	for _, k := range ignoredKeys {
		v, ok := g.raw[k.key]
		if ok && (draws || !k.draws) && !changesNothing(v, k.neutral) && !(k.key == "bad_words_ids" && single(v)) {
			names = append(names, k.key)
		}
	}
	if len(names) == 0 {
		return slices.Clone(g.bad)
	}
	return append(slices.Clone(g.bad), fmt.Sprintf("%s asks for %s, which is not done: "+
		"the text may differ from that of transformers", generationFile, strings.Join(names, ", ")))
}

// single reports whether lists of tokens have one each, see GenerationConfig.Suppressed.
func single(v json.RawMessage) bool {
	var words [][]int
	return json.Unmarshal(v, &words) == nil &&
		!slices.ContainsFunc(words, func(w []int) bool { return len(w) > 1 })
}

// changesNothing reports whether a value is null, an empty list, or neutral: a number, or false.
func changesNothing(v json.RawMessage, neutral string) bool {
	var list []json.RawMessage
	if json.Unmarshal(v, &list) == nil {
		return len(list) == 0 // null is one
	}
	if neutral == "false" {
		return string(v) == neutral
	}
	var is, want float64
	return json.Unmarshal(v, &is) == nil && json.Unmarshal([]byte(neutral), &want) == nil &&
		neutral != "null" && is == want
}
