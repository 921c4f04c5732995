package tokenizer

import (
	"slices"
	"strings"
	"testing"
)

const plainSpec = `{"version":"1.0","added_tokens":[
 {"id":0,"content":"<|a|>","special":true,"normalized":false},
 {"id":1,"content":"<|n|>","special":true,"normalized":true},
 {"id":2,"content":"word","special":true,"normalized":false}],
 "normalizer":NORM,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},
 "model":{"type":"BPE","vocab":{"<|a|>":0,"<|n|>":1,"word":2,"<":3,"|":4,"a":5,"n":6,">":7,"x":8,"e":9,"Ì":10,"ģ":11,"Ã":12,"©":13,"w":14,"o":15,"r":16,"d":17,"xa":18},"merges":["x a"]}}`

func TestPlain(t *testing.T) {
	for _, tc := range []struct {
		text  string
		plain []Span
		nfc   bool
		want  []int32
	}{
		{"<|a|>x<|a|>", nil, false, []int32{0, 8, 0}},
		{"<|a|>x<|a|>", []Span{{6, 11}}, false, []int32{0, 8, 3, 4, 5, 4, 7}},
		{"<|a|>x<|a|>", []Span{{5, 6}}, false, []int32{0, 8, 0}},
		{"<|a|>x<|a|>", []Span{{0, 1}, {10, 11}}, false, []int32{3, 4, 5, 4, 7, 8, 3, 4, 5, 4, 7}},
		{"x<|n|>x<|n|>", []Span{{7, 9}}, false, []int32{8, 1, 8, 3, 4, 6, 4, 7}},
		{"wordx", []Span{{0, 5}}, false, []int32{2, 8}}, // a word is one everywhere
		{"xa", []Span{{1, 2}}, false, []int32{18}},      // tokens go across borders
		{"<|n|>e\u0301<|n|>", []Span{{5, 13}}, true, []int32{1, 12, 13, 3, 4, 6, 4, 7}},
		{"<|n|>e\u0301<|n|>", []Span{{5, 8}}, true, []int32{1, 12, 13, 1}},
		{"e\u0301<|n|>xa", []Span{{0, 3}, {9, 10}}, true, []int32{12, 13, 1, 8, 5}},
		{"<|a|>\xff", []Span{{5, 6}}, false, []int32{3, 4, 5, 4, 7}},
	} {
		norm := "null"
		if tc.nfc {
			norm = `{"type":"NFC"}`
		}
		tok, err := Parse([]byte(strings.Replace(plainSpec, "NORM", norm, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := tok.Encode(tc.text, EncodeOptions{Plain: tc.plain}); !slices.Equal(got, tc.want) {
			t.Errorf("%q with %v plain: got %v, want %v", tc.text, tc.plain, got, tc.want)
		}
	}
}
