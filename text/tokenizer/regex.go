package tokenizer

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The tokenizers library matches with Oniguruma, which backtracks. Go's regexp prefers
// alternatives in the same order, so patterns without look-around match alike once \s, \d
// and the like mean the same. A pattern is translated item by item, and an item that is not
// known to mean the same in both is refused.

// regexFinder matches a translated pattern. One top-level alternative may be
// \s+(?!\S): it is then a group of main, and rest is what comes after it.
type regexFinder struct {
	main    *regexp.Regexp
	guarded bool
	rest    *regexp.Regexp // anchored; nil if the guarded alternative is the last
}

func (f *regexFinder) find(s string, i int) (start, end int) {
	if !f.guarded {
		if m := f.main.FindStringIndex(s[i:]); m != nil {
			return i + m[0], i + m[1]
		}
		return len(s), len(s)
	}
	for i < len(s) {
		m := f.main.FindStringSubmatchIndex(s[i:])
		if m == nil {
			break
		}
		start, end = i+m[0], i+m[1]
		if m[2] < 0 || end == len(s) {
			return start, end
		}
		// A run of white space before something: (?!\S) gives one
		// character back, if there are two.
		_, n := utf8.DecodeLastRuneInString(s[start:end])
		if end-n > start {
			return start, end - n
		}
		if f.rest != nil {
			if m := f.rest.FindStringIndex(s[start:]); m != nil {
				return start, start + m[1]
			}
		}
		i = end
	}
	return len(s), len(s)
}

const guard = `\s+(?!\S)`

// compileRegex returns a finder for the Oniguruma pattern.
func compileRegex(pattern string) (*regexFinder, error) {
	alternatives, err := translate(pattern)
	if err != nil {
		return nil, err
	}
	f := &regexFinder{}
	if at := slices.Index(alternatives, guard); at >= 0 {
		if slices.Contains(alternatives[at+1:], guard) {
			return nil, fmt.Errorf("%s twice is not supported", guard)
		}
		f.guarded = true
		if rest := alternatives[at+1:]; len(rest) > 0 {
			if f.rest, err = regexp.Compile(`\A(?:` + strings.Join(rest, "|") + `)`); err != nil {
				return nil, goError(err)
			}
		}
		alternatives = slices.Clone(alternatives)
		alternatives[at] = `([` + whiteSpace + `]+)`
	}
	if f.main, err = regexp.Compile(strings.Join(alternatives, "|")); err != nil {
		return nil, goError(err)
	}
	if f.main.MatchString("") {
		return nil, fmt.Errorf("it can match nothing at all, which is not supported")
	}
	return f, nil
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

// translate returns the top-level alternatives of an Oniguruma pattern (Ruby
// syntax) in Go's syntax, without capturing groups. An alternative that is
// \s+(?!\S) stays as it is.
func translate(pattern string) ([]string, error) {
	if !utf8.ValidString(pattern) {
		return nil, fmt.Errorf("it is not UTF-8")
	}
	var (
		done  []string
		out   strings.Builder
		depth int
	)
	for p := pattern; p != ""; {
		if depth == 0 && out.Len() == 0 && strings.HasPrefix(p, guard) &&
			(len(p) == len(guard) || p[len(guard)] == '|') {
			out.WriteString(guard)
			p = p[len(guard):]
			continue
		}
		switch c := p[0]; c {
		case '\\':
			inside, n, err := translateEscape(p)
			if err != nil {
				return nil, err
			}
			out.WriteString("[" + inside + "]")
			p = p[n:]
		case '[':
			class, n, err := translateClass(p)
			if err != nil {
				return nil, err
			}
			out.WriteString(class)
			p = p[n:]
		case '(':
			depth++
			switch {
			case strings.HasPrefix(p, "(?:"):
				out.WriteString("(?:")
				p = p[3:]
			case strings.HasPrefix(p, "(?i:"):
				if err := checkFold(p[4:]); err != nil {
					return nil, err
				}
				out.WriteString("(?i:")
				p = p[4:]
			case strings.HasPrefix(p, "(?"):
				return nil, fmt.Errorf("%.4s is not supported, but for %s as an alternative of its own", p, guard)
			default:
				out.WriteString("(?:")
				p = p[1:]
			}
		case ')':
			if depth--; depth < 0 {
				return nil, fmt.Errorf("unmatched )")
			}
			out.WriteByte(')')
			p = p[1:]
		case '|':
			if depth == 0 {
				done = append(done, out.String())
				out.Reset()
			} else {
				out.WriteByte('|')
			}
			p = p[1:]
		case '*', '+', '?':
			out.WriteByte(c)
			p = p[1:]
		case '{':
			n := repeatLen(p)
			if n == 0 {
				return nil, fmt.Errorf("%.8q: the braces are not {n}, {n,} or {n,m}", p)
			}
			if !strings.Contains(p[:n], ",") && strings.HasPrefix(p[n:], "?") {
				return nil, fmt.Errorf("%s? is not supported", p[:n]) // optional in Ruby, lazy in Perl
			}
			out.WriteString(p[:n])
			p = p[n:]
		case '.':
			out.WriteString(`[^\n]`)
			p = p[1:]
		case '^', '$':
			return nil, fmt.Errorf("the anchor %c is not supported", c)
		default:
			r, n := utf8.DecodeRuneInString(p)
			out.WriteString(regexp.QuoteMeta(string(r)))
			p = p[n:]
		}
	}
	if depth != 0 {
		return nil, fmt.Errorf("unmatched (")
	}
	return append(done, out.String()), nil
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
		case p[i] == '[':
			return "", 0, fmt.Errorf("brackets within brackets are not supported")
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
	alternatives, err := translate(pattern)
	if err != nil || len(alternatives) != 1 || alternatives[0] == guard {
		return nil, false
	}
	tree, err := syntax.Parse(alternatives[0], syntax.Perl)
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
