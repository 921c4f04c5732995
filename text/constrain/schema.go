package constrain

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A schema is one of a document's, or one that says what others do not allow.
type schema struct {
	id   int
	path string // in the document, for errors

	never bool // the schema false
	ref   *schema
	allOf []*schema
	anyOf [][]*schema // choices: one of each
	oneOf [][]*schema
	not   *schema
	test  *schema // if, with then and otherwise, nil where there are none
	then  *schema
	other *schema
	need  []dependency
	rough bool // allows less than it stands for: the opposite of what cannot be turned around wholly

	kinds   kind
	integer bool // numbers are whole
	broken  bool // numbers are not whole
	enum    []*value
	isEnum  bool
	exclude []*value

	least, most *bound
	divisors    []decimal
	nonDivisors []decimal

	minLength, maxLength int // −1: none
	patterns, unlike     []pattern

	prefix             []*schema
	items              *schema
	minItems, maxItems int // −1: none
	unique             bool
	contains           *schema

	properties         []property
	matching           []patternProperty
	additional         *schema
	beyond             *schema // a closed one: there is a property that it does not name
	required           []string
	names              *schema
	minProps, maxProps int
}

// A pattern is an expression that strings match, and what it is called.
type pattern struct {
	source string
	e      *expr
	wide   *pattern // of a format that is enforced more narrowly than its RFC: what has all that it has, and more
}

type property struct {
	name string
	*schema
}

type patternProperty struct {
	pattern
	in *schema
}

// A dependency is what an object with a property has to be too.
type dependency struct {
	name string
	*schema
}

// A document reads the schemas of a document, each once.
type document struct {
	root  *value
	byID  map[string]*value // resources and anchors
	base  map[*value]string // of resources
	read  map[*value]*schema
	count int

	patterns map[string]pattern
	spans    int // of characters, in patterns
}

const (
	maxSchemas = 1 << 16
	maxSource  = 4 << 20 // bytes
	maxSpans   = 1 << 20
)

func newSchema(d *document, path string) *schema {
	d.count++
	return &schema{id: d.count, path: path, kinds: kindAny, minLength: 0, maxLength: -1, minItems: 0, maxItems: -1,
		minProps: 0, maxProps: -1}
}

// unknown are keywords that do say something, and which are not supported.
var unknown = []string{"$recursiveRef", "$dynamicRef", "$recursiveAnchor", "$dynamicAnchor", "unevaluatedItems",
	"disallow", "extends", "divisibleBy"}

// A keywordError says which keyword of which schema is the trouble.
func keywordError(path, keyword, format string, args ...any) error {
	if path == "" {
		path = "the schema"
	}
	return fmt.Errorf("%s: %s: %s", path, keyword, fmt.Sprintf(format, args...))
}

// schema reads the schema that a value is. base is that of the resource it is part of.
func (d *document) schema(v *value, path string, resource *value) (*schema, error) {
	if s, ok := d.read[v]; ok {
		return s, nil
	}
	s := newSchema(d, path)
	d.read[v] = s
	if d.count > maxSchemas {
		return nil, fmt.Errorf("the schema has more than %d parts", maxSchemas)
	}
	switch {
	case v.kind == kindBool:
		s.never = !v.yes
		return s, nil
	case v.kind != kindObject:
		return nil, keywordError(path, "it", "want an object, true or false")
	}
	if _, ok := d.base[v]; ok {
		resource = v
	}
	r := &reader{d: d, s: s, v: v, resource: resource}
	for _, m := range v.members {
		r.keyword(m.name, m.value)
		if r.err != nil {
			return nil, r.err
		}
	}
	r.combine()
	return s, r.err
}

// A reader reads the keywords of one schema.
type reader struct {
	d        *document
	s        *schema
	v        *value
	resource *value
	err      error
}

func (r *reader) fail(keyword, format string, args ...any) {
	if r.err == nil {
		r.err = keywordError(r.s.path, keyword, format, args...)
	}
}

