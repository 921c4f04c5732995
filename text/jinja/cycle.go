package jinja

// joinerFunction returns a function that returns nothing the first time and sep from then on.
func joinerFunction(r *renderer, a arguments) any {
	sep := any(plain(", "))
	if v := a.bind(0, "sep")[0]; v != any(missing{}) {
		sep = v
	}
	used := false
	return &function{"joiner", func(_ *renderer, a arguments) any {
		a.bind(0)
		if !used {
			used = true
			return text{}
		}
		return sep
	}}
}

// A cycler goes through its items again and again.
type cycler struct {
	items []any
	at    int
}

func cyclerFunction(_ *renderer, a arguments) any {
	if len(a.args) == 0 || len(a.named) > 0 {
		fail(a.line, "cycler wants items")
	}
	return &cycler{items: a.args}
}

// attr is an attribute of a cycler.
func (c *cycler) attr(line int, name string) any {
	switch name {
	case "current":
		return c.items[c.at]
	case "next":
		return &function{"cycler.next", func(_ *renderer, a arguments) any {
			a.bind(0)
			item := c.items[c.at]
			c.at = (c.at + 1) % len(c.items)
			return item
		}}
	case "reset":
		return &function{"cycler.reset", func(_ *renderer, a arguments) any {
			a.bind(0)
			c.at = 0
			return nil
		}}
	}
	fail(line, "cycler.%s is not supported", name)
	return nil
}
