package jinja

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A text is a string that knows where its bytes come from.
type text struct {
	s     string
	marks []mark // ascending, not empty, apart; what none covers is the template's
}

// A mark says that bytes from … to−1 come from elsewhere.
type mark struct{ from, to, source int }

func plain(s string) text { return text{s: s} }

func from(s string, source int) text {
	if s == "" || source == FromTemplate {
		return text{s: s}
	}
	return text{s, []mark{{0, len(s), source}}}
}

// slice returns bytes i … j−1.
func (t text) slice(i, j int) text {
	out := text{s: t.s[i:j]}
	k, _ := slices.BinarySearchFunc(t.marks, i, func(m mark, i int) int { return m.to - i - 1 })
	for ; k < len(t.marks) && t.marks[k].from < j; k++ {
		m := t.marks[k]
		out.marks = append(out.marks, mark{max(m.from, i) - i, min(m.to, j) - i, m.source})
	}
	return out
}

// source is where a text that is not sliced comes from: the first mark's.
func (t text) source() int {
	if len(t.marks) == 0 {
		return FromTemplate
	}
	return t.marks[0].source
}

// mapped applies f to each stretch that is of one source.
func (t text) mapped(f func(string) string) text {
	if len(t.marks) == 0 {
		return plain(f(t.s))
	}
	var b builder
	for _, s := range t.segments() {
		b.add(from(f(s.Text), s.Source))
	}
	return b.text()
}

// segments divides the text where its source changes.
func (t text) segments() (all []Segment) {
	at := 0
	own := func(end int) {
		if at < end {
			all = append(all, Segment{t.s[at:end], FromTemplate})
		}
	}
	for _, m := range t.marks {
		own(m.from)
		all = append(all, Segment{t.s[m.from:m.to], m.source})
		at = m.to
	}
	own(len(t.s))
	return all
}

// A builder puts texts together.
type builder struct {
	s     strings.Builder
	marks []mark
}

func (b *builder) add(t text) {
	at := b.s.Len()
	b.s.WriteString(t.s)
	for _, m := range t.marks {
		m.from, m.to = m.from+at, m.to+at
		if n := len(b.marks); n > 0 && b.marks[n-1].to == m.from && b.marks[n-1].source == m.source {
			b.marks[n-1].to = m.to
			continue
		}
		b.marks = append(b.marks, m)
	}
}

func (b *builder) text() text { return text{b.s.String(), b.marks} }

// concat puts texts together.
func concat(parts ...text) text {
	var b builder
	for _, p := range parts {
		b.add(p)
	}
	return b.text()
}

// isSpace is Python's str.isspace.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// trimmed takes runes that drop wants away, from the left, the right or both.
func (t text) trimmed(left, right bool, drop func(rune) bool) text {
	i, j := 0, len(t.s)
	if left {
		i = j - len(strings.TrimLeftFunc(t.s, drop))
	}
	if right {
		j = i + len(strings.TrimRightFunc(t.s[i:], drop))
	}
	return t.slice(i, j)
}

// split divides at each sep, at most n times where n is not negative. What a part costs is
// spent before it is made.
func (t text) split(spend func(int), sep string, n int) (parts []text) {
	at := 0
	for n != 0 {
		i := strings.Index(t.s[at:], sep)
		if i < 0 {
			break
		}
		spend(costOfPart)
		parts = append(parts, t.slice(at, at+i))
		at += i + len(sep)
		n--
	}
	return append(parts, t.slice(at, len(t.s)))
}

// splitRight is split that begins at the end.
func (t text) splitRight(spend func(int), sep string, n int) []text {
	var parts []text
	end := len(t.s)
	for n != 0 {
		i := strings.LastIndex(t.s[:end], sep)
		if i < 0 {
			break
		}
		spend(costOfPart)
		parts = append([]text{t.slice(i+len(sep), end)}, parts...)
		end = i
		n--
	}
	return append([]text{t.slice(0, end)}, parts...)
}

// fields splits at runs of white space, at most n times where n is not negative.
func (t text) fields(spend func(int), n int) (parts []text) {
	at := 0
	for {
		spend(costOfPart)
		for at < len(t.s) {
			r, size := utf8.DecodeRuneInString(t.s[at:])
			if !isSpace(r) {
				break
			}
			at += size
		}
		if at == len(t.s) {
			return parts
		}
		if n == 0 {
			return append(parts, t.slice(at, len(t.s)).trimmed(false, true, isSpace))
		}
		end := strings.IndexFunc(t.s[at:], isSpace)
		if end < 0 {
			end = len(t.s) - at
		}
		parts = append(parts, t.slice(at, at+end))
		at += end
		n--
	}
}

// lines splits after each line end, which is left out: Python's str.splitlines.
func (t text) lines(spend func(int)) (parts []text) {
	for at := 0; at < len(t.s); {
		spend(costOfPart)
		i := strings.IndexAny(t.s[at:], "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		if i < 0 {
			return append(parts, t.slice(at, len(t.s)))
		}
		parts = append(parts, t.slice(at, at+i))
		if strings.HasPrefix(t.s[at+i:], "\r\n") {
			i++
		}
		_, size := utf8.DecodeRuneInString(t.s[at+i:])
		at += i + size
	}
	return parts
}

// replace puts with in the place of each old, at most n times where n is not
// negative. An empty old is between any two runes.
func (t text) replace(old string, with text, n int) text {
	var b builder
	at := 0
	for n != 0 {
		i := 0
		switch {
		case old != "":
			i = strings.Index(t.s[at:], old)
		case at > 0 && at == len(t.s):
			i = -1
		}
		if i < 0 {
			break
		}
		b.add(t.slice(at, at+i))
		b.add(with)
		at += i + len(old)
		n--
		if old == "" {
			if at == len(t.s) {
				return b.text()
			}
			_, size := utf8.DecodeRuneInString(t.s[at:])
			b.add(t.slice(at, at+size))
			at += size
			if at == len(t.s) && n != 0 {
				b.add(with)
			}
		}
	}
	b.add(t.slice(at, len(t.s)))
	return b.text()
}

// runes returns where each rune begins, and the end.
func (t text) runes() []int {
	at := make([]int, 0, len(t.s)+1)
	for i := range t.s {
		at = append(at, i)
	}
	return append(at, len(t.s))
}
