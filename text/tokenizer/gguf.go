package tokenizer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
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
	pre, ok := preTokenizers[g.Pre]
	if !ok {
		return nil, fmt.Errorf("pre-tokenizer %q is not known: want one of %s",
			g.Pre, strings.Join(slices.Sorted(maps.Keys(preTokenizers)), ", "))
	}
	if len(g.Types) > 0 && len(g.Types) != len(g.Tokens) {
		return nil, fmt.Errorf("%d token types for %d tokens", len(g.Types), len(g.Tokens))
	}
	tokens := g.Tokens
	for len(tokens) > 0 && len(g.Types) > 0 && g.Types[len(tokens)-1] == unusedToken {
		tokens = tokens[:len(tokens)-1]
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
	var b bytes.Buffer
	put := func(v any) {
		text, _ := json.Marshal(v) // strings, numbers and the struct above never fail
		b.Write(text)
	}
	size := 1 << 12
	for id, token := range tokens {
		size += len(token) + len(`"":123456,`)
		if !utf8.ValidString(token) {
			return nil, fmt.Errorf("token %d is %s, which is not UTF-8", id, quote(token))
		}
		if len(g.Types) > 0 {
			switch g.Types[id] {
			case unknownToken, controlToken:
				special = append(special, added{ID: id, Content: token, Special: true})
			case userToken:
				special = append(special, added{ID: id, Content: token})
			}
		}
	}
	for _, merge := range g.Merges {
		size += len(merge) + len(`"",`)
	}
	b.Grow(size) // what is escaped comes on top
	b.WriteString(`{"version":"1.0","truncation":null,"padding":null,"added_tokens":`)
	put(special)
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
		put(token)
		fmt.Fprintf(&b, ":%d", id)
	}
	b.WriteString(`},"merges":[`)
	for i, merge := range g.Merges {
		if i > 0 {
			b.WriteByte(',')
		}
		put(merge)
	}
	b.WriteString("]}}\n")
	return b.Bytes(), nil
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
		if id < 0 || int(id) >= len(g.Tokens) {
			return fmt.Errorf("token %d is to begin every text, but there are %d tokens", id, len(g.Tokens))
		}
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
