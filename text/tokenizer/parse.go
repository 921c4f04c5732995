package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Parse makes a Tokenizer from the contents of a tokenizer.json.
func Parse(data []byte) (*Tokenizer, error) {
	t, err := parse(data, nil)
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	return t, nil
}

// Limits of a tokenizer, so that the worst takes no more than 100 MB and a second. The largest that are known
// have 251,000 tokens, 450,000 merges, and some 6,000 added tokens.
const (
	maxTokens     = 1 << 18
	maxTokenBytes = 1 << 22 // of all together
	maxMerges     = 1 << 19
	maxAdded      = 1 << 14
	maxAddedBytes = 1 << 19 // of all together
	maxPart       = 1 << 20 // bytes of JSON, of a part that is not made of tokens
	maxStages     = 64      // of the pre-tokenizer
)

var errManyAdded = fmt.Errorf("there are more than %d added tokens: no model has so many", maxAdded)

func parse(data []byte, named []namedToken) (*Tokenizer, error) {
	fillClasses()
	if err := wellFormed(data); err != nil {
		return nil, err
	}
	w := walker{b: data}
	if w.peek() != '{' {
		return nil, fmt.Errorf("the file is %s, want an object", abridged(data))
	}
	parts := w.named("version", "normalizer", "pre_tokenizer", "decoder", "model", "added_tokens", "post_processor")

	var version string
	raw := parts["version"]
	if raw != nil && json.Unmarshal(raw, &version) != nil || version != "" && version != "1.0" {
		return nil, fmt.Errorf("version is %s, want \"1.0\"", abridged(raw))
	}
	t := &Tokenizer{}
	if err := t.parseNormalizer("normalizer", parts["normalizer"], 0); err != nil {
		return nil, err
	}
	if err := t.parsePreTokenizers(parts["pre_tokenizer"]); err != nil {
		return nil, err
	}
	if err := parseDecoder(parts["decoder"]); err != nil {
		return nil, err
	}
	spec, err := parseModel(parts["model"])
	if err != nil {
		return nil, err
	}
	if err := t.parseAdded(parts["added_tokens"]); err != nil {
		return nil, err
	}
	t.name(spec, named)
	if err := t.number(spec); err != nil {
		return nil, err
	}
	if err := t.buildModel(spec); err != nil {
		return nil, err
	}
	if err := t.buildAdded(); err != nil {
		return nil, err
	}
	if err := t.parsePostProcessor("post_processor", parts["post_processor"], 0); err != nil {
		return nil, err
	}
	t.spellOut()
	return t, nil
}

// deepest is how far Sequences may nest.
const deepest = 8

// kindOf returns the members and the type of a component.
func kindOf(what string, raw []byte, depth int) (m map[string]json.RawMessage, kind string, err error) {
	if depth > deepest {
		return nil, "", fmt.Errorf("%s is nested too deeply", what)
	}
	if m, err = object(what, raw); err != nil {
		return nil, "", err
	}
	if err = field(what, m, "type", &kind); err == nil && kind == "" {
		err = fmt.Errorf("%s has no type", what)
	}
	return m, kind, err
}

func unsupported(what, kind, supported string) error {
	return fmt.Errorf("%s %q is not supported (supported: %s)", what, kind, supported)
}

