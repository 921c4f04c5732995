package tokenizer

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The tokenizers library matches with Oniguruma, which backtracks. Go's parser understands
// the same patterns, but for look-around and what \s, \d and the like mean, and prefers
// alternatives in the same order. A pattern is translated item by item, and an item that is
// not known to mean the same is refused. What has no width, such as (?!\S), becomes an empty
// group, and matcher knows by its name what it tests. So does a possessive repeat, around
// what it repeats.

// Limits of a pattern. The longest that are known have a thousand bytes, and some forty
// choices.
const mostBytes, mostChoices = 4096, 512

// compileRegex returns a finder for the Oniguruma pattern.
func compileRegex(pattern string) (*matcher, error) {
	tr := translator{p: pattern}
	expr, err := tr.translate(false)
	if err != nil {
		return nil, err
	}
	m := &matcher{}
	if m.main, err = m.compile(expr, tr.tests); err != nil {
		return nil, err
	}
	if canBeEmpty(m.main.tree) {
		return nil, fmt.Errorf("it can match nothing at all, which is not supported")
	}
	if m.states > mostChoices {
		return nil, fmt.Errorf("it has %d choices, repeats counted out: want at most %d", m.states, mostChoices)
	}
	return m, nil
}

func goError(err error) error {
	if e, ok := err.(*syntax.Error); ok {
		return fmt.Errorf("%s is not supported", e.Code)
	}
	return err
}

// White_Space and its complement, as the inside of a character class.
const (
	whiteSpace    = `\x09-\x0d\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`
	notWhiteSpace = `\x00-\x08\x0e-\x1f\x21-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}` +
		`\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}`
)

// A translator goes through an Oniguruma pattern (Ruby syntax).
type translator struct {
	p     string // what is left of it
	tests []test // what has no width, and possessive repeats
	depth int    // of tests within tests
}

// A test is an item that takes no character, a look ahead or an anchor, or one that takes all
// that it can and gives none back, a possessive repeat.
type test struct {
	negative   bool
	ahead      string // in Go's syntax; empty for the others
	tests      []test // of ahead
	anchor     byte   // ^, $ or b
	possessive bool
}

// translate returns what is left of the pattern in Go's syntax, without capturing groups,
// or what is left up to the ) of the test that it is within.
func (tr *translator) translate(within bool) (string, error) {
	if !utf8.ValidString(tr.p) {
		return "", fmt.Errorf("it is not UTF-8")
	}
	var out strings.Builder
	depth := 0
	for tr.p != "" {
		switch c := tr.p[0]; c {
		case '\\':
			if len(tr.p) > 1 && (tr.p[1] == 'b' || tr.p[1] == 'B') {
				if err := tr.test(&out, 2, test{anchor: 'b', negative: tr.p[1] == 'B'}); err != nil {
					return "", err
				}
				continue
			}
			inside, n, err := translateEscape(tr.p)
			if err != nil {
				return "", err
			}
			if err := tr.character(&out, n, "["+inside+"]"); err != nil {
				return "", err
			}
		case '[':
			class, n, err := translateClass(tr.p)
			if err != nil {
				return "", err
			}
			if err := tr.character(&out, n, class); err != nil {
				return "", err
			}
		case '(':
			if strings.HasPrefix(tr.p, "(?=") || strings.HasPrefix(tr.p, "(?!") {
				if err := tr.lookAhead(&out); err != nil {
					return "", err
				}
				continue
			}
			depth++
			switch {
			case strings.HasPrefix(tr.p, "(?:"):
				out.WriteString("(?:")
				tr.p = tr.p[3:]
			case strings.HasPrefix(tr.p, "(?i:"):
				if err := checkFold(tr.p[4:]); err != nil {
					return "", err
				}
				out.WriteString("(?i:")
				tr.p = tr.p[4:]
			case strings.HasPrefix(tr.p, "(?"):
				return "", fmt.Errorf("%.4s is not supported", tr.p)
			default:
				out.WriteString("(?:")
				tr.p = tr.p[1:]
			}
		case ')':
			if depth--; depth < 0 && within {
				return out.String(), nil
			} else if depth < 0 {
				return "", fmt.Errorf("unmatched )")
			}
			out.WriteByte(')')
			tr.p = tr.p[1:]
		case '|', '*', '+', '?':
			out.WriteByte(c)
			tr.p = tr.p[1:]
		case '{':
			n := repeatLen(tr.p)
			if n == 0 {
				return "", fmt.Errorf("%.8q: the braces are not {n}, {n,} or {n,m}", tr.p)
			}
			if !strings.Contains(tr.p[:n], ",") && strings.HasPrefix(tr.p[n:], "?") {
				return "", fmt.Errorf("%s? is not supported", tr.p[:n]) // optional in Ruby, lazy in Perl
			}
			out.WriteString(tr.p[:n])
			tr.p = tr.p[n:]
		case '.':
			if err := tr.character(&out, 1, `[^\n]`); err != nil {
				return "", err
			}
		case '^', '$':
			if err := tr.test(&out, 1, test{anchor: c}); err != nil {
				return "", err
			}
		default:
			r, n := utf8.DecodeRuneInString(tr.p)
			if err := tr.character(&out, n, regexp.QuoteMeta(string(r))); err != nil {
				return "", err
			}
		}
	}
	if depth > 0 || within {
		return "", fmt.Errorf("unmatched (")
	}
	return out.String(), nil
}