func (r *reader) sub(v *value, steps ...string) *schema {
	if r.err != nil {
		return nil
	}
	path := r.s.path
	for _, s := range steps {
		path += "/" + s
	}
	s, err := r.d.schema(v, path, r.resource)
	if err != nil {
		r.err = err
	}
	return s
}

func (r *reader) list(name string, v *value) (all []*schema) {
	if v.kind != kindArray || len(v.list) == 0 {
		r.fail(name, "want an array of schemas")
		return nil
	}
	for i, in := range v.list {
		all = append(all, r.sub(in, name, strconv.Itoa(i)))
	}
	return all
}

// count reads a whole number that is not negative. Those too large to matter are cut.
func (r *reader) count(name string, v *value) int {
	d, err := parseDecimal(v.text)
	if v.kind != kindNumber || err != nil || d.minus || !d.integer() {
		r.fail(name, "want a whole number from 0 on")
		return 0
	}
	n, err := strconv.Atoi(d.whole)
	if err != nil || n > 1<<30 {
		return 1 << 30
	}
	return n
}

func (r *reader) number(name string, v *value) decimal {
	if v.kind != kindNumber {
		r.fail(name, "want a number")
		return decimal{}
	}
	d, err := parseDecimal(v.text)
	if err != nil {
		r.fail(name, "%v", err)
	}
	return d
}

func (r *reader) strings(name string, v *value) (all []string) {
	if v.kind != kindArray {
		r.fail(name, "want an array of strings")
		return nil
	}
	for _, in := range v.list {
		if in.kind != kindString {
			r.fail(name, "want an array of strings")
			return nil
		}
		all = append(all, in.text)
	}
	return all
}

func (r *reader) pattern(name, source string) pattern {
	if p, ok := r.d.patterns[source]; ok {
		return p
	}
	e, err := parseRegexp(source)
	if err != nil {
		r.fail(name, "%v", err)
		return pattern{}
	}
	if r.d.spans += e.spans(); r.d.spans > maxSpans {
		r.fail(name, "the patterns have more than %d ranges of characters together", maxSpans)
	}
	p := pattern{source: source, e: anywhere(e)}
	r.d.patterns[source] = p
	return p
}

var kindNames = map[string]kind{"null": kindNull, "boolean": kindBool, "number": kindNumber, "integer": kindNumber,
	"string": kindString, "array": kindArray, "object": kindObject}

func (r *reader) kinds(v *value) {
	list := []*value{v}
	if v.kind == kindArray {
		list = v.list
	}
	r.s.kinds = 0
	integer, number := false, false
	for _, in := range list {
		k, ok := kindNames[in.text]
		if in.kind != kindString || !ok {
			if in.text == "any" { // of drafts before 4
				k, number = kindAny, true
			} else {
				r.fail("type", "want one of null, boolean, number, integer, string, array and object, or several")
			}
		}
		r.s.kinds |= k
		integer, number = integer || in.text == "integer", number || in.text == "number"
	}
	r.s.integer = integer && !number
}

// keyword reads what can be read by itself.
func (r *reader) keyword(name string, v *value) {
	s := r.s
	switch name {
	case "type":
		r.kinds(v)
	case "enum":
		if v.kind != kindArray {
			r.fail(name, "want an array")
		}
		r.enum(v.list)
	case "const":
		r.enum([]*value{v})
	case "$ref":
		s.ref = r.ref(v)
	case "allOf":
		s.allOf = append(s.allOf, r.list(name, v)...)
	case "anyOf":
		s.anyOf = append(s.anyOf, r.list(name, v))
	case "oneOf":
		s.oneOf = append(s.oneOf, r.list(name, v))
	case "not":
		s.not = r.sub(v, name)
	case "if":
		s.test = r.sub(v, name)
	case "then":
		s.then = r.sub(v, name)
	case "else":
		s.other = r.sub(v, name)
	case "minLength":
		s.minLength = r.count(name, v)
	case "maxLength":
		s.maxLength = r.count(name, v)
	case "pattern":
		if v.kind != kindString {
			r.fail(name, "want a string")
		}
		s.patterns = append(s.patterns, r.pattern(name, v.text))
	case "format":
		r.format(v)
	case "multipleOf":
		d := r.number(name, v)
		if r.err == nil && (d.minus || d.zero()) {
			r.fail(name, "want a number above 0")
		}
		s.divisors = append(s.divisors, d)
	case "minItems":
		s.minItems = r.count(name, v)
	case "maxItems":
		s.maxItems = r.count(name, v)
	case "uniqueItems":
		s.unique = v.yes
	case "contains":
		s.contains = r.sub(v, name)
	case "minContains", "maxContains":
		if r.v.member("contains") != nil && (name == "maxContains" || r.count(name, v) != 1) {
			r.fail(name, "it is not supported")
		}
	case "prefixItems":
		s.prefix = r.list(name, v)
	case "items":
		if v.kind == kindArray { // of drafts before 2020-12
			for i, in := range v.list {
				s.prefix = append(s.prefix, r.sub(in, name, strconv.Itoa(i)))
			}
			break
		}
		s.items = r.sub(v, name)
	case "additionalItems":
		if in := r.v.member("items"); in != nil && in.kind == kindArray {
			s.items = r.sub(v, name)
		}
	case "properties":
		r.members(name, v, func(m member) {
			s.properties = append(s.properties, property{m.name, r.sub(m.value, name, m.name)})
		})
	case "patternProperties":
		r.members(name, v, func(m member) {
			s.matching = append(s.matching, patternProperty{r.pattern(name, m.name), r.sub(m.value, name, m.name)})
		})
	case "additionalProperties":
		s.additional = r.sub(v, name)
	case "unevaluatedProperties":
		if v.kind == kindBool && v.yes {
			break
		}
		for _, with := range []string{"$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas",
			"dependencies", "additionalProperties"} {
			if r.v.member(with) != nil {
				r.fail(name, "it is not supported beside %s", with)
			}
		}
		s.additional = r.sub(v, name)
	case "required":
		if v.kind == kindBool { // of draft 3, in properties
			r.fail(name, "want an array of strings")
		}
		s.required = r.strings(name, v)
	case "propertyNames":
		s.names = r.sub(v, name)
	case "minProperties":
		s.minProps = r.count(name, v)
	case "maxProperties":
		s.maxProps = r.count(name, v)
	case "dependentRequired", "dependentSchemas", "dependencies":
		r.members(name, v, func(m member) {
			if m.value.kind != kindArray {
				s.need = append(s.need, dependency{m.name, r.sub(m.value, name, m.name)})
				return
			}
			in := newSchema(r.d, s.path)
			in.required = r.strings(name, m.value)
			s.need = append(s.need, dependency{m.name, in})
		})
	default:
		if slices.Contains(unknown, name) {
			r.fail(name, "it is not supported")
		}
		// Others are notes, and so are those that nobody knows.
	}
}

func (r *reader) members(name string, v *value, do func(member)) {
	if v.kind != kindObject {
		r.fail(name, "want an object")
		return
	}
	for _, m := range v.members {
		do(m)
	}
}

// enum leaves the values that every enum and const has.
func (r *reader) enum(list []*value) {
	s := r.s
	if !s.isEnum {
		s.enum, s.isEnum = list, true
		return
	}
	s.enum = slices.DeleteFunc(slices.Clone(s.enum), func(v *value) bool {
		return !slices.ContainsFunc(list, v.equal)
	})
}

// combine reads keywords whose meaning depends on others.
func (r *reader) combine() {
	s := r.s
	bounds := func(name, openName string, side int) *bound {
		var b *bound
		v, open := r.v.member(name), r.v.member(openName)
		if v != nil {
			b = &bound{decimal: r.number(name, v)}
			b.open = open != nil && open.kind == kindBool && open.yes // as in draft 4
		}
		if open != nil && open.kind != kindBool {
			x := bound{r.number(openName, open), true}
			if b == nil || x.compare(b.decimal)*side >= 0 {
				b = &x
			}
		}
		return b
	}
	s.least = bounds("minimum", "exclusiveMinimum", 1)
	s.most = bounds("maximum", "exclusiveMaximum", -1)
	if s.test == nil {
		s.then, s.other = nil, nil
	}
}

// ref returns the schema that a reference is to.
func (r *reader) ref(v *value) *schema {
	if v.kind != kindString {
		r.fail("$ref", "want a string")
		return nil
	}
	target, resource, path := r.d.find(v.text, r.resource)
	if target == nil {
		r.fail("$ref", "%q is not in this document: only what is can be referred to", abridged(v.text))
		return nil
	}
	s, err := r.d.schema(target, path, resource)
	if err != nil && r.err == nil {
		r.err = err
	}
	return s
}

// find returns what a reference of a resource is to.
func (d *document) find(ref string, resource *value) (target, in *value, path string) {
	where, fragment, _ := strings.Cut(ref, "#")
	in = resource
	if where != "" {
		full := resolved(d.base[resource], where)
		if in = d.byID[full]; in == nil {
			if in = d.byID[where]; in == nil {
				return nil, nil, ""
			}
		}
	}
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	switch {
	case fragment == "":
		return in, in, "#"
	case fragment[0] != '/':
		if target = d.byID[resolved(d.base[in], "#"+fragment)]; target == nil {
			target = d.byID["#"+fragment]
		}
		return target, in, "#" + fragment
	}
	for _, root := range []*value{in, d.root} {
		if target, in := d.pointer(root, fragment); target != nil {
			return target, in, "#" + fragment
		}
	}
	return nil, nil, ""
}

// pointer follows a JSON pointer, and says which resource it ends in.
func (d *document) pointer(root *value, pointer string) (at, in *value) {
	at, in = root, root
	for _, step := range strings.Split(pointer, "/")[1:] {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch at.kind {
		case kindObject:
			at = at.member(step)
		case kindArray:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at.list) {
				return nil, nil
			}
			at = at.list[i]
		default:
			return nil, nil
		}
		if at == nil {
			return nil, nil
		}
		if _, ok := d.base[at]; ok {
			in = at
		}
	}
	return at, in
}

func resolved(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	u, err := b.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}

// newDocument finds the names that parts of a document have.
func newDocument(root *value) *document {
	d := &document{root: root, byID: map[string]*value{}, base: map[*value]string{root: ""}, read: map[*value]*schema{},
		patterns: map[string]pattern{}}
	d.name(root, "")
	return d
}

// name walks where schemas stand.
func (d *document) name(v *value, base string) {
	if v.kind == kindArray {
		for _, in := range v.list {
			d.name(in, base)
		}
		return
	}
	for _, key := range []string{"$id", "id"} {
		id := v.member(key)
		if id == nil || id.kind != kindString || id.text == "" {
			continue
		}
		full := resolved(base, id.text)
		if strings.HasPrefix(id.text, "#") {
			d.byID[full], d.byID[id.text] = v, v
			continue
		}
		base = strings.TrimSuffix(full, "#")
		d.base[v], d.byID[base] = base, v
		if _, taken := d.byID[id.text]; !taken {
			d.byID[strings.TrimSuffix(id.text, "#")] = v
		}
	}
	for _, key := range []string{"$anchor", "$dynamicAnchor"} {
		if a := v.member(key); a != nil && a.kind == kindString {
			d.byID[resolved(base, "#"+a.text)], d.byID["#"+a.text] = v, v
		}
	}
	for _, m := range v.members {
		switch m.name {
		case "enum", "const", "default", "examples", "example":
		case "properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies":
			for _, in := range m.members {
				d.name(in.value, base)
			}
		default:
			if m.kind == kindObject || m.kind == kindArray {
				d.name(m.value, base)
			}
		}
	}
}