// each calls visit for every component of a Sequence.
func each(what string, m map[string]json.RawMessage, key string, visit func(raw []byte) error) error {
	var list []json.RawMessage
	if err := field(what, m, key, &list); err != nil {
		return err
	}
	for _, raw := range list {
		if err := visit(raw); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tokenizer) parseNormalizer(what string, raw []byte, depth int) error {
	if isNull(raw) {
		return nil
	}
	m, kind, err := kindOf(what, raw, depth)
	if err != nil {
		return err
	}
	switch kind {
	case "NFC":
		t.nfc = true
		return nil
	case "Sequence":
		return each(what, m, "normalizers", func(raw []byte) error {
			return t.parseNormalizer(what, raw, depth+1)
		})
	}
	return unsupported(what, kind, "NFC, Sequence")
}

func parseDecoder(raw []byte) error {
	if isNull(raw) {
		return errors.New("decoder is null, want ByteLevel")
	}
	_, kind, err := kindOf("decoder", raw, 0)
	if err == nil && kind != "ByteLevel" {
		err = unsupported("decoder", kind, "ByteLevel")
	}
	return err
}

// A modelSpec is the model section, taken in but not yet checked against the
// added tokens.
type modelSpec struct {
	vocab                         []entry
	merges                        []byte // raw
	unk                           string
	fuseUnk, ignoreMerges, hasUnk bool
}

type entry struct {
	token string
	id    int32
}

func parseModel(raw []byte) (*modelSpec, error) {
	if isNull(raw) {
		return nil, errors.New("there is no model")
	}
	if raw[0] != '{' {
		return nil, fmt.Errorf("model is %s, want an object", abridged(raw))
	}
	w := walker{b: raw}
	small := w.named("vocab", "merges", "type", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
		"fuse_unk", "byte_fallback", "ignore_merges", "dropout")
	vocab, merges := small["vocab"], small["merges"]

	var (
		spec           = &modelSpec{merges: merges}
		kind           = "BPE" // older files leave it out
		prefix, suffix string
		unk            *string
		byteFallback   bool
		dropout        float64
	)
	if err := errors.Join(
		field("model", small, "type", &kind),
		field("model", small, "unk_token", &unk),
		field("model", small, "continuing_subword_prefix", &prefix),
		field("model", small, "end_of_word_suffix", &suffix),
		field("model", small, "fuse_unk", &spec.fuseUnk),
		field("model", small, "byte_fallback", &byteFallback),
		field("model", small, "ignore_merges", &spec.ignoreMerges),
		field("model", small, "dropout", &dropout),
	); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New(first)
	}
	switch {
	case kind != "BPE":
		return nil, unsupported("model type", kind, "BPE over bytes")
	case prefix != "":
		return nil, fmt.Errorf("model.continuing_subword_prefix %q is not supported", prefix)
	case suffix != "":
		return nil, fmt.Errorf("model.end_of_word_suffix %q is not supported", suffix)
	case byteFallback:
		return nil, errors.New("model.byte_fallback is not supported: the model must be BPE over bytes")
	case dropout != 0:
		return nil, fmt.Errorf("model.dropout %g is not supported: it makes encoding random", dropout)
	case len(vocab) == 0 || vocab[0] != '{':
		return nil, errors.New("model.vocab is missing or no object")
	case len(merges) == 0 || merges[0] != '[':
		return nil, errors.New("model.merges is missing or no array")
	}
	if unk != nil {
		spec.unk, spec.hasUnk = *unk, true
	}

	w = walker{b: vocab}
	var letters strings.Builder // of all tokens
	spec.vocab = make([]entry, 0, min(len(vocab)/16, maxTokens))
	err := w.members(func(key []byte) error {
		if len(spec.vocab) == maxTokens {
			return fmt.Errorf("model.vocab has more than %d tokens: no model has so many", maxTokens)
		}
		start := letters.Len()
		if start+len(key) > maxTokenBytes {
			return fmt.Errorf("the tokens of model.vocab have more than %d bytes: no model has so many", maxTokenBytes)
		}
		letters.Write(key)
		// A grown Builder leaves earlier tokens in its old memory, where
		// they stay good.
		token := letters.String()[start:]
		id, err := parseID(w.value())
		if err != nil {
			return fmt.Errorf("model.vocab: token %q has %w", token, err)
		}
		spec.vocab = append(spec.vocab, entry{token, id})
		return nil
	})
	return spec, err
}

func parseID(raw []byte) (int32, error) {
	v, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || v < 0 || v > math.MaxInt32-1 {
		return 0, fmt.Errorf("id %s, want a whole number from 0 to %d", abridged(raw), math.MaxInt32-1)
	}
	return int32(v), nil
}

