package server

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"falconmamba"
	"falconmamba/backend/sampling"
)

const (
	maxStops     = 16
	maxStopBytes = 1000
)

// sampling reads how tokens are chosen, and what ends a text but its length: what the request says, over what the
// checkpoint does. stop is what the API calls stop strings.
func (s *Server) sampling(o *object, stop string) (g falconmamba.GenerateOptions) {
	g = s.m.Defaults()
	g.Bias = maps.Clone(g.Bias)
	p := &g.Sampling
	temperature, topP := o.number("temperature", 0, 2), o.number("top_p", 0, 1)
	// Those that OpenAI's API does not have, as vLLM and llama.cpp call them.
	topK, minP := o.integer("top_k", -1, math.MaxInt32), o.number("min_p", 0, 1)
	if p.Greedy() && temperature == nil && (topP != nil || topK != nil || minP != nil) {
		p.Temperature = 1 // who asks for a filter wants draws
	}
	if temperature != nil {
		p.Temperature = float32(*temperature)
	}
	if topP != nil {
		p.SetTopP(*topP)
	}
	if topK != nil {
		p.TopK = int(max(0, *topK))
	}
	if minP != nil {
		p.MinP = float32(*minP)
	}
	for _, name := range []string{"repetition_penalty", "repeat_penalty"} {
		if x := o.number(name, 0.01, 100); x != nil {
			p.RepetitionPenalty = float32(*x)
		}
	}
	if x := o.number("presence_penalty", -2, 2); x != nil {
		p.PresencePenalty = float32(*x)
	}
	if x := o.number("frequency_penalty", -2, 2); x != nil {
		p.FrequencyPenalty = float32(*x)
	}
	p.Seed = rand.Uint64()
	if seed := o.integer("seed", math.MinInt64, math.MaxInt64); seed != nil {
		p.Seed = uint64(*seed)
	}
	if o.flag("ignore_eos") {
		g.EOS = []int32{}
	}
	g.Stop = slices.Concat(g.Stop, s.stops(o, stop))
	s.bias(o, &g)
	s.form(o, &g)
	if err := p.Validate(); err != nil {
		o.fail(invalid("", "invalid_value", "%v", err))
	}
	return g
}

// topLogProbs reads of how many of the likeliest tokens log-probabilities are asked for, which want something else too.
func (s *Server) topLogProbs(o *object, g *falconmamba.GenerateOptions, wants string) {
	top := o.integer("top_logprobs", 0, sampling.MaxLogProbs)
	if top == nil || *top == 0 {
		return
	}
	if !g.LogProbs {
		o.fail(invalid("top_logprobs", "invalid_value", "top_logprobs wants %s", wants))
	}
	g.TopLogProbs = int(*top)
}

// stops reads stop strings, under a name: one, or an array of them.
func (s *Server) stops(o *object, name string) (all []string) {
	raw := o.raw(name)
	switch {
	case raw == nil:
	case raw[0] == '"':
		all = []string{o.text(name)}
	default:
		all = o.texts(name, raw)
	}
	if len(all) > maxStops {
		o.fail(invalid(o.path+name, "invalid_value", "%s has %d strings: want at most %d", name, len(all), maxStops))
	}
	if s.m.Tokenizer() == nil && len(all) > 0 {
		o.fail(unsupported(o.path+name, "%s is not supported: %v", name, errNoTokenizer))
	}
	for _, stop := range all {
		if stop == "" || len(stop) > maxStopBytes {
			o.fail(invalid(o.path+name, "invalid_value", "a stop string has %d bytes: want 1 to %d", len(stop),
				maxStopBytes))
		}
	}
	return all
}

// maxBiases is how many biases a text may have, the checkpoint's included.
const maxBiases = 4096

// bias reads logit_bias: an object of numbers by token id.
func (s *Server) bias(o *object, g *falconmamba.GenerateOptions) {
	in := o.object("logit_bias")
	if in == nil {
		return
	}
	if len(in.fields)+len(g.Bias) > maxBiases {
		o.fail(invalid("logit_bias", "invalid_value", "logit_bias has %d tokens: want at most %d", len(in.fields),
			maxBiases-len(g.Bias)))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(in.fields)) {
		id, err := strconv.ParseInt(name, 10, 32)
		if vocab := s.m.Config().VocabSize; err != nil || id < 0 || int(id) >= vocab {
			o.fail(invalid("logit_bias", "invalid_value", "logit_bias has the token %q: want ids from 0 to %d",
				abridged(name), vocab-1))
			return
		}
		x := in.number(name, -100, 100)
		if x == nil {
			continue
		}
		if g.Bias == nil {
			g.Bias = map[int32]float32{}
		}
		if _, banned := g.Bias[int32(id)]; !banned {
			g.Bias[int32(id)] = float32(*x)
		}
	}
}

// limit reads the most tokens that a text may have, by one of several names. Without one it is usual, or where
// that is 0 what the checkpoint says, or the server.
func (s *Server) limit(o *object, usual, least int, names ...string) int {
	most := s.o.MaxTokens
	n, given := firstLimit(usual, s.m.Defaults().MaxTokens, most), ""
	for _, name := range names {
		x := o.integer(name, int64(least), math.MaxInt32)
		switch {
		case x == nil:
		case given != "" && n != int(*x):
			o.fail(invalid(name, "invalid_value", "%s and %s differ: give one of them", given, name))
		case int(*x) > most:
			o.fail(invalid(name, "invalid_value", "%s is %d: this server writes at most %d tokens", name, *x, most))
		default:
			n, given = int(*x), name
		}
	}
	return n
}

// firstLimit is the first limit that is not 0, but no more than the last.
func firstLimit(limits ...int) int {
	return min(cmp.Or(limits...), limits[len(limits)-1])
}

// choices reads n, and refuses more texts than a request may ask for.
func (s *Server) choices(o *object, prompts int) int {
	n := 1
	if x := o.integer("n", 1, 128); x != nil {
		n = int(*x)
	}
	if n*prompts > s.o.MaxChoices {
		o.fail(invalid("n", "invalid_value", "%d prompts with n %d are %d texts: this server writes at most %d for "+
			"a request", prompts, n, n*prompts, s.o.MaxChoices))
	}
	return n
}

// checkModel wants the request to name the model, or none.
func (s *Server) checkModel(o *object) {
	name := o.text("model")
	if name == "" || *o.err != nil || s.called(name) {
		return
	}
	o.fail(s.noModel(name))
}

// common names fields of both kinds of completions that have no effect here.
func common(o *object) {
	// Whose request it is, what it costs, whether its prompt is kept.
	o.ignore("user", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
		"cache_prompt")
	o.refuse("nothing is kept", []string{"store"})
}

// streamOptions reads stream and what goes with it.
func streamOptions(o *object) (stream, usage bool) {
	stream = o.flag("stream")
	in := o.object("stream_options")
	if in == nil {
		return stream, false
	}
	if !stream {
		o.fail(invalid("stream_options", "invalid_value", "stream_options are for stream alone"))
	}
	usage = in.flag("include_usage")
	in.ignore("include_obfuscation")
	if e := in.done(); e != nil {
		o.fail(e)
	}
	return stream, usage
}
