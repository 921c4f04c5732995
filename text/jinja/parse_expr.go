package jinja

import (
	"slices"
	"strconv"
)

// reserved words are not names.
var reserved = []string{"true", "false", "none", "True", "False", "None",
	"and", "or", "not", "in", "is", "if", "else", "loop"}

// parseTuple takes an expression, or several with commas between.
func (p *parser) parseTuple() expr { return p.parseTupleOf(p.parseExpression) }

// parseTupleNoCond is parseTuple where an if is not part of the expression.
func (p *parser) parseTupleNoCond() expr { return p.parseTupleOf(p.parseOr) }

func (p *parser) parseTupleOf(one func() expr) expr {
	e := one()
	if !p.is(operatorToken, ",") {
		return e
	}
	items := []expr{e}
	for p.operator(",") {
		if k := p.peek().kind; k == printEnd || k == tagEnd || p.is(operatorToken, ")") || p.is(operatorToken, "=") {
			break
		}
		items = append(items, one())
	}
	return listExpr{items, true}
}

func (p *parser) parseExpression() expr {
	defer p.deeper()()
	e := p.parseOr()
	for p.word("if") {
		c := condExpr{cond: p.parseOr(), then: e}
		if p.word("else") {
			c.els = p.parseExpression()
		}
		e = c
	}
	return e
}

// parseLeftAssociative takes operands with operators between that group to the left. Each makes
// the tree a level deeper.
func (p *parser) parseLeftAssociative(
	operand func() expr, op func() (string, bool), join func(line int, op string, a, b expr) expr,
) expr {
	e := operand()
	before := p.depth
	for {
		line := p.peek().line
		o, ok := op()
		if !ok {
			p.depth = before
			return e
		}
		p.deeper()
		e = join(line, o, e, operand())
	}
}

func (p *parser) parseOr() expr {
	return p.parseLeftAssociative(p.parseAnd, func() (string, bool) { return "or", p.word("or") },
		func(_ int, _ string, a, b expr) expr { return logicExpr{true, a, b} })
}

func (p *parser) parseAnd() expr {
	return p.parseLeftAssociative(p.parseNot, func() (string, bool) { return "and", p.word("and") },
		func(_ int, _ string, a, b expr) expr { return logicExpr{false, a, b} })
}

func (p *parser) parseNot() expr {
	line := p.peek().line
	if p.word("not") {
		defer p.deeper()()
		return unaryExpr{line, "not", p.parseNot()}
	}
	return p.parseCompare()
}

func (p *parser) parseCompare() expr {
	c := compareExpr{line: p.peek().line, first: p.parseSum()}
	for {
		t := p.peek()
		switch {
		case t.kind == operatorToken && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, t.text):
			p.at++
			c.ops = append(c.ops, t.text)
		case p.word("in"):
			c.ops = append(c.ops, "in")
		case p.is(nameToken, "not") && p.tokens[p.at+1].kind == nameToken && p.tokens[p.at+1].text == "in":
			p.at += 2
			c.ops = append(c.ops, "not in")
		case len(c.ops) == 0:
			return c.first
		default:
			return c
		}
		c.rest = append(c.rest, p.parseSum())
	}
}

func (p *parser) parseBinary(operand func() expr, ops ...string) expr {
	return p.parseLeftAssociative(operand, func() (string, bool) {
		t := p.peek()
		if t.kind == operatorToken && slices.Contains(ops, t.text) {
			p.at++
			return t.text, true
		}
		return "", false
	}, func(line int, op string, a, b expr) expr { return binaryExpr{line, op, a, b} })
}

func (p *parser) parseSum() expr     { return p.parseBinary(p.parseConcat, "+", "-") }
func (p *parser) parseConcat() expr  { return p.parseBinary(p.parseProduct, "~") }
func (p *parser) parseProduct() expr { return p.parseBinary(p.parsePow, "*", "/", "//", "%") }
func (p *parser) parsePow() expr {
	return p.parseBinary(func() expr { return p.parseUnary(true) }, "**")
}

func (p *parser) parseUnary(filters bool) expr {
	defer p.deeper()()
	line := p.peek().line
	var e expr
	switch {
	case p.operator("-"):
		e = unaryExpr{line, "-", p.parseUnary(false)}
	case p.operator("+"):
		e = unaryExpr{line, "+", p.parseUnary(false)}
	default:
		e = p.parsePrimary()
	}
	before := p.depth
	e = p.parsePostfix(e)
	if filters {
		e = p.parseFilterExpr(e)
	}
	p.depth = before
	return e
}

func (p *parser) parsePrimary() expr {
	t := p.next()
	switch t.kind {
	case nameToken:
		switch t.text {
		case "true", "True":
			return constExpr{true}
		case "false", "False":
			return constExpr{false}
		case "none", "None":
			return constExpr{nil}
		}
		if t.text != "loop" && slices.Contains(reserved, t.text) {
			fail(t.line, "unexpected %v: want an expression", t)
		}
		return nameExpr{t.line, t.text}
	case intToken:
		v, err := strconv.ParseInt(t.text, 10, 64)
		if err != nil {
			fail(t.line, "number %.40s is too large", t.text)
		}
		return constExpr{v}
	case floatToken:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			fail(t.line, "number %.40s is too large", t.text)
		}
		return constExpr{v}
	case stringToken:
		s := t.text
		for p.peek().kind == stringToken {
			s += p.next().text
		}
		return constExpr{plain(s)}
	case operatorToken:
		switch t.text {
		case "(":
			if p.operator(")") {
				return listExpr{tuple: true}
			}
			e := p.parseTuple()
			p.expect(")")
			return e
		case "[":
			return listExpr{p.parseItems("]"), false}
		case "{":
			return p.parseDict(t.line)
		}
	}
	fail(t.line, "unexpected %v: want an expression", t)
	return nil
}