// parseAdded takes in the added tokens. As in the tokenizers library, a token without
// content is ignored, and normalized is the default for tokens that are not special.
func (t *Tokenizer) parseAdded(raw []byte) error {
	if isNull(raw) {
		return nil
	}
	if raw[0] != '[' {
		return fmt.Errorf("added_tokens is %s, want an array", abridged(raw))
	}
	seen := map[string]addedToken{}
	w := walker{b: raw}
	return w.elements(func() error {
		const what = "added_tokens"
		m, err := object(what+": an element", w.value())
		if err != nil {
			return err
		}
		var tok addedToken
		for _, f := range []struct {
			key string
			dst *bool
		}{
			{"special", &tok.special},
			{"single_word", &tok.singleWord},
			{"lstrip", &tok.lstrip},
			{"rstrip", &tok.rstrip},
		} {
			if err := field(what, m, f.key, f.dst); err != nil {
				return err
			}
		}
		tok.normalized = !tok.special
		if err := errors.Join(
			field(what, m, "normalized", &tok.normalized),
			field(what, m, "content", &tok.content),
		); err != nil {
			return err
		}
		if tok.content == "" {
			return nil
		}
		if isNull(m["id"]) {
			return fmt.Errorf("%s: token %q has no id", what, tok.content)
		}
		if tok.id, err = parseID(m["id"]); err != nil {
			return fmt.Errorf("%s: token %q has %w", what, tok.content, err)
		}
		if old, ok := seen[tok.content]; ok {
			if old == tok {
				return nil
			}
			return fmt.Errorf("%s: token %q comes twice, with different ids or flags", what, tok.content)
		}
		if len(seen) == maxAdded {
			return errManyAdded
		}
		seen[tok.content] = tok
		t.added = append(t.added, tok)
		return nil
	})
}

// number fills tokens, ids and special. An id must have one token and a token one id. There
// may be no gaps: the tokenizers library would number added tokens behind a gap anew.
func (t *Tokenizer) number(spec *modelSpec) error {
	most := len(spec.vocab) + len(t.added)
	tokens := make([]string, most)
	taken := make([]bool, most)
	t.ids = make(map[string]int32, most)
	largest := int32(-1)
	beyond := entry{id: -1} // an id that is too large to come without a gap
	for _, e := range spec.vocab {
		if _, ok := t.ids[e.token]; ok {
			return fmt.Errorf("model.vocab: token %q comes twice", e.token)
		}
		t.ids[e.token] = e.id
		if int(e.id) >= most {
			beyond = e
			continue
		}
		if taken[e.id] {
			return fmt.Errorf("model.vocab: id %d belongs to both %q and %q", e.id, tokens[e.id], e.token)
		}
		tokens[e.id], taken[e.id] = e.token, true
		largest = max(largest, e.id)
	}
	for _, a := range t.added {
		if id, ok := t.ids[a.content]; ok {
			if id != a.id {
				return fmt.Errorf("added token %q has id %d, but %d in model.vocab", a.content, a.id, id)
			}
			continue
		}
		t.ids[a.content] = a.id
		if int(a.id) >= most {
			beyond = entry{a.content, a.id}
			continue
		}
		if taken[a.id] {
			return fmt.Errorf("id %d belongs to both %q and the added token %q", a.id, tokens[a.id], a.content)
		}
		tokens[a.id], taken[a.id] = a.content, true
		largest = max(largest, a.id)
	}
	for id := range largest + 1 {
		if !taken[id] {
			return fmt.Errorf("no token has id %d, though there are larger ids: they must come without gaps", id)
		}
	}
	if beyond.id >= 0 {
		return fmt.Errorf("token %q has id %d, but there are only %d tokens: ids must come without gaps",
			beyond.token, beyond.id, len(t.ids))
	}
	t.tokens = tokens[:largest+1]
	t.special = make([]bool, len(t.tokens))
	plain := make([]bool, len(t.tokens))
	for _, e := range spec.vocab {
		plain[e.id] = true
	}
	for _, a := range t.added {
		t.special[a.id], plain[a.id] = a.special, false
	}
	for t.vocab = len(plain); t.vocab > 0 && !plain[t.vocab-1]; {
		t.vocab--
	}
	return nil
}

// buildModel makes the merge tables. Added tokens that are not in the vocabulary
// are no part of the model.
func (t *Tokenizer) buildModel(spec *modelSpec) error {
	ids := t.ids
	if len(ids) > len(spec.vocab) {
		ids = make(map[string]int32, len(spec.vocab))
		for _, e := range spec.vocab {
			ids[e.token] = e.id
		}
	}
	m := &bpe{unk: -1, fuseUnk: spec.fuseUnk}
	for b, r := range byteRunes {
		id, ok := ids[string(r)]
		if !ok {
			id = -1
		}
		m.symbols[b] = id
	}
	if spec.hasUnk {
		id, ok := ids[spec.unk]
		if !ok {
			return fmt.Errorf("model.unk_token %q is not in model.vocab", spec.unk)
		}
		m.unk = id
	}
	if spec.ignoreMerges {
		m.whole = make(map[string]int32, len(spec.vocab))
		for _, e := range spec.vocab {
			if b, ok := fromAlphabet(nil, e.token); ok {
				m.whole[string(b)] = e.id
			}
		}
	}
	merges, err := parseMerges(spec.merges, ids)
	if err != nil {
		return err
	}
	m.merges = newMergeTable(len(merges))
	for rank, c := range merges {
		m.merges.put(c.left, c.right, uint32(rank), c.id)
	}
	t.model = m
	return nil
}

