package tokenizer

import (
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
