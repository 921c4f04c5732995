package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
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

var (
	errTokens     = fmt.Errorf("model.vocab has more than %d tokens: no model has so many", maxTokens)
	errTokenBytes = fmt.Errorf("the tokens of model.vocab have more than %d bytes: no model has so many", maxTokenBytes)
	errManyAdded  = fmt.Errorf("there are more than %d added tokens: no model has so many", maxAdded)
)

func parse(data []byte, named []namedToken) (*Tokenizer, error) {
	fillClasses()
	if err := wellFormed(data); err != nil {
		return nil, err
	}
	w := walker{b: data}
	if w.peek() != '{' {
		return nil, fmt.Errorf("the file is %s, want an object", abridged(data))
	}
	parts := map[string]json.RawMessage{}
	var model map[string]json.RawMessage // its members: most of the file, gone through once
	w.members(func(key []byte) error {
		name := string(key)
		if name == "model" {
			delete(parts, name)
			if model = nil; w.peek() == '{' {
				model = w.named("vocab", "merges", "type", "unk_token", "continuing_subword_prefix",
					"end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "dropout")
				return nil
			}
		}
		value := w.value()
		switch name {
		case "version", "normalizer", "pre_tokenizer", "decoder", "model", "added_tokens", "post_processor":
			parts[name] = value
		}
		return nil
	})

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
	switch raw := parts["model"]; {
	case !isNull(raw):
		return nil, fmt.Errorf("model is %s, want an object", abridged(raw))
	case model == nil:
		return nil, errors.New("there is no model")
	}
	spec, err := parseModel(model)
	if err != nil {
		return nil, err
	}
	if err := t.parseAdded(parts["added_tokens"]); err != nil {
		return nil, err
	}
	if err := t.build(spec, named); err != nil {
		return nil, err
	}
	return t, t.parsePostProcessor("post_processor", parts["post_processor"], 0)
}

// build makes what follows from the model and the added tokens.
func (t *Tokenizer) build(spec *modelSpec, named []namedToken) error {
	t.name(spec, named)
	if err := t.number(spec); err != nil {
		return err
	}
	spec.vocab = nil // its memory is wanted for the merges
	if err := t.buildModel(spec); err != nil {
		return err
	}
	if err := t.buildAdded(); err != nil {
		return err
	}
	t.spellOut()
	return nil
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
	merges                        func(m *bpe) ([]mergeRule, error)
	unk                           string
	fuseUnk, ignoreMerges, hasUnk bool
	own                           []bool // by id, whether a token is of vocab
}

type entry struct {
	token string
	id    int32
}

func parseModel(m map[string]json.RawMessage) (*modelSpec, error) {
	vocab, merges := m["vocab"], m["merges"]
	var (
		spec           = &modelSpec{merges: func(m *bpe) ([]mergeRule, error) { return m.parseMerges(merges) }}
		kind           = "BPE" // older files leave it out
		prefix, suffix string
		unk            *string
		byteFallback   bool
		dropout        float64
	)
	if err := errors.Join(
		field("model", m, "type", &kind),
		field("model", m, "unk_token", &unk),
		field("model", m, "continuing_subword_prefix", &prefix),
		field("model", m, "end_of_word_suffix", &suffix),
		field("model", m, "fuse_unk", &spec.fuseUnk),
		field("model", m, "byte_fallback", &byteFallback),
		field("model", m, "ignore_merges", &spec.ignoreMerges),
		field("model", m, "dropout", &dropout),
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

	w := walker{b: vocab}
	var letters strings.Builder // of all tokens
	spec.vocab = make([]entry, 0, min(len(vocab)/16, maxTokens))
	err := w.members(func(key []byte) error {
		if len(spec.vocab) == maxTokens {
			return errTokens
		}
		start := letters.Len()
		if start+len(key) > maxTokenBytes {
			return errTokenBytes
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
	ids := newIndex(tokens, most)
	taken := make([]bool, most)
	count, largest := 0, int32(-1)
	beyond := entry{id: -1} // an id that is too large to come without a gap
	take := func(e entry) {
		count++
		if int(e.id) >= most {
			beyond = e
			return
		}
		tokens[e.id], taken[e.id] = e.token, true
		largest = max(largest, e.id)
	}
	for _, e := range spec.vocab {
		if int(e.id) < most && taken[e.id] && tokens[e.id] != e.token {
			return fmt.Errorf("model.vocab: id %d belongs to both %q and %q", e.id, tokens[e.id], e.token)
		}
		twice := int(e.id) < most && taken[e.id]
		if take(e); twice || int(e.id) < most && ids.put(e.id) != e.id {
			return fmt.Errorf("model.vocab: token %q comes twice", e.token)
		}
	}
	spec.own = slices.Clone(taken)
	for _, a := range t.added {
		if id := ids.find([]byte(a.content)); id >= 0 {
			if id != a.id {
				return fmt.Errorf("added token %q has id %d, but %d in model.vocab", a.content, a.id, id)
			}
			continue
		}
		if int(a.id) < most && taken[a.id] {
			return fmt.Errorf("id %d belongs to both %q and the added token %q", a.id, tokens[a.id], a.content)
		}
		if take(entry{a.content, a.id}); int(a.id) < most {
			ids.put(a.id)
		}
	}
	for id := range largest + 1 {
		if !taken[id] {
			return fmt.Errorf("no token has id %d, though there are larger ids: they must come without gaps", id)
		}
	}
	switch {
	case beyond.id >= 0 && ids.find([]byte(beyond.token)) >= 0:
		return fmt.Errorf("model.vocab: token %q comes twice", beyond.token)
	case beyond.id >= 0:
		return fmt.Errorf("token %q has id %d, but there are only %d tokens: ids must come without gaps",
			beyond.token, beyond.id, count)
	}
	t.tokens, t.ids = tokens[:largest+1], ids
	t.special = make([]bool, len(t.tokens))
	plain := slices.Clone(spec.own)
	for _, a := range t.added {
		t.special[a.id], plain[a.id] = a.special, false
	}
	for t.vocab = len(t.tokens); t.vocab > 0 && !plain[t.vocab-1]; {
		t.vocab--
	}
	return nil
}

// buildModel makes the merge tables. Added tokens that are not in the vocabulary
// are no part of the model.
func (t *Tokenizer) buildModel(spec *modelSpec) error {
	m := &bpe{unk: -1, fuseUnk: spec.fuseUnk, ignoreMerges: spec.ignoreMerges, ids: &t.ids, own: spec.own}
	for b, r := range byteRunes {
		m.symbols[b] = m.id([]byte(string(r)))
	}
	if spec.hasUnk {
		if m.unk = m.id([]byte(spec.unk)); m.unk < 0 {
			return fmt.Errorf("model.unk_token %q is not in model.vocab", spec.unk)
		}
	}
	merges, err := spec.merges(m)
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

// shape says how merges are spelled.
const shape = `want all of them as "a b" or all as ["a", "b"]`

// parseMerges reads merges in either spelling, "a b" or ["a", "b"]. Lines that
// begin with #version come from the older merges.txt and do not count.
func (m *bpe) parseMerges(raw []byte) ([]mergeRule, error) {
	var (
		rules = make([]mergeRule, 0, min(len(raw)/12, maxMerges))
		w     = walker{b: raw}
		spell byte // of the first one
		some  mergeTexts
	)
	err := w.elements(func() (err error) {
		if rules, err = some.next(m, rules); err != nil {
			return err
		}
		n := some.number(rules)
		c := w.peek()
		if spell == 0 {
			spell = c
		}
		if c != spell || c != '"' && c != '[' {
			return fmt.Errorf("model.merges: number %d is %s, %s", n, abridged(w.value()), shape)
		}
		if c == '"' {
			return some.add(w.text(), n)
		}
		split, parts := 0, 0
		start := w.i
		if err := w.elements(func() error {
			if w.peek() != '"' {
				return fmt.Errorf("model.merges: number %d has %s for a token, %s", n, abridged(w.value()), shape)
			}
			split = len(some.letters)
			some.letters = append(some.letters, w.text()...)
			parts++
			return nil
		}); err != nil {
			return err
		}
		if parts != 2 {
			return fmt.Errorf("model.merges: number %d is %s, %s", n, abridged(w.b[start:w.i]), shape)
		}
		some.cuts = append(some.cuts, split, len(some.letters))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return some.resolve(m, rules)
}

// mergeTexts are merges whose tokens are yet to be looked up.
type mergeTexts struct {
	letters []byte
	cuts    []int // where left and right end in letters, of one merge after the other
	tokens  [][]byte
	ids     []int32
}

// number is that of the merge that comes next.
func (s *mergeTexts) number(rules []mergeRule) int { return len(rules) + len(s.cuts)/2 + 1 }

// add takes merge number n as "a b".
func (s *mergeTexts) add(line []byte, n int) error {
	if bytes.HasPrefix(line, []byte("#version")) {
		return nil
	}
	if parts := 1 + bytes.Count(line, []byte(" ")); parts != 2 {
		return fmt.Errorf("model.merges: number %d has %d parts, %s", n, parts, shape)
	}
	left, right, _ := bytes.Cut(line, []byte(" "))
	s.letters = append(s.letters, left...)
	split := len(s.letters)
	s.letters = append(s.letters, right...)
	s.cuts = append(s.cuts, split, len(s.letters))
	return nil
}

// next makes room for one more.
func (s *mergeTexts) next(m *bpe, rules []mergeRule) ([]mergeRule, error) {
	if s.number(rules) > maxMerges {
		return nil, fmt.Errorf("model.merges has more than %d: no model has so many", maxMerges)
	}
	if len(s.cuts) < 64 {
		return rules, nil
	}
	return s.resolve(m, rules)
}

// resolve appends the merges to rules, and is then empty.
func (s *mergeTexts) resolve(m *bpe, rules []mergeRule) ([]mergeRule, error) {
	s.tokens, s.ids = s.tokens[:0], s.ids[:0]
	from := 0
	for i := 0; i < len(s.cuts); i += 2 {
		split, end := s.cuts[i], s.cuts[i+1]
		s.tokens = append(s.tokens, s.letters[from:split], s.letters[split:end], s.letters[from:end])
		s.ids = append(s.ids, 0, 0, 0)
		from = end
	}
	m.ids.findMany(s.tokens, s.ids)
	for i, id := range s.ids {
		if id < 0 || !m.own[id] {
			return nil, fmt.Errorf("model.merges: number %d needs the token %q, which is not in model.vocab",
				len(rules)+1, s.tokens[i])
		}
		if i%3 == 2 {
			rules = append(rules, mergeRule{s.ids[i-2], s.ids[i-1], id})
		}
	}
	s.letters, s.cuts = s.letters[:0], s.cuts[:0]
	return rules, nil
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