type mergeRule struct{ left, right, id int32 }

// parseMerges reads merges in either spelling, "a b" or ["a", "b"]. Lines that
// begin with #version come from the older merges.txt and do not count.
func parseMerges(raw []byte, ids map[string]int32) ([]mergeRule, error) {
	const shape = `want all of them as "a b" or all as ["a", "b"]`
	var (
		rules = make([]mergeRule, 0, min(len(raw)/12, maxMerges))
		w     = walker{b: raw}
		spell byte // of the first one
		both  []byte
	)
	err := w.elements(func() error {
		n := len(rules) + 1
		c := w.peek()
		if spell == 0 {
			spell = c
		}
		if c != spell || c != '"' && c != '[' {
			return fmt.Errorf("model.merges: number %d is %s, %s", n, abridged(w.value()), shape)
		}
		both = both[:0]
		split, parts := 0, 0
		if c == '"' {
			line := w.text()
			if strings.HasPrefix(string(line), "#version") {
				return nil
			}
			parts = 1
			for _, c := range line {
				if c == ' ' {
					split = len(both)
					parts++
					continue
				}
				both = append(both, c)
			}
		} else {
			start := w.i
			if err := w.elements(func() error {
				if w.peek() != '"' {
					return fmt.Errorf("model.merges: number %d has %s for a token, %s", n, abridged(w.value()), shape)
				}
				split = len(both)
				both = append(both, w.text()...)
				parts++
				return nil
			}); err != nil {
				return err
			}
			if parts != 2 {
				return fmt.Errorf("model.merges: number %d is %s, %s", n, abridged(w.b[start:w.i]), shape)
			}
		}
		if parts != 2 {
			return fmt.Errorf("model.merges: number %d has %d parts, %s", n, parts, shape)
		}
		left, ok1 := ids[string(both[:split])]
		right, ok2 := ids[string(both[split:])]
		id, ok3 := ids[string(both)]
		for i, ok := range []bool{ok1, ok2, ok3} {
			if !ok {
				return fmt.Errorf("model.merges: number %d needs the token %q, which is not in model.vocab",
					n, [][]byte{both[:split], both[split:], both}[i])
			}
		}
		if n > maxMerges {
			return fmt.Errorf("model.merges has more than %d: no model has so many", maxMerges)
		}
		rules = append(rules, mergeRule{left, right, id})
		return nil
	})
	return rules, err
}

func (t *Tokenizer) buildAdded() error {
	if len(t.added) > maxAdded {
		return errManyAdded
	}
	n := 0
	for _, a := range t.added {
		if n += len(a.content); n > maxAddedBytes {
			return fmt.Errorf("the added tokens have more than %d bytes: no model has so many", maxAddedBytes)
		}
	}
	for _, a := range t.added {
		set, pattern := &t.verbatim, a.content
		if a.normalized {
			set = &t.afterNormalize
			if t.nfc {
				pattern = toNFC(pattern)
			}
		}
		if *set == nil {
			*set = newAddedSet()
		}
		if err := (*set).add(pattern, a); err != nil {
			return err
		}
	}
	return nil
}

// spellOut fills plain and ends.
func (t *Tokenizer) spellOut() {
	n := 0
	for _, tok := range t.tokens {
		n += len(tok)
	}
	t.plain = make([]byte, 0, n)
	t.ends = make([]uint32, len(t.tokens))
	for id, tok := range t.tokens {
		var ok bool
		if t.plain, ok = fromAlphabet(t.plain, tok); !ok {
			t.plain = append(t.plain, tok...)
		}
		t.ends[id] = uint32(len(t.plain))
	}
}
