package tokenizer

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// splitBy returns the pieces that pre-tokenizers split text into. Every part of the
// text is a token and ignore_merges is set, so that each piece becomes one id.
func splitBy(t *testing.T, pre fields, text string) []string {
	t.Helper()
	var tokens []string
	seen := map[string]bool{}
	for _, text := range []string{text, " " + text} { // add_prefix_space may put one there
		for i := range len(text) {
			for k := i + 1; k <= len(text); k++ {
				for _, s := range []string{text[i:k], " " + text[i:k]} {
					if !seen[s] {
						seen[s] = true
						tokens = append(tokens, toAlphabet(s))
					}
				}
			}
		}
	}
	f := plainFile(bpeModel(vocabulary(tokens...)).with(fields{"ignore_merges": true}))
	tok := f.with(fields{"pre_tokenizer": pre}).tokenizer(t)
	pieces := []string{}
	for _, id := range tok.Encode(text, EncodeOptions{}) {
		pieces = append(pieces, string(tok.Bytes(id)))
	}
	return pieces
}

func split(pattern fields, behavior string, invert bool) fields {
	return fields{"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}
}

func regex(s string) fields     { return fields{"Regex": s} }
func literally(s string) fields { return fields{"String": s} }

func TestPreTokenizers(t *testing.T) {
	punctuation := fields{"type": "Punctuation"}
	digits := fields{"type": "Digits", "individual_digits": false}
	three := split(regex("[0-9][0-9][0-9]"), "Isolated", false)
	falconForm := sequence(punctuation.with(fields{"behavior": "Contiguous"}), byteLevel, digits, three)
	const dashes = "The-final--countdown"
	const words = "How are you doing?"
	anyWord := regex(`[\p{L}\p{N}]+|[^\p{L}\p{N}\s]+`)

	for _, c := range []struct {
		name string
		pre  fields
		text string
		want string // pieces, with | between them
	}{
		{"Removed", sequence(split(literally("-"), "Removed", false), bytesOnly), dashes, "The|final|countdown"},
		{"Isolated", sequence(split(literally("-"), "Isolated", false), bytesOnly), dashes,
			"The|-|final|-|-|countdown"},
		{"MergedWithPrevious", sequence(split(literally("-"), "MergedWithPrevious", false), bytesOnly), dashes,
			"The-|final-|-|countdown"},
		{"MergedWithNext", sequence(split(literally("-"), "MergedWithNext", false), bytesOnly), dashes,
			"The|-final|-|-countdown"},
		{"Contiguous", sequence(split(literally("-"), "Contiguous", false), bytesOnly), dashes,
			"The|-|final|--|countdown"},
		{"MergedWithPrevious at the ends", sequence(split(literally("-"), "MergedWithPrevious", false), bytesOnly),
			"--a-", "-|-|a-"},
		{"MergedWithNext at the ends", sequence(split(literally("-"), "MergedWithNext", false), bytesOnly), "-a--",
			"-a|-|-"},

		{"Removed, inverted", sequence(split(anyWord, "Removed", true), bytesOnly), words, "How|are|you|doing|?"},
		{"Isolated, inverted", sequence(split(anyWord, "Isolated", true), bytesOnly), words,
			"How| |are| |you| |doing|?"},
		{"MergedWithPrevious, inverted", sequence(split(anyWord, "MergedWithPrevious", true), bytesOnly), words,
			"How |are |you |doing|?"},
		{"MergedWithNext, inverted", sequence(split(anyWord, "MergedWithNext", true), bytesOnly), words,
			"How| are| you| doing|?"},
		{"Contiguous, inverted", sequence(split(anyWord, "Contiguous", true), bytesOnly), words,
			"How| |are| |you| |doing?"},

		{"Punctuation", sequence(punctuation, bytesOnly), "Hey friend!     How are you?!?",
			"Hey friend|!|     How are you|?|!|?"},
		{"Punctuation of all kinds", sequence(punctuation, bytesOnly), "a$b`c~d—e。f€g", "a|$|b|`|c|~|d|—|e|。|f€g"},
		{"Punctuation as of Unicode 8", sequence(punctuation, bytesOnly), "a\u2e42b\u2e43c\u166dd",
			"a|\u2e42|b\u2e43c|\u166d|d"},
		{"Punctuation, removed", sequence(punctuation.with(fields{"behavior": "Removed"}), bytesOnly), "a,b..c",
			"a|b|c"},
		{"Digits", sequence(digits, bytesOnly), "Hey 123 friend!", "Hey |123| friend!"},
		{"Digits, individual", sequence(digits.with(fields{"individual_digits": true}), bytesOnly), "Hey 123 friend!",
			"Hey |1|2|3| friend!"},
		{"Digits of all kinds", sequence(digits, bytesOnly), "a१२Ⅳ½b", "a|१२Ⅳ½|b"},

		{"GPT-2", byteLevel, "I'm you'll  we've 'tis CAN'T", "I|'m| you|'ll| | we|'ve| '|tis| CAN|'|T"},
		{"GPT-2, white space", byteLevel, "a \n b\t\tc  ", "a| \n| b|\t|\t|c|  "},
		{"GPT-2, no-break space", byteLevel, "a\u00a0b \u2003 c", "a|\u00a0|b| \u2003| c"},
		{"GPT-2, numbers", byteLevel, "a1 23½x!? ?", "a|1| 23½|x|!?| ?"},
		{"prefix space", byteLevel.with(fields{"add_prefix_space": true}), "Hi you", " Hi| you"},
		{"prefix space that is there", byteLevel.with(fields{"add_prefix_space": true}), " Hi", " Hi"},
		{"prefix space on every piece", sequence(punctuation, byteLevel.with(fields{"add_prefix_space": true})), "a.b",
			" a| .| b"},

		{"Falcon", falconForm, "In 1984, 12345 or 1234.", "In| |198|4|,| |123|45| or| |123|4|."},
		{"Falcon, contiguous punctuation", falconForm, "wait...what?!", "wait|...|what|?!"},
		{"Falcon, half the bytes of a fraction are digits", falconForm, "4 ½ m", "4| \xc2|\xbd| m"},
		{"Digits after ByteLevel see bytes", sequence(bytesOnly, digits), "x²³", "x\xc2|\xb2|\xc2|\xb3"},
		{"Punctuation after ByteLevel sees bytes", sequence(bytesOnly, punctuation), "a\u0421b.", "a\xd0|\xa1|b|."},
		{"string after ByteLevel", sequence(bytesOnly, split(literally("Ġa"), "Isolated", false)), "b ab", "b| a|b"},
		{"string that no byte is", sequence(bytesOnly, split(literally(" "), "Isolated", false)), "b ab", "b ab"},
		{"regex after ByteLevel", sequence(bytesOnly, split(regex("Ġ+[a-c]?"), "Isolated", false)), "é  b d",
			"é|  b| |d"},
		{"nested Sequence", sequence(sequence(digits), sequence(sequence(bytesOnly))), "a1b", "a|1|b"},
	} {
		if d := cmp.Diff(strings.Split(c.want, "|"), splitBy(t, c.pre, c.text)); d != "" {
			t.Errorf("%s: %q: -want +got\n%s", c.name, c.text, d)
		}
	}
}

func TestSplitRegex(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{`\d{1,3}`, "a1234b", "a|123|4|b"},
		{`\s+`, "a \u00a0\u2003b\u200bc", "a| \u00a0\u2003|b\u200bc"},
		{`[^\s]+`, "ab  c", "ab|  |c"},
		{`[\S]+`, "ab  c", "ab|  |c"},
		{`\S\s`, "ab  c", "a|b | c"},
		{`\x41|\x{e9}|\u00e8`, "xAéèy", "x|A|é|è|y"},
		{`[a-c\-x]+`, "zab-xw", "z|ab-x|w"},
		{`[.\[\]]`, "a.b]c", "a|.|b|]|c"},
		{`.`, "ab\nc", "a|b|\n|c"},
		{`a|ab`, "abab", "a|b|a|b"}, // the first alternative, not the longest
		{`a+?b?`, "aab", "a|ab"},
		{`(a|b)+c`, "xabcab", "x|abc|ab"},
		{`\p{Han}+`, "ab世界c", "ab|世界|c"},
		{`\P{L}+`, "ab12c", "ab|12|c"},
		{`(?i:'s|'ll)`, "a'Sb'lLc'\u017f", "a|'S|b|'lL|c|'\u017f"},
		{`\s+(?!\S)|\s`, "a   b  ", "a|  | |b|  "},
		{`\s+(?!\S)`, "a   b c ", "a|  | b c| "},
		{`x|\s+(?!\S)| x|\s+y`, "a x  x yx y", "a| x| | x| y|x| y"},
		{`\s+(?!\S)|a|\s+(?!\S)`, "a   b", "a|  | b"},
		// What follows is as Oniguruma 6.9.8 splits.
		{`\w+`, "a²b_½1-· .,ce", "a²b_½1|-· .,|ce"},
		{`[^\w]+`, "a²b_½1-· .,ce", "a²b_½1|-· .,|ce"},
		{`[[:word:]]+`, "a²b_½1-· .,ce", "a|²|b_|½|1|-· .,|ce"},
		{`[[:^alpha:]]+`, "a²b_½1-· .,ce", "a|²|b|_½1-· .,|ce"},
		{`[^(\s|[.,!?])]+`, "a²b_½1-· .,ce", "a²b_½1-·| .,|ce"},
		{`[[:upper:][:digit:]]+|\h`, "AÉ१2 ax", "AÉ१2| |a|x"},
		{`\d{1,3}(?=(?:\d{3})*\b)`, "1234567 a12", "1|234|567| a|12"},
		{`\p{N}{1,3}(?=(?:\p{N}{3})*(?:\P{N}|$))`, "1234567x12", "1|234|567|x|12"},
		{`(?:a(?=b))+`, "aab", "a|a|b"},
		{`(?!b).`, "abc", "a|b|c"},
		{`(?:\s+(?!\S))x?`, "a   b  ", "a|  | b|  "},
		{`(?=.*c)[ab]+`, "abcab", "ab|cab"},
		{`a+(?!a|b)`, "aaab aac", "aaab |aa|c"},
		{`(?:(?!aa).)+|aa`, "bbaacc", "bb|aa|cc"},
		{`(?i:s)(?!t)`, "Sst", "S|st"},
		{`^a|b$`, "aba\nab\nb", "a|ba\n|a|b|\n|b"},
		{`a++ab|a++b|a`, "aab aa", "aab| |a|a"},
		{`a++ab|a`, "aab", "a|a|b"},
		{`[ab]*+b|c`, "abbc", "abb|c"},
		{`x?+xy|.`, "xxyxy", "xxy|x|y"},
		{`x(?:[^\s]*+| )`, "axbc d", "a|xbc| d"},
		{`a(?=\s++b)|\s++`, "a  b a  c", "a|  |b| |a|  |c"},
		{`(?:a++|b)+c?`, "aabaacb", "aabaac|b"},
		{`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`,
			"It'S 12345\r\n\n x_y?!\n  end", "It|'S| |123|45|\r\n\n| x|_y|?!\n| | end"},
		{`\Ba`, "aa a", "a|a| a"},
		{gpt2Pattern, "It's 10  o'clock", "It|'s| 10| | o|'|clock"},
		{cl100kHead + `\p{N}{1,3}` + cl100kTail, "It'S 12345\r\n\n x_y?!\n  end",
			"It|'S| |123|45|\r\n\n| x|_y|?!\n| | end"},
		{cl100kHead + `\p{N}` + cl100kTail, "a 12", "a| |1|2"},
	} {
		pre := sequence(split(regex(c.pattern), "Isolated", false), bytesOnly)
		if d := cmp.Diff(strings.Split(c.want, "|"), splitBy(t, pre, c.text)); d != "" {
			t.Errorf("%q: %q: -want +got\n%s", c.pattern, c.text, d)
		}
	}
}

