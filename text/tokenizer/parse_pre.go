package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
)

// parsePreTokenizers fills stages. One of them must be ByteLevel: what comes
// before it sees text, what comes after it the byte-level alphabet.
func (t *Tokenizer) parsePreTokenizers(raw []byte) error {
	if isNull(raw) {
		return errors.New("pre_tokenizer is null, want one with ByteLevel: the model must be BPE over bytes")
	}
	p := preParser{}
	if err := p.parse(raw, 0); err != nil {
		return err
	}
	if !p.alphabet {
		return errors.New("pre_tokenizer has no ByteLevel: the model must be BPE over bytes")
	}
	t.stages = p.stages
	return nil
}

type preParser struct {
	stages   []stage
	alphabet bool // ByteLevel has been met
}

func (p *preParser) parse(raw []byte, depth int) error {
	const what = "pre_tokenizer"
	m, kind, err := kindOf(what, raw, depth)
	if err != nil {
		return err
	}
	var st stage
	switch kind {
	case "Sequence":
		return each(what, m, "pretokenizers", func(raw []byte) error { return p.parse(raw, depth+1) })
	case "ByteLevel":
		st, err = p.parseByteLevel(m)
	case "Punctuation":
		st.find = p.classFinder(punct)
		st.behavior, err = parseBehavior(kind, m)
	case "Digits":
		st.find, st.behavior = p.classFinder(number), contiguous
		individual := false
		if err = field(kind, m, "individual_digits", &individual); individual {
			st.behavior = isolated
		}
	case "Split":
		st, err = p.parseSplit(m)
	default:
		return unsupported(what, kind, "ByteLevel, Digits, Punctuation, Sequence, Split")
	}
	if len(p.stages) == maxStages {
		return fmt.Errorf("%s has more than %d stages: no model has so many", what, maxStages)
	}
	p.stages = append(p.stages, st)
	return err
}

func (p *preParser) parseByteLevel(m map[string]json.RawMessage) (stage, error) {
	if p.alphabet {
		return stage{}, errors.New("pre_tokenizer has ByteLevel twice, which is not supported")
	}
	p.alphabet = true
	if isNull(m["add_prefix_space"]) {
		return stage{}, errors.New("pre_tokenizer: ByteLevel has no add_prefix_space")
	}
	var st stage
	useRegex := true
	err := field("ByteLevel", m, "add_prefix_space", &st.prefixSpace)
	if err == nil {
		err = field("ByteLevel", m, "use_regex", &useRegex)
	}
	if useRegex {
		st.find = gpt2{}
	}
	return st, err
}

func (p *preParser) classFinder(c class) finder {
	if p.alphabet {
		return byteClass(c)
	}
	return classFinder(c)
}

func parseBehavior(what string, m map[string]json.RawMessage) (behavior, error) {
	name := "Isolated"
	if err := field(what, m, "behavior", &name); err != nil {
		return 0, err
	}
	b, ok := behaviors[name]
	if !ok {
		return 0, unsupported(what+" behavior", name,
			"Contiguous, Isolated, MergedWithNext, MergedWithPrevious, Removed")
	}
	return b, nil
}

func (p *preParser) parseSplit(m map[string]json.RawMessage) (stage, error) {
	const what = "Split"
	if isNull(m["behavior"]) {
		return stage{}, errors.New("pre_tokenizer: Split has no behavior")
	}
	behavior, err := parseBehavior(what, m)
	if err != nil {
		return stage{}, err
	}
	st := stage{behavior: behavior}
	if err := field(what, m, "invert", &st.invert); err != nil {
		return stage{}, err
	}
	pattern, err := object("Split.pattern", m["pattern"])
	if err != nil {
		return stage{}, err
	}
	var text, regex string
	if err := field(what+".pattern", pattern, "String", &text); err != nil {
		return stage{}, err
	}
	if err := field(what+".pattern", pattern, "Regex", &regex); err != nil {
		return stage{}, err
	}
	switch {
	case (text == "") == (regex == ""):
		return stage{}, errors.New("pre_tokenizer: Split.pattern must have one of String and Regex, not empty")
	case text != "":
		st.find = p.literal(text)
		return st, nil
	}
	if st.find, st.alphabetic, err = p.regex(regex); err != nil {
		return stage{}, fmt.Errorf("pre_tokenizer: Split pattern %s: %w", quote(regex), err)
	}
	return st, nil
}

func (p *preParser) literal(text string) finder {
	if !p.alphabet {
		return literal(text)
	}
	b, ok := fromAlphabet(nil, text)
	if !ok {
		return nothing{}
	}
	return literal(b)
}

// regex picks the fastest finder that the pattern allows.
func (p *preParser) regex(pattern string) (f finder, alphabetic bool, err error) {
	if len(pattern) > mostBytes {
		return nil, false, fmt.Errorf("it has %d bytes: want at most %d", len(pattern), mostBytes)
	}
	if q, ok := asBytes(pattern, p.alphabet); ok {
		return q, false, nil
	}
	if !p.alphabet {
		if pattern == gpt2Pattern {
			return gpt2{}, false, nil
		}
		if f, ok := cl100kPatterns[pattern]; ok {
			return f, false, nil
		}
	}
	f, err = compileRegex(pattern)
	return f, p.alphabet, err
}
