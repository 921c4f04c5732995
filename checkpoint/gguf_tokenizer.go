package checkpoint

import (
	"encoding/json"
	"fmt"
	"slices"

	"falconmamba/checkpoint/gguf"
	"falconmamba/text/tokenizer"
)

// tokens reads what the file says of its tokenizer: the special ids, and a
// folder with the files that a Hugging Face checkpoint would have.
func (g *ggufModel) tokens(k *ggufKeys) {
	if g.config == nil {
		return
	}
	c := g.config
	id := func(name string) int {
		n := k.number("tokenizer.ggml."+name, -1)
		if n < 0 || n >= int64(c.VocabSize) { // -1 and 2³²-1 both mean none
			return -1
		}
		return int(n)
	}
	c.BOSTokenID, c.PadTokenID = id("bos_token_id"), id("padding_token_id")
	c.EOSTokenIDs = nil
	g.generation = defaultGeneration(c)
	if eos := id("eos_token_id"); eos >= 0 {
		c.EOSTokenIDs = []int{eos}
	}
	stop := slices.Clone(c.EOSTokenIDs)
	stops := map[int]bool{-1: true}
	for _, id := range stop {
		stops[id] = true
	}
	add := func(id int) {
		if !stops[id] {
			stop, stops[id] = append(stop, id), true
		}
	}
	var all []int64
	exact := value(k, stopKey, &all, gguf.Value.Ints)
	for _, id := range all {
		add(int(max(id, -1)))
	}
	if !exact {
		add(id("eot_token_id"))
		add(id("eom_token_id"))
	}

	var whole string
	value(k, "tokenizer.huggingface.json", &whole, gguf.Value.Text)
	kind := k.text("tokenizer.ggml.model")
	t := tokenizer.GGUF{Pre: k.text("tokenizer.ggml.pre")}
	value(k, "tokenizer.ggml.tokens", &t.Tokens, gguf.Value.Texts)
	merges, hasMerges := k.f.Key("tokenizer.ggml.merges")
	var types []int64
	value(k, "tokenizer.ggml.token_type", &types, gguf.Value.Ints)
	for _, n := range types {
		t.Types = append(t.Types, int32(n))
	}
	if k.err != nil {
		return
	}
	// llama.cpp ends a turn at this token whatever the keys say.
	if at := slices.Index(t.Tokens, "<|im_end|>"); !exact && at >= 0 && at < len(t.Types) && t.Types[at] == 3 {
		add(at)
	}
	g.generation.EOSTokenIDs = stop
	if k.truth("tokenizer.ggml.add_bos_token") && c.BOSTokenID >= 0 {
		t.Prefix = []int32{int32(c.BOSTokenID)}
	}
	// Half a million merges are read where a tokenizer is made, and not kept.
	complete := func() (tokenizer.GGUF, error) {
		if g.closed.Load() {
			return t, errClosed
		}
		t, what := t, "missing"
		if hasMerges {
			var err error
			if t.Merges, err = merges.Texts(); err != nil {
				return t, fmt.Errorf("tokenizer.ggml.merges %w", err)
			}
			what = "empty"
		}
		if len(t.Merges) == 0 {
			return t, fmt.Errorf("tokenizer.ggml.merges is %s: without merges the model %s would read every byte by "+
				"itself", what, kind)
		}
		return t, nil
	}
	source := func() ([]byte, error) {
		t, err := complete()
		if err != nil {
			return nil, err
		}
		return t.JSON()
	}
	switch {
	case whole != "":
		source = func() ([]byte, error) { return []byte(whole), nil }
	case len(t.Tokens) == 0 || kind == "no_vocab" || kind == "none":
		return
	case kind != "gpt2":
		g.warnings = append(g.warnings, fmt.Sprintf("the tokenizer is of model %s, which is not supported: "+
			"only token ids can be given", excerpt([]byte(kind))))
		return
	case t.Pre == "":
		g.warnings = append(g.warnings, "tokenizer.ggml.pre is missing: text is cut by llama.cpp's default rules, "+
			"which may not be the model's own")
		t.Pre = "default"
	}
	if whole == "" {
		if _, err := (tokenizer.GGUF{Pre: t.Pre}).JSON(); err != nil {
			g.warnings = append(g.warnings, fmt.Sprintf("tokenizer.ggml: %v; only token ids can be given", err))
			return
		}
	}
	if whole == "" && len(t.Types) == 0 {
		g.warnings = append(g.warnings, "tokenizer.ggml.token_type is missing: no token is special, "+
			"and those of a chat template are read as text")
	}
	template := k.text("tokenizer.chat_template")
	files := memFS{
		"tokenizer.json": source,
		"tokenizer_config.json": func() ([]byte, error) {
			return g.tokenizerConfig(&t, template, id("unknown_token_id"))
		},
	}
	if g.files = files; whole == "" {
		g.files = ggufFiles{files, complete}
	}
}

// ggufFiles are files that a tokenizer is told in, without being spelled as JSON for it.
type ggufFiles struct {
	memFS
	tokenizer func() (tokenizer.GGUF, error)
}

var _ tokenizer.Source = ggufFiles{}

func (f ggufFiles) TokenizerGGUF() (tokenizer.GGUF, error) { return f.tokenizer() }

// tokenizerConfig is the text of a tokenizer_config.json.
func (g *ggufModel) tokenizerConfig(t *tokenizer.GGUF, template string, unk int) ([]byte, error) {
	out := map[string]any{"add_bos_token": len(t.Prefix) > 0}
	put := func(key string, id int) {
		if id >= 0 && id < len(t.Tokens) {
			out[key] = t.Tokens[id]
		}
	}
	put("bos_token", g.config.BOSTokenID)
	put("pad_token", g.config.PadTokenID)
	put("unk_token", unk)
	if len(g.config.EOSTokenIDs) > 0 {
		put("eos_token", g.config.EOSTokenIDs[0])
	}
	if template != "" {
		out["chat_template"] = template
	}
	return json.MarshalIndent(out, "", "  ")
}
