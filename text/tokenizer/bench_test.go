package tokenizer

import (
	"strings"
	"testing"
)

const english = `It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife. However little known the feelings or views of such a man may be on his first entering a neighbourhood, this truth is so well fixed in the minds of the surrounding families, that he is considered the rightful property of some one or other of their daughters. "My dear Mr. Bennet," said his lady to him one day in 1813, "have you heard that Netherfield Park is let at last?" `

func BenchmarkParse(b *testing.B) {
	data := readFile(b, falcon, "tokenizer.json")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		mustParse(b, data)
	}
}

func BenchmarkEncode(b *testing.B) {
	corpus := string(readFile(b, falcon+"/..", "tinyshakespeare.txt"))
	for _, c := range []struct{ name, text string }{
		{"paragraph", strings.Repeat(english, 200)},
		{"plays", corpus},
		{"unbroken", strings.Repeat("loremipsumdolor", 1<<16)},
		{"russian", strings.Repeat("Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива "+
			"по-своему. ", 2000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			tok := mustParse(b, readFile(b, falcon, "tokenizer.json"))
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				tok.Encode(c.text, EncodeOptions{})
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	tok := mustParse(b, readFile(b, falcon, "tokenizer.json"))
	ids := tok.Encode(strings.Repeat(english, 200), EncodeOptions{})
	b.SetBytes(int64(200 * len(english)))
	for b.Loop() {
		tok.Decode(ids, false)
	}
}
