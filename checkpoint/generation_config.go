package checkpoint

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
)

// A GenerationConfig is a checkpoint's generation_config.json: how its authors
// want text to be made. Fields that the file does not give are nil.
type GenerationConfig struct {
	DoSample          *bool
	Temperature       *float64
	TopK              *int
	TopP              *float64
	MinP              *float64
	RepetitionPenalty *float64
	MaxNewTokens      *int
	MaxLength         *int
	StopStrings       []string // the file has one or a list
	Suppressed        []int    // tokens that are never drawn: suppress_tokens, and bad_words_ids of one token

	// Where the file gives none of these, they are the config's.
	EOSTokenIDs []int
	BOSTokenID  int // -1 for none
	PadTokenID  int // -1 for none

	raw map[string]json.RawMessage
	bad []string // values that cannot be, which were left out
}

func (g *GenerationConfig) fields() []field {
	return []field{
		{"do_sample", &g.DoSample},
		{"temperature", &g.Temperature},
		{"top_k", &g.TopK},
		{"top_p", &g.TopP},
		{"min_p", &g.MinP},
		{"repetition_penalty", &g.RepetitionPenalty},
		{"max_new_tokens", &g.MaxNewTokens},
		{"max_length", &g.MaxLength},
	}
}

// defaultGeneration is what holds for a checkpoint without the file.
func defaultGeneration(c *Config) *GenerationConfig {
	return &GenerationConfig{EOSTokenIDs: c.EOSTokenIDs, BOSTokenID: c.BOSTokenID, PadTokenID: c.PadTokenID}
}

// ParseGenerationConfig reads the text of a generation_config.json that lies
// beside c.
func ParseGenerationConfig(text []byte, c *Config) (*GenerationConfig, error) {
	raw, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	g := defaultGeneration(c)
	return g, g.decode(raw)
}

func (g *GenerationConfig) decode(raw map[string]json.RawMessage) error {
	g.raw = raw
	for _, f := range g.fields() {
		if err := decode(raw, f.key, f.to); err != nil {
			return err
		}
	}
	if p := g.RepetitionPenalty; p != nil && float32(*p) == 0 {
		return fmt.Errorf("repetition_penalty is %g: want more than 0; 1 is off", *p)
	}
	g.dropImpossible()
	if err := g.stops(raw); err != nil {
		return err
	}
	g.suppressed(raw)
	var err error
	if g.EOSTokenIDs, err = decodeIDs(raw, "eos_token_id", g.EOSTokenIDs); err != nil {
		return err
	}
	if g.BOSTokenID, err = decodeID(raw, "bos_token_id", g.BOSTokenID); err != nil {
		return err
	}
	g.PadTokenID, err = decodeID(raw, "pad_token_id", g.PadTokenID)
	return err
}

// stops reads stop_strings. An empty one would end every text at once.
func (g *GenerationConfig) stops(raw map[string]json.RawMessage) error {
	const key = "stop_strings"
	g.StopStrings = nil
	var one string
	if given(raw, key) && raw[key][0] == '"' {
		if err := decode(raw, key, &one); err != nil {
			return err
		}
		g.StopStrings = []string{one}
	} else if err := decode(raw, key, &g.StopStrings); err != nil {
		return fmt.Errorf("%s is %s: want a text, or a list of texts", key, excerpt(raw[key]))
	}
	g.StopStrings = slices.DeleteFunc(g.StopStrings, func(s string) bool { return s == "" })
	return nil
}

// suppressed reads the tokens that are never drawn. bad_words_ids has lists of tokens, of which
// only single ones can be left out whatever comes before. What cannot be read has a warning.
func (g *GenerationConfig) suppressed(raw map[string]json.RawMessage) {
	g.Suppressed = nil
	if err := decode(raw, "suppress_tokens", &g.Suppressed); err != nil {
		g.Suppressed = nil
		g.bad = append(g.bad, fmt.Sprintf("%s: %v, which is ignored", generationFile, err))
	}
	var words [][]int
	_ = decode(raw, "bad_words_ids", &words) // else it is one of ignoredKeys
	for _, w := range words {
		if len(w) == 1 {
			g.Suppressed = append(g.Suppressed, w[0])
		}
	}
}

// dropImpossible leaves out what no text can be drawn by: a program may ask for other values, or
// for no draws.
func (g *GenerationConfig) dropImpossible() {
	for _, v := range []struct {
		key       string
		to        **float64
		most      float64
		otherwise string
	}{
		{"temperature", &g.Temperature, math.MaxFloat32, "0 or more"},
		{"top_p", &g.TopP, 1, "0 to 1"},
		{"min_p", &g.MinP, 1, "0 to 1"},
	} {
		if x := *v.to; x != nil && !(*x >= 0 && *x <= v.most) {
			g.bad = append(g.bad, fmt.Sprintf("%s: %s is %g, which is ignored: want %s",
				generationFile, v.key, *x, v.otherwise))
			*v.to = nil
		}
	}
	if k := g.TopK; k != nil && (*k < 0 || *k > math.MaxInt32) {
		g.bad = append(g.bad, fmt.Sprintf("%s: top_k is %d, which is ignored: want 0 (off) or more",
			generationFile, *k))
		g.TopK = nil
	}
}

// JSON returns the text of a generation_config.json that says g: every key of
// the file it came from and every field that is set.
func (g *GenerationConfig) JSON() ([]byte, error) {
	out := map[string]json.RawMessage{}
	maps.Copy(out, g.raw)
	var old GenerationConfig // g as the file had it
	if err := old.decode(g.raw); err != nil {
		return nil, err
	}
	put := func(key string, was, is any) error {
		if _, ok := g.raw[key]; ok && reflect.DeepEqual(was, is) {
			return nil
		}
		v, err := json.Marshal(is)
		out[key] = v
		return err
	}
	oldFields := old.fields()
	for i, f := range g.fields() {
		is := reflect.ValueOf(f.to).Elem()
		if is.IsNil() {
			delete(out, f.key)
		} else if err := put(f.key, reflect.ValueOf(oldFields[i].to).Elem().Interface(), is.Interface()); err != nil {
			return nil, err
		}
	}
	for _, id := range []struct {
		key     string
		was, is any
	}{
		{"eos_token_id", idsJSON(old.EOSTokenIDs), idsJSON(g.EOSTokenIDs)},
		{"bos_token_id", idJSON(old.BOSTokenID), idJSON(g.BOSTokenID)},
		{"pad_token_id", idJSON(old.PadTokenID), idJSON(g.PadTokenID)},
	} {
		if err := put(id.key, id.was, id.is); err != nil {
			return nil, err
		}
	}
	return writeObject(out), nil
}
