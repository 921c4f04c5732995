package constrain

// clash reports whether it is certain that nothing meets a conj, as far as depth levels of properties show.
func (c *compiler) clash(all conj, depth int) bool {
	e := expansion{c: c, all: all, simple: true, most: 64}
	rough := c.rough
	err := e.branch(all, nil, nil)
	if err != nil || c.rough != rough {
		c.rough = rough
		return false
	}
	for _, a := range e.out {
		if !c.emptyCase(a, depth) || c.rough != rough {
			c.rough = rough
			return false
		}
	}
	return true
}

// emptyCase reports whether it is certain that nothing meets all schemas.
func (c *compiler) emptyCase(a alternative, depth int) bool {
	kinds := c.kinds(a)
	if values, ok := c.values(a); ok {
		return len(values) == 0 && !a.narrow()
	}
	if kinds&(kindNull|kindBool) != 0 {
		return false
	}
	if kinds&kindNumber != 0 && !c.noNumber(a) || kinds&kindString != 0 && !c.noString(a) {
		return false
	}
	if kinds&kindArray != 0 {
		least, most := items(a)
		empty := most >= 0 && least > most
		for i := 0; i < min(least, 4) && !empty && depth > 0; i++ {
			empty = c.clash(itemOf(a, i), depth-1)
		}
		if !empty {
			return false
		}
	}
	if kinds&kindObject != 0 {
		empty := false
		for _, s := range a {
			for _, name := range s.required {
				in, err := c.propertyOf(a, name)
				if err != nil {
					return false
				}
				if empty = in.never() || depth > 0 && c.clash(in, depth-1); empty {
					break
				}
			}
			if empty {
				break
			}
		}
		if !empty {
			return false
		}
	}
	return true
}

func (c *compiler) noNumber(a alternative) bool {
	least, most := bounds(a)
	if least == nil || most == nil {
		return false
	}
	k := least.compare(most.decimal)
	return k > 0 || k == 0 && (least.open || most.open)
}

func (c *compiler) noString(a alternative) bool {
	least, most := lengths(a)
	if most >= 0 && least > most {
		return true
	}
	some := false
	for _, s := range a {
		some = some || len(s.patterns) > 0
	}
	if !some {
		return false
	}
	d, _, _, err := c.stringOf(a.widely())
	return err == nil && d != nil && d.empty()
}
