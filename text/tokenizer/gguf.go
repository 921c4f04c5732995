package tokenizer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A GGUF is a tokenizer as GGUF files hold it under tokenizer.ggml, for the
// model gpt2: BPE over bytes.
type GGUF struct {
	Pre    string   // pre: how text is split, by name
	Tokens []string // tokens: by id, in the byte-level alphabet
	Types  []int32  // token_type: by id; empty where all are normal
	Merges []string // merges: "a b", by rank
	Prefix []int32  // what is put before a text: bos_token_id, where add_bos_token is set
}

// Types of tokens (llama.h, enum llama_token_type).
const (
	normalToken = iota + 1
	unknownToken
	controlToken
	userToken
	unusedToken
)

const (
	byteLevelCut  = `{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}`
	byteLevelOnly = `{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}`
)

// A preTokenizer is what a name under tokenizer.ggml.pre stands for.
type preTokenizer struct {
	config string // the pre_tokenizer of a tokenizer.json
	nfc    bool
}

// preTokenizers are the names that models of this kind come with. llama.cpp has only the
// splitting (llama-vocab.cpp, llm_tokenizer_bpe). Hugging Face's files also normalize where
// the tokenizer descends from GPT-NeoX's, and that is added here.
var preTokenizers = map[string]preTokenizer{
	"falcon": {config: `{"type":"Sequence","pretokenizers":[{"type":"Punctuation","behavior":"Contiguous"},` +
		byteLevelCut + `,{"type":"Digits","individual_digits":false},` +
		`{"type":"Split","pattern":{"Regex":"[0-9][0-9][0-9]"},"behavior":"Isolated","invert":false}]}`},
	"gpt-2":    {config: byteLevelCut},
	"gpt-neox": {config: byteLevelCut, nfc: true},
	"mpt":      {config: byteLevelCut, nfc: true},
	"olmo":     {config: byteLevelCut, nfc: true},
	"default": {config: `{"type":"Sequence","pretokenizers":[` +
		isolate(`[\p{P}\$\+<=>\^~\|]+`) + isolate(gpt2Pattern) + isolate(`\p{N}+`) +
		isolate(`[0-9][0-9][0-9]`) + byteLevelOnly + `]}`},
}

func isolate(pattern string) string {
	p, _ := json.Marshal(pattern) // a string never fails
	return `{"type":"Split","pattern":{"Regex":` + string(p) + `},"behavior":"Isolated","invert":false},`
}

// JSON returns the text of a tokenizer.json that encodes as g does. Control tokens become
// special added tokens, and user-defined tokens plain added tokens. Converters pad a
// vocabulary with unused tokens at the end: these are left out.
func (g GGUF) JSON() ([]byte, error) {
	pre, tokens, err := g.check()
	if err != nil {
		return nil, err
	}
	type added struct {
		ID         int    `json:"id"`
		Content    string `json:"content"`
		SingleWord bool   `json:"single_word"`
		LStrip     bool   `json:"lstrip"`
		RStrip     bool   `json:"rstrip"`
		Normalized bool   `json:"normalized"`
		Special    bool   `json:"special"`
	}
	special := []added{}
	for _, a := range g.added(tokens) {
		special = append(special, added{ID: int(a.id), Content: a.content, Special: a.special})
	}
	size := 1 << 12
	for _, token := range tokens {
		size += quotedLen(token) + len(`:123456,`)
	}
	for _, merge := range g.Merges {
		size += quotedLen(merge) + len(`,`)
	}
	if size > maxTokenizer {
		return nil, fmt.Errorf("tokens and merges take more than the %d bytes that a tokenizer may have", maxTokenizer)
	}
	var b bytes.Buffer
	b.Grow(size + len(special)*160)
	b.WriteString(`{"version":"1.0","truncation":null,"padding":null,"added_tokens":`)
	text, _ := json.Marshal(special) // strings and numbers never fail
	b.Write(text)
	b.WriteString(`,"normalizer":`)
	if pre.nfc {
		b.WriteString(`{"type":"NFC"}`)
	} else {
		b.WriteString("null")
	}
	b.WriteString(`,"pre_tokenizer":` + pre.config + `,"post_processor":`)
	if err := g.template(&b); err != nil {
		return nil, err
	}
	b.WriteString(`,"decoder":` + byteLevelCut)
	b.WriteString(`,"model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,` +
		`"end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"vocab":{`)
	for id, token := range tokens {
		if id > 0 {
			b.WriteByte(',')
		}
		b.Write(appendQuoted(b.AvailableBuffer(), token))
		b.Write(strconv.AppendInt(append(b.AvailableBuffer(), ':'), int64(id), 10))
	}
	b.WriteString(`},"merges":[`)
	for i, merge := range g.Merges {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(appendQuoted(b.AvailableBuffer(), merge))
	}
	b.WriteString("]}}\n")
	return b.Bytes(), nil
}

// check returns what Pre stands for, and the tokens without unused ones at the end.
func (g GGUF) check() (pre preTokenizer, tokens []string, err error) {
	pre, ok := preTokenizers[g.Pre]
	if !ok {
		return pre, nil, fmt.Errorf("pre-tokenizer %q is not known: want one of %s",
			g.Pre, strings.Join(slices.Sorted(maps.Keys(preTokenizers)), ", "))
	}
	if len(g.Types) > 0 && len(g.Types) != len(g.Tokens) {
		return pre, nil, fmt.Errorf("%d token types for %d tokens", len(g.Types), len(g.Tokens))
	}
	tokens = g.Tokens
	for len(tokens) > 0 && len(g.Types) > 0 && g.Types[len(tokens)-1] == unusedToken {
		tokens = tokens[:len(tokens)-1]
	}
	for id, token := range tokens {
		if !utf8.ValidString(token) {
			return pre, nil, fmt.Errorf("token %d is %s, which is not UTF-8", id, quote(token))
		}
	}
	for i, merge := range g.Merges {
		if !utf8.ValidString(merge) {
			return pre, nil, fmt.Errorf("merge %d is %s, which is not UTF-8", i, quote(merge))
		}
	}
	for _, id := range g.Prefix {
		if id < 0 || int(id) >= len(tokens) {
			return pre, nil, fmt.Errorf("token %d is to begin every text, but there are %d tokens", id, len(tokens))
		}
	}
	return pre, tokens, nil
}