// parseItems takes expressions up to a bracket.
func (p *parser) parseItems(end string) (all []expr) {
	for !p.operator(end) {
		if len(all) > 0 {
			p.expect(",")
			if p.operator(end) {
				break
			}
		}
		all = append(all, p.parseExpression())
	}
	return all
}

func (p *parser) parseDict(line int) expr {
	d := dictExpr{line: line}
	for !p.operator("}") {
		if len(d.keys) > 0 {
			p.expect(",")
			if p.operator("}") {
				break
			}
		}
		d.keys = append(d.keys, p.parseExpression())
		p.expect(":")
		d.values = append(d.values, p.parseExpression())
	}
	return d
}

func (p *parser) parsePostfix(e expr) expr {
	for {
		line := p.peek().line
		switch {
		case p.operator("."):
			t := p.next()
			switch t.kind {
			case nameToken:
				e = getattrExpr{line, e, t.text}
			case intToken:
				n, _ := strconv.ParseInt(t.text, 10, 64)
				e = getitemExpr{line, e, constExpr{n}}
			default:
				fail(t.line, "%v where an attribute should be", t)
			}
		case p.operator("["):
			e = p.parseSubscript(line, e)
		case p.operator("("):
			e = callExpr{line, e, p.parseCallArgs()}
		default:
			return e
		}
		p.deeper()
	}
}

func (p *parser) parseSubscript(line int, of expr) expr {
	part := func() expr {
		if p.is(operatorToken, ":") || p.is(operatorToken, "]") {
			return nil
		}
		return p.parseExpression()
	}
	if p.is(operatorToken, "]") {
		fail(line, "an index is missing")
	}
	begin := part()
	if p.operator("]") {
		return getitemExpr{line, of, begin}
	}
	s := sliceExpr{line: line, of: of, begin: begin}
	p.expect(":")
	s.end = part()
	if p.operator(":") {
		s.step = part()
	}
	p.expect("]")
	return s
}

// parseCallArgs takes those of a call, up to its parenthesis.
func (p *parser) parseCallArgs() (a argNodes) {
	for first := true; !p.operator(")"); first = false {
		if !first {
			p.expect(",")
			if p.operator(")") {
				break
			}
		}
		t := p.peek()
		if p.operator("*") {
			if a.star != nil || a.stars != nil {
				fail(t.line, "a second * in a call")
			}
			a.star = p.parseExpression()
			continue
		}
		if p.operator("**") {
			if a.stars != nil {
				fail(t.line, "a second ** in a call")
			}
			a.stars = p.parseExpression()
			continue
		}
		next := p.tokens[min(p.at+1, len(p.tokens)-1)]
		if t.kind == nameToken && next.kind == operatorToken && next.text == "=" && a.stars == nil {
			p.at += 2
			a.names = append(a.names, t.text)
			a.named = append(a.named, p.parseExpression())
			continue
		}
		if len(a.named) > 0 || a.star != nil || a.stars != nil {
			fail(t.line, "an argument without a name behind one that has one, or behind *")
		}
		a.args = append(a.args, p.parseExpression())
	}
	return a
}

// parseFilterExpr takes filters, tests and calls behind an operand.
func (p *parser) parseFilterExpr(e expr) expr {
	for {
		line := p.peek().line
		switch {
		case p.operator("|"):
			e = filterExpr{e, p.parseFilter()}
		case p.word("is"):
			e = p.parseTest(line, e)
		case p.operator("("):
			e = callExpr{line, e, p.parseCallArgs()}
		default:
			return e
		}
		p.deeper()
	}
}

// parseFilter takes a filter behind its |.
func (p *parser) parseFilter() filterCall {
	f := filterCall{line: p.peek().line, name: p.name("the name of a filter")}
	for p.operator(".") {
		f.name += "." + p.name("the name of a filter")
	}
	var ok bool
	if f.filter, ok = filters[f.name]; !ok {
		fail(f.line, "filter %s is not supported", f.name)
	}
	if p.operator("(") {
		f.args = p.parseCallArgs()
	}
	return f
}

// notArguments are words that cannot be the argument of a test without parentheses.
var notArguments = []string{"else", "or", "and", "is", "if", "in", "not", "recursive"}

// parseTest takes a test behind is.
func (p *parser) parseTest(line int, of expr) expr {
	t := testExpr{line: line, of: of, negate: p.word("not")}
	if w := p.peek(); w.kind == nameToken {
		t.name = p.next().text
	} else {
		p.unexpected("want the name of a test")
	}
	var ok bool
	if t.test, ok = tests[t.name]; !ok {
		fail(line, "test %s is not supported", t.name)
	}
	switch next := p.peek(); {
	case p.operator("("):
		a := p.parseCallArgs()
		if len(a.named) > 0 || a.star != nil || a.stars != nil {
			fail(line, "test %s: named arguments, * and ** are not supported", t.name)
		}
		t.args = a.args
	case t.test.args > 0,
		next.kind == stringToken, next.kind == intToken, next.kind == floatToken,
		next.kind == operatorToken && (next.text == "[" || next.text == "{"),
		next.kind == nameToken && !slices.Contains(notArguments, next.text):
		t.args = []expr{p.parsePostfix(p.parsePrimary())}
	}
	if len(t.args) != t.test.args {
		fail(line, "test %s takes %d arguments, not %d", t.name, t.test.args, len(t.args))
	}
	return t
}
