package tokenizer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// A namedToken is an added token that a file beside tokenizer.json names.
type namedToken struct {
	addedToken      // without an id
	flags      bool // the file gives flags too
}

// specialKeys name the tokens that are special by what they are, in the order in which
// transformers gives new ones their ids (tokenization_utils_base.py,
// SPECIAL_TOKENS_ATTRIBUTES).
var specialKeys = []string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}

// A tokenJSON is a token as files spell it: "x", {"content": "x", …} or null.
type tokenJSON struct {
	Content    string
	SingleWord bool `json:"single_word"`
	LStrip     bool
	RStrip     bool
	Normalized *bool
	Special    bool
	object     bool
}

func (c *tokenJSON) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return json.Unmarshal(b, &c.Content)
	}
	type plain tokenJSON
	c.object = true
	return json.Unmarshal(b, (*plain)(c))
}

// token returns c as an added token. special makes it special whatever it says.
func (c *tokenJSON) token(special bool) namedToken {
	special = special || c.Special
	normalized := !special
	if c.Normalized != nil {
		normalized = *c.Normalized
	}
	return namedToken{addedToken{content: c.Content, special: special, singleWord: c.SingleWord,
		lstrip: c.LStrip, rstrip: c.RStrip, normalized: normalized}, c.object}
}

// namedTokens are the added tokens of tokenizer_config.json and, where that has no
// added_tokens_decoder, of special_tokens_map.json, which then goes before it, and of
// added_tokens.json: transformers' rules. Members of config are changed to what counts.
func namedTokens(config, specials, added map[string]json.RawMessage) ([]namedToken, error) {
	var all []namedToken
	decoder := map[string]*tokenJSON{}
	if err := member(config, "added_tokens_decoder", &decoder); err != nil {
		return nil, err
	}
	ids := make(map[string]int, len(decoder))
	for key, t := range decoder {
		id, err := strconv.Atoi(key)
		if err != nil || t == nil {
			return nil, fmt.Errorf("added_tokens_decoder: %.40q: want an id and a token", key)
		}
		ids[key] = id
		t.object = true
	}
	inOrder := func(a, b string) int { return cmp.Compare(ids[a], ids[b]) }
	for _, key := range slices.SortedFunc(maps.Keys(decoder), inOrder) {
		all = append(all, decoder[key].token(false))
	}
	if len(decoder) == 0 {
		maps.Copy(config, specials)
		numbers := map[string]int{}
		for content, v := range added {
			if json.Unmarshal(v, new(int)) != nil {
				return nil, fmt.Errorf("added_tokens.json: token %.40q has id %s", content, abridged(v))
			}
			n, _ := strconv.Atoi(string(v))
			numbers[content] = n
		}
		byID := func(a, b string) int { return cmp.Compare(numbers[a], numbers[b]) }
		for _, content := range slices.SortedFunc(maps.Keys(numbers), byID) {
			t := tokenJSON{Content: content, object: true}
			all = append(all, t.token(false))
		}
	}
	for _, key := range specialKeys {
		var t *tokenJSON
		if err := member(config, key, &t); err != nil {
			return nil, err
		}
		if t != nil {
			all = append(all, t.token(true))
		}
	}
	more, err := moreSpecials(config)
	return append(all, more...), err
}

// moreSpecials are the special tokens without a purpose that transformers knows: a list, or
// an object that names them.
func moreSpecials(config map[string]json.RawMessage) (all []namedToken, err error) {
	key := "extra_special_tokens"
	if isNull(config[key]) {
		key = "additional_special_tokens"
	}
	raw := config[key]
	if isNull(raw) {
		return nil, nil
	}
	var list []*tokenJSON
	if raw[0] == '{' {
		w := walker{b: raw}
		err = w.members(func([]byte) error {
			var t *tokenJSON
			err := json.Unmarshal(w.value(), &t)
			list = append(list, t)
			return err
		})
	} else {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is %s, want a list of tokens", key, abridged(raw))
	}
	for _, t := range list {
		if t != nil {
			all = append(all, t.token(true))
		}
	}
	return all, nil
}

// member decodes a member that may be absent or null.
func member(m map[string]json.RawMessage, key string, to any) error {
	if isNull(m[key]) {
		return nil
	}
	if err := json.Unmarshal(m[key], to); err != nil {
		return fmt.Errorf("%s is %s, want a token's text or an object of its content and flags", key, abridged(m[key]))
	}
	return nil
}

// Complete returns data, the text of the tokenizer.json that t was loaded from, with the
// added tokens that t has from files beside it.
func (t *Tokenizer) Complete(data []byte) ([]byte, error) {
	var alone Tokenizer
	w := walker{b: data}
	var raw []byte
	at := -1 // of the added tokens
	w.members(func(key []byte) error {
		found := string(key) == "added_tokens"
		if v := w.value(); found {
			raw, at = v, w.i-len(v)
		}
		return nil
	})
	if err := alone.parseAdded(raw); err != nil || slices.Equal(alone.added, t.added) {
		return data, err
	}
	type token struct {
		ID         int32  `json:"id"`
		Content    string `json:"content"`
		SingleWord bool   `json:"single_word"`
		LStrip     bool   `json:"lstrip"`
		RStrip     bool   `json:"rstrip"`
		Normalized bool   `json:"normalized"`
		Special    bool   `json:"special"`
	}
	all := []token{}
	for _, a := range t.added {
		all = append(all, token{a.id, a.content, a.singleWord, a.lstrip, a.rstrip, a.normalized, a.special})
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	if at < 0 {
		begin := bytes.IndexByte(data, '{') + 1
		return slices.Concat(data[:begin], []byte(`"added_tokens":`), text, []byte(","), data[begin:]), nil
	}
	return slices.Concat(data[:at], text, data[at+len(raw):]), nil
}

// name adds the named tokens. One that is an added token already takes the flags that the
// file gives, and is special if either says so; one of the vocabulary keeps its id; others
// get the next ids, whatever the file says.
func (t *Tokenizer) name(spec *modelSpec, named []namedToken) {
	if len(named) == 0 {
		return
	}
	at := map[string]int{}
	next := int32(len(spec.vocab))
	for i, a := range t.added {
		at[a.content] = i
		next = max(next, a.id+1)
	}
	vocab := map[string]int32{}
	for _, n := range named {
		if _, ok := at[n.content]; !ok {
			vocab[n.content] = -1
		}
	}
	for _, e := range spec.vocab {
		if _, ok := vocab[e.token]; ok {
			vocab[e.token] = e.id
		}
	}
	for _, n := range named {
		if n.content == "" {
			continue
		}
		i, ok := at[n.content]
		if !ok {
			if n.id = vocab[n.content]; n.id < 0 {
				n.id = next
				next++
			}
			at[n.content] = len(t.added)
			t.added = append(t.added, n.addedToken)
			continue
		}
		old := &t.added[i]
		if n.flags {
			n.id, n.special = old.id, n.special || old.special
			*old = n.addedToken
		}
		old.special = old.special || n.special
	}
}
