package jinja

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// An Error says what is wrong with a template, and where.
type Error struct {
	Line int
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// fail leaves the parser or the evaluation, to be caught at the package's border.
func fail(line int, format string, args ...any) {
	panic(&Error{line, fmt.Sprintf(format, args...)})
}

// catch turns a failure into an error.
func catch(err *error) {
	switch e := recover().(type) {
	case nil:
	case *Error:
		*err = e
	case interrupted:
		*err = e.error
	default:
		panic(e)
	}
}

type kind int

const (
	dataToken     kind = iota // text outside of tags
	printBegin                // {{
	printEnd                  // }}
	tagBegin                  // {%
	tagEnd                    // %}
	nameToken                 // and keywords
	intToken                  // digits
	floatToken                // digits
	stringToken               // its value
	operatorToken             // punctuation
	endToken
)

type token struct {
	kind kind
	text string
	line int
}

func (t token) String() string {
	switch t.kind {
	case dataToken:
		return "text"
	case printBegin:
		return "{{"
	case printEnd:
		return "}}"
	case tagBegin:
		return "{%"
	case tagEnd:
		return "%}"
	case endToken:
		return "the end of the template"
	case stringToken:
		return fmt.Sprintf("%.40q", t.text)
	}
	return t.text
}

// A lexer splits a template into tokens (jinja2/lexer.py).
type lexer struct {
	src       string
	at        int
	line      int
	lineStart bool // the last tag took the end of its line with it
	tokens    []token
}

func lex(src string) []token {
	src = strings.ReplaceAll(strings.ReplaceAll(src, "\r\n", "\n"), "\r", "\n")
	l := &lexer{src: strings.TrimSuffix(src, "\n"), line: 1, lineStart: true}
	for l.at < len(l.src) {
		l.next()
	}
	l.emit(endToken, "")
	return l.tokens
}

func (l *lexer) emit(k kind, s string) { l.tokens = append(l.tokens, token{k, s, l.line}) }

// skip moves on and counts lines.
func (l *lexer) skip(n int) {
	l.line += strings.Count(l.src[l.at:l.at+n], "\n")
	l.at += n
}

// next takes the text up to a tag, and the tag.
func (l *lexer) next() {
	open := l.open(l.at)
	data := l.src[l.at:open]
	sign := byte(0)
	if open+2 < len(l.src) {
		sign = l.src[open+2]
	}
	kept := data
	switch {
	case open == len(l.src):
	case sign == '-':
		kept = strings.TrimRightFunc(data, isSpace)
	case sign != '+' && l.src[open+1] != '{':
		kept = l.lstripped(data)
	}
	if kept != "" {
		l.emit(dataToken, kept)
	}
	l.skip(len(data))
	if open == len(l.src) {
		return
	}
	size := 2
	if sign == '-' || sign == '+' {
		size = 3
	}
	switch l.src[open+1] {
	case '#':
		l.comment()
	case '{':
		l.emit(printBegin, "{{")
		l.skip(size)
		l.inside(printEnd, "}}")
	default:
		if l.raw() {
			return
		}
		l.emit(tagBegin, "{%")
		l.skip(size)
		l.inside(tagEnd, "%}")
	}
}

// lstripped is lstrip_blocks: the text before a tag, without white space that is alone before the tag
// on its line.
func (l *lexer) lstripped(data string) string {
	begin := strings.LastIndexByte(data, '\n') + 1
	if (begin > 0 || l.lineStart) && strings.TrimLeftFunc(data[begin:], isSpace) == "" {
		return data[:begin]
	}
	return data
}

// open returns where the next tag begins.
func (l *lexer) open(at int) int {
	for {
		i := strings.IndexByte(l.src[at:], '{')
		if i < 0 || at+i+1 >= len(l.src) {
			return len(l.src)
		}
		at += i
		if strings.IndexByte("{%#", l.src[at+1]) >= 0 {
			return at
		}
		at++
	}
}

func (l *lexer) comment() {
	i := strings.Index(l.src[l.at+2:], "#}")
	if i < 0 {
		fail(l.line, "a comment {# is not closed")
	}
	sign := l.src[l.at+2+i-1]
	if i == 0 {
		sign = 0
	}
	l.skip(2 + i)
	l.closed(2, sign, true)
}

// closed moves behind the end of a tag and takes white space after it.
func (l *lexer) closed(n int, sign byte, block bool) {
	l.skip(n)
	rest := l.src[l.at:]
	space := 0
	switch {
	case sign == '-':
		space = len(rest) - len(strings.TrimLeftFunc(rest, isSpace))
	case sign != '+' && block && strings.HasPrefix(rest, "\n"):
		space = 1 // trim_blocks
	}
	l.lineStart = space > 0 && rest[space-1] == '\n'
	l.skip(space)
}

// tag returns how long the tag of one word is that begins at i, its signs, and
// whether it is one.
func (l *lexer) tag(i int, word string) (n int, before, after byte, ok bool) {
	s := l.src[i:]
	if !strings.HasPrefix(s, "{%") {
		return 0, 0, 0, false
	}
	p := 2
	if p < len(s) && (s[p] == '-' || s[p] == '+') {
		before = s[p]
		p++
	}
	p += len(s[p:]) - len(strings.TrimLeftFunc(s[p:], isSpace))
	if !strings.HasPrefix(s[p:], word) {
		return 0, 0, 0, false
	}
	p += len(word)
	p += len(s[p:]) - len(strings.TrimLeftFunc(s[p:], isSpace))
	if p < len(s) && (s[p] == '-' || s[p] == '+') {
		after = s[p]
		p++
	}
	return p + 2, before, after, strings.HasPrefix(s[p:], "%}")
}

// raw takes {% raw %} … {% endraw %}, if that is what comes.
func (l *lexer) raw() bool {
	n, _, after, ok := l.tag(l.at, "raw")
	if !ok {
		return false
	}
	line := l.line
	l.closed(n, after, false)
	for end := l.at; ; end++ {
		i := strings.Index(l.src[end:], "{%")
		if i < 0 {
			fail(line, "raw is not closed by endraw")
		}
		end += i
		n, before, after, ok := l.tag(end, "endraw")
		if !ok {
			continue
		}
		data := l.src[l.at:end]
		kept := data
		switch before {
		case '-':
			kept = strings.TrimRightFunc(data, isSpace)
		case '+':
		default:
			kept = l.lstripped(data)
		}
		if kept != "" {
			l.emit(dataToken, kept)
		}
		l.skip(len(data))
		l.closed(n, after, true)
		return true
	}
}

// operators, longest first.
var operators = []string{"**", "//", "==", "!=", ">=", "<=",
	"+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"}

// inside takes the tokens of a tag up to its end.
func (l *lexer) inside(end kind, mark string) {
	opened := l.line
	var brackets []byte
	for {
		rest := l.src[l.at:]
		trimmed := strings.TrimLeftFunc(rest, isSpace)
		l.skip(len(rest) - len(trimmed))
		rest = trimmed
		if rest == "" {
			fail(opened, "a tag is not closed by %s", mark)
		}
		if len(brackets) == 0 {
			sign := byte(0)
			if rest[0] == '-' || rest[0] == '+' {
				sign = rest[0]
			}
			body := rest
			if sign != 0 {
				body = rest[1:]
			}
			if strings.HasPrefix(body, mark) {
				l.emit(end, mark)
				l.closed(len(rest)-len(body)+len(mark), sign, end == tagEnd)
				return
			}
		}
		switch c := rest[0]; {
		case c == '\'' || c == '"':
			l.quoted(rest)
		case c >= '0' && c <= '9':
			l.number(rest)
		case wordByte(c) || c >= utf8.RuneSelf:
			n := 0
			for n < len(rest) && (wordByte(rest[n]) || rest[n] >= '0' && rest[n] <= '9') {
				n++
			}
			if n == 0 {
				r, _ := utf8.DecodeRuneInString(rest)
				fail(l.line, "unexpected character %q", r)
			}
			l.emit(nameToken, rest[:n])
			l.skip(n)
		default:
			l.operator(rest, &brackets)
		}
	}
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

func wordByte(c byte) bool { return c == '_' || lower(c) >= 'a' && lower(c) <= 'z' }

func (l *lexer) operator(rest string, brackets *[]byte) {
	for _, op := range operators {
		if !strings.HasPrefix(rest, op) {
			continue
		}
		switch op[0] {
		case '(', '[', '{':
			*brackets = append(*brackets, map[byte]byte{'(': ')', '[': ']', '{': '}'}[op[0]])
		case ')', ']', '}':
			n := len(*brackets)
			if n == 0 || (*brackets)[n-1] != op[0] {
				fail(l.line, "unexpected %s", op)
			}
			*brackets = (*brackets)[:n-1]
		}
		l.emit(operatorToken, op)
		l.skip(len(op))
		return
	}
	r, _ := utf8.DecodeRuneInString(rest)
	fail(l.line, "unexpected character %q", r)
}

func (l *lexer) number(rest string) {
	digits := func(n int) int {
		for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '_') {
			n++
		}
		return n
	}
	k, n := intToken, digits(0)
	if n+1 < len(rest) && rest[n] == '.' && rest[n+1] >= '0' && rest[n+1] <= '9' {
		k, n = floatToken, digits(n+1)
	}
	if n < len(rest) && lower(rest[n]) == 'e' {
		p := n + 1
		if p < len(rest) && (rest[p] == '+' || rest[p] == '-') {
			p++
		}
		if q := digits(p); q > p {
			k, n = floatToken, q
		}
	}
	l.emit(k, strings.ReplaceAll(rest[:n], "_", ""))
	l.skip(n)
}

// quoted takes a string. Its escapes are Python's.
func (l *lexer) quoted(rest string) {
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == rest[0]:
			l.emit(stringToken, b.String())
			l.skip(i + 1)
			return
		case c == '\\' && i+1 < len(rest):
			n := unescape(&b, rest[i+1:])
			i += n
		default:
			b.WriteByte(c)
		}
	}
	fail(l.line, "a string is not closed by %c", rest[0])
}

// unescape writes what stands behind a backslash, and returns how much of s that
// was. What is no escape stays as it is.
func unescape(b *strings.Builder, s string) int {
	const plain = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v"
	for i := 0; i < len(plain); i += 2 {
		if plain[i] == s[0] {
			b.WriteByte(plain[i+1])
			return 1
		}
	}
	number := func(at, n, base int) int {
		v, i := 0, at
		for i < len(s) && i < at+n {
			d := strings.IndexByte("0123456789abcdef", lower(s[i]))
			if d < 0 || d >= base {
				break
			}
			v, i = v*base+d, i+1
		}
		if base == 16 && i < at+n {
			b.WriteByte('\\')
			return 0
		}
		b.WriteRune(rune(v))
		return i
	}
	switch c := s[0]; {
	case c == '\n':
		return 1
	case c == 'x':
		return number(1, 2, 16)
	case c == 'u':
		return number(1, 4, 16)
	case c == 'U':
		return number(1, 8, 16)
	case c >= '0' && c <= '7':
		return number(0, 3, 8)
	}
	b.WriteByte('\\')
	return 0
}
