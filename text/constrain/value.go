package constrain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A value is JSON as it was written: members in their order, numbers as their digits.
type value struct {
	kind    kind
	yes     bool
	text    string // of a string, or a number's digits
	list    []*value
	members []member
	at      map[string]int // of members
}

type member struct {
	name string
	*value
}

// A kind is a set of JSON's types.
type kind uint8

const (
	kindNull kind = 1 << iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject

	kindAny = 1<<iota - 1
)

// parseValue reads a document. Of members with the same name the last one counts.
func parseValue(data []byte) (*value, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("it is no UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON value")
	}
	return v, nil
}

func readValue(d *json.Decoder, depth int) (*value, error) {
	if depth > 1000 {
		return nil, errors.New("it nests deeper than 1000")
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case nil:
		return &value{kind: kindNull}, nil
	case bool:
		return &value{kind: kindBool, yes: t}, nil
	case json.Number:
		return &value{kind: kindNumber, text: t.String()}, nil
	case string:
		return &value{kind: kindString, text: t}, nil
	}
	v := &value{kind: kindArray}
	if t == json.Delim('{') {
		v.kind = kindObject
	}
	at := map[string]int{}
	v.at = at
	for d.More() {
		var name string
		if v.kind == kindObject {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			name = key.(string)
		}
		in, err := readValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		i, again := at[name]
		switch {
		case v.kind == kindArray:
			v.list = append(v.list, in)
		case again:
			v.members[i].value = in
		default:
			at[name] = len(v.members)
			v.members = append(v.members, member{name, in})
		}
	}
	_, err = d.Token()
	return v, err
}

// member returns a member, nil where there is none.
func (v *value) member(name string) *value {
	if v == nil {
		return nil
	}
	if i, ok := v.at[name]; ok {
		return v.members[i].value
	}
	return nil
}

// equal is JSON schema's: numbers by their value, members in any order.
func (v *value) equal(o *value) bool {
	if v.kind != o.kind {
		return false
	}
	switch v.kind {
	case kindNull:
		return true
	case kindBool:
		return v.yes == o.yes
	case kindString:
		return v.text == o.text
	case kindNumber:
		a, bad := parseDecimal(v.text)
		b, worse := parseDecimal(o.text)
		return bad == nil && worse == nil && a.compare(b) == 0
	case kindArray:
		if len(v.list) != len(o.list) {
			return false
		}
		for i := range v.list {
			if !v.list[i].equal(o.list[i]) {
				return false
			}
		}
		return true
	}
	if len(v.members) != len(o.members) {
		return false
	}
	for _, m := range v.members {
		in := o.member(m.name)
		if in == nil || !m.value.equal(in) {
			return false
		}
	}
	return true
}

// plain is the one way to write a value in an array whose items differ.
func (v *value) plain() string {
	var parts []string
	switch v.kind {
	case kindArray:
		for _, in := range v.list {
			parts = append(parts, in.plain())
		}
		return "[" + strings.Join(parts, ",") + "]"
	case kindObject:
		for _, m := range v.members {
			parts = append(parts, quote(m.name)+":"+m.value.plain())
		}
		return "{" + strings.Join(parts, ",") + "}"
	case kindNumber:
		if d, err := parseDecimal(v.text); err == nil {
			return d.String()
		}
	}
	return v.texts()[0]
}

// texts are the ways to write a value that is no array or object.
func (v *value) texts() []string {
	switch v.kind {
	case kindNull:
		return []string{"null"}
	case kindBool:
		return []string{strconv.FormatBool(v.yes)}
	case kindString:
		return []string{quote(v.text)}
	}
	d, err := parseDecimal(v.text)
	if plain := d.String(); err == nil && plain != v.text {
		return []string{v.text, plain}
	}
	return []string{v.text}
}

// expr is the ways to write a value: with a space or none behind colons and commas, strings as plainString has them.
func (v *value) expr() *expr {
	if v.kind&(kindArray|kindObject) == 0 {
		e := either()
		for _, t := range v.texts() {
			e.sub = append(e.sub, literal(t))
		}
		return e
	}
	e := concat()
	add := func(sub ...*expr) {
		if len(e.sub) > 1 {
			e.sub = append(e.sub, commaExpr)
		}
		e.sub = append(e.sub, sub...)
	}
	if v.kind == kindArray {
		e.sub = append(e.sub, symbol('['))
		for _, in := range v.list {
			add(in.expr())
		}
		e.sub = append(e.sub, symbol(']'))
		return e
	}
	e.sub = append(e.sub, symbol('{'))
	for _, m := range v.members {
		add(literal(quote(m.name)), colonExpr, m.value.expr())
	}
	e.sub = append(e.sub, symbol('}'))
	return e
}

// quote writes a JSON string as plainString has it.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			if r < ' ' {
				fmt.Fprintf(&b, `\u%04x`, r)
			} else {
				b.WriteRune(r)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}

// What stands between members and elements: one space at most, and no white space anywhere else.
var (
	commaExpr = concat(symbol(','), maybe(symbol(' ')))
	colonExpr = concat(symbol(':'), maybe(symbol(' ')))
)
