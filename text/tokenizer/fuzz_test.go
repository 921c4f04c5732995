package tokenizer

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	model := bpeModel(vocabulary("a", "b", "ab", "Ġ"), "a b")
	whole := plainFile(model)
	for _, file := range []fields{
		whole,
		whole.with(fields{"normalizer": fields{"type": "NFC"},
			"added_tokens": []fields{added(4, "<s>", fields{"lstrip": true})}}),
		whole.with(fields{"pre_tokenizer": sequence(split(regex(gpt2Pattern), "Isolated", false), bytesOnly)}),
		whole.with(fields{"pre_tokenizer": sequence(bytesOnly,
			split(regex(`(?i:'s)|\p{N}{1,3}|\s+(?!\S)`), "Contiguous", true))}),
		whole.with(fields{"model": model.with(fields{"merges": [][]string{{"a", "b"}}, "unk_token": "a",
			"ignore_merges": true})}),
		whole.with(fields{"model": model.with(fields{"vocab": fields{"a": 1 << 40}})}),
	} {
		f.Add(file.json(f), "ab  12'S a\xffb<s>")
	}
	f.Add([]byte(`{"model":{"vocab":{"\ud800\u0041":0},"merges":[]}}`), "")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		tok, err := Parse(data)
		if err != nil {
			return
		}
		if tok.VocabSize() > len(data) {
			t.Errorf("%d tokens from %d bytes", tok.VocabSize(), len(data))
		}
		for _, id := range tok.Encode(text, EncodeOptions{AddSpecial: true}) {
			if _, ok := tok.Token(id); !ok {
				t.Errorf("Encode gives id %d, which no token has", id)
			}
		}
	})
}

func FuzzEncode(f *testing.F) {
	falconForm := sequence(fields{"type": "Punctuation", "behavior": "Contiguous"}, byteLevel,
		fields{"type": "Digits", "individual_digits": false}, split(regex("[0-9][0-9][0-9]"), "Isolated", false))
	file := plainFile(bpeModel(alphabet("th", "the", "Ġthe", "--", "12"), "t h", "th e", "Ġ the", "- -",
		"1 2")).with(fields{
		"pre_tokenizer": falconForm,
		"added_tokens":  []fields{added(261, "<|end|>", nil), added(262, "the end", fields{"special": false})},
	})
	tok := file.tokenizer(f)
	for _, s := range []string{"", "the 1234--½ end", "the end<|end|> \u00a0\n x", "e\u0301\xff\xe4\xb8", "🙂'S're"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range []EncodeOptions{{}, {NoSpecial: true}} {
			ids := tok.Encode(text, o)
			want := text
			if !utf8.ValidString(text) {
				want = toValid(text)
			}
			if got := tok.Decode(ids, false); got != want {
				t.Errorf("%+v: Decode(Encode(%q)) = %q", o, text, got)
			}
		}
	})
}

// What a search remembers of a text changes none of its matches.
func FuzzSplit(f *testing.F) {
	for _, pattern := range []string{`a*b|a`, `\w+(?!\W)b|a`, `\d{1,3}(?=(?:\d{3})*\b)`, `(?:(?!aa).)+|aa`, `(?:a*|b)*c|a`,
		gpt2Pattern, `[^(\s|[.,!?])]+`, `^a+?|b$`} {
		f.Add(pattern, "aaab aab 1234567\nab b")
	}
	fillClasses()
	f.Fuzz(func(t *testing.T, pattern, text string) {
		m, err := compileRegex(pattern)
		if len(pattern) > 64 || len(text) > 256 || err != nil {
			return
		}
		text = toValid(text)
		find := m.over(text)
		for i := 0; i < len(text); {
			start, end := find.find(text, i)
			wantStart, wantEnd := m.find(text, i)
			if start != wantStart || end != wantEnd || start < i || end < start || start < len(text) && end == start {
				t.Fatalf("%q in %q from %d: [%d,%d), afresh [%d,%d)", pattern, text, i, start, end, wantStart, wantEnd)
			}
			i = end
		}
	})
}

// A tokenizer reads and writes the same through a GGUF file.
func FuzzThroughGGUF(f *testing.F) {
	f.Add("th", "e", "the <|end|> other")
	f.Add("Ġ", "é", " é")
	f.Fuzz(func(t *testing.T, left, right, text string) {
		vocab, merges := alphabet(), []string{}
		for _, part := range []string{left, right, left + right} {
			if _, ok := fromAlphabet(nil, part); !ok || part == "" {
				return
			}
			if _, ok := vocab[part]; !ok {
				vocab[part] = len(vocab)
			}
		}
		merges = append(merges, left+" "+right)
		file := plainFile(bpeModel(vocab, merges...)).with(fields{
			"added_tokens": []fields{added(len(vocab), "<|end|>", nil)}})
		tok := file.tokenizer(t)
		again := throughGGUF(t, tok, "gpt-2")
		ids := tok.Encode(text, EncodeOptions{})
		if got := again.Encode(text, EncodeOptions{}); !slices.Equal(got, ids) {
			t.Errorf("%q: %v, want %v", text, got, ids)
		}
		if got := again.Decode(ids, false); got != toValid(text) {
			t.Errorf("%q comes back as %q", text, got)
		}
	})
}
