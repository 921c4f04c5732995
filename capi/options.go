package main

// #include "cgo.h"
import "C"

import (
	"context"
	"unsafe"

	"falconmamba"
	"falconmamba/backend/sampling"
	"falconmamba/text/constrain"
)

// usualTokens is where a generation ends whose caller does not say.
const usualTokens = 256

// generateOptions puts a caller's options in the words of the package, and says what ends the call.
func generateOptions(m *falconmamba.Model, p *C.fm_const_generate_options) (
	context.Context, *falconmamba.GenerateOptions, error,
) {
	if p == nil {
		return context.Background(), nil, nil
	}
	c, done, err := options[C.fm_generate_options]("fm_generate_options", p)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	ctx, err := contextOf(c.cancel)
	if err != nil {
		return nil, nil, err
	}
	const known = C.FM_GENERATE_IGNORE_EOS | C.FM_GENERATE_BARE | C.FM_GENERATE_LOGPROBS | C.FM_GENERATE_BACKGROUND
	has := func(flag C.uint32_t) bool { return c.flags&flag != 0 }
	var o falconmamba.GenerateOptions
	if d := m.Defaults(); !has(C.FM_GENERATE_BARE) {
		o.Stop, o.Bias = d.Stop, d.Bias
	}
	o.MaxTokens = max(0, int(c.max_tokens))
	if c.max_tokens == 0 {
		o.MaxTokens = usualTokens
	}
	o.Sampling = sampling.Params{Temperature: float32(c.temperature), TopK: int(c.top_k), TopP: float32(c.top_p),
		MinP: float32(c.min_p), RepetitionPenalty: float32(c.repetition_penalty),
		PresencePenalty: float32(c.presence_penalty), FrequencyPenalty: float32(c.frequency_penalty),
		RepeatLastN: int(c.repeat_last_n), Seed: uint64(c.seed)}
	if has(C.FM_GENERATE_IGNORE_EOS) {
		o.EOS = []int32{}
	}
	o.LogProbs = has(C.FM_GENERATE_LOGPROBS) || c.top_logprobs > 0
	o.TopLogProbs = int(c.top_logprobs)
	o.Background = has(C.FM_GENERATE_BACKGROUND)
	switch {
	case c.flags&^known != 0:
		return nil, nil, unsupportedError(
			"fm_generate_options.flags has bits that this version of the library does not know")
	case c.top_logprobs < 0 || c.top_logprobs > 20:
		return nil, nil, invalid("top_logprobs is %d: want 0 to 20", c.top_logprobs)
	}
	if err := o.Sampling.Validate(); err != nil {
		return nil, nil, invalid("%v", err)
	}
	if err := addLists(&o, c, m.Config().VocabSize); err != nil {
		return nil, nil, err
	}
	o.Grammar, err = grammarOf(c)
	return ctx, &o, err
}

// addLists adds the caller's stop strings and biases.
func addLists(o *falconmamba.GenerateOptions, c *C.fm_generate_options, vocab int) error {
	stops, err := array[*C.char]("stop", c.stop, c.stop_count)
	if err != nil {
		return err
	}
	for _, s := range stops {
		stop, err := want("a stop string", (*C.fm_utf8)(s))
		if err != nil {
			return err
		}
		if stop == "" {
			return invalid("a stop string is empty: every text would end at once")
		}
		o.Stop = append(o.Stop, stop)
	}
	biases, err := array[C.fm_bias]("biases", c.biases, c.bias_count)
	if err != nil {
		return err
	}
	for i, b := range biases {
		switch {
		case b.id < 0 || int(b.id) >= vocab:
			return invalid("bias %d is of id %d: this model has ids 0 to %d", i, b.id, vocab-1)
		case b.bias != b.bias || b.bias > 3.4e38:
			return invalid("bias %d is %g: want a number, or -INFINITY", i, b.bias)
		}
		if o.Bias == nil {
			o.Bias = map[int32]float32{}
		}
		o.Bias[int32(b.id)] = float32(b.bias)
	}
	return nil
}

// grammarOf returns what the text is held to, or nil.
func grammarOf(c *C.fm_generate_options) (g *constrain.Grammar, err error) {
	for _, form := range []struct {
		name   string
		source *C.char
		parse  func(string) (*constrain.Grammar, error)
	}{
		{"json_schema", c.json_schema, func(s string) (*constrain.Grammar, error) {
			return constrain.JSONSchema([]byte(s))
		}},
		{"grammar", c.grammar, constrain.GBNF},
		{"regex", c.regex, constrain.Regexp},
	} {
		if form.source == nil {
			continue
		}
		if g != nil {
			return nil, invalid("want one of json_schema, grammar and regex, and %s is another", form.name)
		}
		source, err := text(form.name, (*C.fm_utf8)(form.source))
		if err != nil {
			return nil, err
		}
		if g, err = form.parse(source); err != nil {
			return nil, invalid("%s: %v", form.name, err)
		}
	}
	return g, nil
}

//export fm_model_defaults
func fm_model_defaults(h *C.fm_model, out *C.fm_generate_options, e *C.fm_error) C.fm_status {
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil {
			return invalid("options is NULL")
		}
		c, done, err := options[C.fm_generate_options]("fm_generate_options", out)
		if err != nil {
			return err
		}
		defer done()
		size := c.struct_size
		d := m.Defaults()
		p := d.Sampling
		*c = C.fm_generate_options{struct_size: size, max_tokens: C.int64_t(d.MaxTokens),
			temperature: C.float(p.Temperature), top_k: C.int32_t(p.TopK), top_p: C.float(p.TopP),
			min_p:              C.float(p.MinP),
			repetition_penalty: C.float(p.RepetitionPenalty)}
		n := min(int(size), int(unsafe.Sizeof(*c)))
		copy(unsafe.Slice((*byte)(unsafe.Pointer(out)), n), unsafe.Slice((*byte)(unsafe.Pointer(c)), n))
		return nil
	})
}
