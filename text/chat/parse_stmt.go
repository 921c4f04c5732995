package chat

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

// body takes statements up to a tag of one of the words ends, whose name it
// returns. With no ends, that is the end of the template.
func (p *parser) body(ends ...string) ([]stmt, string) {
	defer p.deeper()()
	opened := p.tokens[max(0, p.at-1)].line
	var all []stmt
	for {
		switch t := p.next(); t.kind {
		case dataToken:
			all = append(all, dataStmt{t.text})
		case printBegin:
			s := printStmt{t.line, p.tuple()}
			if e := p.next(); e.kind != printEnd {
				fail(e.line, "unexpected %v: want }}", e)
			}
			all = append(all, s)
		case tagBegin:
			if w := p.peek(); w.kind == nameToken && slices.Contains(ends, w.text) {
				p.at++
				return all, w.text
			}
			all = append(all, p.statement()...)
		default:
			if len(ends) > 0 {
				fail(opened, "%s is missing", ends[len(ends)-1])
			}
			return all, ""
		}
	}
}

// statement takes a statement behind {%.
func (p *parser) statement() []stmt {
	t := p.next()
	line := t.line
	if t.kind != nameToken {
		fail(line, "%v where the name of a statement should be", t)
	}
	switch t.text {
	case "if":
		return []stmt{p.ifs(line)}
	case "for":
		return []stmt{p.fors(line)}
	case "set":
		return []stmt{p.set(line)}
	case "macro":
		return []stmt{p.macro(line)}
	case "break", "continue":
		p.closeTag()
		if p.loops == 0 {
			fail(line, "%s outside of a loop", t.text)
		}
		return []stmt{loopControl{t.text == "break"}}
	case "generation":
		p.closeTag()
		body, _ := p.body("endgeneration")
		p.closeTag()
		return body
	}
	fail(line, "statement %s is not supported", t.text)
	return nil
}

func (p *parser) ifs(line int) stmt {
	s := ifStmt{line: line, cond: p.tuple()}
	p.closeTag()
	var end string
	s.then, end = p.body("elif", "else", "endif")
	switch end {
	case "elif":
		defer p.deeper()()
		s.els = []stmt{p.ifs(p.peek().line)}
		return s
	case "else":
		p.closeTag()
		s.els, _ = p.body("endif")
	}
	p.closeTag()
	return s
}

func (p *parser) fors(line int) stmt {
	s := forStmt{line: line, target: p.target(false)}
	if !p.word("in") {
		p.unexpected("want in")
	}
	s.over = p.tupleNoChoice()
	if p.word("if") {
		s.cond = p.expression()
	}
	if p.is(nameToken, "recursive") {
		fail(line, "recursive loops are not supported")
	}
	p.closeTag()
	var end string
	p.loops++
	s.body, end = p.body("else", "endfor")
	p.loops--
	if end == "else" {
		p.closeTag()
		s.els, _ = p.body("endfor")
	}
	p.closeTag()
	return s
}

// target takes what is assigned to; an attribute only where that is allowed.
func (p *parser) target(attr bool) target {
	parens := p.operator("(")
	t := target{many: parens}
	for {
		n := p.name("a name")
		if slices.Contains(keywords, n) {
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

func (p *parser) set(line int) stmt {
	t := p.target(true)
	if p.operator("=") {
		s := setStmt{line, t, p.tuple()}
		p.closeTag()
		return s
	}
	s := blockSetStmt{line: line, target: t}
	for p.operator("|") {
		s.filters = append(s.filters, p.filter())
	}
	p.closeTag()
	s.body, _ = p.body("endset")
	p.closeTag()
	return s
}

func (p *parser) macro(line int) stmt {
	s := macroStmt{line: line, name: p.name("the name of a macro")}
	p.expect("(")
	for !p.operator(")") {
		if len(s.params) > 0 {
			p.expect(",")
			if p.operator(")") {
				break
			}
		}
		s.params = append(s.params, p.name("a parameter"))
		if p.operator("=") {
			s.defaults = append(s.defaults, p.expression())
		} else if len(s.defaults) > 0 {
			fail(line, "macro %s: a parameter without a default behind one that has one", s.name)
		}
	}
	p.closeTag()
	loops := p.loops
	p.loops = 0
	s.body, _ = p.body("endmacro")
	p.loops = loops
	p.closeTag()
	return s
}
