package constrain

import "fmt"

// Regexp returns the grammar of the texts that a regular expression matches from beginning to end. Its dialect is
// that of ECMA 262, as JSON schemas have it; references, looking ahead or behind, and \b are errors.
func Regexp(source string) (*Grammar, error) {
	e, err := parseRegexp(source)
	if err != nil {
		return nil, err
	}
	l, err := newEffort().plainLexeme(e)
	if err != nil {
		return nil, fmt.Errorf("regular expression %q %w", abridged(source), err)
	}
	b := newBuilder()
	root := b.rule("the expression")
	r := b.g.rules[root]
	b.write(r.begin, r.end, l)
	return b.finish(root)
}

// plainLexeme is a lexeme of the texts that an expression over characters matches.
func (w *effort) plainLexeme(e *expr) (*lexeme, error) {
	d, err := w.compile(e)
	if err == nil {
		d, err = w.spelled(w.minimal(d), utf8Spellings)
	}
	if err != nil {
		return nil, err
	}
	l := w.table(w.minimal(d))
	if w.left < 0 {
		return nil, errEffort
	}
	return l, nil
}
