package tokenizer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddedTokens(t *testing.T) {
	fillClasses()
	special := func(content string) addedToken { return addedToken{content: content, special: true} }
	word := func(content string) addedToken { return addedToken{content: content, singleWord: true} }
	for _, c := range []struct {
		name      string
		tokens    []addedToken
		noSpecial bool
		text      string
		want      string // parts, tokens in <<>>
	}{
		{"plain", []addedToken{{content: "my"}, {content: "name"}, special("[CLS]"), special("[SEP]")}, false,
			"[CLS] My name is Anthony [SEP]", "<<[CLS]>>| My |<<name>>| is Anthony |<<[SEP]>>"},
		{"strip both sides", []addedToken{{content: "my", lstrip: true, rstrip: true}}, false,
			"is  my\t\nname, my", "is|<<  my\t\n>>|name,|<< my>>"},
		{"strip one side", []addedToken{{content: "<l>", lstrip: true}, {content: "<r>", rstrip: true}}, false,
			"a <l> b <r> c", "a|<< <l>>>| b |<<<r> >>|c"},
		{"both want the space between", []addedToken{{content: "<m>", lstrip: true, rstrip: true}}, false,
			"Hi <m> there\t<m>\t<m>\u2000", "Hi|<< <m> >>|there|<<\t<m>\t>>|<<<m>\u2000>>"},
		{"single word", []addedToken{word("<m>")}, false,
			"<m> My <m> A<m> <m>ony _<m> <m>", "<<<m>>>| My |<<<m>>>| A<m> <m>ony _<m> |<<<m>>>"},
		{"single word in Unicode", []addedToken{word("<m>")}, false,
			"<m>, <m>- ◌̰<m> é<m> <m>²", "<<<m>>>|, |<<<m>>>|- ◌̰<m> é<m> |<<<m>>>|²"},
		{"the longest of the leftmost", []addedToken{{content: "ab"}, {content: "abcd"}, {content: "bcdef"}}, false,
			"xabcdefabc", "x|<<abcd>>|ef|<<ab>>|c"},
		{"nothing inside one that is turned down", []addedToken{word("<mask>"), {content: "ask>"}}, false,
			"a<mask> <mask>", "a<mask> |<<<mask>>>"},
		{"special text as plain text", []addedToken{special("<pad>"), {content: "ask>"}}, true,
			"<pad>ask><pad>", "<pad>|<<ask>>>|<pad>"},
		{"nothing at all", []addedToken{special("x")}, false, "", ""},
		{"white space that is a token itself", []addedToken{{content: "<r>", rstrip: true}, {content: "\n"}}, false,
			"<r> \n x", "<<<r> \n >>|<<\n>>| x"}, // the space behind it comes twice, as in the reference
	} {
		set := newAddedSet()
		for i, tok := range c.tokens {
			tok.id = int32(i)
			if err := set.add(tok.content, tok); err != nil {
				t.Fatal(err)
			}
		}
		var parts []string
		set.split(c.text, 0, EncodeOptions{NoSpecial: c.noSpecial}, func(from, to int, id int32) {
			s := c.text[from:to]
			if id >= 0 {
				if !strings.Contains(s, c.tokens[id].content) {
					t.Errorf("%s: part %q comes as token %q", c.name, s, c.tokens[id].content)
				}
				s = "<<" + s + ">>"
			}
			parts = append(parts, s)
		})
		if d := cmp.Diff(c.want, strings.Join(parts, "|")); d != "" {
			t.Errorf("%s: %q: -want +got\n%s", c.name, c.text, d)
		}
	}
}

func added(id int, content string, flags fields) fields {
	return fields{"id": id, "content": content, "special": true, "normalized": false,
		"single_word": false, "lstrip": false, "rstrip": false}.with(flags)
}

// A plain word may be a special token, as "assistant" is for FalconMamba's
// instruct model; so is text around it split.
func TestSpecialPlainWord(t *testing.T) {
	f := plainFile(bpeModel(alphabet("assistant"))).with(fields{"added_tokens": []fields{added(256, "assistant", nil)}})
	tok := f.tokenizer(t)
	text := "my assistants"
	want := append(append(idsOf("my "), 256), 's')
	if d := cmp.Diff(want, tok.Encode(text, EncodeOptions{})); d != "" {
		t.Errorf("Encode(%q): -want +got\n%s", text, d)
	}
	if d := cmp.Diff(idsOf(text), tok.Encode(text, EncodeOptions{NoSpecial: true})); d != "" {
		t.Errorf("Encode(%q) with NoSpecial: -want +got\n%s", text, d)
	}
	if got, want := tok.Decode(want, true), "my s"; got != want {
		t.Errorf("Decode without specials = %q, want %q", got, want)
	}
}

// idsOf returns the ids of text in a vocabulary of bytes.
func idsOf(text string) []int32 {
	ids := []int32{}
	for _, b := range []byte(text) {
		ids = append(ids, int32(b))
	}
	return ids
}

func TestNormalizedAddedTokens(t *testing.T) {
	const decomposed, composed = "e\u0301x", "\u00e9x"
	for _, normalized := range []bool{false, true} {
		f := plainFile(bpeModel(alphabet())).with(fields{
			"normalizer":   fields{"type": "NFC"},
			"added_tokens": []fields{added(256, decomposed, fields{"normalized": normalized})},
		})
		tok := f.tokenizer(t)
		want := map[bool]string{false: "[256] [195 169 120]", true: "[256] [256]"}[normalized]
		got := fmt.Sprint(tok.Encode(decomposed, EncodeOptions{}), tok.Encode(composed, EncodeOptions{}))
		if got = strings.ReplaceAll(got, "][", "] ["); got != want {
			t.Errorf("normalized %v: %s, want %s", normalized, got, want)
		}
	}
}

// White space that one token has taken is not the next one's too.
func TestStrippedOnce(t *testing.T) {
	f := plainFile(bpeModel(alphabet())).with(fields{"added_tokens": []fields{
		added(256, "<end>", fields{"rstrip": true}), added(257, "  ", fields{"lstrip": true, "special": false}),
	}})
	tok := f.tokenizer(t)
	for text, want := range map[string]string{
		"<end>  x": "[256 120]", "<end>    x": "[256 120]", "a    x": "[97 257 257 120]", "a   <end>": "[97 257 32 256]",
	} {
		if got := fmt.Sprint(tok.Encode(text, EncodeOptions{})); got != want {
			t.Errorf("Encode(%q) = %s, want %s", text, got, want)
		}
	}
}

// Runs of white space must not be walked again for every token in them.
func TestStripIsLinear(t *testing.T) {
	f := plainFile(bpeModel(alphabet())).with(fields{"added_tokens": []fields{
		added(256, "\t", fields{"rstrip": true, "lstrip": true}),
	}})
	f["model"] = bpeModel(alphabet("\t"))
	tok := f.tokenizer(t)
	if got := tok.Encode(strings.Repeat("\t", 1<<19), EncodeOptions{}); len(got) != 1 || got[0] != 256 {
		t.Errorf("%d ids, want one: the first tab takes the others with it", len(got))
	}
}

func TestAddedTooLong(t *testing.T) {
	f := plainFile(bpeModel(alphabet())).with(fields{"added_tokens": []fields{
		added(256, strings.Repeat("a", mostAdded+1), nil)}})
	if _, err := Parse(f.json(t)); err == nil || !strings.Contains(err.Error(), "has 1001 bytes: want at most 1000") {
		t.Errorf("error %v, want one on the length", err)
	}
}
