package tokenizer

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestToValid(t *testing.T) {
	const r = replacement
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"aé世🙂", "aé世🙂"},
		{"a\xf0\x90\x80b", "a" + r + "b"},
		{"\xc3", r},
		{"\xe4\xb8", r},
		{"\xf0\x9f\x99", r},
		// Unicode 15, tables 3-8 to 3-11.
		{"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", strings.Repeat(r, 8) + "A"},
		{"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", strings.Repeat(r, 8) + "A"},
		{"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", strings.Repeat(r, 5) + "A" + r + r + "B"},
		{"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", strings.Repeat(r, 4) + "A"},
	} {
		if got := toValid(c.in); got != c.want {
			t.Errorf("toValid(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func decodeTokenizer(t *testing.T) *Tokenizer {
	return plainFile(bpeModel(alphabet("Ġthe"))).with(fields{"added_tokens": []fields{
		added(257, "<end>", nil),
		added(258, "two words", fields{"special": false}),
		added(259, "éé", fields{"special": false}),
		added(260, "世", fields{"special": false}),
	}}).tokenizer(t)
}

func TestDecode(t *testing.T) {
	tok := decodeTokenizer(t)
	for _, c := range []struct {
		ids  []int32
		skip bool
		want string
	}{
		{nil, false, ""},
		{[]int32{'a', 256, 257}, false, "a the<end>"},
		{[]int32{'a', 256, 257}, true, "a the"},
		{[]int32{258, 'x'}, true, "two wordsx"},                           // a space is not in the byte-level alphabet
		{[]int32{259}, false, replacement + replacement},                  // é is: it stands for the byte E9
		{[]int32{259, 0xa9, 260}, false, replacement + replacement + "世"}, // E9, E9 A9, 世
		{[]int32{0xe4, 257, 0xb8, 0x96}, true, "世"},
		{[]int32{0xe4, 257, 0xb8, 0x96}, false, replacement + "<end>" + replacement + replacement},
		{[]int32{-1, 'a', 261, 1 << 30}, false, "a"},
	} {
		if got := tok.Decode(c.ids, c.skip); got != c.want {
			t.Errorf("Decode(%v, %v) = %q, want %q", c.ids, c.skip, got, c.want)
		}
	}
}

func TestDecoderHoldsBack(t *testing.T) {
	d := decodeTokenizer(t).NewDecoder(true)
	for i, c := range []struct {
		id   int32
		want string
	}{
		{'a', "a"}, {0xf0, ""}, {0x9f, ""}, {0x99, ""}, {257, ""}, {0x82, "🙂"},
		{0xe4, ""}, {'b', replacement + "b"}, {0xff, replacement}, {0xc3, ""},
	} {
		if got := d.Push(c.id); got != c.want {
			t.Errorf("push %d: Push(%d) = %q, want %q", i, c.id, got, c.want)
		}
	}
	if got := d.Flush(); got != replacement {
		t.Errorf("Flush() = %q, want %q", got, replacement)
	}
	if got := d.Push('c') + d.Flush(); got != "c" {
		t.Errorf("after Flush: %q, want %q", got, "c")
	}
}

func TestDecoderLaw(t *testing.T) {
	tok := decodeTokenizer(t)
	id := rapid.OneOf(
		rapid.Int32Range(-2, 262),
		rapid.Int32Range(0x80, 0xff),
		rapid.SampledFrom([]int32{0xf0, 0x9f, 0x99, 0x82, 0xe4, 0xb8, 0x96, 0xc3, 0xa9, 257}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOf(id).Draw(rt, "ids")
		skip := rapid.Bool().Draw(rt, "skipSpecial")
		d := tok.NewDecoder(skip)
		var all strings.Builder
		again := rapid.SliceOfN(rapid.Bool(), len(ids), len(ids)).Draw(rt, "again")
		for i, id := range ids {
			if again[i] {
				d = tok.NewDecoder(skip)
				d.Resume(ids[:i])
			}
			piece := d.Push(id)
			if !utf8.ValidString(piece) {
				rt.Fatalf("Push(%d) = %q, not UTF-8", id, piece)
			}
			all.WriteString(piece)
		}
		all.WriteString(d.Flush())
		if got, want := all.String(), tok.Decode(ids, skip); got != want {
			rt.Errorf("pieces make %q, want %q", got, want)
		}
	})
}
