package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"falconmamba/internal/nearest"
)

// An object is a JSON object of a request. Its fields are asked for by name, and done says which were not. The
// first thing that is wrong with it, or with what is in it, is its error, and what is asked for then is zero.
type object struct {
	path   string // of its fields: "", or as stream_options.
	fields map[string]json.RawMessage
	asked  map[string]bool
	err    **apiError // shared with what it is part of
	ctx    context.Context
}

// parseObject reads the body of a request.
func parseObject(ctx context.Context, data []byte) (*object, *apiError) {
	o := &object{asked: map[string]bool{}, err: new(*apiError), ctx: ctx}
	if err := json.Unmarshal(data, &o.fields); err != nil {
		if !json.Valid(data) {
			return nil, invalid("", "", "the body of the request is no JSON: %v", err)
		}
		return nil, invalid("", "invalid_type", "the body of the request is %s: want a JSON object", kindOf(data))
	}
	if o.fields == nil {
		return nil, invalid("", "invalid_type", "the body of the request is null: want a JSON object")
	}
	return o, nil
}

// within returns a value of o as an object, its path as in messages[2].
func (o *object) within(path string, raw json.RawMessage) *object {
	in := &object{path: path + ".", asked: map[string]bool{}, err: o.err, ctx: o.ctx}
	if json.Unmarshal(raw, &in.fields) != nil || in.fields == nil {
		o.fail(invalid(path, "invalid_type", "%s is %s: want an object", path, kindOf(raw)))
	}
	return in
}

func (o *object) fail(e *apiError) {
	if *o.err == nil {
		*o.err = e
	}
}

// raw returns a field, nil where it is absent or null, or something went wrong before.
func (o *object) raw(name string) json.RawMessage {
	o.asked[name] = true
	raw := o.fields[name]
	if *o.err != nil || string(raw) == "null" {
		return nil
	}
	return raw
}

// has reports whether a field is there and not null.
func (o *object) has(name string) bool { return o.raw(name) != nil }

// wrong notes a field of another type than it has to have.
func (o *object) wrong(name string, raw json.RawMessage, want string) {
	o.fail(invalid(o.path+name, "invalid_type", "%s%s is %s: want %s", o.path, name, kindOf(raw), want))
}

// text returns a string, or "" where there is none.
func (o *object) text(name string) (s string) {
	if raw := o.raw(name); raw != nil && json.Unmarshal(raw, &s) != nil {
		o.wrong(name, raw, "a string")
	}
	return s
}

// flag returns a boolean.
func (o *object) flag(name string) (b bool) {
	if raw := o.raw(name); raw != nil && json.Unmarshal(raw, &b) != nil {
		o.wrong(name, raw, "true or false")
	}
	return b
}

// number returns a number within bounds, nil where there is none.
func (o *object) number(name string, least, most float64) *float64 {
	raw := o.raw(name)
	if raw == nil {
		return nil
	}
	var x float64
	if json.Unmarshal(raw, &x) != nil {
		o.wrong(name, raw, "a number")
		return nil
	}
	if x < least || x > most {
		o.fail(invalid(o.path+name, "invalid_value", "%s%s is %v: want %v to %v", o.path, name, x, least, most))
		return nil
	}
	return &x
}

// integer returns a whole number within bounds, nil where there is none.
func (o *object) integer(name string, least, most int64) *int64 {
	raw := o.raw(name)
	if raw == nil {
		return nil
	}
	n, ok := whole(raw)
	if !ok {
		o.wrong(name, raw, "a whole number")
		return nil
	}
	if n < least || n > most {
		o.fail(invalid(o.path+name, "invalid_value", "%s%s is %d: want %d to %d", o.path, name, n, least, most))
		return nil
	}
	return &n
}

// whole reads a whole number, which may be written as 1.0 or 1e3.
func whole(raw json.RawMessage) (int64, bool) {
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, true
	}
	var x float64
	if json.Unmarshal(raw, &x) != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return 0, false
	}
	return int64(x), true
}

// list returns the elements of an array, nil where there is none.
func (o *object) list(name string) (all []json.RawMessage) {
	if raw := o.raw(name); raw != nil && json.Unmarshal(raw, &all) != nil {
		o.wrong(name, raw, "an array")
	}
	return all
}

// object returns an object, nil where there is none.
func (o *object) object(name string) *object {
	raw := o.raw(name)
	if raw == nil {
		return nil
	}
	return o.within(o.path+name, raw)
}

// spelled returns an object as the request spells it, nil where there is none.
func (o *object) spelled(name string) json.RawMessage {
	raw := o.raw(name)
	if raw != nil && raw[0] != '{' {
		o.wrong(name, raw, "an object")
		return nil
	}
	return raw
}

// ids returns an array of token ids of a vocabulary.
func (o *object) ids(name string, raw json.RawMessage, vocab int) []int32 {
	var all []*int32
	if json.Unmarshal(raw, &all) != nil || slices.Contains(all, nil) {
		o.wrong(name, raw, "an array of token ids")
		return nil
	}
	ids := make([]int32, len(all))
	for i, id := range all {
		if *id < 0 || int(*id) >= vocab {
			o.fail(invalid(o.path+name, "invalid_value", "%s%s has the token %d: want ids from 0 to %d", o.path, name,
				*id, vocab-1))
			return nil
		}
		ids[i] = *id
	}
	return ids
}

// texts returns an array of strings.
func (o *object) texts(name string, raw json.RawMessage) []string {
	var all []*string
	if json.Unmarshal(raw, &all) != nil || slices.Contains(all, nil) {
		o.wrong(name, raw, "an array of strings")
		return nil
	}
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = *s
	}
	return texts
}

// ignore allows fields that have no effect.
func (o *object) ignore(names ...string) {
	for _, name := range names {
		o.asked[name] = true
	}
}

// refuse allows fields only with values that ask for nothing: null, false, 0, "", none, [], {} and those listed, as
// JSON.
func (o *object) refuse(about string, names []string, nothing ...string) {
	for _, name := range names {
		raw := o.raw(name)
		if raw == nil {
			continue
		}
		var b bytes.Buffer
		json.Compact(&b, raw)
		value := b.String()
		if !slices.Contains(append(nothing, "false", "0", `""`, `"none"`, "[]", "{}"), value) {
			o.fail(unsupported(o.path+name, "%s%s is not supported: %s", o.path, name, about))
		}
	}
}

// done returns what is wrong with the object, if it is no more than a field that nobody asked for.
func (o *object) done() *apiError {
	if *o.err != nil {
		return *o.err
	}
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if !o.asked[name] {
			short := abridged(name)
			o.fail(invalid(o.path+short, "unknown_parameter", "%s%s is not known here%s", o.path, short,
				nearest.Did("", name, slices.Sorted(maps.Keys(o.asked)))))
			return *o.err
		}
	}
	return nil
}

// kindOf says what a value is.
func kindOf(raw json.RawMessage) string {
	switch text := strings.TrimSpace(string(raw)); {
	case text == "":
		return "missing"
	case text == "null" || text == "true" || text == "false":
		return text
	case text[0] == '"':
		return "a string"
	case text[0] == '[':
		return "an array"
	case text[0] == '{':
		return "an object"
	default:
		return "the number " + abridged(text)
	}
}

// abridged is text from a client, short enough for a line.
func abridged(text string) string {
	const most = 64
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// at is the path of an element.
func at(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }
