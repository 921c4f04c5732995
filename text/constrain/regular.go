package constrain

// Regexp returns the grammar of the texts that a regular expression matches from beginning to end. Its dialect is
// that of ECMA 262, as JSON schemas have it; references, looking ahead or behind, and \b are errors.
func Regexp(source string) (*Grammar, error) {
	e, err := parseRegexp(source)
	if err != nil {
		return nil, err
	}
	l, err := plainLexeme(e)
	if err != nil {
		return nil, err
	}
	b := newBuilder()
	root := b.rule("the expression")
	r := b.g.rules[root]
	b.write(r.begin, r.end, l)
	return b.finish(root)
}

// plainLexeme is a lexeme of the texts that an expression over characters matches.
func plainLexeme(e *expr) (*lexeme, error) {
	d, err := compile(e)
	if err == nil {
		d, err = d.minimal().spelled(utf8Spellings)
	}
	if err != nil {
		return nil, err
	}
	return newLexeme(d.minimal()), nil
}