func TestSplitRegexRefused(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`(?=a)`, "nothing at all"},
		{`a(?!b)?`, "(?!b) cannot be repeated"},
		{`a(?=(?:b*|d)*c)`, "a repeat of what can be empty"},
		{`a(?=b`, "unmatched ("},
		{strings.Repeat("a(?=", 9) + strings.Repeat(")", 9), "nested too deeply"},
		{`(?<=a)b`, "(?<= is not supported"},
		{`\Aa`, `\A is not supported`},
		{strings.Repeat("a", 5000), "it has 5000 bytes"},
		{`(?:a|bc){600}`, "choices"},
		{`(a)\1`, `\1 is not supported`},
		{`(?:ab)++`, "invalid nested repetition"},
		{`a{2}+`, "invalid nested repetition"},
		{`a+++`, "a++ cannot be repeated"},
		{`a?+`, "nothing at all"},
		{`a*`, "nothing at all"},
		{`a{2}?`, "{2}? is not supported"},
		{`a{,3}`, "braces"},
		{`[a[^bc]]`, "[^ within brackets"},
		{`[[:letter:]]`, "the bracket in"},
		{`[a&&b]`, "&&"},
		{`[]a]`, "empty brackets"},
		{`[a`, "unmatched ["},
		{`(a`, "unmatched ("},
		{`a)`, "unmatched )"},
		{`\p{Cn}`, "property"},
		{`\pL`, "property"},
		{`\p{^L}`, "property"},
		{`\x{110000}`, "escape"},
		{`\x`, "escape"},
		{`\xe9`, "escape"},
		{`(?i:ss)`, "ligature"},
		{`(?i:a+)`, "only letters"},
		{`a\`, `ends in a \`},
		{`[z-a]`, "invalid character class range"},
		{`a{5000}`, "invalid repeat count"},
	} {
		f := plainFile(bpeModel(alphabet())).with(fields{"pre_tokenizer": sequence(split(regex(c.pattern), "Isolated",
			false), byteLevel)})
		_, err := Parse(f.json(t))
		if err == nil {
			t.Errorf("%q is accepted, want an error", c.pattern)
		} else if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %q, want one line with %q", c.pattern, err, c.want)
		}
	}
}

// No pattern and no added token takes more than in proportion to the text.
func TestSplitTakesLinearTime(t *testing.T) {
	long := strings.Repeat("a", 1<<18)
	for name, pattern := range map[string]string{"alternatives": `a*b|a`, "look ahead": `a(?=a*b)|a`,
		"nested": `(?:a*a*)*b|a`, "possessive": `a++b|a`, "possessive, both": `[^b]*+[^c]*+b|a`, "white space": `\w+(?!\W)b|a`} {
		tok := plainFile(bpeModel(alphabet())).with(fields{"pre_tokenizer": sequence(
			split(regex(pattern), "Isolated", false), bytesOnly)}).tokenizer(t)
		inTime(t, name, func() { tok.Encode(long, EncodeOptions{}) })
	}
	tok := plainFile(bpeModel(alphabet())).with(fields{"added_tokens": []fields{
		added(256, strings.Repeat("a", mostAdded-1)+"b", nil)}}).tokenizer(t)
	inTime(t, "an added token", func() { tok.Encode(long, EncodeOptions{}) })
}

// inTime runs f, which takes less than a second unless it is quadratic.
func inTime(t *testing.T, name string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s: still running after a minute", name)
	}
}

// textOf draws text in which the classes that the scanners tell apart meet often.
func textOf() *rapid.Generator[string] {
	some := rapid.SampledFrom([]string{
		"a", "Z", "é", "世", "ſ", "1", "½", "٣", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u0085",
		"'", "'", "s", "S", "l", "L", "ve", "RE", "d", "m", "t", "!", "—", "€", "🙂", "\u0301", "\u200d", "\U0001d7d8",
		"\U00020000",
	})
	return rapid.Map(rapid.SliceOfN(some, 0, 30), func(s []string) string { return strings.Join(s, "") })
}

// The hand-written scanners find what the patterns they stand for find.
func TestScannerLaw(t *testing.T) {
	scanners := map[string]finder{gpt2Pattern: gpt2{}}
	for pattern, f := range cl100kPatterns {
		scanners[pattern] = f
	}
	fillClasses()
	for pattern, f := range scanners {
		want, err := compileRegex(pattern)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(rt *rapid.T) {
			s := textOf().Draw(rt, "text")
			for i := 0; i < len(s); {
				wantStart, wantEnd := want.find(s, i)
				start, end := f.find(s, i)
				if start != wantStart || end != wantEnd {
					rt.Fatalf("%s in %q from %d: [%d,%d), want [%d,%d)", pattern, s, i, start, end, wantStart, wantEnd)
				}
				i = end
			}
		})
	}
}
