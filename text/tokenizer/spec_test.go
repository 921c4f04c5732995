package tokenizer

import (
	"encoding/json"
	"maps"
	"testing"
)

// A fields is a tokenizer.json, or a part of one, to be made by hand.
type fields map[string]any

// with returns a copy of f with some members changed.
func (f fields) with(changes fields) fields {
	f = maps.Clone(f)
	maps.Copy(f, changes)
	return f
}

func (f fields) json(tb testing.TB) []byte {
	tb.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

var byteLevel = fields{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}

// bytesOnly splits nothing.
var bytesOnly = byteLevel.with(fields{"use_regex": false})

func sequence(list ...fields) fields { return fields{"type": "Sequence", "pretokenizers": list} }

// alphabet has a symbol for each byte, its id the byte, and more tokens behind.
func alphabet(more ...string) map[string]int {
	v := map[string]int{}
	for b, r := range byteRunes {
		v[string(r)] = b
	}
	for _, m := range more {
		v[m] = len(v)
	}
	return v
}

// vocabulary numbers tokens from 0.
func vocabulary(tokens ...string) map[string]int {
	v := map[string]int{}
	for i, t := range tokens {
		v[t] = i
	}
	return v
}

func bpeModel(vocab map[string]int, merges ...string) fields {
	if merges == nil {
		merges = []string{}
	}
	return fields{"type": "BPE", "vocab": vocab, "merges": merges}
}

// plainFile is GPT-NeoX's form: ByteLevel alone.
func plainFile(model fields) fields {
	return fields{
		"version":       "1.0",
		"added_tokens":  []fields{},
		"normalizer":    nil,
		"pre_tokenizer": byteLevel,
		"decoder":       byteLevel,
		"model":         model,
	}
}

func (f fields) tokenizer(tb testing.TB) *Tokenizer {
	tb.Helper()
	return mustParse(tb, f.json(tb))
}
