package jinja

import "slices"

// A parser makes a tree of tokens (jinja2/parser.py).
type parser struct {
	tokens []token
	at     int
	depth  int // of statements and expressions
	loops  int // around the statement, in the same macro
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != endToken {
		p.at++
	}
	return t
}

// is reports whether an operator or a word comes.
func (p *parser) is(k kind, s string) bool {
	t := p.peek()
	return t.kind == k && t.text == s
}

func (p *parser) operator(s string) bool {
	if p.is(operatorToken, s) {
		p.at++
		return true
	}
	return false
}

func (p *parser) word(s string) bool {
	if p.is(nameToken, s) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(s string) {
	if !p.operator(s) {
		p.unexpected("want " + s)
	}
}

func (p *parser) name(what string) string {
	t := p.next()
	if t.kind != nameToken {
		fail(t.line, "%v where %s should be", t, what)
	}
	return t.text
}

func (p *parser) unexpected(want string) {
	t := p.peek()
	fail(t.line, "unexpected %v: %s", t, want)
}

// deeper counts how deep the tree is, and returns what takes it back.
func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxDepth {
		fail(p.peek().line, "nested more than %d deep", maxDepth)
	}
	return func() { p.depth-- }
}

// closeTag takes %}.
func (p *parser) closeTag() {
	if t := p.next(); t.kind != tagEnd {
		fail(t.line, "unexpected %v: want %%}", t)
	}
}

// parseBody takes statements up to a tag of one of the words ends, whose name it
// returns. With no ends, that is the end of the template.
func (p *parser) parseBody(ends ...string) ([]stmt, string) {
	defer p.deeper()()
	opened := p.tokens[max(0, p.at-1)].line
	var all []stmt
	for {
		switch t := p.next(); t.kind {
		case dataToken:
			all = append(all, dataStmt{t.text})
		case printBegin:
			s := outputStmt{t.line, p.parseTuple()}
			if e := p.next(); e.kind != printEnd {
				fail(e.line, "unexpected %v: want }}", e)
			}
			all = append(all, s)
		case tagBegin:
			if w := p.peek(); w.kind == nameToken && slices.Contains(ends, w.text) {
				p.at++
				return all, w.text
			}
			all = append(all, p.parseStatement()...)
		default:
			if len(ends) > 0 {
				fail(opened, "%s is missing", ends[len(ends)-1])
			}
			return all, ""
		}
	}
}

// parseStatement takes a statement behind {%.
func (p *parser) parseStatement() []stmt {
	t := p.next()
	line := t.line
	if t.kind != nameToken {
		fail(line, "%v where the name of a statement should be", t)
	}
	switch t.text {
	case "if":
		return []stmt{p.parseIf(line)}
	case "for":
		return []stmt{p.parseFor(line)}
	case "set":
		return []stmt{p.parseSet(line)}
	case "macro":
		return []stmt{p.parseMacro(line)}
	case "call":
		return []stmt{p.parseCall(line)}
	case "break", "continue":
		p.closeTag()
		if p.loops == 0 {
			fail(line, "%s outside of a loop", t.text)
		}
		return []stmt{loopControl{t.text == "break"}}
	case "generation":
		p.closeTag()
		body, _ := p.parseBody("endgeneration")
		p.closeTag()
		return body
	}
	fail(line, "statement %s is not supported", t.text)
	return nil
}

func (p *parser) parseIf(line int) stmt {
	s := ifStmt{line: line, cond: p.parseTuple()}
	p.closeTag()
	var end string
	s.then, end = p.parseBody("elif", "else", "endif")
	switch end {
	case "elif":
		defer p.deeper()()
		s.els = []stmt{p.parseIf(p.peek().line)}
		return s
	case "else":
		p.closeTag()
		s.els, _ = p.parseBody("endif")
	}
	p.closeTag()
	return s
}

func (p *parser) parseFor(line int) stmt {
	s := forStmt{line: line, target: p.parseAssignTarget(false)}
	if !p.word("in") {
		p.unexpected("want in")
	}
	s.over = p.parseTupleNoCond()
	if p.word("if") {
		s.cond = p.parseExpression()
	}
	if p.is(nameToken, "recursive") {
		fail(line, "recursive loops are not supported")
	}
	p.closeTag()
	var end string
	p.loops++
	s.body, end = p.parseBody("else", "endfor")
	p.loops--
	if end == "else" {
		p.closeTag()
		s.els, _ = p.parseBody("endfor")
	}
	p.closeTag()
	return s
}

// parseAssignTarget takes what is assigned to; an attribute only where that is allowed.
func (p *parser) parseAssignTarget(attr bool) assignTarget {
	parens := p.operator("(")
	t := assignTarget{many: parens}
	for {
		n := p.name("a name")
		if slices.Contains(reserved, n) {
			fail(p.peek().line, "%s cannot be assigned to", n)
		}
		t.names = append(t.names, n)
		if attr && len(t.names) == 1 && p.operator(".") {
			t.attr = p.name("an attribute")
			return t
		}
		if !p.operator(",") {
			break
		}
		t.many = true
		if p.peek().kind != nameToken || p.is(nameToken, "in") {
			break
		}
	}
	if parens {
		p.expect(")")
	}
	return t
}

func (p *parser) parseSet(line int) stmt {
	t := p.parseAssignTarget(true)
	if p.operator("=") {
		s := assignStmt{line, t, p.parseTuple()}
		p.closeTag()
		return s
	}
	s := assignBlockStmt{line: line, target: t}
	for p.operator("|") {
		s.filters = append(s.filters, p.parseFilter())
	}
	p.closeTag()
	s.body, _ = p.parseBody("endset")
	p.closeTag()
	return s
}

func (p *parser) parseMacro(line int) stmt {
	s := macroStmt{line: line, name: p.name("the name of a macro")}
	p.expect("(")
	p.parseParams(&s)
	p.closeTag()
	p.parseMacroBody(&s, "endmacro")
	return s
}
