package jinja

import "slices"

// A callStmt calls a macro that gets the body as the macro caller.
type callStmt struct {
	line int
	call callExpr
	body macroStmt
}

// parseCall takes {% call(params) f(args) %} … {% endcall %}.
func (p *parser) parseCall(line int) stmt {
	s := callStmt{line: line, body: macroStmt{line: line, name: "caller"}}
	if p.operator("(") {
		p.parseParams(&s.body)
	}
	e, ok := p.parseExpression().(callExpr)
	if !ok {
		fail(line, "a call statement without a call")
	}
	s.call = e
	p.closeTag()
	p.parseMacroBody(&s.body, "endcall")
	return s
}

func (s callStmt) run(r *renderer) flow {
	r.line = s.line
	home := r.scope
	r.spend(costOfMacro)
	caller := &function{"caller", func(r *renderer, a arguments) any { return s.body.call(r, home, a) }}
	call := s.call
	call.args.names = append(slices.Clip(call.args.names), "caller")
	call.args.named = append(slices.Clip(call.args.named), constExpr{caller})
	r.write(r.str(call.eval(r)))
	return flowNext
}

// parseParams takes the parameters of a macro, behind the parenthesis.
func (p *parser) parseParams(s *macroStmt) {
	for !p.operator(")") {
		if len(s.params) > 0 {
			p.expect(",")
			if p.operator(")") {
				break
			}
		}
		s.params = append(s.params, p.name("a parameter"))
		if p.operator("=") {
			s.defaults = append(s.defaults, p.parseExpression())
		} else if len(s.defaults) > 0 {
			fail(s.line, "macro %s: a parameter without a default behind one that has one", s.name)
		}
	}
}

// parseMacroBody takes the body of a macro and its end. What a macro is called with beyond its
// parameters it takes only if its body names it, as in jinja2.
func (p *parser) parseMacroBody(s *macroStmt, end string) {
	loops, from := p.loops, p.at
	p.loops = 0
	s.body, _ = p.parseBody(end)
	p.loops = loops
	for _, t := range p.tokens[from:p.at] {
		if t.kind == nameToken {
			s.caller = s.caller || t.text == "caller"
			s.varargs = s.varargs || t.text == "varargs"
			s.kwargs = s.kwargs || t.text == "kwargs"
		}
	}
	p.closeTag()
}

// spread adds the arguments behind * and **.
func (r *renderer) spread(a *arguments, args argNodes) {
	if args.star != nil {
		items := r.iterate(args.star.eval(r))
		r.spend(len(items))
		a.args = append(a.args, items...)
	}
	if args.stars == nil {
		return
	}
	d, ok := args.stars.eval(r).(*dict)
	if !ok {
		fail(a.line, "** wants a mapping")
	}
	r.spend(len(d.keys))
	a.names = slices.Clone(a.names)
	for i, k := range d.keys {
		name, ok := k.(text)
		if !ok || slices.Contains(a.names, name.s) {
			fail(a.line, "** gives an argument twice, or without a name")
		}
		a.names, a.named = append(a.names, name.s), append(a.named, d.values[i])
	}
}