// character puts what the next n bytes are in Go's syntax, which is one character, with the
// repeat behind it if that is possessive: ?+, *+ or ++.
func (tr *translator) character(out *strings.Builder, n int, expr string) error {
	item := tr.p[:n]
	tr.p = tr.p[n:]
	if len(tr.p) < 2 || tr.p[1] != '+' || !strings.ContainsRune("?*+", rune(tr.p[0])) {
		out.WriteString(expr)
		return nil
	}
	repeat := tr.p[:1]
	if tr.p = tr.p[2:]; tr.p != "" && strings.ContainsRune("*+?{", rune(tr.p[0])) {
		return fmt.Errorf("%s%s+ cannot be repeated", item, repeat)
	}
	fmt.Fprintf(out, "(?P<t%d>%s%s)", len(tr.tests), expr, repeat)
	tr.tests = append(tr.tests, test{possessive: true})
	return nil
}

// lookAhead takes (?=…) or (?!…).
func (tr *translator) lookAhead(out *strings.Builder) error {
	if tr.depth == deepest {
		return fmt.Errorf("(?= and (?! are nested too deeply")
	}
	inner := translator{p: tr.p[3:], depth: tr.depth + 1}
	expr, err := inner.translate(true)
	if err != nil {
		return err
	}
	t := test{negative: tr.p[2] == '!', ahead: "(?:" + expr + ")", tests: inner.tests}
	return tr.test(out, len(tr.p)-len(inner.p)+1, t)
}

// test puts an empty group in place of the next n bytes, which are a test.
func (tr *translator) test(out *strings.Builder, n int, t test) error {
	item := tr.p[:n]
	if tr.p = tr.p[n:]; tr.p != "" && strings.ContainsRune("*+?{", rune(tr.p[0])) {
		return fmt.Errorf("%s cannot be repeated", item)
	}
	fmt.Fprintf(out, "(?P<t%d>)", len(tr.tests))
	tr.tests = append(tr.tests, t)
	return nil
}

// checkFold looks at the inside of (?i:…). Oniguruma folds pairs such as "ss"
// to one character (ß), Go does not.
func checkFold(p string) error {
	inside, _, ok := strings.Cut(p, ")")
	if !ok {
		return fmt.Errorf("unmatched (")
	}
	for _, c := range inside {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.ContainsRune("'|[]", c)) {
			return fmt.Errorf("(?i:%s): only letters, apostrophes and alternatives of them are supported", inside)
		}
	}
	for _, pair := range []string{"ss", "ff", "fi", "fl", "st"} {
		if strings.Contains(strings.ToLower(inside), pair) {
			return fmt.Errorf("(?i:%s): the pair %q, which has a ligature, is not supported", inside, pair)
		}
	}
	return nil
}

// repeatLen returns the length of the {n}, {n,} or {n,m} that p starts with.
func repeatLen(p string) int {
	end := strings.IndexByte(p, '}')
	if end < 0 {
		return 0
	}
	low, high, comma := strings.Cut(p[1:end], ",")
	if !isNumber(low) || comma && high != "" && !isNumber(high) {
		return 0
	}
	return end + 1
}