// added are those of tokens that are found in a text before anything else looks at it.
func (g GGUF) added(tokens []string) (all []addedToken) {
	if len(g.Types) == 0 {
		return nil
	}
	for id, token := range tokens {
		switch kind := g.Types[id]; {
		case token == "": // as in a tokenizer.json, it cannot be found
		case kind == unknownToken, kind == controlToken:
			all = append(all, addedToken{id: int32(id), content: token, special: true})
		case kind == userToken:
			all = append(all, addedToken{id: int32(id), content: token})
		}
	}
	return all
}

// A Source is a folder that has a tokenizer in GGUF's form: [Load] takes that, and reads no
// tokenizer.json.
type Source interface {
	fs.FS
	TokenizerGGUF() (GGUF, error)
}

// tokenizer returns what parse makes of g's JSON.
func (g GGUF) tokenizer(named []namedToken) (*Tokenizer, error) {
	fillClasses()
	pre, tokens, err := g.check()
	if err != nil {
		return nil, err
	}
	size := 0
	for _, token := range tokens {
		size += len(token)
	}
	if len(tokens) > maxTokens {
		return nil, errTokens
	}
	if size > maxTokenBytes {
		return nil, errTokenBytes
	}
	t := &Tokenizer{nfc: pre.nfc, added: g.added(tokens)}
	if err := t.parsePreTokenizers([]byte(pre.config)); err != nil {
		return nil, err
	}
	spec := &modelSpec{vocab: make([]entry, len(tokens)), merges: g.rules}
	for id, token := range tokens {
		spec.vocab[id] = entry{token, int32(id)}
	}
	if len(g.Prefix) > 0 {
		t.prefix = g.Prefix
	}
	return t, t.build(spec, named)
}

// rules are the merges.
func (g GGUF) rules(m *bpe) (rules []mergeRule, err error) {
	rules = make([]mergeRule, 0, min(len(g.Merges), maxMerges))
	var some mergeTexts
	for _, merge := range g.Merges {
		if rules, err = some.next(m, rules); err != nil {
			return nil, err
		}
		if err := some.add([]byte(merge), some.number(rules)); err != nil {
			return nil, err
		}
	}
	return some.resolve(m, rules)
}

// template writes the post_processor.
func (g GGUF) template(b *bytes.Buffer) error {
	if len(g.Prefix) == 0 {
		b.WriteString(byteLevelOnly)
		return nil
	}
	type piece struct {
		ID   string `json:"id"`
		Type int    `json:"type_id"`
	}
	type special struct {
		ID     string   `json:"id"`
		IDs    []int32  `json:"ids"`
		Tokens []string `json:"tokens"`
	}
	var single []map[string]piece
	specials := map[string]special{}
	for _, id := range g.Prefix {
		token := g.Tokens[id]
		single = append(single, map[string]piece{"SpecialToken": {ID: token}})
		specials[token] = special{token, []int32{id}, []string{token}}
	}
	single = append(single, map[string]piece{"Sequence": {ID: "A"}})
	text, err := json.Marshal(map[string]any{"type": "TemplateProcessing",
		"single": single, "pair": single, "special_tokens": specials})
	b.Write(text)
	return err
}

// GGUF returns t as a GGUF file would hold it. Pre is empty if llama.cpp has no name for the
// way in which t splits text. The format cannot say unk tokens, flags of added tokens, and
// what a template puts after a text: these are left out.
func (t *Tokenizer) GGUF() (GGUF, error) {
	g := GGUF{Pre: t.preName(), Tokens: slices.Clone(t.tokens), Types: make([]int32, len(t.tokens)), Prefix: t.prefix}
	for id := range g.Types {
		g.Types[id] = normalToken
	}
	for _, a := range t.added {
		g.Types[a.id] = userToken
		if a.special {
			g.Types[a.id] = controlToken
		}
	}
	var merges []merge
	for _, m := range t.model.merges.slots {
		if m.pair != 0 {
			merges = append(merges, m)
		}
	}
	slices.SortFunc(merges, func(a, b merge) int { return cmp.Compare(a.rank, b.rank) })
	for _, m := range merges {
		pair := m.pair - 1 // see pairOf
		left, right := t.tokens[pair>>32], t.tokens[uint32(pair)]
		if strings.Contains(left+right, " ") {
			return GGUF{}, fmt.Errorf("the merge of %q and %q cannot be written with a space between them", left, right)
		}
		g.Merges = append(g.Merges, left+" "+right)
	}
	return g, nil
}

// preName finds the name of the stages.
func (t *Tokenizer) preName() string {
	// gpt-neox is no name in llama.cpp; default is for files without one.
	for _, name := range []string{"falcon", "gpt-2", "olmo"} {
		pre := preTokenizers[name]
		var p preParser
		err := p.parse([]byte(pre.config), 0)
		if err == nil && pre.nfc == t.nfc && reflect.DeepEqual(p.stages, t.stages) {
			return name
		}
	}
	return ""
}
