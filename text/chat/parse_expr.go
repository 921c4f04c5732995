package chat

import (
	"slices"
	"strconv"
)

// keywords are no names.
var keywords = []string{"true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else", "loop"}

// tuple takes an expression, or several with commas between.
func (p *parser) tuple() expr { return p.several(p.expression) }

// tupleNoChoice is tuple where an if is not part of the expression.
func (p *parser) tupleNoChoice() expr { return p.several(p.or) }

func (p *parser) several(one func() expr) expr {
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

func (p *parser) expression() expr {
	defer p.deeper()()
	e := p.or()
	for p.word("if") {
		c := choiceExpr{cond: p.or(), then: e}
		if p.word("else") {
			c.els = p.expression()
		}
		e = c
	}
	return e
}

// left takes operands with operators between that group to the left. Each makes
// the tree a level deeper.
func (p *parser) left(operand func() expr, op func() (string, bool), join func(line int, op string, a, b expr) expr) expr {
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

func (p *parser) or() expr {
	return p.left(p.and, func() (string, bool) { return "or", p.word("or") },
		func(_ int, _ string, a, b expr) expr { return logicExpr{true, a, b} })
}

func (p *parser) and() expr {
	return p.left(p.not, func() (string, bool) { return "and", p.word("and") },
		func(_ int, _ string, a, b expr) expr { return logicExpr{false, a, b} })
}

func (p *parser) not() expr {
	line := p.peek().line
	if p.word("not") {
		defer p.deeper()()
		return unaryExpr{line, "not", p.not()}
	}
	return p.compare()
}

func (p *parser) compare() expr {
	c := compareExpr{line: p.peek().line, first: p.sum()}
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
		c.rest = append(c.rest, p.sum())
	}
}

func (p *parser) binary(operand func() expr, ops ...string) expr {
	return p.left(operand, func() (string, bool) {
		t := p.peek()
		if t.kind == operatorToken && slices.Contains(ops, t.text) {
			p.at++
			return t.text, true
		}
		return "", false
	}, func(line int, op string, a, b expr) expr { return binaryExpr{line, op, a, b} })
}

func (p *parser) sum() expr     { return p.binary(p.joined, "+", "-") }
func (p *parser) joined() expr  { return p.binary(p.product, "~") }
func (p *parser) product() expr { return p.binary(p.power, "*", "/", "//", "%") }
func (p *parser) power() expr {
	return p.binary(func() expr { return p.unary(true) }, "**")
}

func (p *parser) unary(filters bool) expr {
	defer p.deeper()()
	line := p.peek().line
	var e expr
	switch {
	case p.operator("-"):
		e = unaryExpr{line, "-", p.unary(false)}
	case p.operator("+"):
		e = unaryExpr{line, "+", p.unary(false)}
	default:
		e = p.primary()
	}
	before := p.depth
	e = p.postfix(e)
	if filters {
		e = p.filtered(e)
	}
	p.depth = before
	return e
}

func (p *parser) primary() expr {
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
		if t.text != "loop" && slices.Contains(keywords, t.text) {
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
			e := p.tuple()
			p.expect(")")
			return e
		case "[":
			return listExpr{p.items("]"), false}
		case "{":
			return p.dict(t.line)
		}
	}
	fail(t.line, "unexpected %v: want an expression", t)
	return nil
}

// items takes expressions up to a bracket.
func (p *parser) items(end string) (all []expr) {
	for !p.operator(end) {
		if len(all) > 0 {
			p.expect(",")
			if p.operator(end) {
				break
			}
		}
		all = append(all, p.expression())
	}
	return all
}

func (p *parser) dict(line int) expr {
	d := dictExpr{line: line}
	for !p.operator("}") {
		if len(d.keys) > 0 {
			p.expect(",")
			if p.operator("}") {
				break
			}
		}
		d.keys = append(d.keys, p.expression())
		p.expect(":")
		d.values = append(d.values, p.expression())
	}
	return d
}

func (p *parser) postfix(e expr) expr {
	for {
		line := p.peek().line
		switch {
		case p.operator("."):
			t := p.next()
			switch t.kind {
			case nameToken:
				e = attrExpr{line, e, t.text}
			case intToken:
				n, _ := strconv.ParseInt(t.text, 10, 64)
				e = indexExpr{line, e, constExpr{n}}
			default:
				fail(t.line, "%v where an attribute should be", t)
			}
		case p.operator("["):
			e = p.index(line, e)
		case p.operator("("):
			e = callExpr{line, e, p.arguments()}
		default:
			return e
		}
		p.deeper()
	}
}

func (p *parser) index(line int, of expr) expr {
	part := func() expr {
		if p.is(operatorToken, ":") || p.is(operatorToken, "]") {
			return nil
		}
		return p.expression()
	}
	if p.is(operatorToken, "]") {
		fail(line, "an index is missing")
	}
	begin := part()
	if p.operator("]") {
		return indexExpr{line, of, begin}
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

// arguments takes those of a call, up to its parenthesis.
func (p *parser) arguments() (a arguments) {
	for first := true; !p.operator(")"); first = false {
		if !first {
			p.expect(",")
			if p.operator(")") {
				break
			}
		}
		t := p.peek()
		if t.kind == operatorToken && (t.text == "*" || t.text == "**") {
			fail(t.line, "arguments behind %s are not supported", t.text)
		}
		if next := p.tokens[p.at+1]; t.kind == nameToken && next.kind == operatorToken && next.text == "=" {
			p.at += 2
			a.names = append(a.names, t.text)
			a.named = append(a.named, p.expression())
			continue
		}
		if len(a.named) > 0 {
			fail(t.line, "an argument without a name behind one that has one")
		}
		a.args = append(a.args, p.expression())
	}
	return a
}

// filtered takes filters, tests and calls behind an operand.
func (p *parser) filtered(e expr) expr {
	for {
		line := p.peek().line
		switch {
		case p.operator("|"):
			e = filterExpr{e, p.filter()}
		case p.word("is"):
			e = p.test(line, e)
		case p.operator("("):
			e = callExpr{line, e, p.arguments()}
		default:
			return e
		}
		p.deeper()
	}
}

// filter takes a filter behind its |.
func (p *parser) filter() filterCall {
	f := filterCall{line: p.peek().line, name: p.name("the name of a filter")}
	for p.operator(".") {
		f.name += "." + p.name("the name of a filter")
	}
	var ok bool
	if f.filter, ok = filters[f.name]; !ok {
		fail(f.line, "filter %s is not supported", f.name)
	}
	if p.operator("(") {
		f.args = p.arguments()
	}
	return f
}

// test takes a test behind is.
func (p *parser) test(line int, of expr) expr {
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
		a := p.arguments()
		if len(a.named) > 0 {
			fail(line, "test %s: named arguments are not supported", t.name)
		}
		t.args = a.args
	case t.test.args > 0,
		next.kind == stringToken, next.kind == intToken, next.kind == floatToken,
		next.kind == operatorToken && (next.text == "[" || next.text == "{"),
		next.kind == nameToken && !slices.Contains([]string{"else", "or", "and", "is", "if", "in", "not", "recursive"}, next.text):
		t.args = []expr{p.postfix(p.primary())}
	}
	if len(t.args) != t.test.args {
		fail(line, "test %s takes %d arguments, not %d", t.name, t.test.args, len(t.args))
	}
	return t
}