func isNumber(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// translateEscape returns the escape that p starts with as the inside of a
// character class, and its length.
func translateEscape(p string) (inside string, n int, err error) {
	if len(p) < 2 {
		return "", 0, fmt.Errorf(`it ends in a \`)
	}
	switch c := p[1]; c {
	case 's':
		return whiteSpace, 2, nil
	case 'S':
		return notWhiteSpace, 2, nil
	case 'd':
		return `\p{Nd}`, 2, nil
	case 'D':
		return `\P{Nd}`, 2, nil
	case 'w':
		return insideOf(`\w`, false), 2, nil
	case 'W':
		return insideOf(`\w`, true), 2, nil
	case 'h':
		return `0-9A-Fa-f`, 2, nil
	case 'H':
		return insideOf("xdigit", true), 2, nil
	case 'n', 'r', 't', 'f', 'v', 'a':
		return p[:2], 2, nil
	case 'p', 'P':
		name, _, ok := strings.Cut(p[2:], "}")
		name, open := strings.CutPrefix(name, "{")
		if !ok || !open || !knownProperty(name) {
			return "", 0, fmt.Errorf("the property in %.12q is not supported", p)
		}
		return p[:len(`\p{}`)+len(name)], len(`\p{}`) + len(name), nil
	case 'x', 'u':
		return translateHex(p)
	}
	if c := p[1]; c == ' ' || c < utf8.RuneSelf && classes[c]&punct != 0 {
		return hex(rune(c)), 2, nil
	}
	_, n = utf8.DecodeRuneInString(p[1:])
	return "", 0, fmt.Errorf("%s is not supported", p[:1+n])
}

func hex(r rune) string { return fmt.Sprintf(`\x{%x}`, r) }

// translateHex takes \xHH below 80, \x{H…} and \uHHHH.
func translateHex(p string) (inside string, n int, err error) {
	digits, limit := "", int64(unicode.MaxRune)
	switch {
	case strings.HasPrefix(p, `\x{`):
		var ok bool
		if digits, _, ok = strings.Cut(p[3:], "}"); ok {
			n = len(digits) + 4
		}
	case p[1] == 'x' && len(p) >= 4:
		digits, n, limit = p[2:4], 4, 0x7f // beyond, a raw byte
	case p[1] == 'u' && len(p) >= 6:
		digits, n = p[2:6], 6
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if n == 0 || err != nil || int64(v) > limit {
		return "", 0, fmt.Errorf("the escape %.8q is not supported", p)
	}
	return hex(rune(v)), n, nil
}

// knownProperty accepts general categories and scripts. C and Cn are left out:
// Go's tables have no unassigned characters.
func knownProperty(name string) bool {
	switch name {
	case "C", "Cn", "LC":
		return false
	}
	if len(name) <= 2 {
		return unicode.Categories[name] != nil
	}
	return unicode.Scripts[name] != nil
}

// translateClass returns the bracket expression that p starts with, and its
// length.
func translateClass(p string) (class string, n int, err error) {
	var out strings.Builder
	i := 1
	out.WriteByte('[')
	if strings.HasPrefix(p[i:], "^") {
		out.WriteByte('^')
		i++
	}
	for first := true; ; first = false {
		if i >= len(p) {
			return "", 0, fmt.Errorf("unmatched [")
		}
		switch {
		case p[i] == ']' && !first:
			out.WriteByte(']')
			return out.String(), i + 1, nil
		case p[i] == ']':
			return "", 0, fmt.Errorf("empty brackets")
		case strings.HasPrefix(p[i:], "[:"):
			inside, n, err := translatePOSIX(p[i:])
			if err != nil {
				return "", 0, err
			}
			out.WriteString(inside)
			i += n
		case strings.HasPrefix(p[i:], "[^"):
			return "", 0, fmt.Errorf("[^ within brackets is not supported")
		case p[i] == '[':
			inner, n, err := translateClass(p[i:])
			if err != nil {
				return "", 0, err
			}
			out.WriteString(inner[1 : len(inner)-1]) // a union
			i += n
		case strings.HasPrefix(p[i:], "&&"):
			return "", 0, fmt.Errorf("&& within brackets is not supported")
		case p[i] == '\\':
			inside, n, err := translateEscape(p[i:])
			if err != nil {
				return "", 0, err
			}
			out.WriteString(inside)
			i += n
		case p[i] == '-' && !first && i+1 < len(p) && p[i+1] != ']':
			if i+1 < len(p) && p[i+1] == '[' {
				return "", 0, fmt.Errorf("brackets within brackets are not supported")
			}
			out.WriteByte('-') // a range; Go refuses it where an end is no character
			i++
		default:
			r, n := utf8.DecodeRuneInString(p[i:])
			out.WriteString(hex(r))
			i += n
		}
	}
}

// asBytes returns a finder over bytes for a pattern that is a sequence of
// single characters, such as [0-9][0-9][0-9]. Over raw text it exists where all
// of them are ASCII; in the byte-level alphabet, always.
func asBytes(pattern string, alphabet bool) (byteSequence, bool) {
	tr := translator{p: pattern}
	expr, err := tr.translate(false)
	if err != nil || len(tr.tests) > 0 {
		return nil, false
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, false
	}
	var sets byteSequence
	if !appendSets(&sets, tree.Simplify(), alphabet) || len(sets) == 0 {
		return nil, false
	}
	return sets, true
}

func appendSets(sets *byteSequence, re *syntax.Regexp, alphabet bool) bool {
	add := func(in func(r rune) bool) {
		var set byteSet
		for b, r := range byteRunes {
			if !alphabet {
				r = rune(b)
			}
			set[b] = in(r)
		}
		*sets = append(*sets, set)
	}
	switch re.Op {
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !appendSets(sets, sub, alphabet) {
				return false
			}
		}
		return true
	case syntax.OpLiteral:
		for _, want := range re.Rune {
			if !alphabet && want >= utf8.RuneSelf || re.Flags&syntax.FoldCase != 0 {
				return false
			}
			add(func(r rune) bool { return r == want })
		}
		return true
	case syntax.OpCharClass:
		ranges := re.Rune // pairs
		if !alphabet && len(ranges) > 0 && ranges[len(ranges)-1] >= utf8.RuneSelf {
			return false
		}
		add(func(r rune) bool {
			for i := 0; i < len(ranges); i += 2 {
				if ranges[i] <= r && r <= ranges[i+1] {
					return true
				}
			}
			return false
		})
		return true
	}
	return false
}
